//! The operations of SageMaker that are answered: six reads.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Component, Config, Endpoint, EndpointStatus, not_found};
use crate::account::{Account, read};
use crate::error::ServiceError;
use crate::paging::{InvalidToken, Order, Page};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByName {
    #[serde(
        alias = "EndpointName",
        alias = "EndpointConfigName",
        alias = "InferenceComponentName"
    )]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddTags {
    resource_arn: String,
    tags: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListTags {
    resource_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Members that `ListEndpoints` and `ListInferenceComponents` have in common.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    sort_by: Option<String>,
    sort_order: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
    name_contains: Option<String>,
    creation_time_before: Option<f64>,
    creation_time_after: Option<f64>,
    last_modified_time_before: Option<f64>,
    last_modified_time_after: Option<f64>,
    status_equals: Option<EndpointStatus>,
    endpoint_name_equals: Option<String>,
    variant_name_equals: Option<String>,
}

/// What a listing sorts and filters by.
struct Entry<'a, T> {
    name: &'a str,
    status: EndpointStatus,
    created: u32,
    modified: u32,
    item: &'a T,
}

impl List {
    fn takes<T>(&self, entry: &Entry<'_, T>) -> bool {
        let before =
            |limit: Option<f64>, time: u32| limit.is_none_or(|limit| f64::from(time) < limit);
        let after =
            |limit: Option<f64>, time: u32| limit.is_none_or(|limit| f64::from(time) >= limit);
        self.name_contains
            .as_ref()
            .is_none_or(|part| entry.name.contains(part))
            && self
                .status_equals
                .is_none_or(|status| entry.status == status)
            && before(self.creation_time_before, entry.created)
            && after(self.creation_time_after, entry.created)
            && before(self.last_modified_time_before, entry.modified)
            && after(self.last_modified_time_after, entry.modified)
    }

    /// The API reference's defaults: by creation time, newest first.
    fn key<T>(&self, entry: &Entry<'_, T>) -> String {
        match self.sort_by.as_deref() {
            Some("Name") => entry.name.to_owned(),
            Some("Status") => format!("{:?}/{}", entry.status, entry.name),
            _ => format!("{:010}/{}", entry.created, entry.name),
        }
    }

    fn order(&self) -> Order {
        match self.sort_order.as_deref() {
            Some("Ascending") => Order::Ascending,
            _ => Order::Descending,
        }
    }
}

/// The page size of SageMaker's lists where none is asked for ("This value
/// defaults to 10", API reference of `ListEndpoints`).
const USUAL_PAGE: usize = 10;
/// That of `ListTags`, whose `MaxResults` is at least 50.
const USUAL_PAGE_OF_TAGS: usize = 50;

impl Account {
    pub(crate) fn call_sagemaker(
        &mut self,
        operation: &str,
        input: &Value,
    ) -> Result<Value, ServiceError> {
        match operation {
            "AddTags" => self.tag_endpoint(&read(input)?),
            "DescribeEndpoint" => Ok(self.endpoint(&read::<ByName>(input)?.name)?.describe()),
            "DescribeEndpointConfig" => Ok(self
                .endpoint_config(&read::<ByName>(input)?.name)?
                .describe()),
            "DescribeInferenceComponent" => {
                Ok(self.component(&read::<ByName>(input)?.name)?.describe())
            }
            "ListEndpoints" => self.list_endpoints(input),
            "ListInferenceComponents" => self.list_components(input),
            _ => self.list_tags(input),
        }
    }

    fn list_endpoints(&self, input: &Value) -> Result<Value, ServiceError> {
        let entries = self.sagemaker.endpoints.values().map(|endpoint| Entry {
            name: &endpoint.name,
            status: endpoint.status,
            created: endpoint.created,
            modified: endpoint.modified,
            item: endpoint,
        });
        let page = self
            .list("ListEndpoints", input, &read(input)?, entries)?
            .describe(Endpoint::summary);
        Ok(json!({"Endpoints": page.items, "NextToken": page.next_token}))
    }

    fn list_components(&self, input: &Value) -> Result<Value, ServiceError> {
        let list: List = read(input)?;
        let matches = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let entries = self
            .sagemaker
            .components
            .values()
            .filter(|component| matches(&list.endpoint_name_equals, &component.endpoint_name))
            .filter(|component| matches(&list.variant_name_equals, &component.variant_name))
            .map(|component| Entry {
                name: &component.name,
                status: component.status,
                created: component.created,
                modified: component.modified,
                item: component,
            });
        let page = self
            .list("ListInferenceComponents", input, &list, entries)?
            .describe(Component::summary);
        Ok(json!({"InferenceComponents": page.items, "NextToken": page.next_token}))
    }

