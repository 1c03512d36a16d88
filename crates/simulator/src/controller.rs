//! Application Auto Scaling: alarms in ALARM trigger policies, policies propose capacities, and at
//! most one of them becomes a change.

mod build;

use crate::alarm::{Aggregation, Alarm, AlarmState};
use crate::cooldown::Cooldowns;
use crate::fleet::Tick;
use crate::gauge::Gauge;
use crate::recorder::Recorder;
use crate::step::Steps;
use crate::timeline::NotScaled;
use crate::trace::Trace;
use crate::tracking;
use endpoint_autoscaler_core::scaling::{CapacityRange, Suspension, TargetTracking};
use std::cmp::Ordering;

/// All policies of a target, with their alarms and what those look at.
pub(crate) struct Controller<'a> {
    gauges: Vec<Gauge>,
    /// Of each gauge, the data point that became visible in this tick.
    fresh: Vec<Option<f64>>,
    watches: Vec<Watch<'a>>,
    trackers: Vec<Tracker<'a>>,
    steppers: Vec<Stepper<'a>>,
    suspended: Suspension,
    action_interval: i64,
    counts_from_before: bool,
    missing_breach_acts: bool,
}

/// An alarm, and when its action is invoked again.
struct Watch<'a> {
    name: Name<'a>,
    gauge: usize,
    alarm: Alarm,
    next_action: i64,
    fires: bool,
}

#[derive(Clone, Copy)]
enum Name<'a> {
    Own(&'a str),
    High(&'a str),
    Low(&'a str),
}

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Own(name) => f.write_str(name),
            Self::High(policy) => write!(f, "{policy}-AlarmHigh"),
            Self::Low(policy) => write!(f, "{policy}-AlarmLow"),
        }
    }
}

struct Tracker<'a> {
    policy: &'a str,
    config: &'a TargetTracking,
    high: usize,
    /// None where scale-in is disabled: there is no such alarm then, and the policy has no say.
    low: Option<usize>,
    cooldowns: Cooldowns,
}

struct Stepper<'a> {
    policy: &'a str,
    steps: Steps<'a>,
    watches: Vec<usize>,
    aggregation: Aggregation,
    cooldown: i64,
    cooldowns: Cooldowns,
}

/// A change that is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decision {
    pub(crate) to: u32,
    who: Who,
    watch: usize,
}

/// Whose cooldown a change starts; target-tracking policies scale in together.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Tracker(usize),
    AllTrackers,
    Stepper(usize),
}

/// What policies propose in one tick.
struct Proposals {
    running: u32,
    range: CapacityRange,
    out: Option<Decision>,
    inward: Option<Decision>,
    reason: Option<NotScaled>,
}

impl Proposals {
    fn refuse(&mut self, reason: NotScaled) {
        self.reason.get_or_insert(reason);
    }

    /// "If there are multiple policies in force … the service chooses the policy that provides the
    /// largest capacity for both scale out and scale in": Application Auto Scaling user guide.
    fn offer_out(&mut self, to: u32, who: Who, watch: usize) {
        let to = to.clamp(self.range.min(), self.range.max());
        if to <= self.running {
            self.refuse(NotScaled::AlreadyAtMaxCapacity);
        } else if self.out.is_none_or(|best| to > best.to) {
            self.out = Some(Decision { to, who, watch });
        }
    }

    fn offer_in(&mut self, to: u32, who: Who, watch: usize) {
        let to = to.clamp(self.range.min(), self.range.max());
        if to >= self.running {
            self.refuse(NotScaled::AlreadyAtMinCapacity);
        } else if self.inward.is_none_or(|best| to > best.to) {
            self.inward = Some(Decision { to, who, watch });
        }
    }
}

