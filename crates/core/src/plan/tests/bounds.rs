//! Bounds of a target that is ours: moved by us, by others, and back.

use super::aws::carry_out;
use super::fixture::*;
use crate::desire::desire;
use crate::plan::plan;
use crate::report::{Outcome, Reason};
use pretty_assertions::assert_eq;

#[test]
fn bounds_that_somebody_moved_stay_until_forced() {
    let mut after = settled(&plain());
    after.held_mut().target.range = range(1, 2);
    let quiet = decide(&after, &installation(&[]));
    assert_eq!(operations(&quiet), [""; 0]);
    assert_eq!(quiet.targets[0].reason, Some(Reason::BoundsMoved));
    assert_eq!(quiet.targets[0].idle_outcome, Outcome::Unchanged);
    let installation = installation(&[]);
    let forced = plan(desire(&after, &installation), &after, &installation, true);
    assert_eq!(operations(&forced), ["RegisterScalableTarget"]);
    assert_eq!(carry_out(&after, &forced).held().target.range, range(1, 4));
}

#[test]
fn a_changed_document_changes_only_what_differs() {
    let after = settled(&plain()).tagged(&[("autoscaling:target-value", "200")]);
    let after = check_calls(&after, &["PutScalingPolicy"]).tagged(&[
        ("autoscaling:max-capacity", "8"),
        ("autoscaling:target-value", "300"),
    ]);
    check_calls(
        &after,
        &[
            "TagResource",
            "RegisterScalableTarget",
            "TagResource",
            "PutScalingPolicy",
        ],
    );
}
