//! Whatever is configured and held: plans are legal, polite and final.

use super::fixture::*;
use crate::naming::NAME_PREFIX;
use crate::observation::{HeldScaling, Observation, Owner, memory};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn any_document() -> impl Strategy<Value = Value> {
    let capacity = || proptest::option::of(0_u32..12);
    let target = proptest::option::of(1_u32..200);
    let name = prop_oneof![Just("a"), Just("endpoint-autoscaler-a"), Just("b")];
    (capacity(), capacity(), target, name, any::<bool>()).prop_map(
        |(min, max, target, name, own)| {
            let mut document = json!({});
            let into = if own {
                &mut document["Variants"]["AllTraffic"]
            } else {
                &mut document
            };
            *into = json!({});
            if let Some(min) = min {
                into["MinCapacity"] = min.into();
            }
            if let Some(max) = max {
                into["MaxCapacity"] = max.into();
            }
            if let Some(target) = target {
                into["ScalingPolicies"] = json!([{"PolicyName": name,
                "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target,
                "PredefinedMetricSpecification":
                    {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}}]);
            }
            document
        },
    )
}

fn any_tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let tag = prop_oneof![
        (Just("autoscaling:min-capacity"), "[0-9]"),
        (Just("autoscaling:max-capacity:AllTraffic"), "[0-9]"),
        (Just("autoscaling:enabled"), "true|false|maybe"),
        (Just("autoscaling:hold"), "true|false|prod-config|x"),
        (Just("autoscaling:target-value"), "[0-9]{1,2}"),
        (Just("autoscaling:nonsense"), "x"),
        (Just("team"), "ml"),
    ];
    let tag = tag.prop_map(|(key, value)| (key.to_owned(), value));
    proptest::collection::btree_map(any::<u8>(), tag, 0..4)
        .prop_map(|tags| tags.into_values().collect())
}

fn any_held() -> impl Strategy<Value = Option<HeldScaling>> {
    let owner = prop_oneof![
        Just(None),
        Just(Some("endpoint-autoscaler")),
        Just(Some("another"))
    ];
    let policies = prop_oneof![
        Just(vec![]),
        Just(vec![held_policy(tracking("theirs", 9.0))]),
        Just(vec![held_policy(tracking("endpoint-autoscaler-old", 9.0))]),
    ];
    let applied = proptest::option::of((1_u32..5, 0_u32..9));
    proptest::option::of((1_u32..9, 0_u32..9, owner, applied, policies).prop_map(
        |(min, more, owner, applied, policies)| {
            let mut scaling = held((min, min + more), &[]);
            let tags = scaling.target.tags.get_or_insert_default();
            if let Some(owner) = owner {
                tags.insert(memory::MANAGED_BY.into(), owner.into());
                if let Some((min, more)) = applied {
                    tags.insert(memory::APPLIED.into(), format!("{min}-{}", min + more));
                }
            }
            scaling.policies = policies;
            scaling
        },
    ))
}

proptest! {
    #[test]
    fn every_plan_is_legal_polite_and_final(
        profile in proptest::option::of(any_document()),
        own in proptest::option::of(any_document()),
        tags in any_tags(),
        held in any_held(),
        existing in prop_oneof![Just("leave"), Just("adopt")],
    ) {
        let installation = installation(&[("EXISTING_TARGETS", existing)]);
        let mut observation = Observation { tags, ..plain() };
        observation.documents.profile = profile.map(|document| parameter("profiles/default", &document));
        observation.documents.endpoint = own.map(|document| parameter("endpoints/prod", &document));
        observation.scaling.extend(held.map(|held| (id("AllTraffic"), held)));
        // `carry_out` panics on a call that AWS would refuse, `settle` when a second run writes.
        let (plan, after) = settle(&observation, &installation);
        prop_assert!(plan.problems.is_empty() || operations(&plan).is_empty() || plan.reason.is_some());
        let foreign = |observation: &Observation| {
            let held = observation.scaling.get(&id("AllTraffic"));
            let policies = held.map(|held| held.policies.clone()).unwrap_or_default();
            policies.into_iter().filter(|policy| !policy.policy.name.starts_with(NAME_PREFIX)).collect::<Vec<_>>()
        };
        prop_assert_eq!(foreign(&observation), foreign(&after), "policies of others stay");
        let owner = observation.scaling.get(&id("AllTraffic")).map(|held| held.target.owner("endpoint-autoscaler"));
        if owner == Some(Owner::OtherInstallation) || (owner == Some(Owner::Foreign) && existing == "leave") {
            prop_assert_eq!(&observation, &after, "targets of others stay");
        }
    }
}
