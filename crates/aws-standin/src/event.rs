//! The events that AWS sends to EventBridge.
//!
//! Shapes: "Automating Amazon SageMaker AI with Amazon EventBridge" in the
//! SageMaker developer guide, "Tag change events on AWS resources" in the
//! Tagging AWS Resources guide, "Parameter Store Change" in the Systems Manager
//! user guide, "Record contents" in the `CloudTrail` user guide.

use serde_json::{Value, json};

use crate::account::Account;
use crate::sagemaker::{Component, Endpoint, Variant};

/// A `CloudTrail` event about an inference component. Components have no
/// state-change event of their own.
#[derive(Debug)]
pub(crate) enum InferenceComponentCall {
    Create,
    Update,
    Delete,
}

impl Account {
    fn emit(&mut self, source: &str, detail_type: &str, resources: &[String], detail: &Value) {
        let event = json!({
            "version": "0",
            "id": self.identity.uuid(),
            "detail-type": detail_type,
            "source": source,
            "account": self.identity.account_id,
            "time": self.rfc3339(),
            "region": self.identity.region,
            "resources": resources,
            "detail": detail,
        });
        self.events.push(event);
    }

    fn rfc3339(&self) -> String {
        jiff::Timestamp::from_second(self.now.into())
            .expect("a time of this century")
            .to_string()
    }

    /// Announces an endpoint's present status.
    pub(crate) fn emit_endpoint(&mut self, name: &str) {
        if let Some(endpoint) = self.sagemaker.endpoints.get(name) {
            let status = endpoint.status.in_events();
            self.emit_endpoint_with(name, &status);
        }
    }

    /// Announces a status that the API does not have: `DELETED`.
    pub(crate) fn emit_endpoint_with(&mut self, name: &str, status: &str) {
        let Some(endpoint) = self.sagemaker.endpoints.get(name) else {
            return;
        };
        let resources = [endpoint.arn.clone()];
        let detail = endpoint_detail(endpoint, status);
        self.emit(
            "aws.sagemaker",
            "SageMaker Endpoint State Change",
            &resources,
            &detail,
        );
    }

    pub(crate) fn emit_tag_change(&mut self, name: &str, keys: &[String]) {
        let Some(endpoint) = self.sagemaker.endpoints.get(name) else {
            return;
        };
        let resources = [endpoint.arn.clone()];
        let detail = json!({
            "changed-tag-keys": keys,
            "service": "sagemaker",
            "resource-type": "endpoint",
            "version": endpoint.tags_version,
            "tags": endpoint.tags,
        });
        self.emit("aws.tag", "Tag Change on Resource", &resources, &detail);
    }

    pub(crate) fn emit_parameter_change(&mut self, operation: &str, name: &str, kind: &str) {
        let resource = format!("parameter/{}", name.trim_start_matches('/'));
        let resources = [self.identity.arn("ssm", &resource)];
        let detail = json!({"operation": operation, "name": name, "type": kind});
        self.emit("aws.ssm", "Parameter Store Change", &resources, &detail);
    }

    pub(crate) fn emit_component_call(
        &mut self,
        call: &InferenceComponentCall,
        component: &Component,
    ) {
        let mut parameters = json!({"inferenceComponentName": component.name});
        if matches!(call, InferenceComponentCall::Create) {
            parameters["endpointName"] = component.endpoint_name.as_str().into();
            parameters["variantName"] = component.variant_name.as_str().into();
        }
        let answer = match call {
            InferenceComponentCall::Delete => Value::Null,
            _ => json!({"inferenceComponentArn": component.arn}),
        };
        let detail = json!({
            "eventVersion": "1.09",
            "userIdentity": {"type": "AssumedRole", "accountId": self.identity.account_id},
            "eventTime": self.rfc3339(),
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": format!("{call:?}InferenceComponent"),
            "awsRegion": self.identity.region,
            "requestParameters": parameters,
            "responseElements": answer,
            "eventID": self.identity.uuid(),
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": self.identity.account_id,
            "eventCategory": "Management",
        });
        self.emit("aws.sagemaker", "AWS API Call via CloudTrail", &[], &detail);
    }
}

fn endpoint_detail(endpoint: &Endpoint, status: &str) -> Value {
    let variant = |variant: &Variant| {
        let summary = variant.summary();
        json!({
            "VariantName": variant.name(),
            "CurrentWeight": summary["CurrentWeight"],
            "DesiredWeight": summary["DesiredWeight"],
            "CurrentInstanceCount": summary["CurrentInstanceCount"],
            "DesiredInstanceCount": summary["DesiredInstanceCount"],
        })
    };
    let milliseconds = |seconds: u32| u64::from(seconds) * 1000;
    let production = endpoint.variants.iter().filter(|variant| !variant.shadow);
    json!({
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config_name,
        "ProductionVariants": production.map(variant).collect::<Vec<_>>(),
        "EndpointStatus": status,
        "FailureReason": endpoint.failure_reason,
        "CreationTime": milliseconds(endpoint.created),
        "LastModifiedTime": milliseconds(endpoint.modified),
        "Tags": endpoint.tags,
    })
}
