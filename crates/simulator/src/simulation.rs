//! The simulation: tick by tick, what is published, decided, changed and served.

use crate::assumptions::Assumptions;
use crate::calendar::Calendar;
use crate::controller::Controller;
use crate::fleet::{Fleet, Running};
use crate::recorder::{Deaf, Everything, Recorder};
use crate::refusal::Refusal;
use crate::scaling::Scaling;
use crate::signal::Context;
use crate::tally::Tally;
use crate::timeline::{NotScaled, Row, Summary, Timeline};
use crate::trace::Trace;
use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::scaling::CapacityRange;

/// One scalable target under one traffic.
///
/// ```
/// use endpoint_autoscaler_core::kind::Kind;
/// use endpoint_autoscaler_simulator::{Assumptions, Capacity, Fleet, Scaling, Simulation, Target, Trace};
///
/// let trace = Trace::new("2026-03-02T08:00:00Z".parse()?, [vec![50.0; 60], vec![400.0; 60]].concat());
/// let target = Target { kind: Kind::RealTime, name: "AllTraffic", start: 1 };
/// let scaling = Scaling::resolve(&[], target, trace.start()).expect("the built-in settings");
/// let fleet = Fleet { start_up: 300, ..Fleet::new(Capacity::RequestsPerMinute(200.0)) };
/// let simulation = Simulation {
///     kind: Kind::RealTime,
///     scaling: &scaling,
///     fleet: &fleet,
///     start: 1,
///     trace: &trace,
///     assumptions: &Assumptions::default(),
/// };
///
/// let timeline = simulation.run()?;
/// assert_eq!(timeline.activities[0].to_capacity, 4);
/// // Three minutes of data, three until they are published, five until the instances serve.
/// assert_eq!(timeline.summary.under_provisioned_minutes, 3 + 3 + 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Simulation<'a> {
    /// What kind of target it is: requests of an asynchronous endpoint wait in a queue.
    pub kind: Kind,
    /// Its bounds, policies, alarms and scheduled actions.
    pub scaling: &'a Scaling,
    /// Its instances.
    pub fleet: &'a Fleet,
    /// Capacity at the start.
    pub start: u32,
    /// Its traffic.
    pub trace: &'a Trace,
    /// What AWS does not publish.
    pub assumptions: &'a Assumptions,
}

/// What cannot be simulated, all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Refused(pub Vec<Refusal>);

impl Simulation<'_> {
    /// The whole course.
    ///
    /// # Errors
    /// What cannot be simulated: metrics that neither the model nor the trace has, impossible
    /// fleets.
    pub fn run(&self) -> Result<Timeline, Refused> {
        let mut everything = Everything::new(self.trace);
        let summary = self.simulate(&mut everything)?;
        Ok(Timeline {
            summary,
            activities: everything.activities,
            timeline: everything.rows,
            not_scaled: everything.not_scaled,
            alarms: everything.alarms,
        })
    }

    /// The totals only, in less time.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn summarize(&self) -> Result<Summary, Refused> {
        self.simulate(&mut Deaf)
    }

    fn simulate(&self, recorder: &mut impl Recorder) -> Result<Summary, Refused> {
        let mut refusals = Vec::new();
        self.fleet.check(&mut refusals);
        if !refusals.is_empty() {
            return Err(Refused(refusals));
        }
        let context = Context {
            fleet: self.fleet,
            trace: self.trace,
            assumptions: self.assumptions,
        };
        let controller = Controller::new(self.scaling, &context, &mut refusals);
        let calendar = Calendar::new(&self.scaling.scheduled_actions, self.trace, &mut refusals);
        if !refusals.is_empty() {
            return Err(Refused(refusals));
        }
        let queues = self.kind == Kind::Asynchronous;
        let mut course = Course {
            simulation: self,
            seconds: if controller.is_high_resolution() {
                10
            } else {
                60
            },
            controller,
            calendar,
            fleet: Running::new(self.fleet, self.assumptions, queues, self.start),
            range: self.scaling.range,
            next_pull: 0,
            tally: Tally::new(
                self.fleet.capacity.per_minute(),
                self.fleet.price_per_hour,
                self.start,
            ),
            recorder,
        };
        course.minutes();
        Ok(course.tally.finish(self.trace))
    }
}

