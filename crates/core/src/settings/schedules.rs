//! Scheduled actions, filled in for the target at hand.

use super::bounds::zero_rule;
use super::fill::Fill;
use super::{Question, Stated, stated};
use crate::problem::{Problem, Source, Sourced};
use crate::scaling::ScheduledAction;
use serde_json::json;

/// Resolves scheduled actions; the second list names those whose one time is over.
pub(super) fn scheduled_actions(
    question: &Question<'_>,
    problems: &mut Vec<Problem>,
) -> (Sourced<Vec<ScheduledAction>>, Vec<String>) {
    let stated = stated(question, "ScheduledActions", |section| {
        section.scheduled_actions.clone()
    });
    let Some(Stated {
        value,
        source,
        path,
    }) = stated
    else {
        return (Sourced::built_in(Vec::new()), Vec::new());
    };
    let mut actions: Vec<ScheduledAction> = Vec::new();
    let mut past = Vec::new();
    for (index, mut action) in value.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let mut fill = Fill {
            question,
            source: &source,
            path: path.clone(),
            problems,
        };
        action.scheduled_action_name = fill.name(&action.scheduled_action_name);
        let action = action.with_defaults();
        check_scheduled_bounds(question, &action, &source, &path, problems);
        if actions
            .iter()
            .any(|other| other.scheduled_action_name == action.scheduled_action_name)
        {
            let value = json!(action.scheduled_action_name);
            problems.push(Problem::new(
                source.clone(),
                path,
                &value,
                "must have a name of its own",
            ));
        }
        if action.is_past(question.now) {
            past.push(action.scheduled_action_name.clone());
        }
        actions.push(action);
    }
    (Sourced::new(actions, source), past)
}

/// A schedule moves the bounds later: it must not lead where the bounds themselves may not.
fn check_scheduled_bounds(
    question: &Question<'_>,
    action: &ScheduledAction,
    source: &Source,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let subject = question.subject;
    let bounds = action.scalable_target_action;
    let fields = [
        ("MinCapacity", bounds.min_capacity),
        ("MaxCapacity", bounds.max_capacity),
    ];
    for (field, value) in fields
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)))
    {
        let mut complain = |message: String| {
            let path = format!("{path}.ScalableTargetAction.{field}");
            problems.push(Problem::new(source.clone(), path, &json!(value), message));
        };
        if value == 0 && !subject.may_be_zero {
            complain(zero_rule(subject.kind));
        }
        if let Some(ceiling) = subject.ceiling.filter(|ceiling| value > *ceiling) {
            complain(format!(
                "must be at most MaxConcurrency {ceiling} of the variant"
            ));
        }
        let Some(limits) = question.limits else {
            continue;
        };
        let (limits, limiter) = (&limits.limits, &limits.source);
        if let Some(ceiling) = limits.max_capacity.filter(|ceiling| value > *ceiling) {
            let ceiling = limiter.shown(ceiling);
            complain(format!(
                "must be at most MaxCapacity {ceiling} of {limiter}"
            ));
        }
        if let Some(floor) = limits.min_capacity.filter(|floor| value < *floor) {
            let floor = limiter.shown(floor);
            complain(format!("must be at least MinCapacity {floor} of {limiter}"));
        }
    }
}
