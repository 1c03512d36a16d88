//! Inference components: models placed on the instances of an endpoint's variant.

use serde_json::{Value, json};

use super::{Change, EndpointStatus, Pending, not_found};
use crate::account::Account;
use crate::error::ServiceError;
use crate::event::InferenceComponentCall;

/// An inference component.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) endpoint_name: String,
    pub(crate) endpoint_arn: String,
    pub(crate) variant_name: String,
    /// One of the endpoint's states: the components' are among them.
    pub(crate) status: EndpointStatus,
    pub(crate) specification: Value,
    pub(crate) current: u32,
    pub(crate) desired: u32,
    pub(crate) created: u32,
    pub(crate) modified: u32,
    pub(crate) pending: Option<Pending>,
}

impl Component {
    /// The answer of `DescribeInferenceComponent`.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "InferenceComponentName": self.name,
            "InferenceComponentArn": self.arn,
            "EndpointName": self.endpoint_name,
            "EndpointArn": self.endpoint_arn,
            "VariantName": self.variant_name,
            "Specification": self.specification,
            "RuntimeConfig": {
                "DesiredCopyCount": self.desired,
                "CurrentCopyCount": self.current,
            },
            "CreationTime": f64::from(self.created),
            "LastModifiedTime": f64::from(self.modified),
            "InferenceComponentStatus": self.status,
        })
    }

    /// The component's entry in `ListInferenceComponents`.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "InferenceComponentName": self.name,
            "InferenceComponentArn": self.arn,
            "EndpointName": self.endpoint_name,
            "EndpointArn": self.endpoint_arn,
            "VariantName": self.variant_name,
            "InferenceComponentStatus": self.status,
            "CreationTime": f64::from(self.created),
            "LastModifiedTime": f64::from(self.modified),
        })
    }
}

/// What a new inference component is to be.
#[derive(Debug)]
pub(crate) struct NewComponent<'a> {
    pub(crate) name: &'a str,
    pub(crate) endpoint_name: &'a str,
    pub(crate) variant_name: &'a str,
    pub(crate) specification: Value,
    pub(crate) copies: u32,
    pub(crate) settled: bool,
}

impl Account {
    pub(crate) fn create_component(&mut self, new: NewComponent<'_>) -> Result<(), ServiceError> {
        let arn = self.identity.sagemaker_arn("inference-component", new.name);
        if self.sagemaker.components.contains_key(new.name) {
            return Err(ServiceError::validation(format!(
                "Cannot create already existing inference component \"{arn}\"."
            )));
        }
        let endpoint = self.endpoint(new.endpoint_name)?;
        if endpoint.variant(new.variant_name).is_none() {
            return Err(ServiceError::validation(format!(
                "Variant \"{}\" does not exist on endpoint \"{}\".",
                new.variant_name, endpoint.arn
            )));
        }
        // Measured in stdapi-ai/stdapi.ai#43: zero copies can be reached, not created.
        if new.copies == 0 {
            return Err(ServiceError::validation(
                "CopyCount of a new inference component must be at least 1.",
            ));
        }
        let component = Component {
            name: new.name.to_owned(),
            arn: arn.clone(),
            endpoint_name: endpoint.name.clone(),
            endpoint_arn: endpoint.arn.clone(),
            variant_name: new.variant_name.to_owned(),
            status: if new.settled {
                EndpointStatus::InService
            } else {
                EndpointStatus::Creating
            },
            specification: new.specification,
            current: if new.settled { new.copies } else { 0 },
            desired: new.copies,
            created: self.now,
            modified: self.now,
            pending: (!new.settled).then(|| Pending::from(self.now, Change::Settled)),
        };
        self.emit_component_call(&InferenceComponentCall::Create, &component);
        self.sagemaker
            .components
            .insert(new.name.to_owned(), component);
        Ok(())
    }

