//! Targets given back.

use super::aws::carry_out;
use super::fixture::*;
use crate::desire::retire;
use crate::plan::plan;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;

#[test]
fn stopping_releases_what_is_ours_even_beside_mistakes() {
    for stop in [
        ("autoscaling:enabled", "false"),
        ("autoscaling:hold", "prod-config"),
        ("autoscaling:hold", "true"),
    ] {
        let after = settled(&plain()).tagged(&[stop, ("autoscaling:nonsense", "1")]);
        let (plan, released) = settle(&after, &installation(&[]));
        assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
        assert_eq!(released.scaling, BTreeMap::new());
    }
    let elsewhere = plain().tagged(&[("autoscaling:hold", "another-config")]);
    check_bounds(&elsewhere, (1, 4));
}

#[test]
fn a_retired_endpoint_loses_only_what_is_ours() {
    let mut after = settled(&plain()).holding(id("other"), held((1, 2), &[]));
    after.endpoint = None;
    let plan = plan(retire(&after), &after, &installation(&[]), false);
    assert_eq!(operations(&plan), ["DeregisterScalableTarget"]);
    assert_eq!(
        carry_out(&after, &plan)
            .scaling
            .into_keys()
            .collect::<Vec<_>>(),
        [id("other")]
    );
}
