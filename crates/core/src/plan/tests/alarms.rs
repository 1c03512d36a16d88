//! Alarms of step policies: put after the policy they act on, deleted before it.

use super::fixture::*;
use crate::observation::Observation;
use crate::scaling::PolicyBody;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

fn with_policies(policies: &[Value]) -> Observation {
    plain().profile(&json!({ "ScalingPolicies": policies }))
}

/// A target with one step policy and one alarm.
fn surge() -> Observation {
    settled(&with_policies(&[step(
        "surge",
        &[alarm("slow", "ModelLatency")],
    )]))
}

const SLOW: &str = "endpoint-autoscaler-prod/AllTraffic/slow";

#[test]
fn an_alarm_acts_on_its_policy_and_gets_defaults_and_dimensions() {
    let after = check_calls(
        &with_policies(&[step("surge", &[alarm("slow", "ModelLatency")])]),
        &[
            "RegisterScalableTarget",
            "PutScalingPolicy",
            "PutMetricAlarm",
        ],
    );
    let alarm = &after.alarms.as_deref().expect("read")[0];
    let policy = &after.held().policies[0];
    assert_eq!(alarm.actions, [policy.arn.as_str()]);
    assert_eq!(policy.alarms, [SLOW]);
    assert_eq!(
        json!(alarm.definition),
        json!({"AlarmName": SLOW, "Namespace": "AWS/SageMaker", "MetricName": "ModelLatency",
            "Dimensions": [{"Name": "EndpointName", "Value": "prod"},
                {"Name": "VariantName", "Value": "AllTraffic"}],
            "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "DatapointsToAlarm": 2,
            "Threshold": 500_000.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "missing"})
    );
    assert_eq!(
        alarm.description,
        "Created by endpoint-autoscaler, installation endpoint-autoscaler. Do not edit: the next run would undo it."
    );
}

/// What another list of policies changes.
#[track_caller]
fn check_change(policies: &[Value], calls: &[&str], alarms: &[&str]) {
    let changed = surge().profile(&json!({ "ScalingPolicies": policies }));
    let after = check_calls(&changed, calls);
    assert_eq!(after.alarm_names(), alarms);
}

#[test]
fn a_change_costs_only_its_own_calls() {
    let slow = alarm("slow", "ModelLatency");
    check_change(&[step("surge", std::slice::from_ref(&slow))], &[], &[SLOW]);
    let mut slower = slow.clone();
    slower["Threshold"] = json!(900_000);
    check_change(&[step("surge", &[slower])], &["PutMetricAlarm"], &[SLOW]);
    let more = [slow.clone(), alarm("busy", "Invocations")];
    let both = [SLOW, "endpoint-autoscaler-prod/AllTraffic/busy"];
    check_change(&[step("surge", &more)], &["PutMetricAlarm"], &both);
    check_change(
        &[step("surge", &more[1..])],
        &["PutMetricAlarm", "DeleteAlarms"],
        &both[1..],
    );
    check_change(&[step("surge", &[])], &["DeleteAlarms"], &[]);
    check_change(&[], &["DeleteAlarms", "DeleteScalingPolicy"], &[]);
    // The alarm moves to another policy before the old one goes.
    check_change(
        &[step("rush", &[slow])],
        &["PutScalingPolicy", "PutMetricAlarm", "DeleteScalingPolicy"],
        &[SLOW],
    );
}

#[test]
fn a_policy_of_another_type_takes_its_alarms_along() {
    let metric = "SageMakerVariantInvocationsPerInstance";
    check_change(
        &[tracks("surge", metric, 9.0)],
        &["DeleteAlarms", "DeleteScalingPolicy", "PutScalingPolicy"],
        &[],
    );
    let tracking = settled(&with_policies(&[tracks("surge", metric, 9.0)]));
    let policies = [step("surge", &[alarm("slow", "ModelLatency")])];
    check_calls(
        &tracking.profile(&json!({ "ScalingPolicies": policies })),
        &["DeleteScalingPolicy", "PutScalingPolicy", "PutMetricAlarm"],
    );
}

#[test]
fn an_alarm_that_somebody_spoilt_is_put_again() {
    let spoil: [&dyn Fn(&mut Observation); 4] = [
        &|after| after.alarms.as_mut().expect("read").clear(),
        &|after| after.alarms.as_mut().expect("read")[0].definition = None,
        &|after| after.alarms.as_mut().expect("read")[0].actions.clear(),
        &|after| after.alarms.as_mut().expect("read")[0].description.clear(),
    ];
    for spoil in spoil {
        let mut after = surge();
        spoil(&mut after);
        check_calls(&after, &["PutMetricAlarm"]);
    }
}

#[test]
fn alarms_of_another_installation_are_left_alone() {
    let mut after = surge().profile(&json!({"ScalingPolicies": []}));
    let alarms = after.alarms.as_mut().expect("read");
    let mut other = alarms[0].clone();
    other.name += "-too";
    other.actions.clear();
    other.description = crate::naming::alarm_description("another");
    let name = other.name.clone();
    alarms.push(other);
    let after = check_calls(&after, &["DeleteAlarms", "DeleteScalingPolicy"]);
    assert_eq!(after.alarm_names(), [name.as_str()]);
    let released = check_calls(
        &after.tagged(&[("autoscaling:enabled", "false")]),
        &["DeregisterScalableTarget"],
    );
    assert_eq!(released.alarm_names(), [name.as_str()]);
    check_calls(&released, &[]);
}

#[test]
fn alarms_are_deleted_a_hundred_at_a_time() {
    let mut after = surge().profile(&json!({"ScalingPolicies": []}));
    let alarms = after.alarms.as_mut().expect("read");
    for number in 0..149 {
        let mut more = alarms[0].clone();
        more.name = format!("{SLOW}-{number}");
        alarms.push(more);
    }
    check_calls(
        &after,
        &["DeleteAlarms", "DeleteAlarms", "DeleteScalingPolicy"],
    );
}

#[test]
fn idle_scale_in_counts_silence_as_breaching() {
    let document = json!({"MinCapacity": 2, "IdleScaleIn": {"AfterMinutes": 30}});
    let after = settled(&plain().profile(&document));
    let idle = &after.held().policies[1];
    assert_eq!(idle.policy.name, "endpoint-autoscaler-idle-scale-in");
    let PolicyBody::Step(step) = &idle.policy.body else {
        panic!("{idle:#?}")
    };
    assert_eq!(
        json!(step),
        json!({"AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": 2}],
            "Cooldown": 300, "MetricAggregationType": "Average"})
    );
    assert_eq!(
        json!(after.alarms.as_deref().expect("read")[0].definition),
        json!({"AlarmName": "endpoint-autoscaler-prod/AllTraffic/idle-scale-in",
            "Namespace": "AWS/SageMaker", "MetricName": "Invocations",
            "Dimensions": [{"Name": "EndpointName", "Value": "prod"},
                {"Name": "VariantName", "Value": "AllTraffic"}],
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 30, "DatapointsToAlarm": 30,
            "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching"})
    );
    // Another minimum is another exact capacity.
    check_calls(
        &after.tagged(&[("autoscaling:min-capacity", "3")]),
        &[
            "TagResource",
            "RegisterScalableTarget",
            "TagResource",
            "PutScalingPolicy",
        ],
    );
}