    pub(crate) fn update_component(
        &mut self,
        name: &str,
        specification: Option<Value>,
        copies: Option<u32>,
        settled: bool,
    ) -> Result<(), ServiceError> {
        let now = self.now;
        let component = self.component_mut(name)?;
        if component.status != EndpointStatus::InService {
            return Err(ServiceError::validation(format!(
                "Cannot update in-progress inference component \"{}\".",
                component.arn
            )));
        }
        component.specification = specification.unwrap_or_else(|| component.specification.take());
        component.desired = copies.unwrap_or(component.desired);
        component.modified = now;
        if settled {
            component.current = component.desired;
        } else {
            component.status = EndpointStatus::Updating;
            component.pending = Some(Pending::from(now, Change::Settled));
        }
        let component = component.clone();
        self.emit_component_call(&InferenceComponentCall::Update, &component);
        Ok(())
    }

    /// Deletes a component. A scalable target of it stays: AWS documents the
    /// silent deregistration for `DeleteEndpoint` only.
    pub(crate) fn delete_component(&mut self, name: &str, gone: bool) -> Result<(), ServiceError> {
        let now = self.now;
        let component = self.component_mut(name)?;
        component.status = EndpointStatus::Deleting;
        component.modified = now;
        component.pending = Some(Pending::from(now, Change::Gone));
        let component = component.clone();
        self.emit_component_call(&InferenceComponentCall::Delete, &component);
        if gone {
            self.sagemaker.components.remove(name);
        }
        Ok(())
    }

    pub(crate) fn component(&self, name: &str) -> Result<&Component, ServiceError> {
        let found = self.sagemaker.components.get(name);
        found.ok_or_else(|| {
            let arn = self.identity.sagemaker_arn("inference-component", name);
            not_found("inference component", &arn)
        })
    }

    fn component_mut(&mut self, name: &str) -> Result<&mut Component, ServiceError> {
        self.component(name)?;
        Ok(self.sagemaker.components.get_mut(name).expect("just found"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Service;
    use crate::testing::*;

    fn advance(account: &mut Account) {
        account.play(json!({"act": "Advance", "Seconds": 120}));
    }

    #[test]
    fn inference_components_come_change_and_go() {
        let mut account = account();
        account.play(json!({
            "act": "CreateInferenceComponent", "InferenceComponentName": "mistral", "EndpointName": "host",
            "VariantName": "AllTraffic", "RuntimeConfig": {"CopyCount": 2}, "Status": "Creating",
        }));
        let describe = |account: &mut Account| {
            let input = json!({"InferenceComponentName": "mistral"});
            account.ask(Service::SageMaker, "DescribeInferenceComponent", input)
        };
        let first = describe(&mut account).expect("a component");
        assert_eq!(first["InferenceComponentStatus"], "Creating");
        assert_eq!(
            first["RuntimeConfig"],
            json!({"DesiredCopyCount": 2, "CurrentCopyCount": 0})
        );
        let update = json!({
            "act": "UpdateInferenceComponent", "InferenceComponentName": "mistral", "RuntimeConfig": {"CopyCount": 3},
        });
        refused(account.try_act(update.clone()), "in-progress");
        advance(&mut account);
        account.play(update);
        let second = describe(&mut account).expect("a component");
        assert_eq!(
            second["RuntimeConfig"],
            json!({"DesiredCopyCount": 3, "CurrentCopyCount": 3})
        );
        account
            .play(json!({"act": "DeleteInferenceComponent", "InferenceComponentName": "mistral"}));
        refused(describe(&mut account), "Could not find inference component");

        let calls: Vec<_> = account
            .take_events()
            .iter()
            .map(|event| event["detail"]["eventName"].clone())
            .collect();
        assert_eq!(
            calls,
            [
                "CreateInferenceComponent",
                "UpdateInferenceComponent",
                "DeleteInferenceComponent"
            ]
        );
        let none = json!({
            "act": "CreateInferenceComponent", "InferenceComponentName": "none", "EndpointName": "host",
            "VariantName": "AllTraffic", "RuntimeConfig": {"CopyCount": 0},
        });
        refused(account.try_act(none), "CopyCount");
    }
}
