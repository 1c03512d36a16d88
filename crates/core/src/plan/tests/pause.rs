//! The tag `paused`: what it lets stand still, what it leaves, and what goes on without it.

use super::fixture::*;
use crate::observation::{Observation, memory};
use crate::report::{Outcome, Reason};
use crate::scaling::Suspension;
use pretty_assertions::assert_eq;
use serde_json::json;

fn flags(text: &str) -> Suspension {
    Suspension::parse(text)
}

/// A target of ours on which this stands still, of which we remember that we did it.
fn suspended(held: &str, ours: &str) -> Observation {
    let mut observation = settled(&plain());
    let target = &mut observation.held_mut().target;
    target.suspended = flags(held);
    if !ours.is_empty() {
        let tags = target.tags.as_mut().expect("read");
        tags.insert(memory::SUSPENDED.into(), ours.into());
    }
    observation
}

/// What stands still now, what the tag says, what stands still then, and what we remember. Each
/// of the flags behaves alike.
#[track_caller]
fn check(held: &str, ours: &str, paused: &str, expected: &str, remembered: &str, calls: &[&str]) {
    let before = suspended(held, ours).tagged(&[("autoscaling:paused", paused)]);
    let after = check_calls(&before, calls);
    let target = &after.held().target;
    assert_eq!(target.suspended, flags(expected));
    assert_eq!(target.suspended_by_us(), flags(remembered));
    assert_eq!(
        target
            .tags
            .as_ref()
            .expect("read")
            .contains_key(memory::SUSPENDED),
        !remembered.is_empty()
    );
    assert_eq!(target.range, range(1, 4));
    assert_eq!(after.held().policies.len(), 1);
}

const ALL: &str = "scale-in+scale-out+scheduled";

#[test]
fn pausing_and_resuming_change_only_what_is_ours() {
    let begin = &["TagResource", "RegisterScalableTarget"];
    let (narrow, end) = (
        &["RegisterScalableTarget", "TagResource"],
        &["RegisterScalableTarget", "UntagResource"],
    );
    // Pausing, all or one.
    check("", "", "true", ALL, ALL, begin);
    check("", "", "scale-in", "scale-in", "scale-in", begin);
    check("", "", "scale-out", "scale-out", "scale-out", begin);
    check("", "", "scheduled", "scheduled", "scheduled", begin);
    // Paused already.
    check(ALL, ALL, "true", ALL, ALL, &[]);
    check(
        "scale-in",
        "scale-in",
        "scale-in",
        "scale-in",
        "scale-in",
        &[],
    );
    // More, less, something else.
    check("scale-in", "scale-in", "true", ALL, ALL, begin);
    check(ALL, ALL, "scheduled", "scheduled", "scheduled", narrow);
    check(
        "scale-in",
        "scale-in",
        "scale-out",
        "scale-out",
        "scale-out",
        begin,
    );
    // Resuming.
    check(ALL, ALL, "false", "", "", end);
    check("", "", "false", "", "", &[]);
    // What a person suspended stays, whether it is asked for or not.
    check("scale-in", "", "false", "scale-in", "", &[]);
    check("scale-in", "", "scale-in", "scale-in", "", &[]);
    check(
        "scale-in",
        "",
        "scale-out",
        "scale-in+scale-out",
        "scale-out",
        begin,
    );
    check("scale-in", "", "true", ALL, "scale-out+scheduled", begin);
    check(ALL, "scale-out+scheduled", "false", "scale-in", "", end);
    check(ALL, "scale-out", "scheduled", "scale-in+scheduled", "", end);
    // What a person resumed meanwhile is suspended again as long as the tag is there.
    check("", ALL, "true", ALL, ALL, &["RegisterScalableTarget"]);
    check("", ALL, "false", "", "", &["UntagResource"]);
}

#[test]
fn a_misspelt_pause_holds_back_and_writes_nothing() {
    let before = suspended("scale-in", "").tagged(&[("autoscaling:paused", "scale-inn")]);
    let (plan, after) = settle(&before, &installation(&[]));
    assert_eq!(operations(&plan), [""; 0]);
    assert_eq!(after, before);
    assert_eq!(plan.problems.len(), 1);
    let fresh = plain().tagged(&[("autoscaling:paused", "yes")]);
    check_left_alone(&fresh, Reason::Paused);
}

#[test]
fn a_paused_target_is_not_configured_until_it_goes_on() {
    let paused = suspended("", "").tagged(&[
        ("autoscaling:paused", "true"),
        ("autoscaling:max-capacity", "9"),
    ]);
    let (plan, after) = settle(&paused, &installation(&[]));
    assert_eq!(plan.targets[0].reason, Some(Reason::Paused));
    assert_eq!(after.held().target.range, range(1, 4));
    let resumed = settled(
        &after
            .untagged()
            .tagged(&[("autoscaling:max-capacity", "9")]),
    );
    assert_eq!(resumed.held().target.range, range(1, 9));
    assert_eq!(resumed.held().target.suspended, Suspension::NONE);
}

#[test]
fn a_new_target_is_registered_suspended() {
    for (paused, expected) in [("true", ALL), ("scale-in", "scale-in")] {
        let after = check_calls(
            &plain().tagged(&[("autoscaling:paused", paused)]),
            &["RegisterScalableTarget", "PutScalingPolicy"],
        );
        let target = &after.held().target;
        assert_eq!(target.suspended, flags(expected));
        assert_eq!(target.suspended_by_us(), flags(expected));
        let resumed = settled(&after.untagged());
        assert_eq!(resumed.held().target.suspended, Suspension::NONE);
    }
}

#[test]
fn pausing_works_beside_mistakes_and_obstacles() {
    let mistaken = suspended("", "").profile(&json!({"MaxCapcity": 9}));
    let updating = suspended("", "").endpoint(|endpoint| endpoint.status = "Updating".into());
    let opted_out = suspended("", "").profile(&json!({"Enabled": false}));
    let unscalable = suspended("", "").variant(|variant| variant.instance_pools = true);
    for observation in [mistaken, updating, opted_out, unscalable] {
        let paused = observation.tagged(&[("autoscaling:paused", "true")]);
        let (plan, after) = settle(&paused, &installation(&[]));
        assert_eq!(after.held().target.suspended, Suspension::ALL);
        assert_eq!(plan.targets[0].reason, Some(Reason::Paused));
    }
}

#[test]
fn a_foreign_target_is_never_paused() {
    for existing in ["leave", "adopt"] {
        let observation = plain()
            .holding(id("AllTraffic"), held((1, 2), &[]))
            .tagged(&[("autoscaling:paused", "true")]);
        let (plan, after) = settle(
            &observation,
            &installation(&[("EXISTING_TARGETS", existing)]),
        );
        assert_eq!(after, observation);
        assert_eq!(plan.targets[0].reason, Some(Reason::ForeignScalableTarget));
    }
}

#[test]
fn stopping_goes_before_pausing() {
    let both = suspended("", "").tagged(&[
        ("autoscaling:paused", "true"),
        ("autoscaling:enabled", "false"),
    ]);
    let (plan, _) = settle(&both, &installation(&[]));
    assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
    assert_eq!(plan.targets[0].busy_outcome, Outcome::Released);
}
