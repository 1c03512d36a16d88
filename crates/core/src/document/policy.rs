//! Policies, alarms and scheduled actions as documents write them, in AWS's own words.

#![expect(
    clippy::option_option,
    reason = "outer None: complained about; inner None: left out"
)]

use super::reader::{Fields, Node};
use crate::metric::PredefinedMetric;
use crate::scaling::{
    AlarmDefinition, Customized, Dimensions, Metric, MetricDataQuery, MetricMath,
    MetricSpecification, MetricStat, MetricStatistic, Predefined, ScalableTargetAction,
    ScheduledAction, StepAdjustment, StepScaling, TargetTracking, average, default_cooldown,
    missing,
};
use crate::schedule::Schedule;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One entry of `ScalingPolicies`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyDefinition {
    /// The author's name; ours carries a prefix.
    pub policy_name: String,
    /// What it does.
    #[serde(flatten)]
    pub configuration: PolicyConfiguration,
}

/// What a policy does, by its type.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "PolicyType")]
#[schemars(transform = type_may_be_left_out)]
pub enum PolicyConfiguration {
    /// Keeps a metric at a value.
    TargetTrackingScaling {
        /// How.
        #[serde(rename = "TargetTrackingScalingPolicyConfiguration")]
        configuration: TargetTracking,
    },
    /// Acts on alarms.
    StepScaling {
        /// How.
        #[serde(rename = "StepScalingPolicyConfiguration")]
        configuration: StepScaling,
        /// When.
        #[serde(
            rename = "AlarmDefinitions",
            default,
            skip_serializing_if = "Vec::is_empty"
        )]
        alarms: Vec<AlarmDefinition>,
    },
}

/// The configuration that is given tells the type.
fn type_may_be_left_out(schema: &mut schemars::Schema) {
    let variants = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    for variant in variants.into_iter().flatten() {
        if let Some(required) = variant.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name != "PolicyType");
        }
    }
}

/// Everything `describe-scaling-policies` prints besides what is wanted.
const PRINTED: [&str; 6] = [
    "PolicyARN",
    "ServiceNamespace",
    "ResourceId",
    "ScalableDimension",
    "CreationTime",
    "Alarms",
];
const STATISTICS: [&str; 5] = ["Average", "Minimum", "Maximum", "SampleCount", "Sum"];
const WHOLE: std::ops::RangeInclusive<u32> = 0..=2_147_483_647;

