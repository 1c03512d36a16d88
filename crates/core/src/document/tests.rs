use super::*;
use pretty_assertions::assert_eq;
use serde_json::json;

fn parameter(text: &str) -> Parameter {
    Parameter {
        name: "/p".into(),
        value: text.into(),
        secure: false,
    }
}

fn parsed(text: &str) -> Result<Document, Vec<Problem>> {
    parse(&parameter(text))
}

/// Parses `document` and expects exactly these complaints, each `path: part of the message`.
#[track_caller]
fn check(document: &Value, expected: &[(&str, &str)]) {
    let problems = parsed(&document.to_string()).err().unwrap_or_default();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    let paths: Vec<_> = expected.iter().map(|(path, _)| *path).collect();
    assert_eq!(found, paths, "{problems:#?}");
    for (problem, (_, part)) in problems.iter().zip(expected) {
        assert!(
            problem.message.contains(part),
            "{problem} does not say {part:?}"
        );
    }
}

/// A document with one target-tracking policy, spoilt by the caller.
fn tracking(spoil: impl Fn(&mut Value)) -> Value {
    let mut configuration = json!({"TargetValue": 600, "PredefinedMetricSpecification":
        {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}});
    spoil(&mut configuration);
    json!({"ScalingPolicies": [{"PolicyName": "p", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration}]})
}

fn steps(steps: &Value) -> Value {
    json!({"ScalingPolicies": [{"PolicyName": "p", "StepScalingPolicyConfiguration":
        {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}}]})
}

const TRACKING: &str = "ScalingPolicies[0].TargetTrackingScalingPolicyConfiguration";

#[test]
fn an_empty_document_says_nothing() {
    assert_eq!(parsed("{}"), Ok(Document::default()));
}

