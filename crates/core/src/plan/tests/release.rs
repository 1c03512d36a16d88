//! Targets given back.

use super::aws::carry_out;
use super::fixture::*;
use crate::desire::retire;
use crate::kind::Kind;
use crate::observation::Observation;
use crate::plan::{Action, EndpointPlan, plan, release_orphan};
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;
use serde_json::json;
use std::collections::BTreeMap;

const STOP: &[(&str, &str)] = &[("autoscaling:enabled", "false")];

#[test]
fn stopping_releases_what_is_ours_even_beside_mistakes() {
    for (stop, reason) in [
        (("autoscaling:enabled", "false"), Reason::Disabled),
        (("autoscaling:hold", "prod-config"), Reason::Held),
        (("autoscaling:hold", "true"), Reason::Held),
    ] {
        let after = settled(&plain()).tagged(&[stop, ("autoscaling:nonsense", "1")]);
        let (plan, released) = settle(&after, &installation(&[]));
        assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
        assert_eq!(plan.targets[0].busy_outcome, Outcome::Released);
        assert_eq!(plan.targets[0].reason, Some(reason));
        assert_eq!(released.scaling, BTreeMap::new());
        check_left_alone(&released, reason);
    }
    let elsewhere = plain().tagged(&[("autoscaling:hold", "another-config")]);
    check_bounds(&elsewhere, (1, 4));
}

#[test]
fn a_documents_word_stops_writing_and_leaves_what_is_there() {
    let after = settled(&plain()).profile(&json!({"Enabled": false, "MaxCapacity": 9}));
    check_left_alone(&after, Reason::Disabled);
}

fn retired(observation: &Observation) -> (EndpointPlan, Observation) {
    let installation = installation(&[]);
    let plan = plan(retire(observation), observation, &installation, false);
    let after = carry_out(observation, &plan);
    (plan, after)
}

#[test]
fn a_retired_endpoint_loses_only_what_is_ours() {
    let mut after = settled(&plain()).holding(id("other"), held((1, 2), &[]));
    after.endpoint = None;
    let (plan, after) = retired(&after);
    assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
    assert_eq!(after.scaling.into_keys().collect::<Vec<_>>(), [id("other")]);
}

