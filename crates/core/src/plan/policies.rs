//! Policies, their alarms and scheduled actions of a target that is ours.

use super::release::delete_alarms;
use super::{Action, PolicyArn, Step};
use crate::naming::is_ours;
use crate::observation::{HeldAlarm, HeldPolicy, HeldScaling};
use crate::report::Reason;
use crate::scaling::{PolicyBody, ScalingPolicy};
use crate::settings::{PolicyAlarm, Settings, tracks_same_metric};

pub(super) struct Policies {
    pub(super) steps: Vec<Step>,
    pub(super) reason: Option<Reason>,
}

/// Deletes what stands in the way, puts what differs, then deletes what is no longer wanted, so
/// that a target is without a policy only where AWS's one-per-metric rule forces it. Alarms come
/// after the policies whose ARNs they name, and go before them: a policy that outlives its alarm
/// is seen and deleted the next time, an alarm that outlives its policy would be seen by nobody.
pub(super) fn policies(
    settings: &Settings,
    held: Option<&HeldScaling>,
    held_alarms: &[&HeldAlarm],
    description: &str,
) -> Policies {
    let held_policies = held.map_or(&[][..], |held| &held.policies);
    let puts = puts(&settings.policies.value, held_policies);
    let in_the_way = |name: &String| puts.in_the_way.contains(name);
    let acts_on_one_in_the_way = |alarm: &&HeldAlarm| {
        let mut policies = held_policies.iter();
        policies.any(|held| in_the_way(&held.policy.name) && alarm.actions.contains(&held.arn))
    };
    let (going, held_alarms): (Vec<&HeldAlarm>, Vec<&HeldAlarm>) = held_alarms
        .iter()
        .copied()
        .partition(acts_on_one_in_the_way);
    let going: Vec<_> = going.iter().map(|alarm| alarm.name.clone()).collect();
    let mut steps: Vec<_> = delete_alarms(&going).map(Step::Do).collect();
    steps.extend(
        puts.in_the_way
            .iter()
            .map(|name| Step::Do(Action::DeleteScalingPolicy(name.clone()))),
    );
    steps.extend(puts.steps);
    let alarms = settings.alarms.iter();
    steps.extend(
        alarms
            .filter_map(|alarm| put_alarm(alarm, held_policies, &held_alarms, description))
            .map(Step::Do),
    );
    scheduled_actions(settings, held, &mut steps);
    let wanted = |name: &str| {
        settings
            .alarms
            .iter()
            .any(|alarm| alarm.definition.alarm_name == name)
    };
    let unwanted = held_alarms
        .iter()
        .map(|alarm| alarm.name.clone())
        .filter(|name| !wanted(name));
    let unwanted: Vec<_> = unwanted.collect();
    steps.extend(delete_alarms(&unwanted).map(Step::Do));
    let unwanted = held_policies
        .iter()
        .map(|held| &held.policy.name)
        .filter(|name| {
            let wanted = settings
                .policies
                .value
                .iter()
                .any(|wanted| wanted.name == **name);
            is_ours(name) && !wanted && !in_the_way(name)
        });
    steps.extend(unwanted.map(|name| Step::Do(Action::DeleteScalingPolicy(name.clone()))));
    Policies {
        steps,
        reason: puts.conflict,
    }
}

struct Puts {
    steps: Vec<Step>,
    in_the_way: Vec<String>,
    conflict: Option<Reason>,
}

fn puts(desired: &[ScalingPolicy], held: &[HeldPolicy]) -> Puts {
    let mut puts = Puts {
        steps: Vec::new(),
        in_the_way: Vec::new(),
        conflict: None,
    };
    for policy in desired {
        if held.iter().any(|held| held.policy == *policy) {
            continue;
        }
        let rivals: Vec<_> = held
            .iter()
            .map(|held| &held.policy)
            .filter(|other| other.name != policy.name)
            .filter(|other| match &policy.body {
                PolicyBody::TargetTracking(tracking) => tracks_same_metric(&other.body, tracking),
                _ => false,
            })
            .collect();
        if rivals.iter().any(|rival| !is_ours(&rival.name)) {
            puts.conflict = Some(Reason::ConflictingPolicy);
            puts.steps.push(Step::Skip {
                action: "PutScalingPolicy",
                name: policy.name.clone(),
                reason: Reason::ConflictingPolicy,
            });
        } else {
            puts.in_the_way
                .extend(rivals.iter().map(|rival| rival.name.clone()));
            // AWS keeps the type of a policy: one of the other type under the same name has to go.
            let other_type = held.iter().any(|held| {
                held.policy.name == policy.name
                    && std::mem::discriminant(&held.policy.body)
                        != std::mem::discriminant(&policy.body)
            });
            if other_type {
                puts.in_the_way.push(policy.name.clone());
            }
            puts.steps
                .push(Step::Do(Action::PutScalingPolicy(policy.clone())));
        }
    }
    puts.in_the_way.sort_unstable();
    puts.in_the_way.dedup();
    puts
}

fn put_alarm(
    alarm: &PolicyAlarm,
    held_policies: &[HeldPolicy],
    held_alarms: &[&HeldAlarm],
    description: &str,
) -> Option<Action> {
    let is_step = |held: &&HeldPolicy| matches!(held.policy.body, PolicyBody::Step(_));
    let policy = held_policies
        .iter()
        .filter(is_step)
        .find(|held| held.policy.name == alarm.policy);
    let in_force = policy.is_some_and(|policy| {
        held_alarms.iter().any(|held| {
            held.name == alarm.definition.alarm_name
                && held.definition.as_ref() == Some(&alarm.definition)
                && held.actions == [policy.arn.as_str()]
        })
    });
    // AWS keeps the ARN of a policy that is put again.
    let policy = policy.map_or_else(
        || PolicyArn::Put(alarm.policy.clone()),
        |policy| PolicyArn::Held(policy.arn.clone()),
    );
    (!in_force).then(|| Action::PutMetricAlarm {
        alarm: alarm.definition.clone(),
        description: description.to_owned(),
        policy,
    })
}

fn scheduled_actions(settings: &Settings, held: Option<&HeldScaling>, steps: &mut Vec<Step>) {
    let held = held.map_or(&[][..], |held| &held.scheduled_actions);
    let desired = &settings.scheduled_actions.value;
    for action in desired {
        let name = &action.scheduled_action_name;
        if held
            .iter()
            .any(|held| held.name == *name && held.action.as_ref() == Some(action))
        {
            continue;
        }
        steps.push(if settings.past.contains(name) {
            Step::Skip {
                action: "PutScheduledAction",
                name: name.clone(),
                reason: Reason::PastSchedule,
            }
        } else {
            Step::Do(Action::PutScheduledAction(action.clone()))
        });
    }
    let unwanted = held.iter().map(|held| &held.name).filter(|name| {
        is_ours(name)
            && !desired
                .iter()
                .any(|action| action.scheduled_action_name == **name)
    });
    steps.extend(unwanted.map(|name| Step::Do(Action::DeleteScheduledAction(name.clone()))));
}
