//! What is added to the policies of a document: what wakes a target from zero, and what scales in
//! one that is idle.

use super::fill::Fill;
use super::rules::SAGEMAKER;
use super::{PolicyAlarm, Question, Stated, stated};
use crate::document::IdleScaleIn;
use crate::kind::Kind;
use crate::naming::{alarm_name, full_name};
use crate::problem::{Problem, Source};
use crate::scaling::{
    AlarmDefinition, DEFAULT_COOLDOWN, PolicyBody, ScalingPolicy, StepAdjustment, StepScaling,
    average, missing,
};
use serde_json::json;

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
pub(super) fn wake_up(
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
pub(super) fn idle_scale_in(
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
pub(super) fn idle_policy(
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
