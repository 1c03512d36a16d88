//! What deployers do to endpoints: create, update, delete, tag.

use serde_json::{Value, json};

use super::endpoint::{Config, VariantSpec};
use super::{Change, Endpoint, EndpointStatus, Pending, Variant, in_progress, not_found};
use crate::account::{Account, read};
use crate::autoscaling::{Dimension, Resource};
use crate::error::ServiceError;
use crate::model::Model;
use crate::service::Service;

fn check(shape: &str, value: &Value) -> Result<(), ServiceError> {
    Model::of(Service::SageMaker).check_request(shape, value)
}

/// SageMaker's limit of tags on a resource (`TagList` in its API model).
const TAGS_PER_ENDPOINT: usize = 50;

impl Account {
    /// `description` has the members of `CreateEndpointConfig` that
    /// `DescribeEndpointConfig` shows again.
    pub(crate) fn create_endpoint_config(
        &mut self,
        name: &str,
        mut description: Value,
    ) -> Result<(), ServiceError> {
        let arn = self.identity.sagemaker_arn("endpoint-config", name);
        if self.sagemaker.configs.contains_key(name) {
            return Err(ServiceError::validation(format!(
                "Cannot create already existing endpoint configuration \"{arn}\"."
            )));
        }
        description["EndpointConfigName"] = name.into();
        description["EndpointConfigArn"] = arn.into();
        description["CreationTime"] = self.timestamp().into();
        let description = crate::model::without_nulls(description);
        check("DescribeEndpointConfigOutput", &description)?;
        let variants = |member: &str| match description.get(member) {
            Some(variants) => read::<Vec<VariantSpec>>(variants),
            None => Ok(Vec::new()),
        };
        let (production, shadow) = (
            variants("ProductionVariants")?,
            variants("ShadowProductionVariants")?,
        );
        check_variants(&production, &shadow)?;
        let config = Config {
            description,
            production,
            shadow,
        };
        self.sagemaker.configs.insert(name.to_owned(), config);
        Ok(())
    }

    pub(crate) fn delete_endpoint_config(&mut self, name: &str) -> Result<(), ServiceError> {
        self.endpoint_config(name)?;
        self.sagemaker.configs.remove(name);
        Ok(())
    }

    pub(crate) fn create_endpoint(
        &mut self,
        name: &str,
        config_name: &str,
        tags: &Value,
        status: EndpointStatus,
    ) -> Result<(), ServiceError> {
        check("EndpointName", &name.into())?;
        let arn = self.identity.sagemaker_arn("endpoint", name);
        // CreateEndpoint takes names in any letter case for the same (API reference).
        if self.sagemaker.endpoint_by_arn(&arn).is_some() {
            return Err(ServiceError::validation(format!(
                "Cannot create already existing endpoint \"{arn}\"."
            )));
        }
        let (variants, asynchronous) = self.variants_of(config_name)?;
        let creating = status == EndpointStatus::Creating;
        let endpoint = Endpoint {
            name: name.to_owned(),
            arn,
            config_name: config_name.to_owned(),
            status: EndpointStatus::Creating,
            failure_reason: None,
            created: self.now,
            modified: self.now,
            tags: std::collections::BTreeMap::new(),
            tags_version: 0,
            tagged: false,
            variants,
            asynchronous,
            pending: creating.then(|| Pending::from(self.now, Change::Settled)),
        };
        self.sagemaker.add_endpoint(endpoint);
        if let Err(error) = self.put_tags(name, tags) {
            self.sagemaker.remove_endpoint(name);
            return Err(error);
        }
        self.emit_endpoint(name);
        if !creating {
            self.set_status(name, status);
        }
        Ok(())
    }

