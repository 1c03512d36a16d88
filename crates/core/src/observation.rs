//! Everything that was read, as one value. The pure middle sees nothing else.

use crate::name::{ComponentName, EndpointName, TargetId, VariantName};
use crate::naming::is_ours;
use crate::problem::Source;
use crate::scaling::{
    AlarmDefinition, CapacityRange, PolicyBody, ScalingPolicy, ScheduledAction, Suspension,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// One fresh look at an endpoint and everything that bears on its scaling.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which endpoint was looked at.
    pub name: EndpointName,
    /// When.
    pub now: Timestamp,
    /// What SageMaker said; `None` when the endpoint is gone.
    pub endpoint: Option<Endpoint>,
    /// All tags of the endpoint.
    pub tags: BTreeMap<String, String>,
    /// The documents that bear on it.
    pub documents: Documents,
    /// What Application Auto Scaling holds for the endpoint's variants and components.
    pub scaling: BTreeMap<TargetId, HeldScaling>,
    /// The alarms under the endpoint's prefix; `None` until they were read, which happens only
    /// when a policy has, had or shall have some.
    pub alarms: Option<Vec<HeldAlarm>>,
}

impl Observation {
    /// Nothing but the name: an endpoint that is not there.
    #[must_use]
    pub fn of_nothing(name: EndpointName, now: Timestamp) -> Self {
        Self {
            name,
            now,
            endpoint: None,
            tags: BTreeMap::new(),
            documents: Documents::default(),
            scaling: BTreeMap::new(),
            alarms: None,
        }
    }
}

/// What `DescribeEndpoint` said.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// `EndpointStatus` in the spelling of the API.
    pub status: String,
    /// The endpoint configuration it runs on.
    pub config_name: Option<String>,
    /// When it was last changed, also by a scaling action.
    pub last_modified: Option<Timestamp>,
    /// Whether it answers asynchronously.
    pub asynchronous: bool,
    /// Production and shadow variants.
    pub variants: Vec<Variant>,
    /// Inference components, in whatever status.
    pub components: Vec<Component>,
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
    /// Set when SageMaker itself scales the instances, for inference components.
    pub managed_instance_scaling: Option<ManagedInstanceScaling>,
    /// Several instance types behind one variant.
    pub instance_pools: bool,
    /// From the endpoint configuration: `DescribeEndpoint` does not tell the instance type.
    /// `None` when the configuration was deleted.
    pub config: Option<VariantConfig>,
}

impl Variant {
    /// Whether inference components run on it, as far as can be told: SageMaker scales its
    /// instances, or it has no model of its own (SageMaker developer guide,
    /// "Deploy models with inference components").
    #[must_use]
    pub fn hosts_components(&self) -> bool {
        self.managed_instance_scaling.is_some()
            || (self.serverless.is_none()
                && self.config.as_ref().is_some_and(|config| !config.has_model))
    }
}

/// `ManagedInstanceScaling` that is `ENABLED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedInstanceScaling {
    /// `MinInstanceCount`; only with 0 may components have no copies.
    pub min_instance_count: Option<u32>,
}

/// `CurrentServerlessConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serverless {
    /// Concurrency that is always ready; only this can be scaled.
    pub provisioned_concurrency: Option<u32>,
    /// `MaxConcurrency`, which provisioned concurrency cannot exceed.
    pub max_concurrency: Option<u32>,
}

/// An inference component.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// Its name.
    pub name: ComponentName,
    /// The variant that hosts it.
    pub variant: Option<VariantName>,
    /// `InferenceComponentStatus` in the spelling of the API.
    pub status: String,
    /// What `DescribeInferenceComponent` says; read only while nothing is registered.
    pub described: Option<DescribedComponent>,
}

/// What `DescribeInferenceComponent` says of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescribedComponent {
    /// `CurrentCopyCount`.
    pub copies: Option<u32>,
    /// An adapter runs on the copies of its base component and has none of its own.
    pub is_adapter: bool,
}

impl Component {
    /// AWS scales components that are InService only.
    #[must_use]
    pub fn is_in_service(&self) -> bool {
        self.status == "InService"
    }

    /// It will be InService by itself.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        ["Creating", "Updating"].contains(&self.status.as_str())
    }
}

