//! What can happen to an account, in any order.

use super::bus::Fate;
use crate::acts::{
    COPIES, INSTANCES, advance, asynchronous, component, day, endpoint, foreign_items, host, on,
    parameter, real_time, register, serverless, surge, tag, tracking, untag,
};
use aws_standin::Standin;
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["Alpha", "bravo", "bravo-2"];
const CONCURRENCY: &str = "sagemaker:variant:DesiredProvisionedConcurrency";

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    RealTime,
    Asynchronous,
    Serverless,
    Host,
    Burstable,
}

/// One thing that happens, to the endpoint of that number where it is about one.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Create(usize, Kind, u32),
    /// The same kind with another number of instances; they stay or go back to it.
    Update(usize, u32, bool),
    Delete(usize, bool),
    Tag(usize, &'static str, &'static str),
    Untag(usize, &'static str),
    Document(usize, usize),
    Profile(usize),
    Limits(u32),
    NoDocuments(usize),
    Scale(usize, u32),
    Fire(usize),
    AddComponent(usize),
    DeleteComponent(usize),
    /// A person registers the target, or moves its bounds.
    Register(usize, u32, u32),
    ForeignItems(usize),
    /// On the metric of the usual policy.
    ForeignTracking(usize),
    Suspend(usize, bool),
    /// A person undoes our work.
    DeletePolicy(usize),
    Wait(u32),
    Sweep,
}

/// A history: endpoints are created, and then things happen to them.
pub(super) fn history() -> impl Strategy<Value = Vec<(Step, Fate)>> {
    let created = (0..NAMES.len()).map(|at| {
        (kind(), 1..4u32, fate())
            .prop_map(move |(kind, count, fate)| (Step::Create(at, kind, count), fate))
    });
    let created = created.collect::<Vec<_>>();
    (created, prop::collection::vec(step(), 3..12))
        .prop_map(|(created, later)| created.into_iter().chain(later).collect())
}

fn kind() -> impl Strategy<Value = Kind> + Clone {
    prop::sample::select(vec![
        Kind::RealTime,
        Kind::RealTime,
        Kind::Asynchronous,
        Kind::Serverless,
        Kind::Host,
        Kind::Burstable,
    ])
}

/// A step, and what becomes of its events.
fn step() -> impl Strategy<Value = (Step, Fate)> {
    let at = || 0..NAMES.len();
    let kind = kind();
    let tags = prop::sample::select(TAGS);
    let step = prop_oneof![
        2 => (at(), kind, 1..4u32).prop_map(|(at, kind, count)| Step::Create(at, kind, count)),
        3 => (at(), 1..4u32, any::<bool>()).prop_map(|(at, count, retain)| Step::Update(at, count, retain)),
        1 => (at(), any::<bool>()).prop_map(|(at, keep)| Step::Delete(at, keep)),
        4 => (at(), tags.clone()).prop_map(|(at, (name, value))| Step::Tag(at, name, value)),
        2 => (at(), tags).prop_map(|(at, (name, _))| Step::Untag(at, name)),
        4 => (at(), 0..DOCUMENTS).prop_map(|(at, which)| Step::Document(at, which)),
        1 => (0..DOCUMENTS).prop_map(Step::Profile),
        1 => (3..9u32).prop_map(Step::Limits),
        1 => at().prop_map(Step::NoDocuments),
        2 => (at(), 0..9u32).prop_map(|(at, count)| Step::Scale(at, count)),
        2 => at().prop_map(Step::Fire),
        2 => at().prop_map(Step::AddComponent),
        1 => at().prop_map(Step::DeleteComponent),
        2 => (at(), 1..4u32, 4..9u32).prop_map(|(at, min, max)| Step::Register(at, min, max)),
        1 => at().prop_map(Step::ForeignItems),
        1 => at().prop_map(Step::ForeignTracking),
        1 => (at(), any::<bool>()).prop_map(|(at, on)| Step::Suspend(at, on)),
        1 => at().prop_map(Step::DeletePolicy),
        2 => (1..300u32).prop_map(Step::Wait),
        2 => Just(Step::Sweep),
    ];
    (step, fate())
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Prompt),
        2 => Just(Fate::Lost),
        1 => Just(Fate::Doubled),
        1 => Just(Fate::Reversed),
        1 => Just(Fate::Late),
    ]
}

