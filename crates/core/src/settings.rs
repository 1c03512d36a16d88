//! Layers resolved into settings, every value with its source.
//!
//! Lowest to highest: built-in < profile document < endpoint document < tags; then limits. A
//! document is first flattened for the target at hand: its flat fields (real-time variants) or its
//! section for the kind < its entry in `Variants` or `InferenceComponents`.

mod bounds;
mod fill;
mod policies;
mod overrides;
mod added;
mod rules;
mod schedules;

pub use rules::tracks_same_metric;

use crate::document::{Document, Limits, Section};
use crate::kind::Kind;
use crate::name::EndpointName;
use crate::observation::HeldTarget;
use crate::problem::{Problem, SECRET, Source, Sourced};
use crate::scaling::{AlarmDefinition, CapacityRange, PolicyBody, ScalingPolicy, ScheduledAction};
use crate::subject::Subject;
use crate::tags::Overrides;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A document and the parameter it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What its values name as their source.
    pub source: Source,
    /// What it says.
    pub document: Document,
}

/// The limits and the parameter they came from.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitsLayer {
    /// What messages name.
    pub source: Source,
    /// What they say.
    pub limits: Limits,
}

/// What bears on the settings of one target, lowest layer first.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The endpoint.
    pub endpoint: &'a EndpointName,
    /// The variant or component.
    pub subject: &'a Subject,
    /// Profile, then endpoint document.
    pub layers: &'a [Layer],
    /// Tags, those of the target already over those of the endpoint.
    pub tags: &'a Overrides,
    /// The ceiling.
    pub limits: Option<&'a LimitsLayer>,
    /// What Application Auto Scaling holds.
    pub held: Option<&'a HeldTarget>,
    /// The target belongs to somebody else and is, or is to be, adopted.
    pub adopted: bool,
    /// When it is asked.
    pub now: Timestamp,
}

/// Complete settings of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Least capacity.
    pub min: Sourced<u32>,
    /// Most capacity; never below `min`.
    pub max: Sourced<u32>,
    /// The policies, under their full names.
    pub policies: Sourced<Vec<ScalingPolicy>>,
    /// The alarms of step policies, under their full names.
    pub alarms: Vec<PolicyAlarm>,
    /// The scheduled actions, under their full names; empty where no layer states any.
    pub scheduled_actions: Sourced<Vec<ScheduledAction>>,
    /// Names of scheduled actions whose one time is over.
    pub past: Vec<String>,
    /// How many of the last policies nobody stated.
    added: usize,
    besides: Vec<(&'static str, Sourced<Value>)>,
}

/// An alarm and the step policy that it drives.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyAlarm {
    /// Full name of the policy.
    pub policy: String,
    /// The alarm, under its full name.
    pub definition: AlarmDefinition,
}

impl Settings {
    /// The bounds.
    ///
    /// # Panics
    /// Never: [`resolve`] refuses inverted bounds.
    #[must_use]
    pub fn range(&self) -> CapacityRange {
        CapacityRange::new(self.min.value, self.max.value).expect("resolve() orders the bounds")
    }

    /// The settings as the report prints them, each with its source.
    #[must_use]
    pub fn explain(&self) -> Map<String, Value> {
        let policies = &self.policies.value;
        let stated = policies.iter().take(policies.len() - self.added);
        let policies: Vec<_> = stated.map(|policy| self.explain_policy(policy)).collect();
        let mut settings = Map::new();
        let mut say = |name: &str, value: Value, source: &Source| {
            let value = if source.is_secret() {
                json!(SECRET)
            } else {
                value
            };
            settings.insert(name.to_owned(), json!({"value": value, "source": source}));
        };
        say("MinCapacity", self.min.value.into(), &self.min.source);
        say("MaxCapacity", self.max.value.into(), &self.max.source);
        say("ScalingPolicies", policies.into(), &self.policies.source);
        let actions = &self.scheduled_actions;
        if !actions.value.is_empty() {
            say("ScheduledActions", json!(actions.value), &actions.source);
        }
        for (name, value) in &self.besides {
            say(name, value.value.clone(), &value.source);
        }
        settings
    }

    fn explain_policy(&self, policy: &ScalingPolicy) -> Value {
        let body = match &policy.body {
            PolicyBody::TargetTracking(body) => json!(body),
            PolicyBody::Step(body) => json!(body),
            PolicyBody::Opaque => Value::Null,
        };
        let mut printed = json!({"PolicyName": policy.name, "Configuration": body});
        let alarms = self
            .alarms
            .iter()
            .filter(|alarm| alarm.policy == policy.name);
        let alarms: Vec<_> = alarms.map(|alarm| &alarm.definition).collect();
        if !alarms.is_empty() {
            printed["AlarmDefinitions"] = json!(alarms);
        }
        printed
    }
}

/// Resolves the settings of one target.
///
/// # Errors
/// Everything that is wrong, with its sources.
pub fn resolve(question: &Question<'_>) -> Result<Settings, Vec<Problem>> {
    let mut problems = Vec::new();
    let (min, max) = bounds::bounds(question, &mut problems);
    let policies = policies::policies(question, min.value, &mut problems);
    let (scheduled_actions, past) = schedules::scheduled_actions(question, &mut problems);
    if problems.is_empty() {
        Ok(Settings {
            min,
            max,
            policies: policies.all,
            alarms: policies.alarms,
            scheduled_actions,
            past,
            added: policies.added,
            besides: policies.besides,
        })
    } else {
        Err(problems)
    }
}

/// A field as the highest layer states it, and where in that layer it stands.
struct Stated<T> {
    value: T,
    source: Source,
    path: String,
}

impl<T> Stated<T> {
    fn into_sourced(self) -> Sourced<T> {
        Sourced::new(self.value, self.source)
    }
}

/// The highest layer that states `field`.
fn stated<T>(
    question: &Question<'_>,
    field: &str,
    read: impl Fn(&Section) -> Option<T>,
) -> Option<Stated<T>> {
    let name = question.subject.name();
    question
        .layers
        .iter()
        .rev()
        .find_map(|Layer { source, document }| {
            let (by_name, entries) = match question.subject.kind {
                Kind::InferenceComponent => ("InferenceComponents", &document.inference_components),
                _ => ("Variants", &document.variants),
            };
            let (section, whole) = match question.subject.kind {
                Kind::RealTime => ("", Some(&document.real_time)),
                Kind::Asynchronous => ("Asynchronous.", document.asynchronous.as_ref()),
                Kind::Serverless => ("Serverless.", document.serverless.as_ref()),
                Kind::InferenceComponent => {
                    ("InferenceComponent.", document.inference_component.as_ref())
                }
            };
            let named = entries
                .get(name)
                .and_then(&read)
                .map(|value| (value, format!("{by_name}.{name}.{field}")));
            let (value, path) =
                named.or_else(|| Some((read(whole?)?, format!("{section}{field}"))))?;
            Some(Stated {
                value,
                source: source.clone(),
                path,
            })
        })
}
