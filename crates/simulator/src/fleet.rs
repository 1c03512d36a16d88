//! The fleet: what instances, copies or units of provisioned concurrency serve, and when they do.

use crate::assumptions::Assumptions;
use crate::refusal::Refusal;
use serde::Serialize;
use std::collections::BTreeSet;

/// What one instance can do, how long it takes to come, and what it costs.
///
/// An instance stands for whatever the target scales: an instance of a variant, a copy of an
/// inference component, a unit of provisioned concurrency.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fleet {
    /// What one instance serves.
    pub capacity: Capacity,
    /// Seconds from a scale-out until the endpoint is InService again. New instances serve only
    /// then, and nothing else is scaled meanwhile.
    pub start_up: u32,
    /// Price of one instance for an hour, in whatever currency.
    pub price_per_hour: f64,
    /// How the CPU follows the load, for policies on `CPUUtilization`.
    pub cpu: Option<Cpu>,
    /// Columns of the trace that are totals, which all running instances share evenly. Any other
    /// column is what every instance shows, however many there are.
    pub shared_columns: BTreeSet<String>,
}

/// Seconds that the capacity change of an asynchronous endpoint to 48 instances took: 7 m 06 s
/// from "Setting desired instance count to 48" to its end, in a public issue report.
pub const OBSERVED_START_UP: u32 = 426;

impl Fleet {
    /// A fleet that costs nothing and takes [`OBSERVED_START_UP`] to start.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            start_up: OBSERVED_START_UP,
            price_per_hour: 0.0,
            cpu: None,
            shared_columns: BTreeSet::new(),
        }
    }

    pub(crate) fn check(&self, refusals: &mut Vec<Refusal>) {
        let mut positive = |path: &str, value: f64| {
            if !(value.is_finite() && value > 0.0) {
                refusals.push(Refusal::new(path, value, "must be a number above 0"));
            }
        };
        match self.capacity {
            Capacity::RequestsPerMinute(requests) => {
                positive("capacity.requestsPerMinute", requests);
            }
            Capacity::Concurrency { latency, requests } => {
                positive("capacity.concurrency.latency", latency);
                positive("capacity.concurrency.requests", requests);
            }
        }
        if !(self.price_per_hour.is_finite() && self.price_per_hour >= 0.0) {
            let rule = "must be a number from 0 on";
            refusals.push(Refusal::new("pricePerHour", self.price_per_hour, rule));
        }
    }
}

/// What one instance serves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Capacity {
    /// So many requests a minute, one after the other.
    RequestsPerMinute(f64),
    /// So many requests at once, each of which takes so long.
    Concurrency {
        /// Seconds from a request's arrival at the model to its answer.
        latency: f64,
        /// Requests that are worked on at once.
        requests: f64,
    },
}

impl Capacity {
    /// Requests that one instance serves in a minute.
    #[must_use]
    pub fn per_minute(self) -> f64 {
        match self {
            Self::RequestsPerMinute(requests) => requests,
            Self::Concurrency { latency, requests } => requests / latency * 60.0,
        }
    }

    /// Seconds that one request takes.
    pub(crate) fn latency(self) -> f64 {
        match self {
            Self::RequestsPerMinute(requests) => 60.0 / requests,
            Self::Concurrency { latency, .. } => latency,
        }
    }

    /// Requests in flight on one instance that serves as much as it can (Little's law).
    #[must_use]
    pub fn concurrency(self) -> f64 {
        match self {
            Self::RequestsPerMinute(_) => 1.0,
            Self::Concurrency { requests, .. } => requests,
        }
    }
}

/// A line from idle to full load, in per cent as CloudWatch shows it: of one vCPU for
/// `CPUUtilization`, of all for `CPUUtilizationNormalized`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cpu {
    /// Without any request.
    pub idle: f64,
    /// At capacity and beyond.
    pub full: f64,
}