/// Right ones and wrong ones.
const TAGS: &[(&str, &str)] = &[
    ("enabled", "false"),
    ("enabled", "true"),
    ("hold", "true"),
    ("paused", "true"),
    ("paused", "scale-in"),
    ("max-capacity", "7"),
    ("target-value", "0.7"),
    ("adopt", "true"),
    ("min-capacity", "many"),
    ("maxcapacity", "3"),
    ("profile", "missing"),
];

const DOCUMENTS: usize = 8;

fn document(which: usize) -> String {
    let steps = json!([tracking("invocations", 600), surge(2, 500_000)]);
    let document = match which {
        0 => json!({}),
        1 => {
            json!({"MinCapacity": 2, "MaxCapacity": 6, "Asynchronous": {"MinCapacity": 0, "MaxCapacity": 5},
            "InferenceComponent": {"MinCapacity": 0}})
        }
        2 => {
            json!({"MinCapacity": 2, "MaxCapacity": 6, "ScalingPolicies": steps, "ScheduledActions": [day(8, 4)]})
        }
        3 => {
            json!({"MinCapacity": 1, "MaxCapacity": 8, "ScalingPolicies": [tracking("other", 500)],
            "ScheduledActions": [day(7, 3)], "IdleScaleIn": {"AfterMinutes": 30}})
        }
        4 => json!({"Serverless": {"MinCapacity": 2}, "Asynchronous": {"MinCapacity": 1}}),
        5 => json!({"Enabled": false}),
        6 => {
            json!({"MinCapacity": 9, "MaxCapacity": 3, "Asynchronous": {"MinCapacity": 9, "MaxCapacity": 3}})
        }
        _ => return "{\"MinCapacity\": 2".to_owned(),
    };
    document.to_string()
}

/// Performs steps; what AWS refuses does not happen.
#[derive(Default)]
pub(super) struct Player {
    configs: usize,
}

impl Player {
    pub(super) fn play(&mut self, standin: &Standin, step: &Step) {
        let acts = self.acts(standin, step);
        for act in flat(acts) {
            // AWS may refuse it: then nothing happens.
            let _ = standin.play(act);
        }
    }

    fn config(&mut self, kind: Kind, count: u32) -> (String, Value) {
        self.configs += 1;
        let name = format!("{kind:?}-{}", self.configs);
        let act = match kind {
            Kind::RealTime => real_time(&name, count),
            Kind::Asynchronous => asynchronous(&name, count),
            Kind::Serverless => serverless(&name, count),
            Kind::Host => host(&name),
            Kind::Burstable => {
                let mut act = real_time(&name, count);
                act["ProductionVariants"][0]["InstanceType"] = "ml.t2.medium".into();
                act
            }
        };
        (name, act)
    }

    fn acts(&mut self, standin: &Standin, step: &Step) -> Value {
        match *step {
            Step::Create(at, kind, count) => {
                let (config, act) = self.config(kind, count);
                // A component outlives its endpoint. What it means to a namesake with a model of its own
                // is not documented.
                let lingering = (kind != Kind::Host && kind_of(standin, NAMES[at]).is_none())
                    .then(|| without_component(at));
                json!([
                    lingering.unwrap_or(json!([])),
                    act,
                    endpoint(NAMES[at], &config)
                ])
            }
            Step::Update(at, count, retain) => {
                let Some(kind) = kind_of(standin, NAMES[at]) else {
                    return json!([]);
                };
                let (config, act) = self.config(kind, count);
                json!([act, {"act": "UpdateEndpoint", "EndpointName": NAMES[at], "EndpointConfigName": config,
                    "RetainAllVariantProperties": retain}])
            }
            Step::Delete(at, keep) => json!({"act": "DeleteEndpoint", "EndpointName": NAMES[at],
                "KeepScalableTargets": keep}),
            Step::Tag(at, name, value) => tag(NAMES[at], name, value),
            Step::Untag(at, name) => untag(NAMES[at], name),
            Step::Document(at, which) => put(&format!("endpoints/{}", NAMES[at]), &document(which)),
            Step::Profile(which) => put("profiles/default", &document(which)),
            Step::Limits(max) => parameter("limits", &json!({"MaxCapacity": max})),
            Step::NoDocuments(at) => json!([
                delete(&format!("endpoints/{}", NAMES[at])),
                delete("profiles/default"),
                delete("limits")
            ]),
            // AWS places components on variants without a model of their own only.
            Step::AddComponent(at) if kind_of(standin, NAMES[at]) == Some(Kind::Host) => {
                component(&llama(at), NAMES[at])
            }
            Step::DeleteComponent(at) => without_component(at),
            Step::Wait(seconds) => advance(seconds),
            Step::AddComponent(_) | Step::Sweep => json!([]),
            Step::Scale(at, _)
            | Step::Fire(at)
            | Step::Register(at, ..)
            | Step::ForeignItems(at)
            | Step::ForeignTracking(at)
            | Step::Suspend(at, _)
            | Step::DeletePolicy(at) => {
                let Some((resource, dimension)) = target(standin, at) else {
                    return json!([]);
                };
                on_target((resource.as_str(), dimension), step)
            }
        }
    }
}

