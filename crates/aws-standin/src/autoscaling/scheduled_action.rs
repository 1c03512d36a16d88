//! Scheduled actions: put, delete, describe, and what firing one does.

use serde::Deserialize;
use serde_json::{Value, json};

use super::TargetKey;
use super::address::{Address, Filter};
use super::listing::Question;
use super::schedule::check_schedule;
use super::target::ScalableTarget;
use crate::account::Account;
use crate::error::ServiceError;

/// Scheduled actions per target, a fixed quota ("Application Auto Scaling
/// endpoints and quotas").
const ACTIONS: usize = 200;

/// Both the default and the most of `DescribeScheduledActions`.
const USUAL_PAGE: usize = 50;

/// A scheduled action.
#[derive(Clone, Debug)]
pub(super) struct ScheduledAction {
    name: String,
    arn: String,
    schedule: String,
    timezone: Option<String>,
    start: Option<f64>,
    end: Option<f64>,
    bounds: Bounds,
    created: u32,
}

/// New bounds; either may be left out.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bounds {
    min_capacity: Option<u32>,
    max_capacity: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Put {
    #[serde(flatten)]
    address: Address,
    scheduled_action_name: String,
    schedule: Option<String>,
    timezone: Option<String>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    scalable_target_action: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    #[serde(flatten)]
    address: Address,
    scheduled_action_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Describe {
    #[serde(flatten)]
    filter: Filter,
    scheduled_action_names: Option<Vec<String>>,
}

impl ScheduledAction {
    pub(super) fn describe(&self, key: &TargetKey) -> Value {
        json!({
            "ScheduledActionName": self.name,
            "ScheduledActionARN": self.arn,
            "ServiceNamespace": "sagemaker",
            "ResourceId": key.resource.to_string(),
            "ScalableDimension": key.dimension,
            "Schedule": self.schedule,
            "Timezone": self.timezone,
            "StartTime": self.start,
            "EndTime": self.end,
            "ScalableTargetAction": {
                "MinCapacity": self.bounds.min_capacity,
                "MaxCapacity": self.bounds.max_capacity,
            },
            "CreationTime": f64::from(self.created),
        })
    }
}

impl Put {
    fn check(&self) -> Result<(), ServiceError> {
        if let Some(schedule) = &self.schedule {
            check_schedule(schedule).map_err(ServiceError::validation)?;
        }
        // "Valid values are the canonical names of the IANA time zones"
        // (`PutScheduledAction`, API reference).
        if let Some(zone) = &self.timezone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            return Err(ServiceError::validation(format!(
                "The time zone {zone} is not valid."
            )));
        }
        if let (Some(start), Some(end)) = (self.start_time, self.end_time)
            && start >= end
        {
            return Err(ServiceError::validation(
                "The start time must be before the end time.",
            ));
        }
        Ok(())
    }

    fn bounds(&self) -> Result<Option<Bounds>, ServiceError> {
        let Some(action) = &self.scalable_target_action else {
            return Ok(None);
        };
        let bounds = Bounds::deserialize(action)
            .map_err(|_| ServiceError::validation("Capacity must not be negative."))?;
        match (bounds.min_capacity, bounds.max_capacity) {
            (None, None) => Err(ServiceError::validation(
                "MinCapacity or MaxCapacity must be specified.",
            )),
            (Some(min), Some(max)) if min > max => Err(ServiceError::validation(
                "Maximum capacity cannot be less than minimum capacity",
            )),
            _ => Ok(Some(bounds)),
        }
    }
}

impl Account {
    /// Creates or updates an action: "specify the parameters that you want to
    /// change. If you don't specify start and end times, the old values are
    /// deleted" (API reference).
    pub(super) fn put_action(&mut self, request: Put) -> Result<Value, ServiceError> {
        let key = request.address.key()?;
        let target = self.visible_target(&key)?;
        let old = target.actions.get(&request.scheduled_action_name).cloned();
        let count = target.actions.len();
        request.check()?;
        let bounds = request.bounds()?.or(old.as_ref().map(|old| old.bounds));
        let schedule = request
            .schedule
            .or(old.as_ref().map(|old| old.schedule.clone()));
        let (Some(bounds), Some(schedule)) = (bounds, schedule) else {
            return Err(ServiceError::validation(
                "Schedule and ScalableTargetAction are required when a scheduled action is created.",
            ));
        };
        self.check_bounds(&key, bounds.min_capacity, bounds.max_capacity)?;
        if old.is_none() && count >= ACTIONS {
            return Err(ServiceError::new(
                "LimitExceededException",
                format!("The number of scheduled actions has reached the limit of {ACTIONS}."),
            ));
        }
        let timezone = request
            .timezone
            .or(old.as_ref().and_then(|old| old.timezone.clone()));
        let (arn, created) = match old {
            Some(old) => (old.arn, old.created),
            None => (
                self.action_arn(&key, &request.scheduled_action_name),
                self.now,
            ),
        };
        let action = ScheduledAction {
            name: request.scheduled_action_name.clone(),
            arn,
            schedule,
            timezone,
            start: request.start_time,
            end: request.end_time,
            bounds,
            created,
        };
        if let Some(target) = self.targets.targets.get_mut(&key) {
            target.actions.insert(request.scheduled_action_name, action);
        }
        Ok(json!({}))
    }

    fn action_arn(&mut self, key: &TargetKey, name: &str) -> String {
        let id = self.identity.uuid();
        let resource = format!(
            "scheduledAction:{id}:resource/sagemaker/{}:scheduledActionName/{name}",
            key.resource
        );
        self.identity.arn("autoscaling", &resource)
    }

    pub(super) fn delete_action(&mut self, request: &Delete) -> Result<Value, ServiceError> {
        let key = request.address.key()?;
        let missing = || key.missing("No scheduled action found");
        let target = self.targets.targets.get_mut(&key).ok_or_else(missing)?;
        target
            .actions
            .remove(&request.scheduled_action_name)
            .ok_or_else(missing)?;
        Ok(json!({}))
    }

    pub(super) fn describe_actions<'a>(
        &'a self,
        input: &Value,
        request: &Describe,
    ) -> Result<Value, ServiceError> {
        let filter = &request.filter;
        filter.check()?;
        let names = request.scheduled_action_names.as_ref();
        let question = Question {
            operation: "DescribeScheduledActions",
            member: "ScheduledActions",
            most: USUAL_PAGE,
            input,
            filter,
        };
        let wanted = |name: &String| names.is_none_or(|names| names.contains(name));
        let actions = |target: &'a ScalableTarget| {
            let actions = target.actions.iter().filter(|(name, _)| wanted(name));
            actions.map(|(name, action)| (name.as_str(), action))
        };
        self.answer_page(&question, actions, |key, action| action.describe(key))
    }

    /// What Application Auto Scaling does when an action's time has come: it
    /// rewrites the target's bounds and brings the capacity inside them
    /// (`ScalableTargetAction`, API reference). Nothing while scheduled scaling
    /// is suspended, and nothing where the bounds would cross.
    pub(crate) fn fire_action(&mut self, key: &TargetKey, name: &str) -> Result<(), ServiceError> {
        let missing = || key.missing("No scheduled action found");
        let target = self.targets.targets.get_mut(key).ok_or_else(missing)?;
        let bounds = target.actions.get(name).ok_or_else(missing)?.bounds;
        if target.suspended.scheduled == Some(true) {
            return Ok(());
        }
        let min = bounds.min_capacity.unwrap_or(target.min);
        let max = bounds.max_capacity.unwrap_or(target.max);
        if min <= max {
            (target.min, target.max) = (min, max);
            self.pull_into_bounds(key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
