//! Scalable targets: register, deregister, describe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::{Address, Filter};
use super::listing::Question;
use super::policy::Policy;
use super::scheduled_action::ScheduledAction;
use super::tags::check_tags;
use super::{Owner, TargetKey};
use crate::account::Account;
use crate::error::ServiceError;

/// Both the default and the most of `DescribeScalableTargets`.
const USUAL_PAGE: usize = 50;

/// Three switches; those not given stay as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SuspendedState {
    #[serde(rename = "DynamicScalingInSuspended")]
    pub(super) scaling_in: Option<bool>,
    #[serde(rename = "DynamicScalingOutSuspended")]
    pub(super) scaling_out: Option<bool>,
    #[serde(rename = "ScheduledScalingSuspended")]
    pub(super) scheduled: Option<bool>,
}

impl SuspendedState {
    fn merged_with(self, change: Self) -> Self {
        let merge = |new: Option<bool>, old: Option<bool>| Some(new.or(old).unwrap_or(false));
        Self {
            scaling_in: merge(change.scaling_in, self.scaling_in),
            scaling_out: merge(change.scaling_out, self.scaling_out),
            scheduled: merge(change.scheduled, self.scheduled),
        }
    }
}

/// A capacity that could not be asked for yet, and why it is wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) capacity: u32,
    pub(super) cause: String,
}

