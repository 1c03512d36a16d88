//! The loop: observe, decide, and only then write.

use crate::aws::{Aws, apply, observe, observe_retiring, observe_target_tags};
use crate::core::desire::{Desired, desire, retire};
use crate::core::fault::{CallError, OUT_OF_TIME};
use crate::core::installation::Installation;
use crate::core::name::EndpointName;
use crate::core::observation::Observation;
use crate::core::plan::{EndpointPlan, plan};
use crate::core::report::{CallResult, Calls, Report, TargetReport, Trigger};
use std::future::Future;
use tokio::time::{Instant, timeout_at};

/// Which endpoint to bring to its desired state, and how.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which endpoint.
    pub endpoint: EndpointName,
    /// Its ARN, where the event carried one.
    pub arn: Option<String>,
    /// What asked.
    pub trigger: Trigger,
    /// Stop before writing.
    pub dry_run: bool,
    /// Restore bounds that a schedule or a person moved.
    pub force: bool,
    /// When everything must be over.
    pub deadline: Instant,
}

/// Brings one endpoint to its desired state.
pub async fn reconcile(aws: &Aws, installation: &Installation, task: &Task) -> Report {
    let before = aws.calls();
    let decided = in_time(task.deadline, async {
        let observation = observe(aws, installation, &task.endpoint, task.arn.as_deref()).await?;
        decide(aws, installation, observation, task.force, &|seen| {
            desire(seen, installation)
        })
        .await
    });
    finish(aws, task, before, Box::pin(decided).await).await
}

/// Releases what an endpoint that is going away still has; `None` when it is there after all.
pub async fn release(aws: &Aws, installation: &Installation, task: &Task) -> Option<Report> {
    let before = aws.calls();
    let decided = in_time(task.deadline, async {
        match observe_retiring(aws, &task.endpoint).await? {
            None => Ok(None),
            Some(observation) => decide(aws, installation, observation, task.force, &retire)
                .await
                .map(Some),
        }
    });
    Some(finish(aws, task, before, Box::pin(decided).await.transpose()?).await)
}

/// Where something would be done to a target that exists, whose it is is read first, and the
/// decision is made again with it: still read, then decide, then write.
async fn decide(
    aws: &Aws,
    installation: &Installation,
    observation: Observation,
    force: bool,
    wish: &dyn Fn(&Observation) -> Desired,
) -> Result<EndpointPlan, CallError> {
    let first = plan(wish(&observation), &observation, installation, force);
    let wanted = first.wants_tags(&observation);
    if wanted.is_empty() {
        return Ok(first);
    }
    let wanted = wanted
        .into_iter()
        .map(|(id, target)| (id.clone(), target.arn.clone()))
        .collect();
    let observation = observe_target_tags(aws, observation, wanted).await?;
    Ok(plan(wish(&observation), &observation, installation, force))
}

async fn finish(
    aws: &Aws,
    task: &Task,
    before: Calls,
    decided: Result<EndpointPlan, CallError>,
) -> Report {
    let mut report = match decided {
        Err(error) => Report::unread(task.endpoint.clone(), task.trigger, task.dry_run, error),
        Ok(plan) => {
            let targets = carry_out(aws, task, &plan).await;
            Report::new(
                task.endpoint.clone(),
                task.trigger,
                task.dry_run,
                &plan,
                targets,
            )
        }
    };
    let after = aws.calls();
    report.calls = Calls {
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
    };
    report
}

/// Each target gets an equal share of the time that is left when its turn comes, so that the
/// first cannot starve the others.
async fn carry_out(aws: &Aws, task: &Task, plan: &EndpointPlan) -> Vec<TargetReport> {
    let mut reports = Vec::new();
    for (index, target) in plan.targets.iter().enumerate() {
        let results = if task.dry_run {
            target.actions().map(|_| CallResult::Planned).collect()
        } else {
            let left = task.deadline.saturating_duration_since(Instant::now());
            let turns = u32::try_from(plan.targets.len() - index).unwrap_or(u32::MAX);
            apply(aws, target, Instant::now() + left / turns).await
        };
        reports.push(TargetReport::new(target, results));
    }
    reports
}

async fn in_time<T>(
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
