//! Where a value comes from.

use super::fixture::*;
use crate::scaling::PolicyBody;
use pretty_assertions::assert_eq;
use serde_json::json;

#[test]
fn higher_layers_win_field_by_field() {
    let observation = plain()
        .tagged(&[("autoscaling:max-capacity:AllTraffic", "9")])
        .profile(&json!({"MinCapacity": 2, "MaxCapacity": 5}))
        .own(&json!({"MinCapacity": 1, "Variants": {"AllTraffic": {"MinCapacity": 3}}}));
    check_bounds(&observation, (3, 9));
    let settings = &decide(&observation, &installation(&[])).targets[0].settings;
    assert_eq!(
        settings["MinCapacity"]["source"],
        "parameter /endpoint-autoscaler/endpoints/prod"
    );
    assert_eq!(
        settings["MaxCapacity"]["source"],
        "tag autoscaling:max-capacity:AllTraffic"
    );
    assert_eq!(settings["ScalingPolicies"]["source"], "built-in default");
}

#[test]
fn tags_adjust_the_one_tracking_policy() {
    let after = settled(&plain().tagged(&[
        ("autoscaling:target-value", "5"),
        (
            "autoscaling:metric",
            "SageMakerVariantConcurrentRequestsPerModelHighResolution",
        ),
        ("autoscaling:scale-in-cooldown", "600"),
        ("autoscaling:disable-scale-in", "True"),
    ]));
    let PolicyBody::TargetTracking(policy) = &after.held().policies[0].policy.body else {
        unreachable!("target tracking")
    };
    assert_eq!(
        (
            policy.target_value,
            policy.scale_in_cooldown,
            policy.disable_scale_in
        ),
        (5.0, 600, true)
    );
}

#[test]
fn a_custom_metric_gets_the_dimensions_it_is_published_under() {
    let after = settled(&plain().profile(&json!({"ScalingPolicies": [{"PolicyName": "latency",
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 5, "CustomizedMetricSpecification":
            {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency", "Statistic": "Average"}}}]})));
    let PolicyBody::TargetTracking(policy) = &after.held().policies[0].policy.body else {
        unreachable!("target tracking")
    };
    let printed = json!(policy)["CustomizedMetricSpecification"]["Dimensions"].clone();
    assert_eq!(
        printed,
        json!([{"Name": "EndpointName", "Value": "prod"}, {"Name": "VariantName", "Value": "AllTraffic"}])
    );
}

#[test]
fn each_kind_reads_its_own_section() {
    let document = json!({"MaxCapacity": 11, "Asynchronous": {"MaxCapacity": 12},
        "Serverless": {"MaxCapacity": 13}, "InferenceComponent": {"MaxCapacity": 14}});
    for ((observation, _), max) in every_kind().into_iter().zip([11, 12, 13, 14]) {
        let after = settled(&observation.profile(&document));
        assert_eq!(after.held().target.range.max(), max);
    }
}

#[test]
fn flat_fields_speak_of_real_time_variants_only() {
    let document = json!({"MinCapacity": 3, "MaxCapacity": 3, "ScalingPolicies": []});
    for (observation, _) in &every_kind()[1..] {
        let plain = settled(observation);
        let with_profile = settled(&observation.clone().profile(&document));
        assert_eq!(plain.held().target.range, with_profile.held().target.range);
        assert_eq!(plain.policy_names(), with_profile.policy_names());
    }
}

#[test]
fn an_entry_by_name_refines_any_kind() {
    let document = json!({"MaxCapacity": 11, "Asynchronous": {"MaxCapacity": 12},
        "Variants": {"AllTraffic": {"MaxCapacity": 17}, "other": {"MaxCapacity": 18}},
        "InferenceComponents": {"llama": {"MaxCapacity": 19}, "AllTraffic": {"MaxCapacity": 20}}});
    for ((observation, _), max) in every_kind().into_iter().zip([17, 17, 17, 19]) {
        let after = settled(&observation.profile(&document));
        assert_eq!(after.held().target.range.max(), max);
    }
}

#[test]
fn a_higher_layer_replaces_a_list_whole() {
    let after = settled(
        &plain()
            .profile(&json!({"ScalingPolicies": [step("a", &[]), step("b", &[])],
                "ScheduledActions": [scheduled("day", "rate(1 day)", &json!({"MinCapacity": 1}))]}))
            .own(&json!({"ScalingPolicies": [step("c", &[])], "ScheduledActions": []})),
    );
    assert_eq!(after.policy_names(), ["endpoint-autoscaler-c"]);
    assert_eq!(after.held().scheduled_actions, []);
}

#[test]
fn placeholders_are_filled_in_everywhere() {
    let metric = json!({"Namespace": "MyTeam", "MetricName": "Queue-${VariantName}",
        "Dimensions": [{"Name": "e", "Value": "${EndpointName}/${VariantName}"}], "Statistic": "Sum"});
    let tracking = json!({"PolicyName": "q-${EndpointName}", "TargetTrackingScalingPolicyConfiguration":
        {"TargetValue": 1, "CustomizedMetricSpecification": metric}});
    let mut own_alarm = alarm("a-${VariantName}", "x");
    own_alarm["Namespace"] = json!("${EndpointName}");
    let after = settled(&plain().profile(&json!({
        "ScalingPolicies": [tracking, step("s", &[own_alarm])],
        "ScheduledActions": [scheduled("d-${VariantName}", "rate(1 day)", &json!({"MaxCapacity": 9}))]})));
    assert_eq!(
        after.policy_names(),
        ["endpoint-autoscaler-q-prod", "endpoint-autoscaler-s"]
    );
    let PolicyBody::TargetTracking(policy) = &after.held().policies[0].policy.body else {
        unreachable!("target tracking")
    };
    let printed = json!(policy)["CustomizedMetricSpecification"].clone();
    assert_eq!(printed["MetricName"], "Queue-AllTraffic");
    assert_eq!(printed["Dimensions"][0]["Value"], "prod/AllTraffic");
    let alarm = &after.alarms.as_deref().expect("read")[0];
    assert_eq!(
        alarm.name,
        "endpoint-autoscaler-prod/AllTraffic/a-AllTraffic"
    );
    let definition = alarm.definition.as_ref().expect("an alarm of ours");
    assert_eq!(definition.namespace, "prod");
    assert_eq!(
        after.held().scheduled_actions[0].name,
        "endpoint-autoscaler-d-AllTraffic"
    );
}

#[test]
fn what_is_added_is_explained_by_itself() {
    let document = json!({"IdleScaleIn": {"AfterMinutes": 30}});
    let settings = &decide(&plain().profile(&document), &installation(&[])).targets[0].settings;
    assert_eq!(settings["ScalingPolicies"]["source"], "built-in default");
    let policies = settings["ScalingPolicies"]["value"].as_array();
    assert_eq!(policies.map(Vec::len), Some(1));
    assert_eq!(
        settings["IdleScaleIn"],
        json!({"value": {"AfterMinutes": 30},
            "source": "parameter /endpoint-autoscaler/profiles/default"})
    );
    let asleep = asynchronous().own(&json!({"Asynchronous": {"MinCapacity": 0}}));
    let settings = &decide(&asleep, &installation(&[])).targets[0].settings;
    assert_eq!(settings["WakeUp"]["source"], "built-in default");
    assert_eq!(
        settings["MinCapacity"]["source"],
        "parameter /endpoint-autoscaler/endpoints/prod"
    );
}
