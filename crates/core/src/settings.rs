//! Layers resolved into settings, every value with its source.
//!
//! Lowest to highest: built-in < profile document < endpoint document < tags; then limits. A
//! document is first flattened for the target at hand: its flat fields < its entry in `Variants`.

use crate::document::{Document, Limits, PolicyConfiguration, PolicyDefinition, Section};
use crate::metric::{PredefinedMetric, published_dimensions};
use crate::name::{EndpointName, ScalableDimension, VariantName};
use crate::observation::{HeldTarget, Variant};
use crate::problem::{Problem, Source, Sourced, did_you_mean};
use crate::scaling::{
    CapacityRange, Customized, DEFAULT_COOLDOWN, Dimensions, MetricSpecification, PolicyBody,
    ScalingPolicy, TargetTracking,
};
use crate::tags::Overrides;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What every name of ours begins with.
pub const NAME_PREFIX: &str = "endpoint-autoscaler-";
/// AWS's own example value; a profile should state a measured one.
const DEFAULT_INVOCATIONS_PER_INSTANCE: f64 = 70.0;

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
    /// The variant.
    pub variant: &'a Variant,
    /// Profile, then endpoint document.
    pub layers: &'a [Layer],
    /// Tags, those of the variant already over those of the endpoint.
    pub tags: &'a Overrides,
    /// The ceiling.
    pub limits: Option<&'a LimitsLayer>,
    /// What Application Auto Scaling holds.
    pub held: Option<&'a HeldTarget>,
    /// The target belongs to somebody else and is, or is to be, adopted.
    pub adopted: bool,
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
    /// What is asked for and not applied by this version: operation and name.
    pub unsupported: Vec<(&'static str, String)>,
    overrides: Vec<(&'static str, Sourced<Value>)>,
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
        let sourced = |value: Value, source: &Source| json!({"value": value, "source": source});
        let policies = self.policies.value.iter().map(|policy| {
            let body = match &policy.body {
                PolicyBody::TargetTracking(body) => json!(body),
                PolicyBody::Step(body) => json!(body),
                PolicyBody::Opaque => Value::Null,
            };
            json!({"PolicyName": policy.name, "Configuration": body})
        });
        let policies: Vec<_> = policies.collect();
        let mut settings = Map::new();
        settings.insert(
            "MinCapacity".into(),
            sourced(self.min.value.into(), &self.min.source),
        );
        settings.insert(
            "MaxCapacity".into(),
            sourced(self.max.value.into(), &self.max.source),
        );
        settings.insert(
            "ScalingPolicies".into(),
            sourced(policies.into(), &self.policies.source),
        );
        for (name, value) in &self.overrides {
            settings.insert((*name).into(), sourced(value.value.clone(), &value.source));
        }
        settings
    }
}

/// Resolves the settings of one real-time target.
///
/// # Errors
/// Everything that is wrong, with its sources.
pub fn resolve(question: &Question<'_>) -> Result<Settings, Vec<Problem>> {
    let mut problems = Vec::new();
    let (min, max) = bounds(question, &mut problems);
    let (policies, unsupported) = policies(question, &mut problems);
    let (policies, overrides) = override_tracking(question, policies, &mut problems);
    check_policies(&policies, &mut problems);
    if problems.is_empty() {
        Ok(Settings {
            min,
            max,
            policies,
            unsupported,
            overrides,
        })
    } else {
        Err(problems)
    }
}

/// The highest layer that states a field.
fn stated<T>(question: &Question<'_>, field: impl Fn(&Section) -> Option<T>) -> Option<Sourced<T>> {
    question.layers.iter().rev().find_map(|layer| {
        let variant = layer.document.variants.get(question.variant.name.as_str());
        let value = variant
            .and_then(&field)
            .or_else(|| field(&layer.document.real_time))?;
        Some(Sourced::new(value, layer.source.clone()))
    })
}

fn bounds(question: &Question<'_>, problems: &mut Vec<Problem>) -> (Sourced<u32>, Sourced<u32>) {
    let stated_min = question
        .tags
        .min_capacity
        .clone()
        .or_else(|| stated(question, |section| section.min_capacity));
    let stated_max = question
        .tags
        .max_capacity
        .clone()
        .or_else(|| stated(question, |section| section.max_capacity));
    let (built_in_min, built_in_max) = built_in_bounds(question);
    // A built-in bound yields to a stated one.
    let (mut min, mut max) = match (stated_min, stated_max) {
        (Some(min), Some(max)) => (min, max),
        (Some(min), None) => {
            let max = Sourced {
                value: built_in_max.value.max(min.value),
                ..built_in_max
            };
            (min, max)
        }
        (None, Some(max)) => {
            let min = Sourced {
                value: built_in_min.value.min(max.value),
                ..built_in_min
            };
            (min, max)
        }
        (None, None) => (built_in_min, built_in_max),
    };
    if let Some(limits) = question.limits {
        apply_limits(question, limits, &mut min, &mut max, problems);
    }
    if min.value == 0 {
        problems.push(bound_problem(
            &min,
            "MinCapacity",
            "must be at least 1 for a real-time variant (SageMaker developer guide)".into(),
        ));
    }
    if min.value > max.value {
        problems.push(bound_problem(
            &min,
            "MinCapacity",
            format!(
                "must be at most MaxCapacity {} of {}",
                max.value, max.source
            ),
        ));
    }
    (min, max)
}

