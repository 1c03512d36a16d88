//! Carries out a plan: one call per action, in order, no decisions.

use super::{Aws, call_error, convert};
use crate::core::fault::{CallError, Fault, OUT_OF_TIME};
use crate::core::name::TargetId;
use crate::core::plan::{Action, PolicyArn, TargetPlan};
use crate::core::report::CallResult;
use crate::core::scaling::{
    AlarmDefinition, Dimensions, PolicyBody, ScalingPolicy, ScheduledAction,
};
use aws_sdk_applicationautoscaling::error::BuildError;
use aws_sdk_applicationautoscaling::types::{
    PolicyType, ScalableDimension, ScalableTargetAction, ServiceNamespace,
};
use aws_sdk_cloudwatch::types::Dimension;
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
        let operation = action.operation();
        let resource = id.resource.to_string();
        let dimension = ScalableDimension::from(id.dimension.as_str());
        match action {
            Action::RegisterScalableTarget {
                range,
                suspended,
                tags,
            } => {
                let tags = tags
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value.clone()));
                let tags: HashMap<_, _> = tags.collect();
                let sent = self
                    .scaling
                    .register_scalable_target()
                    .service_namespace(ServiceNamespace::Sagemaker)
                    .resource_id(resource)
                    .scalable_dimension(dimension)
                    .set_min_capacity(range.map(|range| convert::signed(range.min())))
                    .set_max_capacity(range.map(|range| convert::signed(range.max())))
                    .set_suspended_state(suspended.map(convert::suspended_state))
                    .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
            Action::DeregisterScalableTarget => {
                let sent = self
                    .scaling
                    .deregister_scalable_target()
                    .service_namespace(ServiceNamespace::Sagemaker)
                    .resource_id(resource)
                    .scalable_dimension(dimension)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
            Action::PutScalingPolicy(policy) => {
                let arn = self.put_policy(resource, dimension, policy).await?;
                arns.insert(policy.name.clone(), arn);
                Ok(())
            }
            Action::DeleteScalingPolicy(name) => {
                let sent = self
                    .scaling
                    .delete_scaling_policy()
                    .service_namespace(ServiceNamespace::Sagemaker)
                    .resource_id(resource)
                    .scalable_dimension(dimension)
                    .policy_name(name)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
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
                let sent = self
                    .cloudwatch
                    .delete_alarms()
                    .set_alarm_names(Some(names.clone()))
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
            Action::PutScheduledAction(action) => {
                self.put_scheduled_action(resource, dimension, action).await
            }
            Action::DeleteScheduledAction(name) => {
                let sent = self
                    .scaling
                    .delete_scheduled_action()
                    .service_namespace(ServiceNamespace::Sagemaker)
                    .resource_id(resource)
                    .scalable_dimension(dimension)
                    .scheduled_action_name(name)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
            Action::TagResource { arn, tags } => {
                let tags = tags
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value.clone()));
                let request = self
                    .scaling
                    .tag_resource()
                    .resource_arn(arn)
                    .set_tags(Some(tags.collect()));
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
            Action::UntagResource { arn, keys } => {
                let keys = keys.iter().map(|key| (*key).to_owned()).collect();
                let request = self
                    .scaling
                    .untag_resource()
                    .resource_arn(arn)
                    .set_tag_keys(Some(keys));
                request
                    .send()
                    .await
                    .map(drop)
                    .map_err(|error| call_error(operation, &error))
            }
        }
    }

    async fn put_policy(
        &self,
        resource: String,
        dimension: ScalableDimension,
        policy: &ScalingPolicy,
    ) -> Result<String, CallError> {
        let operation = "PutScalingPolicy";
        let request = self
            .scaling
            .put_scaling_policy()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource)
            .scalable_dimension(dimension)
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
        let sent = self
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
            .set_unit(alarm.unit.as_deref().map(Into::into))
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| call_error("PutMetricAlarm", &error))
    }

    async fn put_scheduled_action(
        &self,
        resource: String,
        dimension: ScalableDimension,
        action: &ScheduledAction,
    ) -> Result<(), CallError> {
        let bounds = action.scalable_target_action;
        let bounds = ScalableTargetAction::builder()
            .set_min_capacity(bounds.min_capacity.map(convert::signed))
            .set_max_capacity(bounds.max_capacity.map(convert::signed))
            .build();
        let sent = self
            .scaling
            .put_scheduled_action()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource)
            .scalable_dimension(dimension)
            .scheduled_action_name(&action.scheduled_action_name)
            .schedule(&action.schedule)
            .set_timezone(action.timezone.clone())
            .scalable_target_action(bounds)
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| call_error("PutScheduledAction", &error))
    }
}

fn unbuilt(operation: &'static str, error: &BuildError) -> CallError {
    CallError {
        operation,
        code: "InvalidRequest".to_owned(),
        message: error.to_string(),
    }
}
