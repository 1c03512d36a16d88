//! What is wrong changes nothing and says why.

use super::fixture::*;
use serde_json::json;

#[test]
fn bad_configuration_changes_nothing_and_says_why() {
    let check = |tags: &[(&str, &str)], parts: &[&str]| check_refused(&plain().tagged(tags), parts);
    check(
        &[("autoscaling:max-capcity", "8")],
        &["unknown tag", "`max-capacity`"],
    );
    check(
        &[("autoscaling:max-capacity", "x")],
        &["tag autoscaling:max-capacity", "whole number"],
    );
    check(
        &[
            ("autoscaling:min-capacity", "9"),
            ("autoscaling:max-capacity", "2"),
        ],
        &["at most MaxCapacity 2 of tag autoscaling:max-capacity"],
    );
    check(&[("autoscaling:min-capacity", "0")], &["at least 1"]);
    check(
        &[("autoscaling:max-capacity:AllTrafic", "2")],
        &["did you mean `AllTraffic`?"],
    );
    check(
        &[("autoscaling:profile", "llm")],
        &["/endpoint-autoscaler/profiles/llm"],
    );
    let metric = "SageMakerVariantInvocationsPerInstance";
    check(&[("autoscaling:metric", metric)], &["target-value"]);
    let policy = |metric: &str| {
        json!({"ScalingPolicies": [{"PolicyName": "p", "TargetTrackingScalingPolicyConfiguration":
            {"TargetValue": 1, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}}]})
    };
    check_refused(
        &plain().profile(&policy("SageMakerInferenceComponentInvocationsPerCopy")),
        &["does not fit sagemaker:variant:DesiredInstanceCount"],
    );
    let limited = plain().tagged(&[("autoscaling:max-capacity", "50")]);
    check_refused(
        &limited.clone().limits(&json!({"MaxCapacity": 20})),
        &[
            "tag autoscaling:max-capacity",
            "MaxCapacity 20 of parameter /endpoint-autoscaler/limits",
        ],
    );
    check_refused(
        &limited.limits(&json!({"AllowedTags": ["enabled"]})),
        &["AllowedTags"],
    );
}
