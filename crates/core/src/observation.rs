//! Everything that was read, as one value. The pure middle sees nothing else.

use crate::name::{EndpointName, TargetId, VariantName};
use crate::scaling::{CapacityRange, ScalingPolicy};
use std::collections::BTreeMap;

/// One fresh look at an endpoint and everything that bears on its scaling.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which endpoint was looked at.
    pub name: EndpointName,
    /// What SageMaker said; `None` when the endpoint is gone.
    pub endpoint: Option<Endpoint>,
    /// All tags of the endpoint.
    pub tags: BTreeMap<String, String>,
    /// The documents that bear on it.
    pub documents: Documents,
    /// What Application Auto Scaling holds for the endpoint's variants.
    pub scaling: BTreeMap<TargetId, HeldScaling>,
}

/// What `DescribeEndpoint` said.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// `EndpointStatus` in the spelling of the API.
    pub status: String,
    /// The endpoint configuration it runs on.
    pub config_name: Option<String>,
    /// Whether it answers asynchronously.
    pub asynchronous: bool,
    /// Production and shadow variants.
    pub variants: Vec<Variant>,
}

impl Endpoint {
    /// Application Auto Scaling registers variants of endpoints that are InService only
    /// (its `ValidationException`: "The status should be in 'InService'").
    #[must_use]
    pub fn is_in_service(&self) -> bool {
        self.status == "InService"
    }

    /// On its way out.
    #[must_use]
    pub fn is_deleting(&self) -> bool {
        self.status == "Deleting"
    }
}

/// One variant as it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Its name.
    pub name: VariantName,
    /// `CurrentInstanceCount`.
    pub current_instance_count: Option<u32>,
    /// Set for serverless variants.
    pub serverless: Option<Serverless>,
    /// SageMaker itself scales the instances, for inference components.
    pub managed_instance_scaling: bool,
    /// From the endpoint configuration: `DescribeEndpoint` does not tell the instance type.
    /// `None` when the configuration was deleted.
    pub config: Option<VariantConfig>,
}

/// `CurrentServerlessConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serverless {
    /// Concurrency that is always ready; only this can be scaled.
    pub provisioned_concurrency: Option<u32>,
}

/// What the endpoint configuration says about a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantConfig {
    /// Such as `ml.m5.large`; not set for serverless variants and instance pools.
    pub instance_type: Option<String>,
    /// Instances at the start, and again after an update that does not retain the counts.
    pub initial_instance_count: Option<u32>,
    /// A variant without a model hosts inference components.
    pub has_model: bool,
    /// Several instance types behind one variant.
    pub instance_pools: bool,
}

impl VariantConfig {
    /// `ml.t2`, `ml.t3`, … are burstable and refused by Application Auto Scaling; `ml.trn1`
    /// begins with the same letters and is not.
    #[must_use]
    pub fn is_burstable(&self) -> bool {
        self.instance_type
            .as_deref()
            .and_then(|name| name.strip_prefix("ml.t"))
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    }
}

/// An SSM parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its full name.
    pub name: String,
    /// Its text.
    pub value: String,
}

/// The documents that bear on one endpoint; `None` where there is no such parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The default profile, or the one that the tag names.
    pub profile: Option<Parameter>,
    /// The endpoint's own document.
    pub endpoint: Option<Parameter>,
    /// The platform team's limits.
    pub limits: Option<Parameter>,
}

/// What Application Auto Scaling holds for one scalable target.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldScaling {
    /// The target.
    pub target: HeldTarget,
    /// Its policies, ours and others'.
    pub policies: Vec<ScalingPolicy>,
    /// Names of its scheduled actions, ours and others'.
    pub scheduled_actions: Vec<String>,
}

/// A registered scalable target.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldTarget {
    /// What the tag operations take.
    pub arn: String,
    /// The bounds in force.
    pub range: CapacityRange,
    /// Its tags; `None` until they were read, which happens only when something would be written.
    pub tags: Option<BTreeMap<String, String>>,
}

/// The tags in which we remember, on the scalable target itself.
pub mod memory {
    /// Whose target it is.
    pub const MANAGED_BY: &str = "endpoint-autoscaler:managed-by";
    /// The bounds we last wrote.
    pub const APPLIED: &str = "endpoint-autoscaler:applied";
    /// The bounds an adopted target had.
    pub const ADOPTED: &str = "endpoint-autoscaler:adopted";
}

/// Who owns a held target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This installation.
    Us,
    /// Somebody else, who is not another installation of this program.
    Foreign,
    /// Another installation of this program.
    OtherInstallation,
    /// The tags have not been read.
    Unknown,
}

impl HeldTarget {
    /// Ownership is a tag on the scalable target.
    #[must_use]
    pub fn owner(&self, managed_by: &str) -> Owner {
        match self.tags.as_ref().map(|tags| tags.get(memory::MANAGED_BY)) {
            None => Owner::Unknown,
            Some(None) => Owner::Foreign,
            Some(Some(value)) if value == managed_by => Owner::Us,
            Some(Some(_)) => Owner::OtherInstallation,
        }
    }

    fn remembered(&self, key: &str) -> Option<CapacityRange> {
        CapacityRange::parse(self.tags.as_ref()?.get(key)?)
    }

    /// The bounds we last wrote, if we remember.
    #[must_use]
    pub fn applied(&self) -> Option<CapacityRange> {
        self.remembered(memory::APPLIED)
    }

    /// The bounds the target had when we adopted it.
    #[must_use]
    pub fn adopted(&self) -> Option<CapacityRange> {
        self.remembered(memory::ADOPTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trainium_is_not_burstable() {
        let burstable = |name: &str| {
            let instance_type = Some(name.to_owned());
            let config = VariantConfig {
                instance_type,
                initial_instance_count: Some(1),
                has_model: true,
                instance_pools: false,
            };
            config.is_burstable()
        };
        assert!(burstable("ml.t2.medium"));
        assert!(burstable("ml.t3.large"));
        assert!(!burstable("ml.trn1.2xlarge"));
        assert!(!burstable("ml.m5.large"));
    }
}
