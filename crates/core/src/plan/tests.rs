//! The whole pure middle: observation in, plan out, and the plan carried out on the observation.

use super::*;
use crate::desire::{desire, retire};
use crate::metric::PredefinedMetric;
use crate::name::{EndpointName, ResourceId, ScalableDimension, VariantName};
use crate::observation::{Documents, Endpoint, Parameter, Variant, VariantConfig};
use crate::scaling::{MetricSpecification, TargetTracking};
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn installation(variables: &[(&str, &str)]) -> Installation {
    Installation::from_variables(|name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
    .expect("valid variables")
}

fn id(variant: &str) -> TargetId {
    TargetId {
        resource: ResourceId::variant(
            EndpointName::new("prod").expect("a name"),
            VariantName::new(variant).expect("a name"),
        ),
        dimension: ScalableDimension::VariantDesiredInstanceCount,
    }
}

/// An endpoint `prod` with one variant of one `ml.m5.large` instance and nothing registered.
fn plain() -> Observation {
    Observation {
        name: EndpointName::new("prod").expect("a name"),
        endpoint: Some(Endpoint {
            status: "InService".into(),
            config_name: Some("prod-config".into()),
            asynchronous: false,
            variants: vec![variant("AllTraffic")],
        }),
        tags: BTreeMap::new(),
        documents: Documents::default(),
        scaling: BTreeMap::new(),
    }
}

fn variant(name: &str) -> Variant {
    Variant {
        name: VariantName::new(name).expect("a name"),
        current_instance_count: Some(1),
        serverless: None,
        managed_instance_scaling: false,
        config: Some(VariantConfig {
            instance_type: Some("ml.m5.large".into()),
            initial_instance_count: Some(1),
            has_model: true,
            instance_pools: false,
        }),
    }
}

fn with_tags(tags: &[(&str, &str)]) -> Observation {
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    Observation { tags, ..plain() }
}

fn with_profile(profile: &Value) -> Observation {
    let mut observation = plain();
    observation.documents.profile = Some(parameter("profiles/default", profile));
    observation
}

fn parameter(name: &str, document: &Value) -> Parameter {
    Parameter {
        name: format!("/endpoint-autoscaler/{name}"),
        value: document.to_string(),
    }
}

fn first_variant(observation: &mut Observation) -> &mut Variant {
    &mut observation.endpoint.as_mut().expect("an endpoint").variants[0]
}

fn held(range: (u32, u32), tags: &[(&str, &str)]) -> HeldScaling {
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    HeldScaling {
        target: HeldTarget {
            arn: "arn:target".into(),
            range: CapacityRange::new(range.0, range.1).expect("ordered"),
            tags: Some(tags),
        },
        policies: Vec::new(),
        scheduled_actions: Vec::new(),
    }
}

fn tracking(name: &str, target_value: f64) -> ScalingPolicy {
    ScalingPolicy {
        name: name.into(),
        body: PolicyBody::TargetTracking(TargetTracking {
            target_value,
            metric: MetricSpecification::predefined(
                PredefinedMetric::SageMakerVariantInvocationsPerInstance,
            ),
            scale_in_cooldown: 300,
            scale_out_cooldown: 300,
            disable_scale_in: false,
        }),
    }
}

fn decide(observation: &Observation, installation: &Installation) -> EndpointPlan {
    plan(
        desire(observation, installation),
        observation,
        installation,
        false,
    )
}

/// Carries a plan out as Application Auto Scaling would.
fn carry_out(observation: &Observation, plan: &EndpointPlan) -> Observation {
    let mut after = observation.clone();
    for target in &plan.targets {
        for action in target.actions() {
            let scaling = &mut after.scaling;
            if let Action::RegisterScalableTarget { range, tags } = action {
                let exists = scaling.contains_key(&target.id);
                assert!(
                    !exists || tags.is_empty(),
                    "AWS refuses tags on a target that exists"
                );
                let bounds = (range.min(), range.max());
                let entry = scaling
                    .entry(target.id.clone())
                    .or_insert_with(|| held(bounds, &[]));
                entry.target.range = *range;
                let stored = entry.target.tags.get_or_insert_default();
                stored.extend(
                    tags.iter()
                        .map(|(key, value)| ((*key).to_owned(), value.clone())),
                );
                continue;
            }
            let entry = scaling
                .get_mut(&target.id)
                .expect("only registering needs no target");
            let stored = entry.target.tags.get_or_insert_default();
            match action {
                Action::TagResource { tags, .. } => {
                    stored.extend(
                        tags.iter()
                            .map(|(key, value)| ((*key).to_owned(), value.clone())),
                    );
                }
                Action::UntagResource { keys, .. } => {
                    stored.retain(|key, _| !keys.contains(&key.as_str()));
                }
                Action::PutScalingPolicy(policy) => {
                    entry.policies.retain(|other| other.name != policy.name);
                    if let PolicyBody::TargetTracking(tracking) = &policy.body {
                        let rival = entry
                            .policies
                            .iter()
                            .any(|p| tracks_same_metric(&p.body, tracking));
                        assert!(!rival, "AWS allows one target-tracking policy per metric");
                    }
                    entry.policies.push(policy.clone());
                }
                Action::DeleteScalingPolicy(name) => {
                    entry.policies.retain(|policy| policy.name != *name);
                }
                Action::DeregisterScalableTarget => drop(scaling.remove(&target.id)),
                Action::RegisterScalableTarget { .. } => unreachable!("handled above"),
            }
        }
    }
    after
}

fn operations(plan: &EndpointPlan) -> Vec<&'static str> {
    plan.targets
        .iter()
        .flat_map(TargetPlan::actions)
        .map(Action::operation)
        .collect()
}

