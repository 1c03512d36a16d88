//! What AWS does not publish, as named parameters.
//!
//! `docs/simulator.md` lists every field with its default and its source. What AWS does publish is
//! not here: it is written into the model, with its page beside it.

use serde::{Deserialize, Serialize};

/// Everything the model has to assume. Durations are in seconds.
///
/// ```
/// use endpoint_autoscaler_simulator::Assumptions;
///
/// let slow = Assumptions { publish_lag: 240, ..Assumptions::default() };
/// assert_eq!(slow.high_datapoints, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent statement about AWS that holds or does not"
)]
pub struct Assumptions {
    /// From the end of a period of a minute or more until alarms see its data point.
    pub publish_lag: u32,
    /// The same for periods below a minute.
    pub high_resolution_publish_lag: u32,
    /// Data points that CloudWatch looks back for beyond the evaluation periods, where some are
    /// missing.
    pub extra_datapoints: u32,
    /// Breaching minutes in a row until a target-tracking policy scales out.
    pub high_datapoints: u32,
    /// Breaching minutes in a row until a target-tracking policy scales in.
    pub low_datapoints: u32,
    /// Share of the target value below which a data point counts for scaling in.
    pub low_ratio: f64,
    /// Period of the alarms on high-resolution metrics.
    pub high_resolution_period: u32,
    /// Breaching periods in a row until a policy on a high-resolution metric scales out.
    pub high_resolution_high_datapoints: u32,
    /// Breaching periods in a row until a policy on a high-resolution metric scales in.
    pub high_resolution_low_datapoints: u32,
    /// Between two invocations of the action of an alarm that stays in ALARM.
    pub alarm_action_interval: u32,
    /// Between two attempts to bring the capacity back inside its bounds, while the endpoint is
    /// Updating.
    pub bounds_retry_interval: u32,
    /// Whether a target-tracking policy computes from the capacity before a scale-out for as long
    /// as its cooldown runs, so that only a need beyond what was added passes. If not, it computes
    /// from the current capacity and subtracts what was added, which multiplies data points that
    /// are older than the new instances.
    pub cooldown_counts_from_before: bool,
    /// From a scale-in until the endpoint is InService again.
    pub scale_in_duration: u32,
    /// Whether instances that are being removed serve until the endpoint is InService again.
    pub removed_instances_serve: bool,
    /// Whether instances are paid for while they start.
    pub start_up_is_billed: bool,
    /// Whether SageMaker publishes zeros for its invocation metrics when there are no requests.
    pub idle_publishes_zero: bool,
    /// Whether the utilization of provisioned concurrency ends at 1.
    pub utilization_is_capped: bool,
    /// Whether a step policy acts when its alarm breaches by missing data alone; the breach then
    /// counts as zero.
    pub missing_breach_acts: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            publish_lag: 180,
            high_resolution_publish_lag: 10,
            extra_datapoints: 2,
            high_datapoints: 3,
            low_datapoints: 15,
            low_ratio: 0.9,
            high_resolution_period: 10,
            high_resolution_high_datapoints: 3,
            high_resolution_low_datapoints: 90,
            alarm_action_interval: 60,
            bounds_retry_interval: 60,
            cooldown_counts_from_before: true,
            scale_in_duration: 420,
            removed_instances_serve: false,
            start_up_is_billed: true,
            idle_publishes_zero: true,
            utilization_is_capped: true,
            missing_breach_acts: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumption_is_in_the_documentation_with_its_default() {
        let page = include_str!("../../../docs/simulator.md");
        let fields = serde_json::to_value(Assumptions::default()).expect("plain numbers");
        for (name, value) in fields.as_object().expect("a struct") {
            let mut field = String::new();
            for letter in name.chars() {
                if letter.is_uppercase() {
                    field.push('_');
                }
                field.push(letter.to_ascii_lowercase());
            }
            let row = format!("| `{field}` | {value} |");
            assert!(page.contains(&row), "docs/simulator.md has no row `{row}`");
        }
    }
}
