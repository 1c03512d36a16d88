//! What endpoints and components that are gone have left behind.

use crate::acts::{
    COPIES, INSTANCES, component, deployed, endpoint, foreign_alarm, foreign_items, host,
    parameter, register, surge, tracking, vanish,
};
use crate::world::World;
use aws_standin::Standin;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

fn names(world: &World, part: &str, name: &str) -> Vec<String> {
    let state = world.standin.state();
    let items = state[part].as_array().cloned().unwrap_or_default();
    let names = items
        .iter()
        .map(|item| item[name].as_str().unwrap_or_default().to_owned());
    names
        .filter(|name| !name.starts_with("TargetTracking-"))
        .collect()
}

fn targets(world: &World) -> Vec<String> {
    names(world, "ScalableTargets", "ResourceId")
}

fn alarms(world: &World) -> Vec<String> {
    names(world, "Alarms", "AlarmName")
}

fn stepping() -> Value {
    json!({"ScalingPolicies": [tracking("invocations", 600), surge(1, 500_000)]})
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_is_released_and_nothing_else() {
    let world = World::new();
    world.play(json!([
        parameter("profiles/default", &stepping()),
        deployed("gone"),
        deployed("gone-eu"),
        deployed("lost"),
        host("h"),
        endpoint("Host", "h"),
        component("llama", "Host"),
        component("theirs", "Host"),
        register(("inference-component/theirs", COPIES), 1, 2),
        deployed("theirs"),
        register(("endpoint/theirs/variant/AllTraffic", INSTANCES), 1, 2),
        foreign_items(("endpoint/theirs/variant/AllTraffic", INSTANCES)),
        foreign_alarm("endpoint-autoscaler-"),
        foreign_alarm("endpoint-autoscaler-gone/AllTraffic/by-hand")
    ]));
    world.settle().await;
    assert_eq!(targets(&world).len(), 6);
    world.play(json!([
        vanish("gone"),
        vanish("theirs"),
        // AWS takes the target away, and leaves the alarm.
        {"act": "DeleteEndpoint", "EndpointName": "lost"},
        {"act": "DeleteInferenceComponent", "InferenceComponentName": "llama"},
        {"act": "DeleteInferenceComponent", "InferenceComponentName": "theirs"}
    ]));
    drop(world.standin.take_events());
    world.standin.clear_journal();

    let report = world.sweep().await;
    assert_eq!(report["outcomes"]["Released"], 3, "{report:#}");
    let left = [
        "endpoint/gone-eu/variant/AllTraffic",
        "endpoint/theirs/variant/AllTraffic",
        "inference-component/theirs",
    ];
    assert_eq!(targets(&world), left);
    let left = [
        "endpoint-autoscaler-",
        "endpoint-autoscaler-gone-eu/AllTraffic/latency-high",
        "endpoint-autoscaler-gone/AllTraffic/by-hand",
    ];
    assert_eq!(alarms(&world), left);
    world.standin.clear_journal();
    let _ = world.sweep().await;
    assert_eq!(world.writes(), [""; 0]);
}

/// AWS registers nothing for an endpoint that is not there, so that bounds cannot be given back.
#[tokio::test(start_paused = true)]
async fn an_adopted_target_of_an_endpoint_that_is_gone_is_let_go() {
    let world = World::with(&[("EXISTING_TARGETS", "adopt")]);
    let target = ("endpoint/gone/variant/AllTraffic", INSTANCES);
    world.play(json!([
        parameter("endpoints/gone", &json!({"MinCapacity": 2})),
        deployed("gone"),
        register(target, 1, 4),
        foreign_items(target)
    ]));
    world.settle().await;
    world.play(vanish("gone"));
    drop(world.standin.take_events());
    let report = world.sweep().await;
    assert_eq!(report["outcomes"], json!({"Released": 1}), "{report:#}");
    let state = world.standin.state();
    let left = &state["ScalableTargets"][0];
    assert_eq!(
        (&left["Tags"], &left["ScalingPolicies"][0]["PolicyName"]),
        (&json!({}), &json!("theirs"))
    );
    world.standin.clear_journal();
    let _ = world.sweep().await;
    assert_eq!(world.writes(), [""; 0]);
}

/// Two installations side by side share names of policies and alarms, and neither touches the other's.
#[tokio::test(start_paused = true)]
async fn two_installations_leave_each_other_alone() {
    let standin = Standin::new();
    let of = |team: &'static str, include: &'static str, prefix: &'static str| {
        let variables = [
            ("MANAGED_BY", team),
            ("ENDPOINT_INCLUDE", include),
            ("PARAMETER_PREFIX", prefix),
        ];
        World::in_account(standin.clone(), &variables)
    };
    let (red, blue) = (
        of("red", "red-*,both", "/red"),
        of("blue", "blue-*,both", "/blue"),
    );
    let profile = |team: &str| json!({"act": "PutParameter", "Name": format!("/{team}/profiles/default"), "Value": stepping().to_string()});
    red.play(json!([profile("red"), profile("blue"), deployed("both")]));
    for name in ["red-1", "red-2", "blue-1", "blue-2"] {
        red.play(deployed(name));
    }
    drop(standin.take_events());
    let _ = red.sweep().await;
    let answer = blue.sweep().await;
    // The first one there has the endpoint that both want.
    let shared = answer["reports"]
        .as_array()
        .unwrap()
        .iter()
        .find(|report| report["endpointName"] == "both");
    assert_eq!(
        shared.unwrap()["targets"][0]["reason"],
        "ForeignScalableTarget"
    );
    assert_eq!(targets(&red).len(), 5);

    red.play(json!([vanish("red-1"), vanish("blue-1"), {"act": "DeleteEndpoint", "EndpointName": "blue-2"}]));
    let before = alarms(&red);
    let _ = red.sweep().await;
    assert_eq!(
        targets(&red),
        ["blue-1", "both", "red-2"].map(|name| format!("endpoint/{name}/variant/AllTraffic"))
    );
    let gone = |name: &String| !name.contains("red-1/");
    let expected: Vec<_> = before.into_iter().filter(gone).collect();
    assert_eq!(alarms(&red), expected);
    let _ = blue.sweep().await;
    assert_eq!(
        targets(&red),
        ["both", "red-2"].map(|name| format!("endpoint/{name}/variant/AllTraffic"))
    );
    let expected: Vec<_> = expected
        .into_iter()
        .filter(|name| !name.contains("blue-"))
        .collect();
    assert_eq!(alarms(&red), expected);
    standin.clear_journal();
    let _ = (red.sweep().await, blue.sweep().await);
    assert_eq!(red.writes(), [""; 0]);
}
