//! What can be registered, with which bounds.

use serde_json::Value;

use super::{Dimension, Resource, TargetKey};
use crate::account::Account;
use crate::error::ServiceError;
use crate::sagemaker::{EndpointStatus, Variant};

impl Account {
    /// Refuses a registration that AWS refuses, or that its guides forbid.
    ///
    /// Only the wording of the `InService` rule is known from AWS (see
    /// aws/amazon-sagemaker-operator-for-k8s, `autoscaling_client.go`); the
    /// other messages are ours.
    pub(super) fn check_eligible(
        &self,
        key: &TargetKey,
        min: u32,
        max: u32,
    ) -> Result<(), ServiceError> {
        match &key.resource {
            Resource::Variant { endpoint, variant } => {
                let endpoint = self.endpoint(endpoint)?;
                in_service(key, endpoint.status)?;
                let variant = endpoint.variant(variant).ok_or_else(|| {
                    ServiceError::validation(format!(
                        "{}: the endpoint has no such variant.",
                        key.resource
                    ))
                })?;
                self.check_variant(key, variant)?;
            }
            Resource::Component { name } => in_service(key, self.component(name)?.status)?,
        }
        self.check_bounds(key, Some(min), Some(max))
    }

    fn check_variant(&self, key: &TargetKey, variant: &Variant) -> Result<(), ServiceError> {
        let refuse = |problem: &str| {
            Err(ServiceError::validation(format!(
                "{}: {problem}",
                key.resource
            )))
        };
        let spec = &variant.spec;
        match (&spec.serverless_config, key.dimension) {
            (Some(_), Dimension::InstanceCount) => {
                return refuse("a serverless variant has no instances to scale.");
            }
            (None, Dimension::ProvisionedConcurrency) => {
                return refuse("only a serverless variant has provisioned concurrency.");
            }
            // Application Auto Scaling scales provisioned concurrency only
            // (SageMaker developer guide, serverless-endpoints-autoscale).
            (Some(serverless), _) if serverless.provisioned_concurrency.is_none() => {
                return refuse("the serverless variant has no provisioned concurrency.");
            }
            _ => {}
        }
        // "SageMaker AI doesn't support auto scaling for burstable instances
        // such as T2" (SageMaker developer guide, endpoint-auto-scaling-add-console).
        if spec.instance_type.as_deref().is_some_and(burstable) {
            return refuse("auto scaling is not supported for burstable instances.");
        }
        // Our reading: no page says how a heterogeneous variant would scale.
        if spec.instance_pools.is_some() {
            return refuse("a variant with instance pools is not scaled by its instance count.");
        }
        // SageMaker manages the instances under inference components; the
        // components are what scales (endpoint-auto-scaling-zero-instances).
        if spec.serverless_config.is_none() && self.hosts_components(key, variant) {
            return refuse("the variant hosts inference components; scale those.");
        }
        Ok(())
    }

    fn hosts_components(&self, key: &TargetKey, variant: &Variant) -> bool {
        let Resource::Variant {
            endpoint,
            variant: name,
        } = &key.resource
        else {
            return false;
        };
        variant.spec.model_name.is_none()
            || self.sagemaker.components.values().any(|component| {
                component.endpoint_name == *endpoint && component.variant_name == *name
            })
    }

    /// Bounds that the resource can have.
    ///
    /// Application Auto Scaling itself allows a minimum of 0 for all three
    /// dimensions. The SageMaker guides want at least 1 for real-time variants
    /// (endpoint-auto-scaling-policy) and for serverless ones
    /// (serverless-endpoints-autoscale), and allow 0 for asynchronous endpoints
    /// (async-inference-autoscale) and inference components. That the guides'
    /// minimum is enforced is our reading.
    pub(super) fn check_bounds(
        &self,
        key: &TargetKey,
        min: Option<u32>,
        max: Option<u32>,
    ) -> Result<(), ServiceError> {
        let Resource::Variant { endpoint, variant } = &key.resource else {
            return Ok(());
        };
        let Ok(endpoint) = self.endpoint(endpoint) else {
            return Ok(());
        };
        if endpoint.asynchronous.is_none() && (min == Some(0) || max == Some(0)) {
            return Err(ServiceError::validation(format!(
                "{}: capacity must be at least 1.",
                key.resource
            )));
        }
        let serverless = endpoint
            .variant(variant)
            .and_then(|variant| variant.spec.serverless_config.as_ref());
        if let Some(serverless) = serverless
            && max > Some(serverless.max_concurrency)
        {
            return Err(ServiceError::validation(format!(
                "{}: maximum capacity must not exceed MaxConcurrency ({}).",
                key.resource, serverless.max_concurrency
            )));
        }
        Ok(())
    }
}

fn in_service(key: &TargetKey, status: EndpointStatus) -> Result<(), ServiceError> {
    if status == EndpointStatus::InService {
        return Ok(());
    }
    let status = serde_json::to_value(status).unwrap_or(Value::Null);
    Err(ServiceError::validation(format!(
        "{} has status {status}. The status should be in 'InService' to register it as a scalable target.",
        key.resource
    )))
}

/// `ml.t` and a digit: `ml.trn1` is no burstable family.
fn burstable(instance_type: &str) -> bool {
    instance_type
        .strip_prefix("ml.t")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trainium_is_not_burstable() {
        assert!(burstable("ml.t2.medium"));
        assert!(burstable("ml.t3.large"));
        assert!(!burstable("ml.trn1.2xlarge"));
        assert!(!burstable("ml.m5.large"));
    }
}
