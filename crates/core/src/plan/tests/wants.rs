//! What is read before anything is written, and only then.

use super::fixture::*;
use pretty_assertions::assert_eq;

#[test]
fn tags_are_read_only_when_something_would_be_written() {
    let mut after = settled(&plain());
    after.held_mut().target.tags = None;
    let quiet = decide(&after, &installation(&[]));
    assert_eq!(operations(&quiet), [""; 0]);
    assert!(quiet.wants(&after).is_nothing());
    let after = after.tagged(&[("autoscaling:max-capacity", "8")]);
    let wants = decide(&after, &installation(&[])).wants(&after);
    assert_eq!(
        wants.tags,
        [(id("AllTraffic"), after.held().target.arn.clone())]
    );
}
