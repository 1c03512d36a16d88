//! Pause and resume through `SuspendedState`. What a person or another tool suspended is never
//! resumed, and what we suspend is remembered on the target.

use super::Action;
use crate::observation::{HeldTarget, memory};
use crate::scaling::Suspension;

pub(super) struct Change {
    pub(super) steps: Vec<Action>,
    /// Whether it hangs on what we remember, which was not read.
    pub(super) wants_tags: bool,
}

/// Leads from what stands still to what shall because of the tag `paused`.
///
/// Remembered before it is written: were the memory lost instead, nothing would ever resume the
/// target. The other way round when resuming.
pub(super) fn change(held: &HeldTarget, paused: Suspension) -> Change {
    let stands_still = held.suspended;
    let ours = held.suspended_by_us();
    let begins = paused.without(stands_still);
    let ends = ours.and(stands_still).without(paused);
    let remembered = ours.and(paused).or(begins);
    let write = (begins != Suspension::NONE || ends != Suspension::NONE).then(|| {
        Action::RegisterScalableTarget {
            range: None,
            // All three flags, always: whether AWS keeps those that are left out is not documented.
            suspended: Some(stands_still.or(begins).without(ends)),
            tags: Vec::new(),
        }
    });
    let remember = (remembered != ours).then(|| match remembered {
        Suspension::NONE => Action::UntagResource {
            arn: held.arn.clone(),
            keys: vec![memory::SUSPENDED],
        },
        remembered => Action::TagResource {
            arn: held.arn.clone(),
            tags: vec![(memory::SUSPENDED, remembered.to_string())],
        },
    });
    let steps = if begins == Suspension::NONE {
        [write, remember]
    } else {
        [remember, write]
    };
    Change {
        steps: steps.into_iter().flatten().collect(),
        wants_tags: held.tags.is_none() && stands_still != paused,
    }
}
