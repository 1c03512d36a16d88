//! Totals over the ticks of a simulation.

use crate::fleet::Tick;
use crate::timeline::{Spike, Summary};
use crate::trace::Trace;
use crate::tracking::ceil;

/// A scale-out this soon after a scale-in, in seconds, has undone it.
const FLAP: i64 = 30 * 60;

/// Totals so far.
pub(crate) struct Tally {
    summary: Summary,
    per_minute: f64,
    price: f64,
    instance_seconds: f64,
    /// Requests of the running minute that found no capacity.
    over: f64,
    /// Minutes without enough capacity up to now, and the worst such time before.
    spike: Option<Run>,
    worst: Option<Run>,
    last_scale_in: Option<i64>,
}

#[derive(Clone, Copy)]
struct Run {
    first: i64,
    minutes: u32,
    over: f64,
    recovered: bool,
}

impl Tally {
    pub(crate) fn new(per_minute: f64, price: f64, start: u32) -> Self {
        Self {
            summary: Summary {
                peak_capacity: start,
                ..Summary::default()
            },
            per_minute,
            price,
            instance_seconds: 0.0,
            over: 0.0,
            spike: None,
            worst: None,
            last_scale_in: None,
        }
    }

    pub(crate) fn change(&mut self, now: i64, from: u32, to: u32) {
        self.summary.peak_capacity = self.summary.peak_capacity.max(to);
        if to > from {
            self.summary.scale_outs += 1;
            if self
                .last_scale_in
                .take()
                .is_some_and(|last| now - last <= FLAP)
            {
                self.summary.flaps += 1;
            }
        } else {
            self.summary.scale_ins += 1;
            self.last_scale_in = Some(now);
        }
    }

    pub(crate) fn tick(&mut self, tick: &Tick) {
        let needed = f64::from(ceil(
            tick.requests * (60.0 / tick.seconds) / self.per_minute,
        ));
        let wasted = (tick.serving - needed).max(0.0) * (tick.seconds / 60.0);
        self.summary.wasted_instance_minutes += wasted;
        self.instance_seconds += tick.billed * tick.seconds;
        self.over += tick.over;
    }

    /// Ends the minute that began at `now`.
    pub(crate) fn minute(&mut self, now: i64, requests: f64) {
        const NOISE: f64 = 1e-9;
        self.summary.minutes += 1;
        self.summary.requests += requests;
        self.summary.peak_requests = self.summary.peak_requests.max(requests);
        let over = std::mem::take(&mut self.over);
        if over > requests * NOISE {
            self.summary.under_provisioned_minutes += 1;
            self.summary.requests_over_capacity += over;
            let run = self.spike.get_or_insert(Run {
                first: now,
                minutes: 0,
                over: 0.0,
                recovered: false,
            });
            run.minutes += 1;
            run.over += over;
        } else if let Some(run) = self.spike.take() {
            self.end(Run {
                recovered: true,
                ..run
            });
        }
    }

    fn end(&mut self, run: Run) {
        if self.worst.is_none_or(|worst| run.over > worst.over) {
            self.worst = Some(run);
        }
    }

    pub(crate) fn finish(mut self, trace: &Trace) -> Summary {
        if let Some(run) = self.spike.take() {
            self.end(run);
        }
        let hours = self.instance_seconds / 3600.0;
        Summary {
            instance_hours: rounded(hours),
            cost: rounded(hours * self.price),
            requests_over_capacity: rounded(self.summary.requests_over_capacity),
            wasted_instance_minutes: rounded(self.summary.wasted_instance_minutes),
            worst_spike: self.worst.map(|run| Spike {
                time: trace.at(run.first),
                minutes: run.minutes,
                requests_over_capacity: rounded(run.over),
                recovered: run.recovered,
            }),
            ..self.summary
        }
    }
}

/// Without the digits that come from adding up fractions of a minute.
fn rounded(total: f64) -> f64 {
    (total * 1e6).round() / 1e6
}
