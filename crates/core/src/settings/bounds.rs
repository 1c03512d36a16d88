//! Least and most capacity, with their sources.

use super::{LimitsLayer, Question, Stated, stated};
use crate::kind::Kind;
use crate::problem::{Problem, Source, Sourced};
use crate::scaling::CapacityRange;

/// Resolves both bounds; what is wrong goes to `problems`.
pub(super) fn bounds(
    question: &Question<'_>,
    problems: &mut Vec<Problem>,
) -> (Sourced<u32>, Sourced<u32>) {
    let tag = |tag: &Option<Sourced<u32>>| {
        tag.clone().map(|Sourced { value, source }| Stated {
            value,
            source,
            path: String::new(),
        })
    };
    let stated_min = tag(&question.tags.min_capacity)
        .or_else(|| stated(question, "MinCapacity", |section| section.min_capacity));
    let stated_max = tag(&question.tags.max_capacity)
        .or_else(|| stated(question, "MaxCapacity", |section| section.max_capacity));
    let (built_in_min, built_in_max) = built_in_bounds(question);
    let own = |Sourced { value, source }: Sourced<u32>, path: &str| Stated {
        value,
        source,
        path: path.to_owned(),
    };
    let (own_min, own_max) = (
        own(built_in_min, "MinCapacity"),
        own(built_in_max, "MaxCapacity"),
    );
    // A built-in bound yields to a stated one.
    let (mut min, mut max) = match (stated_min, stated_max) {
        (Some(min), Some(max)) => (min, max),
        (Some(min), None) => {
            let value = own_max.value.max(min.value);
            (min, Stated { value, ..own_max })
        }
        (None, Some(max)) => {
            let value = own_min.value.min(max.value);
            (Stated { value, ..own_min }, max)
        }
        (None, None) => (own_min, own_max),
    };
    let known_problems = problems.len();
    if let Some(limits) = question.limits {
        apply_limits(question, limits, [&mut min, &mut max], problems);
    }
    let ceiling = question
        .subject
        .ceiling
        .filter(|ceiling| max.value > *ceiling);
    if let Some(ceiling) = ceiling {
        // A built-in maximum only follows the minimum up there.
        let beyond = if max.source == Source::BuiltIn {
            &min
        } else {
            &max
        };
        problems.push(bound_problem(
            beyond,
            format!("must be at most MaxConcurrency {ceiling} of the variant"),
        ));
    }
    if min.value == 0 && !question.subject.may_be_zero {
        problems.push(bound_problem(&min, zero_rule(question.subject.kind)));
    }
    // A minimum beyond the limits would be called larger than the maximum they leave as well.
    if min.value > max.value && problems.len() == known_problems {
        let (max, source) = (max.source.shown(max.value), &max.source);
        problems.push(bound_problem(
            &min,
            format!("must be at most MaxCapacity {max} of {source}"),
        ));
    }
    (min.into_sourced(), max.into_sourced())
}

/// Why there is no zero.
pub(super) fn zero_rule(kind: Kind) -> String {
    let noun = kind.noun();
    match kind {
        Kind::InferenceComponent => format!(
            "must be at least 1 for {noun} whose variant has no ManagedInstanceScaling with MinInstanceCount 0 (SageMaker developer guide)"
        ),
        _ => format!("must be at least 1 for {noun} (SageMaker developer guide)"),
    }
}

fn bound_problem(bound: &Stated<u32>, message: String) -> Problem {
    Problem::new(
        bound.source.clone(),
        bound.path.as_str(),
        &bound.value.into(),
        message,
    )
}

/// Bounds nobody stated, made so that they never take capacity away.
fn built_in_bounds(question: &Question<'_>) -> (Sourced<u32>, Sourced<u32>) {
    let subject = question.subject;
    let remembered = question
        .held
        .map(|held| held.last_applied().unwrap_or(held.range));
    if let (true, Some(held)) = (question.adopted, question.held) {
        // Not what we last wrote: a bound that nobody states any more goes back to what was found.
        let range = held.adopted().unwrap_or(held.range);
        let keep = |value| Sourced::new(value, Source::AdoptedTarget);
        return (keep(range.min()), keep(range.max()));
    }
    // A component that its owner put to sleep stays asleep; everything else is there to serve.
    let least = u32::from(!(subject.kind == Kind::InferenceComponent && subject.may_be_zero));
    let running = subject.running.unwrap_or(1).max(least);
    let widest = |count: u32| count.saturating_mul(2).max(4);
    let (min, mut max) = match (subject.initial, remembered) {
        // The copies of a component move; what it had when first seen is what it was registered with.
        (Some(_), Some(range)) if subject.kind == Kind::InferenceComponent => {
            (range.min(), range.max())
        }
        (Some(initial), _) => (initial.max(least), widest(initial)),
        // Without its endpoint configuration, a variant keeps what it was registered with.
        (None, Some(range)) => (range.min(), range.max()),
        (None, None) => (running, widest(running)),
    };
    // Never below what runs when first registered, and never lowering what was registered. The
    // bounds we wrote count, not the held ones: a schedule may have lowered those for a while.
    max = max.max(remembered.map_or(running, CapacityRange::max));
    if let Some(ceiling) = subject.ceiling {
        max = max.min(ceiling);
    }
    (Sourced::built_in(min), Sourced::built_in(max.max(min)))
}

/// A stated bound beyond the limits is an error; a built-in one moves inside them, unless that
/// would take running capacity away.
fn apply_limits(
    question: &Question<'_>,
    LimitsLayer { source, limits }: &LimitsLayer,
    mut bounds: [&mut Stated<u32>; 2],
    problems: &mut Vec<Problem>,
) {
    let running = question.subject.running.unwrap_or(0);
    for bound in &mut bounds {
        let built_in = bound.source == Source::BuiltIn;
        if let Some(ceiling) = limits.max_capacity.filter(|ceiling| bound.value > *ceiling) {
            if built_in && running <= ceiling {
                (bound.value, bound.source) = (ceiling, source.clone());
            } else {
                let ceiling = source.shown(ceiling);
                let message = format!("must be at most MaxCapacity {ceiling} of {source}");
                problems.push(bound_problem(bound, message));
            }
        } else if let Some(floor) = limits.min_capacity.filter(|floor| bound.value < *floor) {
            if built_in {
                (bound.value, bound.source) = (floor, source.clone());
            } else {
                let floor = source.shown(floor);
                let message = format!("must be at least MinCapacity {floor} of {source}");
                problems.push(bound_problem(bound, message));
            }
        }
    }
}
