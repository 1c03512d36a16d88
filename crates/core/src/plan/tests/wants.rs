//! What is read before anything is written, and how much a plan takes away.

use super::fixture::*;
use crate::desire::retire;
use crate::observation::Observation;
use crate::plan::{EndpointPlan, plan};
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;
use serde_json::json;

/// As it is seen at first: neither tags nor alarms were read.
fn at_first(mut observation: Observation) -> Observation {
    observation.alarms = None;
    for held in observation.scaling.values_mut() {
        held.target.tags = None;
    }
    observation
}

/// Whether tags and alarms are wanted before the plan may be trusted.
#[track_caller]
fn check(observation: Observation, tags: bool, alarms: bool) {
    let observation = at_first(observation);
    let wants = decide(&observation, &installation(&[])).wants(&observation);
    assert_eq!((!wants.tags.is_empty(), wants.alarms), (tags, alarms));
    assert_eq!(wants.is_nothing(), !tags && !alarms);
    for (id, arn) in wants.tags {
        assert_eq!(observation.scaling[&id].target.arn, arn);
    }
}

#[test]
fn tags_are_read_only_when_something_would_be_written() {
    check(plain(), false, false);
    check(settled(&plain()), false, false);
    for tag in [
        ("autoscaling:max-capacity", "8"),
        ("autoscaling:target-value", "8"),
        ("autoscaling:paused", "true"),
        ("autoscaling:enabled", "false"),
    ] {
        check(settled(&plain()).tagged(&[tag]), true, false);
    }
    let mut suspended = settled(&plain());
    suspended.held_mut().target.suspended.scale_in = true;
    check(suspended, true, false);
    let paused = settled(&plain()).tagged(&[("autoscaling:paused", "true")]);
    check(settled(&paused), false, false);
    let mut moved = settled(&plain());
    moved.held_mut().target.range = range(1, 2);
    check(moved, true, false);
}

#[test]
fn alarms_are_read_only_where_there_are_were_or_shall_be_some() {
    let surge = json!({"ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])]});
    check(plain().profile(&surge), false, true);
    let after = settled(&plain().profile(&surge));
    check(after.clone(), false, true);
    check(after.clone().profile(&json!({})), true, true);
    let stopped = after.clone().tagged(&[("autoscaling:enabled", "false")]);
    check(stopped, true, true);
    // A policy without alarms of its own: some may be left.
    let bare = json!({"ScalingPolicies": [step("surge", &[])]});
    check(settled(&plain().profile(&bare)), false, true);
    let mistaken = after.tagged(&[("autoscaling:nonsense", "")]);
    check(mistaken, false, false);
    let mut foreign = held((1, 2), &[]);
    let mut policy = held_policy(tracking("theirs", 1.0));
    policy.alarms = vec!["TargetTracking-endpoint/prod".into()];
    foreign.policies.push(policy);
    check(plain().holding(id("AllTraffic"), foreign), true, false);
}

#[test]
fn a_quiet_run_finds_nothing_to_do_without_reading_tags() {
    for (observation, _) in every_kind() {
        let after = settled(&observation);
        let first = at_first(after);
        let quiet = decide(&first, &installation(&[]));
        assert!(quiet.is_empty());
        assert!(quiet.wants(&first).tags.is_empty());
    }
}

#[test]
fn a_retired_endpoint_wants_its_alarms() {
    let mut gone = at_first(settled(&plain()));
    gone.endpoint = None;
    let wants = plan(retire(&gone), &gone, &installation(&[]), false).wants(&gone);
    assert!(wants.alarms);
    assert_eq!(wants.tags.len(), 1);
}

/// How many targets are released or lowered, and what is left when none may be.
#[track_caller]
fn check_disruption(plan: EndpointPlan, expected: usize, left: &[&str]) {
    assert_eq!(plan.disruption(), expected);
    let spared = plan.without_disruption();
    assert_eq!(operations(&spared), left);
    assert_eq!(spared.disruption(), 0);
    let spared = spared.targets.iter();
    let spared = spared.filter(|target| target.reason == Some(Reason::BlastRadius));
    assert!(
        spared
            .clone()
            .all(|target| target.idle_outcome == Outcome::Skipped)
    );
    assert_eq!(spared.count(), expected);
}

#[test]
fn releasing_or_lowering_is_disruptive_and_can_be_left_out() {
    let of = |observation: &Observation| decide(observation, &installation(&[]));
    let two = plain().endpoint(|endpoint| endpoint.variants.push(variant("blue")));
    let after = settled(&two.profile(&json!({"MinCapacity": 2, "MaxCapacity": 5})));
    let tagged = |tags| after.clone().tagged(tags);
    check_disruption(of(&after), 0, &[]);
    check_disruption(of(&tagged(&[("autoscaling:enabled", "false")])), 2, &[]);
    check_disruption(of(&tagged(&[("autoscaling:max-capacity", "4")])), 2, &[]);
    check_disruption(of(&tagged(&[("autoscaling:min-capacity", "1")])), 2, &[]);
    let policy = &[("autoscaling:target-value", "9")];
    check_disruption(
        of(&tagged(policy)),
        0,
        &["PutScalingPolicy", "PutScalingPolicy"],
    );
    let write = ["TagResource", "RegisterScalableTarget", "TagResource"];
    let one_each = [
        ("autoscaling:max-capacity:AllTraffic", "4"),
        ("autoscaling:max-capacity:blue", "6"),
    ];
    check_disruption(of(&tagged(&one_each)), 1, &write);
    let paused = tagged(&[("autoscaling:paused", "true")]);
    check_disruption(
        of(&paused),
        0,
        &["TagResource", "RegisterScalableTarget"].repeat(2),
    );
    check_disruption(
        of(&plain()),
        0,
        &["RegisterScalableTarget", "PutScalingPolicy"],
    );
    let foreign = plain()
        .holding(id("AllTraffic"), held((5, 9), &[]))
        .tagged(&[("autoscaling:enabled", "false")]);
    check_disruption(of(&foreign), 0, &[]);
}

#[test]
fn what_is_left_out_still_explains_its_settings() {
    let lowered = settled(&plain()).tagged(&[("autoscaling:max-capacity", "2")]);
    let plan = decide(&lowered, &installation(&[])).without_disruption();
    assert_eq!(plan.targets[0].settings["MaxCapacity"]["value"], 2);
}

#[test]
fn what_the_alarms_call_for_is_written_to_targets_whose_tags_were_read() {
    let surge = json!({"ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])]});
    let after = settled(&plain().profile(&surge));
    let read = Observation {
        alarms: after.alarms.clone(),
        ..at_first(after.clone())
    };
    let wants =
        |observation: &Observation| decide(observation, &installation(&[])).wants(observation);
    assert!(wants(&read).is_nothing());
    let spoilt = Observation {
        alarms: Some(Vec::new()),
        ..read
    };
    assert_eq!(wants(&spoilt).tags.len(), 1);
}
