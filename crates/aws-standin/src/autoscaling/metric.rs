//! Target-tracking configurations: their metrics, and the alarms made of them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dimension, Resource, TargetKey};
use crate::error::ServiceError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TargetTracking {
    target_value: f64,
    predefined_metric_specification: Option<Predefined>,
    customized_metric_specification: Option<Value>,
    scale_out_cooldown: Option<i32>,
    scale_in_cooldown: Option<i32>,
    #[serde(default)]
    pub(super) disable_scale_in: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Predefined {
    predefined_metric_type: String,
    resource_label: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Customized {
    metric_name: Option<String>,
    namespace: Option<String>,
    dimensions: Option<Value>,
    statistic: Option<String>,
    unit: Option<String>,
    metrics: Option<Vec<Query>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    expression: Option<String>,
    metric_stat: Option<Value>,
    return_data: Option<bool>,
}

/// A predefined metric type, and the metric of `AWS/SageMaker` behind it.
struct Metric {
    kind: &'static str,
    dimension: Dimension,
    name: &'static str,
    statistic: &'static str,
    period: u32,
}

/// "Monitor usage metrics with Amazon CloudWatch" in the Application Auto
/// Scaling user guide (monitoring-cloudwatch).
const PREDEFINED: [Metric; 5] = [
    Metric {
        kind: "SageMakerVariantInvocationsPerInstance",
        dimension: Dimension::InstanceCount,
        name: "InvocationsPerInstance",
        statistic: "Sum",
        period: 60,
    },
    Metric {
        kind: "SageMakerVariantConcurrentRequestsPerModelHighResolution",
        dimension: Dimension::InstanceCount,
        name: "ConcurrentRequestsPerModel",
        statistic: "Maximum",
        period: 10,
    },
    Metric {
        kind: "SageMakerVariantProvisionedConcurrencyUtilization",
        dimension: Dimension::ProvisionedConcurrency,
        name: "ServerlessProvisionedConcurrencyUtilization",
        statistic: "Maximum",
        period: 60,
    },
    Metric {
        kind: "SageMakerInferenceComponentInvocationsPerCopy",
        dimension: Dimension::CopyCount,
        name: "InvocationsPerCopy",
        statistic: "Sum",
        period: 60,
    },
    Metric {
        kind: "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution",
        dimension: Dimension::CopyCount,
        name: "ConcurrentRequestsPerCopy",
        statistic: "Maximum",
        period: 10,
    },
];

impl TargetTracking {
    /// The rules of `TargetTrackingScalingPolicyConfiguration` that the model
    /// does not state.
    pub(super) fn check(&self, dimension: Dimension) -> Result<(), ServiceError> {
        let refuse = |problem: &str| Err(ServiceError::validation(problem));
        // The API reference gives a range from -2^360 to 2^360. That a target
        // must be positive is our reading: no alarm could lie 10 % below it.
        if !(self.target_value > 0.0 && self.target_value <= 2_f64.powi(360)) {
            return refuse("TargetValue must be positive and at most 2^360.");
        }
        if [self.scale_in_cooldown, self.scale_out_cooldown]
            .iter()
            .flatten()
            .any(|seconds| *seconds < 0)
        {
            return refuse("A cooldown must not be negative.");
        }
        match (
            &self.predefined_metric_specification,
            &self.customized_metric_specification,
        ) {
            (Some(predefined), None) => predefined.check(dimension),
            (None, Some(customized)) => Customized::deserialize(customized)
                .map_err(|error| ServiceError::serialization(error.to_string()))?
                .check()
                .map_err(ServiceError::validation),
            _ => refuse(
                "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.",
            ),
        }
    }

    /// What must differ between two policies of one target.
    pub(super) fn specification(&self) -> Value {
        match (
            &self.predefined_metric_specification,
            &self.customized_metric_specification,
        ) {
            (Some(predefined), _) => predefined.predefined_metric_type.as_str().into(),
            (None, Some(customized)) => {
                let mut specification = customized.clone();
                if let Some(dimensions) = specification
                    .get_mut("Dimensions")
                    .and_then(Value::as_array_mut)
                {
                    dimensions.sort_by_key(ToString::to_string);
                }
                specification
            }
            (None, None) => Value::Null,
        }
    }

    /// The settings of `AlarmHigh` or `AlarmLow`: three periods above the
    /// target, fifteen periods below nine tenths of it.
    ///
    /// Observed for one-minute metrics (re:Post, question `QUf450Wsd9RROGGOIwaolN9w`). For
    /// metrics of ten seconds only the low alarm's 90 periods were observed;
    /// that the high one keeps three is our choice.
    pub(super) fn alarm(&self, key: &TargetKey, high: bool) -> Value {
        let mut settings = match (
            &self.predefined_metric_specification,
            &self.customized_metric_specification,
        ) {
            (Some(predefined), _) => predefined.metric(key),
            (None, Some(customized)) => customized_metric(customized),
            (None, None) => json!({}),
        };
        let high_resolution = settings.get("Period") == Some(&json!(10));
        settings["Threshold"] = json!(if high {
            self.target_value
        } else {
            self.target_value * 0.9
        });
        settings["ComparisonOperator"] = if high {
            "GreaterThanThreshold"
        } else {
            "LessThanThreshold"
        }
        .into();
        settings["EvaluationPeriods"] = match (high, high_resolution) {
            (true, _) => 3,
            (false, false) => 15,
            (false, true) => 90,
        }
        .into();
        settings["ActionsEnabled"] = true.into();
        settings
    }
}

impl Predefined {
    fn check(&self, dimension: Dimension) -> Result<(), ServiceError> {
        let supported = || {
            PREDEFINED
                .iter()
                .filter(|metric| metric.dimension == dimension)
        };
        if !supported().any(|metric| metric.kind == self.predefined_metric_type) {
            // The words of aws/aws-cdk#29065.
            let kinds: Vec<_> = supported().map(|metric| metric.kind).collect();
            return Err(ServiceError::validation(format!(
                "Scalable dimension {dimension} only supports the following predefined metric types: {}",
                kinds.join(", ")
            )));
        }
        // "You can't specify a resource label unless" the metric is one of a
        // load balancer's (`PredefinedMetricSpecification`, API reference).
        if self.resource_label.is_some() {
            return Err(ServiceError::validation(format!(
                "ResourceLabel must not be specified for {}.",
                self.predefined_metric_type
            )));
        }
        Ok(())
    }

    fn metric(&self, key: &TargetKey) -> Value {
        let metric = PREDEFINED
            .iter()
            .find(|metric| metric.kind == self.predefined_metric_type);
        let dimension = |name: &str, value: &str| json!({"Name": name, "Value": value});
        let dimensions = match &key.resource {
            Resource::Variant { endpoint, variant } => {
                json!([
                    dimension("EndpointName", endpoint),
                    dimension("VariantName", variant)
                ])
            }
            Resource::Component { name } => json!([dimension("InferenceComponentName", name)]),
        };
        json!({
            "Namespace": "AWS/SageMaker",
            "MetricName": metric.map(|metric| metric.name),
            "Statistic": metric.map(|metric| metric.statistic),
            "Period": metric.map(|metric| metric.period),
            "Dimensions": dimensions,
        })
    }
}

impl Customized {
    fn check(&self) -> Result<(), &'static str> {
        let single = [
            self.metric_name.is_some(),
            self.namespace.is_some(),
            self.statistic.is_some(),
        ];
        let Some(queries) = &self.metrics else {
            return if single == [true; 3] {
                Ok(())
            } else {
                Err(
                    "CustomizedMetricSpecification needs MetricName, Namespace and Statistic, or Metrics.",
                )
            };
        };
        if single.contains(&true) || self.dimensions.is_some() || self.unit.is_some() {
            return Err(
                "With Metrics, none of MetricName, Namespace, Dimensions, Statistic and Unit may be specified.",
            );
        }
        if queries
            .iter()
            .any(|query| query.expression.is_some() == query.metric_stat.is_some())
        {
            return Err("Each of Metrics needs either Expression or MetricStat, but not both.");
        }
        if queries
            .iter()
            .filter(|query| query.return_data.unwrap_or(true))
            .count()
            != 1
        {
            return Err("Exactly one of Metrics must have ReturnData true.");
        }
        let well_named = |id: &str| {
            id.starts_with(|first: char| first.is_ascii_lowercase())
                && id
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let distinct = |(index, query): (usize, &Query)| {
            well_named(&query.id) && queries[..index].iter().all(|other| other.id != query.id)
        };
        if !queries.iter().enumerate().all(distinct) {
            return Err(
                "The ids of Metrics must differ, begin with a lower-case letter, and consist of letters, digits and underscores.",
            );
        }
        Ok(())
    }
}

fn customized_metric(specification: &Value) -> Value {
    if let Some(metrics) = specification.get("Metrics") {
        let queries = metrics.as_array().into_iter().flatten().map(|query| {
            let mut query = query.clone();
            if let Some(stat) = query.get_mut("MetricStat") {
                stat["Period"] = 60.into();
            }
            query
        });
        return json!({ "Metrics": queries.collect::<Vec<_>>() });
    }
    let mut settings = specification.clone();
    settings["Period"] = 60.into();
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(dimension: Dimension, config: Value) -> Result<(), String> {
        serde_json::from_value::<TargetTracking>(config)
            .expect("a configuration")
            .check(dimension)
            .map_err(|error| error.message.unwrap_or_default())
    }

    fn predefined(kind: &str) -> Value {
        json!({"TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": kind}})
    }

    #[test]
    fn every_predefined_metric_fits_one_dimension() {
        for metric in &PREDEFINED {
            for dimension in [
                Dimension::InstanceCount,
                Dimension::ProvisionedConcurrency,
                Dimension::CopyCount,
            ] {
                let fits = verdict(dimension, predefined(metric.kind)).is_ok();
                assert_eq!(
                    fits,
                    dimension == metric.dimension,
                    "{} on {dimension}",
                    metric.kind
                );
            }
        }
        assert_eq!(
            verdict(Dimension::ProvisionedConcurrency, predefined("SageMakerVariantInvocationsPerInstance")),
            Err("Scalable dimension sagemaker:variant:DesiredProvisionedConcurrency only supports the following \
                 predefined metric types: SageMakerVariantProvisionedConcurrencyUtilization"
                .to_owned())
        );
    }

    #[test]
    fn configurations_that_are_refused() {
        let check = |changes: Value, part: &str| {
            let mut config = predefined("SageMakerVariantInvocationsPerInstance");
            for (name, value) in changes.as_object().expect("an object") {
                config[name] = value.clone();
            }
            let problem = verdict(Dimension::InstanceCount, config).expect_err("refused");
            assert!(problem.contains(part), "{problem}");
        };
        let customized = |specification: Value| json!({"PredefinedMetricSpecification": null, "CustomizedMetricSpecification": specification});
        check(json!({"TargetValue": 0.0}), "TargetValue");
        check(json!({"TargetValue": -1.0}), "TargetValue");
        check(json!({"TargetValue": 1e300}), "TargetValue");
        check(json!({"ScaleInCooldown": -1}), "cooldown");
        check(
            json!({"PredefinedMetricSpecification": null}),
            "Exactly one",
        );
        check(json!({"CustomizedMetricSpecification": {}}), "Exactly one");
        check(
            json!({"PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance", "ResourceLabel": "x"}}),
            "ResourceLabel",
        );
        check(
            customized(json!({"MetricName": "m", "Namespace": "n"})),
            "Statistic",
        );
        let stat = json!({"Metric": {}, "Stat": "Sum"});
        check(
            customized(json!({"Metrics": [{"Id": "m1"}]})),
            "either Expression or MetricStat",
        );
        check(
            customized(json!({"Metrics": [{"Id": "M", "MetricStat": stat}]})),
            "lower-case",
        );
        check(
            customized(
                json!({"Metrics": [{"Id": "m", "MetricStat": stat}, {"Id": "e", "Expression": "m"}]}),
            ),
            "ReturnData",
        );
        check(
            customized(json!({"Metrics": [], "Namespace": "n"})),
            "none of",
        );
    }
}