/// Names that Application Auto Scaling accepts, with room for our prefix within its 256.
fn name(node: &Node<'_>) -> Option<String> {
    node.text("1 to 200 printable characters", |text| {
        (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    })
}

fn words(node: &Node<'_>) -> Option<String> {
    node.text("1 to 255 characters", |text| {
        (1..=255).contains(&text.chars().count())
    })
}

pub(super) fn policies(node: &Node<'_>) -> Option<Vec<PolicyDefinition>> {
    let nodes = node.list()?;
    if nodes.len() > 50 {
        node.complain("must have at most 50 policies: a scalable target takes no more");
    }
    Some(nodes.iter().filter_map(policy).collect())
}

fn policy(node: &Node<'_>) -> Option<PolicyDefinition> {
    let fields = node.fields()?;
    fields.ignore(&PRINTED);
    let policy_name = fields.required("PolicyName").and_then(|node| name(&node));
    let stated = fields
        .get("PolicyType")
        .map(|node| node.one_of(&["TargetTrackingScaling", "StepScaling"]));
    let tracking = fields.get("TargetTrackingScalingPolicyConfiguration");
    let step = fields.get("StepScalingPolicyConfiguration");
    let alarms = fields.get("AlarmDefinitions");
    let configuration = match (&tracking, &step) {
        (Some(tracking), None) => {
            if let Some(alarms) = alarms {
                alarms.complain(
                    "belongs to a StepScaling policy: target tracking makes its own alarms",
                );
            }
            target_tracking(tracking)
                .map(|configuration| PolicyConfiguration::TargetTrackingScaling { configuration })
        }
        (None, Some(step)) => {
            let alarms = alarms.map_or(Some(Vec::new()), |node| {
                Some(node.list()?.iter().filter_map(alarm).collect())
            });
            step_scaling(step)
                .zip(alarms)
                .map(|(configuration, alarms)| PolicyConfiguration::StepScaling {
                    configuration,
                    alarms,
                })
        }
        _ => {
            node.complain(
                "must have either TargetTrackingScalingPolicyConfiguration or StepScalingPolicyConfiguration",
            );
            None
        }
    };
    if let Some(Some(stated)) = stated
        && (stated == "StepScaling") != step.is_some()
        && tracking.is_some() != step.is_some()
    {
        node.complain(format!(
            "PolicyType {} does not fit the configuration that is given",
            node.shown(stated)
        ));
    }
    fields.finish();
    Some(PolicyDefinition {
        policy_name: policy_name?,
        configuration: configuration?,
    })
}

fn cooldown(fields: &Fields<'_>, field: &'static str) -> Option<u32> {
    fields
        .get(field)
        .map_or(Some(default_cooldown()), |node| node.whole_number(WHOLE))
}

fn target_tracking(node: &Node<'_>) -> Option<TargetTracking> {
    let fields = node.fields()?;
    let target_value = fields
        .required("TargetValue")
        .and_then(|node| node.number("a number above 0", |number| number > 0.0));
    let predefined = fields.get("PredefinedMetricSpecification");
    let customized = fields.get("CustomizedMetricSpecification");
    let metric = match (predefined, customized) {
        (Some(node), None) => {
            predefined_metric(&node, target_value).map(MetricSpecification::Predefined)
        }
        (None, Some(node)) => customized_metric(&node).map(MetricSpecification::Customized),
        _ => {
            node.complain(
                "must have either PredefinedMetricSpecification or CustomizedMetricSpecification",
            );
            None
        }
    };
    let scale_in_cooldown = cooldown(&fields, "ScaleInCooldown");
    let scale_out_cooldown = cooldown(&fields, "ScaleOutCooldown");
    let disable_scale_in = fields
        .get("DisableScaleIn")
        .map_or(Some(false), |node| node.boolean());
    fields.finish();
    Some(TargetTracking {
        target_value: target_value?,
        metric: metric?,
        scale_in_cooldown: scale_in_cooldown?,
        scale_out_cooldown: scale_out_cooldown?,
        disable_scale_in: disable_scale_in?,
    })
}

fn predefined_metric(node: &Node<'_>, target_value: Option<f64>) -> Option<Predefined> {
    let fields = node.fields()?;
    if let Some(label) = fields.get("ResourceLabel") {
        label.complain("must be left out: SageMaker metrics take no ResourceLabel");
    }
    let names = PredefinedMetric::ALL.map(PredefinedMetric::as_str);
    let metric = fields
        .required("PredefinedMetricType")
        .and_then(|node| node.one_of(&names))
        .and_then(|name| PredefinedMetric::parse(&name));
    fields.finish();
    if metric.is_some_and(PredefinedMetric::is_utilization)
        && target_value.is_some_and(|value| value > 1.0)
    {
        node.complain("takes a TargetValue above 0 and at most 1: it is a utilization");
    }
    Some(Predefined {
        predefined_metric_type: metric?,
    })
}

fn customized_metric(node: &Node<'_>) -> Option<Customized> {
    let fields = node.fields()?;
    if let Some(metrics) = fields.get("Metrics") {
        fields.finish();
        return metric_math(&metrics).map(Customized::Math);
    }
    let namespace = fields.required("Namespace").and_then(|node| words(&node));
    let metric_name = fields.required("MetricName").and_then(|node| words(&node));
    let dimensions = dimensions(&fields);
    let statistic = fields
        .required("Statistic")
        .and_then(|node| node.one_of(&STATISTICS));
    let unit = optional_text(&fields, "Unit");
    fields.finish();
    Some(Customized::Metric(MetricStatistic {
        namespace: namespace?,
        metric_name: metric_name?,
        dimensions: dimensions?,
        statistic: statistic?,
        unit: unit?,
    }))
}

fn optional_text(fields: &Fields<'_>, field: &'static str) -> Option<Option<String>> {
    fields
        .get(field)
        .map_or(Some(None), |node| words(&node).map(Some))
}

fn dimensions(fields: &Fields<'_>) -> Option<Option<Dimensions>> {
    let Some(node) = fields.get("Dimensions") else {
        return Some(None);
    };
    let mut dimensions = BTreeMap::new();
    for node in node.list()? {
        let fields = node.fields()?;
        let name = fields.required("Name").and_then(|node| words(&node));
        let value = fields.required("Value").and_then(|node| words(&node));
        fields.finish();
        if dimensions.insert(name?, value?).is_some() {
            node.complain("names a dimension a second time");
        }
    }
    Some(Some(Dimensions(dimensions)))
}

fn metric_math(node: &Node<'_>) -> Option<MetricMath> {
    let nodes = node.list()?;
    let queries: Vec<_> = nodes.iter().map(metric_data_query).collect();
    let mut metrics = queries.into_iter().collect::<Option<Vec<_>>>()?;
    let returning = metrics.iter().filter(|query| query.return_data).count();
    if returning != 1 {
        node.complain(format!(
            "must have exactly one query with ReturnData true (the default); has {returning}"
        ));
    }
    metrics.sort_by(|a, b| a.id.cmp(&b.id));
    if metrics.windows(2).any(|pair| pair[0].id == pair[1].id) {
        node.complain("must have no two queries of the same Id");
    }
    Some(MetricMath { metrics })
}

fn metric_data_query(node: &Node<'_>) -> Option<MetricDataQuery> {
    let fields = node.fields()?;
    let id = fields.required("Id").and_then(|node| {
        node.text(
            "a lower-case letter, then letters, digits and underscores",
            |text| {
                text.starts_with(|first: char| first.is_ascii_lowercase())
                    && text.len() <= 255
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            },
        )
    });
    let expression = fields.get("Expression").map_or(Some(None), |node| {
        node.text("1 to 2048 characters", |text| {
            (1..=2048).contains(&text.chars().count())
        })
        .map(Some)
    });
    let label = optional_text(&fields, "Label");
    let metric_stat = fields
        .get("MetricStat")
        .map_or(Some(None), |node| metric_stat(&node).map(Some));
    let return_data = fields
        .get("ReturnData")
        .map_or(Some(true), |node| node.boolean());
    fields.finish();
    let (expression, metric_stat) = (expression?, metric_stat?);
    if expression.is_some() == metric_stat.is_some() {
        node.complain("must have either Expression or MetricStat");
    }
    Some(MetricDataQuery {
        id: id?,
        expression,
        label: label?,
        metric_stat,
        return_data: return_data?,
    })
}

fn metric_stat(node: &Node<'_>) -> Option<MetricStat> {
    let fields = node.fields()?;
    let metric = fields.required("Metric").and_then(|node| {
        let fields = node.fields()?;
        let namespace = fields.required("Namespace").and_then(|node| words(&node));
        let metric_name = fields.required("MetricName").and_then(|node| words(&node));
        let dimensions = dimensions(&fields);
        fields.finish();
        Some(Metric {
            namespace: namespace?,
            metric_name: metric_name?,
            dimensions: dimensions?,
        })
    });
    let stat = fields.required("Stat").and_then(|node| words(&node));
    let unit = optional_text(&fields, "Unit");
    fields.finish();
    Some(MetricStat {
        metric: metric?,
        stat: stat?,
        unit: unit?,
    })
}

fn step_scaling(node: &Node<'_>) -> Option<StepScaling> {
    let fields = node.fields()?;
    let adjustment_type = fields.required("AdjustmentType").and_then(|node| {
        node.one_of(&[
            "ChangeInCapacity",
            "PercentChangeInCapacity",
            "ExactCapacity",
        ])
    });
    let steps = fields
        .required("StepAdjustments")
        .and_then(|node| step_adjustments(&node));
    let min_adjustment_magnitude = fields
        .get("MinAdjustmentMagnitude")
        .map_or(Some(None), |node| node.whole_number(WHOLE).map(Some));
    let cooldown = cooldown(&fields, "Cooldown");
    let metric_aggregation_type = fields.get("MetricAggregationType").map_or_else(
        || Some(average()),
        |node| node.one_of(&["Average", "Minimum", "Maximum"]),
    );
    fields.finish();
    Some(StepScaling {
        adjustment_type: adjustment_type?,
        step_adjustments: steps?,
        min_adjustment_magnitude: min_adjustment_magnitude?,
        cooldown: cooldown?,
        metric_aggregation_type: metric_aggregation_type?,
    })
}

/// Steps must tile their range: no overlap, no gap, one open end at most per side
/// (Application Auto Scaling user guide, "Step scaling policies").
fn step_adjustments(node: &Node<'_>) -> Option<Vec<StepAdjustment>> {
    let nodes = node.list()?;
    if nodes.is_empty() || nodes.len() > 20 {
        node.complain("must have 1 to 20 steps");
    }
    let bound = |fields: &Fields<'_>, field| {
        fields.get(field).map_or(Some(None), |node: Node<'_>| {
            node.number("a number", |_| true).map(Some)
        })
    };
    let read = |node: &Node<'_>| {
        let fields = node.fields()?;
        let lower = bound(&fields, "MetricIntervalLowerBound");
        let upper = bound(&fields, "MetricIntervalUpperBound");
        let adjustment = fields
            .required("ScalingAdjustment")
            .and_then(|node| node.whole_number(-2_147_483_647..=2_147_483_647_i32));
        fields.finish();
        Some(StepAdjustment {
            metric_interval_lower_bound: lower?,
            metric_interval_upper_bound: upper?,
            scaling_adjustment: adjustment?,
        })
    };
    let steps: Vec<_> = nodes.iter().map(read).collect();
    let mut steps = steps.into_iter().collect::<Option<Vec<_>>>()?;
    let low = |step: &StepAdjustment| {
        step.metric_interval_lower_bound
            .unwrap_or(f64::NEG_INFINITY)
    };
    let high = |step: &StepAdjustment| step.metric_interval_upper_bound.unwrap_or(f64::INFINITY);
    steps.sort_by(|a, b| low(a).total_cmp(&low(b)));
    if steps.iter().any(|step| low(step) >= high(step)) {
        node.complain("must have each lower bound below its upper bound");
    }
    for pair in steps.windows(2) {
        match high(&pair[0]).total_cmp(&low(&pair[1])) {
            std::cmp::Ordering::Equal if high(&pair[0]).is_finite() => {}
            std::cmp::Ordering::Less => node.complain("must leave no gap between steps"),
            _ => node.complain("must not overlap"),
        }
    }
    Some(steps)
}

