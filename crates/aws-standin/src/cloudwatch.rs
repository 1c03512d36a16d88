//! CloudWatch: alarms, our own ones and those of target-tracking policies, and metrics.

mod describe;
mod metric;
mod put;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

pub(crate) use metric::Metrics;
pub(crate) use put::NewAlarm;

/// A metric alarm. Nothing evaluates it: it stays in `INSUFFICIENT_DATA`.
#[derive(Clone, Debug)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    arn: String,
    /// The members of `PutMetricAlarm` as given, without the tags.
    settings: Value,
    configured: u32,
    state_updated: u32,
}

impl Alarm {
    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// Every action, whichever state it belongs to.
    fn actions(&self) -> impl Iterator<Item = &str> {
        ["AlarmActions", "OKActions", "InsufficientDataActions"]
            .into_iter()
            .filter_map(|member| self.settings.get(member)?.as_array())
            .flatten()
            .filter_map(Value::as_str)
    }

    /// Takes the action away, as deleting a step-scaling policy does
    /// (`DeleteScalingPolicy`, Application Auto Scaling API reference).
    fn forget(&mut self, policy_arn: &str) {
        for member in ["AlarmActions", "OKActions", "InsufficientDataActions"] {
            if let Some(actions) = self.settings.get_mut(member).and_then(Value::as_array_mut) {
                actions.retain(|action| action != policy_arn);
            }
        }
    }

    /// The alarm's entry in `DescribeAlarms`.
    pub(crate) fn describe(&self) -> Value {
        let mut description = json!({
            "ActionsEnabled": true,
            "AlarmActions": [],
            "OKActions": [],
            "InsufficientDataActions": [],
            "Dimensions": [],
            "AlarmArn": self.arn,
            "AlarmConfigurationUpdatedTimestamp": f64::from(self.configured),
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": f64::from(self.state_updated),
            "StateTransitionedTimestamp": f64::from(self.state_updated),
        });
        for (member, value) in self.settings.as_object().into_iter().flatten() {
            description[member] = value.clone();
        }
        description
    }
}

/// The alarms of an account by name, and by what they invoke.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    by_name: BTreeMap<String, Alarm>,
    /// Names by the ARN of an action.
    by_action: BTreeMap<String, BTreeSet<String>>,
}

impl Deref for Alarms {
    type Target = BTreeMap<String, Alarm>;

    fn deref(&self) -> &Self::Target {
        &self.by_name
    }
}

impl Alarms {
    fn insert(&mut self, alarm: Alarm) {
        self.remove(&alarm.name);
        for action in alarm.actions() {
            let names = self.by_action.entry(action.to_owned()).or_default();
            names.insert(alarm.name.clone());
        }
        self.by_name.insert(alarm.name.clone(), alarm);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Alarm> {
        let alarm = self.by_name.remove(name)?;
        for action in alarm.actions() {
            if let Some(names) = self.by_action.get_mut(action) {
                names.remove(name);
                if names.is_empty() {
                    self.by_action.remove(action);
                }
            }
        }
        Some(alarm)
    }

    /// The alarms that invoke the scaling policy of that ARN, in order of names.
    pub(crate) fn invoking(&self, policy_arn: &str) -> impl Iterator<Item = &Alarm> {
        let names = self.by_action.get(policy_arn).into_iter().flatten();
        names.filter_map(|name| self.by_name.get(name))
    }

    /// What deleting a policy does to the alarms that invoke it.
    pub(crate) fn forget(&mut self, policy_arn: &str) {
        for name in self.by_action.remove(policy_arn).unwrap_or_default() {
            if let Some(alarm) = self.by_name.get_mut(&name) {
                alarm.forget(policy_arn);
            }
        }
    }
}

impl Account {
    pub(crate) fn call_cloudwatch(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "PutMetricAlarm" => self.put_metric_alarm(input),
            "GetMetricData" => self.get_metric_data(input),
            "DeleteAlarms" => self.delete_alarms(input),
            _ => self.describe_alarms(input, &read(input)?),
        }
    }

    /// "If you specify any incorrect alarm names, the alarms you specify with
    /// correct names are still deleted" (`DeleteAlarms`, API reference); the
    /// modelled `ResourceNotFound` then says that some were incorrect.
    fn delete_alarms(&mut self, input: &Value) -> Result<Value, ServiceError> {
        let names: Vec<String> = read(&input["AlarmNames"])?;
        let missing: Vec<_> = names
            .iter()
            .filter(|name| self.alarms.remove(name).is_none())
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(json!({}));
        }
        let message = format!("Unknown alarms: {}", missing.join(", "));
        Err(ServiceError::new("ResourceNotFound", message).with_status(404))
    }
}
