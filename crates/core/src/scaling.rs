//! The nouns of Application Auto Scaling, with the server's defaults filled in.
//!
//! Field names are AWS's own, so that these types print what people know from the AWS
//! documentation. An omitted cooldown means 300 s and an omitted `DisableScaleIn` means false
//! (Application Auto Scaling API reference); the types hold those values, so that two policies
//! are equal exactly when they mean the same.

use crate::metric::PredefinedMetric;
use crate::schedule::Schedule;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// Seconds of cooldown when none is stated, for every SageMaker target.
pub const DEFAULT_COOLDOWN: u32 = 300;

/// The bounds of a scalable target. Invariant: `min <= max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityRange {
    min: u32,
    max: u32,
}

impl CapacityRange {
    /// `None` when `max < min`.
    #[must_use]
    pub fn new(min: u32, max: u32) -> Option<Self> {
        (min <= max).then_some(Self { min, max })
    }

    /// `MinCapacity`.
    #[must_use]
    pub fn min(self) -> u32 {
        self.min
    }

    /// `MaxCapacity`.
    #[must_use]
    pub fn max(self) -> u32 {
        self.max
    }

    /// Reads what [`fmt::Display`] writes into tags.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (min, max) = text.split_once('-')?;
        Self::new(min.parse().ok()?, max.parse().ok()?)
    }
}

impl CapacityRange {
    /// The same bounds, at least one.
    #[must_use]
    pub fn at_least_one(self) -> Self {
        Self {
            min: self.min.max(1),
            max: self.max.max(1),
        }
    }
}

impl fmt::Display for CapacityRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.min, self.max)
    }
}

/// `SuspendedState`: what of a scalable target stands still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Suspension {
    /// `DynamicScalingInSuspended`.
    pub scale_in: bool,
    /// `DynamicScalingOutSuspended`.
    pub scale_out: bool,
    /// `ScheduledScalingSuspended`.
    pub scheduled: bool,
}

impl Suspension {
    /// Nothing stands still.
    pub const NONE: Self = Self {
        scale_in: false,
        scale_out: false,
        scheduled: false,
    };
    /// Everything stands still.
    pub const ALL: Self = Self {
        scale_in: true,
        scale_out: true,
        scheduled: true,
    };
    const WORDS: [&str; 3] = ["scale-in", "scale-out", "scheduled"];

    fn flags(self) -> [bool; 3] {
        [self.scale_in, self.scale_out, self.scheduled]
    }

    fn zip(self, other: Self, join: impl Fn(bool, bool) -> bool) -> Self {
        Self {
            scale_in: join(self.scale_in, other.scale_in),
            scale_out: join(self.scale_out, other.scale_out),
            scheduled: join(self.scheduled, other.scheduled),
        }
    }

    /// What stands still in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.zip(other, |mine, other| mine && other)
    }

    /// What stands still in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.zip(other, |mine, other| mine || other)
    }

    /// What stands still here and not there.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        self.zip(other, |mine, other| mine && !other)
    }

    /// Reads what [`fmt::Display`] writes into tags; unknown words count for nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let has = |word| text.split('+').any(|part| part == word);
        let [scale_in, scale_out, scheduled] = Self::WORDS.map(has);
        Self {
            scale_in,
            scale_out,
            scheduled,
        }
    }
}

/// The words of the tag `paused`, joined by `+`: a comma cannot stand in a tag's value.
impl fmt::Display for Suspension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = Self::WORDS.into_iter().zip(self.flags());
        let words: Vec<_> = words
            .filter_map(|(word, set)| set.then_some(word))
            .collect();
        f.write_str(&words.join("+"))
    }
}

/// A policy as it is stored: its full name and what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingPolicy {
    /// `PolicyName`.
    pub name: String,
    /// What it does.
    pub body: PolicyBody,
}

/// What a policy does.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyBody {
    /// `TargetTrackingScaling`.
    TargetTracking(TargetTracking),
    /// `StepScaling`.
    Step(StepScaling),
    /// Something that this program has no type for; never equal to a desired policy.
    Opaque,
}

