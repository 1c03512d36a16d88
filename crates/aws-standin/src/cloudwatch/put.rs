//! `PutMetricAlarm`: which alarms CloudWatch takes.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Alarm;
use crate::account::{Account, read};
use crate::error::ServiceError;

/// Members of `PutMetricAlarm` that rules beyond the model speak of.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Settings {
    alarm_name: String,
    #[serde(default)]
    alarm_actions: Vec<String>,
    #[serde(default, rename = "OKActions")]
    ok_actions: Vec<String>,
    #[serde(default)]
    insufficient_data_actions: Vec<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Option<Value>,
    period: Option<u32>,
    unit: Option<String>,
    evaluation_periods: Option<u32>,
    datapoints_to_alarm: Option<u32>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    metrics: Option<Vec<MetricDataQuery>>,
    evaluation_criteria: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricDataQuery {
    id: String,
    expression: Option<String>,
    metric_stat: Option<MetricStat>,
    return_data: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    period: u32,
}

const DAY: u64 = 86_400;

impl Settings {
    /// Rules of `PutMetricAlarm`'s API reference that its model does not state.
    fn check(&self) -> Result<(), &'static str> {
        if self.evaluation_criteria.is_some() {
            return Err("The stand-in does not evaluate PromQL.");
        }
        let actions = [
            &self.alarm_actions,
            &self.ok_actions,
            &self.insufficient_data_actions,
        ];
        if !actions
            .into_iter()
            .flatten()
            .all(|action| action.starts_with("arn:"))
        {
            return Err("An action is not an ARN.");
        }
        let Some(evaluation_periods) = self.evaluation_periods else {
            return Err("EvaluationPeriods is required.");
        };
        if self.datapoints_to_alarm > Some(evaluation_periods) {
            return Err("DatapointsToAlarm must not exceed EvaluationPeriods.");
        }
        if self.comparison_operator.is_none() || self.threshold.is_none() {
            return Err("ComparisonOperator and Threshold are required.");
        }
        let treatments = ["breaching", "notBreaching", "ignore", "missing"];
        if self
            .treat_missing_data
            .as_deref()
            .is_some_and(|treatment| !treatments.contains(&treatment))
        {
            return Err("TreatMissingData must be breaching, notBreaching, ignore or missing.");
        }
        let period = match &self.metrics {
            Some(queries) => self.check_queries(queries)?,
            None => self.check_metric()?,
        };
        if !matches!(period, 10 | 20 | 30) && (period == 0 || period % 60 != 0) {
            return Err("Period must be 10, 20, 30 or a multiple of 60.");
        }
        // A day, or a week where the period is an hour or more.
        let longest = if period < 3600 { DAY } else { 7 * DAY };
        if u64::from(period) * u64::from(evaluation_periods) > longest {
            return Err(
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).",
            );
        }
        Ok(())
    }

    fn check_metric(&self) -> Result<u32, &'static str> {
        if self.metric_name.is_none() || self.namespace.is_none() {
            return Err("MetricName and Namespace are required, or Metrics.");
        }
        if self.statistic.is_some() == self.extended_statistic.is_some() {
            return Err("Either Statistic or ExtendedStatistic is required, but not both.");
        }
        self.period.ok_or("Period is required.")
    }

    fn check_queries(&self, queries: &[MetricDataQuery]) -> Result<u32, &'static str> {
        let single = [
            self.metric_name.is_some(),
            self.namespace.is_some(),
            self.statistic.is_some(),
            self.extended_statistic.is_some(),
            self.dimensions.is_some(),
            self.period.is_some(),
            self.unit.is_some(),
        ];
        if single.contains(&true) {
            return Err(
                "With Metrics, none of Namespace, MetricName, Dimensions, Period, Unit, Statistic, ExtendedStatistic.",
            );
        }
        if queries
            .iter()
            .filter(|query| query.return_data.unwrap_or(true))
            .count()
            != 1
        {
            return Err("Exactly one of Metrics must have ReturnData true.");
        }
        if queries
            .iter()
            .any(|query| query.expression.is_some() == query.metric_stat.is_some())
        {
            return Err("Each of Metrics needs either Expression or MetricStat.");
        }
        let distinct = |(index, query): (usize, &MetricDataQuery)| {
            queries[..index].iter().all(|other| other.id != query.id)
                && query
                    .id
                    .starts_with(|first: char| first.is_ascii_lowercase())
        };
        if !queries.iter().enumerate().all(distinct) {
            return Err("The ids of Metrics must differ and begin with a lower-case letter.");
        }
        let longest = queries
            .iter()
            .filter_map(|query| query.metric_stat.as_ref())
            .map(|stat| stat.period)
            .max();
        longest.ok_or("Metrics needs a metric with a Period.")
    }
}

