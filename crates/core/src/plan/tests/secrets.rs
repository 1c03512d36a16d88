//! What stands in a `SecureString` is never shown.

use super::fixture::*;
use crate::observation::Observation;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// Everything that a plan says about itself.
fn said(observation: &Observation) -> (String, String) {
    let plan = decide(observation, &installation(&[]));
    let problems: Vec<_> = plan.problems.iter().map(ToString::to_string).collect();
    let settings: Vec<_> = plan.targets.iter().map(|target| &target.settings).collect();
    (problems.join("\n"), json!(settings).to_string())
}

fn secure(mut observation: Observation) -> Observation {
    let documents = &mut observation.documents;
    let all = [
        &mut documents.profile,
        &mut documents.endpoint,
        &mut documents.limits,
    ];
    for parameter in all.into_iter().flatten() {
        parameter.secure = true;
    }
    observation
}

/// Expects a problem that does not show 4711, 4712 or `hush`, which it would show if it could.
#[track_caller]
fn check(observation: Observation) {
    let tells = |text: &str| {
        ["4711", "4712", "hush"]
            .iter()
            .any(|word| text.contains(word))
    };
    let (problems, _) = said(&observation);
    assert!(tells(&problems), "{problems:?}");
    let (problems, _) = said(&secure(observation));
    assert!(!problems.is_empty());
    assert!(!tells(&problems), "{problems}");
}

#[test]
fn problems_do_not_show_them() {
    let profiles = [
        json!({"MinCapacity": 4712, "MaxCapacity": 4711}),
        json!({"MinCapacity": "4711"}),
        json!({"MinCapacity": -4711}),
        json!({"ScalingPolicies": [step("${hush}", &[])]}),
        json!({"ScalingPolicies": [step("p", &[alarm("a", "hush")])]}),
        json!({"ScalingPolicies": [step("hush", &[]), step("hush", &[])]}),
        json!({"ScalingPolicies": [{"PolicyName": "p", "PolicyType": "hush"}]}),
        json!({"ScheduledActions": [scheduled("a", "hush", &json!({"MinCapacity": 1}))]}),
        json!({"ScheduledActions": [scheduled("a", "rate(4711 hush)", &json!({"MinCapacity": 1}))]}),
        json!({"ScheduledActions": [scheduled("hush/", "rate(1 day)", &json!({"MinCapacity": 1}))]}),
    ];
    for profile in profiles {
        check(plain().profile(&profile));
    }
    check(
        plain()
            .profile(&json!({"MaxCapacity": 4711}))
            .tagged(&[("autoscaling:min-capacity", "5000")]),
    );
    let high = plain().tagged(&[("autoscaling:max-capacity", "5000")]);
    check(high.limits(&json!({"MaxCapacity": 4711})));
    let low = plain().tagged(&[("autoscaling:max-capacity", "5")]);
    check(low.limits(&json!({"MinCapacity": 4711})));
    let tagged = plain().tagged(&[("autoscaling:paused", "false")]);
    check(tagged.limits(&json!({"AllowedTags": ["hush"]})));
    let actions = [scheduled("a", "rate(1 day)", &json!({"MaxCapacity": 5000}))];
    let scheduled = plain().own(&json!({ "ScheduledActions": actions }));
    check(scheduled.limits(&json!({"MaxCapacity": 4711})));
    let mut broken = plain().profile(&json!({}));
    broken.documents.profile.as_mut().expect("a profile").value = "hush".into();
    check(broken);
}

#[test]
fn settings_do_not_show_them() {
    let document = json!({"MinCapacity": 3, "MaxCapacity": 4711,
        "ScalingPolicies": [step("hush", &[alarm("hush", "ModelLatency")])],
        "ScheduledActions": [scheduled("hush", "rate(4712 days)", &json!({"MinCapacity": 1}))],
        "IdleScaleIn": {"AfterMinutes": 471}});
    let (problems, settings) = said(&secure(plain().profile(&document)));
    assert_eq!(problems, "");
    for word in ["4711", "4712", "hush", "471"] {
        assert!(!settings.contains(word), "{settings}");
    }
    let settings: Value = serde_json::from_str(&settings).expect("JSON");
    for field in [
        "MinCapacity",
        "MaxCapacity",
        "ScalingPolicies",
        "ScheduledActions",
        "IdleScaleIn",
    ] {
        let source = "parameter /endpoint-autoscaler/profiles/default";
        let expected = json!({"value": "(SecureString)", "source": source});
        assert_eq!(settings[0][field], expected, "{field}");
    }
}