/// What a fleet did in one tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick {
    pub(crate) seconds: f64,
    pub(crate) requests: f64,
    /// Minutes since the beginning, for the columns of the trace.
    pub(crate) minute: usize,
    /// The mean of 1 / instances over the time in which there were any; 0 if there never were.
    pub(crate) share: f64,
    /// The part of the tick without any instance.
    pub(crate) without: f64,
    /// Requests that wait at the end of the tick.
    pub(crate) backlog: f64,
    /// Instances at the end of the tick.
    pub(crate) running: u32,
    /// Requests that found no capacity in their tick.
    pub(crate) over: f64,
    /// Mean number of instances that served.
    pub(crate) serving: f64,
    /// Mean number of instances that are paid for.
    pub(crate) billed: f64,
}

/// A fleet at work. Times are in seconds since the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    per_second: f64,
    start_up: i64,
    scale_in: i64,
    removed_serve: bool,
    start_up_billed: bool,
    /// Requests wait in a queue instead of failing.
    queues: bool,
    /// Instances in service.
    active: u32,
    desired: u32,
    /// While the endpoint is Updating.
    update: Option<Update>,
    backlog: f64,
}

#[derive(Clone, Copy, Debug)]
struct Update {
    from: u32,
    until: i64,
}

impl Running {
    pub(crate) fn new(fleet: &Fleet, assumptions: &Assumptions, queues: bool, start: u32) -> Self {
        Self {
            per_second: fleet.capacity.per_minute() / 60.0,
            start_up: fleet.start_up.into(),
            scale_in: assumptions.scale_in_duration.into(),
            removed_serve: assumptions.removed_instances_serve,
            start_up_billed: assumptions.start_up_is_billed,
            queues,
            active: start,
            desired: start,
            update: None,
            backlog: 0.0,
        }
    }

    pub(crate) fn desired(&self) -> u32 {
        self.desired
    }

    pub(crate) fn running(&self) -> u32 {
        self.active
    }

