//! Policies, their alarms and scheduled actions: stated ones filled in for the target at hand,
//! built-in ones where none are stated, tags applied, and the rules that only show then.

use super::bounds::zero_rule;
use super::fill::Fill;
use super::{PolicyAlarm, Question, Stated, stated};
use crate::document::{IdleScaleIn, PolicyConfiguration, PolicyDefinition};
use crate::kind::Kind;
use crate::metric::PredefinedMetric;
use crate::naming::{alarm_name, full_name};
use crate::problem::{Problem, Source, Sourced};
use crate::scaling::{
    AlarmDefinition, Customized, DEFAULT_COOLDOWN, MetricSpecification, MetricStatistic,
    PolicyBody, ScalingPolicy, ScheduledAction, StepAdjustment, StepScaling, TargetTracking,
    average, missing,
};
use serde::Serialize;
use serde_json::{Value, json};

/// AWS's own namespace of SageMaker metrics.
const SAGEMAKER: &str = "AWS/SageMaker";
/// A scalable target takes no more policies ("Application Auto Scaling endpoints and quotas").
const MOST_POLICIES: usize = 50;

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

/// An alarm on a SageMaker metric, one minute a period.
fn alarm(
    question: &Question<'_>,
    name: &str,
    (metric, statistic): (&str, &str),
    periods: u32,
    comparison: &str,
    treat_missing_data: String,
) -> AlarmDefinition {
    let definition = AlarmDefinition {
        alarm_name: alarm_name(question.endpoint, question.subject.name(), name),
        namespace: SAGEMAKER.to_owned(),
        metric_name: metric.to_owned(),
        dimensions: None,
        statistic: statistic.to_owned(),
        period: 60,
        evaluation_periods: periods,
        datapoints_to_alarm: None,
        threshold: 1.0,
        comparison_operator: comparison.to_owned(),
        treat_missing_data,
        unit: None,
    };
    let mut filled = definition.with_defaults();
    filled.dimensions = None;
    // The table knows our own metrics, so that nothing can be wrong here.
    let source = Source::BuiltIn;
    let mut fill = Fill {
        question,
        source: &source,
        path: String::new(),
        problems: &mut Vec::new(),
    };
    fill.alarm(&mut filled);
    filled
}

/// What wakes a target that may go down to nothing: target tracking alone cannot leave zero, since
/// its metric is a share per instance. The document's own alarm on the same metric takes its place.
///
/// AWS's page for components compares with `GreaterThanThreshold` 1, so that one failed request
/// never wakes; like AWS's samples, this one wakes at 1.
fn wake_up(
    question: &Question<'_>,
    min: u32,
    stated: &[PolicyAlarm],
) -> Option<(ScalingPolicy, AlarmDefinition)> {
    let (metric, statistic, periods, cooldown, aggregation) = match question.subject.kind {
        Kind::Asynchronous => (
            "HasBacklogWithoutCapacity",
            "Average",
            2,
            DEFAULT_COOLDOWN,
            "Average",
        ),
        Kind::InferenceComponent => ("NoCapacityInvocationFailures", "Sum", 1, 60, "Maximum"),
        Kind::RealTime | Kind::Serverless => return None,
    };
    let brings_its_own = stated.iter().any(|alarm| {
        alarm.definition.namespace == SAGEMAKER && alarm.definition.metric_name == metric
    });
    if min > 0 || brings_its_own {
        return None;
    }
    let policy = ScalingPolicy {
        name: full_name("wake-up"),
        body: PolicyBody::Step(StepScaling {
            adjustment_type: "ChangeInCapacity".to_owned(),
            step_adjustments: vec![StepAdjustment {
                metric_interval_lower_bound: Some(0.0),
                metric_interval_upper_bound: None,
                scaling_adjustment: 1,
            }],
            min_adjustment_magnitude: None,
            cooldown,
            metric_aggregation_type: aggregation.to_owned(),
        }),
    };
    let comparison = "GreaterThanOrEqualToThreshold";
    let alarm = alarm(
        question,
        "wake-up",
        (metric, statistic),
        periods,
        comparison,
        missing(),
    );
    Some((policy, alarm))
}