fn bounds(observation: &Observation) -> (u32, u32) {
    let range = observation.scaling[&id("AllTraffic")].target.range;
    (range.min(), range.max())
}

/// Plans, carries out, and insists that a second run finds nothing to do.
#[track_caller]
fn settle(observation: &Observation, installation: &Installation) -> (EndpointPlan, Observation) {
    let plan = decide(observation, installation);
    let after = carry_out(observation, &plan);
    let again = decide(&after, installation);
    assert_eq!(operations(&again), [""; 0], "a second run is empty");
    (plan, after)
}

/// Reconciles a fresh endpoint and expects these bounds.
#[track_caller]
fn check_bounds(observation: &Observation, expected: (u32, u32)) {
    let (plan, after) = settle(observation, &installation(&[]));
    assert_eq!(plan.problems, []);
    assert_eq!(bounds(&after), expected);
}

/// Expects nothing to be done, for this reason.
#[track_caller]
fn check_left_alone(observation: &Observation, reason: Reason) {
    let plan = decide(observation, &installation(&[]));
    assert_eq!(operations(&plan), [""; 0]);
    assert!(
        plan.targets
            .iter()
            .all(|target| target.reason == Some(reason)),
        "{plan:#?}"
    );
}

/// Expects the configuration to be refused with one problem that says all of `parts`.
#[track_caller]
fn check_refused(observation: &Observation, parts: &[&str]) {
    check_left_alone(observation, Reason::InvalidConfiguration);
    let problems = decide(observation, &installation(&[])).problems;
    let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for part in parts {
        assert!(
            texts[0].contains(part),
            "{:?} does not say {part:?}",
            texts[0]
        );
    }
}

#[test]
fn a_plain_endpoint_gets_a_target_and_a_policy() {
    let (plan, after) = settle(&plain(), &installation(&[]));
    assert_eq!(
        operations(&plan),
        ["RegisterScalableTarget", "PutScalingPolicy"]
    );
    assert_eq!(bounds(&after), (1, 4));
    let scaling = &after.scaling[&id("AllTraffic")];
    assert_eq!(
        scaling.policies,
        [tracking("endpoint-autoscaler-target-tracking", 70.0)]
    );
    assert_eq!(scaling.target.applied(), CapacityRange::new(1, 4));
}

