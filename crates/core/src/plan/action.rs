//! The calls a plan is made of, named after the API operations.

use crate::report::Reason;
use crate::scaling::{AlarmDefinition, CapacityRange, ScalingPolicy, ScheduledAction, Suspension};

/// One API call.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Creates the target, moves its bounds, or lets it stand still. What is not given stays.
    RegisterScalableTarget {
        /// The bounds.
        range: Option<CapacityRange>,
        /// What shall stand still, and what shall not.
        suspended: Option<Suspension>,
        /// Tags of a new target: AWS refuses them on one that exists.
        tags: Vec<(&'static str, String)>,
    },
    /// Writes our memory on a target that exists.
    TagResource {
        /// The target.
        arn: String,
        /// The tags.
        tags: Vec<(&'static str, String)>,
    },
    /// Takes our memory off a target that stays.
    UntagResource {
        /// The target.
        arn: String,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// Creates or replaces a policy, always whole: what is left out reverts to its default.
    PutScalingPolicy(ScalingPolicy),
    /// Removes a policy of ours.
    DeleteScalingPolicy(String),
    /// Creates or replaces an alarm that drives a step policy.
    PutMetricAlarm {
        /// The alarm.
        alarm: AlarmDefinition,
        /// What it says about itself.
        description: String,
        /// What it acts on.
        policy: PolicyArn,
    },
    /// Removes alarms of ours; AWS leaves them behind when a step policy is deleted.
    DeleteAlarms(Vec<String>),
    /// Creates or replaces a scheduled action.
    PutScheduledAction(ScheduledAction),
    /// Removes a scheduled action of ours.
    DeleteScheduledAction(String),
    /// Removes the target; AWS removes its policies and scheduled actions with it.
    DeregisterScalableTarget,
}

/// Where the ARN of a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyArn {
    /// The policy is held.
    Held(String),
    /// The policy of that name is put earlier in the same plan, which answers its ARN.
    Put(String),
}

impl Action {
    /// The API operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::RegisterScalableTarget { .. } => "RegisterScalableTarget",
            Self::TagResource { .. } => "TagResource",
            Self::UntagResource { .. } => "UntagResource",
            Self::PutScalingPolicy(_) => "PutScalingPolicy",
            Self::DeleteScalingPolicy(_) => "DeleteScalingPolicy",
            Self::PutMetricAlarm { .. } => "PutMetricAlarm",
            Self::DeleteAlarms(_) => "DeleteAlarms",
            Self::PutScheduledAction(_) => "PutScheduledAction",
            Self::DeleteScheduledAction(_) => "DeleteScheduledAction",
            Self::DeregisterScalableTarget => "DeregisterScalableTarget",
        }
    }

    /// The name of the policy, alarm or scheduled action it is about.
    #[must_use]
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::PutScalingPolicy(policy) => Some(policy.name.clone()),
            Self::PutMetricAlarm { alarm, .. } => Some(alarm.alarm_name.clone()),
            Self::PutScheduledAction(action) => Some(action.scheduled_action_name.clone()),
            Self::DeleteScalingPolicy(name) | Self::DeleteScheduledAction(name) => {
                Some(name.clone())
            }
            Self::DeleteAlarms(names) => Some(names.join(", ")),
            _ => None,
        }
    }
}

/// A call to make, or one that is left out with its reason.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every step is a call")]
pub enum Step {
    /// Make this call.
    Do(Action),
    /// It would collide, or come too late.
    Skip {
        /// The API operation.
        action: &'static str,
        /// The policy or scheduled action.
        name: String,
        /// Why.
        reason: Reason,
    },
}
