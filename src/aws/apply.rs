//! Carries out a plan: one call per action, in order, no decisions.

use super::{Aws, call_error, convert};
use crate::core::fault::{CallError, Fault, OUT_OF_TIME};
use crate::core::name::TargetId;
use crate::core::plan::{Action, TargetPlan};
use crate::core::report::CallResult;
use crate::core::scaling::{PolicyBody, ScalingPolicy};
use aws_sdk_applicationautoscaling::types::{PolicyType, ScalableDimension, ServiceNamespace};
use tokio::time::{Instant, timeout_at};

/// Makes the calls of one target until one fails or the time is up.
pub async fn apply(aws: &Aws, plan: &TargetPlan, deadline: Instant) -> Vec<CallResult> {
    let mut results = Vec::new();
    let mut failed = false;
    for action in plan.actions() {
        if failed {
            results.push(CallResult::NotAttempted);
            continue;
        }
        let result = match timeout_at(deadline, aws.call(&plan.id, action)).await {
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
    async fn call(&self, id: &TargetId, action: &Action) -> Result<(), CallError> {
        let operation = action.operation();
        let resource = id.resource.to_string();
        let dimension = ScalableDimension::from(id.dimension.as_str());
        match action {
            Action::RegisterScalableTarget { range, tags } => {
                let tags = tags
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value.clone()));
                let sent = self
                    .scaling
                    .register_scalable_target()
                    .service_namespace(ServiceNamespace::Sagemaker)
                    .resource_id(resource)
                    .scalable_dimension(dimension)
                    .min_capacity(convert::signed(range.min()))
                    .max_capacity(convert::signed(range.max()))
                    .set_tags(
                        Some(tags.collect())
                            .filter(|tags: &std::collections::HashMap<_, _>| !tags.is_empty()),
                    )
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
            Action::PutScalingPolicy(policy) => self.put_policy(resource, dimension, policy).await,
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
    ) -> Result<(), CallError> {
        let operation = "PutScalingPolicy";
        let PolicyBody::TargetTracking(tracking) = &policy.body else {
            unreachable!("settings::resolve leaves only target tracking to be put")
        };
        let configuration =
            convert::tracking_configuration(tracking).map_err(|error| CallError {
                operation,
                code: "InvalidRequest".to_owned(),
                message: error.to_string(),
            })?;
        let sent = self
            .scaling
            .put_scaling_policy()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource)
            .scalable_dimension(dimension)
            .policy_name(&policy.name)
            .policy_type(PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(configuration)
            .send()
            .await;
        sent.map(drop)
            .map_err(|error| call_error(operation, &error))
    }
}
