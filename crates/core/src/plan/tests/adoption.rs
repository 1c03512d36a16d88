//! Targets of others: left alone, or taken over and given back as they were.

use super::fixture::*;
use crate::report::Reason;
use pretty_assertions::assert_eq;

const OTHER: &[(&str, &str)] = &[("endpoint-autoscaler:managed-by", "another")];

#[test]
fn a_foreign_target_is_left_alone() {
    for tags in [&[][..], OTHER] {
        let observation = plain().holding(id("AllTraffic"), held((2, 3), tags));
        check_left_alone(&observation, Reason::ForeignScalableTarget);
    }
}

#[test]
fn another_installation_is_never_adopted_from() {
    let observation = plain().holding(id("AllTraffic"), held((2, 3), OTHER));
    let plan = decide(
        &observation,
        &installation(&[("EXISTING_TARGETS", "adopt")]),
    );
    assert_eq!(operations(&plan), [""; 0]);
}

#[test]
fn adoption_keeps_bounds_and_foreign_policies_and_gives_them_back() {
    let adopting = installation(&[("EXISTING_TARGETS", "by-tag")]);
    let mut foreign = held((2, 3), &[("team", "ml")]);
    foreign
        .policies
        .push(held_policy(tracking("theirs", 500.0)));
    let observation = plain().holding(id("AllTraffic"), foreign).tagged(&[
        ("autoscaling:adopt", "true"),
        ("autoscaling:max-capacity", "9"),
    ]);
    let (plan, after) = settle(&observation, &adopting);
    assert_eq!(
        operations(&plan),
        ["TagResource", "RegisterScalableTarget", "TagResource"]
    );
    assert_eq!(plan.targets[0].reason, Some(Reason::ConflictingPolicy));
    assert_eq!(after.held().target.range, range(2, 9));
    // Released, it is what it was.
    let after = after.tagged(&[("autoscaling:enabled", "false")]);
    let (_, released) = settle(&after, &adopting);
    assert_eq!(released.scaling, observation.scaling);
}
