//! Tags over the policies of a document.

use super::Question;
use crate::problem::{Problem, Sourced};
use crate::scaling::{PolicyBody, ScalingPolicy};
use serde::Serialize;
use serde_json::{Value, json};

/// What the report says besides the policies a layer states: tags over them, and what is added.
pub(super) type Besides = Vec<(&'static str, Sourced<Value>)>;

fn printed<T: Serialize>(tag: Option<&Sourced<T>>) -> Option<Sourced<Value>> {
    tag.map(|tag| Sourced::new(json!(tag.value), tag.source.clone()))
}

/// Applies the tags that speak of "the one target-tracking policy".
pub(super) fn override_tracking(
    question: &Question<'_>,
    mut policies: Sourced<Vec<ScalingPolicy>>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScalingPolicy>>, Besides) {
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
    let said: Besides = said
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
            one.metric = metric.value.into();
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
