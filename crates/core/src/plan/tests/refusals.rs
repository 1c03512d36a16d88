//! What is wrong changes nothing and says why, where, and by which rule.

use super::fixture::*;
use crate::observation::Observation;
use serde_json::{Value, json};

#[test]
fn bad_tags_change_nothing_and_say_why() {
    let check = |tags: &[(&str, &str)], parts: &[&str]| check_refused(&plain().tagged(tags), parts);
    check(
        &[("autoscaling:max-capcity", "8")],
        &["unknown tag", "`max-capacity`"],
    );
    check(
        &[("autoscaling:max-capacity", "x")],
        &["tag autoscaling:max-capacity", "whole number"],
    );
    check(
        &[
            ("autoscaling:min-capacity", "9"),
            ("autoscaling:max-capacity", "2"),
        ],
        &["at most MaxCapacity 2 of tag autoscaling:max-capacity"],
    );
    check(&[("autoscaling:min-capacity", "0")], &["at least 1"]);
    check(
        &[("autoscaling:max-capacity:AllTrafic", "2")],
        &["did you mean `AllTraffic`?"],
    );
    check(
        &[("autoscaling:profile", "llm")],
        &["/endpoint-autoscaler/profiles/llm"],
    );
    let metric = "SageMakerVariantInvocationsPerInstance";
    check(&[("autoscaling:metric", metric)], &["target-value"]);
}

#[test]
fn a_tag_is_named_where_a_tag_is_wrong() {
    let tags = &[
        ("autoscaling:target-value", "70"),
        (
            "autoscaling:metric",
            "SageMakerVariantInvocationsPerInstance",
        ),
    ];
    check_refused(
        &asynchronous().tagged(tags),
        &["tag autoscaling:metric", "is not published by asynchronous"],
    );
    check_refused(
        &component(1, 0).tagged(tags),
        &[
            "tag autoscaling:metric",
            "does not fit sagemaker:inference-component:DesiredCopyCount",
        ],
    );
    check_refused(
        &serverless(Some(2), 20).tagged(&tags[..1]),
        &["tag autoscaling:target-value", "at most 1", "utilization"],
    );
    let two = json!({"ScalingPolicies": [tracks("a", tags[1].1, 1.0),
        tracks("b", "SageMakerVariantConcurrentRequestsPerModelHighResolution", 1.0)]});
    check_refused(
        &plain().profile(&two).tagged(&tags[..1]),
        &["the one target-tracking policy", "has 2"],
    );
}

#[test]
fn the_limits_have_the_last_word() {
    let limited = plain().tagged(&[("autoscaling:max-capacity", "50")]);
    check_refused(
        &limited.clone().limits(&json!({"MaxCapacity": 20})),
        &[
            "tag autoscaling:max-capacity",
            "MaxCapacity 20 of parameter /endpoint-autoscaler/limits",
        ],
    );
    check_refused(
        &limited.limits(&json!({"AllowedTags": ["enabled", "profile"]})),
        &["AllowedTags enabled, profile of parameter /endpoint-autoscaler/limits"],
    );
    let low = plain().own(&json!({"MinCapacity": 1}));
    check_refused(
        &low.limits(&json!({"MinCapacity": 2})),
        &["endpoints/prod, MinCapacity: must be at least MinCapacity 2"],
    );
    let high = plain().own(&json!({"MinCapacity": 30}));
    check_refused(
        &high.limits(&json!({"MaxCapacity": 20})),
        &["endpoints/prod, MinCapacity: must be at most MaxCapacity 20"],
    );
    let running = plain().variant(|variant| variant.current_instance_count = Some(30));
    check_refused(
        &running.limits(&json!({"MaxCapacity": 20})),
        &["built-in default, MaxCapacity", "at most MaxCapacity 20"],
    );
    let named = plain()
        .profile(&json!({}))
        .tagged(&[("autoscaling:profile", "llm")]);
    check_refused(
        &named.limits(&json!({"AllowedProfiles": ["default"]})),
        &["tag autoscaling:profile", "AllowedProfiles default"],
    );
}

/// Expects one problem of `document` that begins with the path and says `part`.
#[track_caller]
fn check(observation: &Observation, document: &Value, path: &str, part: &str) {
    let start = format!("parameter /endpoint-autoscaler/profiles/default, {path}: ");
    check_refused(&observation.clone().profile(document), &[&start, part]);
}

