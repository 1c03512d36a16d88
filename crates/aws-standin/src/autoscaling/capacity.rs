//! Changing capacity: one change at a time per endpoint.

use serde_json::json;

use super::activity::Activity;
use super::target::Wanted;
use super::{Dimension, Owner, Resource, TargetKey};
use crate::account::Account;
use crate::error::ServiceError;
use crate::sagemaker::{Change, EndpointStatus, Pending};

impl Account {
    /// The capacity that the resource has or is getting.
    fn capacity(&self, key: &TargetKey) -> Option<u32> {
        match &key.resource {
            Resource::Variant { endpoint, variant } => {
                let endpoint = self.sagemaker.endpoints.get(endpoint)?;
                Some(endpoint.variant(variant)?.desired)
            }
            Resource::Component { name } => Some(self.sagemaker.components.get(name)?.desired),
        }
    }

    /// Brings the capacity inside the target's bounds at once, as registering
    /// does ("retrieves the current capacity … adjusts the capacity of the
    /// scalable target to place it within these bounds", API reference).
    pub(super) fn pull_into_bounds(&mut self, key: &TargetKey) {
        let (Some(target), Some(capacity)) = (self.targets.targets.get(key), self.capacity(key))
        else {
            return;
        };
        let wanted = capacity.clamp(target.min, target.max);
        let bound = if wanted > capacity {
            "minimum"
        } else {
            "maximum"
        };
        self.request_capacity(
            key,
            wanted,
            &format!("{bound} capacity was set to {wanted}"),
        );
    }

    /// A scaling action of Application Auto Scaling's own (`Act::Scale`).
    pub(crate) fn scale(&mut self, key: &TargetKey, desired: u32) -> Result<(), ServiceError> {
        let target = self
            .targets
            .targets
            .get(key)
            .ok_or_else(|| key.not_found())?;
        let (suspended, bounds) = (target.suspended, (target.min, target.max));
        let capacity = self.capacity(key).ok_or_else(|| key.not_found())?;
        let wanted = desired.clamp(bounds.0, bounds.1);
        if wanted == capacity && wanted != desired {
            self.refuse_to_scale(key, capacity, bounds, desired);
            return Ok(());
        }
        let switch = if wanted > capacity {
            suspended.scaling_out
        } else {
            suspended.scaling_in
        };
        if switch != Some(true) {
            self.request_capacity(key, wanted, "a scaling policy was triggered");
        }
        Ok(())
    }

    fn refuse_to_scale(
        &mut self,
        key: &TargetKey,
        capacity: u32,
        (min, max): (u32, u32),
        desired: u32,
    ) {
        let reason = if desired > capacity {
            json!({"Code": "AlreadyAtMaxCapacity", "MaxCapacity": max, "CurrentCapacity": capacity})
        } else {
            json!({"Code": "AlreadyAtMinCapacity", "MinCapacity": min, "CurrentCapacity": capacity})
        };
        let cause = "a scaling policy was triggered";
        let activity = Activity::not_scaled(&mut self.identity, key, reason, cause, self.now);
        self.targets.activities.push(activity);
    }

    /// Starts a change, or keeps it for when the resource is free again.
    ///
    /// SageMaker changes the capacity of one variant at a time and refuses
    /// others meanwhile ("Cannot update in-progress endpoint"); Application Auto
    /// Scaling then tries again (application-auto-scaling-scaling-activities,
    /// `TargetServicePutResourceAsUnscalable`).
    fn request_capacity(&mut self, key: &TargetKey, wanted: u32, cause: &str) {
        if self.capacity(key) == Some(wanted) {
            return;
        }
        if !self.free(key) {
            if let Some(target) = self.targets.targets.get_mut(key) {
                target.waiting = Some(Wanted {
                    capacity: wanted,
                    cause: cause.to_owned(),
                });
            }
            return;
        }
        let activity = Activity::begun(&mut self.identity, key, wanted, cause, self.now);
        let pending = Pending::from(
            self.now,
            Change::Scaled {
                activity: activity.id.clone(),
            },
        );
        self.targets.activities.push(activity);
        match &key.resource {
            Resource::Variant {
                endpoint: name,
                variant,
            } => {
                if let Some(endpoint) = self.sagemaker.endpoints.get_mut(name) {
                    if let Some(variant) = endpoint.variant_mut(variant) {
                        variant.desired = wanted;
                    }
                    endpoint.pending = Some(pending);
                    self.set_status(name, EndpointStatus::Updating);
                }
            }
            Resource::Component { name } => {
                if let Some(component) = self.sagemaker.components.get_mut(name) {
                    component.desired = wanted;
                    component.status = EndpointStatus::Updating;
                    component.modified = self.now;
                    component.pending = Some(pending);
                }
            }
        }
    }