fn alarm(node: &Node<'_>) -> Option<AlarmDefinition> {
    let fields = node.fields()?;
    let positive = 1..=2_147_483_647_u32;
    let alarm_name = fields.required("AlarmName").and_then(|node| name(&node));
    let namespace = fields.required("Namespace").and_then(|node| words(&node));
    let metric_name = fields.required("MetricName").and_then(|node| words(&node));
    let dimensions = dimensions(&fields);
    let statistic = fields
        .required("Statistic")
        .and_then(|node| node.one_of(&STATISTICS));
    let period = fields
        .required("Period")
        .and_then(|node| node.whole_number(positive.clone()));
    let evaluation_periods = fields
        .required("EvaluationPeriods")
        .and_then(|node| node.whole_number(positive.clone()));
    let datapoints_to_alarm = fields.get("DatapointsToAlarm").map_or(Some(None), |node| {
        node.whole_number(positive.clone()).map(Some)
    });
    let threshold = fields
        .required("Threshold")
        .and_then(|node| node.number("a number", |_| true));
    let comparison_operator = fields.required("ComparisonOperator").and_then(|node| {
        node.one_of(&[
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ])
    });
    let treat_missing_data = fields.get("TreatMissingData").map_or_else(
        || Some(missing()),
        |node| node.one_of(&["missing", "ignore", "breaching", "notBreaching"]),
    );
    let unit = optional_text(&fields, "Unit");
    fields.finish();
    if let (Some(period), Some(periods)) = (period, evaluation_periods) {
        check_periods(node, period, periods, datapoints_to_alarm.flatten());
    }
    Some(AlarmDefinition {
        alarm_name: alarm_name?,
        namespace: namespace?,
        metric_name: metric_name?,
        dimensions: dimensions?,
        statistic: statistic?,
        period: period?,
        evaluation_periods: evaluation_periods?,
        datapoints_to_alarm: datapoints_to_alarm?,
        threshold: threshold?,
        comparison_operator: comparison_operator?,
        treat_missing_data: treat_missing_data?,
        unit: unit?,
    })
}

