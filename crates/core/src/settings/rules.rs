//! Rules about policies that only show once names and metrics are filled in.

use super::{PolicyAlarm, Question};
use crate::kind::Kind;
use crate::metric::PredefinedMetric;
use crate::problem::{Problem, Sourced};
use crate::scaling::{Customized, MetricSpecification, PolicyBody, ScalingPolicy, TargetTracking};
use serde_json::{Value, json};

/// AWS's own namespace of SageMaker metrics.
pub(super) const SAGEMAKER: &str = "AWS/SageMaker";
/// A scalable target takes no more policies ("Application Auto Scaling endpoints and quotas").
const MOST_POLICIES: usize = 50;

/// Rules that only show once names and metrics are filled in.
pub(super) fn check(
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
