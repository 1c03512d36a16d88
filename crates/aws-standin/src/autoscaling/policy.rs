//! Scaling policies: put, delete, describe.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::TargetKey;
use super::address::{Address, Filter};
use super::listing::Question;
use super::metric::TargetTracking;
use super::step::StepScaling;
use super::target::ScalableTarget;
use crate::account::{Account, read};
use crate::cloudwatch::{Alarm, NewAlarm};
use crate::error::ServiceError;

/// Policies per target, a fixed quota ("Application Auto Scaling endpoints and
/// quotas").
const POLICIES: usize = 50;

/// Both the default and the most of `DescribeScalingPolicies`.
const USUAL_PAGE: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum PolicyType {
    #[serde(rename = "StepScaling")]
    Step,
    #[serde(rename = "TargetTrackingScaling")]
    TargetTracking,
    #[serde(rename = "PredictiveScaling")]
    Predictive,
}

impl PolicyType {
    /// The member that holds a policy's configuration.
    const fn member(self) -> &'static str {
        match self {
            Self::Step => "StepScalingPolicyConfiguration",
            Self::TargetTracking => "TargetTrackingScalingPolicyConfiguration",
            Self::Predictive => "PredictiveScalingPolicyConfiguration",
        }
    }
}

/// A scaling policy. The configuration is what the client sent: omitted
/// members, cooldowns among them, are not filled in.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    name: String,
    arn: String,
    kind: PolicyType,
    config: Value,
    /// Names of the alarms that Application Auto Scaling made for it.
    alarms: Vec<String>,
    created: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Put {
    #[serde(flatten)]
    address: Address,
    policy_name: String,
    policy_type: Option<PolicyType>,
    step_scaling_policy_configuration: Option<Value>,
    target_tracking_scaling_policy_configuration: Option<Value>,
    predictive_scaling_policy_configuration: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    #[serde(flatten)]
    address: Address,
    policy_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Describe {
    #[serde(flatten)]
    filter: Filter,
    policy_names: Option<Vec<String>>,
}

impl Put {
    /// The kind and the configuration that the policy will have.
    ///
    /// A configuration that is given replaces the old one whole: optional
    /// members it omits go back to their defaults. One that is not given stays.
    /// (Measured by emulators; the SageMaker guide only says "specify new values
    /// for the parameters that you want to change".)
    fn settle(&mut self, old: Option<&Policy>) -> Result<(PolicyType, Value), ServiceError> {
        let refuse = |problem: String| Err(ServiceError::validation(problem));
        let Some(kind) = self.policy_type.or(old.map(|old| old.kind)) else {
            return refuse("PolicyType is required when a scaling policy is created.".to_owned());
        };
        if old.is_some_and(|old| old.kind != kind) {
            return refuse("The type of a scaling policy cannot be changed.".to_owned());
        }
        if kind == PolicyType::Predictive {
            // "PredictiveScaling—Only supported for Amazon ECS" (API reference).
            return refuse("PredictiveScaling is only supported for Amazon ECS.".to_owned());
        }
        let configs = [
            (
                PolicyType::Step,
                self.step_scaling_policy_configuration.take(),
            ),
            (
                PolicyType::TargetTracking,
                self.target_tracking_scaling_policy_configuration.take(),
            ),
            (
                PolicyType::Predictive,
                self.predictive_scaling_policy_configuration.take(),
            ),
        ];
        let mut config = old.map(|old| old.config.clone());
        for (of, given) in configs {
            match given {
                Some(given) if of == kind => config = Some(given),
                Some(_) => {
                    return refuse(format!(
                        "{} does not fit the type of the policy.",
                        of.member()
                    ));
                }
                None => {}
            }
        }
        match config {
            Some(config) => Ok((kind, config)),
            None => refuse(format!(
                "{} is required when a policy is created.",
                kind.member()
            )),
        }
    }
}

impl Account {
    /// Creates or updates a policy. An update keeps the ARN, but replaces the
    /// alarms of a target-tracking policy by new ones under new names, also when
    /// nothing differs (measured by emulators).
    pub(super) fn put_policy(&mut self, mut request: Put) -> Result<Value, ServiceError> {
        let key = request.address.key()?;
        let target = self.visible_target(&key)?;
        let old = target.policies.get(&request.policy_name).cloned();
        let others: Vec<_> = target
            .policies
            .values()
            .filter(|policy| policy.name != request.policy_name)
            .cloned()
            .collect();
        let (kind, config) = request.settle(old.as_ref())?;
        if kind == PolicyType::Step {
            read::<StepScaling>(&config)?
                .check()
                .map_err(ServiceError::validation)?;
        } else {
            read::<TargetTracking>(&config)?.check(key.dimension)?;
            check_metric_is_free(&config, &others)?;
        }
        if old.is_none() && others.len() >= POLICIES {
            return Err(ServiceError::new(
                "LimitExceededException",
                format!("The number of scaling policies has reached the limit of {POLICIES}."),
            ));
        }
        if let Some(old) = &old {
            self.drop_managed_alarms(old);
        }
        let (arn, created) = match old {
            Some(old) => (old.arn, old.created),
            None => (self.policy_arn(&key, &request.policy_name), self.now),
        };
        let alarms = match kind {
            PolicyType::TargetTracking => {
                self.managed_alarms(&key, &arn, &request.policy_name, &config)?
            }
            _ => Vec::new(),
        };
        let policy = Policy {
            name: request.policy_name.clone(),
            arn,
            kind,
            config,
            alarms,
            created,
        };
        let answer = json!({"PolicyARN": policy.arn, "Alarms": self.alarms_of(&policy)});
        if let Some(target) = self.targets.targets.get_mut(&key) {
            target.policies.insert(request.policy_name, policy);
        }
        Ok(answer)
    }

    fn policy_arn(&mut self, key: &TargetKey, name: &str) -> String {
        let id = self.identity.uuid();
        let resource = format!(
            "scalingPolicy:{id}:resource/sagemaker/{}:policyName/{name}",
            key.resource
        );
        self.identity.arn("autoscaling", &resource)
    }

    /// Makes `AlarmHigh`, and `AlarmLow` unless scaling in is disabled.
    fn managed_alarms(
        &mut self,
        key: &TargetKey,
        policy_arn: &str,
        policy_name: &str,
        config: &Value,
    ) -> Result<Vec<String>, ServiceError> {
        let config: TargetTracking = read(config)?;
        let mut names = Vec::new();
        for (side, high) in [("AlarmHigh", true), ("AlarmLow", false)] {
            if !high && config.disable_scale_in {
                continue;
            }
            let name = format!(
                "TargetTracking-{}-{side}-{}",
                key.resource,
                self.identity.uuid()
            );
            let mut settings = config.alarm(key, high);
            settings["AlarmName"] = name.as_str().into();
            settings["AlarmActions"] =
                json!([format!("{policy_arn}:createdBy/{}", self.identity.uuid())]);
            settings["AlarmDescription"] =
                format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_name}.")
                    .into();
            self.store_alarm(NewAlarm {
                name: name.clone(),
                settings,
            });
            names.push(name);
        }
        Ok(names)
    }

    fn drop_managed_alarms(&mut self, policy: &Policy) {
        for name in &policy.alarms {
            self.alarms.remove(name);
        }
    }

    /// What deleting a policy does to alarms: its own go; those that somebody
    /// else made stay, without the action.
    pub(super) fn remove_alarms_of(&mut self, policy: &Policy) {
        self.drop_managed_alarms(policy);
        self.alarms.forget(&policy.arn);
    }

    /// A step policy has the alarms whose actions name it.
    fn alarms_of(&self, policy: &Policy) -> Vec<Value> {
        let summary = |alarm: &Alarm| json!({"AlarmName": alarm.name, "AlarmARN": alarm.arn()});
        if policy.kind == PolicyType::TargetTracking {
            let names = policy.alarms.iter();
            names
                .filter_map(|name| self.alarms.get(name))
                .map(summary)
                .collect()
        } else {
            self.alarms.invoking(&policy.arn).map(summary).collect()
        }
    }

    pub(super) fn delete_policy(&mut self, request: &Delete) -> Result<Value, ServiceError> {
        let key = request.address.key()?;
        let missing = || key.missing("No scaling policy found");
        let target = self.targets.targets.get_mut(&key).ok_or_else(missing)?;
        let policy = target
            .policies
            .remove(&request.policy_name)
            .ok_or_else(missing)?;
        self.remove_alarms_of(&policy);
        Ok(json!({}))
    }

    pub(super) fn describe_policies<'a>(
        &'a self,
        input: &Value,
        request: &Describe,
    ) -> Result<Value, ServiceError> {
        let Describe {
            filter,
            policy_names,
        } = request;
        filter.check()?;
        let question = Question {
            operation: "DescribeScalingPolicies",
            member: "ScalingPolicies",
            most: USUAL_PAGE,
            input,
            filter,
        };
        let named = |name: &String| {
            let names = policy_names.as_ref();
            names.is_none_or(|names| names.contains(name))
        };
        let policies = |target: &'a ScalableTarget| {
            let policies = target.policies.iter().filter(|(name, _)| named(name));
            policies.map(|(name, policy)| (name.as_str(), policy))
        };
        self.answer_page(&question, policies, |key, policy| {
            self.describe_policy(key, policy)
        })
    }

    pub(super) fn describe_policy(&self, key: &TargetKey, policy: &Policy) -> Value {
        json!({
            "PolicyARN": policy.arn,
            "PolicyName": policy.name,
            "ServiceNamespace": "sagemaker",
            "ResourceId": key.resource.to_string(),
            "ScalableDimension": key.dimension,
            "PolicyType": policy.kind,
            policy.kind.member(): policy.config,
            "Alarms": self.alarms_of(policy),
            "CreationTime": f64::from(policy.created),
        })
    }
}

/// In the words of hashicorp/terraform-provider-aws#41179.
fn check_metric_is_free(config: &Value, others: &[Policy]) -> Result<(), ServiceError> {
    let specification = read::<TargetTracking>(config)?.specification();
    for other in others
        .iter()
        .filter(|other| other.kind == PolicyType::TargetTracking)
    {
        if read::<TargetTracking>(&other.config)?.specification() == specification {
            return Err(ServiceError::validation(
                "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
