//! Work that is handed on: to the queue, or to whoever asks again.

use super::many::{in_order, large_account};
use crate::acts::{advance, deployed, parameter};
use crate::world::World;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::time::Duration;

const URL: &str = "https://sqs.us-east-1.amazonaws.com/111122223333/work";

fn with_queue() -> World {
    let world = World::with(&[("QUEUE_URL", URL)]);
    world.play(json!({"act": "CreateQueue", "QueueName": "work"}));
    world
}

fn messages(world: &World) -> Vec<Value> {
    let state = world.standin.state();
    state["Queues"][0]["Messages"].as_array().unwrap().clone()
}

/// Works on what is in the queue until nothing is visible; answers how many batches that took.
async fn drain(world: &World) -> usize {
    for batches in 0.. {
        let event = world.standin.take_messages("work", 10).unwrap();
        if event["Records"].as_array().unwrap().is_empty() {
            return batches;
        }
        let answer = world.ask(event.clone()).await;
        world
            .standin
            .finish_messages(&event, Some(&answer))
            .unwrap();
    }
    unreachable!("counts for ever")
}

fn scaled(world: &World) -> usize {
    world.standin.state()["ScalableTargets"]
        .as_array()
        .unwrap()
        .len()
}

#[tokio::test(start_paused = true)]
async fn a_sweep_goes_on_after_a_name() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        world.play(deployed(name));
    }
    let report = world.ask(json!({"action": "scan", "after": "a"})).await;
    assert_eq!(report["outcomes"], json!({"Configured": 2}));
    let state = world.standin.state();
    assert_eq!(
        state["ScalableTargets"][0]["ResourceId"],
        "endpoint/b/variant/AllTraffic"
    );
}

/// Calls take a second each, so that the time is over in the middle.
async fn short_of_time(world: &World) -> Value {
    for number in 0..40 {
        world.play(deployed(&format!("e{number:02}")));
    }
    drop(world.standin.take_events());
    world.standin.set_latency(Duration::from_secs(1));
    world.play(json!({"act": "SetPageSize"}));
    let answer = world
        .handle_within(json!({"action": "scan"}), Duration::from_secs(40))
        .await;
    world.standin.set_latency(Duration::ZERO);
    answer.unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_a_queue_the_rest_is_named() {
    let world = World::new();
    let report = short_of_time(&world).await;
    let missed = report["missed"].as_u64().unwrap();
    assert!(0 < missed && missed < 40, "{report:#}");
    assert_eq!(report["enqueued"], 0);
    let rest = json!({"action": "scan", "after": report["after"]});
    let report = world.ask(rest).await;
    assert_eq!(report["missed"], 0);
    assert_eq!(scaled(&world), 40);
    let report = world.sweep().await;
    assert_eq!(report["outcomes"], json!({"Unchanged": 40}));
}

#[tokio::test(start_paused = true)]
async fn with_a_queue_the_rest_is_put_there() {
    let world = with_queue();
    let report = short_of_time(&world).await;
    assert!(report["missed"].as_u64() > Some(0), "{report:#}");
    assert_eq!(report["enqueued"], report["missed"]);
    drain(&world).await;
    assert_eq!(scaled(&world), 40);
    assert_eq!(world.sweep().await["outcomes"], json!({"Unchanged": 40}));
}

#[tokio::test(start_paused = true)]
async fn more_than_five_hundred_go_through_the_queue() {
    let world = with_queue();
    world.play(large_account());
    for number in 0..501 {
        world.play(in_order(&format!("e{number:03}")));
    }
    world.standin.clear_journal();
    let report = world.sweep().await;
    assert_eq!(report["enqueued"], 501);
    assert_eq!(report["outcomes"], json!({}));
    assert_eq!(messages(&world).len(), 2);
    assert_eq!(world.writes(), ["SendMessageBatch"]);
    world.standin.clear_journal();
    assert_eq!(drain(&world).await, 1);
    let looks = world
        .calls()
        .into_iter()
        .filter(|call| call.operation == "DescribeEndpoint");
    assert_eq!(looks.count(), 501);
    assert_eq!(world.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_takes_nothing_makes_the_sweep_come_again() {
    for (fault, redelivered) in [
        ("Throttled", true),
        ("Http500", true),
        ("AccessDenied", false),
    ] {
        let world = with_queue();
        world.play(large_account());
        for number in 0..501 {
            world.play(deployed(&format!("e{number:03}")));
        }
        let rule = json!({"operation": "SendMessageBatch", "fault": fault});
        world.standin.inject(serde_json::from_value(rule).unwrap());
        let answer = world.handle(json!({"action": "scan"})).await;
        match answer {
            Err(error) => assert!(redelivered, "{fault}: {}", error.error_message),
            Ok(report) => {
                assert!(!redelivered, "{fault}: {report:#}");
                assert_eq!(report["error"]["operation"], "SendMessageBatch");
            }
        }
        assert_eq!(scaled(&world), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_deferred_comes_back_after_a_while() {
    let world = with_queue();
    world.play(deployed("Prod"));
    let event = world.standin.take_events().pop().unwrap();
    let busy = json!({"operation": "RegisterScalableTarget", "times": 1, "fault": {"code": "ValidationException",
        "message": "The status should be in 'InService' to register it as a scalable target"}});
    world.standin.inject(serde_json::from_value(busy).unwrap());
    let report = world.ask(event).await;
    assert_eq!(report["outcome"], "Deferred");
    let waiting = messages(&world);
    assert_eq!(
        (waiting.len(), &waiting[0]["VisibleInSeconds"]),
        (1, &json!(300))
    );
    assert_eq!(drain(&world).await, 0);
    world.play(advance(300));
    assert_eq!(drain(&world).await, 1);
    assert_eq!(scaled(&world), 1);
    assert_eq!(messages(&world), [json!(null); 0]);
}

#[tokio::test(start_paused = true)]
async fn one_message_that_fails_comes_back_alone() {
    let world = with_queue();
    world.play(json!([
        deployed("a"),
        deployed("b"),
        parameter("profiles/default", &json!({"MaxCapacity": 3}))
    ]));
    let send = |body: Value| {
        let input = json!({"QueueUrl": URL, "MessageBody": body.to_string()});
        crate::acts::call("sqs", "SendMessage", &input)
    };
    let reconcile = |name: &str| send(json!({"action": "reconcile", "endpointName": name}));
    world.play(json!([
        reconcile("a"),
        reconcile("b"),
        send(json!({"action": "nonsense"}))
    ]));
    let broken =
        json!({"operation": "DescribeEndpoint", "resourceContains": "\"a\"", "fault": "Http500"});
    world
        .standin
        .inject(serde_json::from_value(broken).unwrap());
    let event = world.standin.take_messages("work", 10).unwrap();
    let answer = world.ask(event.clone()).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 2);
    world
        .standin
        .finish_messages(&event, Some(&answer))
        .unwrap();
    assert_eq!(scaled(&world), 1);
    world.standin.clear_faults();
    let event = world.standin.take_messages("work", 10).unwrap();
    let answer = world.ask(event.clone()).await;
    world
        .standin
        .finish_messages(&event, Some(&answer))
        .unwrap();
    assert_eq!((scaled(&world), messages(&world).len()), (2, 1));
}
