//! Scaling activities: what was changed, when and why.

use serde_json::{Value, json};

use super::TargetKey;
use super::address::Filter;
use crate::account::Account;
use crate::error::ServiceError;
use crate::identity::Identity;
use crate::paging::{Listing, Order};

/// One change of capacity.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    pub(super) id: String,
    key: TargetKey,
    description: String,
    cause: String,
    started: u32,
    ended: Option<u32>,
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
        }
    }

    fn describe(&self) -> Value {
        let (code, message) = match self.ended {
            Some(_) => ("Successful", "Successfully set desired capacity."),
            None => ("InProgress", "Change in progress."),
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
        })
    }
}

impl Account {
    pub(crate) fn complete_activity(&mut self, id: &str) {
        let now = self.now;
        let mut activities = self.targets.activities.iter_mut();
        if let Some(activity) = activities.find(|activity| activity.id == id) {
            activity.ended = Some(now);
        }
    }

    /// Newest first, as the console and the API show them.
    pub(super) fn describe_activities(
        &self,
        input: &Value,
        filter: &Filter,
    ) -> Result<Value, ServiceError> {
        filter.check()?;
        let items = self
            .targets
            .activities
            .iter()
            .enumerate()
            .filter(|(_, activity)| filter.takes(&activity.key))
            .map(|(index, activity)| (format!("{index:010}"), activity))
            .collect();
        let listing = Listing::new("DescribeScalingActivities", input, Order::Descending, items);
        self.answer_page(
            "ScalingActivities",
            listing,
            filter,
            USUAL_PAGE,
            Activity::describe,
        )
    }
}