/// The field, where it may stand.
fn idle_scale_in(
    question: &Question<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Stated<IdleScaleIn>> {
    let idle = stated(question, "IdleScaleIn", |section| section.idle_scale_in)?;
    if question.subject.kind != Kind::RealTime {
        let message = format!(
            "is for real-time variants: {} publishes no `Invocations` that stop",
            question.subject.kind.noun()
        );
        problems.push(Problem::new(
            idle.source,
            idle.path,
            &json!(idle.value),
            message,
        ));
        return None;
    }
    Some(idle)
}

/// Scale-in when traffic stops, for policies on custom metrics, which publish nothing then: an
/// alarm without data does not scale in, unless missing data counts as breaching.
fn idle_policy(
    question: &Question<'_>,
    min: u32,
    minutes: u32,
) -> (ScalingPolicy, AlarmDefinition) {
    let policy = ScalingPolicy {
        name: full_name("idle-scale-in"),
        body: PolicyBody::Step(StepScaling {
            adjustment_type: "ExactCapacity".to_owned(),
            step_adjustments: vec![StepAdjustment {
                metric_interval_lower_bound: None,
                metric_interval_upper_bound: Some(0.0),
                scaling_adjustment: i32::try_from(min).unwrap_or(i32::MAX),
            }],
            min_adjustment_magnitude: None,
            cooldown: DEFAULT_COOLDOWN,
            metric_aggregation_type: average(),
        }),
    };
    let metric = ("Invocations", "Sum");
    let breaching = "breaching".to_owned();
    let alarm = alarm(
        question,
        "idle-scale-in",
        metric,
        minutes,
        "LessThanThreshold",
        breaching,
    );
    (policy, alarm)
}

/// Resolves scheduled actions; the second list names those whose one time is over.
pub(super) fn scheduled_actions(
    question: &Question<'_>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScheduledAction>>, Vec<String>) {
    let stated = stated(question, "ScheduledActions", |section| {
        section.scheduled_actions.clone()
    });
    let Some(Stated {
        value,
        source,
        path,
    }) = stated
    else {
        return (Sourced::built_in(Vec::new()), Vec::new());
    };
    let mut actions: Vec<ScheduledAction> = Vec::new();
    let mut past = Vec::new();
    for (index, mut action) in value.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut fill = Fill {
            question,
            source: &source,
            path: path.clone(),
            problems,
        };
        action.scheduled_action_name = fill.name(&action.scheduled_action_name);
        let action = action.with_defaults();
        check_scheduled_bounds(question, &action, &source, &path, problems);
        if actions
            .iter()
            .any(|other| other.scheduled_action_name == action.scheduled_action_name)
        {
            let value = json!(action.scheduled_action_name);
            problems.push(Problem::new(
                source.clone(),
                path,
                &value,
                "must have a name of its own",
            ));
        }
        if action.is_past(question.now) {
            past.push(action.scheduled_action_name.clone());
        }
        actions.push(action);
    }
    (Sourced::new(actions, source), past)
}

/// A schedule moves the bounds later: it must not lead where the bounds themselves may not.
fn check_scheduled_bounds(
    question: &Question<'_>,
    action: &ScheduledAction,
    source: &Source,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let subject = question.subject;
    let bounds = action.scalable_target_action;
    let fields = [
        ("MinCapacity", bounds.min_capacity),
        ("MaxCapacity", bounds.max_capacity),
    ];
    for (field, value) in fields
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
    {
        let mut complain = |message: String| {
            let path = format!("{path}.ScalableTargetAction.{field}");
            problems.push(Problem::new(source.clone(), path, &json!(value), message));
        };
        if value == 0 && !subject.may_be_zero {
            complain(zero_rule(subject.kind));
        }
        if let Some(ceiling) = subject.ceiling.filter(|ceiling| value > *ceiling) {
            complain(format!(
                "must be at most MaxConcurrency {ceiling} of the variant"
            ));
        }
        let Some(limits) = question.limits else {
            continue;
        };
        let (limits, limiter) = (&limits.limits, &limits.source);
        if let Some(ceiling) = limits.max_capacity.filter(|ceiling| value > *ceiling) {
            let ceiling = limiter.shown(ceiling);
            complain(format!(
                "must be at most MaxCapacity {ceiling} of {limiter}"
            ));
        }
        if let Some(floor) = limits.min_capacity.filter(|floor| value < *floor) {
            let floor = limiter.shown(floor);
            complain(format!("must be at least MinCapacity {floor} of {limiter}"));
        }
    }
}