/// `TargetTrackingScalingPolicyConfiguration`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct TargetTracking {
    /// The value at which the metric is kept.
    pub target_value: f64,
    /// The metric that is kept there.
    #[serde(flatten)]
    pub metric: MetricSpecification,
    /// Seconds after a scale-in before the next.
    #[serde(default = "default_cooldown")]
    pub scale_in_cooldown: u32,
    /// Seconds after a scale-out before the next of the same size.
    #[serde(default = "default_cooldown")]
    pub scale_out_cooldown: u32,
    /// Whether the policy only ever adds capacity.
    #[serde(default)]
    pub disable_scale_in: bool,
}

pub(crate) fn default_cooldown() -> u32 {
    DEFAULT_COOLDOWN
}

/// The metric of a target-tracking policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub enum MetricSpecification {
    /// One of AWS's own.
    #[serde(rename = "PredefinedMetricSpecification")]
    Predefined(Predefined),
    /// Any other metric, or an expression over several.
    #[serde(rename = "CustomizedMetricSpecification")]
    Customized(Customized),
}

impl From<PredefinedMetric> for MetricSpecification {
    fn from(metric: PredefinedMetric) -> Self {
        Self::Predefined(Predefined {
            predefined_metric_type: metric,
        })
    }
}

/// `PredefinedMetricSpecification`. `ResourceLabel` does not exist for SageMaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Predefined {
    /// Which one.
    pub predefined_metric_type: PredefinedMetric,
}

/// `CustomizedMetricSpecification`: one metric, or metric math.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Customized {
    /// One metric.
    Metric(MetricStatistic),
    /// Metric math.
    Math(MetricMath),
}

/// One metric and how its data points are summarised.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MetricStatistic {
    /// CloudWatch namespace.
    pub namespace: String,
    /// Name in the namespace.
    pub metric_name: String,
    /// Filled from AWS's own table when left out for a SageMaker metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// `Average`, `Minimum`, `Maximum`, `SampleCount` or `Sum`.
    pub statistic: String,
    /// CloudWatch unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// `Metrics`: expressions over metrics, exactly one of which returns data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MetricMath {
    /// The queries; their order means nothing, so they are kept sorted by `Id`.
    pub metrics: Vec<MetricDataQuery>,
}

/// One query of metric math.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MetricDataQuery {
    /// What other expressions call it.
    pub id: String,
    /// An expression over other queries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// A label for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// A metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_stat: Option<MetricStat>,
    /// Whether this is the result; true when left out (Application Auto Scaling API reference).
    #[serde(default = "yes")]
    pub return_data: bool,
}

fn yes() -> bool {
    true
}

/// A metric inside metric math.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MetricStat {
    /// Which metric.
    pub metric: Metric,
    /// Statistic, also a percentile such as `p90`.
    pub stat: String,
    /// CloudWatch unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A metric's identity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Metric {
    /// CloudWatch namespace.
    pub namespace: String,
    /// Name in the namespace.
    pub metric_name: String,
    /// Filled from AWS's own table when left out for a SageMaker metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
}

/// Metric dimensions; a list in AWS's JSON, whose order means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dimensions(pub BTreeMap<String, String>);

impl FromIterator<(String, String)> for Dimensions {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Dimension<'a> {
    name: &'a str,
    value: &'a str,
}

impl Serialize for Dimensions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(name, value)| Dimension { name, value }))
    }
}

impl JsonSchema for Dimensions {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dimensions".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<Dimension<'static>>>::json_schema(generator)
    }
}

/// `StepScalingPolicyConfiguration`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StepScaling {
    /// `ChangeInCapacity`, `PercentChangeInCapacity` or `ExactCapacity`.
    pub adjustment_type: String,
    /// One adjustment per interval of the alarm's breach.
    pub step_adjustments: Vec<StepAdjustment>,
    /// Least change, for percentages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_adjustment_magnitude: Option<u32>,
    /// Seconds before the next action.
    #[serde(default = "default_cooldown")]
    pub cooldown: u32,
    /// `Average`, `Minimum` or `Maximum`.
    #[serde(default = "average")]
    pub metric_aggregation_type: String,
}

