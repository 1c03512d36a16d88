//! Endpoints to decide about, and what tests ask of a plan.

use super::aws::carry_out;
use crate::desire::desire;
use crate::installation::Installation;
use crate::kind::Kind;
use crate::metric::PredefinedMetric;
use crate::name::{ComponentName, EndpointName, ResourceId, TargetId, VariantName};
use crate::observation::{
    Component, DescribedComponent, Documents, Endpoint, HeldPolicy, HeldScaling, HeldTarget,
    ManagedInstanceScaling, Observation, Parameter, Serverless, Variant, VariantConfig,
};
use crate::plan::{Action, EndpointPlan, TargetPlan, plan};
use crate::report::Reason;
use crate::scaling::{CapacityRange, PolicyBody, ScalingPolicy, Suspension, TargetTracking};
use jiff::Timestamp;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A Monday.
pub(super) const NOW: &str = "2026-03-02T12:00:00Z";
pub(super) const OURS: &[(&str, &str)] =
    &[("endpoint-autoscaler:managed-by", "endpoint-autoscaler")];

pub(super) fn installation(variables: &[(&str, &str)]) -> Installation {
    Installation::from_variables(|name| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
    .expect("valid variables")
}

fn variant_name(name: &str) -> VariantName {
    VariantName::new(name).expect("a name")
}

/// The target of a variant of endpoint `prod`.
pub(super) fn id_of(kind: Kind, name: &str) -> TargetId {
    let resource = match kind {
        Kind::InferenceComponent => {
            ResourceId::Component(ComponentName::new(name).expect("a name"))
        }
        _ => ResourceId::Variant {
            endpoint: EndpointName::new("prod").expect("a name"),
            variant: variant_name(name),
        },
    };
    TargetId {
        resource,
        dimension: kind.dimension(),
    }
}

/// The target of a variant with instances.
pub(super) fn id(variant: &str) -> TargetId {
    id_of(Kind::RealTime, variant)
}

/// An endpoint `prod` with one variant of one `ml.m5.large` instance and nothing registered.
pub(super) fn plain() -> Observation {
    Observation {
        name: EndpointName::new("prod").expect("a name"),
        now: NOW.parse().expect("a time"),
        endpoint: Some(Endpoint {
            status: "InService".into(),
            config_name: Some("prod-config".into()),
            last_modified: None,
            asynchronous: false,
            variants: vec![variant("AllTraffic")],
            components: Vec::new(),
        }),
        tags: BTreeMap::new(),
        documents: Documents::default(),
        scaling: BTreeMap::new(),
        alarms: Some(Vec::new()),
    }
}

pub(super) fn variant(name: &str) -> Variant {
    Variant {
        name: variant_name(name),
        current_instance_count: Some(1),
        serverless: None,
        managed_instance_scaling: None,
        instance_pools: false,
        config: Some(VariantConfig {
            instance_type: Some("ml.m5.large".into()),
            initial_instance_count: Some(1),
            provisioned_concurrency: None,
            has_model: true,
        }),
    }
}

/// The same endpoint, answering asynchronously.
pub(super) fn asynchronous() -> Observation {
    plain().endpoint(|endpoint| endpoint.asynchronous = true)
}

/// The same endpoint without instances, with this provisioned concurrency out of `most`.
pub(super) fn serverless(provisioned: Option<u32>, most: u32) -> Observation {
    plain().variant(|variant| {
        variant.current_instance_count = None;
        variant.serverless = Some(Serverless {
            provisioned_concurrency: provisioned,
            max_concurrency: Some(most),
        });
        variant.config = Some(VariantConfig {
            instance_type: None,
            initial_instance_count: None,
            provisioned_concurrency: provisioned,
            has_model: true,
        });
    })
}

/// The same endpoint hosting one component `llama` with so many copies, on instances of which at
/// least `instances` run.
pub(super) fn component(copies: u32, instances: u32) -> Observation {
    plain()
        .variant(|variant| {
            variant.managed_instance_scaling = Some(ManagedInstanceScaling {
                min_instance_count: Some(instances),
            });
            if let Some(config) = &mut variant.config {
                config.has_model = false;
            }
        })
        .endpoint(|endpoint| {
            endpoint.components.push(Component {
                name: ComponentName::new("llama").expect("a name"),
                variant: Some(variant_name("AllTraffic")),
                status: "InService".into(),
                described: Some(DescribedComponent {
                    copies: Some(copies),
                    is_adapter: false,
                }),
            });
        })
}

/// One endpoint of each kind that can be scaled, with the target it would get.
pub(super) fn every_kind() -> [(Observation, TargetId); 4] {
    [
        (plain(), id("AllTraffic")),
        (asynchronous(), id("AllTraffic")),
        (
            serverless(Some(2), 20),
            id_of(Kind::Serverless, "AllTraffic"),
        ),
        (component(1, 0), id_of(Kind::InferenceComponent, "llama")),
    ]
}

pub(super) fn parameter(name: &str, document: &Value) -> Parameter {
    Parameter {
        name: format!("/endpoint-autoscaler/{name}"),
        value: document.to_string(),
        secure: false,
    }
}

/// Changes to an observation, so that a test reads as what is special about it.
impl Observation {
    pub(super) fn endpoint(mut self, change: impl FnOnce(&mut Endpoint)) -> Self {
        change(self.endpoint.as_mut().expect("an endpoint"));
        self
    }

    pub(super) fn variant(self, change: impl FnOnce(&mut Variant)) -> Self {
        self.endpoint(|endpoint| change(&mut endpoint.variants[0]))
    }

    pub(super) fn component(self, change: impl FnOnce(&mut Component)) -> Self {
        self.endpoint(|endpoint| change(&mut endpoint.components[0]))
    }

    pub(super) fn tagged(mut self, tags: &[(&str, &str)]) -> Self {
        self.tags.extend(texts(tags));
        self
    }

    pub(super) fn untagged(mut self) -> Self {
        self.tags.clear();
        self
    }

    pub(super) fn profile(mut self, document: &Value) -> Self {
        self.documents.profile = Some(parameter("profiles/default", document));
        self
    }

    pub(super) fn own(mut self, document: &Value) -> Self {
        self.documents.endpoint = Some(parameter("endpoints/prod", document));
        self
    }

    pub(super) fn limits(mut self, document: &Value) -> Self {
        self.documents.limits = Some(parameter("limits", document));
        self
    }

    pub(super) fn at(mut self, now: &str) -> Self {
        self.now = now.parse::<Timestamp>().expect("a time");
        self
    }

    /// What the one target that is held looks like.
    pub(super) fn held(&self) -> &HeldScaling {
        assert_eq!(self.scaling.len(), 1, "{:#?}", self.scaling);
        self.scaling.values().next().expect("one target")
    }

    pub(super) fn held_mut(&mut self) -> &mut HeldScaling {
        assert_eq!(self.scaling.len(), 1, "{:#?}", self.scaling);
        self.scaling.values_mut().next().expect("one target")
    }

    pub(super) fn holding(mut self, id: TargetId, scaling: HeldScaling) -> Self {
        self.scaling.insert(id, scaling);
        self
    }

    /// Names of the policies of the one target.
    pub(super) fn policy_names(&self) -> Vec<&str> {
        let policies = self.held().policies.iter();
        policies.map(|held| held.policy.name.as_str()).collect()
    }

    pub(super) fn alarm_names(&self) -> Vec<&str> {
        let alarms = self.alarms.iter().flatten();
        alarms.map(|alarm| alarm.name.as_str()).collect()
    }
}

pub(super) fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn range(min: u32, max: u32) -> CapacityRange {
    CapacityRange::new(min, max).expect("ordered")
}

/// A target that somebody registered.
pub(super) fn held(bounds: (u32, u32), tags: &[(&str, &str)]) -> HeldScaling {
    HeldScaling {
        target: HeldTarget {
            arn: "arn:target".into(),
            range: range(bounds.0, bounds.1),
            suspended: Suspension::NONE,
            tags: Some(texts(tags)),
        },
        policies: Vec::new(),
        scheduled_actions: Vec::new(),
    }
}

/// A target-tracking policy.
pub(super) fn tracking(name: &str, target_value: f64) -> ScalingPolicy {
    ScalingPolicy {
        name: name.into(),
        body: PolicyBody::TargetTracking(TargetTracking {
            target_value,
            metric: PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
            scale_in_cooldown: 300,
            scale_out_cooldown: 300,
            disable_scale_in: false,
        }),
    }
}

/// A policy as it is held.
pub(super) fn held_policy(policy: ScalingPolicy) -> HeldPolicy {
    HeldPolicy {
        arn: format!("arn:policy:{}", policy.name),
        policy,
        alarms: Vec::new(),
    }
}

pub(super) fn decide(observation: &Observation, installation: &Installation) -> EndpointPlan {
    plan(
        desire(observation, installation),
        observation,
        installation,
        false,
    )
}

pub(super) fn operations(plan: &EndpointPlan) -> Vec<&'static str> {
    plan.targets
        .iter()
        .flat_map(TargetPlan::actions)
        .map(Action::operation)
        .collect()
}

