//! The function: an event in, a report out.

use crate::aws::{Aws, Pace, counted, spelling};
use crate::core::event::{self, Hints, Message, Request};
use crate::core::installation::{Concern, Installation};
use crate::core::name::EndpointName;
use crate::core::report::{Outcome, Report, STATUS_IGNORED, SweepReport, Trigger};
use crate::metrics;
use crate::reconcile::{Job, in_time, reconcile, reconcile_component, release};
use crate::sweep::{Scope, sweep};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Kept back from the time the function has, for the report.
const RESERVE: Duration = Duration::from_millis(500);
/// After that, what could not be done yet is tried again: an endpoint is busy for minutes.
const LATER: Duration = Duration::from_mins(5);
/// Messages of a batch side by side.
const SIDE_BY_SIDE: usize = 4;

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
    let request = event::parse(&event.payload).map_err(|error| invalid(&error))?;
    let shell = Shell {
        aws,
        installation,
        deadline: Instant::now() + time_left(event.context.deadline()).saturating_sub(RESERVE),
    };
    match request {
        Request::Batch(messages) => Ok(shell.work_on_batch(messages).await),
        request => shell.work_on(request).await,
    }
}

fn invalid(error: &event::EventError) -> Diagnostic {
    Diagnostic {
        error_type: "InvalidEvent".into(),
        error_message: error.to_string(),
    }
}

fn time_left(deadline: SystemTime) -> Duration {
    deadline
        .duration_since(SystemTime::now())
        .unwrap_or_default()
}

/// What became of a request.
enum Done {
    Ignored,
    One(Box<Report>),
    Many(SweepReport),
}

struct Shell<'a> {
    aws: &'a Aws,
    installation: &'a Installation,
    deadline: Instant,
}

