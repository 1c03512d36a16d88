//! Carries out a plan: one call per action, in order, no decisions.

use super::{Aws, call_error, convert};
use crate::core::fault::{CallError, Fault, OUT_OF_TIME};
use crate::core::name::TargetId;
use crate::core::plan::{Action, PolicyArn, TargetPlan};
use crate::core::report::CallResult;
use crate::core::scaling::{
    AlarmDefinition, CapacityRange, Dimensions, PolicyBody, ScalingPolicy, ScheduledAction,
    Suspension,
};
use aws_sdk_applicationautoscaling::error::BuildError;
use aws_sdk_applicationautoscaling::types::{PolicyType, ScalableTargetAction, ServiceNamespace};
use aws_sdk_cloudwatch::types::Dimension;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
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
            Action::DeleteAlarms(names) => {
                let request = self
                    .cloudwatch
                    .delete_alarms()
                    .set_alarm_names(Some(names.clone()));
                done(action.operation(), request.send().await)
            }
            Action::PutScheduledAction(action) => self.put_scheduled_action(id, action).await,
            Action::DeleteScheduledAction(name) => self.delete_scheduled_action(id, name).await,
            Action::TagResource { arn, tags } => {
                let request = self
                    .scaling
                    .tag_resource()
                    .resource_arn(arn)
                    .set_tags(Some(owned(tags)));
                done(action.operation(), request.send().await)
            }
            Action::UntagResource { arn, keys } => {
                let keys = keys.iter().map(|key| (*key).to_owned()).collect();
                let request = self
                    .scaling
                    .untag_resource()
                    .resource_arn(arn)
                    .set_tag_keys(Some(keys));
                done(action.operation(), request.send().await)
            }
        }
    }

    async fn register(
        &self,
        id: &TargetId,
        range: Option<CapacityRange>,
        suspended: Option<Suspension>,
        tags: &[(&'static str, String)],
    ) -> Result<(), CallError> {
        let request = self
            .scaling
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .set_min_capacity(range.map(|range| convert::signed(range.min())))
            .set_max_capacity(range.map(|range| convert::signed(range.max())))
            .set_suspended_state(suspended.map(convert::suspended_state))
            .set_tags(Some(owned(tags)).filter(|tags| !tags.is_empty()));
        done("RegisterScalableTarget", request.send().await)
    }

    async fn deregister(&self, id: &TargetId) -> Result<(), CallError> {
        let request = self
            .scaling
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into());
        done("DeregisterScalableTarget", request.send().await)
    }

    async fn delete_policy(&self, id: &TargetId, name: &str) -> Result<(), CallError> {
        let request = self
            .scaling
            .delete_scaling_policy()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .policy_name(name);
        done("DeleteScalingPolicy", request.send().await)
    }

    async fn delete_scheduled_action(&self, id: &TargetId, name: &str) -> Result<(), CallError> {
        let request = self
            .scaling
            .delete_scheduled_action()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .scheduled_action_name(name);
        done("DeleteScheduledAction", request.send().await)
    }

    async fn put_policy(&self, id: &TargetId, policy: &ScalingPolicy) -> Result<String, CallError> {
        let operation = "PutScalingPolicy";
        let request = self
            .scaling
            .put_scaling_policy()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .policy_name(&policy.name);
        let request = match &policy.body {
            PolicyBody::TargetTracking(tracking) => {
                let tracking = convert::tracking_configuration(tracking);
                request
                    .policy_type(PolicyType::TargetTrackingScaling)
                    .target_tracking_scaling_policy_configuration(
                        tracking.map_err(|error| unbuilt(operation, &error))?,
                    )
            }
            PolicyBody::Step(step) => {
                let step = convert::step_configuration(step);
                request
                    .policy_type(PolicyType::StepScaling)
                    .step_scaling_policy_configuration(
                        step.map_err(|error| unbuilt(operation, &error))?,
                    )
            }
            PolicyBody::Opaque => unreachable!("a document says nothing that has no type"),
        };
        let answer = request
            .send()
            .await
            .map_err(|error| call_error(operation, &error))?;
        Ok(answer.policy_arn)
    }

    async fn put_alarm(
        &self,
        alarm: &AlarmDefinition,
        description: &str,
        policy_arn: Option<String>,
    ) -> Result<(), CallError> {
        let dimensions = alarm.dimensions.iter().flat_map(|Dimensions(all)| all);
        let dimensions =
            dimensions.map(|(name, value)| Dimension::builder().name(name).value(value).build());
        let request = self
            .cloudwatch
            .put_metric_alarm()
            .alarm_name(&alarm.alarm_name)
            .alarm_description(description)
            .set_alarm_actions(policy_arn.map(|arn| vec![arn]))
            .namespace(&alarm.namespace)
            .metric_name(&alarm.metric_name)
            .set_dimensions(Some(dimensions.collect()))
            .statistic(alarm.statistic.as_str().into())
            .period(convert::signed(alarm.period))
            .evaluation_periods(convert::signed(alarm.evaluation_periods))
            .set_datapoints_to_alarm(alarm.datapoints_to_alarm.map(convert::signed))
            .threshold(alarm.threshold)
            .comparison_operator(alarm.comparison_operator.as_str().into())
            .treat_missing_data(&alarm.treat_missing_data)
            .set_unit(alarm.unit.as_deref().map(Into::into));
        done("PutMetricAlarm", request.send().await)
    }

    async fn put_scheduled_action(
        &self,
        id: &TargetId,
        action: &ScheduledAction,
    ) -> Result<(), CallError> {
        let bounds = action.scalable_target_action;
        let bounds = ScalableTargetAction::builder()
            .set_min_capacity(bounds.min_capacity.map(convert::signed))
            .set_max_capacity(bounds.max_capacity.map(convert::signed))
            .build();
        let request = self
            .scaling
            .put_scheduled_action()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .scheduled_action_name(&action.scheduled_action_name)
            .schedule(&action.schedule)
            .set_timezone(action.timezone.clone())
            .scalable_target_action(bounds);
        done("PutScheduledAction", request.send().await)
    }
}

fn owned(tags: &[(&'static str, String)]) -> HashMap<String, String> {
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()));
    tags.collect()
}

fn done<T, E>(
    operation: &'static str,
    sent: Result<T, SdkError<E, HttpResponse>>,
) -> Result<(), CallError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    sent.map(drop)
        .map_err(|error| call_error(operation, &error))
}

fn unbuilt(operation: &'static str, error: &BuildError) -> CallError {
    CallError {
        operation,
        code: "InvalidRequest".to_owned(),
        message: error.to_string(),
    }
}
