//! The loop over many endpoints. Lists of the whole account tell which endpoints deserve a look of
//! their own; only those are reconciled, from fresh reads.

use crate::aws::{Aws, Gone, Listed, Pace, Survey, counted, survey};
use crate::core::desire::desire;
use crate::core::event::{Hints, Sweep};
use crate::core::installation::Installation;
use crate::core::name::EndpointName;
use crate::core::plan::plan;
use crate::core::report::{Report, SweepReport, TargetReport};
use crate::reconcile::{Job, in_time, reconcile, reconcile_component, release};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Endpoints side by side. SageMaker publishes no rates; where it throttles, the clients slow down.
const SIDE_BY_SIDE: usize = 8;
/// Endpoints in one message of a fanned-out sweep.
const BATCH: usize = 500;
/// Between two writes of policies: each costs two of the three alarm calls a second that
/// CloudWatch gives a whole account.
const PACE: Duration = Duration::from_secs(1);
/// Before the deadline, to hand the rest on and to report.
const RESERVE: Duration = Duration::from_secs(5);

/// Which of the endpoints in reach a sweep is about.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Those a request names, or all, with what is left over of endpoints that are gone.
    Requested(Sweep),
    /// Those that use a profile.
    Profile(String),
    /// All, because what holds for all of them changed.
    Everything,
}

impl Scope {
    fn includes(&self, name: &EndpointName, listed: &Listed, installation: &Installation) -> bool {
        match self {
            Self::Requested(sweep) => {
                sweep.after.as_ref().is_none_or(|after| name > after)
                    && sweep.only.as_ref().is_none_or(|only| only.contains(name))
            }
            Self::Profile(profile) => listed.profile(installation) == *profile,
            Self::Everything => true,
        }
    }

    /// One batch of a larger sweep is worked on where it is.
    fn is_batch(&self) -> bool {
        matches!(self, Self::Requested(Sweep { only: Some(_), .. }))
    }

    /// What endpoints that are gone have left is looked for once, at the beginning of a sweep.
    fn covers_gone(&self) -> bool {
        matches!(
            self,
            Self::Requested(Sweep {
                only: None,
                after: None,
                ..
            })
        )
    }
}

/// Brings many endpoints to their desired state.
pub async fn sweep(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    scope: &Scope,
) -> SweepReport {
    let job = Job {
        deadline: job.deadline.checked_sub(RESERVE).unwrap_or(job.deadline),
        pace: Pace::one_each(PACE),
        ..job.clone()
    };
    let aws = aws.for_many_calls();
    let (mut report, calls) = counted(Box::pin(work(&aws, installation, job, scope))).await;
    report.calls = calls;
    report
}

async fn work(aws: &Aws, installation: &Installation, mut job: Job, scope: &Scope) -> SweepReport {
    let mut report = SweepReport::new(job.trigger, job.dry_run);
    let survey = match in_time(job.deadline, survey(aws, installation, job.now)).await {
        Ok(survey) => survey,
        Err(error) => {
            report.fail(error);
            return report;
        }
    };
    let endpoints = survey.endpoints.iter();
    let endpoints: Vec<_> = endpoints
        .filter(|(name, listed)| scope.includes(name, listed, installation))
        .collect();
    let fans_out = installation.queue_url.is_some() && !scope.is_batch() && endpoints.len() > BATCH;
    if fans_out {
        let names: Vec<_> = endpoints.iter().map(|(name, _)| (*name).clone()).collect();
        report.enqueued = hand_on(aws, installation, &job, &names, &mut report).await;
    }
    let looks = if fans_out {
        Vec::new()
    } else {
        glance_at_all(aws, installation, &job, &survey, &endpoints).await
    };
    let gone = if scope.covers_gone() {
        survey.gone(installation)
    } else {
        Gone::default()
    };
    // What is gone has no capacity that could be lost.
    for endpoint in &gone.endpoints {
        if let Some(released) = Box::pin(release(aws, installation, &job, endpoint)).await {
            report.add(released);
        }
    }
    for component in &gone.components {
        report.add(Box::pin(reconcile_component(aws, installation, &job, component)).await);
    }
    let disruption = looks.iter().map(Look::disruption).sum::<usize>();
    let owned = endpoints
        .iter()
        .map(|(_, listed)| listed.owned(installation))
        .sum();
    job.may_disrupt = disruption <= installation.allowed_disruption(owned);
    let missed = reconcile_open(aws, installation, &job, looks, &mut report).await;
    if !missed.is_empty() {
        let before = |(name, _): &&(&EndpointName, &Listed)| **name < missed[0];
        report.after = endpoints
            .iter()
            .take_while(before)
            .last()
            .map(|(name, _)| (*name).clone());
        report.missed = missed.len();
        report.enqueued = hand_on(aws, installation, &job, &missed, &mut report).await;
    }
    report
}

