//! What the pure middle costs per event: everything between the bytes that come in and the calls
//! that go out. `benches/pipeline.py` puts the medians into `docs/benchmarks.md`.

#![allow(missing_docs, reason = "criterion's macros write functions without")]

use criterion::{Criterion, criterion_group, criterion_main};
use endpoint_autoscaler_core::desire::desire;
use endpoint_autoscaler_core::document;
use endpoint_autoscaler_core::event;
use endpoint_autoscaler_core::installation::Installation;
use endpoint_autoscaler_core::name::{ComponentName, EndpointName, VariantName};
use endpoint_autoscaler_core::observation::{
    Component, DescribedComponent, Documents, Endpoint, HeldAlarm, HeldPolicy, HeldScaling,
    HeldTarget, ManagedInstanceScaling, Observation, Parameter, Variant, VariantConfig,
};
use endpoint_autoscaler_core::plan::{Action, EndpointPlan, PolicyArn, plan};
use endpoint_autoscaler_core::report::{CallResult, Report, TargetReport, Trigger};
use endpoint_autoscaler_core::scaling::Suspension;
use endpoint_autoscaler_core::tags::Tags;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

fn installation() -> Installation {
    Installation::from_variables(|_| None).expect("defaults are valid")
}

/// Every file of `events/`, as text.
fn payloads() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let entries = fs::read_dir(folder).expect("the folder of events");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let payloads = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    payloads
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(path).expect("a payload"))
        })
        .collect()
}

fn understand(payload: &str) -> event::Request {
    let payload: Value = serde_json::from_str(payload).expect("JSON");
    event::parse(&payload).expect("an event that is understood")
}

fn variant_name(index: usize) -> VariantName {
    VariantName::new(format!("variant-{index}")).expect("a name")
}

/// An endpoint with so many variants of one `ml.m5.large` instance each, nothing registered.
fn endpoint(variants: usize) -> Observation {
    let variant = |index| Variant {
        name: variant_name(index),
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
    };
    Observation {
        name: EndpointName::new("search-ranking-prod").expect("a name"),
        now: "2026-03-02T12:00:00Z".parse().expect("a time"),
        endpoint: Some(Endpoint {
            status: "InService".into(),
            config_name: Some("search-ranking-prod-7".into()),
            last_modified: None,
            asynchronous: false,
            variants: (0..variants).map(variant).collect(),
            components: Vec::new(),
        }),
        tags: BTreeMap::from([("team".into(), "search".into())]),
        documents: Documents::default(),
        scaling: BTreeMap::new(),
        alarms: Some(Vec::new()),
    }
}

/// One variant that hosts so many inference components.
fn components(count: usize) -> Observation {
    let mut observation = endpoint(1);
    let endpoint = observation.endpoint.as_mut().expect("an endpoint");
    endpoint.variants[0].managed_instance_scaling = Some(ManagedInstanceScaling {
        min_instance_count: Some(1),
    });
    endpoint.components = (0..count)
        .map(|index| Component {
            name: ComponentName::new(format!("model-{index}")).expect("a name"),
            variant: Some(variant_name(0)),
            status: "InService".into(),
            described: Some(DescribedComponent {
                copies: Some(1),
                is_adapter: false,
            }),
        })
        .collect();
    observation
}

/// Target tracking, and `steps` step policies with an alarm each.
fn policies(steps: usize) -> Value {
    let tracking = json!({"PolicyName": "invocations", "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 600, "ScaleInCooldown": 300, "ScaleOutCooldown": 60,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}});
    let step = |index| {
        json!({"PolicyName": format!("surge-{index}"),
            "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60, "StepAdjustments": [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100_000, "ScalingAdjustment": 1},
                {"MetricIntervalLowerBound": 100_000, "ScalingAdjustment": 3}]},
            "AlarmDefinitions": [{"AlarmName": format!("${{VariantName}} latency {index}"), "Namespace": "AWS/SageMaker",
                "MetricName": "ModelLatency", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2,
                "Threshold": 500_000, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}]})
    };
    std::iter::once(tracking)
        .chain((0..steps).map(step))
        .collect()
}

fn parameter(document: &Value) -> Parameter {
    Parameter {
        name: "/endpoint-autoscaler/profiles/default".into(),
        value: document.to_string(),
        secure: false,
    }
}

