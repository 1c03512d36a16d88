//! Any endpoint, configured anyhow, with anything held for it.

use super::aws::associate_alarms;
use super::fixture::*;
use crate::kind::Kind;
use crate::name::TargetId;
use crate::naming::{alarm_description, alarm_name, alarms_of_target};
use crate::observation::{HeldAlarm, HeldScaling, HeldScheduledAction, Observation, Owner, memory};
use crate::scaling::{PolicyBody, ScalingPolicy, Suspension};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn any_policy() -> impl Strategy<Value = Value> {
    let name = || {
        prop_oneof![
            Just("a"),
            Just("endpoint-autoscaler-a"),
            Just("b"),
            Just("${EndpointName}")
        ]
    };
    let metric = prop_oneof![
        3 => Just("SageMakerVariantInvocationsPerInstance"),
        1 => Just("SageMakerVariantConcurrentRequestsPerModelHighResolution"),
        1 => Just("SageMakerVariantProvisionedConcurrencyUtilization"),
        1 => Just("SageMakerInferenceComponentInvocationsPerCopy"),
    ];
    let target = prop_oneof![Just(0.5), Just(1.0), Just(70.0)];
    let on = prop_oneof![
        Just("HasBacklogWithoutCapacity"),
        Just("NoCapacityInvocationFailures"),
        Just("ModelLatency"),
        Just("Invocations")
    ];
    let own_alarm =
        (prop_oneof![Just("x"), Just("y")], on).prop_map(|(name, metric)| alarm(name, metric));
    let alarms = proptest::collection::vec(own_alarm, 0..3);
    let backlog = |name: &str| {
        json!({"PolicyName": name, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5,
            "CustomizedMetricSpecification": {"Namespace": "AWS/SageMaker", "Statistic": "Average",
                "MetricName": "ApproximateBacklogSizePerInstance"}}})
    };
    prop_oneof![
        3 => (name(), metric, target).prop_map(|(name, metric, target)| tracks(name, metric, target)),
        3 => (name(), alarms).prop_map(|(name, alarms)| step(name, &alarms)),
        1 => name().prop_map(backlog),
    ]
}

fn any_action() -> impl Strategy<Value = Value> {
    let schedule = prop_oneof![
        Just("cron(0 8 ? * MON-FRI *)"),
        Just("rate(1 day)"),
        Just("at(2026-03-01T00:00:00)"),
        Just("at(2026-04-01T00:00:00)")
    ];
    let name = prop_oneof![Just("day"), Just("night")];
    (name, schedule, of(0_u32..4), 4_u32..9).prop_map(|(name, schedule, min, max)| {
        let mut action = json!({"MaxCapacity": max});
        if let Some(min) = min {
            action["MinCapacity"] = min.into();
        }
        scheduled(name, schedule, &action)
    })
}

fn any_section() -> impl Strategy<Value = Value> {
    (
        of(0_u32..6),
        of(1_u32..12),
        of(proptest::collection::vec(any_policy(), 0..3)),
        of(proptest::collection::vec(any_action(), 0..3)),
        proptest::bool::weighted(0.2),
    )
        .prop_map(|(min, max, policies, actions, idle)| {
            let mut section = json!({});
            let mut say = |field: &str, value: Option<Value>| {
                if let Some(value) = value {
                    section[field] = value;
                }
            };
            say("MinCapacity", min.map(Value::from));
            say("MaxCapacity", max.map(Value::from));
            say("ScalingPolicies", policies.map(Value::from));
            say("ScheduledActions", actions.map(Value::from));
            say("IdleScaleIn", idle.then(|| json!({"AfterMinutes": 30})));
            section
        })
}

