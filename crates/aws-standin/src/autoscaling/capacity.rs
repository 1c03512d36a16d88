//! Changing capacity: one change at a time per endpoint.

use super::activity::Activity;
use super::target::Wanted;
use super::{Dimension, Resource, TargetKey};
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
        self.resume(
            |key| matches!(&key.resource, Resource::Variant { endpoint, .. } if endpoint == name),
        );
    }

    /// Tries again what had to wait for the inference component.
    pub(crate) fn resume_scaling_of_component(&mut self, component: &str) {
        self.resume(
            |key| matches!(&key.resource, Resource::Component { name } if name == component),
        );
    }

    fn resume(&mut self, concerned: impl Fn(&TargetKey) -> bool) {
        let waiting: Vec<_> = self
            .targets
            .targets
            .iter_mut()
            .filter(|(key, _)| concerned(key))
            .filter_map(|(key, target)| {
                let wanted = target.waiting.take()?;
                let capacity = wanted.capacity.clamp(target.min, target.max);
                Some((key.clone(), capacity, wanted.cause))
            })
            .collect();
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
