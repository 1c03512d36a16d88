//! Bounds of a target that is ours: moved by us, by others, and back.

use super::aws::carry_out;
use super::fixture::*;
use crate::desire::desire;
use crate::observation::{Observation, memory};
use crate::plan::plan;
use crate::report::{Outcome, Reason};
use crate::scaling::Suspension;
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

/// The counts were put back by an update to this endpoint configuration.
fn reset(observation: Observation, config: &str, count: u32) -> Observation {
    observation
        .endpoint(|endpoint| endpoint.config_name = Some(config.into()))
        .variant(|variant| variant.current_instance_count = Some(count))
}

const RAISE: &[&str] = &["TagResource", "RegisterScalableTarget"];

#[test]
fn counts_that_an_update_reset_are_raised_once_per_configuration() {
    let two = settled(&plain().tagged(&[("autoscaling:min-capacity", "2")]));
    // Not yet up for the first time.
    check_calls(&two, &[]);
    let up = reset(two, "prod-config", 2);
    check_calls(&up, &[]);
    let after = check_calls(&reset(up, "prod-config-2", 1), RAISE);
    assert_eq!(after.held().target.raised_for(), Some("prod-config-2"));
    assert_eq!(after.held().target.range, range(2, 4));
    // A quota keeps it down: no loop.
    check_calls(&after, &[]);
    let after = check_calls(&reset(after, "prod-config-3", 1), RAISE);
    // Without a name there is nothing to remember it by.
    let nameless = after.endpoint(|endpoint| endpoint.config_name = None);
    check_calls(&nameless, &[]);
}

#[test]
fn counts_are_raised_into_the_bounds_that_are_held() {
    let mut scheduled = settled(&plain());
    scheduled.held_mut().target.range = range(3, 8);
    let after = check_calls(&reset(scheduled, "prod-config-2", 1), RAISE);
    assert_eq!(after.held().target.range, range(3, 8));
}

#[test]
fn other_bounds_raise_the_counts_as_well() {
    let after = settled(&plain()).tagged(&[("autoscaling:min-capacity", "2")]);
    let write = &["TagResource", "RegisterScalableTarget", "TagResource"];
    let after = check_calls(&reset(after, "prod-config-2", 1), write);
    assert_eq!(after.held().target.raised_for(), Some("prod-config-2"));
}

#[test]
fn counts_stay_where_scale_out_stands_still() {
    let mut after = settled(&plain().tagged(&[("autoscaling:min-capacity", "2")]));
    after.held_mut().target.suspended = Suspension::parse("scale-out");
    check_calls(&reset(after, "prod-config-2", 1), &[]);
}

#[test]
fn unknown_memory_of_bounds_is_written_anew_without_moving_them() {
    for memory in [None, Some("pending"), Some("pending:1-4"), Some("9-1")] {
        let mut after = settled(&plain());
        let tags = after.held_mut().target.tags.as_mut().expect("read");
        tags.remove(memory::APPLIED);
        tags.extend(memory.map(|text| (memory::APPLIED.to_owned(), text.to_owned())));
        check_calls(&after, &["TagResource"]);
    }
}