struct Course<'s, 'a, R> {
    simulation: &'s Simulation<'a>,
    /// Length of a tick.
    seconds: u32,
    controller: Controller<'a>,
    calendar: Calendar,
    fleet: Running,
    range: CapacityRange,
    next_pull: i64,
    tally: Tally,
    recorder: &'s mut R,
}

impl<R: Recorder> Course<'_, '_, R> {
    fn minutes(&mut self) {
        let trace = self.simulation.trace;
        let queues = self.simulation.kind == Kind::Asynchronous;
        let ticks = 60 / self.seconds;
        let mut now = 0;
        for (minute, requests) in trace.requests().iter().copied().enumerate() {
            let begin = now;
            let mut capacity = None;
            let mut backlog = 0.0;
            for _ in 0..ticks {
                self.fleet.finish(now);
                self.decide(now);
                capacity.get_or_insert((self.fleet.desired(), self.fleet.running()));
                let arriving = requests / f64::from(ticks);
                let tick = self.fleet.serve(now, self.seconds, arriving, minute);
                now += i64::from(self.seconds);
                self.controller.record(&tick, self.seconds, now, trace);
                self.tally.tick(&tick);
                backlog = tick.backlog;
            }
            self.tally.minute(begin, requests);
            let metric = self.controller.metric();
            let (desired_capacity, running_capacity) = capacity.unwrap_or_default();
            self.recorder.row(begin, |time| Row {
                time,
                requests,
                metric: (!metric.is_nan()).then_some(metric),
                desired_capacity,
                running_capacity,
                backlog: queues.then_some(backlog),
            });
        }
    }

    /// Scheduled actions first, then the bounds, then the policies.
    fn decide(&mut self, now: i64) {
        let trace = self.simulation.trace;
        if let Some(range) = self.calendar.run(now, self.range, trace)
            && !self.simulation.scaling.suspended.scheduled
        {
            self.range = range;
            self.next_pull = now;
        }
        let fires = self.controller.evaluate(now, self.recorder);
        self.pull(now);
        if !fires {
            return;
        }
        if self.fleet.is_updating() {
            let reason = NotScaled::TargetServicePutResourceAsUnscalable;
            self.recorder.not_scaled(now, reason);
            return;
        }
        let from = self.fleet.desired();
        match self.controller.decide(now, from, self.range) {
            Ok(decision) => {
                let done = self.fleet.change(now, decision.to);
                self.controller.changed(decision, now, from, done);
                self.tally.change(now, from, decision.to);
                let cause = || self.controller.cause(decision);
                self.recorder
                    .activity(now, (from, decision.to), done, cause);
            }
            Err(reason) => self.recorder.not_scaled(now, reason),
        }
    }

    /// Brings the capacity inside its bounds, which waits for no cooldown and no alarm
    /// (`RegisterScalableTarget`; user guide, "Scheduled scaling").
    fn pull(&mut self, now: i64) {
        let from = self.fleet.desired();
        let (min, max) = (self.range.min(), self.range.max());
        let to = from.clamp(min, max);
        if to == from || now < self.next_pull {
            return;
        }
        if self.fleet.is_updating() {
            let interval = self.simulation.assumptions.bounds_retry_interval;
            self.next_pull = now + i64::from(interval);
            return;
        }
        let done = self.fleet.change(now, to);
        self.controller.moved(from, to);
        self.tally.change(now, from, to);
        self.recorder.activity(now, (from, to), done, || {
            if to > from {
                format!("minimum capacity was set to {min}")
            } else {
                format!("maximum capacity was set to {max}")
            }
        });
    }
}