#[test]
fn built_in_bounds_never_take_capacity_away() {
    let mut three = plain();
    let variant = first_variant(&mut three);
    variant
        .config
        .as_mut()
        .expect("a config")
        .initial_instance_count = Some(3);
    check_bounds(&three, (3, 6));
    first_variant(&mut three).current_instance_count = Some(9);
    check_bounds(&three, (3, 9));
    first_variant(&mut three).config = None;
    check_bounds(&three, (9, 18));
}

#[test]
fn a_built_in_bound_yields_to_a_stated_one() {
    let mut three = with_profile(&json!({"MaxCapacity": 2}));
    first_variant(&mut three)
        .config
        .as_mut()
        .expect("a config")
        .initial_instance_count = Some(3);
    check_bounds(&three, (2, 2));
    check_bounds(&with_profile(&json!({"MinCapacity": 6})), (6, 6));
}

#[test]
fn higher_layers_win_field_by_field() {
    let mut observation = with_tags(&[("autoscaling:max-capacity:AllTraffic", "9")]);
    observation.documents.profile = Some(parameter(
        "profiles/default",
        &json!({"MinCapacity": 2, "MaxCapacity": 5}),
    ));
    observation.documents.endpoint = Some(parameter(
        "endpoints/prod",
        &json!({"MinCapacity": 1, "Variants": {"AllTraffic": {"MinCapacity": 3}}}),
    ));
    check_bounds(&observation, (3, 9));
    let settings = &decide(&observation, &installation(&[])).targets[0].settings;
    assert_eq!(
        settings["MinCapacity"]["source"],
        "parameter /endpoint-autoscaler/endpoints/prod"
    );
    assert_eq!(
        settings["MaxCapacity"]["source"],
        "tag autoscaling:max-capacity:AllTraffic"
    );
    assert_eq!(settings["ScalingPolicies"]["source"], "built-in default");
}

#[test]
fn tags_adjust_the_one_tracking_policy() {
    let observation = with_tags(&[
        ("autoscaling:target-value", "5"),
        (
            "autoscaling:metric",
            "SageMakerVariantConcurrentRequestsPerModelHighResolution",
        ),
        ("autoscaling:scale-in-cooldown", "600"),
        ("autoscaling:disable-scale-in", "True"),
    ]);
    let (_, after) = settle(&observation, &installation(&[]));
    let PolicyBody::TargetTracking(policy) = &after.scaling[&id("AllTraffic")].policies[0].body
    else {
        unreachable!("target tracking")
    };
    assert_eq!(
        (
            policy.target_value,
            policy.scale_in_cooldown,
            policy.disable_scale_in
        ),
        (5.0, 600, true)
    );
}

#[test]
fn bad_configuration_changes_nothing_and_says_why() {
    check_refused(
        &with_tags(&[("autoscaling:max-capcity", "8")]),
        &["unknown tag", "`max-capacity`"],
    );
    check_refused(
        &with_tags(&[("autoscaling:max-capacity", "x")]),
        &["tag autoscaling:max-capacity", "whole number"],
    );
    check_refused(
        &with_tags(&[
            ("autoscaling:min-capacity", "9"),
            ("autoscaling:max-capacity", "2"),
        ]),
        &["at most MaxCapacity 2 of tag autoscaling:max-capacity"],
    );
    check_refused(
        &with_tags(&[("autoscaling:min-capacity", "0")]),
        &["at least 1"],
    );
    check_refused(
        &with_tags(&[("autoscaling:max-capacity:AllTrafic", "2")]),
        &["did you mean `AllTraffic`?"],
    );
    check_refused(
        &with_tags(&[("autoscaling:profile", "llm")]),
        &["/endpoint-autoscaler/profiles/llm"],
    );
    check_refused(
        &with_tags(&[(
            "autoscaling:metric",
            "SageMakerVariantInvocationsPerInstance",
        )]),
        &["target-value"],
    );
    let policy = |metric: &str| {
        json!({"ScalingPolicies": [{"PolicyName": "p", "TargetTrackingScalingPolicyConfiguration":
            {"TargetValue": 1, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}}]})
    };
    check_refused(
        &with_profile(&policy("SageMakerInferenceComponentInvocationsPerCopy")),
        &["does not fit sagemaker:variant:DesiredInstanceCount"],
    );
    let mut limited = with_tags(&[("autoscaling:max-capacity", "50")]);
    limited.documents.limits = Some(parameter("limits", &json!({"MaxCapacity": 20})));
    check_refused(
        &limited,
        &[
            "tag autoscaling:max-capacity",
            "MaxCapacity 20 of parameter /endpoint-autoscaler/limits",
        ],
    );
    limited.documents.limits = Some(parameter("limits", &json!({"AllowedTags": ["enabled"]})));
    check_refused(&limited, &["AllowedTags"]);
}

