//! Traces as `aws cloudwatch get-metric-data` prints them.

use super::minutes::{Point, means, period, span, totals};
use super::problem::TraceError;
use super::{Column, Trace};
use jiff::Timestamp;
use serde_json::Value;

const TIMESTAMPS: &str = "Timestamps";

pub(super) fn read(json: &str) -> Result<Trace, TraceError> {
    let mut problems = TraceError::default();
    let document: Value = match serde_json::from_str(json) {
        Ok(document) => document,
        Err(error) => {
            problems.push(
                error.line(),
                "document",
                json,
                format!("must be JSON: {error}"),
            );
            return Err(problems);
        }
    };
    let results = document.get("MetricDataResults").and_then(Value::as_array);
    let Some(results) = results.filter(|results| !results.is_empty()) else {
        let rule = "must have MetricDataResults, as `aws cloudwatch get-metric-data` prints them";
        problems.push(1, "document", json, rule);
        return Err(problems);
    };
    let is_invocations = |result: &&Value| {
        ["Label", "Id"]
            .iter()
            .any(|field| name(result, field).eq_ignore_ascii_case("invocations"))
    };
    let requests = match results.iter().find(is_invocations) {
        Some(result) => result,
        None if results.len() == 1 => &results[0],
        None => {
            let labels: Vec<_> = results.iter().map(|result| name(result, "Label")).collect();
            let rule = "must have a result labelled Invocations";
            problems.push(1, "MetricDataResults", &labels.join(", "), rule);
            return Err(problems);
        }
    };
    let own = points(requests, true, &mut problems);
    if own.is_empty() && problems.problems.is_empty() {
        problems.push(0, TIMESTAMPS, "[]", "must have a data point");
    }
    if !problems.problems.is_empty() {
        return Err(problems);
    }
    let period = period(&own, TIMESTAMPS, &mut problems);
    let (start, minutes) = span(&own, period, TIMESTAMPS, &mut problems);
    let mut columns = Vec::new();
    for result in results
        .iter()
        .filter(|result| !std::ptr::eq(*result, requests))
    {
        let points = points(result, false, &mut problems);
        columns.push(Column {
            name: name(result, "Label").to_owned(),
            values: means(&points, period, start, minutes),
        });
    }
    problems.or(Trace {
        start: Timestamp::from_second(start).unwrap_or_default(),
        requests: totals(&own, period, start, minutes),
        columns,
    })
}

fn name<'a>(result: &'a Value, field: &str) -> &'a str {
    result
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The data points of one result in the order of time; CloudWatch prints the newest first.
fn points(result: &Value, requests: bool, problems: &mut TraceError) -> Vec<Point> {
    let list = |field: &str| {
        result
            .get(field)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    let (times, values) = (list(TIMESTAMPS), list("Values"));
    if times.len() != values.len() {
        let rule = format!("must be as many as Values, which are {}", values.len());
        problems.push(0, TIMESTAMPS, &times.len().to_string(), rule);
    }
    let mut points = Vec::new();
    for (line, (time, value)) in times.iter().zip(values).enumerate() {
        let second = second(time);
        if second.is_none() {
            problems.push(
                line,
                TIMESTAMPS,
                &time.to_string(),
                "must be RFC 3339 or seconds of Unix time",
            );
        }
        let number = value.as_f64().filter(|value| !requests || *value >= 0.0);
        if number.is_none() {
            let rule = if requests {
                "must be a number from 0 on"
            } else {
                "must be a number"
            };
            problems.push(line, "Values", &value.to_string(), rule);
        }
        if let (Some(second), Some(value)) = (second, number) {
            points.push(Point {
                second,
                value,
                line,
            });
        }
    }
    points.sort_by_key(|point| point.second);
    for pair in points.windows(2) {
        if pair[0].second == pair[1].second {
            let line = pair[1].line;
            problems.push(
                line,
                TIMESTAMPS,
                &times[line].to_string(),
                "must be there once",
            );
        }
    }
    points
}

fn second(time: &Value) -> Option<i64> {
    match time {
        Value::String(text) => text.parse::<Timestamp>().ok().map(Timestamp::as_second),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from a float saturates, and Timestamp checks"
        )]
        Value::Number(number) => Timestamp::from_second(number.as_f64()? as i64)
            .ok()
            .map(Timestamp::as_second),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn data(results: &Value) -> Result<Trace, String> {
        read(&json!({"MetricDataResults": results, "Messages": []}).to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_newest_first_becomes_the_order_of_time() {
        let trace = data(
            &json!([{"Id": "m1", "Label": "Invocations", "StatusCode": "Complete",
            "Timestamps": ["2026-03-02T08:10:00+00:00", "2026-03-02T08:05:00+00:00"], "Values": [50.0, 5.0]}]),
        );
        let trace = trace.expect("a trace");
        assert_eq!(trace.start.to_string(), "2026-03-02T08:05:00Z");
        assert_eq!(trace.requests, [[1.0; 5], [10.0; 5]].concat());
    }

    #[test]
    fn other_results_are_columns() {
        let at = ["2026-03-02T08:00:00Z", "2026-03-02T08:01:00Z"];
        let trace = data(&json!([
            {"Id": "m2", "Label": "ModelLatency", "Timestamps": [at[1]], "Values": [9.5]},
            {"Id": "m1", "Label": "Invocations", "Timestamps": at, "Values": [1, 2]}]));
        let trace = trace.expect("a trace");
        assert_eq!(trace.columns().collect::<Vec<_>>(), ["ModelLatency"]);
        assert_eq!((trace.column(0, 0), trace.column(0, 1)), (None, Some(9.5)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_index() {
        let wrong = data(
            &json!([{"Label": "Invocations", "Timestamps": ["yesterday", 1_700_000_000, 1_700_000_000], "Values": ["1", -2, 3]}]),
        );
        assert_eq!(
            wrong.expect_err("wrong"),
            "line 0, Timestamps: `\"yesterday\"` must be RFC 3339 or seconds of Unix time\n\
             line 0, Values: `\"1\"` must be a number from 0 on\n\
             line 1, Values: `-2` must be a number from 0 on"
        );
        assert!(
            data(&json!([]))
                .expect_err("wrong")
                .contains("must have MetricDataResults")
        );
        assert!(read("nonsense").is_err());
        let twice = data(
            &json!([{"Label": "Invocations", "Timestamps": [1_700_000_000, 1_700_000_000], "Values": [1, 2]}]),
        );
        assert_eq!(
            twice.expect_err("wrong"),
            "line 1, Timestamps: `1700000000` must be there once"
        );
        let two = data(&json!([{"Label": "a"}, {"Label": "b"}]));
        assert_eq!(
            two.expect_err("wrong"),
            "line 1, MetricDataResults: `a, b` must have a result labelled Invocations"
        );
    }
}
