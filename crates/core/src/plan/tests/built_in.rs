//! What an endpoint gets that nobody configured.

use super::fixture::*;
use crate::scaling::CapacityRange;
use pretty_assertions::assert_eq;
use serde_json::json;

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

#[test]
fn built_in_bounds_never_take_capacity_away() {
    let three = plain().variant(|variant| {
        variant
            .config
            .as_mut()
            .expect("a config")
            .initial_instance_count = Some(3);
    });
    check_bounds(&three, (3, 6));
    let nine = three.variant(|variant| variant.current_instance_count = Some(9));
    check_bounds(&nine, (3, 9));
    check_bounds(&nine.variant(|variant| variant.config = None), (9, 18));
}

#[test]
fn a_built_in_bound_yields_to_a_stated_one() {
    let three = plain().variant(|variant| {
        variant
            .config
            .as_mut()
            .expect("a config")
            .initial_instance_count = Some(3);
    });
    check_bounds(&three.profile(&json!({"MaxCapacity": 2})), (2, 2));
    check_bounds(&plain().profile(&json!({"MinCapacity": 6})), (6, 6));
}

#[test]
fn built_in_bounds_move_inside_the_limits() {
    let limited = plain().limits(&json!({"MinCapacity": 2, "MaxCapacity": 3}));
    check_bounds(&limited, (2, 3));
}
