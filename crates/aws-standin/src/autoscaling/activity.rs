//! Scaling activities: what was changed, when and why.

use serde_json::{Value, json};

use super::TargetKey;
use super::address::Filter;
use super::listing::Question;
use crate::account::Account;
use crate::error::ServiceError;
use crate::identity::Identity;

/// One change of capacity.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    pub(super) id: String,
    key: TargetKey,
    description: String,
    cause: String,
    started: u32,
    ended: Option<u32>,
    /// Why nothing was changed, as `NotScaledReason` says it.
    not_scaled: Option<Value>,
}

/// Both the default and the most of `DescribeScalingActivities`.
const USUAL_PAGE: usize = 50;

impl Activity {
    pub(super) fn begun(
        identity: &mut Identity,
        key: &TargetKey,
        capacity: u32,
        cause: &str,
        now: u32,
    ) -> Self {
        Self {
            id: identity.uuid(),
            key: key.clone(),
            description: key.dimension.describe_change(capacity),
            cause: cause.to_owned(),
            started: now,
            ended: None,
            not_scaled: None,
        }
    }

    /// A policy was triggered and could do nothing; the words are those of the user guide's
    /// example ("Scaling activities for Application Auto Scaling").
    pub(super) fn not_scaled(
        identity: &mut Identity,
        key: &TargetKey,
        reason: Value,
        cause: &str,
        now: u32,
    ) -> Self {
        Self {
            description: "Attempting to scale due to alarm triggered".to_owned(),
            not_scaled: Some(reason),
            ..Self::begun(identity, key, 0, cause, now)
        }
    }

    fn describe(&self) -> Value {
        let (code, message) = match (&self.not_scaled, self.ended) {
            (Some(_), _) => ("Failed", None),
            (None, Some(_)) => ("Successful", Some("Successfully set desired capacity.")),
            (None, None) => ("InProgress", Some("Change in progress.")),
        };
        json!({
            "ActivityId": self.id,
            "ServiceNamespace": "sagemaker",
            "ResourceId": self.key.resource.to_string(),
            "ScalableDimension": self.key.dimension,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": f64::from(self.started),
            "EndTime": self.ended.map(f64::from),
            "StatusCode": code,
            "StatusMessage": message,
            "NotScaledReasons": self.not_scaled.as_ref().map(|reason| [reason]),
        })
    }
}

impl Account {
    pub(crate) fn complete_activity(&mut self, id: &str) {
        let now = self.now;
        let activities = &mut self.targets.activities;
        // Ids count up, so the oldest first is also the lowest first.
        if let Ok(place) = activities.binary_search_by(|activity| activity.id.as_str().cmp(id)) {
            activities[place].ended = Some(now);
        }
    }

    /// Newest first, as the console and the API show them.
    pub(super) fn describe_activities(
        &self,
        input: &Value,
        filter: &Filter,
    ) -> Result<Value, ServiceError> {
        filter.check()?;
        let question = Question {
            operation: "DescribeScalingActivities",
            member: "ScalingActivities",
            most: USUAL_PAGE,
            input,
            filter,
        };
        let cursor = question.cursor(self)?;
        let keys = filter.keys();
        let wanted = |activity: &&Activity| {
            let keys = keys.as_ref();
            keys.is_none_or(|keys| keys.contains(&activity.key))
        };
        let before =
            |activity: &&Activity| cursor.after().is_none_or(|after| *activity.id < *after);
        let all = input["IncludeNotScaledActivities"] == json!(true);
        let newest_first = self.targets.activities.iter().rev();
        let items = newest_first
            .filter(before)
            .filter(wanted)
            .filter(|activity| all || activity.not_scaled.is_none())
            .map(|activity| (activity.id.clone(), activity));
        let page = cursor.page(items).describe(Activity::describe);
        Ok(json!({ question.member: page.items, "NextToken": page.next_token }))
    }
}