/// As large as a document gets: AWS takes 50 policies for a target, and a parameter holds 8 KB.
fn large_profile() -> Parameter {
    let actions = (0..10).map(|index| {
        json!({"ScheduledActionName": format!("at-{index}"), "Timezone": "Europe/Berlin",
            "Schedule": format!("cron(0 {index} ? * MON-FRI *)"),
            "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 8}})
    });
    let variants = (0..10).map(|index| (format!("variant-{index}"), json!({"MaxCapacity": 12})));
    let profile = parameter(&json!({
        "MinCapacity": 2, "MaxCapacity": 8, "ScalingPolicies": policies(11),
        "ScheduledActions": actions.collect::<Value>(),
        "Variants": variants.collect::<serde_json::Map<_, _>>(),
        "Asynchronous": {"MinCapacity": 0}, "Serverless": {"MaxCapacity": 10},
    }));
    assert!(
        (7_000..8_192).contains(&profile.value.len()),
        "{} bytes",
        profile.value.len()
    );
    profile
}

/// From an observation to a plan: resolve, desire, plan.
fn decide(observation: &Observation, installation: &Installation) -> EndpointPlan {
    plan(
        desire(observation, installation),
        observation,
        installation,
        false,
    )
}

/// What is held once a plan was carried out for an endpoint that had nothing.
fn carried_out(mut observation: Observation) -> Observation {
    let plan = decide(&observation, &installation());
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
    for target in &plan.targets {
        for action in target.actions() {
            let held = observation.scaling.get_mut(&target.id);
            match action {
                Action::RegisterScalableTarget { range, .. } => {
                    let scaling = HeldScaling {
                        target: HeldTarget {
                            arn: "arn:target".into(),
                            range: range.expect("a new target has bounds"),
                            suspended: Suspension::NONE,
                            tags: None,
                        },
                        policies: Vec::new(),
                        scheduled_actions: Vec::new(),
                    };
                    observation.scaling.insert(target.id.clone(), scaling);
                }
                Action::PutScalingPolicy(policy) => {
                    held.expect("a target").policies.push(HeldPolicy {
                        policy: policy.clone(),
                        arn: format!("arn:{}", policy.name),
                        alarms: Vec::new(),
                    });
                }
                Action::PutMetricAlarm {
                    alarm,
                    description,
                    policy: PolicyArn::Put(name),
                } => {
                    let mut held = held.expect("a target").policies.iter_mut();
                    let policy = held
                        .find(|held| held.policy.name == *name)
                        .expect("a policy");
                    policy.alarms.push(alarm.alarm_name.clone());
                    observation.alarms.get_or_insert_default().push(HeldAlarm {
                        name: alarm.alarm_name.clone(),
                        definition: Some(alarm.clone()),
                        actions: vec![policy.arn.clone()],
                        description: description.clone(),
                    });
                }
                other => unreachable!("a new endpoint needs no {}", other.operation()),
            }
        }
    }
    let again = decide(&observation, &installation());
    assert!(
        again.is_empty(),
        "what was carried out is in sync: {:#?}",
        again.targets[0].steps
    );
    observation
}

/// The answer of the function, as text.
fn report(observation: &Observation, plan: &EndpointPlan) -> String {
    let targets = plan.targets.iter();
    let targets = targets.map(|target| {
        let results = target.actions().map(|_| CallResult::Applied);
        TargetReport::new(target, results.collect())
    });
    let name = observation.name.clone();
    let report = Report::new(
        name,
        Trigger::EndpointStateChange,
        false,
        plan,
        targets.collect(),
    );
    serde_json::to_string(&report).expect("a report")
}

fn understanding(criterion: &mut Criterion) {
    let payloads = payloads();
    criterion.bench_function("event: the largest of events/", |bencher| {
        let largest = payloads.values().max_by_key(|payload| payload.len());
        let largest = largest.expect("payloads");
        bencher.iter(|| understand(black_box(largest)));
    });
    let all = format!("event: all {} of events/", payloads.len());
    criterion.bench_function(&all, |bencher| {
        bencher.iter(|| {
            for payload in payloads.values() {
                black_box(understand(black_box(payload)));
            }
        });
    });
    let profile = large_profile();
    criterion.bench_function("document: 12 policies, 10 schedules, 8 KB", |bencher| {
        bencher.iter(|| document::parse(black_box(&profile)).expect("a valid document"));
    });
    let tags = [
        ("enabled", "true"),
        ("profile", "search"),
        ("min-capacity", "2"),
        ("max-capacity", "8"),
        ("target-value", "600"),
        ("metric", "SageMakerVariantInvocationsPerInstance"),
        ("scale-in-cooldown", "600"),
        ("scale-out-cooldown", "60"),
        ("disable-scale-in", "false"),
        ("max-capacity:variant-1", "12"),
    ];
    let tags = tags.map(|(key, value)| (format!("autoscaling:{key}"), value.to_owned()));
    let others = (0..40).map(|index| (format!("team:{index}"), "search".to_owned()));
    // An endpoint has 50 tags at most.
    let tags: BTreeMap<_, _> = tags.into_iter().chain(others).collect();
    assert_eq!(Tags::parse(&tags, "autoscaling").problems, []);
    criterion.bench_function("tags: 10 of ours among 50", |bencher| {
        bencher.iter(|| Tags::parse(black_box(&tags), "autoscaling"));
    });
}

fn deciding(criterion: &mut Criterion) {
    let installation = installation();
    let mut stepping = endpoint(10);
    stepping.documents.profile = Some(parameter(&json!({"ScalingPolicies": policies(3)})));
    let observations = [
        ("decide: one variant, in sync", carried_out(endpoint(1))),
        ("decide: one variant, new", endpoint(1)),
        (
            "decide: 10 variants with 3 step policies and alarms each, in sync",
            carried_out(stepping),
        ),
        (
            "decide: 50 inference components, in sync",
            carried_out(components(50)),
        ),
    ];
    for (name, observation) in &observations {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| decide(black_box(observation), &installation));
        });
    }
    let payload = payloads()["endpoint-in-service-tagged.json"].clone();
    for (name, (_, observation)) in [
        ("whole event: one variant, in sync", &observations[0]),
        ("whole event: one variant, new", &observations[1]),
        (
            "whole event: 10 variants with 3 step policies and alarms each, in sync",
            &observations[2],
        ),
    ] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                black_box(understand(black_box(&payload)));
                report(observation, &decide(black_box(observation), &installation))
            });
        });
    }
}

criterion_group! {
    name = pipeline;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .without_plots();
    targets = understanding, deciding
}
criterion_main!(pipeline);