fn on_target(target: (&str, &str), step: &Step) -> Value {
    let (resource, dimension) = target;
    match *step {
        Step::Scale(_, count) => {
            json!({"act": "Scale", "ResourceId": resource, "ScalableDimension": dimension,
            "DesiredCapacity": count})
        }
        Step::Fire(_) => {
            json!({"act": "FireScheduledAction", "ResourceId": resource, "ScalableDimension": dimension,
            "ScheduledActionName": "endpoint-autoscaler-day"})
        }
        Step::Register(_, min, max) => register(target, min, max),
        Step::ForeignItems(_) => json!(foreign_items(target)),
        Step::ForeignTracking(_) => on(
            target,
            "PutScalingPolicy",
            json!({"PolicyName": "theirs-too", "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 50.0, "PredefinedMetricSpecification":
                    {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}}),
        ),
        Step::Suspend(_, suspended) => on(
            target,
            "RegisterScalableTarget",
            json!({"SuspendedState": {"DynamicScalingInSuspended": suspended}}),
        ),
        _ => on(
            target,
            "DeleteScalingPolicy",
            json!({"PolicyName": "endpoint-autoscaler-target-tracking"}),
        ),
    }
}

fn put(name: &str, value: &str) -> Value {
    json!({"act": "PutParameter", "Name": format!("/endpoint-autoscaler/{name}"), "Value": value})
}

fn delete(name: &str) -> Value {
    json!({"act": "DeleteParameter", "Name": format!("/endpoint-autoscaler/{name}")})
}

fn without_component(at: usize) -> Value {
    json!({"act": "DeleteInferenceComponent", "InferenceComponentName": llama(at)})
}

fn llama(at: usize) -> String {
    format!("llama-of-{}", NAMES[at])
}

/// The kind is the first part of the name of an endpoint configuration.
fn kind_of(standin: &Standin, name: &str) -> Option<Kind> {
    let state = standin.state();
    let endpoints = state["Endpoints"].as_array()?;
    let endpoint = endpoints
        .iter()
        .find(|endpoint| endpoint["EndpointName"] == name)?;
    let config = endpoint["EndpointConfigName"].as_str()?;
    [
        Kind::RealTime,
        Kind::Asynchronous,
        Kind::Serverless,
        Kind::Host,
        Kind::Burstable,
    ]
    .into_iter()
    .find(|kind| config.starts_with(&format!("{kind:?}-")))
}

fn target(standin: &Standin, at: usize) -> Option<(String, &'static str)> {
    let variant = || format!("endpoint/{}/variant/AllTraffic", NAMES[at]);
    Some(match kind_of(standin, NAMES[at])? {
        Kind::Host => (format!("inference-component/{}", llama(at)), COPIES),
        Kind::Serverless => (variant(), CONCURRENCY),
        Kind::RealTime | Kind::Asynchronous | Kind::Burstable => (variant(), INSTANCES),
    })
}

fn flat(acts: Value) -> Vec<Value> {
    match acts {
        Value::Array(acts) => acts.into_iter().flat_map(flat).collect(),
        act => vec![act],
    }
}