/// An alarm that Application Auto Scaling makes for itself.
#[derive(Debug)]
pub(crate) struct NewAlarm {
    pub(crate) name: String,
    pub(crate) settings: Value,
}

impl Account {
    pub(super) fn put_metric_alarm(&mut self, input: &Value) -> Result<Value, ServiceError> {
        let settings: Settings = read(input)?;
        settings.check().map_err(ServiceError::validation)?;
        let mut kept = input.clone();
        if let Some(members) = kept.as_object_mut() {
            members.remove("Tags");
        }
        self.store_alarm(NewAlarm {
            name: settings.alarm_name,
            settings: kept,
        });
        Ok(json!({}))
    }

    /// "When you update an existing alarm, its state is left unchanged, but the
    /// update completely overwrites the previous configuration" (API reference).
    pub(crate) fn store_alarm(&mut self, new: NewAlarm) {
        let state_updated = self
            .alarms
            .get(&new.name)
            .map_or(self.now, |old| old.state_updated);
        let alarm = Alarm {
            arn: self
                .identity
                .arn("cloudwatch", &format!("alarm:{}", new.name)),
            name: new.name,
            settings: new.settings,
            configured: self.now,
            state_updated,
        };
        self.alarms.insert(alarm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;

    fn put(changes: Value) -> Result<Value, String> {
        let mut input = json!({
            "AlarmName": "a", "Namespace": "AWS/SageMaker", "MetricName": "ModelLatency",
            "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
        });
        let Value::Object(changes) = changes else {
            unreachable!("changes are an object")
        };
        for (name, value) in changes {
            input[name] = value;
        }
        Account::default()
            .call(Service::CloudWatch, "PutMetricAlarm", input)
            .map_err(|error| error.message.unwrap_or_default())
    }

    fn check(changes: Value, part_of_message: &str) {
        let message = put(changes).expect_err("refused");
        assert!(message.contains(part_of_message), "{message}");
    }

    #[test]
    fn alarms_that_cloudwatch_refuses() {
        let query = |id: &str, expression: Value, stat: Value| json!({"Id": id, "Expression": expression, "MetricStat": stat});
        let stat =
            json!({"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"});
        let math = |queries: Value| json!({"Namespace": null, "MetricName": null, "Statistic": null, "Period": null, "Metrics": queries});
        check(json!({"Statistic": null}), "Statistic or ExtendedStatistic");
        check(json!({"ExtendedStatistic": "p90"}), "not both");
        check(json!({"Period": 45}), "Period must be");
        check(json!({"Period": null}), "Period is required");
        check(
            json!({"EvaluationPeriods": null}),
            "EvaluationPeriods is required",
        );
        check(json!({"EvaluationPeriods": 1441}), "more than a day");
        check(json!({"DatapointsToAlarm": 3}), "DatapointsToAlarm");
        check(json!({"Threshold": null}), "Threshold");
        check(json!({"ComparisonOperator": "Greater"}), "enum value set");
        check(json!({"TreatMissingData": "zero"}), "TreatMissingData");
        check(json!({"AlarmActions": ["x"]}), "not an ARN");
        check(json!({"MetricName": null}), "MetricName and Namespace");
        check(json!({"Metrics": []}), "With Metrics");
        check(
            math(json!([query("m1", Value::Null, Value::Null)])),
            "either Expression or MetricStat",
        );
        check(
            math(json!([
                query("m1", Value::Null, stat.clone()),
                query("e1", json!("m1"), Value::Null)
            ])),
            "ReturnData",
        );
        check(
            math(json!([query("M", Value::Null, stat.clone())])),
            "lower-case",
        );
        check(
            math(json!([query("e", json!("1"), Value::Null)])),
            "needs a metric",
        );
    }

    #[test]
    fn alarms_that_cloudwatch_takes() {
        assert_eq!(put(json!({})), Ok(json!({})));
        assert_eq!(
            put(json!({"Period": 3600, "EvaluationPeriods": 168})),
            Ok(json!({}))
        );
        assert_eq!(
            put(json!({"Tags": [{"Key": "a", "Value": "b"}]})),
            Ok(json!({}))
        );
        assert_eq!(
            put(json!({"Statistic": null, "ExtendedStatistic": "p90"})),
            Ok(json!({}))
        );
    }
}
