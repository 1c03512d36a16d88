//! What a sweep costs.

use crate::acts::{INSTANCES, endpoint, on, real_time};
use crate::world::World;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

const ENDPOINTS: usize = 1_000;

/// An endpoint as this program has left it, with an endpoint configuration of its own.
pub(super) fn in_order(name: &str) -> Value {
    let config = format!("{name}-config");
    let resource = format!("endpoint/{name}/variant/AllTraffic");
    let target = (resource.as_str(), INSTANCES);
    let registration = json!({"MinCapacity": 1, "MaxCapacity": 4, "Tags": {
        "endpoint-autoscaler:managed-by": "endpoint-autoscaler", "endpoint-autoscaler:applied": "1-4"}});
    let policy = json!({"PolicyName": "endpoint-autoscaler-target-tracking", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0, "PredefinedMetricSpecification":
            {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}});
    let mut created = endpoint(name, &config);
    created["Tags"] = json!([{"Key": "team", "Value": "search"}]);
    json!([
        real_time(&config, 1),
        created,
        on(target, "RegisterScalableTarget", registration),
        on(target, "PutScalingPolicy", policy)
    ])
}

/// AWS's page sizes, and room for more targets than AWS gives without asking.
pub(super) fn large_account() -> Value {
    json!([{"act": "SetPageSize"}, {"act": "SetScalableTargetQuota", "Targets": 5_000}])
}

#[tokio::test(start_paused = true)]
async fn at_steady_state_a_thousand_endpoints_cost_two_calls_each_and_no_write() {
    let world = World::new();
    world.play(large_account());
    for number in 0..ENDPOINTS {
        world.play(in_order(&format!("e{number:04}")));
    }
    world.standin.clear_journal();
    let report = world.sweep().await;
    assert_eq!(report["outcomes"], json!({"Unchanged": ENDPOINTS}));
    let calls = world.calls();
    #[expect(clippy::cast_precision_loss, reason = "a thousand is exact")]
    let each = calls.len() as f64 / ENDPOINTS as f64;
    println!(
        "a sweep over {ENDPOINTS} endpoints: {} calls, {each:.2} each, {} writes",
        calls.len(),
        world.writes().len()
    );
    assert_eq!(world.writes(), [""; 0]);
    assert!(each <= 2.2, "{each} calls for each endpoint");
    let counted = (&report["calls"]["reads"], &report["calls"]["writes"]);
    // The report counts operations of the SDK, and the journal pages.
    assert_eq!(counted.1, &json!(0));
    assert!(
        counted.0.as_u64() <= Some(calls.len() as u64),
        "{counted:?}"
    );
}
