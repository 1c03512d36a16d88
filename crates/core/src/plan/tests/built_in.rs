//! What an endpoint gets that nobody configured.

use super::fixture::*;
use crate::observation::{Observation, VariantConfig};
use crate::scaling::{CapacityRange, PolicyBody};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

#[test]
fn a_plain_endpoint_gets_a_target_and_a_policy() {
    let after = check_calls(&plain(), &["RegisterScalableTarget", "PutScalingPolicy"]);
    let scaling = after.held();
    assert_eq!(scaling.target.range, range(1, 4));
    assert_eq!(
        scaling.policies[0].policy,
        tracking("endpoint-autoscaler-target-tracking", 70.0)
    );
    assert_eq!(scaling.target.applied(), CapacityRange::new(1, 4));
}

/// Expects these bounds, and one policy that keeps this metric at this value.
#[track_caller]
fn check_kind(observation: &Observation, bounds: (u32, u32), metric: &Value, target: f64) {
    let after = settled(observation);
    assert_eq!(after.held().target.range, range(bounds.0, bounds.1));
    let [policy] = &after.held().policies[..] else {
        panic!("{:#?}", after.held().policies)
    };
    let PolicyBody::TargetTracking(tracking) = &policy.policy.body else {
        panic!("{policy:#?}")
    };
    let mut expected = json!({"TargetValue": target, "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300, "DisableScaleIn": false});
    let object = expected.as_object_mut().expect("an object");
    object.extend(metric.as_object().expect("an object").clone());
    assert_eq!(json!(tracking), expected);
}

#[test]
fn each_kind_gets_its_own_bounds_and_policy() {
    let predefined =
        |name: &str| json!({"PredefinedMetricSpecification": {"PredefinedMetricType": name}});
    let invocations = predefined("SageMakerVariantInvocationsPerInstance");
    check_kind(&plain(), (1, 4), &invocations, 70.0);
    let backlog = json!({"CustomizedMetricSpecification": {"Namespace": "AWS/SageMaker",
        "MetricName": "ApproximateBacklogSizePerInstance", "Statistic": "Average",
        "Dimensions": [{"Name": "EndpointName", "Value": "prod"}]}});
    check_kind(&asynchronous(), (1, 4), &backlog, 5.0);
    let concurrency = predefined("SageMakerVariantProvisionedConcurrencyUtilization");
    check_kind(&serverless(Some(3), 20), (3, 6), &concurrency, 0.5);
    let requests = predefined("SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution");
    check_kind(&component(3, 1), (3, 6), &requests, 5.0);
    check_kind(&component(1, 0), (1, 4), &requests, 5.0);
}

fn initially(observation: Observation, count: u32) -> Observation {
    let change = |config: &mut VariantConfig| config.initial_instance_count = Some(count);
    observation.variant(|variant| change(variant.config.as_mut().expect("a config")))
}

#[test]
fn built_in_bounds_never_take_capacity_away() {
    let three = initially(plain(), 3);
    check_bounds(&three, (3, 6));
    let nine = three.variant(|variant| variant.current_instance_count = Some(9));
    check_bounds(&nine, (3, 9));
    check_bounds(&nine.variant(|variant| variant.config = None), (9, 18));
    let asleep =
        initially(asynchronous(), 0).variant(|variant| variant.current_instance_count = Some(0));
    check_bounds(&asleep, (1, 4));
}

#[test]
fn a_built_in_maximum_is_kept_when_less_runs_later() {
    let nine = plain().variant(|variant| variant.current_instance_count = Some(9));
    let after = settled(&nine).variant(|variant| variant.current_instance_count = Some(2));
    check_calls(&after, &[]);
    let without_config = after.variant(|variant| variant.config = None);
    check_calls(&without_config, &[]);
}

#[test]
fn a_component_keeps_what_it_had_when_first_seen() {
    let after = settled(&component(2, 0));
    for copies in [Some(2), Some(4), Some(9), None] {
        let moved = after.clone().component(|component| {
            component.described.as_mut().expect("described").copies = copies;
        });
        check_calls(&moved, &[]);
    }
    let unread = after.component(|component| component.described = None);
    check_calls(&unread, &[]);
}

#[test]
fn a_built_in_bound_yields_to_a_stated_one() {
    let three = initially(plain(), 3);
    check_bounds(&three.profile(&json!({"MaxCapacity": 2})), (2, 2));
    check_bounds(&plain().profile(&json!({"MinCapacity": 6})), (6, 6));
}

#[test]
fn built_in_bounds_move_inside_the_limits_and_the_concurrency_of_the_variant() {
    let limited = plain().limits(&json!({"MinCapacity": 2, "MaxCapacity": 3}));
    check_bounds(&limited, (2, 3));
    check_bounds(&serverless(Some(3), 5), (3, 5));
    check_bounds(&serverless(Some(3), 3), (3, 3));
}

const WAKE_UP: &str = "endpoint-autoscaler-wake-up";

/// Expects the policy and the alarm that wake a target from zero.
#[track_caller]
fn check_wake_up(observation: &Observation, policy: &Value, alarm: &Value) {
    let after = check_calls(
        observation,
        &[
            "RegisterScalableTarget",
            "PutScalingPolicy",
            "PutScalingPolicy",
            "PutMetricAlarm",
        ],
    );
    let wake_up = &after.held().policies[1];
    assert_eq!(wake_up.policy.name, WAKE_UP);
    let PolicyBody::Step(step) = &wake_up.policy.body else {
        panic!("{wake_up:#?}")
    };
    assert_eq!(json!(step), *policy);
    let alarms = after.alarms.as_deref().expect("read");
    assert_eq!(json!(alarms[0].definition), *alarm);
    assert_eq!(alarms[0].actions, [wake_up.arn.as_str()]);
}

#[test]
fn zero_capacity_brings_what_wakes_it() {
    let adds_one = |cooldown: u32, aggregation: &str| {
        json!({"AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        "Cooldown": cooldown, "MetricAggregationType": aggregation})
    };
    check_wake_up(
        &asynchronous().profile(&json!({"Asynchronous": {"MinCapacity": 0}})),
        &adds_one(300, "Average"),
        &json!({"AlarmName": "endpoint-autoscaler-prod/AllTraffic/wake-up",
            "Namespace": "AWS/SageMaker", "MetricName": "HasBacklogWithoutCapacity",
            "Dimensions": [{"Name": "EndpointName", "Value": "prod"}], "Statistic": "Average",
            "Period": 60, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "missing"}),
    );
    let component_alarm = json!({"AlarmName": "endpoint-autoscaler-prod/llama/wake-up",
        "Namespace": "AWS/SageMaker", "MetricName": "NoCapacityInvocationFailures",
        "Dimensions": [{"Name": "InferenceComponentName", "Value": "llama"}], "Statistic": "Sum",
        "Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "missing"});
    check_wake_up(
        &component(1, 0).profile(&json!({"InferenceComponent": {"MinCapacity": 0}})),
        &adds_one(60, "Maximum"),
        &component_alarm,
    );
    // Its owner put it to sleep: it stays asleep, and can be woken.
    check_wake_up(&component(0, 0), &adds_one(60, "Maximum"), &component_alarm);
}

#[test]
fn a_documents_own_alarm_on_the_same_metric_wakes_instead() {
    let own = |metric: &str| {
        let policies = [step("mine", &[alarm("backlog", metric)])];
        let section = json!({"MinCapacity": 0, "ScalingPolicies": policies});
        settled(&asynchronous().profile(&json!({"Asynchronous": section})))
    };
    let with_own = own("HasBacklogWithoutCapacity");
    assert_eq!(with_own.policy_names(), ["endpoint-autoscaler-mine"]);
    let with_another = own("ApproximateBacklogSize");
    assert_eq!(
        with_another.policy_names(),
        ["endpoint-autoscaler-mine", WAKE_UP]
    );
}

#[test]
fn what_wakes_goes_when_zero_is_no_longer_allowed() {
    let asleep = asynchronous().profile(&json!({"Asynchronous": {"MinCapacity": 0}}));
    let after = settled(&asleep).profile(&json!({"Asynchronous": {"MinCapacity": 1}}));
    let after = check_calls(
        &after,
        &[
            "TagResource",
            "RegisterScalableTarget",
            "TagResource",
            "DeleteAlarms",
            "DeleteScalingPolicy",
        ],
    );
    assert_eq!(after.alarm_names(), [""; 0]);
}