/// What CloudWatch lets an alarm look at (CloudWatch API reference, `PutMetricAlarm`).
fn check_periods(node: &Node<'_>, period: u32, periods: u32, datapoints: Option<u32>) {
    const DAY: u64 = 86_400;
    if ![10, 20, 30].contains(&period) && !period.is_multiple_of(60) {
        node.complain("must have a Period of 10, 20, 30 or a multiple of 60 seconds");
    }
    let longest = if period < 3600 { DAY } else { 7 * DAY };
    if u64::from(period) * u64::from(periods) > longest {
        node.complain(format!(
            "must look back at most {longest} seconds: Period times EvaluationPeriods"
        ));
    }
    if datapoints.is_some_and(|datapoints| datapoints > periods) {
        node.complain("must have DatapointsToAlarm no larger than EvaluationPeriods");
    }
}

pub(super) fn scheduled_actions(node: &Node<'_>) -> Option<Vec<ScheduledAction>> {
    let nodes = node.list()?;
    if nodes.len() > 200 {
        node.complain("must have at most 200 actions: a scalable target takes no more");
    }
    Some(nodes.iter().filter_map(scheduled_action).collect())
}

fn scheduled_action(node: &Node<'_>) -> Option<ScheduledAction> {
    let fields = node.fields()?;
    fields.ignore(&[
        "ScheduledActionARN",
        "ServiceNamespace",
        "ResourceId",
        "ScalableDimension",
        "CreationTime",
    ]);
    let scheduled_action_name = fields.required("ScheduledActionName").and_then(|node| {
        node.text(
            "1 to 200 characters without `:`, `/`, `|` and outer spaces",
            |text| {
                (1..=200).contains(&text.chars().count())
                    && text.trim() == text
                    && !text.contains([':', '/', '|'])
                    && !text.chars().any(char::is_control)
            },
        )
    });
    let schedule = fields.required("Schedule").and_then(|node| {
        let text = node.text("at(…), rate(…) or cron(…)", |_| true)?;
        match Schedule::parse(&text) {
            Ok(_) => Some(text),
            Err(problems) => {
                for problem in problems {
                    // They quote the schedule.
                    node.complain(format!(
                        "is no schedule of Application Auto Scaling: {}",
                        node.shown(problem)
                    ));
                }
                None
            }
        }
    });
    let timezone = fields.get("Timezone").map_or(Some(None), |node| {
        node.text("an IANA time zone such as Europe/Berlin", |name| {
            jiff::tz::TimeZone::get(name).is_ok()
        })
        .map(Some)
    });
    let action = fields.required("ScalableTargetAction").and_then(|node| {
        let fields = node.fields()?;
        let min_capacity = fields
            .get("MinCapacity")
            .map_or(Some(None), |node| node.whole_number(WHOLE).map(Some));
        let max_capacity = fields
            .get("MaxCapacity")
            .map_or(Some(None), |node| node.whole_number(WHOLE).map(Some));
        fields.finish();
        let action = ScalableTargetAction {
            min_capacity: min_capacity?,
            max_capacity: max_capacity?,
        };
        match (action.min_capacity, action.max_capacity) {
            (None, None) => node.complain("must set MinCapacity, MaxCapacity or both"),
            (Some(min), Some(max)) if min > max => {
                node.complain("must have MinCapacity no larger than MaxCapacity");
            }
            _ => {}
        }
        Some(action)
    });
    fields.finish();
    Some(ScheduledAction {
        scheduled_action_name: scheduled_action_name?,
        schedule: schedule?,
        timezone: timezone?,
        scalable_target_action: action?,
    })
}
