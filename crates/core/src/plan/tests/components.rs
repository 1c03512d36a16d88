//! Inference components: which are scaled, and when.

use super::fixture::*;
use crate::kind::Kind;
use crate::observation::Observation;
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;
use serde_json::json;

fn llama() -> crate::name::TargetId {
    id_of(Kind::InferenceComponent, "llama")
}

/// The variant that hosts it is left alone; the component gets this outcome and reason.
#[track_caller]
fn check(observation: &Observation, outcome: Outcome, reason: Option<Reason>) {
    let (plan, _) = settle(observation, &installation(&[]));
    let [host, component] = &plan.targets[..] else {
        panic!("{plan:#?}")
    };
    assert_eq!(host.reason, Some(Reason::HostsInferenceComponents));
    assert_eq!(host.idle_outcome, Outcome::Skipped);
    assert_eq!(
        (component.id.clone(), component.kind),
        (llama(), Kind::InferenceComponent)
    );
    let idle = component.actions().next().is_none();
    let found = if idle {
        component.idle_outcome
    } else {
        component.busy_outcome
    };
    assert_eq!((found, component.reason), (outcome, reason));
}

#[test]
fn the_status_decides() {
    let in_status = |status: &str| component(1, 0).component(|llama| llama.status = status.into());
    let reason = Some(Reason::InferenceComponentNotInService);
    check(&in_status("InService"), Outcome::Configured, None);
    check(&in_status("Creating"), Outcome::Deferred, reason);
    check(&in_status("Updating"), Outcome::Deferred, reason);
    check(&in_status("Failed"), Outcome::Skipped, reason);
    check(&in_status("Deleting"), Outcome::Skipped, reason);
}

#[test]
fn an_adapter_has_no_copies_of_its_own() {
    let adapter = component(1, 0).component(|llama| {
        llama.described.as_mut().expect("described").is_adapter = true;
    });
    check(
        &adapter,
        Outcome::Skipped,
        Some(Reason::InferenceComponentAdapter),
    );
}

#[test]
fn a_variant_is_known_to_host_by_any_of_its_signs() {
    let by_components = component(1, 0).variant(|variant| {
        variant.managed_instance_scaling = None;
        variant.config.as_mut().expect("a config").has_model = true;
    });
    check(&by_components, Outcome::Configured, None);
    let by_config = plain().variant(|variant| {
        variant.config.as_mut().expect("a config").has_model = false;
    });
    check_left_alone(&by_config, Reason::HostsInferenceComponents);
    let by_scaling = component(1, 0).endpoint(|endpoint| endpoint.components.clear());
    check_left_alone(&by_scaling, Reason::HostsInferenceComponents);
}

#[test]
fn zero_copies_need_a_variant_that_may_have_no_instances() {
    let asleep = json!({"InferenceComponent": {"MinCapacity": 0}});
    settled(&component(1, 0).profile(&asleep));
    check_refused(
        &component(1, 1).profile(&asleep),
        &[
            "InferenceComponent.MinCapacity",
            "at least 1 for an inference component whose variant has no ManagedInstanceScaling",
        ],
    );
    let without = component(1, 1).variant(|variant| variant.managed_instance_scaling = None);
    check_refused(&without.profile(&asleep), &["at least 1"]);
}

#[test]
fn a_component_may_bear_the_name_of_its_variant() {
    let twins = component(0, 0).component(|component| {
        component.name = crate::name::ComponentName::new("AllTraffic").expect("a name");
    });
    let after = settled(&twins);
    assert_eq!(
        after.alarm_names(),
        ["endpoint-autoscaler-prod/AllTraffic/wake-up"]
    );
    // Both are released, and no alarm is deleted twice.
    let woken = after
        .component(|component| component.described.as_mut().expect("described").copies = Some(1))
        .tagged(&[("autoscaling:enabled", "false")]);
    check_calls(&woken, &["DeleteAlarms", "DeregisterScalableTarget"]);
}
