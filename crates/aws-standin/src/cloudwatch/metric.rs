//! `GetMetricData`: sums of metrics that an act has put.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

/// Data points at once where the client does not say (API reference, `MaxDatapoints`).
const USUAL_PAGE: usize = 100_800;

/// A metric: its namespace, its name and its dimensions in order.
type Name = (String, String, Vec<(String, String)>);

/// Values by the second of their minute.
pub(crate) type Metrics = BTreeMap<Name, BTreeMap<i64, f64>>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetMetricData {
    metric_data_queries: Vec<Query>,
    start_time: f64,
    end_time: f64,
    next_token: Option<String>,
    scan_by: Option<String>,
    max_datapoints: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: String,
    label: Option<String>,
    metric_stat: Option<Stat>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stat {
    metric: Metric,
    period: i64,
    #[serde(rename = "Stat")]
    statistic: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: String,
    #[serde(rename = "MetricName")]
    name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dimension {
    name: String,
    value: String,
}

impl Metric {
    fn key(self) -> Name {
        let mut dimensions: Vec<_> = self
            .dimensions
            .into_iter()
            .map(|dimension| (dimension.name, dimension.value))
            .collect();
        dimensions.sort();
        (self.namespace, self.name, dimensions)
    }
}

impl Account {
    /// Records a metric: `values` from `start` on, one for each `period` seconds.
    pub(crate) fn put_metric_data(
        &mut self,
        metric: Value,
        start: i64,
        period: u32,
        values: &[f64],
    ) -> Result<(), ServiceError> {
        let name = Metric::deserialize(metric)
            .map_err(|error| ServiceError::serialization(error.to_string()))?
            .key();
        let points = self.metrics.entry(name).or_default();
        let times = (0..).map(|place: i64| start + place * i64::from(period));
        points.extend(times.zip(values.iter().copied()));
        Ok(())
    }

    /// Sums only. "Data points with time stamps equal to or later than" the start are
    /// included, those equal to or later than the end are not (API reference, `GetMetricData`).
    pub(super) fn get_metric_data(&self, input: &Value) -> Result<Value, ServiceError> {
        let request: GetMetricData = read(input)?;
        if request.start_time >= request.end_time {
            return Err(ServiceError::validation(
                "The parameter StartTime must be less than the parameter EndTime.",
            ));
        }
        let (asked, token) = (request.max_datapoints, request.next_token.as_deref());
        let cursor = self
            .cursor("GetMetricData", input, asked, USUAL_PAGE, token)
            .map_err(|_| {
                ServiceError::new("InvalidNextToken", "The token is not of this listing.")
            })?;
        let mut points = Vec::new();
        let mut results = Vec::new();
        let ascending = request.scan_by.as_deref() == Some("TimestampAscending");
        for (place, query) in request.metric_data_queries.into_iter().enumerate() {
            let Some(stat) = query.metric_stat.filter(|stat| stat.statistic == "Sum") else {
                return Err(ServiceError::validation(
                    "The stand-in knows sums of metrics only.",
                ));
            };
            let label = query.label.unwrap_or_else(|| stat.metric.name.clone());
            results.push(json!({
                "Id": query.id, "Label": label, "StatusCode": "Complete",
                "Timestamps": [], "Values": [],
            }));
            let name = stat.metric.key();
            for (time, value) in
                self.sums(&name, stat.period, (request.start_time, request.end_time))
            {
                let order = if ascending { time } else { i64::MAX - time };
                points.push((format!("{place:04}/{order:020}"), (place, time, value)));
            }
        }
        points.sort_by(|(left, _), (right, _)| left.cmp(right));
        let after = cursor.after();
        let points = points
            .into_iter()
            .filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
        let page = cursor.page(points);
        for (place, time, value) in page.items {
            if let Some(times) = results[place]["Timestamps"].as_array_mut() {
                times.push(json!(time));
            }
            if let Some(values) = results[place]["Values"].as_array_mut() {
                values.push(json!(value));
            }
        }
        Ok(json!({
            "MetricDataResults": results,
            "Messages": [],
            "NextToken": page.next_token,
        }))
    }

    fn sums(&self, name: &Name, period: i64, (start, end): (f64, f64)) -> BTreeMap<i64, f64> {
        let mut sums = BTreeMap::new();
        for (time, value) in self.metrics.get(name).into_iter().flatten() {
            #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
            let second = *time as f64;
            if (start..end).contains(&second) {
                *sums.entry(time.div_euclid(period) * period).or_insert(0.0) += value;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::*;

    fn ask(account: &mut Account, more: &Value) -> Result<Value, String> {
        let dimensions = [("VariantName", "AllTraffic"), ("EndpointName", "Plain")];
        let dimensions = dimensions.map(|(name, value)| json!({"Name": name, "Value": value}));
        let metric = json!({"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions});
        let mut request = json!({
            "MetricDataQueries": [{"Id": "i", "MetricStat": {"Metric": metric, "Period": 120, "Stat": "Sum"}}],
            "StartTime": 60, "EndTime": 600, "ScanBy": "TimestampAscending",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            request[name] = value.clone();
        }
        account.ask(Service::CloudWatch, "GetMetricData", request)
    }

    #[test]
    fn values_are_summed_over_periods_and_paged() {
        let mut account = account();
        account.play(json!({
            "act": "PutMetricData", "Namespace": "AWS/SageMaker", "MetricName": "Invocations",
            "Dimensions": [{"Name": "EndpointName", "Value": "Plain"}, {"Name": "VariantName", "Value": "AllTraffic"}],
            "StartTime": 0, "Period": 60, "Values": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
        }));
        let first = ask(&mut account, &json!({})).expect("sums");
        let result = &first["MetricDataResults"][0];
        assert_eq!(result["Timestamps"], json!([0, 120]));
        assert_eq!(result["Values"], json!([2.0, 12.0]));
        let second = ask(&mut account, &json!({"NextToken": first["NextToken"]})).expect("sums");
        assert_eq!(second["MetricDataResults"][0]["Values"], json!([48.0]));
        assert_eq!(second["NextToken"], Value::Null);
        account.page_size = None;
        let newest = ask(&mut account, &json!({"ScanBy": null})).expect("sums");
        assert_eq!(
            newest["MetricDataResults"][0]["Timestamps"],
            json!([240, 120, 0])
        );
        refused(ask(&mut account, &json!({"EndTime": 60})), "StartTime");
    }
}