#[test]
fn built_in_bounds_move_inside_the_limits() {
    let mut limited = plain();
    limited.documents.limits = Some(parameter(
        "limits",
        &json!({"MinCapacity": 2, "MaxCapacity": 3}),
    ));
    check_bounds(&limited, (2, 3));
}

#[test]
fn a_custom_metric_gets_the_dimensions_it_is_published_under() {
    let observation = with_profile(&json!({"ScalingPolicies": [{"PolicyName": "latency",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5, "CustomizedMetricSpecification":
            {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Statistic": "Average"}}}]}));
    let (_, after) = settle(&observation, &installation(&[]));
    let PolicyBody::TargetTracking(policy) = &after.scaling[&id("AllTraffic")].policies[0].body
    else {
        unreachable!("target tracking")
    };
    let printed = json!(policy)["CustomizedMetricSpecification"]["Dimensions"].clone();
    assert_eq!(
        printed,
        json!([{"Name": "EndpointName", "Value": "prod"}, {"Name": "VariantName", "Value": "AllTraffic"}])
    );
}

#[test]
fn what_cannot_be_scaled_is_left_alone_with_its_reason() {
    let spoilt = |spoil: &dyn Fn(&mut Variant)| {
        let mut observation = plain();
        spoil(first_variant(&mut observation));
        observation
    };
    let config = |variant: &mut Variant, change: &dyn Fn(&mut VariantConfig)| {
        change(variant.config.as_mut().expect("a config"));
    };
    let burstable = spoilt(&|v| config(v, &|c| c.instance_type = Some("ml.t2.medium".into())));
    check_left_alone(&burstable, Reason::BurstableInstanceType);
    check_bounds(
        &spoilt(&|v| config(v, &|c| c.instance_type = Some("ml.trn1.2xlarge".into()))),
        (1, 4),
    );
    let components = spoilt(&|v| config(v, &|c| c.has_model = false));
    check_left_alone(&components, Reason::HostsInferenceComponents);
    let mut updating = plain();
    updating.endpoint.as_mut().expect("an endpoint").status = "Updating".into();
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
    let reason = |observation: &Observation, variables: &[(&str, &str)]| {
        decide(observation, &installation(variables)).reason
    };
    let opt_in = &[("ENROLLMENT", "opt-in")][..];
    assert_eq!(reason(&plain(), &[]), None);
    assert_eq!(reason(&plain(), opt_in), Some(Reason::NotEnrolled));
    assert_eq!(
        reason(&with_tags(&[("autoscaling:enabled", "true")]), opt_in),
        None
    );
    assert_eq!(
        reason(&with_profile(&json!({"Enabled": true})), opt_in),
        Some(Reason::NotEnrolled)
    );
    assert_eq!(
        reason(&with_profile(&json!({"Enabled": false})), &[]),
        Some(Reason::Disabled)
    );
    let mut own = with_profile(&json!({"Enabled": false}));
    own.documents.endpoint = Some(parameter("endpoints/prod", &json!({"Enabled": true})));
    assert_eq!(reason(&own, opt_in), None);
    let tagged = with_tags(&[("autoscaling:enabled", "true")]);
    assert_eq!(
        reason(&tagged, &[("ENDPOINT_EXCLUDE", "pr*")]),
        Some(Reason::NotEnrolled)
    );
}

#[test]
fn a_foreign_target_is_left_alone() {
    for tags in [
        &[][..],
        &[("endpoint-autoscaler:managed-by", "another")][..],
    ] {
        let mut observation = plain();
        observation
            .scaling
            .insert(id("AllTraffic"), held((2, 3), tags));
        check_left_alone(&observation, Reason::ForeignScalableTarget);
    }
}

#[test]
fn another_installation_is_never_adopted_from() {
    let mut observation = plain();
    let other = held((2, 3), &[("endpoint-autoscaler:managed-by", "another")]);
    observation.scaling.insert(id("AllTraffic"), other);
    let plan = decide(
        &observation,
        &installation(&[("EXISTING_TARGETS", "adopt")]),
    );
    assert_eq!(operations(&plan), [""; 0]);
}

#[test]
fn adoption_keeps_bounds_and_foreign_policies_and_gives_them_back() {
    let adopting = installation(&[("EXISTING_TARGETS", "by-tag")]);
    let mut observation = with_tags(&[
        ("autoscaling:adopt", "true"),
        ("autoscaling:max-capacity", "9"),
    ]);
    let mut foreign = held((2, 3), &[("team", "ml")]);
    foreign.policies.push(tracking("theirs", 500.0));
    observation.scaling.insert(id("AllTraffic"), foreign);
    let (plan, mut after) = settle(&observation, &adopting);
    assert_eq!(
        operations(&plan),
        ["TagResource", "RegisterScalableTarget", "TagResource"]
    );
    assert_eq!(plan.targets[0].reason, Some(Reason::ConflictingPolicy));
    assert_eq!(bounds(&after), (2, 9));
    // Released, it is what it was.
    after
        .tags
        .insert("autoscaling:enabled".into(), "false".into());
    let (_, released) = settle(&after, &adopting);
    assert_eq!(released.scaling, observation.scaling);
}

#[test]
fn bounds_that_somebody_moved_stay_until_forced() {
    let (_, mut after) = settle(&plain(), &installation(&[]));
    let target = &mut after
        .scaling
        .get_mut(&id("AllTraffic"))
        .expect("registered")
        .target;
    target.range = CapacityRange::new(1, 2).expect("ordered");
    check_left_alone_but_owned(&after);
    let forced = plan(
        desire(&after, &installation(&[])),
        &after,
        &installation(&[]),
        true,
    );
    assert_eq!(operations(&forced), ["RegisterScalableTarget"]);
    assert_eq!(bounds(&carry_out(&after, &forced)), (1, 4));
}

#[track_caller]
fn check_left_alone_but_owned(observation: &Observation) {
    let plan = decide(observation, &installation(&[]));
    assert_eq!(operations(&plan), [""; 0]);
    assert_eq!(plan.targets[0].reason, Some(Reason::BoundsMoved));
    assert_eq!(plan.targets[0].idle_outcome, Outcome::Unchanged);
}

#[test]
fn a_changed_document_changes_only_what_differs() {
    let (_, mut after) = settle(&plain(), &installation(&[]));
    after
        .tags
        .insert("autoscaling:target-value".into(), "200".into());
    assert_eq!(
        operations(&decide(&after, &installation(&[]))),
        ["PutScalingPolicy"]
    );
    after
        .tags
        .insert("autoscaling:max-capacity".into(), "8".into());
    let (plan, _) = settle(&after, &installation(&[]));
    assert_eq!(
        operations(&plan),
        [
            "TagResource",
            "RegisterScalableTarget",
            "TagResource",
            "PutScalingPolicy"
        ]
    );
}

#[test]
fn a_renamed_policy_on_the_same_metric_is_deleted_first() {
    let (_, mut after) = settle(&plain(), &installation(&[]));
    let policy = |name: &str| {
        json!({"ScalingPolicies": [{"PolicyName": name,
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70, "PredefinedMetricSpecification":
            {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}}]})
    };
    after.documents.profile = Some(parameter("profiles/default", &policy("renamed")));
    let (plan, after) = settle(&after, &installation(&[]));
    assert_eq!(
        operations(&plan),
        ["DeleteScalingPolicy", "PutScalingPolicy"]
    );
    assert_eq!(
        after.scaling[&id("AllTraffic")].policies[0].name,
        "endpoint-autoscaler-renamed"
    );
}

#[test]
fn tags_are_read_only_when_something_would_be_written() {
    let (_, mut after) = settle(&plain(), &installation(&[]));
    after
        .scaling
        .get_mut(&id("AllTraffic"))
        .expect("registered")
        .target
        .tags = None;
    let quiet = decide(&after, &installation(&[]));
    assert_eq!(operations(&quiet), [""; 0]);
    assert_eq!(quiet.wants_tags(&after), []);
    after
        .tags
        .insert("autoscaling:max-capacity".into(), "8".into());
    assert_eq!(
        decide(&after, &installation(&[])).wants_tags(&after).len(),
        1
    );
}

#[test]
fn stopping_releases_what_is_ours_even_beside_mistakes() {
    for stop in [
        ("autoscaling:enabled", "false"),
        ("autoscaling:hold", "prod-config"),
        ("autoscaling:hold", "true"),
    ] {
        let (_, mut after) = settle(&plain(), &installation(&[]));
        after.tags = with_tags(&[stop, ("autoscaling:nonsense", "1")]).tags;
        let (plan, released) = settle(&after, &installation(&[]));
        assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
        assert_eq!(released.scaling, BTreeMap::new());
    }
    let elsewhere = with_tags(&[("autoscaling:hold", "another-config")]);
    check_bounds(&elsewhere, (1, 4));
}

#[test]
fn a_retired_endpoint_loses_only_what_is_ours() {
    let (_, mut after) = settle(&plain(), &installation(&[]));
    after.endpoint = None;
    after.scaling.insert(id("other"), held((1, 2), &[]));
    let plan = plan(retire(&after), &after, &installation(&[]), false);
    assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
    assert_eq!(
        carry_out(&after, &plan)
            .scaling
            .into_keys()
            .collect::<Vec<_>>(),
        [id("other")]
    );
}

#[test]
fn what_is_not_applied_yet_is_said() {
    let observation = with_profile(&json!({"ScalingPolicies": [{"PolicyName": "surge",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"ScalingAdjustment": 1}]}}],
        "ScheduledActions": [{"ScheduledActionName": "day", "Schedule": "rate(1 day)",
            "ScalableTargetAction": {"MinCapacity": 2}}]}));
    let plan = decide(&observation, &installation(&[]));
    let skipped = plan.targets[0].steps.iter().filter_map(|step| match step {
        Step::Skip {
            action,
            name,
            reason: Reason::NotYetSupported,
        } => Some((*action, name.as_str())),
        _ => None,
    });
    assert_eq!(
        skipped.collect::<Vec<_>>(),
        [
            ("PutScheduledAction", "endpoint-autoscaler-day"),
            ("PutScalingPolicy", "endpoint-autoscaler-surge")
        ]
    );
}

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
        Just(vec![tracking("theirs", 9.0)]),
        Just(vec![tracking("endpoint-autoscaler-old", 9.0)]),
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
            policies.into_iter().filter(|policy| !policy.name.starts_with(NAME_PREFIX)).collect::<Vec<_>>()
        };
        prop_assert_eq!(foreign(&observation), foreign(&after), "policies of others stay");
        let owner = observation.scaling.get(&id("AllTraffic")).map(|held| held.target.owner("endpoint-autoscaler"));
        if owner == Some(Owner::OtherInstallation) || (owner == Some(Owner::Foreign) && existing == "leave") {
            prop_assert_eq!(&observation, &after, "targets of others stay");
        }
    }
}