impl Controller<'_> {
    /// The metric of the first policy, NaN without a data point.
    pub(crate) fn metric(&self) -> f64 {
        self.gauges.first().map_or(f64::NAN, Gauge::latest)
    }

    /// Whether alarms are evaluated more often than once a minute.
    pub(crate) fn is_high_resolution(&self) -> bool {
        self.gauges.iter().any(|gauge| gauge.period < 60)
    }

    /// Takes what a tick shows.
    pub(crate) fn record(&mut self, tick: &Tick, seconds: u32, end: i64, trace: &Trace) {
        for gauge in &mut self.gauges {
            gauge.record(tick, seconds, end, trace);
        }
    }

    /// Evaluates all alarms; whether any invokes its action. It does on going to ALARM and again
    /// for as long as it stays there: for Auto Scaling actions "the alarm continues to invoke the
    /// action" every minute (AWS knowledge center, "autoscaling-policy-cloudwatch-alarm").
    pub(crate) fn evaluate(&mut self, now: i64, recorder: &mut impl Recorder) -> bool {
        for (gauge, fresh) in self.gauges.iter_mut().zip(&mut self.fresh) {
            *fresh = gauge.publish(now);
        }
        let mut any = false;
        for watch in &mut self.watches {
            let before = watch.alarm.state();
            let state = match self.fresh[watch.gauge] {
                Some(value) => watch.alarm.push(value),
                None => before,
            };
            if state != before {
                recorder.alarm(now, state, || watch.name.to_string());
                watch.next_action = now;
            }
            watch.fires = state == AlarmState::Alarm && now >= watch.next_action;
            if watch.fires {
                watch.next_action = now + self.action_interval;
                any = true;
            }
        }
        any
    }

    /// What is to be done about the alarms that fire, or why nothing is.
    pub(crate) fn decide(
        &self,
        now: i64,
        running: u32,
        range: CapacityRange,
    ) -> Result<Decision, NotScaled> {
        let mut proposals = Proposals {
            running,
            range,
            out: None,
            inward: None,
            reason: None,
        };
        for (index, tracker) in self.trackers.iter().enumerate() {
            let watch = &self.watches[tracker.high];
            if !watch.fires {
                continue;
            }
            if let Some(metric) = watch.alarm.aggregate(Aggregation::Average) {
                let left = self.track_outwards(tracker, now, running, metric);
                self.propose_out(&mut proposals, left, (Who::Tracker(index), tracker.high));
            }
        }
        self.track_inwards(&mut proposals, now);
        for (index, stepper) in self.steppers.iter().enumerate() {
            for watch in stepper.watches.iter().copied() {
                let Some(proposed) = self.step(stepper, watch, running) else {
                    continue;
                };
                let who = (Who::Stepper(index), watch);
                match proposed.cmp(&running) {
                    Ordering::Equal => proposals.refuse(NotScaled::AlreadyAtDesiredCapacity),
                    Ordering::Greater => {
                        let left = stepper.cooldowns.less_credit(now, running, proposed);
                        self.propose_out(&mut proposals, left, who);
                    }
                    Ordering::Less if self.suspended.scale_in => {
                        proposals.refuse(NotScaled::Suspended);
                    }
                    Ordering::Less if running <= range.min() => {
                        proposals.refuse(NotScaled::AlreadyAtMinCapacity);
                    }
                    Ordering::Less if stepper.cooldowns.allows_scale_in(now) => {
                        proposals.offer_in(proposed, who.0, who.1);
                    }
                    Ordering::Less => proposals.refuse(NotScaled::CooldownInEffect),
                }
            }
        }
        // Any policy that is ready scales out, whatever others would take away.
        let decision = proposals.out.or(proposals.inward);
        decision.ok_or(
            proposals
                .reason
                .unwrap_or(NotScaled::AlreadyAtDesiredCapacity),
        )
    }

    fn step(&self, stepper: &Stepper<'_>, watch: usize, running: u32) -> Option<u32> {
        let watch = &self.watches[watch];
        if !watch.fires {
            return None;
        }
        let rule = watch.alarm.rule();
        let breach = match watch.alarm.aggregate(stepper.aggregation) {
            Some(metric) => metric - rule.threshold,
            None if self.missing_breach_acts => 0.0,
            None => return None,
        };
        Some(
            stepper
                .steps
                .proposed(running, breach, rule.comparison.is_less()),
        )
    }

    /// The capacity that a breach from above calls for, as far as the cooldown lets it pass.
    fn track_outwards(&self, tracker: &Tracker<'_>, now: i64, running: u32, metric: f64) -> u32 {
        let target = tracker.config.target_value;
        match tracker.cooldowns.before_scale_out(now) {
            Some(before) if self.counts_from_before => tracking::proposed(before, metric, target),
            _ => {
                let proposed = tracking::proposed(running, metric, target);
                tracker.cooldowns.less_credit(now, running, proposed)
            }
        }
    }

    /// A capacity that is larger unless a cooldown has taken away what is.
    fn propose_out(&self, proposals: &mut Proposals, left: u32, (who, watch): (Who, usize)) {
        if self.suspended.scale_out {
            proposals.refuse(NotScaled::Suspended);
        } else if proposals.running >= proposals.range.max() {
            proposals.refuse(NotScaled::AlreadyAtMaxCapacity);
        } else if left <= proposals.running {
            proposals.refuse(NotScaled::CooldownInEffect);
        } else {
            proposals.offer_out(left, who, watch);
        }
    }

    /// "Scales in only if all of the target tracking policies (with the scale-in portion enabled)
    /// are ready to scale in": Application Auto Scaling user guide. Step policies have no say.
    fn track_inwards(&self, proposals: &mut Proposals, now: i64) {
        let inward = || {
            let low = |tracker| -> Option<(&Tracker<'_>, usize)> {
                let tracker: &Tracker<'_> = tracker;
                Some((tracker, tracker.low?))
            };
            self.trackers.iter().filter_map(low)
        };
        let Some((_, fired)) = inward().find(|(_, low)| self.watches[*low].fires) else {
            return;
        };
        if self.suspended.scale_in {
            return proposals.refuse(NotScaled::Suspended);
        }
        if proposals.running <= proposals.range.min() {
            return proposals.refuse(NotScaled::AlreadyAtMinCapacity);
        }
        let mut largest = 0;
        for (tracker, low) in inward() {
            let alarm = &self.watches[low].alarm;
            let metric = alarm.aggregate(Aggregation::Average);
            let Some(metric) = metric.filter(|_| alarm.state() == AlarmState::Alarm) else {
                return proposals.refuse(NotScaled::ScaleInNotAgreed);
            };
            if !tracker.cooldowns.allows_scale_in(now) {
                return proposals.refuse(NotScaled::CooldownInEffect);
            }
            let target = tracker.config.target_value;
            largest = largest.max(tracking::proposed(proposals.running, metric, target));
        }
        if largest >= proposals.running {
            proposals.refuse(NotScaled::AutoScalingAnticipatedFlapping);
        } else {
            proposals.offer_in(largest, Who::AllTrackers, fired);
        }
    }

    /// Starts the cooldowns of a change from `from` that began at `now` and is done at `done`.
    pub(crate) fn changed(&mut self, decision: Decision, now: i64, from: u32, done: i64) {
        self.moved(from, decision.to);
        let out = decision.to > from;
        match decision.who {
            Who::Tracker(index) => {
                let tracker = &mut self.trackers[index];
                let until = done + i64::from(tracker.config.scale_out_cooldown);
                tracker.cooldowns.scale_out(now, from, decision.to, until);
            }
            Who::AllTrackers => {
                for tracker in &mut self.trackers {
                    let until = done + i64::from(tracker.config.scale_in_cooldown);
                    tracker.cooldowns.scale_in(until);
                }
            }
            Who::Stepper(index) => {
                let stepper = &mut self.steppers[index];
                let until = done + stepper.cooldown;
                if out {
                    stepper.cooldowns.scale_out(now, from, decision.to, until);
                } else {
                    stepper.cooldowns.scale_in(until);
                }
            }
        }
    }

    /// A change of the capacity, whoever made it.
    pub(crate) fn moved(&mut self, from: u32, to: u32) {
        let trackers = self.trackers.iter_mut().map(|policy| &mut policy.cooldowns);
        let steppers = self.steppers.iter_mut().map(|policy| &mut policy.cooldowns);
        for cooldowns in trackers.chain(steppers) {
            if to > from {
                cooldowns.interrupt_scale_in();
            } else {
                cooldowns.forget_scale_out();
            }
        }
    }

    /// A decision's cause, as people read it.
    pub(crate) fn cause(&self, decision: Decision) -> String {
        let watch = &self.watches[decision.watch];
        let policy = match decision.who {
            Who::Tracker(index) => format!("policy {}", self.trackers[index].policy),
            Who::Stepper(index) => format!("policy {}", self.steppers[index].policy),
            Who::AllTrackers => match &self.trackers[..] {
                [only] => format!("policy {}", only.policy),
                _ => "all target-tracking policies".to_owned(),
            },
        };
        let rule = watch.alarm.rule();
        let side = if rule.comparison.is_less() {
            "below"
        } else {
            "above"
        };
        let metric = watch.alarm.aggregate(Aggregation::Average);
        let value = metric.map_or("no data".to_owned(), |value| format!("{value:.6}"));
        let value = value.trim_end_matches('0').trim_end_matches('.');
        format!(
            "alarm {} in state ALARM ({value}, {side} {}) triggered {policy}",
            watch.name, rule.threshold
        )
    }
}
