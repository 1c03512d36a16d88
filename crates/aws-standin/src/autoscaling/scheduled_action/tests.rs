//! Scheduled actions, rule by rule.

use serde_json::{Value, json};

use crate::account::Account;
use crate::service::Service;
use crate::testing::*;

fn registered() -> Account {
    let mut account = account();
    for target in [PLAIN, ASYNC] {
        account.register(target, 1, 4).expect("registered");
    }
    account
}

fn put(account: &mut Account, target: Target, changes: &Value) -> Result<Value, String> {
    let mut members = json!({
        "ScheduledActionName": "night", "Schedule": "cron(0 20 ? * MON-FRI *)",
        "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 3},
    });
    for (name, value) in changes.as_object().expect("an object") {
        members[name] = value.clone();
    }
    account.on(target, "PutScheduledAction", members)
}

fn held(account: &mut Account) -> Value {
    let input = json!({"ServiceNamespace": "sagemaker", "ResourceId": PLAIN.0});
    let answer = account.ask(
        Service::ApplicationAutoScaling,
        "DescribeScheduledActions",
        input,
    );
    answer
        .expect("an answer")
        .pointer("/ScheduledActions/0")
        .cloned()
        .unwrap_or_default()
}

#[test]
fn actions_that_are_refused() {
    let check = |changes: Value, part: &str| refused(put(&mut registered(), PLAIN, &changes), part);
    check(
        json!({"ScheduledActionName": "a:b"}),
        "at 'scheduledActionName'",
    );
    check(
        json!({"Schedule": "daily"}),
        "schedule expression daily is not valid",
    );
    check(
        json!({"Schedule": null}),
        "Schedule and ScalableTargetAction are required",
    );
    check(
        json!({"ScalableTargetAction": null}),
        "Schedule and ScalableTargetAction are required",
    );
    check(
        json!({"ScalableTargetAction": {}}),
        "MinCapacity or MaxCapacity must be specified",
    );
    check(
        json!({"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}}),
        "cannot be less",
    );
    check(
        json!({"ScalableTargetAction": {"MinCapacity": -1}}),
        "must not be negative",
    );
    check(
        json!({"ScalableTargetAction": {"MinCapacity": 0}}),
        "at least 1",
    );
    check(
        json!({"Timezone": "Europe/Nowhere"}),
        "time zone Europe/Nowhere",
    );
    check(
        json!({"StartTime": 2.0, "EndTime": 1.0}),
        "before the end time",
    );
    refused(
        put(&mut registered(), LEFT, &json!({})),
        "ObjectNotFoundException: No scalable target registered",
    );
}

#[test]
fn an_asynchronous_endpoint_may_sleep() {
    let sleep = json!({"ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 0}});
    assert_eq!(put(&mut registered(), ASYNC, &sleep), Ok(json!({})));
}

#[test]
fn an_update_keeps_what_is_not_given_except_the_times() {
    let mut account = registered();
    let times = json!({"Timezone": "Europe/Berlin", "StartTime": 1_767_700_000.0, "EndTime": 1_767_800_000.0});
    put(&mut account, PLAIN, &times).expect("put");
    let first = held(&mut account);
    let change = json!({"ScheduledActionName": "night", "Schedule": "rate(1 day)"});
    account
        .on(PLAIN, "PutScheduledAction", change)
        .expect("put");
    let second = held(&mut account);
    assert_eq!(first["ScheduledActionARN"], second["ScheduledActionARN"]);
    assert_eq!(second["Schedule"], "rate(1 day)");
    assert_eq!(second["Timezone"], "Europe/Berlin");
    assert_eq!(
        second["ScalableTargetAction"],
        json!({"MinCapacity": 2, "MaxCapacity": 3})
    );
    assert_eq!(
        (first["StartTime"].is_null(), second["StartTime"].is_null()),
        (false, true)
    );
}

#[test]
fn firing_rewrites_the_bounds_and_pulls_the_capacity() {
    let mut account = registered();
    put(&mut account, PLAIN, &json!({})).expect("put");
    account.play(json!({
        "act": "FireScheduledAction", "ResourceId": PLAIN.0, "ScalableDimension": PLAIN.1,
        "ScheduledActionName": "night",
    }));
    let target = account.held(PLAIN);
    assert_eq!(
        (&target["MinCapacity"], &target["MaxCapacity"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(account.capacity_of("Plain"), "Updating 2/1");
}

#[test]
fn firing_does_nothing_while_suspended_or_where_bounds_would_cross() {
    let mut account = registered();
    let fire = json!({
        "act": "FireScheduledAction", "ResourceId": PLAIN.0, "ScalableDimension": PLAIN.1,
        "ScheduledActionName": "night",
    });
    put(
        &mut account,
        PLAIN,
        &json!({"ScalableTargetAction": {"MinCapacity": 5}}),
    )
    .expect("put");
    account.play(fire.clone());
    assert_eq!(
        account.held(PLAIN)["MinCapacity"],
        1,
        "5 would be above the maximum of 4"
    );

    put(&mut account, PLAIN, &json!({})).expect("put");
    let suspend = json!({"SuspendedState": {"ScheduledScalingSuspended": true}});
    account
        .on(PLAIN, "RegisterScalableTarget", suspend)
        .expect("registered");
    account.play(fire.clone());
    assert_eq!(account.held(PLAIN)["MinCapacity"], 1);

    account
        .on(PLAIN, "DeregisterScalableTarget", json!({}))
        .expect("deregistered");
    refused(account.try_act(fire), "ObjectNotFoundException");
}

#[test]
fn actions_are_deleted_with_their_name_or_their_target() {
    let mut account = registered();
    put(&mut account, PLAIN, &json!({})).expect("put");
    let delete = json!({"ScheduledActionName": "night"});
    assert_eq!(
        account.on(PLAIN, "DeleteScheduledAction", delete.clone()),
        Ok(json!({}))
    );
    refused(
        account.on(PLAIN, "DeleteScheduledAction", delete),
        "ObjectNotFoundException: No scheduled action found",
    );
    put(&mut account, PLAIN, &json!({})).expect("put");
    account
        .on(PLAIN, "DeregisterScalableTarget", json!({}))
        .expect("deregistered");
    assert_eq!(held(&mut account), Value::Null);
}
