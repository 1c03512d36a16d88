//! Putting and deleting policies, rule by rule.

use serde_json::{Value, json};

use crate::account::Account;
use crate::service::Service;
use crate::testing::*;

fn registered() -> Account {
    let mut account = account();
    account.register(PLAIN, 1, 4).expect("registered");
    account
}

fn describe(account: &mut Account, filter: &Value) -> Result<Vec<Value>, String> {
    account.page_size = None;
    let mut input = json!({"ServiceNamespace": "sagemaker"});
    for (name, value) in filter.as_object().expect("an object") {
        input[name] = value.clone();
    }
    let answer = account.ask(
        Service::ApplicationAutoScaling,
        "DescribeScalingPolicies",
        input,
    )?;
    Ok(answer["ScalingPolicies"]
        .as_array()
        .cloned()
        .unwrap_or_default())
}

#[test]
fn a_policy_needs_its_target() {
    refused(
        account().put_target_tracking(PLAIN, "p"),
        "ObjectNotFoundException: No scalable target registered for service namespace: sagemaker",
    );
}

#[test]
fn policies_that_are_refused() {
    let check = |members: Value, part: &str| {
        let mut input = json!({"PolicyName": "p"});
        for (name, value) in members.as_object().expect("an object") {
            input[name] = value.clone();
        }
        refused(registered().on(PLAIN, "PutScalingPolicy", input), part);
    };
    let tracking = json!({
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
    });
    check(
        json!({"TargetTrackingScalingPolicyConfiguration": tracking}),
        "PolicyType is required",
    );
    check(
        json!({"PolicyType": "TargetTrackingScaling"}),
        "TargetTrackingScalingPolicyConfiguration is required",
    );
    check(
        json!({"PolicyType": "StepScaling"}),
        "StepScalingPolicyConfiguration is required",
    );
    check(
        json!({"PolicyType": "StepScaling", "TargetTrackingScalingPolicyConfiguration": tracking}),
        "does not fit the type",
    );
    check(
        json!({"PolicyType": "PredictiveScaling"}),
        "only supported for Amazon ECS",
    );
    check(
        json!({"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity"}}),
        "At least one step adjustment",
    );
    check(
        json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {}}),
        "Value null at 'targetTrackingScalingPolicyConfiguration.targetValue'",
    );
    check(
        json!({"PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 1.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerInferenceComponentInvocationsPerCopy"},
        }}),
        "only supports the following predefined metric types",
    );
    check(
        json!({"PolicyName": "Übung", "PolicyType": "StepScaling"}),
        "at 'policyName'",
    );
}

#[test]
fn one_target_tracking_policy_per_metric() {
    let mut account = registered();
    account.put_target_tracking(PLAIN, "first").expect("put");
    refused(
        account.put_target_tracking(PLAIN, "second"),
        "ValidationException: Only one TargetTrackingScaling policy for a given metric specification is allowed.",
    );
    account
        .put_target_tracking(PLAIN, "first")
        .expect("an update of the same policy");

    let customized = |dimensions: Value| {
        json!({
            "TargetValue": 5.0,
            "CustomizedMetricSpecification": {
                "MetricName": "m", "Namespace": "n", "Statistic": "Average", "Dimensions": dimensions,
            },
        })
    };
    let mut put = |name: &str, config: Value| {
        account.on(
            PLAIN,
            "PutScalingPolicy",
            json!({
                "PolicyName": name, "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": config,
            }),
        )
    };
    let (a, b) = (
        json!({"Name": "a", "Value": "1"}),
        json!({"Name": "b", "Value": "2"}),
    );
    put("custom", customized(json!([a, b]))).expect("another metric");
    refused(
        put("again", customized(json!([b, a]))),
        "Only one TargetTrackingScaling policy",
    );
    put("other", customized(json!([a]))).expect("other dimensions, another metric");
}

