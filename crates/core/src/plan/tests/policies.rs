//! Policies put, changed, renamed and removed.

use super::fixture::*;
use pretty_assertions::assert_eq;
use serde_json::json;

#[test]
fn a_renamed_policy_on_the_same_metric_is_deleted_first() {
    let renamed = json!({"ScalingPolicies": [{"PolicyName": "renamed",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70, "PredefinedMetricSpecification":
            {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}}]});
    let after = check_calls(
        &settled(&plain()).profile(&renamed),
        &["DeleteScalingPolicy", "PutScalingPolicy"],
    );
    assert_eq!(after.policy_names(), ["endpoint-autoscaler-renamed"]);
}