/// A registered target.
#[derive(Clone, Debug)]
pub(super) struct ScalableTarget {
    pub(super) arn: String,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) suspended: SuspendedState,
    pub(super) tags: BTreeMap<String, String>,
    /// Whether it has, or ever had, a tag.
    pub(super) tagged: bool,
    pub(super) policies: BTreeMap<String, Policy>,
    pub(super) actions: BTreeMap<String, ScheduledAction>,
    pub(super) created: u32,
    /// Calls that do not see the target yet.
    pub(super) unseen: u32,
    pub(super) waiting: Option<Wanted>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Register {
    #[serde(flatten)]
    address: Address,
    min_capacity: Option<i32>,
    max_capacity: Option<i32>,
    suspended_state: Option<SuspendedState>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

impl Account {
    /// Registers a target, or changes the given parameters of one: "Any
    /// parameters that you don't specify are not changed by this update
    /// request" (`RegisterScalableTarget`, API reference).
    pub(super) fn register_target(&mut self, request: Register) -> Result<Value, ServiceError> {
        let key = request.address.key()?;
        let held = self.targets.targets.get(&key);
        if held.is_some() && !request.tags.is_empty() {
            // Seen in terraform-aws-modules/terraform-aws-rds-aurora#420.
            return Err(ServiceError::validation(
                "The scalable target that you tried to tag already exists. To update tags on an existing \
                 scalable target, use the TagResource API.",
            ));
        }
        let bound = |given: Option<i32>, held: Option<u32>, what: &str| match (given, held) {
            (Some(given), _) => u32::try_from(given).map_err(|_| {
                ServiceError::validation(format!("{what} capacity must not be negative"))
            }),
            (None, Some(held)) => Ok(held),
            (None, None) => Err(ServiceError::validation(format!(
                "{what} capacity must be specified when a scalable target is registered"
            ))),
        };
        let min = bound(request.min_capacity, held.map(|held| held.min), "Minimum")?;
        let max = bound(request.max_capacity, held.map(|held| held.max), "Maximum")?;
        if min > max {
            return Err(ServiceError::validation(
                "Maximum capacity cannot be less than minimum capacity",
            ));
        }
        self.check_eligible(&key, min, max)?;
        // `TooManyTagsException` is not among this operation's modelled errors.
        check_tags(request.tags.len(), request.tags.keys())
            .map_err(|error| ServiceError::validation(error.message.unwrap_or_default()))?;
        let suspended = request.suspended_state.unwrap_or_default();
        let arn = match self.targets.targets.get_mut(&key) {
            Some(held) => {
                (held.min, held.max) = (min, max);
                held.suspended = held.suspended.merged_with(suspended);
                held.arn.clone()
            }
            None => self.add_target(&key, min, max, suspended, request.tags)?,
        };
        self.pull_into_bounds(&key);
        Ok(json!({ "ScalableTargetARN": arn }))
    }

    fn add_target(
        &mut self,
        key: &TargetKey,
        min: u32,
        max: u32,
        suspended: SuspendedState,
        tags: BTreeMap<String, String>,
    ) -> Result<String, ServiceError> {
        let quota = self.targets.quota;
        if self.targets.targets.len() >= quota {
            return Err(ServiceError::new(
                "LimitExceededException",
                format!("The number of scalable targets has reached the limit of {quota}."),
            ));
        }
        let id = self.identity.scalable_target_id();
        let resource = format!("scalable-target/{id}");
        let target = ScalableTarget {
            arn: self.identity.arn("application-autoscaling", &resource),
            min,
            max,
            suspended: SuspendedState::default().merged_with(suspended),
            tagged: !tags.is_empty(),
            tags,
            policies: BTreeMap::new(),
            actions: BTreeMap::new(),
            created: self.now,
            unseen: self.consistency_lag,
            waiting: None,
        };
        let arn = target.arn.clone();
        self.targets.add(key.clone(), target);
        Ok(arn)
    }

    /// Takes a target away with its policies and scheduled actions. Alarms of
    /// target-tracking policies go, alarms of step policies stay
    /// (`DeregisterScalableTarget`, `DeleteScalingPolicy`, API reference).
    pub(super) fn deregister_target(&mut self, address: &Address) -> Result<Value, ServiceError> {
        let key = address.key()?;
        self.remove_target(&key).ok_or_else(|| key.not_found())?;
        Ok(json!({}))
    }

    fn remove_target(&mut self, key: &TargetKey) -> Option<()> {
        let target = self.targets.remove(key)?;
        for policy in target.policies.values() {
            self.remove_alarms_of(policy);
        }
        Some(())
    }

    /// What SageMaker does for a permitted deleter of an endpoint.
    pub(crate) fn deregister_variants_of(&mut self, endpoint_name: &str) {
        for key in self.targets.keys_of(&Owner::Endpoint(endpoint_name)) {
            self.remove_target(&key);
        }
    }

    pub(super) fn describe_targets(
        &self,
        input: &Value,
        filter: &Filter,
    ) -> Result<Value, ServiceError> {
        filter.check()?;
        let question = Question {
            operation: "DescribeScalableTargets",
            member: "ScalableTargets",
            most: USUAL_PAGE,
            input,
            filter,
        };
        let itself = |target| std::iter::once(("", target));
        self.answer_page(&question, itself, |key, target| {
            self.describe_target(key, target)
        })
    }

    fn describe_target(&self, key: &TargetKey, target: &ScalableTarget) -> Value {
        json!({
            "ServiceNamespace": "sagemaker",
            "ResourceId": key.resource.to_string(),
            "ScalableDimension": key.dimension,
            "MinCapacity": target.min,
            "MaxCapacity": target.max,
            "RoleARN": format!(
                "arn:aws:iam::{}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/\
                 AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
                self.identity.account_id
            ),
            "CreationTime": f64::from(target.created),
            "SuspendedState": target.suspended,
            "ScalableTargetARN": target.arn,
        })
    }

    /// For `state`: every target with its tags, policies and scheduled actions.
    pub(crate) fn describe_targets_with_all(&self) -> Vec<Value> {
        let all = |(key, target): (&TargetKey, &ScalableTarget)| {
            let mut description = self.describe_target(key, target);
            let policies = target.policies.values();
            let actions = target.actions.values();
            description["Tags"] = json!(target.tags);
            description["ScalingPolicies"] = policies
                .map(|policy| self.describe_policy(key, policy))
                .collect();
            description["ScheduledActions"] = actions.map(|action| action.describe(key)).collect();
            description
        };
        self.targets.targets.iter().map(all).collect()
    }

    /// A target as the client may see it: not at once after it is registered,
    /// if there is a lag ("there might be a brief delay until the operation
    /// achieves eventual consistency", `RegisterScalableTarget`, API reference).
    pub(super) fn visible_target(
        &mut self,
        key: &TargetKey,
    ) -> Result<&mut ScalableTarget, ServiceError> {
        let target = self
            .targets
            .targets
            .get_mut(key)
            .ok_or_else(|| key.not_registered())?;
        if target.unseen > 0 {
            target.unseen -= 1;
            return Err(key.not_registered());
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests;