fn bound_problem(bound: &Sourced<u32>, path: &str, message: String) -> Problem {
    let path = if matches!(bound.source, Source::Tag(_)) {
        ""
    } else {
        path
    };
    Problem::new(bound.source.clone(), path, &bound.value.into(), message)
}

/// Bounds nobody stated, made so that they never take capacity away.
fn built_in_bounds(question: &Question<'_>) -> (Sourced<u32>, Sourced<u32>) {
    let running = question.variant.current_instance_count.unwrap_or(1).max(1);
    let remembered = question
        .held
        .map(|held| held.applied().unwrap_or(held.range));
    if let (true, Some(range)) = (question.adopted, remembered) {
        let keep = |value| Sourced::new(value, Source::AdoptedTarget);
        return (keep(range.min()), keep(range.max()));
    }
    let initial = question
        .variant
        .config
        .as_ref()
        .and_then(|config| config.initial_instance_count);
    let (min, mut max) = match (initial, remembered) {
        (Some(initial), _) => (initial.max(1), initial.saturating_mul(2).max(4)),
        // Without its endpoint configuration, a variant keeps what it was registered with.
        (None, Some(range)) => (range.min(), range.max()),
        (None, None) => (running, running.saturating_mul(2).max(4)),
    };
    // Never below what runs when first registered, and never lowering what was registered. The
    // bounds we wrote count, not the held ones: a schedule may have lowered those for a while.
    max = max
        .max(remembered.map_or(running, CapacityRange::max))
        .max(min);
    (Sourced::built_in(min), Sourced::built_in(max))
}

/// A stated bound beyond the limits is an error; a built-in one moves inside them, unless that
/// would take running capacity away.
fn apply_limits(
    question: &Question<'_>,
    limits: &LimitsLayer,
    min: &mut Sourced<u32>,
    max: &mut Sourced<u32>,
    problems: &mut Vec<Problem>,
) {
    let source = &limits.source;
    let built_in = |bound: &Sourced<u32>| bound.source == Source::BuiltIn;
    let running = question.variant.current_instance_count.unwrap_or(0);
    if let Some(ceiling) = limits.limits.max_capacity {
        for (bound, path) in [(&mut *min, "MinCapacity"), (&mut *max, "MaxCapacity")] {
            if bound.value > ceiling && built_in(bound) && running <= ceiling {
                *bound = Sourced::new(ceiling, source.clone());
            } else if bound.value > ceiling {
                let message = format!("must be at most MaxCapacity {ceiling} of {source}");
                problems.push(bound_problem(bound, path, message));
            }
        }
    }
    if let Some(floor) = limits.limits.min_capacity {
        for (bound, path) in [(&mut *min, "MinCapacity"), (&mut *max, "MaxCapacity")] {
            if bound.value < floor && built_in(bound) {
                *bound = Sourced::new(floor, source.clone());
            } else if bound.value < floor {
                let message = format!("must be at least MinCapacity {floor} of {source}");
                problems.push(bound_problem(bound, path, message));
            }
        }
    }
}