#[test]
fn a_retired_endpoint_loses_its_alarms_even_without_a_target() {
    let document = json!({"ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])]});
    let mut after = settled(&plain().profile(&document));
    after.endpoint = None;
    let (plan, _) = retired(&after);
    assert_eq!(
        operations(&plan),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    // AWS deregistered it by itself.
    after.scaling.clear();
    let (plan, after) = retired(&after);
    assert_eq!(operations(&plan), ["DeleteAlarms"]);
    assert_eq!(plan.targets[0].busy_outcome, Outcome::Released);
    assert_eq!(after.alarm_names(), [""; 0]);
}

fn asleep() -> Observation {
    let awake = asynchronous().profile(&json!({"Asynchronous": {"MinCapacity": 0}}));
    settled(&awake).variant(|variant| variant.current_instance_count = Some(0))
}

#[test]
fn a_target_without_capacity_is_raised_before_it_is_released() {
    let (plan, raised) = settle(&asleep().tagged(STOP), &installation(&[]));
    assert_eq!(operations(&plan), ["TagResource", "RegisterScalableTarget"]);
    assert_eq!(plan.targets[0].busy_outcome, Outcome::Deferred);
    assert_eq!(raised.held().target.range, range(1, 4));
    // An owner who changes his mind gets back what he had.
    let mut changed_mind = raised.clone();
    changed_mind.tags.clear();
    let (_, back) = settle(&changed_mind, &installation(&[]));
    assert_eq!(back.held().target.range, range(0, 4));
    // Not up yet.
    let (plan, raised) = settle(&raised, &installation(&[]));
    assert_eq!(plan.targets[0].idle_outcome, Outcome::Deferred);
    let up = raised.variant(|variant| variant.current_instance_count = Some(1));
    let (plan, released) = settle(&up, &installation(&[]));
    assert_eq!(
        operations(&plan),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    assert_eq!(plan.targets[0].busy_outcome, Outcome::Released);
    assert_eq!(released.scaling, BTreeMap::new());
}

#[test]
fn a_component_whose_copies_were_not_read_is_raised_as_well() {
    let after = settled(&component(0, 0))
        .component(|component| component.described = None)
        .tagged(STOP);
    let plan = decide(&after, &installation(&[]));
    assert_eq!(operations(&plan), ["TagResource", "RegisterScalableTarget"]);
    assert_eq!(plan.targets[1].busy_outcome, Outcome::Deferred);
    let (plan, released) = settle(&carry_out(&after, &plan), &installation(&[]));
    assert_eq!(
        operations(&plan),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    assert_eq!(released.scaling, BTreeMap::new());
}

#[test]
fn capacity_no_longer_matters_to_an_endpoint_that_goes_away() {
    let going = asleep().endpoint(|endpoint| endpoint.status = "Deleting".into());
    let (plan, _) = retired(&going);
    assert_eq!(
        operations(&plan),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    assert_eq!(plan.targets[0].busy_outcome, Outcome::Released);
}

#[test]
fn targets_of_what_is_no_more_are_released_if_they_are_ours() {
    let gone = [
        id("gone"),
        id_of(Kind::InferenceComponent, "gone"),
        // The variant has instances now.
        id_of(Kind::Serverless, "AllTraffic"),
    ];
    for id in gone {
        for (tags, expected) in [
            (OURS, &["DeregisterScalableTarget"][..]),
            (&[], &[]),
            (&[("endpoint-autoscaler:managed-by", "another")], &[]),
        ] {
            let observation = settled(&plain()).holding(id.clone(), held((0, 2), tags));
            check_calls(&observation, expected);
        }
    }
}

#[test]
fn alarms_of_what_is_no_more_are_deleted() {
    let document = json!({"ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])]});
    let two = plain()
        .endpoint(|endpoint| endpoint.variants.push(variant("blue")))
        .profile(&document);
    let mut after = settled(&two).endpoint(|endpoint| drop(endpoint.variants.pop()));
    let (plan, _) = settle(&after, &installation(&[]));
    assert_eq!(
        operations(&plan),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    // AWS deregistered the target together with the variant.
    after.scaling.remove(&id("blue"));
    let after = check_calls(&after, &["DeleteAlarms"]);
    assert_eq!(
        after.alarm_names(),
        ["endpoint-autoscaler-prod/AllTraffic/slow"]
    );
}

#[test]
fn a_variant_that_changes_its_kind_keeps_the_alarms_of_its_name() {
    let document = |section: &str| {
        let policies = [step("surge", &[alarm("slow", "ModelLatency")])];
        json!({"ScalingPolicies": policies, section: {"ScalingPolicies": policies}})
    };
    let before = settled(&plain().profile(&document("Serverless")));
    let mut after = serverless(Some(2), 20).profile(&document("Serverless"));
    (after.scaling, after.alarms) = (before.scaling, before.alarms);
    let (_, after) = settle(&after, &installation(&[]));
    assert_eq!(
        after.alarm_names(),
        ["endpoint-autoscaler-prod/AllTraffic/slow"]
    );
    assert_eq!(after.held().policies[0].alarms.len(), 1);
}

#[test]
fn an_orphan_is_released_only_if_it_is_ours() {
    let document = json!({"ScalingPolicies": [step("surge", &[alarm("slow", "ModelLatency")])]});
    let held = settled(&plain().profile(&document)).held().clone();
    let operations = |managed_by| {
        let installation = installation(&[("MANAGED_BY", managed_by)]);
        let plan = release_orphan(id("AllTraffic"), &held, &installation);
        let operations = plan.actions().map(Action::operation);
        operations.collect::<Vec<_>>()
    };
    assert_eq!(
        operations("endpoint-autoscaler"),
        ["DeleteAlarms", "DeregisterScalableTarget"]
    );
    assert_eq!(operations("another"), [""; 0]);
}