/// Plans, carries out, and insists that a second run finds nothing to do.
#[track_caller]
pub(super) fn settle(
    observation: &Observation,
    installation: &Installation,
) -> (EndpointPlan, Observation) {
    let plan = decide(observation, installation);
    let after = carry_out(observation, &plan);
    let again = decide(&after, installation);
    assert_eq!(operations(&again), [""; 0], "a second run is empty");
    (plan, after)
}

/// What a default installation makes of an endpoint.
#[track_caller]
pub(super) fn settled(observation: &Observation) -> Observation {
    settle(observation, &installation(&[])).1
}

/// Expects exactly these calls of a default installation.
#[track_caller]
pub(super) fn check_calls(observation: &Observation, expected: &[&str]) -> Observation {
    let (plan, after) = settle(observation, &installation(&[]));
    assert_eq!(plan.problems, []);
    assert_eq!(operations(&plan), expected);
    after
}

/// Reconciles a fresh endpoint and expects these bounds.
#[track_caller]
pub(super) fn check_bounds(observation: &Observation, expected: (u32, u32)) {
    let (plan, after) = settle(observation, &installation(&[]));
    assert_eq!(plan.problems, []);
    assert_eq!(
        after.held().target.range,
        range(expected.0, expected.1),
        "{plan:#?}"
    );
}

/// Expects nothing to be done, for this reason.
#[track_caller]
pub(super) fn check_left_alone(observation: &Observation, reason: Reason) {
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
pub(super) fn check_refused(observation: &Observation, parts: &[&str]) {
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

/// A step policy of a document, with these alarms.
pub(super) fn step(name: &str, alarms: &[Value]) -> Value {
    json!({"PolicyName": name, "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]},
        "AlarmDefinitions": alarms})
}

/// An alarm of a document on a SageMaker metric.
pub(super) fn alarm(name: &str, metric: &str) -> Value {
    json!({"AlarmName": name, "Namespace": "AWS/SageMaker", "MetricName": metric,
        "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "Threshold": 500_000,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold"})
}

/// A policy of a document that tracks a predefined metric.
pub(super) fn tracks(name: &str, metric: &str, target: f64) -> Value {
    json!({"PolicyName": name, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}})
}

/// A scheduled action of a document.
pub(super) fn scheduled(name: &str, schedule: &str, action: &Value) -> Value {
    json!({"ScheduledActionName": name, "Schedule": schedule, "ScalableTargetAction": action})
}