/// Puts endpoints into the queue, if there is one; tells how many it took.
async fn hand_on(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    names: &[EndpointName],
    report: &mut SweepReport,
) -> usize {
    let Some(queue) = &installation.queue_url else {
        return 0;
    };
    let batches = names.chunks(BATCH).map(|names| {
        // Asked for without it, a sweep that only looks stays one.
        json!({"action": "scan", "endpointNames": names, "dryRun": job.dry_run})
    });
    match aws
        .enqueue(queue, &batches.collect::<Vec<Value>>(), Duration::ZERO)
        .await
    {
        Ok(()) => names.len(),
        Err(error) => {
            report.fail(error);
            0
        }
    }
}

/// What the lists let expect of one endpoint.
enum Look {
    /// Nothing to do; this is its report.
    Settled(Box<Report>),
    /// Something to do: it deserves a look of its own.
    Open {
        endpoint: EndpointName,
        disruption: usize,
    },
}

impl Look {
    fn disruption(&self) -> usize {
        match self {
            Self::Open { disruption, .. } => *disruption,
            Self::Settled(_) => 0,
        }
    }
}

async fn glance_at_all(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    survey: &Survey,
    endpoints: &[(&EndpointName, &Listed)],
) -> Vec<Look> {
    let looks = stream::iter(endpoints)
        .map(|(name, listed)| glance(aws, installation, job, survey, name, listed));
    looks.buffered(SIDE_BY_SIDE).collect().await
}

async fn glance(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    survey: &Survey,
    name: &EndpointName,
    listed: &Listed,
) -> Look {
    let (seen, calls) = counted(in_time(
        job.deadline,
        survey.observe(aws, installation, name, listed),
    ))
    .await;
    let planned = seen.map(|seen| plan(desire(&seen, installation), &seen, installation, false));
    match planned {
        Ok(plan) if plan.is_empty() => {
            let targets = plan
                .targets
                .iter()
                .map(|target| TargetReport::new(target, Vec::new()));
            let report = Report::new(
                name.clone(),
                job.trigger,
                job.dry_run,
                &plan,
                targets.collect(),
            );
            Look::Settled(Box::new(Report { calls, ..report }))
        }
        // Refused here, it is refused again or answered there, in a report of its own.
        planned => Look::Open {
            endpoint: name.clone(),
            disruption: planned.map_or(0, |plan| plan.disruption()),
        },
    }
}

/// Reconciles what deserves it, and reports everything; answers the endpoints for which the time
/// was too short.
async fn reconcile_open(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    looks: Vec<Look>,
    report: &mut SweepReport,
) -> Vec<EndpointName> {
    let work = stream::iter(looks).map(|look| async move {
        let endpoint = match look {
            Look::Settled(report) => return (Some(*report), None),
            Look::Open { endpoint, .. } => endpoint,
        };
        if Instant::now() >= job.deadline {
            return (None, Some(endpoint));
        }
        let hints = Hints::default();
        let done = Box::pin(reconcile(aws, installation, job, &endpoint, &hints)).await;
        // Cut short in the middle, it is missed like those behind it.
        let cut_short = done.wants_redelivery() && Instant::now() >= job.deadline;
        (Some(done), cut_short.then_some(endpoint))
    });
    let mut work = std::pin::pin!(work.buffered(SIDE_BY_SIDE));
    let mut missed = Vec::new();
    while let Some((done, left)) = work.next().await {
        if let Some(done) = done {
            report.add(done);
        }
        missed.extend(left);
    }
    missed
}
