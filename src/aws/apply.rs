//! Carries out a plan: one call per action, in order, no decisions.

use super::Aws;
use crate::core::fault::{CallError, Fault, OUT_OF_TIME};
use crate::core::name::TargetId;
use crate::core::plan::{Action, PolicyArn, TargetPlan};
use crate::core::report::CallResult;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};

/// How fast policies may be written. Each write costs two of the three alarm calls a second that
/// CloudWatch gives a whole account ("CloudWatch service quotas").
#[derive(Clone, Debug, Default)]
pub struct Pace(Option<(Duration, Arc<Mutex<Option<Instant>>>)>);

impl Pace {
    /// One endpoint is never so much that it would have to wait.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(None)
    }

    /// At most one policy in each `interval`, over all that share this pace.
    #[must_use]
    pub fn one_each(interval: Duration) -> Self {
        Self(Some((interval, Arc::default())))
    }

    async fn wait_for(&self, action: &Action) {
        let (Some((interval, next)), Action::PutScalingPolicy(_) | Action::DeleteScalingPolicy(_)) =
            (&self.0, action)
        else {
            return;
        };
        let turn = {
            let mut next = next.lock().await;
            let turn = next.unwrap_or_else(Instant::now).max(Instant::now());
            *next = Some(turn + *interval);
            turn
        };
        sleep_until(turn).await;
    }
}

/// Makes the calls of one target until one fails or the time is up.
pub async fn apply(
    aws: &Aws,
    plan: &TargetPlan,
    deadline: Instant,
    pace: &Pace,
) -> Vec<CallResult> {
    let mut results = Vec::new();
    let mut arns = HashMap::new();
    let mut failed = false;
    for action in plan.actions() {
        if failed {
            results.push(CallResult::NotAttempted);
            continue;
        }
        let call = async {
            pace.wait_for(action).await;
            aws.call(&plan.id, action, &mut arns).await
        };
        let result = match timeout_at(deadline, call).await {
            Ok(Err(error)) if error.fault() == Fault::AlreadyGone => CallResult::Applied,
            Ok(Ok(())) => CallResult::Applied,
            Ok(Err(error)) => CallResult::Failed(error),
            Err(_) => CallResult::Failed(CallError {
                operation: action.operation(),
                code: OUT_OF_TIME.to_owned(),
                message: "this target's share of the remaining time was used up".to_owned(),
            }),
        };
        failed = result != CallResult::Applied;
        results.push(result);
    }
    results
}

impl Aws {
    /// `arns` holds the ARNs of policies that this plan has put.
    async fn call(
        &self,
        id: &TargetId,
        action: &Action,
        arns: &mut HashMap<String, String>,
    ) -> Result<(), CallError> {
        match action {
            Action::RegisterScalableTarget {
                range,
                suspended,
                tags,
            } => self.register(id, *range, *suspended, tags).await,
            Action::DeregisterScalableTarget => self.deregister(id).await,
            Action::PutScalingPolicy(policy) => {
                let arn = self.put_policy(id, policy).await?;
                arns.insert(policy.name.clone(), arn);
                Ok(())
            }
            Action::DeleteScalingPolicy(name) => self.delete_policy(id, name).await,
            Action::PutMetricAlarm {
                alarm,
                description,
                policy,
            } => {
                let arn = match policy {
                    PolicyArn::Held(arn) => Some(arn),
                    PolicyArn::Put(name) => arns.get(name),
                };
                self.put_alarm(alarm, description, arn.cloned()).await
            }
            Action::DeleteAlarms(names) => self.delete_alarms(names).await,
            Action::PutScheduledAction(action) => self.put_scheduled_action(id, action).await,
            Action::DeleteScheduledAction(name) => self.delete_scheduled_action(id, name).await,
            Action::TagResource { arn, tags } => self.tag(arn, tags).await,
            Action::UntagResource { arn, keys } => self.untag(arn, keys).await,
        }
    }
}
