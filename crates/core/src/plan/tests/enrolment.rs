//! Who is scaled at all.

use super::fixture::*;
use crate::observation::Observation;
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;
use serde_json::json;

#[test]
fn what_cannot_be_scaled_is_left_alone_with_its_reason() {
    let instance_type = |name: &str| {
        plain().variant(|variant| {
            variant.config.as_mut().expect("a config").instance_type = Some(name.into());
        })
    };
    check_left_alone(
        &instance_type("ml.t2.medium"),
        Reason::BurstableInstanceType,
    );
    check_bounds(&instance_type("ml.trn1.2xlarge"), (1, 4));
    let components =
        plain().variant(|variant| variant.config.as_mut().expect("a config").has_model = false);
    check_left_alone(&components, Reason::HostsInferenceComponents);
    let updating = plain().endpoint(|endpoint| endpoint.status = "Updating".into());
    check_left_alone(&updating, Reason::EndpointNotInService);
    let mut gone = plain();
    gone.endpoint = None;
    assert_eq!(
        decide(&gone, &installation(&[])).reason,
        Some(Reason::EndpointNotFound)
    );
}

#[test]
fn enrolment_follows_filters_then_tag_then_documents_then_the_installation() {
    let opt_in = &[("ENROLLMENT", "opt-in")][..];
    let check = |observation, variables: &[(&str, &str)], expected| {
        let reason = decide(&observation, &installation(variables)).reason;
        assert_eq!(reason, expected);
    };
    let tagged = plain().tagged(&[("autoscaling:enabled", "true")]);
    let disabling = plain().profile(&json!({"Enabled": false}));
    check(plain(), &[], None);
    check(plain(), opt_in, Some(Reason::NotEnrolled));
    check(tagged.clone(), opt_in, None);
    check(
        plain().profile(&json!({"Enabled": true})),
        opt_in,
        Some(Reason::NotEnrolled),
    );
    check(disabling.clone(), &[], Some(Reason::Disabled));
    check(disabling.own(&json!({"Enabled": true})), opt_in, None);
    check(
        tagged,
        &[("ENDPOINT_EXCLUDE", "pr*")],
        Some(Reason::NotEnrolled),
    );
}

#[test]
fn what_cannot_be_scaled_for_other_reasons_is_left_alone_too() {
    let pools = plain().variant(|variant| variant.instance_pools = true);
    check_left_alone(&pools, Reason::InstancePools);
    check_left_alone(
        &serverless(None, 20),
        Reason::ServerlessWithoutProvisionedConcurrency,
    );
}

#[test]
fn every_variant_gets_a_target_of_its_own() {
    // Shadow variants come as variants.
    let two = plain()
        .endpoint(|endpoint| endpoint.variants.push(variant("shadow")))
        .tagged(&[("autoscaling:max-capacity:shadow", "9")]);
    let after = settled(&two);
    let ranges = after
        .scaling
        .iter()
        .map(|(id, held)| (id.clone(), held.target.range));
    assert_eq!(
        ranges.collect::<Vec<_>>(),
        [(id("AllTraffic"), range(1, 4)), (id("shadow"), range(1, 9))]
    );
}

#[test]
fn one_variant_that_cannot_be_scaled_does_not_keep_the_others() {
    let mixed = plain().endpoint(|endpoint| {
        let mut burstable = variant("small");
        burstable.config.as_mut().expect("a config").instance_type = Some("ml.t2.medium".into());
        endpoint.variants.push(burstable);
    });
    let (plan, after) = settle(&mixed, &installation(&[]));
    assert_eq!(
        after.scaling.into_keys().collect::<Vec<_>>(),
        [id("AllTraffic")]
    );
    assert_eq!(plan.targets[1].reason, Some(Reason::BurstableInstanceType));
}

#[test]
fn who_is_enrolled_by_default_waits_until_the_endpoint_has_settled() {
    let settling = &[("SETTLE_MINUTES", "10")][..];
    let changed = |minutes: i64| {
        let now = plain().now;
        plain().endpoint(|endpoint| {
            endpoint.last_modified = Some(now - jiff::SignedDuration::from_mins(minutes));
        })
    };
    let check = |observation: &Observation, variables, waits: bool| {
        let (plan, _) = settle(observation, &installation(variables));
        let target = &plan.targets[0];
        let found = (target.idle_outcome, target.reason);
        let waited = found == (Outcome::Deferred, Some(Reason::Settling));
        assert_eq!(waited, waits, "{found:?}");
        assert_eq!(operations(&plan).is_empty(), waits);
    };
    check(&changed(9), settling, true);
    check(&changed(10), settling, false);
    check(&changed(9), &[], false);
    check(&plain(), settling, false);
    // Asked for, by its tag or its own document.
    let tagged = changed(0).tagged(&[("autoscaling:enabled", "true")]);
    check(&tagged, settling, false);
    let own = |document| changed(0).own(&document);
    check(&own(json!({"Enabled": true})), settling, false);
    check(&own(json!({})), settling, true);
    check(
        &changed(0).profile(&json!({"Enabled": true})),
        settling,
        true,
    );
    // Once registered, there is nobody to wait for.
    let (_, registered) = settle(&changed(20), &installation(settling));
    let changed_again = registered
        .endpoint(|endpoint| endpoint.last_modified = Some(plain().now))
        .tagged(&[("autoscaling:max-capacity", "9")]);
    check(&changed_again, settling, false);
}
