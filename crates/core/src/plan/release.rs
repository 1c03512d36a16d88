//! Giving a target back.

use super::Action;
use crate::naming::is_ours;
use crate::observation::{HeldScaling, memory};
use crate::report::Outcome;
use crate::scaling::Suspension;

/// `DeleteAlarms` takes no more at once (CloudWatch API reference).
const MOST_ALARMS: usize = 100;

/// What becomes of the capacity of a target that is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capacity {
    /// It serves on.
    Serves,
    /// There is none.
    Asleep,
    /// Its endpoint, variant or component is gone or going.
    GoesAway,
}

impl Capacity {
    pub(super) fn of(going_away: bool, asleep: bool) -> Self {
        match (going_away, asleep) {
            (true, _) => Self::GoesAway,
            (false, true) => Self::Asleep,
            (false, false) => Self::Serves,
        }
    }
}

/// A target that we created and that carries nothing foreign goes; any other loses only what is
/// ours. One without capacity is first raised: nobody would wake it afterwards. Application Auto
/// Scaling raises it in its own time, so that giving it back waits for the next look. What goes away
/// keeps its bounds: AWS registers nothing for what is not there.
pub(super) fn release(
    held: &HeldScaling,
    alarms: &[String],
    capacity: Capacity,
) -> (Vec<Action>, Outcome) {
    let target = &held.target;
    if capacity == Capacity::Asleep && target.adopted().is_none() {
        let range = target.range.at_least_one();
        // Bounds that are raised already only need to take effect. They are remembered as ours, so
        // that an owner who changes his mind gets back what he had.
        let raise = [
            Action::TagResource {
                arn: target.arn.clone(),
                tags: vec![(memory::APPLIED, range.to_string())],
            },
            Action::RegisterScalableTarget {
                range: Some(range),
                suspended: None,
                tags: Vec::new(),
            },
        ];
        let steps = if range == target.range {
            Vec::new()
        } else {
            raise.into()
        };
        return (steps, Outcome::Deferred);
    }
    let mut actions: Vec<_> = delete_alarms(alarms).collect();
    let policies = held.policies.iter().map(|held| held.policy.name.as_str());
    let schedules = held
        .scheduled_actions
        .iter()
        .map(|action| action.name.as_str());
    let foreign = policies
        .clone()
        .chain(schedules.clone())
        .any(|name| !is_ours(name));
    if target.adopted().is_none() && !foreign {
        actions.push(Action::DeregisterScalableTarget);
        return (actions, Outcome::Released);
    }
    let ours = |name: &&str| is_ours(name);
    // Schedules first: they would move the bounds that are given back.
    actions.extend(
        schedules
            .filter(ours)
            .map(|name| Action::DeleteScheduledAction(name.to_owned())),
    );
    actions.extend(
        policies
            .filter(ours)
            .map(|name| Action::DeleteScalingPolicy(name.to_owned())),
    );
    let range = target.adopted().filter(|range| *range != target.range);
    let resumed = target.suspended_by_us().and(target.suspended);
    let suspended = (resumed != Suspension::NONE).then(|| target.suspended.without(resumed));
    if capacity != Capacity::GoesAway && (range.is_some() || suspended.is_some()) {
        actions.push(Action::RegisterScalableTarget {
            range,
            suspended,
            tags: Vec::new(),
        });
    }
    // Last: whose the target is must be known until everything else is done.
    actions.push(Action::UntagResource {
        arn: target.arn.clone(),
        keys: memory::ALL.to_vec(),
    });
    (actions, Outcome::Released)
}

/// Deletes alarms, as many at a time as CloudWatch takes.
pub(super) fn delete_alarms(names: &[String]) -> impl Iterator<Item = Action> {
    let groups = names.chunks(MOST_ALARMS).map(<[String]>::to_vec);
    groups.map(Action::DeleteAlarms)
}