    /// While it is, the endpoint takes no other change ("[Update endpoints that use automatic
    /// scaling]", SageMaker developer guide).
    ///
    /// [Update endpoints that use automatic scaling]: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    pub(crate) fn is_updating(&self) -> bool {
        self.update.is_some()
    }

    /// Begins a change and says when it will be done.
    pub(crate) fn change(&mut self, now: i64, to: u32) -> i64 {
        let from = self.desired;
        let takes = if to > from {
            self.start_up
        } else {
            self.scale_in
        };
        if to < from && !self.removed_serve {
            self.active = to;
        }
        self.desired = to;
        let until = now + takes;
        self.update = Some(Update { from, until });
        self.finish(now);
        until
    }

    /// Ends a change that is done by `now`.
    pub(crate) fn finish(&mut self, now: i64) {
        if self.update.is_some_and(|update| update.until <= now) {
            self.update = None;
            self.active = self.desired;
        }
    }

    /// Serves what arrives evenly in the `seconds` from `now` on.
    pub(crate) fn serve(&mut self, now: i64, seconds: u32, requests: f64, minute: usize) -> Tick {
        let length = f64::from(seconds);
        let mut tick = Tick {
            seconds: length,
            requests,
            minute,
            share: 0.0,
            without: 0.0,
            backlog: 0.0,
            running: 0,
            over: 0.0,
            serving: 0.0,
            billed: 0.0,
        };
        let end = now + i64::from(seconds);
        if let Some(until) = self
            .update
            .map(|update| update.until)
            .filter(|until| *until < end)
        {
            // A change that is done within the tick splits it in two.
            #[expect(clippy::cast_precision_loss, reason = "less than a minute")]
            let before = (until - now) as f64 / length;
            self.part(&mut tick, before);
            self.finish(until);
            self.part(&mut tick, 1.0 - before);
        } else {
            self.part(&mut tick, 1.0);
        }
        if tick.without < 1.0 {
            tick.share /= 1.0 - tick.without;
        }
        tick.backlog = self.backlog;
        tick.running = self.active;
        tick
    }

    fn part(&mut self, tick: &mut Tick, part: f64) {
        let arriving = tick.requests * part;
        let running = f64::from(self.active);
        let servable = running * self.per_second * tick.seconds * part;
        let billed = match self.update {
            Some(update) if self.desired > update.from && !self.start_up_billed => update.from,
            Some(update) => update.from.max(self.desired),
            None => self.desired,
        };
        if self.queues {
            // First come, first served: what waited is served before what arrives.
            let left = (servable - self.backlog).max(0.0);
            tick.over += (arriving - left).max(0.0);
            self.backlog = (self.backlog + arriving - servable).max(0.0);
        } else {
            tick.over += (arriving - servable).max(0.0);
        }
        if self.active == 0 {
            tick.without += part;
        } else {
            tick.share += part / running;
        }
        tick.serving += running * part;
        tick.billed += f64::from(billed) * part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn running(queues: bool, start: u32) -> Running {
        let fleet = Fleet {
            start_up: 90,
            ..Fleet::new(Capacity::RequestsPerMinute(60.0))
        };
        let assumptions = Assumptions::default();
        Running::new(&fleet, &assumptions, queues, start)
    }

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    #[test]
    fn new_instances_serve_from_the_second_in_which_the_endpoint_is_in_service() {
        let mut fleet = running(false, 1);
        assert_eq!(fleet.change(0, 3), 90);
        let first = fleet.serve(0, 60, 120.0, 0);
        close(first.over, 60.0);
        close(first.billed, 3.0);
        assert!(fleet.is_updating());
        let second = fleet.serve(60, 60, 120.0, 1);
        close(second.over, 30.0);
        close(second.serving, 2.0);
        close(second.share, 0.5 / 1.0 + 0.5 / 3.0);
        assert!(!fleet.is_updating());
        close(fleet.serve(120, 60, 180.0, 2).over, 0.0);
    }

    #[test]
    fn removed_instances_are_paid_for_until_the_update_is_done() {
        let mut fleet = running(false, 4);
        assert_eq!(fleet.change(0, 1), 420);
        let tick = fleet.serve(0, 60, 0.0, 0);
        close(tick.serving, 1.0);
        close(tick.billed, 4.0);
        fleet.finish(420);
        close(fleet.serve(420, 60, 0.0, 7).billed, 1.0);
    }

    #[test]
    fn a_queue_keeps_what_cannot_be_served() {
        let mut fleet = running(true, 0);
        let asleep = fleet.serve(0, 60, 90.0, 0);
        close(asleep.backlog, 90.0);
        close(asleep.without, 1.0);
        fleet.change(60, 1);
        fleet.finish(150);
        close(fleet.serve(150, 60, 10.0, 2).backlog, 40.0);
        let last = fleet.serve(210, 60, 10.0, 3);
        close(last.backlog, 0.0);
        close(last.over, 0.0);
    }

    #[test]
    fn capacity_is_concurrency_over_latency() {
        let capacity = Capacity::Concurrency {
            latency: 2.0,
            requests: 4.0,
        };
        close(capacity.per_minute(), 120.0);
        close(capacity.concurrency(), 4.0);
        close(Capacity::RequestsPerMinute(120.0).latency(), 0.5);
    }

    #[test]
    fn impossible_fleets_are_refused_with_every_reason() {
        let fleet = Fleet {
            price_per_hour: f64::NAN,
            ..Fleet::new(Capacity::RequestsPerMinute(0.0))
        };
        let mut refusals = Vec::new();
        fleet.check(&mut refusals);
        let shown: Vec<_> = refusals.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "capacity.requestsPerMinute: must be a number above 0 (got 0)",
                "pricePerHour: must be a number from 0 on (got NaN)"
            ]
        );
    }
}
