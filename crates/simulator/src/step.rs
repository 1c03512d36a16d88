//! Step scaling: the breach of an alarm picks a step, the step changes the capacity.
//!
//! The rules are those of the Application Auto Scaling user guide, "[Step scaling
//! policies][page]", whose examples are tests below.
//!
//! [page]: https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html

use endpoint_autoscaler_core::scaling::{StepAdjustment, StepScaling};

/// `AdjustmentType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdjustmentType {
    Change,
    Percent,
    Exact,
}

impl AdjustmentType {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "ChangeInCapacity" => Some(Self::Change),
            "PercentChangeInCapacity" => Some(Self::Percent),
            "ExactCapacity" => Some(Self::Exact),
            _ => None,
        }
    }
}

/// The steps of a policy, ready to use.
#[derive(Clone, Debug)]
pub(crate) struct Steps<'a> {
    kind: AdjustmentType,
    least: u32,
    adjustments: &'a [StepAdjustment],
}

impl<'a> Steps<'a> {
    /// `None` for an adjustment type that does not exist.
    pub(crate) fn new(policy: &'a StepScaling) -> Option<Self> {
        Some(Self {
            kind: AdjustmentType::parse(&policy.adjustment_type)?,
            least: policy.min_adjustment_magnitude.unwrap_or(1),
            adjustments: &policy.step_adjustments,
        })
    }

    /// The capacity after the step for a metric that is `breach` beyond the threshold; `downwards`
    /// for an alarm on values below it. The same capacity if there is no such step.
    pub(crate) fn proposed(&self, running: u32, breach: f64, downwards: bool) -> u32 {
        let step = self
            .adjustments
            .iter()
            .find(|step| includes(step, breach, downwards));
        step.map_or(running, |step| self.apply(running, step.scaling_adjustment))
    }

    fn apply(&self, running: u32, adjustment: i32) -> u32 {
        let change = match self.kind {
            AdjustmentType::Exact => return u32::try_from(adjustment).unwrap_or(0),
            AdjustmentType::Change => i64::from(adjustment),
            AdjustmentType::Percent => {
                // Integer division rounds towards zero: 12.7 becomes 12, -6.67 becomes -6. What
                // lies between -1 and 1 becomes the least change, 1 unless stated.
                let whole = i64::from(running) * i64::from(adjustment) / 100;
                let least = i64::from(self.least.max(1));
                i64::from(adjustment.signum()) * whole.abs().max(least)
            }
        };
        let proposed = (i64::from(running) + change).clamp(0, i64::from(u32::MAX));
        u32::try_from(proposed).unwrap_or(u32::MAX)
    }
}

/// Above the threshold the lower bound belongs to the step, below it the upper one.
fn includes(step: &StepAdjustment, breach: f64, downwards: bool) -> bool {
    let lower = step
        .metric_interval_lower_bound
        .unwrap_or(f64::NEG_INFINITY);
    let upper = step.metric_interval_upper_bound.unwrap_or(f64::INFINITY);
    if breach < 0.0 || (downwards && breach <= 0.0) {
        lower < breach && breach <= upper
    } else {
        lower <= breach && breach < upper
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(adjustment_type: &str, steps: &[(Option<f64>, Option<f64>, i32)]) -> StepScaling {
        StepScaling {
            adjustment_type: adjustment_type.to_owned(),
            step_adjustments: steps
                .iter()
                .map(|(lower, upper, adjustment)| StepAdjustment {
                    metric_interval_lower_bound: *lower,
                    metric_interval_upper_bound: *upper,
                    scaling_adjustment: *adjustment,
                })
                .collect(),
            min_adjustment_magnitude: None,
            cooldown: 300,
            metric_aggregation_type: "Average".to_owned(),
        }
    }

    fn proposed(policy: &StepScaling, running: u32, breach: f64, downwards: bool) -> u32 {
        let steps = Steps::new(policy).expect("a known adjustment type");
        steps.proposed(running, breach, downwards)
    }

    /// User guide, "Step scaling policies": threshold 50, metric at 60, 70, 40 and 30 in turn.
    #[test]
    fn user_guide_example_10_becomes_11_14_13_10() {
        let percent = "PercentChangeInCapacity";
        let out = policy(
            percent,
            &[
                (Some(0.0), Some(10.0), 0),
                (Some(10.0), Some(20.0), 10),
                (Some(20.0), None, 30),
            ],
        );
        let inward = policy(
            percent,
            &[
                (Some(-10.0), Some(0.0), 0),
                (Some(-20.0), Some(-10.0), -10),
                (None, Some(-20.0), -30),
            ],
        );
        assert_eq!(proposed(&out, 10, 59.0 - 50.0, false), 10);
        assert_eq!(proposed(&out, 10, 60.0 - 50.0, false), 11);
        assert_eq!(proposed(&out, 11, 70.0 - 50.0, false), 14);
        assert_eq!(proposed(&inward, 14, 41.0 - 50.0, true), 14);
        assert_eq!(proposed(&inward, 14, 40.0 - 50.0, true), 13);
        assert_eq!(proposed(&inward, 13, 30.0 - 50.0, true), 10);
    }

    /// User guide, the same page, "Scaling adjustment types": 12.7 → 12, .67 → 1, −.58 → −1,
    /// −6.67 → −6.
    #[test]
    fn user_guide_rounding_of_percentages() {
        let percent = |running, adjustment| {
            let policy = policy("PercentChangeInCapacity", &[(None, None, adjustment)]);
            i64::from(proposed(&policy, running, 0.0, false)) - i64::from(running)
        };
        assert_eq!(percent(127, 10), 12);
        assert_eq!(percent(67, 1), 1);
        assert_eq!(percent(58, -1), -1);
        assert_eq!(percent(667, -1), -6);
    }

    /// `PutScalingPolicy`, `MinAdjustmentMagnitude`.
    #[test]
    fn api_reference_25_percent_of_4_with_min_adjustment_magnitude_2_adds_2() {
        let mut policy = policy("PercentChangeInCapacity", &[(Some(0.0), None, 25)]);
        policy.min_adjustment_magnitude = Some(2);
        assert_eq!(proposed(&policy, 4, 1.0, false), 6);
    }

    #[test]
    fn exact_capacity_and_changes_stop_at_nothing() {
        let exact = policy("ExactCapacity", &[(None, Some(0.0), 2)]);
        assert_eq!(proposed(&exact, 9, -1.0, true), 2);
        assert_eq!(proposed(&exact, 9, 1.0, true), 9);
        let change = policy("ChangeInCapacity", &[(None, Some(0.0), -5)]);
        assert_eq!(proposed(&change, 3, -1.0, true), 0);
    }

    #[test]
    fn a_breach_of_exactly_zero_belongs_to_the_side_of_the_alarm() {
        let wake = policy("ChangeInCapacity", &[(Some(0.0), None, 1)]);
        assert_eq!(proposed(&wake, 0, 0.0, false), 1);
        let idle = policy("ExactCapacity", &[(None, Some(0.0), 1)]);
        assert_eq!(proposed(&idle, 4, 0.0, true), 1);
    }
}