/// What the endpoint configuration says about a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantConfig {
    /// Such as `ml.m5.large`; not set for serverless variants and instance pools.
    pub instance_type: Option<String>,
    /// Instances at the start, and again after an update that does not retain the counts.
    pub initial_instance_count: Option<u32>,
    /// The same of a serverless variant.
    pub provisioned_concurrency: Option<u32>,
    /// A variant without a model hosts inference components.
    pub has_model: bool,
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
    /// A `SecureString`, whose content is never shown.
    pub secure: bool,
}

impl Parameter {
    /// What its values name as their source.
    #[must_use]
    pub fn source(&self) -> Source {
        Source::Parameter {
            name: self.name.clone(),
            secure: self.secure,
        }
    }
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
    pub policies: Vec<HeldPolicy>,
    /// Its scheduled actions, ours and others'.
    pub scheduled_actions: Vec<HeldScheduledAction>,
}

impl HeldScaling {
    /// Whether alarms of ours may exist for it.
    #[must_use]
    pub fn may_have_alarms(&self) -> bool {
        self.policies.iter().any(|held| {
            is_ours(&held.policy.name) && matches!(held.policy.body, PolicyBody::Step(_))
                || held.alarms.iter().any(|name| is_ours(name))
        })
    }
}

/// A policy that Application Auto Scaling holds.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldPolicy {
    /// What it says.
    pub policy: ScalingPolicy,
    /// What alarms name as their action.
    pub arn: String,
    /// Names of the alarms associated with it.
    pub alarms: Vec<String>,
}

/// A scheduled action that Application Auto Scaling holds.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldScheduledAction {
    /// Its full name.
    pub name: String,
    /// What it does; `None` when it does something this program has no type for (a start or end time).
    pub action: Option<ScheduledAction>,
}

/// An alarm that CloudWatch holds.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldAlarm {
    /// Its full name.
    pub name: String,
    /// What it watches; `None` when this program has no type for it, or its actions are switched off.
    pub definition: Option<AlarmDefinition>,
    /// What it does.
    pub actions: Vec<String>,
    /// What it says about itself, which names the installation it belongs to.
    pub description: String,
}

/// A registered scalable target.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldTarget {
    /// What the tag operations take.
    pub arn: String,
    /// The bounds in force.
    pub range: CapacityRange,
    /// What is suspended, whoever suspended it.
    pub suspended: Suspension,
    /// Its tags; `None` until they were read, which happens only when something would be written.
    pub tags: Option<BTreeMap<String, String>>,
}

/// The tags in which we remember, on the scalable target itself.
pub mod memory {
    /// Whose target it is.
    pub const MANAGED_BY: &str = "endpoint-autoscaler:managed-by";
    /// The bounds we last wrote.
    pub const APPLIED: &str = "endpoint-autoscaler:applied";
    /// Before a value of [`APPLIED`] that is about to be replaced.
    pub const PENDING: &str = "pending:";
    /// The bounds an adopted target had.
    pub const ADOPTED: &str = "endpoint-autoscaler:adopted";
    /// What we suspended.
    pub const SUSPENDED: &str = "endpoint-autoscaler:suspended";
    /// The endpoint configuration whose reset of the counts we answered.
    pub const RAISED: &str = "endpoint-autoscaler:raised";
    /// All of them.
    pub const ALL: [&str; 5] = [APPLIED, ADOPTED, SUSPENDED, RAISED, MANAGED_BY];
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

    /// The bounds we last wrote, also when others were about to be written.
    #[must_use]
    pub fn last_applied(&self) -> Option<CapacityRange> {
        let text = self.tags.as_ref()?.get(memory::APPLIED)?;
        CapacityRange::parse(text.strip_prefix(memory::PENDING).unwrap_or(text))
    }

    /// What we suspended.
    #[must_use]
    pub fn suspended_by_us(&self) -> Suspension {
        let tag = self
            .tags
            .as_ref()
            .and_then(|tags| tags.get(memory::SUSPENDED));
        tag.map(|text| Suspension::parse(text)).unwrap_or_default()
    }

    /// The endpoint configuration whose reset of the counts we answered.
    #[must_use]
    pub fn raised_for(&self) -> Option<&str> {
        Some(self.tags.as_ref()?.get(memory::RAISED)?.as_str())
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
                provisioned_concurrency: None,
                has_model: true,
            };
            config.is_burstable()
        };
        assert!(burstable("ml.t2.medium"));
        assert!(burstable("ml.t3.large"));
        assert!(!burstable("ml.trn1.2xlarge"));
        assert!(!burstable("ml.m5.large"));
    }
}
