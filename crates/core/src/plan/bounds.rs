//! Creating a target, taking one over, and moving the bounds of one that is ours.

use super::Action;
use crate::installation::Installation;
use crate::observation::{HeldTarget, memory};
use crate::report::Reason;
use crate::scaling::Suspension;
use crate::settings::Settings;

/// Calls about the bounds, and what is to be said about them.
#[derive(Default)]
pub(super) struct Bounds {
    pub(super) steps: Vec<Action>,
    pub(super) reason: Option<Reason>,
    /// A bound is lowered.
    pub(super) lowers: bool,
    /// Whether it hangs on what we remember, which was not read.
    pub(super) wants_tags: bool,
}

/// Registers a target, standing still where its owner paused it.
pub(super) fn create(
    settings: &Settings,
    installation: &Installation,
    paused: Option<Suspension>,
) -> Bounds {
    let range = settings.range();
    let mut tags = vec![
        (memory::MANAGED_BY, installation.managed_by.clone()),
        (memory::APPLIED, range.to_string()),
    ];
    tags.extend(paused.map(|paused| (memory::SUSPENDED, paused.to_string())));
    Bounds {
        steps: vec![Action::RegisterScalableTarget {
            range: Some(range),
            suspended: paused,
            tags,
        }],
        ..Bounds::default()
    }
}

/// The bounds found are remembered before they are changed: a crash in between must not lose them.
pub(super) fn adopt(settings: &Settings, held: &HeldTarget, installation: &Installation) -> Bounds {
    let range = settings.range();
    let arn = held.arn.clone();
    let mut steps = vec![Action::TagResource {
        arn: arn.clone(),
        tags: vec![
            (memory::MANAGED_BY, installation.managed_by.clone()),
            (memory::ADOPTED, held.range.to_string()),
        ],
    }];
    if range != held.range {
        steps.push(register(range));
    }
    let tags = vec![(memory::APPLIED, range.to_string())];
    steps.push(Action::TagResource { arn, tags });
    Bounds {
        steps,
        lowers: range.min() < held.range.min() || range.max() < held.range.max(),
        ..Bounds::default()
    }
}

fn register(range: crate::scaling::CapacityRange) -> Action {
    Action::RegisterScalableTarget {
        range: Some(range),
        suspended: None,
        tags: Vec::new(),
    }
}

/// Bounds are written when the desired ones differ from what we last wrote, not from what is
/// held: scheduled actions and people work by moving the held ones, and AWS re-fires `IN_SERVICE`
/// after every scaling action, so that putting ours back would undo them within a minute.
pub(super) fn adjust(settings: &Settings, held: &HeldTarget, force: bool) -> Bounds {
    let range = settings.range();
    let applied = held.applied();
    let moved = held.range != range;
    if applied == Some(range) && !force {
        return Bounds {
            reason: moved.then_some(Reason::BoundsMoved),
            ..Bounds::default()
        };
    }
    let remember = |value: String| Action::TagResource {
        arn: held.arn.clone(),
        tags: vec![(memory::APPLIED, value)],
    };
    let mut steps = Vec::new();
    // The old memory is made void first: were it to outlive the new bounds, because the last call
    // is lost, a later return to the old bounds would look like nothing to write. Built-in bounds
    // still know it: they are never lowered.
    if let Some(applied) = applied.filter(|applied| moved && *applied != range) {
        steps.push(remember(format!("{}{applied}", memory::PENDING)));
    }
    if moved {
        steps.push(register(range));
    }
    // Remembered after the write: the other way round, a crash in between would look like bounds
    // that somebody moved. Unread tags are no reason to write.
    if applied != Some(range) && (moved || held.tags.is_some()) {
        steps.push(remember(range.to_string()));
    }
    Bounds {
        steps,
        lowers: moved && (range.min() < held.range.min() || range.max() < held.range.max()),
        ..Bounds::default()
    }
}

/// An update of the endpoint that does not retain the counts puts them back to
/// `InitialInstanceCount` (SageMaker developer guide, "Update endpoints with auto scaling"), below
/// the minimum if that is higher, and AWS raises them only when an alarm fires. Registering the
/// same bounds again pulls them up. Once per endpoint configuration, which is remembered before:
/// where a quota keeps the capacity down, it must not become a loop. Any other registration pulls
/// them up as well and counts as that once: capacity follows in its own time, and a run that comes
/// before it has must find nothing to do.
pub(super) fn raise(
    bounds: &mut Bounds,
    settings: &Settings,
    held: Option<&HeldTarget>,
    running: Option<u32>,
    config: Option<&str>,
) {
    let registered = bounds.steps.iter().filter_map(|action| match action {
        Action::RegisterScalableTarget { range, .. } => Some(range),
        _ => None,
    });
    let registers = registered.clone().next().is_some();
    let held_range = held.map_or(settings.range(), |held| held.range);
    let range = registered.flatten().next().copied().unwrap_or(held_range);
    let below = running.is_some_and(|running| running < range.min());
    let Some(config) = config.filter(|_| below) else {
        return;
    };
    if held.is_some_and(|held| held.raised_for() == Some(config)) {
        return;
    }
    let memory = (memory::RAISED, config.to_owned());
    if registers {
        let mut tags = bounds.steps.iter_mut().rev().filter_map(|step| match step {
            Action::TagResource { tags, .. } | Action::RegisterScalableTarget { tags, .. } => {
                Some(tags).filter(|tags| !tags.is_empty())
            }
            _ => None,
        });
        if let Some(tags) = tags.next() {
            tags.push(memory);
            return;
        }
    }
    let Some(held) = held.filter(|held| registers || !held.suspended.scale_out) else {
        return;
    };
    bounds.steps.push(Action::TagResource {
        arn: held.arn.clone(),
        tags: vec![memory],
    });
    if !registers {
        bounds.steps.push(register(held.range));
    }
}
