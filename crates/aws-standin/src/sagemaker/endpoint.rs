//! Endpoints, their configurations and their variants.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Pending;

/// An endpoint configuration, as `DescribeEndpointConfig` shows it.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) description: Value,
    pub(crate) production: Vec<VariantSpec>,
    pub(crate) shadow: Vec<VariantSpec>,
}

/// The part of a `ProductionVariant` that matters to capacity.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VariantSpec {
    pub(crate) variant_name: String,
    pub(crate) model_name: Option<String>,
    pub(crate) instance_type: Option<String>,
    pub(crate) instance_pools: Option<Vec<InstancePool>>,
    pub(crate) initial_instance_count: Option<u32>,
    pub(crate) initial_variant_weight: Option<f64>,
    pub(crate) serverless_config: Option<ServerlessConfig>,
    pub(crate) managed_instance_scaling: Option<Value>,
    pub(crate) routing_config: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstancePool {
    pub(crate) instance_type: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ServerlessConfig {
    #[serde(rename = "MemorySizeInMB")]
    pub(crate) memory_size_in_mb: u32,
    pub(crate) max_concurrency: u32,
    pub(crate) provisioned_concurrency: Option<u32>,
}

impl ServerlessConfig {
    fn describe(&self, provisioned: u32) -> Value {
        json!({
            "MemorySizeInMB": self.memory_size_in_mb,
            "MaxConcurrency": self.max_concurrency,
            "ProvisionedConcurrency": (provisioned > 0).then_some(provisioned),
        })
    }
}

impl VariantSpec {
    /// Instances, or the provisioned concurrency of a serverless variant.
    pub(crate) fn initial_capacity(&self) -> u32 {
        match &self.serverless_config {
            Some(serverless) => serverless.provisioned_concurrency.unwrap_or(0),
            None => self.initial_instance_count.unwrap_or(1),
        }
    }
}

/// A variant of an endpoint, in production or shadow.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) spec: VariantSpec,
    pub(crate) shadow: bool,
    /// Instances, or the provisioned concurrency of a serverless variant.
    pub(crate) current: u32,
    pub(crate) desired: u32,
}

impl Variant {
    pub(crate) fn new(spec: &VariantSpec, shadow: bool) -> Self {
        let capacity = spec.initial_capacity();
        Self {
            spec: spec.clone(),
            shadow,
            current: capacity,
            desired: capacity,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.spec.variant_name
    }

    fn weight(&self) -> f64 {
        self.spec.initial_variant_weight.unwrap_or(1.0)
    }

    /// The variant's summary in `DescribeEndpoint`, which has no instance type.
    pub(crate) fn summary(&self) -> Value {
        let mut summary = json!({
            "VariantName": self.name(),
            "CurrentWeight": self.weight(),
            "DesiredWeight": self.weight(),
            "ManagedInstanceScaling": self.spec.managed_instance_scaling,
            "RoutingConfig": self.spec.routing_config,
        });
        if let Some(serverless) = &self.spec.serverless_config {
            summary["CurrentServerlessConfig"] = serverless.describe(self.current);
            summary["DesiredServerlessConfig"] = serverless.describe(self.desired);
        } else {
            summary["CurrentInstanceCount"] = self.current.into();
            summary["DesiredInstanceCount"] = self.desired.into();
        }
        if let Some(pools) = &self.spec.instance_pools {
            summary["InstancePools"] = pools
                .iter()
                .enumerate()
                .map(|(index, pool)| {
                    let count = if index == 0 { self.current } else { 0 };
                    json!({"InstanceType": pool.instance_type, "CurrentInstanceCount": count})
                })
                .collect();
        }
        summary
    }
}

/// The states of an endpoint in SageMaker's API model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointStatus {
    /// Not available.
    OutOfService,
    /// Being deployed for the first time.
    Creating,
    /// Being updated, by its owner or by a capacity change.
    Updating,
    /// Being maintained by AWS; its capacity cannot be changed meanwhile.
    SystemUpdating,
    /// On its way back after a capacity change that failed.
    RollingBack,
    /// Serving.
    InService,
    /// Being deleted.
    Deleting,
    /// Could not be deployed or updated.
    Failed,
    /// Serving with a mixture of an old and a new configuration.
    UpdateRollbackFailed,
}

impl EndpointStatus {
    /// How events spell the status: `IN_SERVICE`, where the API says `InService`
    /// (AWS sample events; aws-samples/amazon-sagemaker-ab-testing-pipeline).
    pub(crate) fn in_events(self) -> String {
        format!("{self:?}")
            .char_indices()
            .flat_map(|(index, letter)| {
                let separator = (index > 0 && letter.is_uppercase()).then_some('_');
                separator.into_iter().chain([letter.to_ascii_uppercase()])
            })
            .collect()
    }

    /// Whether SageMaker is at work on the endpoint.
    pub(crate) const fn in_progress(self) -> bool {
        matches!(
            self,
            Self::Creating
                | Self::Updating
                | Self::SystemUpdating
                | Self::RollingBack
                | Self::Deleting
        )
    }
}

/// A deployed endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) config_name: String,
    pub(crate) status: EndpointStatus,
    pub(crate) failure_reason: Option<String>,
    pub(crate) created: u32,
    pub(crate) modified: u32,
    pub(crate) tags: BTreeMap<String, String>,
    /// Counts changes of the tags, as their events do.
    pub(crate) tags_version: u32,
    /// Whether it has, or ever had, a tag.
    pub(crate) tagged: bool,
    pub(crate) variants: Vec<Variant>,
    pub(crate) asynchronous: Option<Value>,
    pub(crate) pending: Option<Pending>,
}

impl Endpoint {
    pub(crate) fn variant(&self, name: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.name() == name)
    }

    pub(crate) fn variant_mut(&mut self, name: &str) -> Option<&mut Variant> {
        self.variants
            .iter_mut()
            .find(|variant| variant.name() == name)
    }

    fn summaries(&self, shadow: bool) -> Option<Vec<Value>> {
        let summaries: Vec<_> = self
            .variants
            .iter()
            .filter(|variant| variant.shadow == shadow)
            .map(Variant::summary)
            .collect();
        (!summaries.is_empty()).then_some(summaries)
    }

    /// The endpoint's entry in `ListEndpoints`.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointStatus": self.status,
            "CreationTime": f64::from(self.created),
            "LastModifiedTime": f64::from(self.modified),
        })
    }

    /// The answer of `DescribeEndpoint`.
    pub(crate) fn describe(&self) -> Value {
        let production = self.summaries(false);
        json!({
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.config_name,
            "ProductionVariants": production,
            "ShadowProductionVariants": self.summaries(true),
            "EndpointStatus": self.status,
            "FailureReason": self.failure_reason,
            "CreationTime": f64::from(self.created),
            "LastModifiedTime": f64::from(self.modified),
            "AsyncInferenceConfig": self.asynchronous,
            "PendingDeploymentSummary": self.pending.as_ref().and_then(Pending::deployment),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_spelled_differently_in_events() {
        assert_eq!(EndpointStatus::InService.in_events(), "IN_SERVICE");
        assert_eq!(
            EndpointStatus::UpdateRollbackFailed.in_events(),
            "UPDATE_ROLLBACK_FAILED"
        );
        assert_eq!(EndpointStatus::Deleting.in_events(), "DELETING");
    }
}
