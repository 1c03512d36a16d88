//! CloudWatch alarms, our own ones and those of target-tracking policies.

mod describe;
mod put;

use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

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

    /// Whether the alarm invokes the scaling policy of that ARN.
    pub(crate) fn invokes(&self, policy_arn: &str) -> bool {
        self.actions().any(|action| action == policy_arn)
    }

    /// Takes the action away, as deleting a step-scaling policy does
    /// (`DeleteScalingPolicy`, Application Auto Scaling API reference).
    pub(crate) fn forget(&mut self, policy_arn: &str) {
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

impl Account {
    pub(crate) fn call_cloudwatch(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "PutMetricAlarm" => self.put_metric_alarm(input),
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
            .filter(|name| self.alarms.remove(*name).is_none())
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(json!({}));
        }
        let message = format!("Unknown alarms: {}", missing.join(", "));
        Err(ServiceError::new("ResourceNotFound", message).with_status(404))
    }
}
