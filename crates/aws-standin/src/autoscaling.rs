//! Application Auto Scaling, for SageMaker's three scalable dimensions.

mod activity;
mod address;
mod capacity;
mod eligibility;
mod listing;
mod metric;
mod policy;
mod schedule;
mod scheduled_action;
mod step;
mod tags;
mod target;

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::Value;

use activity::Activity;
pub(crate) use address::{Dimension, Resource, TargetKey};
use target::ScalableTarget;

use crate::account::{Account, read};
use crate::error::ServiceError;

/// Every scalable target of the account, with its policies and actions.
#[derive(Debug)]
pub(crate) struct ScalableTargets {
    targets: BTreeMap<TargetKey, ScalableTarget>,
    keys_by_arn: BTreeMap<String, TargetKey>,
    /// Oldest first.
    activities: Vec<Activity>,
    /// The most targets that there may be.
    pub(crate) quota: usize,
}

/// Scalable targets of SageMaker per account and Region, unless AWS raises it
/// (service quota L-1AAF0700, "Application Auto Scaling endpoints and quotas").
const TARGETS: usize = 500;

impl Default for ScalableTargets {
    fn default() -> Self {
        Self {
            targets: BTreeMap::new(),
            keys_by_arn: BTreeMap::new(),
            activities: Vec::new(),
            quota: TARGETS,
        }
    }
}

impl ScalableTargets {
    /// Whether the resource is registered in that dimension.
    pub(crate) fn registered(&self, resource: &Resource, dimension: Dimension) -> bool {
        self.targets.contains_key(&TargetKey {
            resource: resource.clone(),
            dimension,
        })
    }

    fn add(&mut self, key: TargetKey, target: ScalableTarget) {
        self.keys_by_arn.insert(target.arn.clone(), key.clone());
        self.targets.insert(key, target);
    }

    fn remove(&mut self, key: &TargetKey) -> Option<ScalableTarget> {
        let target = self.targets.remove(key)?;
        self.keys_by_arn.remove(&target.arn);
        Some(target)
    }

    /// The tags of a target that has or had some.
    pub(crate) fn tags_of(&self, arn: &str) -> Option<&BTreeMap<String, String>> {
        let target = self.targets.get(self.keys_by_arn.get(arn)?)?;
        target.tagged.then_some(&target.tags)
    }

    /// Targets that have or had tags, in order of their ARNs, after one of them.
    pub(crate) fn tagged_after(
        &self,
        arn: Option<&str>,
    ) -> impl Iterator<Item = (&String, &BTreeMap<String, String>)> {
        let from = arn.map_or(Bound::Unbounded, Bound::Excluded);
        let arns = self.keys_by_arn.range::<str, _>((from, Bound::Unbounded));
        arns.filter_map(|(arn, _)| Some((arn, self.tags_of(arn)?)))
    }

    /// The targets of one endpoint's variants, or of one inference component.
    fn keys_of(&self, owner: &Owner<'_>) -> Vec<TargetKey> {
        let first = match *owner {
            Owner::Endpoint(name) => Resource::Variant {
                endpoint: name.to_owned(),
                variant: String::new(),
            },
            Owner::Component(name) => Resource::Component {
                name: name.to_owned(),
            },
        };
        let first = TargetKey {
            resource: first,
            dimension: Dimension::InstanceCount,
        };
        let keys = self.targets.range(first..).map(|(key, _)| key);
        keys.take_while(|key| owner.owns(key)).cloned().collect()
    }
}

/// Whose capacity targets scale.
enum Owner<'a> {
    Endpoint(&'a str),
    Component(&'a str),
}

impl Owner<'_> {
    fn owns(&self, key: &TargetKey) -> bool {
        match (self, &key.resource) {
            (Self::Endpoint(owner), Resource::Variant { endpoint, .. }) => owner == endpoint,
            (Self::Component(owner), Resource::Component { name }) => owner == name,
            _ => false,
        }
    }
}

impl Account {
    pub(crate) fn call_autoscaling(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "RegisterScalableTarget" => self.register_target(read(input)?),
            "DeregisterScalableTarget" => self.deregister_target(&read(input)?),
            "DescribeScalableTargets" => self.describe_targets(input, &read(input)?),
            "PutScalingPolicy" => self.put_policy(read(input)?),
            "DeleteScalingPolicy" => self.delete_policy(&read(input)?),
            "DescribeScalingPolicies" => self.describe_policies(input, &read(input)?),
            "PutScheduledAction" => self.put_action(read(input)?),
            "DeleteScheduledAction" => self.delete_action(&read(input)?),
            "DescribeScheduledActions" => self.describe_actions(input, &read(input)?),
            "DescribeScalingActivities" => self.describe_activities(input, &read(input)?),
            "TagResource" => self.tag_target(read(input)?),
            "UntagResource" => self.untag_target(&read(input)?),
            _ => self.list_tags_of_target(&read(input)?),
        }
    }
}
