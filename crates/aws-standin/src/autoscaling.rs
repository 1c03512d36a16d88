//! Application Auto Scaling, for SageMaker's three scalable dimensions.

mod activity;
mod address;
mod capacity;
mod eligibility;
mod metric;
mod policy;
mod schedule;
mod scheduled_action;
mod step;
mod tags;
mod target;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use activity::Activity;
use address::Filter;
pub(crate) use address::{Dimension, Resource, TargetKey};
use target::ScalableTarget;

use crate::account::{Account, read};
use crate::error::ServiceError;
use crate::paging::Listing;

/// Every scalable target of the account, with its policies and actions.
#[derive(Debug, Default)]
pub(crate) struct ScalableTargets {
    targets: BTreeMap<TargetKey, ScalableTarget>,
    /// Oldest first.
    activities: Vec<Activity>,
}

impl ScalableTargets {
    /// Whether the resource is registered in that dimension.
    pub(crate) fn registered(&self, resource: &Resource, dimension: Dimension) -> bool {
        self.targets
            .keys()
            .any(|key| key.resource == *resource && key.dimension == dimension)
    }
}

impl Account {
    pub(crate) fn call_autoscaling(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "RegisterScalableTarget" => self.register_target(read(input)?),
            "DeregisterScalableTarget" => self.deregister_target(&read(input)?),
            "DescribeScalableTargets" => self.describe_targets(input, &read(input)?),
            "PutScalingPolicy" => self.put_policy(read(input)?),
            "DeleteScalingPolicy" => self.delete_policy(&read(input)?),
            "DescribeScalingPolicies" => self.describe_policies(input, &read(input)?),
            "PutScheduledAction" => self.put_action(read(input)?),
            "DeleteScheduledAction" => self.delete_action(&read(input)?),
            "DescribeScheduledActions" => self.describe_actions(input, &read(input)?),
            "DescribeScalingActivities" => self.describe_activities(input, &read(input)?),
            "TagResource" => self.tag_target(read(input)?),
            "UntagResource" => self.untag_target(&read(input)?),
            _ => self.list_tags_of_target(&read(input)?),
        }
    }

    /// The answer of a `Describe…` operation: a page, and the way to the next.
    fn answer_page<T>(
        &self,
        member: &str,
        listing: Listing<T>,
        filter: &Filter,
        most: usize,
        describe: impl FnMut(T) -> Value,
    ) -> Result<Value, ServiceError> {
        let asked = filter.page_size(most)?;
        let page = self
            .page(listing, asked, most, filter.next_token.as_deref())
            .map_err(|_| ServiceError::new("InvalidNextTokenException", "Invalid next token"))?
            .describe(describe);
        Ok(json!({ member: page.items, "NextToken": page.next_token }))
    }
}