impl Shell<'_> {
    fn job(&self, trigger: Trigger, dry_run: bool) -> Job {
        Job {
            trigger,
            dry_run: dry_run || self.installation.dry_run,
            force: false,
            may_disrupt: true,
            now: Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::MAX),
            deadline: self.deadline,
            pace: Pace::unlimited(),
        }
    }

    /// A message that fails is delivered again, alone. Messages about one endpoint are worked on one
    /// after another: side by side, each would see a new endpoint and register it.
    async fn work_on_batch(&self, messages: Vec<Message>) -> Value {
        let mut groups: Vec<(Option<String>, Vec<Message>)> = Vec::new();
        for message in messages {
            let endpoint = message.request.as_ref().ok().and_then(Request::endpoint);
            let known = groups
                .iter_mut()
                .find(|(known, _)| endpoint.is_some() && *known == endpoint);
            match known {
                Some((_, group)) => group.push(message),
                None => groups.push((endpoint, vec![message])),
            }
        }
        let work = stream::iter(groups).map(|(_, group)| async move {
            let mut failures = Vec::new();
            for message in group {
                failures.extend(Box::pin(self.work_on_message(message)).await);
            }
            failures
        });
        let failures: Vec<_> = work.buffer_unordered(SIDE_BY_SIDE).collect().await;
        json!({"batchItemFailures": failures.concat()})
    }

    /// What SQS is to deliver again.
    async fn work_on_message(&self, Message { id, request }: Message) -> Option<Value> {
        let done = match request {
            Ok(request) => self.work_on(request).await.map(drop),
            Err(error) => Err(invalid(&error)),
        };
        done.err().map(|error| {
            let (kind, message) = (error.error_type, error.error_message);
            log_line(&json!({"messageId": id, "errorType": kind, "errorMessage": message}));
            json!({"itemIdentifier": id})
        })
    }

    async fn work_on(&self, request: Request) -> Result<Value, Diagnostic> {
        let started = Instant::now();
        let (answer, redelivery) = match self.answer(request).await {
            Done::Ignored => (json!(STATUS_IGNORED), None),
            Done::One(report) => {
                self.come_back(std::slice::from_ref(&report)).await;
                self.log_metrics(&metrics::Counts::of(&report), started);
                (
                    json!(report),
                    report.wants_redelivery().then(|| summary(&report)),
                )
            }
            Done::Many(report) => {
                self.come_back(&report.reports).await;
                self.log_metrics(&metrics::Counts::of_sweep(&report), started);
                let error = report.error.as_ref().filter(|_| report.wants_redelivery());
                (
                    json!(report),
                    error.map(|error| format!("the sweep is delivered again: {}", json!(error))),
                )
            }
        };
        log_line(&answer);
        match redelivery {
            None => Ok(answer),
            Some(error_message) => Err(Diagnostic {
                error_type: "Transient".into(),
                error_message,
            }),
        }
    }

    async fn answer(&self, request: Request) -> Done {
        let Self {
            aws, installation, ..
        } = self;
        let one = |report| Done::One(Box::new(report));
        match request {
            Request::Reconcile {
                endpoint,
                hints,
                trigger,
                dry_run,
                force,
            } => {
                let job = Job {
                    force,
                    ..self.job(trigger, dry_run)
                };
                one(Box::pin(reconcile(aws, installation, &job, &endpoint, &hints)).await)
            }
            Request::Retire { endpoint, trigger } => {
                let job = self.job(trigger, false);
                Box::pin(release(aws, installation, &job, &endpoint))
                    .await
                    .map_or(Done::Ignored, one)
            }
            Request::TagChange { lower_case } => {
                one(Box::pin(self.follow_tag_change(lower_case)).await)
            }
            Request::Component {
                endpoint: Some(endpoint),
                ..
            } => {
                let job = self.job(Trigger::InferenceComponentCall, false);
                one(Box::pin(reconcile(
                    aws,
                    installation,
                    &job,
                    &endpoint,
                    &Hints::default(),
                ))
                .await)
            }
            Request::Component { component, .. } => {
                let job = self.job(Trigger::InferenceComponentCall, false);
                one(Box::pin(reconcile_component(aws, installation, &job, &component)).await)
            }
            Request::Parameter { name } => {
                let job = self.job(Trigger::ParameterChange, false);
                let scope = match installation.concern(&name) {
                    None => return Done::Ignored,
                    Some(Concern::Endpoint(endpoint)) => {
                        return one(Box::pin(reconcile(
                            aws,
                            installation,
                            &job,
                            &endpoint,
                            &Hints::default(),
                        ))
                        .await);
                    }
                    Some(Concern::Profile(profile)) => Scope::Profile(profile),
                    Some(Concern::Everything) => Scope::Everything,
                };
                Done::Many(Box::pin(sweep(aws, installation, &job, &scope)).await)
            }
            Request::Sweep(request) => {
                let job = self.job(Trigger::Sweep, request.dry_run);
                Done::Many(
                    Box::pin(sweep(aws, installation, &job, &Scope::Requested(request))).await,
                )
            }
            // A batch inside a message is refused when it is parsed.
            Request::Batch(_) | Request::Ignore => Done::Ignored,
        }
    }

    async fn follow_tag_change(&self, lower_case: EndpointName) -> Report {
        let job = self.job(Trigger::TagChange, false);
        let (found, calls) = counted(in_time(job.deadline, spelling(self.aws, &lower_case))).await;
        let mut report = match found {
            Ok(found) => {
                let endpoint = found.unwrap_or(lower_case);
                Box::pin(reconcile(
                    self.aws,
                    self.installation,
                    &job,
                    &endpoint,
                    &Hints::default(),
                ))
                .await
            }
            Err(error) => Report::unread(lower_case, job.trigger, job.dry_run, error),
        };
        report.calls = report.calls + calls;
        report
    }

    /// What could not be done yet comes back through the queue, where there is one. Without it,
    /// the next event or sweep does it.
    async fn come_back(&self, reports: &[impl std::borrow::Borrow<Report>]) {
        let Some(queue) = &self.installation.queue_url else {
            return;
        };
        let deferred = reports
            .iter()
            .map(std::borrow::Borrow::borrow)
            .filter(|report| report.outcome == Outcome::Deferred);
        let names = deferred
            .filter(|report| !report.dry_run)
            .filter_map(|report| report.endpoint_name.as_ref());
        let payloads: Vec<_> = names
            .map(|name| json!({"action": "reconcile", "endpointName": name}))
            .collect();
        if let Err(error) = self.aws.enqueue(queue, &payloads, LATER).await {
            log_line(&json!({"operation": error.operation, "error": error}));
        }
    }

    fn log_metrics(&self, counts: &metrics::Counts, started: Instant) {
        let namespace = &self.installation.metrics_namespace;
        log_line(&metrics::embedded(
            namespace,
            counts,
            SystemTime::now(),
            started.elapsed(),
        ));
    }
}

fn summary(report: &Report) -> String {
    let name = report.endpoint_name.as_ref().map(EndpointName::as_str);
    format!(
        "{} could not be finished and is delivered again: {}",
        name.unwrap_or("an inference component"),
        json!({"targets": report.targets, "error": report.error})
    )
}

/// Reports and metrics are whole JSON lines of their own, which log subscriptions and the
/// embedded metric format rely on.
#[expect(clippy::print_stdout, reason = "standard output is the function's log")]
fn log_line(line: &Value) {
    println!("{line}");
}