type Unsupported = Vec<(&'static str, String)>;

fn policies(
    question: &Question<'_>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScalingPolicy>>, Unsupported) {
    let mut unsupported = Vec::new();
    if let Some(actions) = stated(question, |section| section.scheduled_actions.clone()) {
        let names = actions
            .value
            .iter()
            .map(|action| full_name(&action.scheduled_action_name));
        unsupported.extend(names.map(|name| ("PutScheduledAction", name)));
    }
    if stated(question, |section| section.idle_scale_in).is_some() {
        unsupported.push(("PutScalingPolicy", full_name("idle-scale-in")));
    }
    let Some(definitions) = stated(question, |section| section.scaling_policies.clone()) else {
        return (Sourced::built_in(vec![built_in_policy()]), unsupported);
    };
    let source = definitions.source;
    let mut policies = Vec::new();
    for (index, definition) in definitions.value.into_iter().enumerate() {
        let mut fill = Fill {
            question,
            source: &source,
            path: format!("ScalingPolicies[{index}]"),
            problems,
        };
        match fill.policy(definition) {
            Ok(policy) => policies.push(policy),
            Err(name) => unsupported.push(("PutScalingPolicy", name)),
        }
    }
    (Sourced::new(policies, source), unsupported)
}

fn built_in_policy() -> ScalingPolicy {
    ScalingPolicy {
        name: full_name("target-tracking"),
        body: PolicyBody::TargetTracking(TargetTracking {
            target_value: DEFAULT_INVOCATIONS_PER_INSTANCE,
            metric: MetricSpecification::predefined(
                PredefinedMetric::SageMakerVariantInvocationsPerInstance,
            ),
            scale_in_cooldown: DEFAULT_COOLDOWN,
            scale_out_cooldown: DEFAULT_COOLDOWN,
            disable_scale_in: false,
        }),
    }
}

/// A prefix that is already there is not doubled.
fn full_name(name: &str) -> String {
    if name.starts_with(NAME_PREFIX) {
        name.to_owned()
    } else {
        format!("{NAME_PREFIX}{name}")
    }
}

/// Fills placeholders and default dimensions into a policy for one target.
struct Fill<'a> {
    question: &'a Question<'a>,
    source: &'a Source,
    path: String,
    problems: &'a mut Vec<Problem>,
}

impl Fill<'_> {
    /// `Err` holds the name of a policy that this version does not apply.
    fn policy(&mut self, definition: PolicyDefinition) -> Result<ScalingPolicy, String> {
        let name = full_name(&self.text(&definition.policy_name));
        match definition.configuration {
            PolicyConfiguration::StepScaling { .. } => Err(name),
            PolicyConfiguration::TargetTrackingScaling { mut configuration } => {
                self.metric(&mut configuration.metric);
                Ok(ScalingPolicy {
                    name,
                    body: PolicyBody::TargetTracking(configuration),
                })
            }
        }
    }

    fn metric(&mut self, metric: &mut MetricSpecification) {
        match metric {
            MetricSpecification::Predefined(_) => {}
            MetricSpecification::Customized(Customized::Metric(metric)) => {
                metric.namespace = self.text(&metric.namespace);
                metric.metric_name = self.text(&metric.metric_name);
                metric.dimensions = Some(self.dimensions(
                    &metric.namespace,
                    &metric.metric_name,
                    metric.dimensions.take(),
                ));
            }
            MetricSpecification::Customized(Customized::Math(math)) => {
                for query in &mut math.metrics {
                    query.expression = query.expression.as_deref().map(|text| self.text(text));
                    query.label = query.label.as_deref().map(|text| self.text(text));
                    if let Some(stat) = &mut query.metric_stat {
                        let metric = &mut stat.metric;
                        metric.namespace = self.text(&metric.namespace);
                        metric.metric_name = self.text(&metric.metric_name);
                        metric.dimensions = Some(self.dimensions(
                            &metric.namespace,
                            &metric.metric_name,
                            metric.dimensions.take(),
                        ));
                    }
                }
            }
        }
    }

    /// AWS treats a missing list as an empty one, so that both are kept as the same value.
    fn dimensions(
        &mut self,
        namespace: &str,
        metric: &str,
        stated: Option<Dimensions>,
    ) -> Dimensions {
        if let Some(Dimensions(stated)) = stated {
            let filled = stated
                .iter()
                .map(|(name, value)| (name.clone(), self.text(value)));
            return Dimensions(filled.collect());
        }
        let names = match published_dimensions(namespace, metric) {
            None => &[][..],
            Some(Ok(names)) => names,
            Some(Err(known)) => {
                let message = format!(
                    "unknown metric of {namespace}{}: state its Dimensions (an empty list says none)",
                    did_you_mean(metric, known)
                );
                self.complain(metric, message);
                &[]
            }
        };
        let mut filled = BTreeMap::new();
        for name in names {
            match self.placeholder(name) {
                Some(value) => drop(filled.insert((*name).to_owned(), value)),
                None => self.complain(
                    metric,
                    format!("is published per {name}, which a variant is not"),
                ),
            }
        }
        Dimensions(filled)
    }

    fn placeholder(&self, name: &str) -> Option<String> {
        match name {
            "EndpointName" => Some(self.question.endpoint.to_string()),
            "VariantName" => Some(self.question.variant.name.to_string()),
            _ => None,
        }
    }

    fn text(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                self.complain(text, "has a placeholder without its closing brace");
                return text.to_owned();
            };
            match self.placeholder(name) {
                Some(value) => filled.push_str(&value),
                None => self.complain(
                    text,
                    format!(
                        "placeholder `${{{name}}}` means nothing here{}",
                        did_you_mean(name, ["EndpointName", "VariantName"])
                    ),
                ),
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    fn complain(&mut self, value: &str, message: impl Into<String>) {
        let problem = Problem::new(
            self.source.clone(),
            self.path.as_str(),
            &Value::from(value),
            message,
        );
        self.problems.push(problem);
    }
}

