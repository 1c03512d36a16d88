//! Every write, one function an API operation.

use super::{Aws, call_error, convert, done};
use crate::core::fault::CallError;
use crate::core::name::TargetId;
use crate::core::scaling::{
    AlarmDefinition, CapacityRange, Dimensions, PolicyBody, ScalingPolicy, ScheduledAction,
    Suspension,
};
use aws_sdk_applicationautoscaling::error::BuildError;
use aws_sdk_applicationautoscaling::types::{PolicyType, ScalableTargetAction, ServiceNamespace};
use aws_sdk_cloudwatch::types::Dimension;
use std::collections::HashMap;

impl Aws {
    pub(super) async fn register(
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

    pub(super) async fn deregister(&self, id: &TargetId) -> Result<(), CallError> {
        let request = self
            .scaling
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into());
        done("DeregisterScalableTarget", request.send().await)
    }

    pub(super) async fn delete_policy(&self, id: &TargetId, name: &str) -> Result<(), CallError> {
        let request = self
            .scaling
            .delete_scaling_policy()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .policy_name(name);
        done("DeleteScalingPolicy", request.send().await)
    }

    pub(super) async fn delete_scheduled_action(
        &self,
        id: &TargetId,
        name: &str,
    ) -> Result<(), CallError> {
        let request = self
            .scaling
            .delete_scheduled_action()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(id.resource.to_string())
            .scalable_dimension(id.dimension.as_str().into())
            .scheduled_action_name(name);
        done("DeleteScheduledAction", request.send().await)
    }

    pub(super) async fn put_policy(
        &self,
        id: &TargetId,
        policy: &ScalingPolicy,
    ) -> Result<String, CallError> {
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

    pub(super) async fn put_alarm(
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

    pub(super) async fn put_scheduled_action(
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

    pub(super) async fn delete_alarms(&self, names: &[String]) -> Result<(), CallError> {
        let request = self
            .cloudwatch
            .delete_alarms()
            .set_alarm_names(Some(names.to_vec()));
        done("DeleteAlarms", request.send().await)
    }

    pub(super) async fn tag(
        &self,
        arn: &str,
        tags: &[(&'static str, String)],
    ) -> Result<(), CallError> {
        let request = self
            .scaling
            .tag_resource()
            .resource_arn(arn)
            .set_tags(Some(owned(tags)));
        done("TagResource", request.send().await)
    }

    /// Takes memory off a target.
    ///
    /// # Errors
    /// AWS refused.
    pub async fn untag(&self, arn: &str, keys: &[&'static str]) -> Result<(), CallError> {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        let request = self
            .scaling
            .untag_resource()
            .resource_arn(arn)
            .set_tag_keys(Some(keys));
        done("UntagResource", request.send().await)
    }
}

fn owned(tags: &[(&'static str, String)]) -> HashMap<String, String> {
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()));
    tags.collect()
}

fn unbuilt(operation: &'static str, error: &BuildError) -> CallError {
    CallError {
        operation,
        code: "InvalidRequest".to_owned(),
        message: error.to_string(),
    }
}