/// A document that says this in the section for a kind.
fn saying(section: &str, policies: &[Value]) -> Value {
    match section {
        "" => json!({ "ScalingPolicies": policies }),
        _ => json!({section: {"ScalingPolicies": policies}}),
    }
}

/// Expects the last of these policies to be refused by a rule that says `part`.
#[track_caller]
fn check_last(observation: &Observation, section: &str, policies: &[Value], part: &str) {
    let last = policies.len() - 1;
    let dot = if section.is_empty() { "" } else { "." };
    let path = format!("{section}{dot}ScalingPolicies[{last}]");
    check(observation, &saying(section, policies), &path, part);
}

fn customized(metric: &Value) -> Value {
    json!({"PolicyName": "p", "TargetTrackingScalingPolicyConfiguration":
        {"TargetValue": 1, "CustomizedMetricSpecification": metric}})
}

const INVOCATIONS: &str = "SageMakerVariantInvocationsPerInstance";
const UTILIZATION: &str = "SageMakerVariantProvisionedConcurrencyUtilization";
const PER_COPY: &str = "SageMakerInferenceComponentInvocationsPerCopy";

#[test]
fn a_metric_must_fit_what_is_scaled() {
    let check = |observation: &Observation, section: &str, metric, fits: &str| {
        check_last(observation, section, &[tracks("p", metric, 1.0)], fits);
    };
    let fits_instances = "does not fit sagemaker:variant:DesiredInstanceCount; fitting are SageMakerVariantInvocationsPerInstance, SageMakerVariantConcurrentRequests";
    check(&plain(), "", PER_COPY, fits_instances);
    check(&plain(), "", UTILIZATION, fits_instances);
    let serverless = serverless(Some(2), 20);
    let fits_concurrency = "sagemaker:variant:DesiredProvisionedConcurrency; fitting are SageMakerVariantProvisionedConcurrencyUtilization";
    check(&serverless, "Serverless", INVOCATIONS, fits_concurrency);
    check(
        &component(1, 0),
        "InferenceComponent",
        INVOCATIONS,
        "fitting are SageMakerInferenceComponentInvocationsPerCopy, SageMakerInferenceComponentConcurrent",
    );
    for metric in [INVOCATIONS, PER_COPY] {
        let rule = "not published by asynchronous endpoints";
        check(&asynchronous(), "Asynchronous", metric, rule);
    }
}

#[test]
fn invocations_are_not_tracked_on_asynchronous_endpoints_in_any_form() {
    let rule = "use ApproximateBacklogSizePerInstance";
    let metric = json!({"Namespace": "AWS/SageMaker", "MetricName": "InvocationsPerInstance"});
    let mut one = metric.clone();
    one["Statistic"] = json!("Sum");
    let math = json!({"Metrics": [{"Id": "m", "MetricStat": {"Metric": metric, "Stat": "Sum"}}]});
    let policies = [
        customized(&one),
        customized(&math),
        step("p", &[alarm("a", "Invocations")]),
    ];
    for policy in policies {
        check_last(&asynchronous(), "Asynchronous", &[policy], rule);
    }
    let entry = json!({"Variants": {"AllTraffic": {"ScalingPolicies": [customized(&one)]}}});
    let path = "Variants.AllTraffic.ScalingPolicies[0]";
    check(&asynchronous(), &entry, path, rule);
}

#[test]
fn a_problem_names_the_path_to_its_bound() {
    let zero = |section: &str| json!({section: {"MinCapacity": 0}});
    let rule = "at least 1 for a serverless variant";
    let serverless = serverless(Some(2), 20);
    check(
        &serverless,
        &zero("Serverless"),
        "Serverless.MinCapacity",
        rule,
    );
    let entry = json!({"Variants": {"AllTraffic": {"MinCapacity": 0}}});
    check(
        &plain(),
        &entry,
        "Variants.AllTraffic.MinCapacity",
        "at least 1 for a real-time variant",
    );
    let entry = json!({"InferenceComponents": {"llama": {"MinCapacity": 0}}});
    check(
        &component(1, 1),
        &entry,
        "InferenceComponents.llama.MinCapacity",
        "at least 1 for an inference component",
    );
    let beyond = json!({"Serverless": {"MaxCapacity": 21}});
    let rule = "must be at most MaxConcurrency 20 of the variant";
    check(&serverless, &beyond, "Serverless.MaxCapacity", rule);
    let beyond = json!({"Serverless": {"MinCapacity": 21}});
    check(&serverless, &beyond, "Serverless.MinCapacity", rule);
}

