//! Targets of others: left alone, or taken over and given back as they were.

use super::fixture::*;
use crate::installation::Installation;
use crate::observation::{HeldScaling, HeldScheduledAction, Observation, memory};
use crate::report::Reason;
use crate::scaling::Suspension;
use pretty_assertions::assert_eq;
use serde_json::json;

const OTHER: &[(&str, &str)] = &[("endpoint-autoscaler:managed-by", "another")];

fn adopting() -> Installation {
    installation(&[("EXISTING_TARGETS", "adopt")])
}

fn with(scaling: HeldScaling) -> Observation {
    plain().holding(id("AllTraffic"), scaling)
}

#[test]
fn a_foreign_target_is_left_alone() {
    for tags in [&[][..], OTHER] {
        check_left_alone(&with(held((2, 3), tags)), Reason::ForeignScalableTarget);
    }
}

#[test]
fn another_installation_is_never_adopted_from() {
    let observation = with(held((2, 3), OTHER));
    for tags in [&[][..], &[("autoscaling:enabled", "false")]] {
        let (plan, _) = settle(&observation.clone().tagged(tags), &adopting());
        assert_eq!(operations(&plan), [""; 0]);
    }
}

#[test]
fn a_tag_adopts_only_where_the_installation_lets_tags_decide() {
    let observation = with(held((2, 3), &[]));
    let check = |existing, tag, adopted| {
        let tagged = observation.clone().tagged(&[(tag, "true")]);
        let (plan, _) = settle(&tagged, &installation(&[("EXISTING_TARGETS", existing)]));
        assert_eq!(!operations(&plan).is_empty(), adopted, "{existing} {tag}");
    };
    check("leave", "autoscaling:adopt", false);
    check("by-tag", "autoscaling:adopt", true);
    check("by-tag", "autoscaling:adopt:AllTraffic", true);
    check("by-tag", "autoscaling:enabled", false);
    check("adopt", "autoscaling:enabled", true);
}

#[test]
fn adoption_keeps_bounds_and_foreign_policies_and_gives_them_back() {
    let adopting = installation(&[("EXISTING_TARGETS", "by-tag")]);
    let mut foreign = held((2, 3), &[("team", "ml")]);
    foreign
        .policies
        .push(held_policy(tracking("theirs", 500.0)));
    let observation = with(foreign).tagged(&[
        ("autoscaling:adopt", "true"),
        ("autoscaling:max-capacity", "9"),
    ]);
    let (plan, after) = settle(&observation, &adopting);
    assert_eq!(
        operations(&plan),
        ["TagResource", "RegisterScalableTarget", "TagResource"]
    );
    assert_eq!(plan.targets[0].reason, Some(Reason::ConflictingPolicy));
    assert_eq!(after.held().target.range, range(2, 9));
    // Released, it is what it was.
    let after = after.tagged(&[("autoscaling:enabled", "false")]);
    let (_, released) = settle(&after, &adopting);
    assert_eq!(released.scaling, observation.scaling);
}

#[test]
fn bounds_that_nobody_states_stay_as_they_were_found() {
    // Beyond what a fresh endpoint would get.
    let (plan, after) = settle(&with(held((3, 30), &[])), &adopting());
    assert_eq!(after.held().target.range, range(3, 30));
    assert_eq!(
        plan.targets[0].settings["MinCapacity"]["source"],
        "adopted target"
    );
    // A bound that is stated for a while goes back afterwards.
    let (_, stated) = settle(
        &after.tagged(&[("autoscaling:max-capacity", "9")]),
        &adopting(),
    );
    assert_eq!(stated.held().target.range, range(3, 9));
    let (_, back) = settle(&stated.untagged(), &adopting());
    assert_eq!(back.held().target.range, range(3, 30));
    // Its owner may still move it.
    let mut moved = back;
    moved.held_mut().target.range = range(4, 40);
    let (plan, _) = settle(&moved, &adopting());
    assert_eq!(operations(&plan), [""; 0]);
    assert_eq!(plan.targets[0].reason, Some(Reason::BoundsMoved));
}

