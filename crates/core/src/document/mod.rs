//! Profile, endpoint and limits documents: JSON in SSM parameters.

mod policy;
mod reader;

pub use policy::{PolicyConfiguration, PolicyDefinition};

use crate::observation::Parameter;
use crate::problem::Problem;
use crate::scaling::ScheduledAction;
use crate::tags;
use reader::{Complaints, Fields, Node};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A profile or endpoint document. Every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Document {
    /// Whether endpoints of this document are scaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Real-time variants.
    #[serde(flatten)]
    pub real_time: Section,
    /// Refines by variant name, whatever the kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variants: BTreeMap<String, Section>,
    /// Variants of asynchronous endpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<Section>,
    /// Serverless variants with provisioned concurrency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serverless: Option<Section>,
    /// Inference components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference_component: Option<Section>,
    /// Refines by inference component name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inference_components: BTreeMap<String, Section>,
}

/// What a document says about one kind of target, or about one target by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Section {
    /// Least capacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<u32>,
    /// Most capacity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<u32>,
    /// All policies; a higher layer replaces the list whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_policies: Option<Vec<PolicyDefinition>>,
    /// All scheduled actions; a higher layer replaces the list whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_actions: Option<Vec<ScheduledAction>>,
    /// Scale-in when traffic stops, for policies on custom metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_scale_in: Option<IdleScaleIn>,
}

/// Scale-in to the minimum once there was no invocation for that long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct IdleScaleIn {
    /// Minutes without an invocation.
    #[schemars(range(min = 1, max = 1440))]
    pub after_minutes: u32,
}

/// The platform team's ceiling, applied last and never overridden.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Limits {
    /// No configuration may go below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_capacity: Option<u32>,
    /// No configuration may go above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_capacity: Option<u32>,
    /// Profiles that a tag may name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_profiles: Option<Vec<String>>,
    /// Tags that an endpoint may carry, without the prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_tags: Option<Vec<String>>,
}

/// Parses a profile or endpoint document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(parameter: &Parameter) -> Result<Document, Vec<Problem>> {
    parse_with(parameter, document)
}

/// Parses the limits document.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_limits(parameter: &Parameter) -> Result<Limits, Vec<Problem>> {
    parse_with(parameter, limits)
}

/// The JSON Schema of profile and endpoint documents.
#[must_use]
pub fn schema() -> Value {
    schemars::schema_for!(Document).into()
}

/// The JSON Schema of the limits document.
#[must_use]
pub fn limits_schema() -> Value {
    schemars::schema_for!(Limits).into()
}

fn parse_with<T>(
    parameter: &Parameter,
    read: impl Fn(&Node<'_>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let source = parameter.source();
    let value: Value = serde_json::from_str(&parameter.value).map_err(|error| {
        vec![Problem::new(
            source.clone(),
            "",
            &Value::from(parameter.value.as_str()),
            format!("must be JSON: {error}"),
        )]
    })?;
    let complaints = Complaints::new(source);
    let parsed = read(&Node::root(&value, &complaints));
    match (parsed, complaints.into_problems()) {
        (Some(parsed), problems) if problems.is_empty() => Ok(parsed),
        (_, problems) => Err(problems),
    }
}

fn document(node: &Node<'_>) -> Option<Document> {
    let fields = node.fields()?;
    let document = Document {
        enabled: fields.get("Enabled").and_then(|node| node.boolean()),
        real_time: section_fields(&fields),
        variants: fields
            .get("Variants")
            .map(|node| by_name(&node))
            .unwrap_or_default(),
        asynchronous: fields.get("Asynchronous").and_then(|node| section(&node)),
        serverless: fields.get("Serverless").and_then(|node| section(&node)),
        inference_component: fields
            .get("InferenceComponent")
            .and_then(|node| section(&node)),
        inference_components: fields
            .get("InferenceComponents")
            .map(|node| by_name(&node))
            .unwrap_or_default(),
    };
    fields.finish();
    Some(document)
}

fn by_name(node: &Node<'_>) -> BTreeMap<String, Section> {
    let entries = node.entries().unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(name, node)| Some((name.to_owned(), section(&node)?)))
        .collect()
}

fn section(node: &Node<'_>) -> Option<Section> {
    let fields = node.fields()?;
    let section = section_fields(&fields);
    fields.finish();
    Some(section)
}

fn section_fields(fields: &Fields<'_>) -> Section {
    let capacity = |name| {
        fields
            .get(name)
            .and_then(|node: Node<'_>| node.whole_number(0..=2_147_483_647_u32))
    };
    let section = Section {
        min_capacity: capacity("MinCapacity"),
        max_capacity: capacity("MaxCapacity"),
        scaling_policies: fields
            .get("ScalingPolicies")
            .and_then(|node| policy::policies(&node)),
        scheduled_actions: fields
            .get("ScheduledActions")
            .and_then(|node| policy::scheduled_actions(&node)),
        idle_scale_in: fields.get("IdleScaleIn").and_then(|node| {
            let fields = node.fields()?;
            let minutes = fields.required("AfterMinutes");
            let after_minutes = minutes.and_then(|node| node.whole_number(1..=1440_u32));
            fields.finish();
            Some(IdleScaleIn {
                after_minutes: after_minutes?,
            })
        }),
    };
    if let (Some(min), Some(max)) = (section.min_capacity, section.max_capacity)
        && min > max
    {
        let (min, max) = (fields.node.shown(min), fields.node.shown(max));
        fields.node.complain(format!(
            "MinCapacity {min} must be at most MaxCapacity {max}"
        ));
    }
    section
}

fn limits(node: &Node<'_>) -> Option<Limits> {
    let fields = node.fields()?;
    let capacity = |name| {
        fields
            .get(name)
            .and_then(|node: Node<'_>| node.whole_number(0..=2_147_483_647_u32))
    };
    let tags: Vec<_> = tags::names().collect();
    let names = |name| {
        fields.get(name).and_then(|node: Node<'_>| {
            let nodes = node.list()?;
            Some(
                nodes
                    .iter()
                    .filter_map(|node| node.text("a name", |text| !text.is_empty()))
                    .collect(),
            )
        })
    };
    let limits = Limits {
        min_capacity: capacity("MinCapacity"),
        max_capacity: capacity("MaxCapacity"),
        allowed_profiles: names("AllowedProfiles"),
        allowed_tags: fields.get("AllowedTags").and_then(|node| {
            let nodes = node.list()?;
            // With a name that does not exist, the tag that was meant would be forbidden.
            let names = nodes.iter().filter_map(|node| node.one_of(&tags));
            Some(names.collect())
        }),
    };
    fields.finish();
    if let (Some(min), Some(max)) = (limits.min_capacity, limits.max_capacity)
        && min > max
    {
        let (min, max) = (node.shown(min), node.shown(max));
        node.complain(format!(
            "MinCapacity {min} must be at most MaxCapacity {max}"
        ));
    }
    Some(limits)
}

#[cfg(test)]
mod tests;
