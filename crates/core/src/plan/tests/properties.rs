//! Whatever is configured and held: plans are legal, polite and final.

use super::aws::carry_out;
use super::fixture::*;
use super::worlds::any_world;
use crate::naming::{alarm_description, is_ours};
use crate::observation::{HeldAlarm, HeldScaling, Observation, Owner, memory};
use proptest::prelude::*;
use serde_json::Value;

fn owner(held: &HeldScaling) -> Owner {
    held.target.owner("endpoint-autoscaler")
}

/// What of a target belongs to others.
fn foreign(held: &HeldScaling) -> (Vec<&str>, Vec<&str>) {
    let policies = held.policies.iter().map(|held| held.policy.name.as_str());
    let actions = held
        .scheduled_actions
        .iter()
        .map(|action| action.name.as_str());
    (
        policies.filter(|name| !is_ours(name)).collect(),
        actions.filter(|name| !is_ours(name)).collect(),
    )
}

fn alarms_of_others(observation: &Observation) -> Vec<&HeldAlarm> {
    let ours = alarm_description("endpoint-autoscaler");
    let alarms = observation.alarms.iter().flatten();
    alarms.filter(|alarm| alarm.description != ours).collect()
}

/// What is in force, whatever its ARNs and in whatever order.
fn in_force(observation: &Observation) -> String {
    let mut all = Vec::new();
    for (id, held) in &observation.scaling {
        let mut target = held.target.clone();
        // Whether bounds were written while somebody lets scale-out stand still is no state.
        target.tags.as_mut().expect("read").remove(memory::RAISED);
        all.push(format!("{id:?} {target:?}"));
        let mut policies: Vec<_> = held
            .policies
            .iter()
            .map(|held| format!("{:?}", held.policy))
            .collect();
        policies.sort_unstable();
        let mut actions: Vec<_> = held
            .scheduled_actions
            .iter()
            .map(|held| format!("{held:?}"))
            .collect();
        actions.sort_unstable();
        all.extend(policies.into_iter().chain(actions));
    }
    let alarms = observation.alarms.iter().flatten();
    let mut alarms: Vec<_> = alarms
        .map(|alarm| {
            format!(
                "{} {:?} {}",
                alarm.name, alarm.definition, alarm.description
            )
        })
        .collect();
    alarms.sort_unstable();
    all.extend(alarms);
    all.join("\n")
}

/// The same JSON, written from back to front.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.iter().rev();
            fields
                .map(|(key, value)| (key.clone(), reversed(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

fn rewritten(mut world: Observation) -> Observation {
    let documents = &mut world.documents;
    for parameter in [&mut documents.profile, &mut documents.endpoint]
        .into_iter()
        .flatten()
    {
        let document = serde_json::from_str(&parameter.value).expect("a document");
        parameter.value = reversed(&document).to_string();
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn every_plan_is_legal_polite_and_final(
        (world, _) in any_world(),
        existing in prop_oneof![Just("leave"), Just("adopt")],
    ) {
        let installation = installation(&[("EXISTING_TARGETS", existing)]);
        // `carry_out` panics on a call that AWS would refuse, `settle` when a second run writes.
        let (plan, after) = settle(&world, &installation);
        prop_assert!(plan.problems.is_empty() || operations(&plan).is_empty() || plan.reason.is_some());
        prop_assert_eq!(alarms_of_others(&world), alarms_of_others(&after));
        for (id, before) in &world.scaling {
            let theirs = owner(before) == Owner::OtherInstallation
                || (owner(before) == Owner::Foreign && existing == "leave");
            if theirs {
                prop_assert_eq!(Some(before), after.scaling.get(id), "targets of others stay");
            }
            let Some(after) = after.scaling.get(id) else {
                prop_assert_eq!(foreign(before), (vec![], vec![]), "nothing foreign is lost");
                continue;
            };
            prop_assert_eq!(foreign(before), foreign(after));
            let person = before.target.suspended.without(before.target.suspended_by_us());
            prop_assert_eq!(person.without(after.target.suspended), crate::scaling::Suspension::NONE);
        }
    }

    #[test]
    fn a_plan_that_is_cut_short_is_completed_by_the_next(
        (world, _) in any_world(),
        cut in 0_usize..12,
    ) {
        let installation = installation(&[("EXISTING_TARGETS", "adopt")]);
        let (plan, after) = settle(&world, &installation);
        let mut short = plan.clone();
        let mut left = cut;
        for target in &mut short.targets {
            let steps = left.min(target.steps.len());
            target.steps.truncate(steps);
            left -= steps;
        }
        // What is paused before its policies were put gets them when it goes on.
        let go_on = |mut world: Observation| {
            world.tags.remove("autoscaling:paused");
            in_force(&settle(&world, &installation).1)
        };
        let (_, completed) = settle(&carry_out(&world, &short), &installation);
        prop_assert_eq!(go_on(completed), go_on(after));
    }

    #[test]
    fn nothing_is_written_before_it_was_read_whose_it_is((world, _) in any_world()) {
        let installation = installation(&[]);
        let mut seen = Observation { alarms: None, ..world.clone() };
        seen.scaling.values_mut().for_each(|held| held.target.tags = None);
        let mut rounds = 0;
        let plan = loop {
            let plan = decide(&seen, &installation);
            let wants = plan.wants(&seen);
            if wants.is_nothing() {
                break plan;
            }
            for (id, _) in wants.tags {
                let tags = &world.scaling[&id].target.tags;
                seen.scaling.get_mut(&id).expect("held").target.tags.clone_from(tags);
            }
            if wants.alarms {
                seen.alarms.clone_from(&world.alarms);
            }
            rounds += 1;
            prop_assert!(rounds <= 3, "{plan:#?}");
        };
        for target in &plan.targets {
            let held = seen.scaling.get(&target.id);
            let unread = held.is_some_and(|held| held.target.tags.is_none());
            prop_assert!(!unread || target.actions().next().is_none(), "{target:#?}");
        }
        carry_out(&seen, &plan);
    }

    #[test]
    fn the_order_inside_a_document_means_nothing((world, _) in any_world()) {
        let installation = installation(&[]);
        let sorted = |world: &Observation| {
            let mut plan = decide(world, &installation);
            // A long value is clipped, and shown as it was written.
            plan.problems.iter_mut().for_each(|problem| problem.value = Value::Null);
            plan.problems.sort_by_key(ToString::to_string);
            plan
        };
        prop_assert_eq!(sorted(&world), sorted(&rewritten(world)));
    }
}