#[test]
fn what_is_foreign_stays_beside_ours_and_after_it() {
    let mut foreign = held((2, 3), &[]);
    let mut policy = held_policy(tracking("theirs", 1.0));
    policy.policy.body = crate::scaling::PolicyBody::Opaque;
    foreign.policies.push(policy);
    foreign.scheduled_actions.push(HeldScheduledAction {
        name: "theirs".into(),
        action: None,
    });
    foreign.target.suspended = Suspension::parse("scheduled");
    let observation = with(foreign).profile(&json!({
        "MinCapacity": 1,
        "ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])],
        "ScheduledActions": [scheduled("day", "rate(1 day)", &json!({"MinCapacity": 1}))]}));
    let (_, after) = settle(&observation, &adopting());
    assert_eq!(
        after.policy_names(),
        ["theirs", "endpoint-autoscaler-surge"]
    );
    assert_eq!(after.held().scheduled_actions.len(), 2);
    assert_eq!(after.alarm_names().len(), 1);
    let (plan, released) = settle(
        &after.tagged(&[("autoscaling:enabled", "false")]),
        &adopting(),
    );
    assert_eq!(
        operations(&plan),
        [
            "DeleteAlarms",
            "DeleteScheduledAction",
            "DeleteScalingPolicy",
            "RegisterScalableTarget",
            "UntagResource"
        ]
    );
    assert_eq!(released.scaling, observation.scaling);
    assert_eq!(released.alarm_names(), [""; 0]);
}

#[test]
fn our_suspension_is_lifted_on_release_and_theirs_stays() {
    let mut foreign = held((2, 3), &[]);
    foreign.target.suspended = Suspension::parse("scheduled");
    let observation = with(foreign);
    let (_, adopted) = settle(&observation, &adopting());
    let (_, paused) = settle(
        &adopted.tagged(&[("autoscaling:paused", "true")]),
        &adopting(),
    );
    assert_eq!(paused.held().target.suspended, Suspension::ALL);
    let (plan, released) = settle(
        &paused.tagged(&[("autoscaling:enabled", "false")]),
        &adopting(),
    );
    assert_eq!(
        operations(&plan),
        [
            "DeleteScalingPolicy",
            "RegisterScalableTarget",
            "UntagResource"
        ]
    );
    assert_eq!(released.scaling, observation.scaling);
}

#[test]
fn a_target_of_ours_that_carries_something_foreign_is_only_let_go() {
    let mut after = settled(&plain());
    after
        .held_mut()
        .policies
        .push(held_policy(crate::scaling::ScalingPolicy {
            name: "theirs".into(),
            body: crate::scaling::PolicyBody::Opaque,
        }));
    let released = check_calls(
        &after.tagged(&[("autoscaling:enabled", "false")]),
        &["DeleteScalingPolicy", "UntagResource"],
    );
    assert_eq!(released.policy_names(), ["theirs"]);
    let tags = released.held().target.tags.as_ref().expect("read");
    assert!(
        memory::ALL.iter().all(|key| !tags.contains_key(*key)),
        "{tags:?}"
    );
    assert_eq!(released.held().target.range, range(1, 4));
}

#[test]
fn the_memory_of_an_adoption_survives_a_crash_in_between() {
    let observation = with(held((2, 3), &[])).tagged(&[("autoscaling:max-capacity", "9")]);
    let plan = decide(&observation, &adopting());
    let steps = plan.targets[0].steps.len();
    for done in 0..steps {
        let mut cut = plan.clone();
        cut.targets[0].steps.truncate(done);
        let (_, after) = settle(&super::aws::carry_out(&observation, &cut), &adopting());
        assert_eq!(after.held().target.range, range(2, 9));
        assert_eq!(after.held().target.adopted(), Some(range(2, 3)));
    }
}
