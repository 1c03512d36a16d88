//! The loop for one endpoint: observe, decide, and only then write.

use crate::aws::{
    Aws, ComponentLook, Pace, apply, counted, observe, observe_component, observe_more,
    observe_retiring,
};
use crate::core::desire::{Desired, desire, retire};
use crate::core::event::Hints;
use crate::core::fault::{CallError, OUT_OF_TIME};
use crate::core::installation::Installation;
use crate::core::name::{ComponentName, EndpointName, TargetId};
use crate::core::observation::{HeldScaling, Observation};
use crate::core::plan::{EndpointPlan, TargetPlan, Wants, plan, release_orphan};
use crate::core::report::{CallResult, Report, TargetReport, Trigger};
use jiff::Timestamp;
use std::future::Future;
use tokio::time::{Instant, timeout_at};

/// How to work, whatever the endpoint.
#[derive(Clone, Debug)]
pub struct Job {
    /// What asked.
    pub trigger: Trigger,
    /// Stop before writing.
    pub dry_run: bool,
    /// Restore bounds that a schedule or a person moved.
    pub force: bool,
    /// Whether targets may be released or lowered.
    pub may_disrupt: bool,
    /// When it was asked.
    pub now: Timestamp,
    /// When everything must be over.
    pub deadline: Instant,
    /// How fast policies may be written.
    pub pace: Pace,
}

/// Brings one endpoint to its desired state. Where that is no longer as it was observed, because
/// another event about the same new endpoint was faster, it looks once more.
pub async fn reconcile(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    endpoint: &EndpointName,
    hints: &Hints,
) -> Report {
    let first = Box::pin(look(aws, installation, job, endpoint, hints)).await;
    if !first.is_outdated() || Instant::now() >= job.deadline {
        return first;
    }
    let second = Box::pin(look(aws, installation, job, endpoint, hints)).await;
    Report {
        calls: first.calls + second.calls,
        ..second
    }
}

/// Observes, decides and writes.
async fn look(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    endpoint: &EndpointName,
    hints: &Hints,
) -> Report {
    report(aws, job, endpoint, async {
        let observation = observe(aws, installation, endpoint, hints, job.now).await?;
        let wish = |seen: &Observation| desire(seen, installation);
        // What is remembered of a target can be all that is wrong with it, where the last call of an
        // earlier run was lost. An event does not look for that, a sweep does.
        let observation = if job.trigger == Trigger::Sweep {
            recall(aws, observation).await?
        } else {
            observation
        };
        decide(aws, installation, observation, job.force, &wish)
            .await
            .map(Some)
    })
    .await
    .unwrap_or_else(|| unreachable!("an endpoint that is looked at has a plan"))
}

/// Releases what an endpoint that is going away still has; `None` when it is there after all.
pub async fn release(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    endpoint: &EndpointName,
) -> Option<Report> {
    report(aws, job, endpoint, async {
        match observe_retiring(aws, endpoint, job.now).await? {
            None => Ok(None),
            Some(observation) => decide(aws, installation, observation, job.force, &retire)
                .await
                .map(Some),
        }
    })
    .await
}

