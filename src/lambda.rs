//! The function: an event in, a report out.

use crate::aws::Aws;
use crate::core::event::{self, Request};
use crate::core::installation::Installation;
use crate::core::report::{Report, STATUS_IGNORED};
use crate::metrics;
use crate::reconcile::{Task, reconcile, release};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Kept back from the time the function has, for the report.
const RESERVE: Duration = Duration::from_millis(500);

/// Works on one event.
///
/// # Errors
/// An error makes Lambda deliver the event again, and keep it in the dead-letter queue in the
/// end: for payloads that cannot be understood, and for faults that may pass by themselves. What
/// a person must fix is a report, since repeating cannot help.
pub async fn handle(
    aws: &Aws,
    installation: &Installation,
    event: LambdaEvent<Value>,
) -> Result<Value, Diagnostic> {
    let started = Instant::now();
    let request = event::parse(&event.payload).map_err(|error| Diagnostic {
        error_type: "InvalidEvent".into(),
        error_message: error.to_string(),
    })?;
    let deadline = started + time_left(event.context.deadline()).saturating_sub(RESERVE);
    let report = match request {
        Request::Ignore => None,
        Request::Reconcile {
            endpoint,
            arn,
            trigger,
            dry_run,
            force,
        } => {
            let dry_run = dry_run || installation.dry_run;
            let task = Task {
                endpoint,
                arn,
                trigger,
                dry_run,
                force,
                deadline,
            };
            Some(Box::pin(reconcile(aws, installation, &task)).await)
        }
        Request::Retire { endpoint, trigger } => {
            let dry_run = installation.dry_run;
            let task = Task {
                endpoint,
                arn: None,
                trigger,
                dry_run,
                force: false,
                deadline,
            };
            Box::pin(release(aws, installation, &task)).await
        }
    };
    let Some(report) = report else {
        log_line(&json!(STATUS_IGNORED));
        return Ok(json!(STATUS_IGNORED));
    };
    let answer = json!(report);
    log_line(&answer);
    let namespace = &installation.metrics_namespace;
    log_line(&metrics::embedded(
        namespace,
        &report,
        SystemTime::now(),
        started.elapsed(),
    ));
    if report.wants_redelivery() {
        return Err(Diagnostic {
            error_type: "Transient".into(),
            error_message: summary(&report),
        });
    }
    Ok(answer)
}

fn time_left(deadline: SystemTime) -> Duration {
    deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
}

fn summary(report: &Report) -> String {
    format!(
        "{} could not be finished and is delivered again: {}",
        report.endpoint_name,
        json!({"targets": report.targets, "error": report.error})
    )
}

/// Reports and metrics are whole JSON lines of their own, which log subscriptions and the
/// embedded metric format rely on.
#[expect(clippy::print_stdout, reason = "standard output is the function's log")]
fn log_line(line: &Value) {
    println!("{line}");
}