#[test]
fn an_update_keeps_the_arn_and_replaces_the_alarms() {
    let mut account = registered();
    let first = account.put_target_tracking(PLAIN, "p").expect("put");
    let second = account.put_target_tracking(PLAIN, "p").expect("put");
    assert_eq!(first["PolicyARN"], second["PolicyARN"]);
    let names = |answer: &Value| {
        let alarms = answer["Alarms"].as_array().cloned().unwrap_or_default();
        alarms
            .iter()
            .map(|alarm| alarm["AlarmName"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    let (first, second) = (names(&first), names(&second));
    assert_eq!((first.len(), second.len()), (2, 2));
    assert!(
        first.iter().all(|name| !second.contains(name)),
        "{first:?} {second:?}"
    );
    assert_eq!(
        account.alarms.keys().cloned().collect::<Vec<_>>(),
        second,
        "the old alarms are gone"
    );
    assert!(
        second[0].starts_with("TargetTracking-endpoint/Plain/variant/AllTraffic-AlarmHigh-"),
        "{second:?}"
    );
    assert!(
        second[1].starts_with("TargetTracking-endpoint/Plain/variant/AllTraffic-AlarmLow-"),
        "{second:?}"
    );
}

#[test]
fn alarms_lie_at_the_target_and_a_tenth_below() {
    let mut account = registered();
    account.put_target_tracking(PLAIN, "p").expect("put");
    let alarms: Vec<_> = account
        .alarms
        .values()
        .map(crate::cloudwatch::Alarm::describe)
        .collect();
    let summary = |alarm: &Value| {
        json!([
            alarm["MetricName"],
            alarm["Threshold"],
            alarm["ComparisonOperator"],
            alarm["EvaluationPeriods"],
            alarm["Period"]
        ])
    };
    assert_eq!(
        alarms.iter().map(summary).collect::<Vec<_>>(),
        [
            json!(["InvocationsPerInstance", 1.0, "GreaterThanThreshold", 3, 60]),
            json!(["InvocationsPerInstance", 0.9, "LessThanThreshold", 15, 60]),
        ]
    );
}

#[test]
fn without_scaling_in_there_is_no_low_alarm() {
    let mut account = registered();
    let answer = account.on(
        PLAIN,
        "PutScalingPolicy",
        json!({
            "PolicyName": "p", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 1.0, "DisableScaleIn": true,
                "CustomizedMetricSpecification": {"Metrics": [
                    {"Id": "m", "ReturnData": false, "MetricStat": {
                        "Metric": {"MetricName": "m", "Namespace": "n"}, "Stat": "Sum"}},
                    {"Id": "filled", "Expression": "FILL(m, 0)"},
                ]},
            },
        }),
    );
    assert_eq!(
        answer.expect("put")["Alarms"].as_array().map(Vec::len),
        Some(1)
    );
}

#[test]
fn describing_gives_back_what_was_put() {
    let mut account = registered();
    account.put_target_tracking(PLAIN, "p").expect("put");
    let policy = describe(&mut account, &json!({}))
        .expect("an answer")
        .remove(0);
    assert_eq!(
        policy["TargetTrackingScalingPolicyConfiguration"],
        json!({
            "TargetValue": 1.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        }),
        "no defaults are filled in"
    );
    assert_eq!(policy["Alarms"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_configuration_replaces_the_old_one_whole() {
    let mut account = registered();
    let mut put = |config: Value| {
        let members = json!({
            "PolicyName": "p", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": config,
        });
        account.on(PLAIN, "PutScalingPolicy", members).expect("put");
        let policy = describe(&mut account, &json!({}))
            .expect("an answer")
            .remove(0);
        policy["TargetTrackingScalingPolicyConfiguration"].clone()
    };
    let metric = json!({"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"});
    put(
        json!({"TargetValue": 70.0, "PredefinedMetricSpecification": metric, "ScaleInCooldown": 60}),
    );
    let config = put(json!({"TargetValue": 80.0, "PredefinedMetricSpecification": metric}));
    assert_eq!(
        config,
        json!({"TargetValue": 80.0, "PredefinedMetricSpecification": metric})
    );
    assert_eq!(
        put(Value::Null),
        config,
        "without a configuration the old one stays"
    );
}

#[test]
fn the_type_of_a_policy_stays() {
    let mut account = registered();
    account.put_step(PLAIN, "p").expect("put");
    refused(
        account.put_target_tracking(PLAIN, "p"),
        "type of a scaling policy cannot be changed",
    );
}

#[test]
fn a_step_policy_has_the_alarms_that_invoke_it() {
    let mut account = registered();
    let answer = account.put_step(PLAIN, "p").expect("put");
    assert_eq!(answer["Alarms"], json!([]));
    account.put_alarm("mine", &answer["PolicyARN"]);
    let answer = account.put_step(PLAIN, "p").expect("put");
    assert_eq!(answer["Alarms"][0]["AlarmName"], "mine");
    assert_eq!(
        answer["Alarms"][0]["AlarmARN"],
        "arn:aws:cloudwatch:us-east-1:111122223333:alarm:mine"
    );

    account
        .on(PLAIN, "DeleteScalingPolicy", json!({"PolicyName": "p"}))
        .expect("deleted");
    assert_eq!(
        account.alarms["mine"].describe()["AlarmActions"],
        json!([]),
        "the alarm stays, its action goes"
    );
}

#[test]
fn deleting_takes_the_managed_alarms_along() {
    let mut account = registered();
    account.put_target_tracking(PLAIN, "p").expect("put");
    let delete = json!({"PolicyName": "p"});
    assert_eq!(
        account.on(PLAIN, "DeleteScalingPolicy", delete.clone()),
        Ok(json!({}))
    );
    assert!(account.alarms.is_empty());
    refused(
        account.on(PLAIN, "DeleteScalingPolicy", delete.clone()),
        "ObjectNotFoundException: No scaling policy found for service namespace: sagemaker",
    );
    refused(
        account.on(LEFT, "DeleteScalingPolicy", delete),
        "ObjectNotFoundException",
    );
}

#[test]
fn the_quota_of_policies_is_a_limit() {
    let mut account = registered();
    for number in 0..50 {
        account
            .put_step(PLAIN, &format!("p{number}"))
            .expect("within the quota");
    }
    refused(
        account.put_step(PLAIN, "one-more"),
        "LimitExceededException",
    );
    account
        .put_step(PLAIN, "p0")
        .expect("an update is within the quota");
}

#[test]
fn policies_are_filtered() {
    let mut account = registered();
    account.register(SERVERLESS, 1, 4).expect("registered");
    account.put_step(PLAIN, "a").expect("put");
    account.put_step(PLAIN, "b").expect("put");
    account.put_step(SERVERLESS, "a").expect("put");
    let mut count = |filter: Value| describe(&mut account, &filter).map(|policies| policies.len());
    assert_eq!(count(json!({})), Ok(3));
    assert_eq!(count(json!({"PolicyNames": ["a"]})), Ok(2));
    assert_eq!(count(json!({"ResourceId": PLAIN.0})), Ok(2));
    assert_eq!(
        count(json!({"ResourceId": PLAIN.0, "ScalableDimension": CONCURRENCY})),
        Ok(0)
    );
    assert_eq!(count(json!({"MaxResults": 1})), Ok(1));
    refused(count(json!({"MaxResults": 11})), "between 1 and 10");
}
