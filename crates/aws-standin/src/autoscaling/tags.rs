//! Tags on scalable targets; policies and scheduled actions cannot have any.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::target::ScalableTarget;
use crate::account::Account;
use crate::error::ServiceError;

/// The AWS-wide limit; that it holds here too is our reading (the API model
/// has `TooManyTagsException`, but no number).
const TAGS: usize = 50;

#[derive(Deserialize)]
pub(super) struct Tag {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    #[serde(rename = "Tags")]
    tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct Untag {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    #[serde(rename = "TagKeys")]
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct ListTags {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

/// Refuses too many tags, and keys that AWS keeps for itself.
pub(super) fn check_tags<'a>(
    count: usize,
    mut keys: impl Iterator<Item = &'a String>,
) -> Result<(), ServiceError> {
    if count > TAGS {
        return Err(ServiceError::new(
            "TooManyTagsException",
            format!("A scalable target has at most {TAGS} tags."),
        ));
    }
    match keys.find(|key| key.to_lowercase().starts_with("aws:")) {
        Some(key) => Err(ServiceError::validation(format!(
            "The tag key {key} begins with the reserved prefix aws:."
        ))),
        None => Ok(()),
    }
}

impl Account {
    fn target_by_arn(&mut self, arn: &str) -> Result<&mut ScalableTarget, ServiceError> {
        let key = self.targets.keys_by_arn.get(arn);
        let target = key.and_then(|key| self.targets.targets.get_mut(key));
        target.ok_or_else(|| {
            let message = format!("No scalable target found with the ARN {arn}");
            ServiceError::new("ResourceNotFoundException", message)
        })
    }

    pub(super) fn tag_target(&mut self, request: Tag) -> Result<Value, ServiceError> {
        let target = self.target_by_arn(&request.resource_arn)?;
        let mut tags = target.tags.clone();
        check_tags(0, request.tags.keys())?;
        tags.extend(request.tags);
        check_tags(tags.len(), [].iter())?;
        target.tagged |= !tags.is_empty();
        target.tags = tags;
        Ok(json!({}))
    }

    pub(super) fn untag_target(&mut self, request: &Untag) -> Result<Value, ServiceError> {
        let target = self.target_by_arn(&request.resource_arn)?;
        target.tags.retain(|key, _| !request.tag_keys.contains(key));
        Ok(json!({}))
    }

    pub(super) fn list_tags_of_target(
        &mut self,
        request: &ListTags,
    ) -> Result<Value, ServiceError> {
        let target = self.target_by_arn(&request.resource_arn)?;
        Ok(json!({ "Tags": target.tags }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::*;

    const AAS: Service = Service::ApplicationAutoScaling;

    #[test]
    fn tags_are_merged_listed_and_taken_away() {
        let mut account = account();
        account.register(PLAIN, 1, 2).expect("registered");
        let arn = account.held(PLAIN)["ScalableTargetARN"].clone();
        let mut ask = |operation: &str, mut input: Value| {
            input["ResourceARN"] = arn.clone();
            account.ask(AAS, operation, input)
        };
        ask("TagResource", json!({"Tags": {"a": "1", "b": "2"}})).expect("tagged");
        ask("TagResource", json!({"Tags": {"b": "3", "c": "4"}})).expect("tagged");
        assert_eq!(
            ask("ListTagsForResource", json!({})),
            Ok(json!({"Tags": {"a": "1", "b": "3", "c": "4"}}))
        );
        ask("UntagResource", json!({"TagKeys": ["a", "none"]})).expect("untagged");
        assert_eq!(
            ask("ListTagsForResource", json!({})),
            Ok(json!({"Tags": {"b": "3", "c": "4"}}))
        );

        let many: BTreeMap<_, _> = (0..49).map(|n| (format!("k{n}"), "")).collect();
        refused(
            ask("TagResource", json!({"Tags": many})),
            "TooManyTagsException",
        );
        refused(
            ask("TagResource", json!({"Tags": {"AWS:x": ""}})),
            "reserved prefix",
        );
        assert_eq!(
            ask("ListTagsForResource", json!({})),
            Ok(json!({"Tags": {"b": "3", "c": "4"}}))
        );
    }

    #[test]
    fn an_unknown_target_has_no_tags() {
        let arn = "arn:aws:application-autoscaling:us-east-1:111122223333:scalable-target/0";
        for (operation, mut input) in [
            ("ListTagsForResource", json!({})),
            ("TagResource", json!({"Tags": {}})),
            ("UntagResource", json!({"TagKeys": []})),
        ] {
            input["ResourceARN"] = arn.into();
            refused(
                account().ask(AAS, operation, input),
                "ResourceNotFoundException",
            );
        }
        let bad = json!({"ResourceARN": "arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain"});
        refused(
            account().ask(AAS, "ListTagsForResource", bad),
            "at 'resourceARN'",
        );
    }
}