/// A document that speaks of this kind, flatly or by section, by name or not.
fn any_document(kind: Kind) -> impl Strategy<Value = Value> {
    let enabled = prop_oneof![8 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))];
    let section = || prop_oneof![2 => any_section().boxed(), 1 => Just(json!({})).boxed()];
    (section(), section(), enabled).prop_map(move |(whole, named, enabled)| {
        let (section, by_name, name) = match kind {
            Kind::RealTime => ("", "Variants", "AllTraffic"),
            Kind::Asynchronous => ("Asynchronous", "Variants", "AllTraffic"),
            Kind::Serverless => ("Serverless", "Variants", "AllTraffic"),
            Kind::InferenceComponent => ("InferenceComponent", "InferenceComponents", "llama"),
        };
        let mut document = if section.is_empty() {
            whole
        } else {
            json!({ section: whole })
        };
        document[by_name] = json!({name: named, "other": {"MaxCapacity": 3}});
        if let Some(enabled) = enabled {
            document["Enabled"] = enabled.into();
        }
        document
    })
}

fn any_tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let tag = prop_oneof![
        (Just("autoscaling:min-capacity"), "[0-4]"),
        (Just("autoscaling:max-capacity:AllTraffic"), "[3-9]"),
        (Just("autoscaling:enabled"), "true|false|maybe"),
        (Just("autoscaling:hold"), "true|false|prod-config|x"),
        (
            Just("autoscaling:paused"),
            "true|false|scale-in|scale-out|scheduled|x"
        ),
        (Just("autoscaling:target-value"), "[0-9]{1,2}"),
        (Just("autoscaling:nonsense"), "x"),
        (Just("team"), "ml"),
    ];
    let tag = tag.prop_map(|(key, value)| (key.to_owned(), value));
    proptest::collection::btree_map(any::<u8>(), tag, 0..3)
        .prop_map(|tags| tags.into_values().collect())
}

fn any_suspension() -> impl Strategy<Value = Suspension> {
    prop_oneof![
        3 => Just(Suspension::NONE),
        1 => "(scale-in|scale-out|scheduled|scale-in\\+scheduled)".prop_map(|text| Suspension::parse(&text)),
    ]
}

/// Policies of ours and of others, as they are held: at most one that tracks.
fn any_policies() -> impl Strategy<Value = Vec<ScalingPolicy>> {
    let old_step = |name: &str| ScalingPolicy {
        name: name.to_owned(),
        body: PolicyBody::Step(crate::scaling::StepScaling {
            adjustment_type: "ChangeInCapacity".into(),
            step_adjustments: Vec::new(),
            min_adjustment_magnitude: None,
            cooldown: 300,
            metric_aggregation_type: "Average".into(),
        }),
    };
    let opaque = ScalingPolicy {
        name: "opaque".into(),
        body: PolicyBody::Opaque,
    };
    prop_oneof![
        3 => Just(vec![]),
        1 => Just(vec![tracking("theirs", 9.0)]),
        1 => Just(vec![tracking("endpoint-autoscaler-old", 9.0), opaque.clone()]),
        1 => Just(vec![old_step("endpoint-autoscaler-a"), old_step("theirs")]),
        1 => Just(vec![old_step("endpoint-autoscaler-old"), tracking("endpoint-autoscaler-b", 9.0)]),
    ]
}

fn any_held() -> impl Strategy<Value = HeldScaling> {
    let owner = prop_oneof![
        1 => Just(None),
        3 => Just(Some("endpoint-autoscaler")),
        1 => Just(Some("another"))
    ];
    let memory =
        || of((0_u32..5, 0_u32..9).prop_map(|(min, more)| format!("{min}-{}", min + more)));
    let actions = prop_oneof![
        Just(vec![]),
        Just(vec!["theirs"]),
        Just(vec!["endpoint-autoscaler-day", "theirs"])
    ];
    (
        (0_u32..6, 0_u32..9),
        owner,
        memory(),
        memory(),
        any_suspension(),
        any_suspension(),
        any_policies(),
        actions,
    )
        .prop_map(
            |((min, more), owner, applied, adopted, suspended, by_us, policies, actions)| {
                let mut scaling = held((min, min + more), &[("team", "ml")]);
                scaling.target.suspended = suspended;
                if let (Some(owner), Some(tags)) = (owner, &mut scaling.target.tags) {
                    let by_us = (by_us != Suspension::NONE).then(|| by_us.to_string());
                    let memory = [
                        (memory::MANAGED_BY, Some(owner.to_owned())),
                        (memory::APPLIED, applied),
                        (memory::ADOPTED, adopted),
                        (memory::SUSPENDED, by_us),
                    ];
                    let memory = memory.into_iter();
                    tags.extend(memory.filter_map(|(key, value)| Some((key.to_owned(), value?))));
                }
                scaling.policies = policies.into_iter().map(held_policy).collect();
                let action = |name: &str| HeldScheduledAction {
                    name: name.to_owned(),
                    action: None,
                };
                scaling.scheduled_actions = actions.into_iter().map(action).collect();
                scaling
            },
        )
}

