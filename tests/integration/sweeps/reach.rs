//! Which endpoints an event reaches.

use crate::acts::{component, deployed, endpoint, host, parameter, tag};
use crate::world::World;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Endpoints that the function looked at.
fn looked_at(world: &World) -> BTreeSet<String> {
    let calls = world.calls().into_iter();
    let looks = calls.filter(|call| call.operation == "DescribeEndpoint");
    looks
        .map(|call| call.input["EndpointName"].as_str().unwrap().to_owned())
        .collect()
}

fn maximum(world: &World, resource: &str) -> Value {
    let state = world.standin.state();
    let targets = state["ScalableTargets"].as_array().unwrap();
    let found = targets
        .iter()
        .find(|target| target["ResourceId"].as_str().unwrap().contains(resource));
    found.map_or(Value::Null, |target| target["MaxCapacity"].clone())
}

#[tokio::test(start_paused = true)]
async fn a_profile_reaches_exactly_those_that_use_it() {
    let world = World::new();
    world.play(json!([
        parameter("profiles/default", &json!({"MaxCapacity": 5})),
        parameter("profiles/llm", &json!({"MaxCapacity": 6})),
        deployed("plain"),
        deployed("chat"),
        deployed("Search"),
        tag("chat", "profile", "llm"),
        tag("Search", "profile", "llm")
    ]));
    world.settle().await;
    let edited = |name: &str, max: u32| {
        world.play(parameter(name, &json!({"MaxCapacity": max})));
        world.standin.clear_journal();
        world.standin.take_events().pop().unwrap()
    };
    let event = edited("profiles/llm", 8);
    world.ask(event).await;
    assert_eq!(
        looked_at(&world),
        BTreeSet::from(["Search".to_owned(), "chat".to_owned()])
    );
    assert_eq!(
        ["plain", "chat", "Search"].map(|name| maximum(&world, name)),
        [5, 8, 8].map(|max| json!(max))
    );

    let event = edited("profiles/default", 7);
    world.ask(event).await;
    assert_eq!(looked_at(&world), BTreeSet::from(["plain".to_owned()]));
    let event = edited("endpoints/chat", 9);
    world.ask(event).await;
    assert_eq!(looked_at(&world), BTreeSet::from(["chat".to_owned()]));
    let event = edited("limits", 20);
    world.ask(event).await;
    assert_eq!(looked_at(&world).len(), 3);
    assert_eq!(
        ["plain", "chat", "Search"].map(|name| maximum(&world, name)),
        [7, 9, 8].map(|max| json!(max))
    );
    // One that is none of ours costs nothing.
    world.play(
        json!({"act": "PutParameter", "Name": "/endpoint-autoscalers/limits", "Value": "{}"}),
    );
    world.standin.clear_journal();
    let event = world.standin.take_events().pop().unwrap();
    assert_eq!(world.ask(event).await["outcome"], "Ignored");
    assert_eq!(world.calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_tag_reaches_a_name_in_mixed_case() {
    let world = World::new();
    world.play(deployed("FraudDetector"));
    world.settle().await;
    world.play(tag("FraudDetector", "max-capacity", "9"));
    let event = world.standin.take_events().pop().unwrap();
    assert_eq!(
        event["resources"][0].as_str().unwrap().rsplit('/').next(),
        Some("frauddetector")
    );
    let report = world.ask(event).await;
    assert_eq!(
        (&report["endpointName"], &report["outcome"]),
        (&json!("FraudDetector"), &json!("Configured"))
    );
    assert_eq!(maximum(&world, "FraudDetector"), 9);
}

#[tokio::test(start_paused = true)]
async fn a_call_about_a_component_reaches_its_endpoint() {
    let world = World::new();
    world.play(json!([host("h"), endpoint("Host", "h")]));
    world.settle().await;
    world.play(component("llama", "Host"));
    let event = world.standin.take_events().pop().unwrap();
    let report = world.ask(event).await;
    assert_eq!(report["endpointName"], "Host");
    assert_eq!(maximum(&world, "llama"), 4);

    world.play(json!({"act": "UpdateInferenceComponent", "InferenceComponentName": "llama", "RuntimeConfig": {"CopyCount": 2}}));
    let event = world.standin.take_events().pop().unwrap();
    world.standin.clear_journal();
    let report = world.ask(event).await;
    assert_eq!(
        (&report["endpointName"], world.writes().len()),
        (&json!("Host"), 0)
    );

    world.play(json!({"act": "DeleteInferenceComponent", "InferenceComponentName": "llama"}));
    let event = world.standin.take_events().pop().unwrap();
    let report = world.ask(event).await;
    assert_eq!(report["outcome"], "Released");
    assert_eq!(maximum(&world, "llama"), Value::Null);
}
