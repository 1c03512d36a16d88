//! Scheduled actions, and what they do to the bounds.

use super::fixture::*;
use crate::observation::Observation;
use crate::plan::Step;
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

const DAY: &str = "cron(0 8 ? * MON-FRI *)";

fn with_actions(actions: &[Value]) -> Observation {
    plain().profile(&json!({ "MaxCapacity": 9, "ScheduledActions": actions }))
}

fn day() -> Value {
    scheduled("day", DAY, &json!({"MinCapacity": 4, "MaxCapacity": 8}))
}

#[test]
fn scheduled_actions_are_put_updated_and_removed() {
    let register = ["RegisterScalableTarget", "PutScalingPolicy"];
    let with = [&register[..], &["PutScheduledAction"]].concat();
    let after = check_calls(&with_actions(&[day()]), &with);
    let action = after.held().scheduled_actions[0].action.as_ref();
    assert_eq!(
        json!(action),
        json!({"ScheduledActionName": "endpoint-autoscaler-day", "Schedule": DAY, "Timezone": "UTC",
            "ScalableTargetAction": {"MinCapacity": 4, "MaxCapacity": 8}})
    );
    let change = |actions: &[Value]| {
        after
            .clone()
            .profile(&json!({ "MaxCapacity": 9, "ScheduledActions": actions }))
    };
    let mut utc = day();
    utc["Timezone"] = json!("UTC");
    check_calls(&change(&[utc.clone()]), &[]);
    utc["Timezone"] = json!("Europe/Berlin");
    check_calls(&change(&[utc]), &["PutScheduledAction"]);
    let mut renamed = day();
    renamed["ScheduledActionName"] = json!("morning");
    check_calls(
        &change(&[renamed]),
        &["PutScheduledAction", "DeleteScheduledAction"],
    );
    let bare = check_calls(&change(&[]), &["DeleteScheduledAction"]);
    assert_eq!(bare.held().scheduled_actions, []);
}

#[test]
fn an_action_that_somebody_changed_is_put_again_and_others_stay() {
    let mut after = settled(&with_actions(&[day()]));
    let actions = &mut after.held_mut().scheduled_actions;
    let mut foreign = actions[0].clone();
    foreign.name = "theirs".into();
    actions.push(foreign);
    actions[0].action = None;
    let after = check_calls(&after, &["PutScheduledAction"]);
    let bare = after.profile(&json!({"MaxCapacity": 9}));
    let after = check_calls(&bare, &["DeleteScheduledAction"]);
    assert_eq!(after.held().scheduled_actions[0].name, "theirs");
}

#[test]
fn an_action_whose_one_time_is_over_is_not_put() {
    let once = |time: &str| {
        let schedule = format!("at({time})");
        with_actions(&[scheduled("once", &schedule, &json!({"MinCapacity": 4}))])
    };
    // An hour before and after NOW.
    let ahead = settled(&once("2026-03-02T13:00:00"));
    assert_eq!(ahead.held().scheduled_actions.len(), 1);
    // It ran, and AWS forgot it.
    let mut over = ahead.clone().at("2026-03-02T14:00:00Z");
    over.held_mut().scheduled_actions.clear();
    for observation in [over, once("2026-03-02T11:00:00")] {
        let (plan, after) = settle(&observation, &installation(&[]));
        let skip = Step::Skip {
            action: "PutScheduledAction",
            name: "endpoint-autoscaler-once".into(),
            reason: Reason::PastSchedule,
        };
        assert_eq!(plan.targets[0].steps.last(), Some(&skip));
        assert_eq!(after.held().scheduled_actions, []);
    }
    // As long as AWS remembers it, there is nothing to say.
    let (plan, _) = settle(&ahead.at("2026-03-02T14:00:00Z"), &installation(&[]));
    assert_eq!(plan.targets[0].steps, []);
    let mut berlin = scheduled(
        "once",
        "at(2026-03-02T12:30:00)",
        &json!({"MinCapacity": 4}),
    );
    berlin["Timezone"] = json!("Europe/Berlin");
    let over_in_berlin = settled(&with_actions(&[berlin]));
    assert_eq!(over_in_berlin.held().scheduled_actions, []);
}

#[test]
fn bounds_that_a_schedule_moved_stay() {
    let mut after = settled(&with_actions(&[day()]));
    after.held_mut().target.range = range(4, 8);
    let after = after.variant(|variant| variant.current_instance_count = Some(4));
    let (plan, after) = settle(&after, &installation(&[]));
    assert_eq!(operations(&plan), [""; 0]);
    assert_eq!(plan.targets[0].reason, Some(Reason::BoundsMoved));
    assert_eq!(plan.targets[0].idle_outcome, Outcome::Unchanged);
    // Another wish is written all the same.
    let wished = after.tagged(&[("autoscaling:max-capacity", "10")]);
    let (_, after) = settle(&wished, &installation(&[]));
    assert_eq!(after.held().target.range, range(1, 10));
}

#[test]
fn a_schedule_must_not_lead_where_the_bounds_may_not() {
    let check = |observation: &Observation, action: &Value, section: &str, part: &str| {
        let actions = json!([scheduled("day", DAY, action)]);
        let document = match section {
            "" => json!({ "ScheduledActions": actions }),
            _ => json!({section: {"ScheduledActions": actions}}),
        };
        check_refused(&observation.clone().profile(&document), &[part]);
    };
    let zero = json!({"MinCapacity": 0});
    check(&plain(), &zero, "", "at least 1 for a real-time variant");
    check(
        &component(1, 1),
        &zero,
        "InferenceComponent",
        "ManagedInstanceScaling with MinInstanceCount 0",
    );
    let serverless = serverless(Some(2), 20);
    check(&serverless, &zero, "Serverless", "at least 1");
    check(
        &serverless,
        &json!({"MaxCapacity": 21}),
        "Serverless",
        "Serverless.ScheduledActions[0].ScalableTargetAction.MaxCapacity: must be at most MaxConcurrency 20",
    );
    let limited = plain().limits(&json!({"MinCapacity": 1, "MaxCapacity": 5}));
    check(
        &limited,
        &json!({"MaxCapacity": 6}),
        "",
        "at most MaxCapacity 5 of parameter /endpoint-autoscaler/limits",
    );
    let document = json!({"Asynchronous": {"ScheduledActions": [scheduled("night", DAY, &zero)]}});
    settled(&asynchronous().profile(&document));
}
