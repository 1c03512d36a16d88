//! Policies and their alarms: stated ones filled in for the target at hand, built-in ones where
//! none are stated.

use super::added::{idle_policy, idle_scale_in, wake_up};
use super::fill::Fill;
use super::overrides::{Besides, override_tracking};
use super::rules::{SAGEMAKER, check};
use super::{PolicyAlarm, Question, Stated, stated};
use crate::document::{PolicyConfiguration, PolicyDefinition};
use crate::kind::Kind;
use crate::metric::PredefinedMetric;
use crate::naming::{alarm_name, full_name};
use crate::problem::{Problem, Source, Sourced};
use crate::scaling::{
    AlarmDefinition, Customized, DEFAULT_COOLDOWN, MetricSpecification, MetricStatistic,
    PolicyBody, ScalingPolicy, TargetTracking, average,
};
use serde_json::{Value, json};

/// What is to be put, besides bounds and schedules.
pub(super) struct Policies {
    pub(super) all: Sourced<Vec<ScalingPolicy>>,
    /// How many at the end are ours, not stated.
    pub(super) added: usize,
    pub(super) alarms: Vec<PolicyAlarm>,
    pub(super) besides: Besides,
}

/// Resolves the policies of a target whose least capacity is `min`.
pub(super) fn policies(question: &Question<'_>, min: u32, problems: &mut Vec<Problem>) -> Policies {
    let definitions = stated(question, "ScalingPolicies", |section| {
        section.scaling_policies.clone()
    });
    let (stated_policies, mut alarms, path) = match definitions {
        None => {
            let policies = vec![built_in_policy(question)];
            (
                Sourced::built_in(policies),
                Vec::new(),
                "ScalingPolicies".to_owned(),
            )
        }
        Some(Stated {
            value,
            source,
            path,
        }) => {
            let (policies, alarms) = fill(question, value, &source, &path, problems);
            (Sourced::new(policies, source), alarms, path)
        }
    };
    let wake_up = wake_up(question, min, &alarms);
    let (mut policies, mut besides) = override_tracking(question, stated_policies, problems);
    let mut added = 0;
    let mut add = |name, source, policy: ScalingPolicy, alarm: AlarmDefinition, said: Value| {
        besides.push((name, Sourced::new(said, source)));
        alarms.push(PolicyAlarm {
            policy: policy.name.clone(),
            definition: alarm,
        });
        policies.value.push(policy);
        added += 1;
    };
    if let Some((policy, alarm)) = wake_up {
        let said = json!({"PolicyName": policy.name, "AlarmDefinitions": [alarm]});
        add("WakeUp", Source::BuiltIn, policy, alarm, said);
    }
    if let Some(idle) = idle_scale_in(question, problems) {
        let (policy, alarm) = idle_policy(question, min, idle.value.after_minutes);
        add("IdleScaleIn", idle.source, policy, alarm, json!(idle.value));
    }
    check(question, &policies, &alarms, &path, problems);
    Policies {
        all: policies,
        added,
        alarms,
        besides,
    }
}

fn fill(
    question: &Question<'_>,
    definitions: Vec<PolicyDefinition>,
    source: &Source,
    path: &str,
    problems: &mut Vec<Problem>,
) -> (Vec<ScalingPolicy>, Vec<PolicyAlarm>) {
    let mut policies = Vec::new();
    let mut alarms = Vec::new();
    for (index, definition) in definitions.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut fill = Fill {
            question,
            source,
            path,
            problems,
        };
        let name = fill.name(&definition.policy_name);
        let body = match definition.configuration {
            PolicyConfiguration::TargetTrackingScaling { mut configuration } => {
                fill.specification(&mut configuration.metric);
                PolicyBody::TargetTracking(configuration)
            }
            PolicyConfiguration::StepScaling {
                configuration,
                alarms: definitions,
            } => {
                for mut definition in definitions {
                    fill.alarm(&mut definition);
                    alarms.push(own_alarm(question, &name, definition));
                }
                PolicyBody::Step(configuration)
            }
        };
        policies.push(ScalingPolicy { name, body });
    }
    (policies, alarms)
}

fn own_alarm(
    question: &Question<'_>,
    policy: &str,
    mut definition: AlarmDefinition,
) -> PolicyAlarm {
    definition.alarm_name = alarm_name(
        question.endpoint,
        question.subject.name(),
        &definition.alarm_name,
    );
    PolicyAlarm {
        policy: policy.to_owned(),
        definition: definition.with_defaults(),
    }
}

/// AWS's own example values; a profile should state measured ones (SageMaker developer guide,
/// "Define a scaling policy"; the asynchronous one: "Autoscale an asynchronous endpoint").
fn built_in_policy(question: &Question<'_>) -> ScalingPolicy {
    let (metric, target_value) = match question.subject.kind {
        Kind::RealTime => (
            PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
            70.0,
        ),
        Kind::Serverless => (
            PredefinedMetric::SageMakerVariantProvisionedConcurrencyUtilization.into(),
            0.5,
        ),
        Kind::InferenceComponent => (
            PredefinedMetric::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution
                .into(),
            5.0,
        ),
        Kind::Asynchronous => (backlog_per_instance(question), 5.0),
    };
    ScalingPolicy {
        name: full_name("target-tracking"),
        body: PolicyBody::TargetTracking(TargetTracking {
            target_value,
            metric,
            scale_in_cooldown: DEFAULT_COOLDOWN,
            scale_out_cooldown: DEFAULT_COOLDOWN,
            disable_scale_in: false,
        }),
    }
}

/// Asynchronous endpoints publish no invocation metrics, and this one per endpoint only.
fn backlog_per_instance(question: &Question<'_>) -> MetricSpecification {
    let dimensions = [("EndpointName".to_owned(), question.endpoint.to_string())];
    MetricSpecification::Customized(Customized::Metric(MetricStatistic {
        namespace: SAGEMAKER.to_owned(),
        metric_name: "ApproximateBacklogSizePerInstance".to_owned(),
        dimensions: Some(dimensions.into_iter().collect()),
        statistic: average(),
        unit: None,
    }))
}