/// Alarms of ours and of another installation, some of which act on a policy that is held.
fn any_alarms(
    target: &TargetId,
    endpoint: &Observation,
) -> impl Strategy<Value = Vec<HeldAlarm>> + use<> {
    let (name, own_name) = (endpoint.name.clone(), target.resource.own_name().to_owned());
    let alarm = (
        prop_oneof![3 => Just(own_name), 1 => Just("gone".to_owned())],
        prop_oneof![Just("x"), Just("wake-up"), Just("old")],
        prop_oneof![4 => Just("endpoint-autoscaler"), 1 => Just("another")],
        any::<bool>(),
    );
    let alarm = alarm.prop_map(move |(target, alarm, managed_by, acts)| HeldAlarm {
        name: alarm_name(
            &name,
            &target,
            if managed_by == "another" {
                "theirs"
            } else {
                alarm
            },
        ),
        definition: None,
        actions: if acts {
            vec!["arn:policy:endpoint-autoscaler-a".into()]
        } else {
            vec![]
        },
        description: alarm_description(managed_by),
    });
    proptest::collection::vec(alarm, 0..4).prop_map(|mut alarms| {
        alarms.sort_by(|a, b| a.name.cmp(&b.name));
        alarms.dedup_by(|a, b| a.name == b.name);
        alarms
    })
}

/// Everything at once, and the target of the endpoint that can be scaled.
pub(super) fn any_world() -> impl Strategy<Value = (Observation, TargetId)> {
    let kinds = every_kind().into_iter().zip([
        Kind::RealTime,
        Kind::Asynchronous,
        Kind::Serverless,
        Kind::InferenceComponent,
    ]);
    let worlds = kinds.map(|((endpoint, id), kind)| world(endpoint, id, kind).boxed());
    proptest::strategy::Union::new(worlds)
}

fn world(
    endpoint: Observation,
    id: TargetId,
    kind: Kind,
) -> impl Strategy<Value = (Observation, TargetId)> {
    (
        of(any_document(kind)),
        of(any_document(kind)),
        any_tags(),
        of(any_held()),
        of(any_held()),
        any_alarms(&id, &endpoint),
        0_u32..4,
    )
        .prop_map(move |(profile, own, tags, held, gone, alarms, running)| {
            let mut world = Observation {
                tags,
                alarms: Some(alarms),
                ..endpoint.clone()
            };
            world.documents.profile =
                profile.map(|document| parameter("profiles/default", &document));
            world.documents.endpoint = own.map(|document| parameter("endpoints/prod", &document));
            world.scaling.extend(held.map(|held| (id.clone(), held)));
            world.scaling.extend(gone.map(|mut held| {
                held.policies.clear();
                (id_of(kind, "gone"), held)
            }));
            // An alarm acts on a policy of its own target and installation.
            let ours = world
                .scaling
                .get(&id)
                .is_some_and(|held| held.target.owner("endpoint-autoscaler") == Owner::Us);
            let target = alarms_of_target(&world.name, id.resource.own_name());
            for alarm in world.alarms.iter_mut().flatten() {
                let description = alarm_description("endpoint-autoscaler");
                if !(ours && alarm.name.starts_with(&target) && alarm.description == description) {
                    alarm.actions.clear();
                }
            }
            associate_alarms(&mut world);
            let world = world.endpoint(|endpoint| {
                for variant in &mut endpoint.variants {
                    if variant.serverless.is_none() {
                        variant.current_instance_count = Some(running);
                    }
                }
                for described in endpoint
                    .components
                    .iter_mut()
                    .flat_map(|component| &mut component.described)
                {
                    described.copies = Some(running);
                }
            });
            (world, id.clone())
        })
}
