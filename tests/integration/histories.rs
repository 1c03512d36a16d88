//! Whatever happens in whatever order, with events lost, doubled, late and reordered: after a sweep
//! the five promises hold.

mod bus;
mod steps;

use crate::acts::{advance, foreign_alarm, on};
use crate::state::{foreign, state};
use crate::world::World;
use aws_standin::{JournalEntry, Standin};
use bus::{EventBridge, Fate};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;
use steps::{Player, Step, history};

/// Cases of each of the two tests, which run side by side.
const CASES: u32 = 32;
/// Sweeps until nothing is left to do: a target that sleeps is woken before it is given back, and
/// what was busy has its turn.
const SWEEPS: usize = 3;

const MANAGED_BY: &str = "endpoint-autoscaler:managed-by";

type Broken = String;

/// How much the promises were put to the test.
#[derive(Default)]
struct Figure {
    compared: Cell<usize>,
    moved: Cell<usize>,
}

fn count(counter: &Cell<usize>) {
    counter.set(counter.get() + 1);
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// Everything that the function must leave as it is.
fn of_others(standin: &Standin, adopts: bool) -> Vec<Value> {
    let mut others = list(&foreign(standin));
    if !adopts {
        let targets = list(&state(standin)["ScalableTargets"]).into_iter();
        others.extend(targets.filter(|target| target["Tags"][MANAGED_BY].is_null()));
    }
    others
}

/// Calls the function, which must be polite.
async fn run(world: &World, payload: &Value, adopts: bool) -> Result<Value, Broken> {
    let before = of_others(&world.standin, adopts);
    let answer = world.handle(payload.clone()).await;
    let after = of_others(&world.standin, adopts);
    if let Some(touched) = before.iter().find(|item| !after.contains(item)) {
        return Err(format!("not polite: {touched} was touched by {payload}"));
    }
    answer.map_err(|error| format!("{payload} fails: {}", error.error_message))
}

/// Sweeps, lets AWS finish, and looks at what every endpoint is told.
async fn sweep(world: &World, adopts: bool) -> Result<(), Broken> {
    world.play(advance(600));
    world.standin.clear_journal();
    let report = run(world, &json!({"action": "scan"}), adopts).await?;
    if !report["error"].is_null() {
        return Err(format!("the sweep fails: {}", report["error"]));
    }
    let writes: Vec<_> = world
        .calls()
        .into_iter()
        .filter(|call| call.write)
        .collect();
    for report in list(&report["reports"]) {
        explained(&report)?;
        if report["reason"] == "InvalidConfiguration" {
            let resource = format!(
                "endpoint/{}/",
                report["endpointName"].as_str().unwrap_or_default()
            );
            // Stopping must always work, even when something else is wrong.
            let pauses = |call: &&JournalEntry| {
                call.input["MinCapacity"].is_null() && !call.input["SuspendedState"].is_null()
            };
            let about = |call: &&JournalEntry| call.input.to_string().contains(&resource);
            let touched = writes.iter().filter(|call| !pauses(call)).find(about);
            if let Some(call) = touched {
                return Err(format!(
                    "does not fail closed: {} {}",
                    call.operation, call.input
                ));
            }
        }
    }
    Ok(())
}

/// Nothing is done, or not done, without a reason, and no setting is without a source.
fn explained(report: &Value) -> Result<(), Broken> {
    if report["outcome"] == "Failed" {
        return Err(format!("failed: {report}"));
    }
    if report["reason"] == "InvalidConfiguration" && list(&report["problems"]).is_empty() {
        return Err(format!(
            "not explained: invalid without a problem: {report}"
        ));
    }
    for target in list(&report["targets"]) {
        let idle = target["outcome"] == "Skipped" && list(&target["actions"]).is_empty();
        // What an endpoint that is gone has left to others is of no interest to anybody.
        if idle && target["reason"].is_null() {
            return Err(format!("not explained: {target}"));
        }
        for (name, setting) in target["settings"].as_object().into_iter().flatten() {
            if setting["source"].as_str().is_none_or(str::is_empty) {
                return Err(format!("not explained: {name} of {target} has no source"));
            }
        }
    }
    Ok(())
}

/// Nothing is left to do.
async fn quiet(world: &World, adopts: bool) -> Result<(), Broken> {
    for _ in 0..SWEEPS {
        sweep(world, adopts).await?;
    }
    sweep(world, adopts).await?;
    let writes = world.writes();
    if writes.is_empty() {
        Ok(())
    } else {
        Err(format!("not quiet: {writes:?}"))
    }
}

/// What the function says of every endpoint that is in service.
async fn reports(world: &World) -> Vec<Value> {
    let mut reports = Vec::new();
    for endpoint in list(&world.standin.state()["Endpoints"]) {
        let ask = json!({"action": "reconcile", "endpointName": endpoint["EndpointName"], "dryRun": true});
        reports.push(world.ask(ask).await);
    }
    reports
}

fn held(world: &World, report: &Value) -> Option<Value> {
    let targets = list(&state(&world.standin)["ScalableTargets"]).into_iter();
    let same = |target: &Value| {
        target["ResourceId"] == report["resourceId"]
            && target["ScalableDimension"] == report["scalableDimension"]
    };
    targets.into_iter().find(same)
}

/// Our policies and scheduled actions of a target, and the alarms that drive them.
fn ours(world: &World, target: &Value) -> Value {
    let is_ours = |item: &Value, name: &str| {
        item[name]
            .as_str()
            .is_some_and(|name| name.starts_with("endpoint-autoscaler-"))
    };
    let pick = |part: &str, name: &str| -> Vec<Value> {
        let items = list(&target[part]).into_iter();
        items.filter(|item| is_ours(item, name)).collect()
    };
    let policies = pick("ScalingPolicies", "PolicyName");
    let named: Vec<_> = policies
        .iter()
        .flat_map(|policy| list(&policy["Alarms"]))
        .collect();
    let alarms = list(&state(&world.standin)["Alarms"])
        .into_iter()
        .filter(|alarm| {
            named
                .iter()
                .any(|named| named["AlarmName"] == alarm["AlarmName"])
                && is_ours(alarm, "AlarmName")
        });
    json!([
        policies,
        pick("ScheduledActions", "ScheduledActionName"),
        alarms.collect::<Vec<_>>()
    ])
}

/// Every target that is said to be in order is there, is ours and has its policies, and they are
/// what the same inputs lead to in an account without a past.
async fn convergent(world: &World, figure: &Figure) -> Result<(), Broken> {
    let fresh = World::new();
    fresh.play(inputs(world));
    for _ in 0..2 {
        fresh.sweep().await;
        fresh.play(advance(600));
    }
    for report in reports(world).await {
        explained(&report)?;
        for target in list(&report["targets"]) {
            if target["outcome"] == "Planned" {
                return Err(format!("not convergent: still to do: {target}"));
            }
            if target["outcome"] != "Unchanged" {
                continue;
            }
            let Some(found) = held(world, &target) else {
                return Err(format!("not convergent: nothing is held for {target}"));
            };
            let bare = list(&ours(world, &found)[0]).is_empty();
            let excused = ["Paused", "ConflictingPolicy"]
                .iter()
                .any(|reason| target["reason"] == *reason);
            if found["Tags"][MANAGED_BY].is_null() || (bare && !excused) {
                return Err(format!(
                    "not convergent: {found} is not ours or has no policy"
                ));
            }
            // A component remembers the copies it was first seen with, and they decide what wakes it.
            let by_heart = target["kind"] == "InferenceComponent"
                && target["settings"]["MinCapacity"]["source"] == "built-in default";
            let expected = held(&fresh, &target).filter(|_| !excused && !by_heart);
            if expected.is_some() {
                count(&figure.compared);
            }
            if let Some(expected) = expected
                && ours(world, &found) != ours(&fresh, &expected)
            {
                return Err(format!(
                    "not convergent: {} instead of {}",
                    ours(world, &found),
                    ours(&fresh, &expected)
                ));
            }
        }
    }
    Ok(())
}

/// Deploys and configures what stands at the end, in an empty account.
fn inputs(world: &World) -> Value {
    let state = world.standin.state();
    let mut acts = vec![json!({"act": "SetPageSize"})];
    for parameter in list(&state["Parameters"]) {
        acts.push(
            json!({"act": "PutParameter", "Name": parameter["Name"], "Value": parameter["Value"]}),
        );
    }
    for config in list(&state["EndpointConfigs"]) {
        acts.push(json!({"act": "CreateEndpointConfig", "EndpointConfigName": config["EndpointConfigName"],
            "ProductionVariants": config["ProductionVariants"], "AsyncInferenceConfig": config["AsyncInferenceConfig"],
            "ExecutionRoleArn": config["ExecutionRoleArn"]}));
    }
    for endpoint in list(&state["Endpoints"]) {
        let tags = endpoint["Tags"].as_object().into_iter().flatten();
        let tags: Vec<_> = tags
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        acts.push(
            json!({"act": "CreateEndpoint", "EndpointName": endpoint["EndpointName"],
            "EndpointConfigName": endpoint["EndpointConfigName"], "Tags": tags}),
        );
    }
    for component in list(&state["InferenceComponents"]) {
        // One of an endpoint that is gone has no place here.
        let lives = list(&state["Endpoints"])
            .iter()
            .any(|endpoint| endpoint["EndpointName"] == component["EndpointName"]);
        if lives {
            acts.push(crate::acts::component(
                component["InferenceComponentName"]
                    .as_str()
                    .unwrap_or_default(),
                component["EndpointName"].as_str().unwrap_or_default(),
            ));
        }
    }
    json!(acts)
}

/// A person moves the bounds of every target in order; they stay.
async fn leaves_moved_bounds(world: &World, adopts: bool, figure: &Figure) -> Result<(), Broken> {
    let mut moved = Vec::new();
    for report in reports(world).await {
        for target in list(&report["targets"]) {
            let found = held(world, &target).filter(|_| target["outcome"] == "Unchanged");
            let Some(found) = found else { continue };
            let max = found["MaxCapacity"].as_u64().unwrap_or_default() + 1;
            let at = (
                found["ResourceId"].as_str().unwrap_or_default(),
                found["ScalableDimension"].as_str().unwrap_or_default(),
            );
            let act = on(at, "RegisterScalableTarget", json!({"MaxCapacity": max}));
            if world.standin.play(act).is_ok() {
                count(&figure.moved);
                moved.push((target, max));
            }
        }
    }
    for _ in 0..2 {
        sweep(world, adopts).await?;
        if let Some((target, _)) = moved.iter().find(|(target, max)| {
            held(world, target).is_none_or(|held| held["MaxCapacity"] != *max)
        }) {
            return Err(format!("not polite: moved bounds were undone: {target}"));
        }
    }
    Ok(())
}

async fn live(history: &[(Step, Fate)], adopts: bool, figure: &Figure) -> Result<(), Broken> {
    let world = World::with(if adopts {
        &[("EXISTING_TARGETS", "adopt")]
    } else {
        &[]
    });
    world.play(json!([{"act": "SetPageSize"}, foreign_alarm("endpoint-autoscaler-Alpha"), foreign_alarm("latency")]));
    let mut bus = EventBridge::default();
    let mut player = Player::default();
    for (step, fate) in history {
        player.play(&world.standin, step);
        for event in bus.deliver(&world.standin, *fate) {
            run(&world, &event, adopts).await?;
        }
        if matches!(step, Step::Sweep) {
            sweep(&world, adopts).await?;
        }
    }
    quiet(&world, adopts).await?;
    if !adopts {
        convergent(&world, figure).await?;
    }
    leaves_moved_bounds(&world, adopts, figure).await
}

fn check(adopts: bool) {
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        // Found once is found always; another seed is one variable away (`PROPTEST_RNG_SEED`).
        rng_seed: seed(),
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    };
    let figure = Figure::default();
    let result = TestRunner::new(config).run(&history(), |history| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let lived = runtime.block_on(live(&history, adopts, &figure));
        lived.map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let (compared, moved) = (figure.compared.get(), figure.moved.get());
    println!(
        "histories: {CASES} lived through, {compared} targets as without a past, {moved} moved bounds left alone"
    );
    // Histories that lead nowhere would prove nothing.
    assert!(moved >= 30 && (adopts || compared >= 20));
}

fn seed() -> RngSeed {
    let seed = std::env::var("PROPTEST_RNG_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    RngSeed::Fixed(seed.unwrap_or(2_718_281_828))
}

#[test]
fn where_targets_of_others_are_left_alone() {
    check(false);
}

#[test]
fn where_they_are_adopted() {
    check(true);
}