type Overridden = Vec<(&'static str, Sourced<Value>)>;

fn printed<T: Serialize>(tag: Option<&Sourced<T>>) -> Option<Sourced<Value>> {
    tag.map(|tag| Sourced::new(json!(tag.value), tag.source.clone()))
}

/// Applies the tags that speak of "the one target-tracking policy".
fn override_tracking(
    question: &Question<'_>,
    mut policies: Sourced<Vec<ScalingPolicy>>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScalingPolicy>>, Overridden) {
    let tags = question.tags;
    let said = [
        ("TargetValue", printed(tags.target_value.as_ref())),
        ("PredefinedMetricType", printed(tags.metric.as_ref())),
        ("ScaleInCooldown", printed(tags.scale_in_cooldown.as_ref())),
        (
            "ScaleOutCooldown",
            printed(tags.scale_out_cooldown.as_ref()),
        ),
        ("DisableScaleIn", printed(tags.disable_scale_in.as_ref())),
    ];
    let said: Overridden = said
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    if let (Some(metric), None) = (&tags.metric, &tags.target_value) {
        problems.push(Problem::new(
            metric.source.clone(),
            "",
            &json!(metric.value),
            "needs a `target-value` tag beside it: another metric has another unit",
        ));
    }
    if said.is_empty() {
        return (policies, said);
    }
    let mut tracking: Vec<_> = policies
        .value
        .iter_mut()
        .filter_map(|policy| match &mut policy.body {
            PolicyBody::TargetTracking(tracking) => Some(tracking),
            _ => None,
        })
        .collect();
    if let [one] = tracking.as_mut_slice() {
        if let Some(value) = &tags.target_value {
            one.target_value = value.value;
        }
        if let Some(metric) = &tags.metric {
            one.metric = MetricSpecification::predefined(metric.value);
        }
        if let Some(cooldown) = &tags.scale_in_cooldown {
            one.scale_in_cooldown = cooldown.value;
        }
        if let Some(cooldown) = &tags.scale_out_cooldown {
            one.scale_out_cooldown = cooldown.value;
        }
        if let Some(disable) = &tags.disable_scale_in {
            one.disable_scale_in = disable.value;
        }
    } else {
        let count = tracking.len();
        for (_, value) in &said {
            let message = format!(
                "speaks of the one target-tracking policy, but {} has {count}",
                policies.source
            );
            problems.push(Problem::new(
                value.source.clone(),
                "",
                &value.value,
                message,
            ));
        }
    }
    (policies, said)
}

/// Rules that only show once names and metrics are filled in.
fn check_policies(policies: &Sourced<Vec<ScalingPolicy>>, problems: &mut Vec<Problem>) {
    let mut complain = |index: usize, value: Value, message: String| {
        let path = format!("ScalingPolicies[{index}]");
        problems.push(Problem::new(policies.source.clone(), path, &value, message));
    };
    for (index, policy) in policies.value.iter().enumerate() {
        let earlier = &policies.value[..index];
        if earlier.iter().any(|other| other.name == policy.name) {
            complain(
                index,
                json!(policy.name),
                "must have a name of its own".into(),
            );
        }
        let PolicyBody::TargetTracking(tracking) = &policy.body else {
            continue;
        };
        // "Only one TargetTracking policy for a given metric specification is allowed."
        if earlier
            .iter()
            .any(|other| tracks_same_metric(&other.body, tracking))
        {
            let message = "tracks the same metric as an earlier policy: AWS allows one per metric";
            complain(index, json!(tracking.metric), message.into());
        }
        if let MetricSpecification::Predefined(metric) = &tracking.metric {
            let metric = metric.predefined_metric_type;
            let dimension = ScalableDimension::VariantDesiredInstanceCount;
            if metric.dimension() != dimension {
                let fitting = PredefinedMetric::ALL
                    .into_iter()
                    .filter(|metric| metric.dimension() == dimension);
                let fitting: Vec<_> = fitting.map(PredefinedMetric::as_str).collect();
                let message = format!(
                    "does not fit {}; fitting are {}",
                    dimension.as_str(),
                    fitting.join(", ")
                );
                complain(index, json!(metric), message);
            }
        }
    }
}

/// Whether a policy tracks the metric of `tracking`.
#[must_use]
pub fn tracks_same_metric(body: &PolicyBody, tracking: &TargetTracking) -> bool {
    matches!(body, PolicyBody::TargetTracking(other) if other.metric == tracking.metric)
}

/// Names of variants, for messages.
pub(crate) fn variant_names(variants: &[Variant]) -> Vec<&str> {
    variants
        .iter()
        .map(|variant| VariantName::as_str(&variant.name))
        .collect()
}
