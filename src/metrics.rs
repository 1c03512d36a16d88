//! Our own CloudWatch metrics, as one line in the embedded metric format: no call, no dimension
//! per endpoint (each would be a metric to pay for).

use crate::core::report::{Outcome, Report};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The metrics of one event.
#[must_use]
pub fn embedded(namespace: &str, report: &Report, now: SystemTime, duration: Duration) -> Value {
    let count = |wanted: &[Outcome]| {
        report
            .targets
            .iter()
            .filter(|target| wanted.contains(&target.outcome))
            .count()
    };
    let unread = usize::from(report.error.is_some());
    let counts = [
        ("Reconciled", 1),
        (
            "Configured",
            count(&[Outcome::Configured, Outcome::Released]),
        ),
        ("Unchanged", count(&[Outcome::Unchanged])),
        ("Skipped", count(&[Outcome::Skipped])),
        ("Failed", count(&[Outcome::Failed]) + unread),
        ("Calls", (report.calls.reads + report.calls.writes) as usize),
    ];
    let names = counts
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
    for (name, count) in counts {
        line[name] = json!(count);
    }
    line
}
