//! Where a value comes from.

use super::fixture::*;
use crate::scaling::PolicyBody;
use pretty_assertions::assert_eq;
use serde_json::json;

#[test]
fn higher_layers_win_field_by_field() {
    let observation = plain()
        .tagged(&[("autoscaling:max-capacity:AllTraffic", "9")])
        .profile(&json!({"MinCapacity": 2, "MaxCapacity": 5}))
        .own(&json!({"MinCapacity": 1, "Variants": {"AllTraffic": {"MinCapacity": 3}}}));
    check_bounds(&observation, (3, 9));
    let settings = &decide(&observation, &installation(&[])).targets[0].settings;
    assert_eq!(
        settings["MinCapacity"]["source"],
        "parameter /endpoint-autoscaler/endpoints/prod"
    );
    assert_eq!(
        settings["MaxCapacity"]["source"],
        "tag autoscaling:max-capacity:AllTraffic"
    );
    assert_eq!(settings["ScalingPolicies"]["source"], "built-in default");
}

#[test]
fn tags_adjust_the_one_tracking_policy() {
    let after = settled(&plain().tagged(&[
        ("autoscaling:target-value", "5"),
        (
            "autoscaling:metric",
            "SageMakerVariantConcurrentRequestsPerModelHighResolution",
        ),
        ("autoscaling:scale-in-cooldown", "600"),
        ("autoscaling:disable-scale-in", "True"),
    ]));
    let PolicyBody::TargetTracking(policy) = &after.held().policies[0].policy.body else {
        unreachable!("target tracking")
    };
    assert_eq!(
        (
            policy.target_value,
            policy.scale_in_cooldown,
            policy.disable_scale_in
        ),
        (5.0, 600, true)
    );
}

#[test]
fn a_custom_metric_gets_the_dimensions_it_is_published_under() {
    let after = settled(&plain().profile(&json!({"ScalingPolicies": [{"PolicyName": "latency",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5, "CustomizedMetricSpecification":
            {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Statistic": "Average"}}}]})));
    let PolicyBody::TargetTracking(policy) = &after.held().policies[0].policy.body else {
        unreachable!("target tracking")
    };
    let printed = json!(policy)["CustomizedMetricSpecification"]["Dimensions"].clone();
    assert_eq!(
        printed,
        json!([{"Name": "EndpointName", "Value": "prod"}, {"Name": "VariantName", "Value": "AllTraffic"}])
    );
}
