//! Cooldowns: what a policy may not do again yet.
//!
//! Application Auto Scaling user guide, "[Define cooldown periods][page]": a cooldown starts when
//! a scaling activity has completed. During that of a scale-out only a larger one passes, and the
//! capacity that was added already counts towards it; that of a scale-in blocks further scale-ins,
//! and a scale-out ends it.
//!
//! [page]: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html#target-tracking-cooldown

/// The cooldowns of one policy. Times are in seconds since the beginning.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cooldowns {
    scaled_out: Option<ScaleOut>,
    scaled_in_until: i64,
}

#[derive(Clone, Copy, Debug)]
struct ScaleOut {
    /// Before the first scale-out of those whose cooldowns follow each other.
    from: u32,
    to: u32,
    until: i64,
}

impl Cooldowns {
    /// What is left of a proposal after what was added already; at most `running` if nothing is.
    pub(crate) fn less_credit(&self, now: i64, running: u32, proposed: u32) -> u32 {
        match self.running_scale_out(now) {
            Some(last) => proposed
                .saturating_sub(last.to - last.from)
                .max(running.min(proposed)),
            None => proposed,
        }
    }

    /// The capacity before the scale-outs whose cooldown runs.
    pub(crate) fn before_scale_out(&self, now: i64) -> Option<u32> {
        self.running_scale_out(now).map(|last| last.from)
    }

    fn running_scale_out(&self, now: i64) -> Option<ScaleOut> {
        self.scaled_out.filter(|last| now < last.until)
    }

    /// A scale-out of this policy, begun at `now`, whose cooldown ends at `until`.
    pub(crate) fn scale_out(&mut self, now: i64, from: u32, to: u32, until: i64) {
        let from = self.running_scale_out(now).map_or(from, |last| last.from);
        self.scaled_out = Some(ScaleOut { from, to, until });
    }

    /// A scale-in of this policy, whose cooldown ends at `until`.
    pub(crate) fn scale_in(&mut self, until: i64) {
        self.scaled_in_until = until;
    }

    /// Any scale-out of the target: "the cooldown period for the scale-in activity stops".
    pub(crate) fn interrupt_scale_in(&mut self) {
        self.scaled_in_until = 0;
    }

    /// Any scale-in of the target: what was added is not there any more.
    pub(crate) fn forget_scale_out(&mut self) {
        self.scaled_out = None;
    }

    pub(crate) fn allows_scale_in(&self, now: i64) -> bool {
        now >= self.scaled_in_until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User guide, "Step scaling policies": 2 were added, the cooldown runs, the alarm asks for 3.
    #[test]
    fn user_guide_a_step_of_3_within_the_cooldown_of_2_adds_1() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.scale_out(0, 4, 6, 300);
        assert_eq!(cooldowns.less_credit(100, 6, 6 + 3), 7);
        assert_eq!(cooldowns.less_credit(100, 6, 6 + 2), 6);
        assert_eq!(cooldowns.less_credit(100, 6, 6 + 1), 6);
        assert_eq!(cooldowns.less_credit(300, 6, 6 + 3), 9);
    }

    /// The emulator `radkawar/stackd`: cooldowns that follow each other add up their credit.
    /// Steps +1 from 50 on and +2 from 60 on, cooldown 300 s, one instance.
    #[test]
    fn stackd_cumulative_cooldown_credit() {
        let mut cooldowns = Cooldowns::default();
        assert_eq!(cooldowns.less_credit(0, 1, 2), 2);
        cooldowns.scale_out(0, 1, 2, 20 + 300);
        assert_eq!(cooldowns.less_credit(21, 2, 4), 3);
        cooldowns.scale_out(21, 2, 3, 30 + 300);
        assert_eq!(cooldowns.less_credit(31, 3, 5), 3);
        assert_eq!(cooldowns.less_credit(329, 3, 5), 3);
        assert_eq!(cooldowns.less_credit(330, 3, 5), 5);
    }

    #[test]
    fn a_scale_out_ends_the_cooldown_of_a_scale_in() {
        let mut cooldowns = Cooldowns::default();
        cooldowns.scale_in(300);
        assert!(!cooldowns.allows_scale_in(299));
        assert!(cooldowns.allows_scale_in(300));
        cooldowns.interrupt_scale_in();
        assert!(cooldowns.allows_scale_in(1));
    }
}