pub(crate) fn average() -> String {
    "Average".to_owned()
}

/// One step: an interval relative to the alarm's threshold, and what to do in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StepAdjustment {
    /// Open below when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_interval_lower_bound: Option<f64>,
    /// Open above when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_interval_upper_bound: Option<f64>,
    /// How much.
    pub scaling_adjustment: i32,
}

/// A CloudWatch alarm that drives a step policy, in the words of `PutMetricAlarm`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "the fields of PutMetricAlarm, as the CloudWatch API documents them"
)]
pub struct AlarmDefinition {
    pub alarm_name: String,
    pub namespace: String,
    pub metric_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    pub statistic: String,
    pub period: u32,
    pub evaluation_periods: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datapoints_to_alarm: Option<u32>,
    pub threshold: f64,
    pub comparison_operator: String,
    #[serde(default = "missing")]
    pub treat_missing_data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

pub(crate) fn missing() -> String {
    "missing".to_owned()
}

impl AlarmDefinition {
    /// The same alarm with CloudWatch's defaults filled in, so that two alarms are equal exactly
    /// when they mean the same: all periods must breach, and no dimensions are an empty list.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        self.datapoints_to_alarm
            .get_or_insert(self.evaluation_periods);
        self.dimensions.get_or_insert_default();
        self
    }
}

/// A scheduled action, in the words of `PutScheduledAction`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScheduledAction {
    /// Its name, before our prefix.
    pub scheduled_action_name: String,
    /// `at(…)`, `rate(…)` or `cron(…)`.
    pub schedule: String,
    /// IANA time zone; UTC when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The bounds it sets.
    pub scalable_target_action: ScalableTargetAction,
}

impl ScheduledAction {
    /// The same action with AWS's default filled in: an omitted time zone is UTC.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        self.timezone.get_or_insert_with(|| "UTC".to_owned());
        self
    }

    /// Whether it will not run after `now` any more.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        let zone = self
            .timezone
            .as_deref()
            .map_or(Ok(TimeZone::UTC), TimeZone::get);
        match (Schedule::parse(&self.schedule), zone) {
            (Ok(schedule), Ok(zone)) => schedule.next_after(now, &zone).is_none(),
            _ => false,
        }
    }
}

/// The bounds a scheduled action sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ScalableTargetAction {
    /// New minimum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<u32>,
    /// New maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_cannot_be_inverted_and_read_back() {
        assert_eq!(CapacityRange::new(3, 2), None);
        let range = CapacityRange::new(1, 4).expect("ordered");
        assert_eq!(CapacityRange::parse(&range.to_string()), Some(range));
        assert_eq!(CapacityRange::parse("4-1"), None);
        assert_eq!(CapacityRange::parse("one-4"), None);
    }

    #[test]
    fn what_is_suspended_reads_back() {
        for flags in 0..8_u8 {
            let suspension = Suspension {
                scale_in: flags & 1 > 0,
                scale_out: flags & 2 > 0,
                scheduled: flags & 4 > 0,
            };
            assert_eq!(Suspension::parse(&suspension.to_string()), suspension);
        }
        assert_eq!(Suspension::ALL.to_string(), "scale-in+scale-out+scheduled");
        assert_eq!(
            Suspension::ALL
                .without(Suspension::parse("scheduled"))
                .to_string(),
            "scale-in+scale-out"
        );
    }

    #[test]
    fn a_policy_prints_as_aws_writes_it() {
        let policy = TargetTracking {
            target_value: 70.0,
            metric: PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
            scale_in_cooldown: 300,
            scale_out_cooldown: 60,
            disable_scale_in: false,
        };
        assert_eq!(
            serde_json::to_value(policy).expect("serialises"),
            serde_json::json!({
                "TargetValue": 70.0,
                "PredefinedMetricSpecification":
                    {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                "ScaleInCooldown": 300, "ScaleOutCooldown": 60, "DisableScaleIn": false })
        );
    }
}