    /// Starts a deployment; it is done after a while (`Act::Advance`).
    ///
    /// A variant that is a scalable target keeps its instance type and cannot
    /// go away: "Update a model endpoint that uses auto scaling" in the SageMaker
    /// developer guide (endpoint-scaling-update).
    pub(crate) fn update_endpoint(
        &mut self,
        name: &str,
        config_name: &str,
        retain_all_variant_properties: bool,
    ) -> Result<(), ServiceError> {
        let endpoint = self.endpoint(name)?;
        if endpoint.status.in_progress() {
            return Err(in_progress(&endpoint.arn));
        }
        let (variants, _) = self.variants_of(config_name)?;
        for old in &endpoint.variants {
            let new = variants.iter().find(|new| new.name() == old.name());
            let unchanged = new.is_some_and(|new| new.spec.instance_type == old.spec.instance_type);
            let resource = Resource::Variant {
                endpoint: name.to_owned(),
                variant: old.name().to_owned(),
            };
            if !unchanged && self.targets.registered(&resource, Dimension::InstanceCount) {
                return Err(ServiceError::validation(format!(
                    "The variant {} of endpoint {} is a scalable target: deregister it before its instance \
                     type is changed or it is removed.",
                    old.name(),
                    endpoint.arn
                )));
            }
        }
        let started = self.now;
        let change = Change::Redeployed {
            config_name: config_name.to_owned(),
            retain_all_variant_properties,
        };
        let endpoint = self.endpoint_mut(name)?;
        endpoint.pending = Some(Pending::from(started, change));
        self.set_status(name, EndpointStatus::Updating);
        Ok(())
    }

    /// Deletes an endpoint, now or after a while.
    ///
    /// Its scalable targets are deregistered first, silently, as for a deleter
    /// who holds `application-autoscaling:DeregisterScalableTarget` (SageMaker
    /// developer guide, endpoint-delete-with-scaling). Its inference components
    /// stay.
    pub(crate) fn delete_endpoint(
        &mut self,
        name: &str,
        gone: bool,
        keep_scalable_targets: bool,
    ) -> Result<(), ServiceError> {
        let endpoint = self.endpoint(name)?;
        if endpoint.status.in_progress() {
            return Err(in_progress(&endpoint.arn));
        }
        if !keep_scalable_targets {
            self.deregister_variants_of(name);
        }
        self.endpoint_mut(name)?.pending = Some(Pending::from(self.now, Change::Gone));
        self.set_status(name, EndpointStatus::Deleting);
        if gone {
            self.finish_endpoint(name);
        }
        Ok(())
    }

    /// Puts an endpoint into a state, whatever it was doing.
    pub(crate) fn force_status(
        &mut self,
        name: &str,
        status: EndpointStatus,
        failure_reason: Option<String>,
    ) -> Result<(), ServiceError> {
        let endpoint = self.endpoint_mut(name)?;
        endpoint.pending = None;
        endpoint.failure_reason = failure_reason;
        if status == EndpointStatus::InService {
            for variant in &mut endpoint.variants {
                variant.current = variant.desired;
            }
        }
        self.set_status(name, status);
        Ok(())
    }

    /// Adds tags to an endpoint, or changes them; `tags` is a list of keys and values.
    pub(crate) fn put_tags(
        &mut self,
        name: &str,
        tags: &Value,
    ) -> Result<Vec<String>, ServiceError> {
        check("TagList", tags)?;
        let endpoint = self.endpoint_mut(name)?;
        let mut all = endpoint.tags.clone();
        let mut keys = Vec::new();
        for tag in tags.as_array().into_iter().flatten() {
            let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
            keys.push(text("Key"));
            all.insert(text("Key"), text("Value"));
        }
        if all.len() > TAGS_PER_ENDPOINT {
            return Err(ServiceError::validation(format!(
                "The endpoint would have {} tags; {TAGS_PER_ENDPOINT} are allowed.",
                all.len()
            )));
        }
        endpoint.tagged |= !all.is_empty();
        endpoint.tags = all;
        endpoint.tags_version += 1;
        Ok(keys)
    }