    fn list<'a, T: 'a>(
        &self,
        operation: &str,
        input: &Value,
        list: &List,
        entries: impl Iterator<Item = Entry<'a, T>>,
    ) -> Result<Page<&'a T>, ServiceError> {
        let items = entries
            .filter(|entry| list.takes(entry))
            .map(|entry| (list.key(&entry), entry.item));
        let token = list.next_token.as_deref();
        let cursor = self
            .cursor(operation, input, list.max_results, USUAL_PAGE, token)
            .map_err(invalid_token)?;
        Ok(cursor.page_sorted(list.order(), items))
    }

    fn list_tags(&self, input: &Value) -> Result<Value, ServiceError> {
        let request: ListTags = read(input)?;
        let endpoint = self
            .sagemaker
            .endpoint_by_arn(&request.resource_arn)
            .ok_or_else(|| not_found("endpoint", &request.resource_arn))?;
        let (asked, token) = (request.max_results, request.next_token.as_deref());
        let cursor = self
            .cursor("ListTags", input, asked, USUAL_PAGE_OF_TAGS, token)
            .map_err(invalid_token)?;
        let tags = endpoint.tags.iter();
        let page = cursor.page_sorted(
            Order::Ascending,
            tags.map(|(key, value)| (key.clone(), json!({"Key": key, "Value": value}))),
        );
        Ok(json!({"Tags": page.items, "NextToken": page.next_token}))
    }

    /// Answers all tags of the endpoint; it emits the event that a person's tags do.
    fn tag_endpoint(&mut self, request: &AddTags) -> Result<Value, ServiceError> {
        let arn = &request.resource_arn;
        let endpoint = self.sagemaker.endpoint_by_arn(arn);
        let endpoint = endpoint.ok_or_else(|| not_found("endpoint", arn))?;
        let name = endpoint.name.clone();
        self.add_tags(&name, &request.tags)?;
        let tags = self.endpoint(&name)?.tags.iter();
        let tags: Vec<_> = tags
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        Ok(json!({ "Tags": tags }))
    }

    /// For `state`: every endpoint as described, and its tags as a map.
    pub(crate) fn describe_endpoints_with_tags(&self) -> Vec<Value> {
        let with_tags = |endpoint: &Endpoint| {
            let mut description = crate::model::without_nulls(endpoint.describe());
            description["Tags"] = json!(endpoint.tags);
            description
        };
        self.sagemaker.endpoints.values().map(with_tags).collect()
    }

    /// For `state`: every inference component as described.
    pub(crate) fn describe_inference_components(&self) -> Vec<Value> {
        self.sagemaker
            .components
            .values()
            .map(Component::describe)
            .collect()
    }
}

impl super::SageMaker {
    /// For `state`: every endpoint configuration as described.
    pub(crate) fn describe_configs(&self) -> Vec<Value> {
        self.configs.values().map(Config::describe).collect()
    }
}

/// SageMaker has no modelled error for a bad token.
fn invalid_token(_: InvalidToken) -> ServiceError {
    ServiceError::validation("Invalid pagination token.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::*;

    #[test]
    fn lists_are_sorted_filtered_and_paged() {
        let mut account = account();
        account.page_size = None;
        let mut list = |operation: &str, member: &str, input: Value| {
            let answer = account
                .ask(Service::SageMaker, operation, input)
                .expect("an answer");
            let items = answer[member].as_array().cloned().unwrap_or_default();
            let name = |item: &Value| item["EndpointName"].as_str().unwrap_or_default().to_owned();
            items.iter().map(name).collect::<Vec<_>>()
        };
        let mut endpoints = |input: Value| list("ListEndpoints", "Endpoints", input);
        assert_eq!(
            endpoints(json!({"NameContains": "ai"})),
            ["trainium", "pair", "Plain"]
        );
        assert_eq!(
            endpoints(json!({"SortBy": "Name", "SortOrder": "Ascending", "MaxResults": 2})),
            ["Plain", "burstable"]
        );
        assert_eq!(endpoints(json!({"StatusEquals": "Failed"})).len(), 0);
        assert_eq!(
            endpoints(json!({"CreationTimeAfter": 1_767_600_001.0})).len(),
            0
        );
        assert_eq!(
            endpoints(json!({"CreationTimeBefore": 1_767_600_001.0})).len(),
            9
        );
        let mut components =
            |input: Value| list("ListInferenceComponents", "InferenceComponents", input);
        assert_eq!(components(json!({"EndpointNameEquals": "host"})), ["host"]);
        assert_eq!(components(json!({"EndpointNameEquals": "Plain"})).len(), 0);
        assert_eq!(
            components(json!({"VariantNameEquals": "AllTraffic"})).len(),
            1
        );
        assert_eq!(components(json!({"VariantNameEquals": "other"})).len(), 0);
        assert_eq!(components(json!({"NameContains": "lam"})).len(), 1);
        assert_eq!(components(json!({"NameContains": "none"})).len(), 0);
        assert_eq!(components(json!({"StatusEquals": "InService"})).len(), 1);
        assert_eq!(components(json!({"StatusEquals": "Creating"})).len(), 0);
    }
}