    fn free(&self, key: &TargetKey) -> bool {
        let status = match &key.resource {
            Resource::Variant { endpoint, .. } => self
                .sagemaker
                .endpoints
                .get(endpoint)
                .map(|endpoint| endpoint.status),
            Resource::Component { name } => self
                .sagemaker
                .components
                .get(name)
                .map(|component| component.status),
        };
        status == Some(EndpointStatus::InService)
    }

    /// Tries again what had to wait for the endpoint.
    pub(crate) fn resume_scaling_of_endpoint(&mut self, name: &str) {
        self.resume(&Owner::Endpoint(name));
    }

    /// Tries again what had to wait for the inference component.
    pub(crate) fn resume_scaling_of_component(&mut self, component: &str) {
        self.resume(&Owner::Component(component));
    }

    fn resume(&mut self, owner: &Owner<'_>) {
        let mut waiting = Vec::new();
        for key in self.targets.keys_of(owner) {
            if let Some(target) = self.targets.targets.get_mut(&key)
                && let Some(wanted) = target.waiting.take()
            {
                let capacity = wanted.capacity.clamp(target.min, target.max);
                waiting.push((key, capacity, wanted.cause));
            }
        }
        for (key, capacity, cause) in waiting {
            self.request_capacity(&key, capacity, &cause);
        }
    }
}

