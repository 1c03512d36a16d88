//! One mistake must not take capacity away everywhere at once.

use super::many::in_order;
use crate::acts::{COPIES, component, deployed, endpoint, host, parameter, tag, vanish};
use crate::world::World;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// As many as make more than five of them, and more than ten per cent, a lot.
const ENDPOINTS: usize = 12;

fn world_of(number: usize) -> World {
    let world = World::new();
    for number in 0..number {
        world.play(in_order(&format!("e{number:02}")));
    }
    drop(world.standin.take_events());
    world.standin.clear_journal();
    world
}

fn reasons(report: &Value, reason: &str) -> usize {
    let reports = report["reports"].as_array().unwrap();
    let targets = reports
        .iter()
        .flat_map(|report| report["targets"].as_array().unwrap());
    targets.filter(|target| target["reason"] == reason).count()
}

fn ranges(world: &World) -> Vec<(u64, u64)> {
    let state = world.standin.state();
    let targets = state["ScalableTargets"].as_array().unwrap();
    let range = |target: &Value| {
        (
            target["MinCapacity"].as_u64().unwrap(),
            target["MaxCapacity"].as_u64().unwrap(),
        )
    };
    targets.iter().map(range).collect()
}

#[tokio::test(start_paused = true)]
async fn a_profile_edit_that_lowers_many_lowers_none_and_does_the_rest() {
    let world = world_of(ENDPOINTS);
    world.play(json!([
        deployed("new"),
        // This one says itself what it wants, which is more.
        parameter("endpoints/e00", &json!({"MaxCapacity": 9})),
    ]));
    drop(world.standin.take_events());
    world.play(parameter("profiles/default", &json!({"MaxCapacity": 2})));
    let event = world.standin.take_events().pop().unwrap();
    let report = world.ask(event).await;
    assert_eq!(reasons(&report, "BlastRadius"), ENDPOINTS - 1, "{report:#}");
    assert_eq!(
        report["outcomes"],
        json!({"Skipped": ENDPOINTS - 1, "Configured": 2})
    );
    let mut expected = vec![(1, 9)];
    expected.extend(vec![(1, 4); ENDPOINTS - 1]);
    expected.push((1, 2));
    assert_eq!(ranges(&world), expected);
    // A sweep is no way around it, and a person who means it can do them one by one.
    let report = world.sweep().await;
    assert_eq!(reasons(&report, "BlastRadius"), ENDPOINTS - 1);
    let report = world
        .ask(json!({"action": "reconcile", "endpointName": "e01"}))
        .await;
    assert_eq!(report["outcome"], "Configured");
    assert_eq!(ranges(&world)[1], (1, 2));
}

#[tokio::test(start_paused = true)]
async fn limits_that_lower_many_lower_none() {
    let world = world_of(ENDPOINTS);
    world.play(parameter("limits", &json!({"MaxCapacity": 3})));
    let event = world.standin.take_events().pop().unwrap();
    let report = world.ask(event).await;
    assert_eq!(reasons(&report, "BlastRadius"), ENDPOINTS, "{report:#}");
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_mass_opt_out_releases_none() {
    let world = world_of(ENDPOINTS);
    for number in 0..6 {
        world.play(tag(&format!("e{number:02}"), "enabled", "false"));
    }
    let report = world.sweep().await;
    assert_eq!(reasons(&report, "BlastRadius"), 6, "{report:#}");
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_few_are_released() {
    let world = world_of(ENDPOINTS);
    for number in 0..5 {
        world.play(tag(&format!("e{number:02}"), "enabled", "false"));
    }
    let report = world.sweep().await;
    assert_eq!(
        report["outcomes"],
        json!({"Unchanged": ENDPOINTS - 5, "Released": 5})
    );
    assert_eq!(ranges(&world).len(), ENDPOINTS - 5);
}

/// What is gone has no capacity that could be lost, and would otherwise stay for ever. That a
/// listing shows too little does no harm: each is looked at once more before it is released.
#[tokio::test(start_paused = true)]
async fn what_is_gone_is_released_however_many() {
    let world = world_of(ENDPOINTS);
    world.play(json!([
        host("h"),
        endpoint("Host", "h"),
        component("llama", "Host")
    ]));
    world.settle().await;
    for number in 0..7 {
        world.play(vanish(&format!("e{number:02}")));
    }
    world.play(json!({"act": "DeleteInferenceComponent", "InferenceComponentName": "llama"}));
    let report = world.sweep().await;
    assert_eq!(report["outcomes"]["Released"], 8, "{report:#}");
    let state = world.standin.state();
    let targets = state["ScalableTargets"].as_array().unwrap();
    assert_eq!(targets.len(), ENDPOINTS - 7);
    let copies = targets
        .iter()
        .filter(|target| target["ScalableDimension"] == COPIES);
    assert_eq!(copies.count(), 0);
}
