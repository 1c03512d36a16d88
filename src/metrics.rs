//! Our own CloudWatch metrics, as one line in the embedded metric format: no call, no dimension
//! per endpoint (each would be a metric to pay for).

use crate::core::report::{Calls, Outcome, Report, SweepReport};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the metrics of one event count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    reconciled: usize,
    configured: usize,
    unchanged: usize,
    skipped: usize,
    failed: usize,
    calls: Calls,
}

impl Counts {
    /// Targets of one endpoint, and a read that failed.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut counts = Self {
            reconciled: 1,
            failed: usize::from(report.error.is_some()),
            calls: report.calls,
            ..Self::default()
        };
        for target in &report.targets {
            counts.add(target.outcome, 1);
        }
        counts
    }

    /// Endpoints of a sweep.
    #[must_use]
    pub fn of_sweep(report: &SweepReport) -> Self {
        let mut counts = Self {
            reconciled: report.outcomes.values().sum(),
            failed: usize::from(report.error.is_some()),
            calls: report.calls,
            ..Self::default()
        };
        for (outcome, number) in &report.outcomes {
            counts.add(*outcome, *number);
        }
        counts
    }

    fn add(&mut self, outcome: Outcome, number: usize) {
        match outcome {
            Outcome::Configured | Outcome::Released => self.configured += number,
            Outcome::Unchanged => self.unchanged += number,
            Outcome::Skipped => self.skipped += number,
            Outcome::Failed => self.failed += number,
            Outcome::Planned | Outcome::Deferred => {}
        }
    }
}

/// The metrics of one event.
#[must_use]
pub fn embedded(namespace: &str, counts: &Counts, now: SystemTime, duration: Duration) -> Value {
    let values = [
        ("Reconciled", counts.reconciled),
        ("Configured", counts.configured),
        ("Unchanged", counts.unchanged),
        ("Skipped", counts.skipped),
        ("Failed", counts.failed),
        ("Calls", (counts.calls.reads + counts.calls.writes) as usize),
    ];
    let names = values
        .iter()
        .map(|(name, _)| json!({"Name": name, "Unit": "Count"}));
    let names = names.chain([json!({"Name": "Duration", "Unit": "Milliseconds"})]);
    let millis = now
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let mut line = json!({
        "_aws": {
            "Timestamp": u64::try_from(millis).unwrap_or_default(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [[]],
                "Metrics": names.collect::<Vec<_>>(),
            }],
        },
        "Duration": duration.as_secs_f64() * 1000.0,
    });
    for (name, value) in values {
        line[name] = json!(value);
    }
    line
}
