//! The Resource Groups Tagging API: every tagged resource, in one listing.
//!
//! Rules: `GetResources` in its API reference, unless another source is named.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, read};
use crate::error::ServiceError;

/// Resources on a page where the client does not say (moto; the API reference
/// only gives the range of 1 to 100).
const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 100;

/// The types of resources that the stand-in holds tags of. AWS's list is longer:
/// a client that asks for another type here has made a mistake.
const ENDPOINT: &str = "sagemaker:endpoint";
const SCALABLE_TARGET: &str = "application-autoscaling:scalable-target";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetResources {
    pagination_token: Option<String>,
    #[serde(default)]
    tag_filters: Vec<TagFilter>,
    resources_per_page: Option<i64>,
    tags_per_page: Option<i64>,
    #[serde(default)]
    resource_type_filters: Vec<String>,
    #[serde(default)]
    include_compliance_details: bool,
    #[serde(default)]
    exclude_compliant_resources: bool,
    #[serde(rename = "ResourceARNList")]
    resource_arns: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagFilter {
    key: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

type Tags = BTreeMap<String, String>;

impl GetResources {
    fn check(&self) -> Result<(), ServiceError> {
        let refuse = |problem: String| Err(ServiceError::validation(problem));
        let paged = self.pagination_token.is_some()
            || self.resources_per_page.is_some()
            || self.tags_per_page.is_some();
        let filtered = !self.tag_filters.is_empty() || !self.resource_type_filters.is_empty();
        if self.resource_arns.is_some() && (paged || filtered) {
            return refuse(
                "ResourceARNList cannot be given together with TagFilters, ResourceTypeFilters or a \
                 pagination parameter."
                    .to_owned(),
            );
        }
        if self.tags_per_page.is_some()
            || self.include_compliance_details
            || self.exclude_compliant_resources
        {
            return refuse(
                "The stand-in knows neither TagsPerPage nor compliance details.".to_owned(),
            );
        }
        if self.tag_filters.iter().any(|filter| filter.key.is_none()) {
            return refuse("Each TagFilter must contain a key.".to_owned());
        }
        let mut types = self.resource_type_filters.iter();
        if let Some(unknown) =
            types.find(|kind| !is_of(kind, ENDPOINT) && !is_of(kind, SCALABLE_TARGET))
        {
            return refuse(format!("The stand-in holds no tags of {unknown}."));
        }
        Ok(())
    }

    fn page_size(&self) -> Result<Option<usize>, ServiceError> {
        let Some(asked) = self.resources_per_page else {
            return Ok(None);
        };
        match usize::try_from(asked) {
            Ok(size @ 1..=LARGEST_PAGE) => Ok(Some(size)),
            _ => Err(ServiceError::validation(format!(
                "ResourcesPerPage must be between 1 and {LARGEST_PAGE}."
            ))),
        }
    }

    fn takes_type(&self, kind: &str) -> bool {
        self.resource_type_filters.is_empty()
            || self
                .resource_type_filters
                .iter()
                .any(|filter| is_of(filter, kind))
    }

    /// All filters must be satisfied, each by any of its values; without values
    /// the key is enough.
    fn takes(&self, tags: &Tags) -> bool {
        self.tag_filters.iter().all(|filter| {
            let value = filter.key.as_ref().and_then(|key| tags.get(key));
            value.is_some_and(|value| filter.values.is_empty() || filter.values.contains(value))
        })
    }
}

/// "The format of each resource type is `service[:resourceType]`."
fn is_of(filter: &str, kind: &str) -> bool {
    filter == kind || kind.split(':').next() == Some(filter)
}

fn describe((arn, tags): (&String, &Tags)) -> Value {
    let tags = tags.iter();
    let tags: Vec<_> = tags
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect();
    json!({"ResourceARN": arn, "Tags": tags})
}

impl Account {
    /// "Resources that were previously tagged, but do not currently have tags,
    /// are shown with an empty tag set"; those that never were are not shown.
    pub(crate) fn get_resources(&self, input: &Value) -> Result<Value, ServiceError> {
        let request: GetResources = read(input)?;
        request.check()?;
        if let Some(arns) = &request.resource_arns {
            // "If a resource doesn't exist, it doesn't generate an error; it
            // simply isn't included in the response."
            let arns: BTreeSet<_> = arns.iter().collect();
            let found = arns.into_iter().filter_map(|arn| self.tagged(arn));
            let found: Vec<_> = found.map(describe).collect();
            return Ok(json!({"PaginationToken": "", "ResourceTagMappingList": found}));
        }
        // "Leave this parameter empty in your initial request."
        let token = request.pagination_token.as_deref();
        let token = token.filter(|token| !token.is_empty());
        let asked = request.page_size()?;
        let cursor = self
            .cursor("GetResources", input, asked, USUAL_PAGE, token)
            .map_err(|_| ServiceError::validation("The PaginationToken is not of this listing."))?;
        // In order of their ARNs: `application-autoscaling` before `sagemaker`.
        let targets = request.takes_type(SCALABLE_TARGET);
        let targets = targets.then(|| self.targets.tagged_after(cursor.after()));
        let endpoints = request.takes_type(ENDPOINT);
        let endpoints = endpoints.then(|| self.sagemaker.tagged_after(cursor.after()));
        let all = targets
            .into_iter()
            .flatten()
            .chain(endpoints.into_iter().flatten());
        // "A query can return fewer than this maximum, even if there are more
        // results still to return": none at all was seen in boto/boto3#2461.
        // With tiny pages, the page is cut before the filters are looked at.
        let early = self.page_size.is_none();
        let items = all
            .filter(|(_, tags)| !early || request.takes(tags))
            .map(|(arn, tags)| (arn.clone(), (arn, tags)));
        let mut page = cursor.page(items);
        page.items.retain(|(_, tags)| request.takes(tags));
        let page = page.describe(describe);
        // The end is an empty string, not the null of the documentation
        // (aws/aws-sdk-go#4121, boto/boto3#2513).
        Ok(json!({
            "PaginationToken": page.next_token.unwrap_or_default(),
            "ResourceTagMappingList": page.items,
        }))
    }

    fn tagged<'a>(&'a self, arn: &'a String) -> Option<(&'a String, &'a Tags)> {
        let endpoint = self.sagemaker.endpoint_by_arn(arn);
        let endpoint = endpoint
            .filter(|endpoint| endpoint.tagged)
            .map(|endpoint| &endpoint.tags);
        let tags = endpoint.or_else(|| self.targets.tags_of(arn))?;
        Some((arn, tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::*;

    /// Two registered targets, one of them tagged, and two tagged endpoints.
    fn tagged_account() -> Account {
        let mut account = account();
        account.page_size = None;
        let bounds = json!({"MinCapacity": 1, "MaxCapacity": 2, "Tags": {"by": "us"}});
        account
            .on(LEFT, "RegisterScalableTarget", bounds)
            .expect("registered");
        account.register(PLAIN, 1, 2).expect("registered");
        for (name, team) in [("Plain", "a"), ("queue", "b")] {
            let tags = json!([{"Key": "team", "Value": team}]);
            account.play(json!({"act": "AddTags", "EndpointName": name, "Tags": tags}));
        }
        account
    }

    /// The last part of every ARN, and whether there is another page.
    fn get(account: &mut Account, input: &Value) -> Result<String, String> {
        let answer = account.ask(Service::Tagging, "GetResources", input.clone())?;
        let resources = answer["ResourceTagMappingList"].as_array();
        let mut words: Vec<_> = resources
            .into_iter()
            .flatten()
            .map(|resource| {
                let arn = resource["ResourceARN"].as_str().unwrap_or_default();
                arn.rsplit(':').next().unwrap_or_default().to_owned()
            })
            .map(|word| match word.split_once('/') {
                Some(("scalable-target", _)) => "target".to_owned(),
                _ => word,
            })
            .collect();
        if answer["PaginationToken"] != "" {
            words.push("...".to_owned());
        }
        Ok(words.join(" "))
    }

    #[test]
    fn resources_are_filtered_by_tags_and_types() {
        let mut account = tagged_account();
        let mut check = |input: Value, expected: &str| {
            assert_eq!(
                get(&mut account, &input).as_deref(),
                Ok(expected),
                "{input}"
            );
        };
        check(json!({}), "target endpoint/plain endpoint/queue");
        check(
            json!({"PaginationToken": "", "TagFilters": []}),
            "target endpoint/plain endpoint/queue",
        );
        check(
            json!({"TagFilters": [{"Key": "team"}]}),
            "endpoint/plain endpoint/queue",
        );
        check(
            json!({"TagFilters": [{"Key": "team", "Values": ["b", "c"]}]}),
            "endpoint/queue",
        );
        check(json!({"TagFilters": [{"Key": "team"}, {"Key": "by"}]}), "");
        check(
            json!({"ResourceTypeFilters": ["sagemaker:endpoint"]}),
            "endpoint/plain endpoint/queue",
        );
        check(
            json!({"ResourceTypeFilters": ["application-autoscaling"]}),
            "target",
        );
        let arn = |kind: &str| format!("arn:aws:sagemaker:us-east-1:111122223333:endpoint/{kind}");
        check(
            json!({"ResourceARNList": [arn("plain"), arn("pair"), arn("none")]}),
            "endpoint/plain",
        );
    }

    #[test]
    fn pages_end_with_an_empty_token_and_may_be_empty() {
        let mut account = tagged_account();
        let first = json!({"ResourcesPerPage": 2});
        assert_eq!(
            get(&mut account, &first),
            Ok("target endpoint/plain ...".to_owned())
        );
        let answer = account.ask(Service::Tagging, "GetResources", first);
        let token = answer.expect("a page")["PaginationToken"].clone();
        let next = json!({"ResourcesPerPage": 2, "PaginationToken": token});
        assert_eq!(get(&mut account, &next), Ok("endpoint/queue".to_owned()));

        account.page_size = Some(1);
        let nothing = json!({"TagFilters": [{"Key": "team", "Values": ["b"]}]});
        assert_eq!(get(&mut account, &nothing), Ok("...".to_owned()));
        account.page_size = None;
        assert_eq!(get(&mut account, &nothing), Ok("endpoint/queue".to_owned()));
    }

    #[test]
    fn what_was_tagged_once_is_shown_without_tags() {
        let mut account = tagged_account();
        account.play(json!({"act": "DeleteTags", "EndpointName": "queue", "TagKeys": ["team"]}));
        let answer = account.ask(Service::Tagging, "GetResources", json!({}));
        assert_eq!(
            answer.expect("a page")["ResourceTagMappingList"][2],
            json!({"ResourceARN": "arn:aws:sagemaker:us-east-1:111122223333:endpoint/queue", "Tags": []})
        );
        account.play(json!({"act": "DeleteEndpoint", "EndpointName": "queue"}));
        assert_eq!(
            get(&mut account, &json!({})),
            Ok("target endpoint/plain".to_owned())
        );
    }

    #[test]
    fn requests_that_the_tagging_api_refuses() {
        let check = |input: Value, part: &str| refused(get(&mut tagged_account(), &input), part);
        let arns = json!(["arn:aws:x"]);
        check(
            json!({"ResourceARNList": arns, "TagFilters": [{"Key": "a"}]}),
            "together",
        );
        check(
            json!({"ResourceARNList": arns, "ResourcesPerPage": 5}),
            "together",
        );
        check(
            json!({"ResourceARNList": []}),
            "length greater than or equal to 1",
        );
        check(json!({"ResourcesPerPage": 101}), "between 1 and 100");
        check(json!({"ResourcesPerPage": 0}), "between 1 and 100");
        check(
            json!({"TagFilters": [{"Values": ["a"]}]}),
            "must contain a key",
        );
        check(
            json!({"ResourceTypeFilters": ["ec2"]}),
            "holds no tags of ec2",
        );
        check(json!({"PaginationToken": "00"}), "not of this listing");
        let values: Vec<_> = (0..21).map(|number| number.to_string()).collect();
        check(
            json!({"TagFilters": [{"Key": "a", "Values": values}]}),
            "less than or equal to 20",
        );
        let filters: Vec<_> = values
            .iter()
            .chain(&values)
            .chain(&values)
            .map(|key| json!({"Key": key}))
            .collect();
        check(json!({"TagFilters": filters}), "less than or equal to 50");
    }
}
