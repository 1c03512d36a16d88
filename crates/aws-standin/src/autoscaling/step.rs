//! Step-scaling configurations.

use serde::Deserialize;

/// Adjustments per policy ("Application Auto Scaling endpoints and quotas").
const STEP_ADJUSTMENTS: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StepScaling {
    adjustment_type: Option<String>,
    step_adjustments: Option<Vec<StepAdjustment>>,
    min_adjustment_magnitude: Option<i32>,
    cooldown: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StepAdjustment {
    metric_interval_lower_bound: Option<f64>,
    metric_interval_upper_bound: Option<f64>,
}

impl StepAdjustment {
    fn lower(&self) -> f64 {
        self.metric_interval_lower_bound
            .unwrap_or(f64::NEG_INFINITY)
    }

    fn upper(&self) -> f64 {
        self.metric_interval_upper_bound.unwrap_or(f64::INFINITY)
    }
}

impl StepScaling {
    /// The rules of `StepScalingPolicyConfiguration` and `StepAdjustment` in the
    /// API reference.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let Some(adjustment_type) = self.adjustment_type.as_deref() else {
            return Err("AdjustmentType is required for a step scaling policy.");
        };
        if self.cooldown.is_some_and(|seconds| seconds < 0) {
            return Err("Cooldown must not be negative.");
        }
        if self.min_adjustment_magnitude.is_some() && adjustment_type != "PercentChangeInCapacity" {
            return Err(
                "MinAdjustmentMagnitude is only for the adjustment type PercentChangeInCapacity.",
            );
        }
        let mut steps: Vec<_> = self.step_adjustments.iter().flatten().collect();
        if steps.is_empty() {
            return Err("At least one step adjustment must be specified.");
        }
        if steps.len() > STEP_ADJUSTMENTS {
            return Err("There are more than 20 step adjustments.");
        }
        let open = |bound: fn(&StepAdjustment) -> Option<f64>| {
            steps.iter().filter(|step| bound(step).is_none()).count()
        };
        let (below, above) = (
            open(|step| step.metric_interval_lower_bound),
            open(|step| step.metric_interval_upper_bound),
        );
        if below > 1 || above > 1 {
            return Err(
                "At most one step adjustment may have a null lower bound, and one a null upper bound.",
            );
        }
        if steps
            .iter()
            .any(|step| step.lower() == f64::NEG_INFINITY && step.upper() == f64::INFINITY)
        {
            return Err("The upper and lower bound can't be null in the same step adjustment.");
        }
        if below == 0 && steps.iter().any(|step| step.lower() < 0.0) {
            return Err(
                "With a negative lower bound, there must be a step adjustment with a null lower bound.",
            );
        }
        if above == 0 && steps.iter().any(|step| step.upper() > 0.0) {
            return Err(
                "With a positive upper bound, there must be a step adjustment with a null upper bound.",
            );
        }
        if steps.iter().any(|step| step.lower() >= step.upper()) {
            return Err("A lower bound must be less than the upper bound.");
        }
        steps.sort_by(|a, b| a.lower().total_cmp(&b.lower()));
        let meet = |pair: &[&StepAdjustment]| pair[0].upper().total_cmp(&pair[1].lower()).is_eq();
        if !steps.windows(2).all(meet) {
            return Err("The ranges of the step adjustments must not overlap or have a gap.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn steps(bounds: &[(Option<f64>, Option<f64>)]) -> Value {
        let step = |(lower, upper): &(Option<f64>, Option<f64>)| json!({"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper, "ScalingAdjustment": 1});
        json!({
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": bounds.iter().map(step).collect::<Vec<_>>(),
        })
    }

    fn verdict(config: Value) -> Result<(), &'static str> {
        serde_json::from_value::<StepScaling>(config)
            .expect("a configuration")
            .check()
    }

    #[test]
    fn step_adjustments_cover_a_range_without_gaps() {
        let fine = |bounds: &[_]| assert_eq!(verdict(steps(bounds)), Ok(()));
        fine(&[(Some(0.0), None)]);
        fine(&[(None, Some(0.0))]);
        fine(&[(Some(10.0), None), (Some(0.0), Some(10.0))]);
        fine(&[
            (None, Some(-10.0)),
            (Some(-10.0), Some(0.0)),
            (Some(0.0), None),
        ]);

        let wrong = |bounds: &[_], part: &str| {
            let problem = verdict(steps(bounds)).expect_err("refused");
            assert!(problem.contains(part), "{problem}");
        };
        wrong(&[], "At least one");
        wrong(&[(None, None)], "can't be null in the same");
        wrong(&[(Some(0.0), Some(10.0))], "null upper bound");
        wrong(&[(Some(-5.0), Some(0.0))], "null lower bound");
        wrong(&[(Some(0.0), Some(10.0)), (Some(20.0), None)], "gap");
        wrong(&[(Some(0.0), Some(10.0)), (Some(5.0), None)], "overlap");
        wrong(&[(Some(0.0), None), (Some(10.0), None)], "At most one");
        wrong(&[(Some(5.0), Some(5.0)), (Some(5.0), None)], "less than");
        let many: Vec<_> = (0..21)
            .map(|n| (Some(f64::from(n)), (n < 20).then(|| f64::from(n + 1))))
            .collect();
        wrong(&many, "more than 20");
    }

    #[test]
    fn other_rules() {
        let changed = |member: &str, value: Value| {
            let mut config = steps(&[(Some(0.0), None)]);
            config[member] = value;
            verdict(config)
        };
        assert!(changed("AdjustmentType", Value::Null).is_err());
        assert!(changed("Cooldown", json!(-1)).is_err());
        assert!(changed("MinAdjustmentMagnitude", json!(2)).is_err());
        assert_eq!(changed("Cooldown", json!(0)), Ok(()));
    }
}
