//! What an account holds, without what differs from run to run: identifiers and times.

use aws_standin::Standin;
use serde_json::{Value, json};

/// Everything that scaling is about, comparable between two accounts.
pub(crate) fn state(standin: &Standin) -> Value {
    let state = standin.state();
    let lasting = [
        "Endpoints",
        "InferenceComponents",
        "ScalableTargets",
        "Alarms",
    ];
    let mut lasting: Value = lasting
        .iter()
        .map(|part| ((*part).to_owned(), state[*part].clone()))
        .collect();
    forget(&mut lasting);
    if let Some(alarms) = lasting["Alarms"].as_array_mut() {
        alarms.sort_by_key(|alarm| alarm["AlarmName"].to_string());
    }
    lasting
}

/// What of it belongs to somebody else: targets of endpoints called `Theirs…`, and everything on
/// other targets, or among the alarms, whose name is not one of ours.
pub(crate) fn foreign(standin: &Standin) -> Value {
    let state = state(standin);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let theirs = |name: &str| !name.starts_with("endpoint-autoscaler-");
    let mut foreign = Vec::new();
    for target in list(&state["ScalableTargets"]) {
        if text(&target["ResourceId"]).contains("/Theirs") {
            foreign.push(target);
            continue;
        }
        for (part, name) in [
            ("ScalingPolicies", "PolicyName"),
            ("ScheduledActions", "ScheduledActionName"),
        ] {
            let items = list(&target[part]).into_iter();
            foreign.extend(items.filter(|item| theirs(item[name].as_str().unwrap_or_default())));
        }
    }
    // AWS's own alarms go with the policies.
    let aws = |name: &str| name.starts_with("TargetTracking-");
    let alarms = list(&state["Alarms"]).into_iter();
    foreign.extend(alarms.filter(|alarm| {
        let name = text(&alarm["AlarmName"]);
        !aws(&name) && (theirs(&name) || !name.contains('/'))
    }));
    json!(foreign)
}

fn forget(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !is_volatile(name));
            members.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::String(text) => *text = without_ids(text),
        _ => {}
    }
}

fn is_volatile(name: &str) -> bool {
    // That a reset of the counts was answered depends on whether there was one to answer.
    name.ends_with("Time") || name.ends_with("Timestamp") || name == "endpoint-autoscaler:raised"
}

/// Identifiers of the stand-in are long runs of digits, letters up to `f` and hyphens.
fn without_ids(text: &str) -> String {
    let mut parts = Vec::new();
    for part in text.split_inclusive(['/', ':']) {
        let id_at = part.find("00000000-0000-4000-");
        let id_at = id_at.or_else(|| part.find("00000000000000000000"));
        parts.push(id_at.map_or(part.to_owned(), |at| format!("{}*", &part[..at])));
    }
    parts.concat()
}