#[test]
fn every_section_of_the_format_is_understood() {
    let document = json!({
        "Enabled": true, "MinCapacity": 2, "MaxCapacity": 8.0,
        "ScalingPolicies": [
            {"PolicyName": "invocations", "PolicyType": "TargetTrackingScaling",
             "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 600,
                "PredefinedMetricSpecification":
                    {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
                "ScaleInCooldown": 300, "ScaleOutCooldown": 60, "DisableScaleIn": false},
             "PolicyARN": "arn", "ResourceId": "r", "CreationTime": "now", "Alarms": []},
            {"PolicyName": "surge", "PolicyType": "StepScaling",
             "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60,
                "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]},
             "AlarmDefinitions": [{"AlarmName": "latency-high", "Namespace": "AWS/SageMaker",
                "MetricName": "ModelLatency", "Statistic": "Average", "Period": 60,
                "EvaluationPeriods": 2, "Threshold": 500_000,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "missing"}]}],
        "ScheduledActions": [{"ScheduledActionName": "day", "Schedule": "cron(0 8 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin", "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 8}}],
        "Variants": {"AllTraffic": {"MaxCapacity": 12}}, "Asynchronous": {"MinCapacity": 0},
        "Serverless": {"MaxCapacity": 10}, "InferenceComponent": {},
        "InferenceComponents": {"llama": {"MinCapacity": 0}}, "IdleScaleIn": {"AfterMinutes": 30}
    });
    let document = parsed(&document.to_string()).expect("the documented example is valid");
    assert_eq!(document.real_time.max_capacity, Some(8));
    assert_eq!(
        document.real_time.scaling_policies.as_ref().map(Vec::len),
        Some(2)
    );
    assert_eq!(document.variants["AllTraffic"].max_capacity, Some(12));
    assert_eq!(document.inference_components["llama"].min_capacity, Some(0));
    // What was understood reads back as the same document.
    let printed = serde_json::to_string(&document).expect("serialises");
    assert_eq!(parsed(&printed), Ok(document));
}

#[test]
fn invalid_json_is_located() {
    let problems = parsed("{\n  \"MinCapacity\": 1,\n}").expect_err("a trailing comma");
    assert!(
        problems[0].message.contains("line 3 column 1"),
        "{}",
        problems[0]
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    check(
        &json!({"MinCapcity": 1, "MaxCapacity": "8", "Enabled": "yes", "Variants": {"v": {"MinCapacity": -1}},
                "ScalingPolicies": [{"PolicyName": ""}]}),
        &[
            ("Enabled", "true or false"),
            ("MaxCapacity", "whole number from 0"),
            ("ScalingPolicies[0].PolicyName", "1 to 200 printable"),
            ("ScalingPolicies[0]", "either TargetTracking"),
            ("Variants.v.MinCapacity", "whole number from 0"),
            ("MinCapcity", "did you mean `MinCapacity`?"),
        ],
    );
}

#[test]
fn target_tracking_rules() {
    check(&tracking(|_| {}), &[]);
    let target = |value: Value| tracking(move |c| c["TargetValue"] = value.clone());
    for bad in [json!(0), json!(-1), json!("70"), json!(null)] {
        check(
            &target(bad),
            &[(&format!("{TRACKING}.TargetValue"), "a number above 0")],
        );
    }
    check(
        &tracking(|c| c["ScaleInCooldown"] = json!(-1)),
        &[(&format!("{TRACKING}.ScaleInCooldown"), "from 0")],
    );
    let metric = |name: &'static str| {
        tracking(move |c| c["PredefinedMetricSpecification"]["PredefinedMetricType"] = json!(name))
    };
    let path = format!("{TRACKING}.PredefinedMetricSpecification");
    check(
        &metric("SageMakerVariantInvocationPerInstance"),
        &[(
            &format!("{path}.PredefinedMetricType"),
            "did you mean `SageMakerVariantInvocationsPerInstance`?",
        )],
    );
    check(
        &metric("SageMakerVariantProvisionedConcurrencyUtilization"),
        &[(&path, "at most 1")],
    );
    check(
        &tracking(|c| c["PredefinedMetricSpecification"]["ResourceLabel"] = json!("x")),
        &[(&format!("{path}.ResourceLabel"), "left out")],
    );
}

#[test]
fn metric_math_returns_exactly_one_result() {
    let math = |queries: &Value| {
        let metrics = queries.clone();
        tracking(move |c| {
            *c = json!({"TargetValue": 5, "CustomizedMetricSpecification": {"Metrics": metrics}});
        })
    };
    let stat = json!({"Metric": {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"}, "Stat": "Sum"});
    check(
        &math(
            &json!([{"Id": "m1", "MetricStat": stat, "ReturnData": false},
                      {"Id": "e1", "Expression": "FILL(m1,0)"}]),
        ),
        &[],
    );
    let path = format!("{TRACKING}.CustomizedMetricSpecification.Metrics");
    check(
        &math(&json!([{"Id": "m1", "MetricStat": stat}, {"Id": "e1", "Expression": "FILL(m1,0)"}])),
        &[(&path, "exactly one query with ReturnData true")],
    );
    check(
        &math(&json!([{"Id": "M1", "MetricStat": stat}])),
        &[(&format!("{path}[0].Id"), "lower-case")],
    );
    check(
        &math(&json!([{"Id": "m1"}])),
        &[(&format!("{path}[0]"), "either Expression or MetricStat")],
    );
}

#[test]
fn steps_tile_their_range() {
    let path = "ScalingPolicies[0].StepScalingPolicyConfiguration.StepAdjustments";
    let step = |low: Value, high: Value| {
        let mut step = json!({"ScalingAdjustment": 1});
        if !low.is_null() {
            step["MetricIntervalLowerBound"] = low;
        }
        if !high.is_null() {
            step["MetricIntervalUpperBound"] = high;
        }
        step
    };
    check(
        &steps(&json!([
            step(json!(0), json!(10)),
            step(json!(10), json!(null))
        ])),
        &[],
    );
    check(
        &steps(&json!([
            step(json!(0), json!(10)),
            step(json!(11), json!(null))
        ])),
        &[(path, "no gap")],
    );
    check(
        &steps(&json!([
            step(json!(0), json!(10)),
            step(json!(9), json!(null))
        ])),
        &[(path, "not overlap")],
    );
    check(
        &steps(&json!([
            step(json!(0), json!(null)),
            step(json!(10), json!(null))
        ])),
        &[(path, "not overlap")],
    );
    check(
        &steps(&json!([step(json!(5), json!(5))])),
        &[(path, "below its upper")],
    );
    check(&steps(&json!([])), &[(path, "1 to 20 steps")]);
}

#[test]
fn scheduled_actions_name_a_real_time_zone() {
    let action = |name: &str, zone: &str| {
        json!({"ScheduledActions": [{"ScheduledActionName": name, "Schedule": "rate(1 hour)",
            "Timezone": zone, "ScalableTargetAction": {"MinCapacity": 1}}]})
    };
    check(&action("day", "Europe/Berlin"), &[]);
    check(
        &action("day", "Europe/Berlim"),
        &[("ScheduledActions[0].Timezone", "IANA")],
    );
    check(
        &action("a/b", "UTC"),
        &[("ScheduledActions[0].ScheduledActionName", "without `:`")],
    );
}

#[test]
fn an_alarm_looks_at_what_cloudwatch_lets_it() {
    let of = |period: u32, periods: u32, datapoints: u32| {
        json!({"ScalingPolicies": [{"PolicyName": "p", "StepScalingPolicyConfiguration":
            {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]},
            "AlarmDefinitions": [{"AlarmName": "a", "Namespace": "n", "MetricName": "m",
                "Statistic": "Sum", "Period": period, "EvaluationPeriods": periods,
                "DatapointsToAlarm": datapoints, "Threshold": 0,
                "ComparisonOperator": "LessThanThreshold"}]}]})
    };
    let path = "ScalingPolicies[0].AlarmDefinitions[0]";
    check(&of(10, 3, 2), &[]);
    check(&of(60, 1440, 1440), &[]);
    check(&of(3600, 168, 1), &[]);
    check(&of(45, 1, 1), &[(path, "multiple of 60")]);
    check(&of(60, 1441, 1), &[(path, "at most 86400 seconds")]);
    check(&of(3600, 169, 1), &[(path, "at most 604800 seconds")]);
    check(&of(60, 2, 3), &[(path, "no larger than EvaluationPeriods")]);
}

#[test]
fn a_policy_type_may_be_left_out_but_must_not_lie() {
    let mut lying = steps(&json!([{"ScalingAdjustment": 1}]));
    check(&lying, &[]);
    lying["ScalingPolicies"][0]["PolicyType"] = json!("TargetTrackingScaling");
    check(&lying, &[("ScalingPolicies[0]", "does not fit")]);
    let schema = schema();
    let variants = schema["$defs"]["PolicyDefinition"]["oneOf"].as_array();
    for variant in variants.expect("a variant a type") {
        let required = variant["required"].as_array().expect("a list");
        assert!(!required.contains(&json!("PolicyType")), "{variant:#}");
    }
}

#[test]
fn inverted_bounds_are_refused() {
    check(
        &json!({"MinCapacity": 5, "MaxCapacity": 2}),
        &[("", "MinCapacity 5 must be at most MaxCapacity 2")],
    );
}

#[test]
fn limits_are_read_with_the_same_care() {
    let limits = parse_limits(&parameter(
        r#"{"MaxCapacity": 20, "AllowedProfiles": ["default"]}"#,
    ));
    assert_eq!(limits.expect("valid").max_capacity, Some(20));
    let problems =
        parse_limits(&parameter(r#"{"MaxCapcity": 20, "AllowedTags": [1]}"#)).expect_err("two");
    assert_eq!(problems.len(), 2, "{problems:?}");
    let typo = r#"{"AllowedTags": ["enabled", "pausd"]}"#;
    let [problem] = &parse_limits(&parameter(typo)).expect_err("one")[..] else {
        unreachable!("one problem")
    };
    assert_eq!(problem.path, "AllowedTags[1]");
    assert!(
        problem.message.contains("did you mean `paused`?"),
        "{problem}"
    );
}
