//! Target tracking: the capacity at which a metric would be at its target.
//!
//! Proportional, "and rounding is always conservative": the Application Auto Scaling user guide,
//! "[Target tracking scaling policies][page]", adds 2 where 1.5 are needed and keeps an instance
//! of which half is needed. Rounding up does both, and it is also the check against flapping: a
//! smaller capacity would bring the metric back above the target. AWS does not say whether that
//! check removes one instance or all that are proposed; both come to the same after rounding up.
//!
//! [page]: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html

/// The capacity at which `metric` would be at most `target`, if `running` now gives `metric`.
///
/// A metric per instance says nothing about no instances; the first one comes when there is
/// anything above the target.
pub(crate) fn proposed(running: u32, metric: f64, target: f64) -> u32 {
    if running == 0 {
        return u32::from(metric > target);
    }
    let exact = f64::from(running) * metric / target;
    ceil(exact)
}

/// The next whole number, where a fraction that comes from floating point alone does not count.
pub(crate) fn ceil(exact: f64) -> u32 {
    const NOISE: f64 = 1e-9;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from a float saturates"
    )]
    let whole = (exact * (1.0 - NOISE)).ceil() as u32;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EC2 Auto Scaling user guide, "Scaling based on Amazon SQS".
    #[test]
    fn ec2_guide_sqs_backlog_of_150_at_target_100_adds_5_to_10() {
        assert_eq!(proposed(10, 150.0, 100.0), 15);
    }

    /// Application Auto Scaling user guide, "Target tracking scaling policies".
    #[test]
    fn user_guide_needs_1_5_adds_2_and_would_remove_0_5_holds() {
        assert_eq!(proposed(1, 250.0, 100.0), 1 + 2);
        assert_eq!(proposed(2, 75.0, 100.0), 2);
    }

    /// The test data of the emulator `radkawar/stackd`, `testdata/runtime.json`.
    #[test]
    fn stackd_4_at_75_for_50_becomes_6_and_6_at_25_becomes_3() {
        assert_eq!(proposed(4, 75.0, 50.0), 6);
        assert_eq!(proposed(6, 25.0, 50.0), 3);
    }

    #[test]
    fn nothing_running_gets_the_first_only_above_the_target() {
        assert_eq!(proposed(0, 5.0, 5.0), 0);
        assert_eq!(proposed(0, 6.0, 5.0), 1);
    }

    #[test]
    fn floating_point_does_not_buy_an_instance() {
        assert_eq!(proposed(3, 0.1 + 0.2, 0.3), 3);
        assert_eq!(proposed(u32::MAX, f64::MAX, 1e-300), u32::MAX);
    }
}
