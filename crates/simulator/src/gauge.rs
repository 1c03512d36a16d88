//! Gauges: samples become data points, which alarms see some time after the period's end.

use crate::assumptions::Assumptions;
use crate::fleet::Tick;
use crate::math::Formula;
use crate::signal::{Sample, Statistic};
use crate::trace::Trace;
use std::collections::VecDeque;

/// What a gauge shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// A statistic of one metric.
    Metric(crate::signal::Signal, Statistic),
    /// Metric math.
    Math(Box<Formula>),
}

/// One metric, summarised over periods.
#[derive(Clone, Debug)]
pub(crate) struct Gauge {
    reading: Reading,
    /// Seconds.
    pub(crate) period: u32,
    /// Seconds into the period at the beginning: CloudWatch's periods start at whole multiples of
    /// themselves on the clock, not where a trace starts.
    into: u32,
    lag: i64,
    zeros: bool,
    collected: Sample,
    published: VecDeque<(i64, f64)>,
    latest: f64,
}

impl Gauge {
    /// A gauge for a trace that starts at `epoch`, in seconds of Unix time.
    pub(crate) fn new(
        reading: Reading,
        period: u32,
        epoch: i64,
        assumptions: &Assumptions,
    ) -> Self {
        let lag = if period < 60 {
            assumptions.high_resolution_publish_lag
        } else {
            assumptions.publish_lag
        };
        Self {
            reading,
            period,
            into: u32::try_from(epoch.rem_euclid(period.into())).unwrap_or(0),
            lag: lag.into(),
            zeros: assumptions.idle_publishes_zero,
            collected: Sample::NONE,
            published: VecDeque::new(),
            latest: f64::NAN,
        }
    }

    /// Whether another policy or alarm reads the same.
    pub(crate) fn shows(&self, reading: &Reading, period: u32) -> bool {
        self.period == period && self.reading == *reading
    }

    /// The last data point of a whole period, NaN if there was none; alarms may not see it yet.
    pub(crate) fn latest(&self) -> f64 {
        self.latest
    }

    /// Takes what a tick of `seconds`, which ends at `end`, shows.
    pub(crate) fn record(&mut self, tick: &Tick, seconds: u32, end: i64, trace: &Trace) {
        match &mut self.reading {
            Reading::Metric(signal, _) => {
                if let Some(sample) = signal.sample(tick, self.zeros, trace) {
                    self.collected.add(sample);
                }
            }
            Reading::Math(formula) => formula.record(tick, self.zeros, trace),
        }
        self.into += seconds;
        if self.into >= self.period {
            self.into -= self.period;
            self.latest = match &mut self.reading {
                Reading::Metric(_, statistic) => self.collected.statistic(*statistic),
                Reading::Math(formula) => formula.close(),
            };
            self.collected = Sample::NONE;
            self.published.push_back((end + self.lag, self.latest));
        }
    }

    /// The data point that alarms see from `now` on, if it is a new one; NaN if it is missing.
    pub(crate) fn publish(&mut self, now: i64) -> Option<f64> {
        let (visible, value) = *self.published.front()?;
        if visible > now {
            return None;
        }
        self.published.pop_front();
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Signal;

    fn tick(requests: f64) -> Tick {
        Tick {
            seconds: 60.0,
            requests,
            minute: 0,
            share: 0.5,
            without: 0.0,
            backlog: 0.0,
            running: 2,
            over: 0.0,
            serving: 2.0,
            billed: 2.0,
        }
    }

    #[test]
    fn a_data_point_is_seen_after_the_lag_and_once() {
        let assumptions = Assumptions::default();
        let reading = Reading::Metric(Signal::InvocationsPerInstance, Statistic::Sum);
        let mut gauge = Gauge::new(reading, 60, 0, &assumptions);
        gauge.record(&tick(300.0), 60, 60, &Trace::default());
        assert!((gauge.latest() - 150.0).abs() < 1e-9);
        assert_eq!(gauge.publish(60 + 179), None);
        assert_eq!(gauge.publish(60 + 180), Some(150.0));
        assert_eq!(gauge.publish(60 + 181), None);
    }

    #[test]
    fn periods_stand_on_the_clock() {
        let assumptions = Assumptions {
            publish_lag: 0,
            ..Assumptions::default()
        };
        let reading = Reading::Metric(Signal::Invocations, Statistic::Sum);
        // The trace starts four minutes into a period of five.
        let mut gauge = Gauge::new(reading, 300, 240, &assumptions);
        gauge.record(&tick(7.0), 60, 60, &Trace::default());
        assert_eq!(gauge.publish(60), Some(7.0));
        for minute in 2..=5 {
            gauge.record(&tick(1.0), 60, minute * 60, &Trace::default());
            assert_eq!(gauge.publish(minute * 60), None);
        }
        gauge.record(&tick(1.0), 60, 360, &Trace::default());
        assert_eq!(gauge.publish(360), Some(5.0));
    }
}