#[test]
fn names_are_given_once() {
    let metric = "SageMakerVariantConcurrentRequestsPerModelHighResolution";
    let check_last = |policies: &[Value], part| check_last(&plain(), "", policies, part);
    check_last(
        &[tracks("p", INVOCATIONS, 1.0), tracks("p", metric, 1.0)],
        "a name of its own",
    );
    check_last(
        &[tracks("p", INVOCATIONS, 1.0), tracks("q", INVOCATIONS, 2.0)],
        "one per metric",
    );
    let twice = [alarm("a", "ModelLatency"), alarm("a", "Invocations")];
    check_last(&[step("p", &twice)], "whose name another alarm has");
    let one_day = json!({"MinCapacity": 1});
    let actions = [
        scheduled("day", "rate(1 day)", &one_day),
        scheduled("endpoint-autoscaler-day", "rate(2 days)", &one_day),
    ];
    check(
        &plain(),
        &json!({ "ScheduledActions": actions }),
        "ScheduledActions[1]",
        "a name of its own",
    );
}

#[test]
fn names_fit_with_their_placeholders_filled_in() {
    let long = "${VariantName}".repeat(4);
    let named = plain().endpoint(|endpoint| endpoint.variants = vec![variant(&"v".repeat(63))]);
    let rule = "at most 256 characters";
    check_last(&named, "", &[step(&long, &[])], rule);
    let actions = [scheduled(&long, "rate(1 day)", &json!({"MinCapacity": 1}))];
    check(
        &named,
        &json!({ "ScheduledActions": actions }),
        "ScheduledActions[0]",
        rule,
    );
    settled(&plain().profile(&saying("", &[step(&long, &[alarm(&long, "ModelLatency")])])));
}

#[test]
fn a_placeholder_or_metric_that_means_nothing_here_is_refused() {
    let check = |observation: &Observation, section: &str, policy, part: &str| {
        check_last(observation, section, &[policy], part);
    };
    check(
        &plain(),
        "",
        step("p-${EndpontName}", &[]),
        "placeholder `${EndpontName}` means nothing here (did you mean `EndpointName`?)",
    );
    check(
        &plain(),
        "",
        step("p-${InferenceComponentName}", &[]),
        "means nothing here",
    );
    check(
        &component(1, 0),
        "InferenceComponent",
        step("p-${VariantName}", &[]),
        "means nothing here",
    );
    check(&plain(), "", step("p-${Endpoint", &[]), "closing brace");
    check(
        &plain(),
        "",
        step("p", &[alarm("a", "ModelLatancy")]),
        "unknown metric of AWS/SageMaker (did you mean `ModelLatency`?): state its Dimensions",
    );
    check(
        &component(1, 0),
        "InferenceComponent",
        step("p", &[alarm("a", "ModelLatency")]),
        "is published per VariantName, which an inference component is not",
    );
    let mut stated = alarm("a", "BrandNew");
    stated["Dimensions"] = json!([]);
    settled(&plain().profile(&saying("", &[step("p", &[stated])])));
}

#[test]
fn idle_scale_in_is_for_real_time_variants() {
    let idle = json!({"IdleScaleIn": {"AfterMinutes": 30}});
    let rule = "is for real-time variants";
    for (section, (observation, _)) in ["Asynchronous", "Serverless", "InferenceComponent"]
        .into_iter()
        .zip(&every_kind()[1..])
    {
        let path = format!("{section}.IdleScaleIn");
        check(observation, &json!({section: idle}), &path, rule);
    }
}

#[test]
fn a_target_takes_fifty_policies() {
    let policies: Vec<_> = (0..50)
        .map(|number| step(&format!("p{number}"), &[]))
        .collect();
    settled(&plain().profile(&saying("", &policies)));
    let idle = json!({"ScalingPolicies": policies, "IdleScaleIn": {"AfterMinutes": 30}});
    check(&plain(), &idle, "ScalingPolicies", "at most 50 policies");
}

#[test]
fn one_mistake_in_one_document_is_said_once_for_all_variants() {
    let two = plain().endpoint(|endpoint| endpoint.variants.push(variant("blue")));
    check(
        &two,
        &saying("", &[tracks("p", UTILIZATION, 1.0)]),
        "ScalingPolicies[0]",
        "does not fit",
    );
}