/// What the report says besides the policies a layer states: tags over them, and what is added.
pub(super) type Besides = Vec<(&'static str, Sourced<Value>)>;

fn printed<T: Serialize>(tag: Option<&Sourced<T>>) -> Option<Sourced<Value>> {
    tag.map(|tag| Sourced::new(json!(tag.value), tag.source.clone()))
}

/// Applies the tags that speak of "the one target-tracking policy".
fn override_tracking(
    question: &Question<'_>,
    mut policies: Sourced<Vec<ScalingPolicy>>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScalingPolicy>>, Besides) {
    let tags = question.tags;
    let said = [
        ("TargetValue", printed(tags.target_value.as_ref())),
        ("PredefinedMetricType", printed(tags.metric.as_ref())),
        ("ScaleInCooldown", printed(tags.scale_in_cooldown.as_ref())),
        (
            "ScaleOutCooldown",
            printed(tags.scale_out_cooldown.as_ref()),
        ),
        ("DisableScaleIn", printed(tags.disable_scale_in.as_ref())),
    ];
    let said: Besides = said
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    if let (Some(metric), None) = (&tags.metric, &tags.target_value) {
        problems.push(Problem::new(
            metric.source.clone(),
            "",
            &json!(metric.value),
            "needs a `target-value` tag beside it: another metric has another unit",
        ));
    }
    if said.is_empty() {
        return (policies, said);
    }
    let mut tracking: Vec<_> = policies
        .value
        .iter_mut()
        .filter_map(|policy| match &mut policy.body {
            PolicyBody::TargetTracking(tracking) => Some(tracking),
            _ => None,
        })
        .collect();
    if let [one] = tracking.as_mut_slice() {
        if let Some(value) = &tags.target_value {
            one.target_value = value.value;
        }
        if let Some(metric) = &tags.metric {
            one.metric = metric.value.into();
        }
        if let Some(cooldown) = &tags.scale_in_cooldown {
            one.scale_in_cooldown = cooldown.value;
        }
        if let Some(cooldown) = &tags.scale_out_cooldown {
            one.scale_out_cooldown = cooldown.value;
        }
        if let Some(disable) = &tags.disable_scale_in {
            one.disable_scale_in = disable.value;
        }
    } else {
        let count = tracking.len();
        for (_, value) in &said {
            let message = format!(
                "speaks of the one target-tracking policy, but {} has {count}",
                policies.source
            );
            problems.push(Problem::new(
                value.source.clone(),
                "",
                &value.value,
                message,
            ));
        }
    }
    (policies, said)
}

/// Rules that only show once names and metrics are filled in.
fn check(
    question: &Question<'_>,
    policies: &Sourced<Vec<ScalingPolicy>>,
    alarms: &[PolicyAlarm],
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let kind = question.subject.kind;
    if policies.value.len() > MOST_POLICIES {
        let message = format!(
            "must have at most {MOST_POLICIES} policies, with those added for zero capacity and idleness"
        );
        let count = json!(policies.value.len());
        problems.push(Problem::new(policies.source.clone(), path, &count, message));
    }
    let complain = |problems: &mut Vec<Problem>, index: usize, value: Value, message: String| {
        let path = format!("{path}[{index}]");
        problems.push(Problem::new(policies.source.clone(), path, &value, message));
    };
    for (index, policy) in policies.value.iter().enumerate() {
        let earlier = &policies.value[..index];
        if earlier.iter().any(|other| other.name == policy.name) {
            complain(
                problems,
                index,
                json!(policy.name),
                "must have a name of its own".into(),
            );
        }
        for alarm in alarms.iter().filter(|alarm| alarm.policy == policy.name) {
            let name = &alarm.definition.alarm_name;
            if alarms
                .iter()
                .filter(|other| other.definition.alarm_name == *name)
                .count()
                > 1
            {
                complain(
                    problems,
                    index,
                    json!(name),
                    "has an alarm whose name another alarm has".into(),
                );
            }
            let metric = (
                alarm.definition.namespace.as_str(),
                alarm.definition.metric_name.as_str(),
            );
            if kind == Kind::Asynchronous && is_invocation_metric(metric) {
                complain(
                    problems,
                    index,
                    json!(alarm.definition.metric_name),
                    NOT_PUBLISHED.into(),
                );
            }
        }
        let PolicyBody::TargetTracking(tracking) = &policy.body else {
            continue;
        };
        // "Only one TargetTracking policy for a given metric specification is allowed."
        if earlier
            .iter()
            .any(|other| tracks_same_metric(&other.body, tracking))
        {
            let message = "tracks the same metric as an earlier policy: AWS allows one per metric";
            complain(problems, index, json!(tracking.metric), message.into());
        }
        check_metric(
            kind,
            &tracking.metric,
            &mut |value, message| match &question.tags.metric {
                Some(tag) => problems.push(Problem::new(tag.source.clone(), "", &value, message)),
                None => complain(problems, index, value, message),
            },
        );
        // Documents were checked when they were read.
        if let (MetricSpecification::Predefined(metric), Some(tag)) =
            (&tracking.metric, &question.tags.target_value)
            && metric.predefined_metric_type.is_utilization()
            && tag.value > 1.0
        {
            let message = "must be above 0 and at most 1: the metric is a utilization";
            problems.push(Problem::new(
                tag.source.clone(),
                "",
                &json!(tag.value),
                message,
            ));
        }
    }
}

const NOT_PUBLISHED: &str = "is not published by asynchronous endpoints (SageMaker developer guide, \"Monitor asynchronous endpoint\"); use ApproximateBacklogSizePerInstance";

fn check_metric(kind: Kind, metric: &MetricSpecification, complain: &mut dyn FnMut(Value, String)) {
    match metric {
        MetricSpecification::Predefined(metric) => {
            let metric = metric.predefined_metric_type;
            if kind == Kind::Asynchronous {
                complain(json!(metric), NOT_PUBLISHED.into());
            } else if metric.dimension() != kind.dimension() {
                let fitting = PredefinedMetric::ALL.into_iter();
                let fitting = fitting.filter(|metric| metric.dimension() == kind.dimension());
                let fitting: Vec<_> = fitting.map(PredefinedMetric::as_str).collect();
                let (dimension, fitting) = (kind.dimension().as_str(), fitting.join(", "));
                complain(
                    json!(metric),
                    format!("does not fit {dimension}; fitting are {fitting}"),
                );
            }
        }
        MetricSpecification::Customized(customized) if kind == Kind::Asynchronous => {
            let named = match customized {
                Customized::Metric(metric) => {
                    vec![(metric.namespace.as_str(), metric.metric_name.as_str())]
                }
                Customized::Math(math) => {
                    let stats = math
                        .metrics
                        .iter()
                        .filter_map(|query| query.metric_stat.as_ref());
                    stats
                        .map(|stat| {
                            (
                                stat.metric.namespace.as_str(),
                                stat.metric.metric_name.as_str(),
                            )
                        })
                        .collect()
                }
            };
            for metric in named
                .into_iter()
                .filter(|metric| is_invocation_metric(*metric))
            {
                complain(json!(metric.1), NOT_PUBLISHED.into());
            }
        }
        MetricSpecification::Customized(_) => {}
    }
}

fn is_invocation_metric((namespace, metric): (&str, &str)) -> bool {
    namespace == SAGEMAKER && ["Invocations", "InvocationsPerInstance"].contains(&metric)
}

/// Whether a policy tracks the metric of `tracking`.
#[must_use]
pub fn tracks_same_metric(body: &PolicyBody, tracking: &TargetTracking) -> bool {
    matches!(body, PolicyBody::TargetTracking(other) if other.metric == tracking.metric)
}