    pub(crate) fn add_tags(&mut self, name: &str, tags: &Value) -> Result<(), ServiceError> {
        let keys = self.put_tags(name, tags)?;
        self.emit_tag_change(name, &keys);
        Ok(())
    }

    pub(crate) fn delete_tags(&mut self, name: &str, keys: &[String]) -> Result<(), ServiceError> {
        let endpoint = self.endpoint_mut(name)?;
        endpoint.tags.retain(|key, _| !keys.contains(key));
        endpoint.tags_version += 1;
        self.emit_tag_change(name, keys);
        Ok(())
    }

    pub(super) fn variants_of(
        &self,
        config_name: &str,
    ) -> Result<(Vec<Variant>, Option<Value>), ServiceError> {
        let config = self.endpoint_config(config_name)?;
        let production = config
            .production
            .iter()
            .map(|spec| Variant::new(spec, false));
        let shadow = config.shadow.iter().map(|spec| Variant::new(spec, true));
        let asynchronous = config.description.get("AsyncInferenceConfig").cloned();
        Ok((production.chain(shadow).collect(), asynchronous))
    }

    pub(crate) fn endpoint(&self, name: &str) -> Result<&Endpoint, ServiceError> {
        self.sagemaker
            .endpoints
            .get(name)
            .ok_or_else(|| not_found("endpoint", &self.identity.sagemaker_arn("endpoint", name)))
    }

    pub(crate) fn endpoint_mut(&mut self, name: &str) -> Result<&mut Endpoint, ServiceError> {
        self.endpoint(name)?;
        Ok(self.sagemaker.endpoints.get_mut(name).expect("just found"))
    }

    pub(crate) fn endpoint_config(&self, name: &str) -> Result<&Config, ServiceError> {
        self.sagemaker.configs.get(name).ok_or_else(|| {
            let arn = self.identity.sagemaker_arn("endpoint-config", name);
            not_found("endpoint configuration", &arn)
        })
    }
}

/// Rules of `CreateEndpointConfig` that its model does not state.
fn check_variants(production: &[VariantSpec], shadow: &[VariantSpec]) -> Result<(), ServiceError> {
    let all: Vec<_> = production.iter().chain(shadow).collect();
    for (index, variant) in all.iter().enumerate() {
        let name = &variant.variant_name;
        let refuse = |problem: &str| {
            Err(ServiceError::validation(format!(
                "Variant {name}: {problem}"
            )))
        };
        if all[..index].iter().any(|other| other.variant_name == *name) {
            return refuse("the name occurs twice.");
        }
        let placements = [
            variant.instance_type.is_some(),
            variant.instance_pools.is_some(),
            variant.serverless_config.is_some(),
        ];
        if placements.iter().filter(|given| **given).count() != 1 {
            return refuse(
                "exactly one of InstanceType, InstancePools and ServerlessConfig is needed.",
            );
        }
        if variant.serverless_config.is_some() {
            // SageMaker developer guide, serverless-endpoints: no multiple variants.
            if all.len() > 1 {
                return refuse("a serverless endpoint has one variant.");
            }
            if variant.initial_instance_count.is_some() {
                return refuse("InitialInstanceCount is not for serverless variants.");
            }
        } else if variant.initial_instance_count.is_none() {
            return refuse("InitialInstanceCount is required.");
        }
        // hashicorp/terraform-provider-aws#45926.
        if variant.managed_instance_scaling.is_some() && variant.model_name.is_some() {
            return refuse(
                "ManagedInstanceScaling is only supported for inference component endpoints.",
            );
        }
        if variant
            .serverless_config
            .as_ref()
            .is_some_and(|serverless| {
                serverless.provisioned_concurrency > Some(serverless.max_concurrency)
            })
        {
            return refuse("ProvisionedConcurrency must not exceed MaxConcurrency.");
        }
    }
    Ok(())
}

impl Config {
    pub(crate) fn describe(&self) -> Value {
        json!(self.description)
    }
}

#[cfg(test)]
mod tests;