/// Follows a call about an inference component to its endpoint; where the component is gone and
/// nobody says where it was, releases what it left.
pub async fn reconcile_component(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    component: &ComponentName,
) -> Report {
    let look = in_time(job.deadline, observe_component(aws, component));
    let (look, calls) = counted(look).await;
    let mut report = match look {
        Ok(ComponentLook::On(endpoint)) => {
            Box::pin(reconcile(
                aws,
                installation,
                job,
                &endpoint,
                &Hints::default(),
            ))
            .await
        }
        Ok(ComponentLook::Gone(scaling)) => {
            let (targets, calls) = counted(release_orphans(aws, installation, job, scaling)).await;
            let (targets, error) = match targets {
                Ok(targets) => (targets, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            let mut report = Report::of_orphans(job.trigger, job.dry_run, targets, error);
            report.calls = calls;
            report
        }
        Err(error) => Report::of_orphans(job.trigger, job.dry_run, Vec::new(), Some(error)),
    };
    report.calls = report.calls + calls;
    report
}

/// Releases targets whose endpoint or component is gone, as far as they are ours. Whose they are
/// is read just before.
pub async fn release_orphans(
    aws: &Aws,
    installation: &Installation,
    job: &Job,
    orphans: impl IntoIterator<Item = (TargetId, HeldScaling)>,
) -> Result<Vec<TargetReport>, CallError> {
    let mut reports = Vec::new();
    for (id, mut held) in orphans {
        held.target.tags = Some(in_time(job.deadline, aws.target_tags(&held.target.arn)).await?);
        let plan = release_orphan(id, &held, installation);
        let results = carry_out(aws, job, &plan, job.deadline).await;
        reports.push(TargetReport::new(&plan, results));
    }
    Ok(reports)
}

/// Decides, carries out what was decided, and tells what became of it and what it cost.
async fn report(
    aws: &Aws,
    job: &Job,
    endpoint: &EndpointName,
    decided: impl Future<Output = Result<Option<EndpointPlan>, CallError>>,
) -> Option<Report> {
    let work = async {
        match in_time(job.deadline, decided).await {
            Err(error) => Some(Report::unread(
                endpoint.clone(),
                job.trigger,
                job.dry_run,
                error,
            )),
            Ok(None) => None,
            Ok(Some(plan)) => {
                let plan = if job.may_disrupt {
                    plan
                } else {
                    plan.without_disruption()
                };
                let targets = carry_out_all(aws, job, &plan).await;
                Some(Report::new(
                    endpoint.clone(),
                    job.trigger,
                    job.dry_run,
                    &plan,
                    targets,
                ))
            }
        }
    };
    let (report, calls) = counted(Box::pin(work)).await;
    let mut report = report?;
    report.calls = calls;
    Some(report)
}

/// Reads what is remembered of all targets.
async fn recall(aws: &Aws, observation: Observation) -> Result<Observation, CallError> {
    let held = observation.scaling.iter();
    let tags = held.map(|(id, held)| (id.clone(), held.target.arn.clone()));
    let wants = Wants {
        tags: tags.collect(),
        alarms: false,
    };
    observe_more(aws, observation, &wants).await
}

/// Where a plan hangs on what was not read yet, that is read and the decision made again: still
/// read, then decide, then write.
async fn decide(
    aws: &Aws,
    installation: &Installation,
    mut observation: Observation,
    force: bool,
    wish: &dyn Fn(&Observation) -> Desired,
) -> Result<EndpointPlan, CallError> {
    loop {
        let plan = plan(wish(&observation), &observation, installation, force);
        let wants = plan.wants(&observation);
        if wants.is_nothing() {
            return Ok(plan);
        }
        observation = observe_more(aws, observation, &wants).await?;
    }
}

/// Each target gets an equal share of the time that is left when its turn comes, so that the
/// first cannot starve the others.
async fn carry_out_all(aws: &Aws, job: &Job, plan: &EndpointPlan) -> Vec<TargetReport> {
    let mut reports = Vec::new();
    for (index, target) in plan.targets.iter().enumerate() {
        let left = job.deadline.saturating_duration_since(Instant::now());
        let turns = u32::try_from(plan.targets.len() - index).unwrap_or(u32::MAX);
        let results = carry_out(aws, job, target, Instant::now() + left / turns).await;
        reports.push(TargetReport::new(target, results));
    }
    reports
}

async fn carry_out(
    aws: &Aws,
    job: &Job,
    target: &TargetPlan,
    deadline: Instant,
) -> Vec<CallResult> {
    if job.dry_run {
        target.actions().map(|_| CallResult::Planned).collect()
    } else {
        apply(aws, target, deadline, &job.pace).await
    }
}

pub(crate) async fn in_time<T>(
    deadline: Instant,
    reading: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    timeout_at(deadline, reading).await.unwrap_or_else(|_| {
        Err(CallError {
            operation: "Observe",
            code: OUT_OF_TIME.to_owned(),
            message: "the reads did not finish before the function's deadline".to_owned(),
        })
    })
}
