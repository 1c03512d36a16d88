//! Worked documents, those of the documentation too, are understood and lead where they say.

#![allow(clippy::panic, reason = "helpers of tests")]

use endpoint_autoscaler_core::desire::desire;
use endpoint_autoscaler_core::document;
use endpoint_autoscaler_core::installation::Installation;
use endpoint_autoscaler_core::name::{ComponentName, EndpointName, VariantName};
use endpoint_autoscaler_core::observation::{
    Component, DescribedComponent, Endpoint, ManagedInstanceScaling, Observation, Parameter,
    Serverless, Variant, VariantConfig,
};
use endpoint_autoscaler_core::plan::{Action, TargetPlan, plan};
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parameter(text: String) -> Parameter {
    Parameter {
        name: "/endpoint-autoscaler/profiles/default".into(),
        value: text,
        secure: false,
    }
}

fn real_time() -> Endpoint {
    Endpoint {
        status: "InService".into(),
        config_name: Some("config".into()),
        last_modified: None,
        asynchronous: false,
        variants: vec![Variant {
            name: VariantName::new("AllTraffic").expect("a name"),
            current_instance_count: Some(1),
            serverless: None,
            managed_instance_scaling: None,
            instance_pools: false,
            config: Some(VariantConfig {
                instance_type: Some("ml.m5.large".into()),
                initial_instance_count: Some(1),
                provisioned_concurrency: None,
                has_model: true,
            }),
        }],
        components: Vec::new(),
    }
}

fn asynchronous() -> Endpoint {
    Endpoint {
        asynchronous: true,
        ..real_time()
    }
}

fn serverless() -> Endpoint {
    let mut endpoint = real_time();
    endpoint.variants[0].serverless = Some(Serverless {
        provisioned_concurrency: Some(2),
        max_concurrency: Some(20),
    });
    endpoint
}

fn inference_component() -> Endpoint {
    let mut endpoint = real_time();
    endpoint.variants[0].managed_instance_scaling = Some(ManagedInstanceScaling {
        min_instance_count: Some(0),
    });
    endpoint.components.push(Component {
        name: ComponentName::new("llama").expect("a name"),
        variant: Some(VariantName::new("AllTraffic").expect("a name")),
        status: "InService".into(),
        described: Some(DescribedComponent {
            copies: Some(1),
            is_adapter: false,
        }),
    });
    endpoint
}

/// Expects a fresh endpoint to get these bounds and these objects out of a document.
#[track_caller]
fn check(file: &str, endpoint: Endpoint, bounds: &str, expected: &[&str]) {
    let now = "2026-03-02T12:00:00Z".parse().expect("a time");
    let name = EndpointName::new("prod").expect("a name");
    let mut observation = Observation::of_nothing(name, now);
    observation.endpoint = Some(endpoint);
    observation.alarms = Some(Vec::new());
    let text = read(&here("tests/documents").join(file));
    observation.documents.profile = Some(parameter(text));
    let installation = Installation::from_variables(|_| None).expect("defaults are valid");
    let plan = plan(
        desire(&observation, &installation),
        &observation,
        &installation,
        false,
    );
    assert_eq!(plan.problems, []);
    let mut actions: Vec<_> = plan.targets.iter().flat_map(TargetPlan::actions).collect();
    let Action::RegisterScalableTarget { range, .. } = actions.remove(0) else {
        panic!("{plan:#?}")
    };
    assert_eq!(range.expect("bounds").to_string(), bounds);
    let names: Vec<_> = actions
        .iter()
        .filter_map(|action| action.subject())
        .collect();
    let names = names.iter().map(|name| {
        let name = name.trim_start_matches("endpoint-autoscaler-");
        name.trim_start_matches("prod/")
    });
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

#[test]
fn one_worked_document_per_kind() {
    check("real-time.json", real_time(), "2-8", &["invocations"]);
    check(
        "real-time-steps-and-schedules.json",
        real_time(),
        "2-8",
        &[
            "invocations",
            "surge",
            "AllTraffic/latency-high",
            "day",
            "night",
        ],
    );
    check(
        "asynchronous.json",
        asynchronous(),
        "0-5",
        &["backlog", "wake-up", "AllTraffic/wake-up"],
    );
    check("serverless.json", serverless(), "1-10", &["utilization"]);
    check(
        "inference-component.json",
        inference_component(),
        "0-4",
        &["requests", "wake-up", "llama/wake-up"],
    );
    check(
        "custom-metric.json",
        real_time(),
        "1-6",
        &["queue", "idle-scale-in", "AllTraffic/idle-scale-in"],
    );
}

#[test]
fn the_policies_of_the_aws_guides() {
    let policy = "my-scaling-policy";
    check("aws-predefined-metric.json", real_time(), "1-4", &[policy]);
    check(
        "aws-high-resolution-metric.json",
        real_time(),
        "1-4",
        &[policy],
    );
    check("aws-custom-metric.json", real_time(), "1-4", &["cpu"]);
    check(
        "aws-step-scaling.json",
        real_time(),
        "1-4",
        &[
            "steps-out",
            "steps-in",
            "AllTraffic/cpu-high",
            "AllTraffic/cpu-low",
        ],
    );
    check(
        "aws-asynchronous.json",
        asynchronous(),
        "0-5",
        &[
            "Invocations-ScalingPolicy",
            "HasBacklogWithoutCapacity-ScalingPolicy",
            "AllTraffic/step-scaling-policy-alarm",
        ],
    );
    check(
        "aws-inference-component.json",
        inference_component(),
        "0-4",
        &["invocations", "from-zero", "llama/no-capacity"],
    );
}

#[test]
fn one_profile_serves_an_account_of_all_kinds() {
    for endpoint in [real_time(), asynchronous(), serverless()] {
        let bounds = if endpoint.variants[0].serverless.is_some() {
            "2-4"
        } else {
            "1-4"
        };
        check(
            "inference-component.json",
            endpoint,
            bounds,
            &["target-tracking"],
        );
    }
}

#[test]
fn every_document_has_its_check() {
    let source = read(&here("tests/documents.rs"));
    for entry in std::fs::read_dir(here("tests/documents")).expect("the documents") {
        let name = entry.expect("a file").file_name();
        let quoted = format!("{name:?}");
        assert!(source.contains(&quoted), "no check of {quoted}");
    }
}

/// The JSON blocks of a page. Documents are written in AWS's spelling, with capitals; payloads
/// and reports are not.
fn documents_of(page: &str) -> Vec<String> {
    let blocks = page.split("```json\n").skip(1);
    let blocks = blocks.filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned()));
    let is_document = |block: &String| {
        let value: Value =
            serde_json::from_str(block).unwrap_or_else(|error| panic!("{error} in {block}"));
        let fields = value.as_object().cloned().unwrap_or_default();
        fields
            .keys()
            .all(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
    };
    blocks.filter(is_document).collect()
}

#[test]
fn every_document_of_the_documentation_is_understood() {
    let documents = documents_of(&read(&here("../../docs/configuration.md")));
    assert!(documents.len() >= 6, "one per kind: {documents:#?}");
    for text in documents {
        let parameter = parameter(text.clone());
        if let Err(problems) = document::parse(&parameter) {
            let limits = document::parse_limits(&parameter);
            assert!(limits.is_ok(), "{text}\n{problems:#?}");
        }
    }
}