impl Dimension {
    /// "Setting desired instance count to 3." and the like.
    pub(super) fn describe_change(self, capacity: u32) -> String {
        format!("Setting desired {} to {capacity}.", self.unit())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::account::Account;
    use crate::service::Service;
    use crate::testing::*;

    fn advance(account: &mut Account, seconds: u32) {
        account.play(json!({"act": "Advance", "Seconds": seconds}));
    }

    fn scale(account: &mut Account, target: Target, desired: u32) {
        account.play(json!({
            "act": "Scale", "ResourceId": target.0, "ScalableDimension": target.1, "DesiredCapacity": desired,
        }));
    }

    #[test]
    fn registering_pulls_the_capacity_inside_the_bounds_at_once() {
        let mut account = account();
        account.register(PLAIN, 3, 5).expect("registered");
        assert_eq!(account.capacity_of("Plain"), "Updating 3/1");
        assert_eq!(account.announced(), ["UPDATING"]);
        advance(&mut account, 119);
        assert_eq!(account.capacity_of("Plain"), "Updating 3/1");
        advance(&mut account, 1);
        assert_eq!(account.capacity_of("Plain"), "InService 3/3");
        assert_eq!(account.announced(), ["IN_SERVICE"]);

        account.register(PLAIN, 1, 2).expect("registered");
        advance(&mut account, 120);
        assert_eq!(
            account.capacity_of("Plain"),
            "InService 2/2",
            "lowering the maximum scales in"
        );
        account.announced();

        account.register(PLAIN, 1, 4).expect("registered");
        assert_eq!(
            account.announced(),
            Vec::<String>::new(),
            "nothing to pull, nothing to announce"
        );
    }

    #[test]
    fn an_update_pulls_even_without_bounds() {
        let mut account = account();
        account.register(PLAIN, 1, 5).expect("registered");
        account.play(json!({"act": "SetEndpointStatus", "EndpointName": "Plain", "EndpointStatus": "InService"}));
        account.endpoint_mut("Plain").expect("an endpoint").variants[0].desired = 9;
        account
            .on(PLAIN, "RegisterScalableTarget", json!({}))
            .expect("registered");
        assert_eq!(account.capacity_of("Plain"), "Updating 5/1");
    }

    #[test]
    fn one_change_at_a_time_per_endpoint() {
        let mut account = account();
        account.register(LEFT, 1, 4).expect("registered");
        account.register(RIGHT, 1, 4).expect("registered");
        scale(&mut account, LEFT, 2);
        scale(&mut account, RIGHT, 3);
        assert_eq!(account.capacity_of("pair"), "Updating 2/1 1/1");
        refused(
            account.register(RIGHT, 2, 4),
            "The status should be in 'InService'",
        );
        advance(&mut account, 120);
        assert_eq!(
            account.capacity_of("pair"),
            "Updating 2/2 3/1",
            "then the one that had to wait"
        );
        advance(&mut account, 120);
        assert_eq!(account.capacity_of("pair"), "InService 2/2 3/3");
        assert_eq!(
            account.announced(),
            ["UPDATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]
        );
    }

    #[test]
    fn scaling_stays_inside_the_bounds_and_obeys_suspension() {
        let mut account = account();
        account.register(PLAIN, 1, 3).expect("registered");
        scale(&mut account, PLAIN, 9);
        advance(&mut account, 120);
        assert_eq!(account.capacity_of("Plain"), "InService 3/3");

        let suspended = json!({"SuspendedState": {"DynamicScalingInSuspended": true}});
        account
            .on(PLAIN, "RegisterScalableTarget", suspended)
            .expect("registered");
        scale(&mut account, PLAIN, 1);
        assert_eq!(account.capacity_of("Plain"), "InService 3/3");
    }

    #[test]
    fn components_and_provisioned_concurrency_scale_too() {
        let mut account = account();
        account.register(SERVERLESS, 4, 8).expect("registered");
        account.register(COMPONENT, 0, 2).expect("registered");
        scale(&mut account, COMPONENT, 0);
        let copies = |account: &Account| {
            let component = &account.sagemaker.components["llama"];
            (
                component.desired,
                component.current,
                format!("{:?}", component.status),
            )
        };
        assert_eq!(copies(&account), (0, 1, "Updating".to_owned()));
        assert_eq!(
            account.capacity_of("host"),
            "InService 1/1",
            "the host has no part in it"
        );
        assert_eq!(account.capacity_of("serverless"), "Updating 4/2");
        advance(&mut account, 120);
        assert_eq!(copies(&account), (0, 0, "InService".to_owned()));
        let endpoint = account.ask(
            Service::SageMaker,
            "DescribeEndpoint",
            json!({"EndpointName": "serverless"}),
        );
        let variant = endpoint.expect("an endpoint")["ProductionVariants"][0].take();
        assert_eq!(
            variant["CurrentServerlessConfig"]["ProvisionedConcurrency"],
            4
        );
    }

    #[test]
    fn what_a_bound_keeps_from_scaling_is_told_to_those_who_ask() {
        let mut account = account();
        account.page_size = None;
        account.register(PLAIN, 1, 1).expect("registered");
        scale(&mut account, PLAIN, 3);
        scale(&mut account, PLAIN, 0);
        let mut activities = |all: bool| {
            let input = json!({"ServiceNamespace": "sagemaker", "IncludeNotScaledActivities": all});
            let service = Service::ApplicationAutoScaling;
            let answer = account.ask(service, "DescribeScalingActivities", input);
            answer.expect("an answer")["ScalingActivities"].clone()
        };
        assert_eq!(activities(false), json!([]));
        let reasons = [0, 1].map(|place| activities(true)[place]["NotScaledReasons"].clone());
        assert_eq!(
            reasons,
            [
                json!([{"Code": "AlreadyAtMinCapacity", "MinCapacity": 1, "CurrentCapacity": 1}]),
                json!([{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 1, "CurrentCapacity": 1}]),
            ]
        );
        assert_eq!(activities(true)[0]["StatusCode"], "Failed");
    }

    #[test]
    fn activities_say_what_was_done_and_why() {
        let mut account = account();
        account.page_size = None;
        account.register(PLAIN, 3, 5).expect("registered");
        advance(&mut account, 120);
        account.register(PLAIN, 1, 2).expect("registered");
        let input = json!({"ServiceNamespace": "sagemaker", "ResourceId": PLAIN.0});
        let answer = account.ask(
            Service::ApplicationAutoScaling,
            "DescribeScalingActivities",
            input,
        );
        let answer = answer.expect("an answer");
        let activities = answer["ScalingActivities"].as_array().expect("activities");
        let story: Vec<_> = activities
            .iter()
            .map(|activity| {
                json!([
                    activity["Description"],
                    activity["Cause"],
                    activity["StatusCode"]
                ])
            })
            .collect();
        assert_eq!(
            story,
            [
                json!([
                    "Setting desired instance count to 2.",
                    "maximum capacity was set to 2",
                    "InProgress"
                ]),
                json!([
                    "Setting desired instance count to 3.",
                    "minimum capacity was set to 3",
                    "Successful"
                ]),
            ]
        );
    }
}
