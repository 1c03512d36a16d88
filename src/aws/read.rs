//! Every read, one function an API operation. A denied or throttled read is an error, never an
//! absence.

use super::{Aws, call_error, convert};
use crate::core::fault::CallError;
use crate::core::name::{ComponentName, EndpointName, TargetId};
use crate::core::observation::{
    DescribedComponent, HeldAlarm, HeldPolicy, HeldScaling, HeldScheduledAction, HeldTarget,
    Parameter,
};
use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::AlarmType;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::types::{EndpointSummary, InferenceComponentSummary};
use aws_sdk_ssm::types::ParameterType;
use futures_util::future::try_join_all;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;

/// Parameters per `GetParameters` (SSM API reference).
const PARAMETERS_AT_ONCE: usize = 10;
/// Resource ids per `DescribeScalableTargets` (Application Auto Scaling API reference).
const TARGETS_AT_ONCE: usize = 50;
/// Reads of one endpoint side by side; an endpoint can have many components.
const SIDE_BY_SIDE: usize = 10;

pub(super) type ByTarget<T> = BTreeMap<TargetId, Vec<T>>;
type Tags = BTreeMap<String, String>;

impl Aws {
    /// `None` when there is no such endpoint.
    pub(super) async fn describe_endpoint(
        &self,
        name: &EndpointName,
    ) -> Result<Option<DescribeEndpointOutput>, CallError> {
        let sent = self
            .sagemaker
            .describe_endpoint()
            .endpoint_name(name.as_str())
            .send()
            .await;
        found(sent.map_err(|error| call_error("DescribeEndpoint", &error)))
    }

    /// `None` when there is no such configuration, or it is not known.
    pub(super) async fn endpoint_config(
        &self,
        name: Option<&str>,
    ) -> Result<Option<DescribeEndpointConfigOutput>, CallError> {
        let Some(name) = name else { return Ok(None) };
        let sent = self
            .sagemaker
            .describe_endpoint_config()
            .endpoint_config_name(name)
            .send()
            .await;
        found(sent.map_err(|error| call_error("DescribeEndpointConfig", &error)))
    }

    /// The component's endpoint and what it says of itself; `None` when there is no such component.
    pub(super) async fn describe_component(
        &self,
        name: &ComponentName,
    ) -> Result<Option<(Option<EndpointName>, DescribedComponent)>, CallError> {
        let request = self.sagemaker.describe_inference_component();
        let sent = request.inference_component_name(name.as_str()).send().await;
        let described =
            found(sent.map_err(|error| call_error("DescribeInferenceComponent", &error)))?;
        Ok(described.map(|described| {
            let endpoint = described
                .endpoint_name()
                .and_then(|name| EndpointName::new(name).ok());
            (endpoint, convert::described_component(&described))
        }))
    }

    pub(super) async fn list_endpoints(&self) -> Result<Vec<EndpointSummary>, CallError> {
        let request = self.sagemaker.list_endpoints().max_results(100);
        let pages = request.into_paginator().items().send();
        let endpoints = pages.collect::<Result<Vec<_>, _>>().await;
        endpoints.map_err(|error| call_error("ListEndpoints", &error))
    }

    /// The components of one endpoint, or of all.
    pub(super) async fn list_components(
        &self,
        endpoint: Option<&EndpointName>,
    ) -> Result<Vec<InferenceComponentSummary>, CallError> {
        let request = self
            .sagemaker
            .list_inference_components()
            .set_endpoint_name_equals(endpoint.map(ToString::to_string))
            .max_results(100);
        let pages = request.into_paginator().items().send();
        let components = pages.collect::<Result<Vec<_>, _>>().await;
        components.map_err(|error| call_error("ListInferenceComponents", &error))
    }

    pub(super) async fn endpoint_tags(&self, arn: &str) -> Result<Tags, CallError> {
        let pages = self
            .sagemaker
            .list_tags()
            .resource_arn(arn)
            .into_paginator()
            .items()
            .send();
        let tags = pages.collect::<Result<Vec<_>, _>>().await;
        let tags = tags.map_err(|error| call_error("ListTags", &error))?;
        Ok(tags
            .into_iter()
            .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
            .collect())
    }

    /// Tags of all resources of one type that have any, by ARN.
    pub(super) async fn tags_of_all(
        &self,
        resource_type: &str,
        key: Option<&str>,
    ) -> Result<BTreeMap<String, Tags>, CallError> {
        let filter = key.map(|key| vec![TagFilter::builder().key(key).build()]);
        let request = self
            .tagging
            .get_resources()
            .resource_type_filters(resource_type)
            .set_tag_filters(filter)
            .resources_per_page(100);
        let pages = request.into_paginator().items().send();
        let resources = pages.collect::<Result<Vec<_>, _>>().await;
        let resources = resources.map_err(|error| call_error("GetResources", &error))?;
        let tags = resources.into_iter().filter_map(|resource| {
            let tags = resource.tags.unwrap_or_default().into_iter();
            Some((
                resource.resource_arn?,
                tags.map(|tag| (tag.key, tag.value)).collect(),
            ))
        });
        Ok(tags.collect())
    }

    /// Unknown names come back in `InvalidParameters`, not as an error: they are absent.
    pub(super) async fn parameters(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, Parameter>, CallError> {
        let groups = names.chunks(PARAMETERS_AT_ONCE).map(|names| async {
            let request = self.ssm.get_parameters().set_names(Some(names.to_vec()));
            let sent = request.with_decryption(true).send().await;
            sent.map_err(|error| call_error("GetParameters", &error))
        });
        let answers = try_join_all(groups).await?;
        let parameters = answers
            .into_iter()
            .flat_map(|answer| answer.parameters.unwrap_or_default());
        Ok(parameters.filter_map(parameter).collect())
    }

    pub(super) async fn parameters_below(
        &self,
        path: &str,
    ) -> Result<BTreeMap<String, Parameter>, CallError> {
        let request = self
            .ssm
            .get_parameters_by_path()
            .path(path)
            .recursive(true)
            .with_decryption(true);
        let pages = request
            .into_paginator()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let pages = pages.map_err(|error| call_error("GetParametersByPath", &error))?;
        let parameters = pages
            .into_iter()
            .flat_map(|page| page.parameters.unwrap_or_default());
        Ok(parameters.filter_map(parameter).collect())
    }

    /// What is held for some resources.
    pub(super) async fn scaling_of(
        &self,
        resources: &[String],
    ) -> Result<BTreeMap<TargetId, HeldScaling>, CallError> {
        let targets = try_join_all(
            resources
                .chunks(TARGETS_AT_ONCE)
                .map(|resources| self.scalable_targets(Some(resources.to_vec()))),
        );
        let policies = stream::iter(resources)
            .map(|resource| self.policies(Some(resource)))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<Vec<_>>();
        let actions = stream::iter(resources)
            .map(|resource| self.scheduled_actions(Some(resource)))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<Vec<_>>();
        let (targets, policies, actions) = futures_util::try_join!(targets, policies, actions)?;
        Ok(held_scaling(
            targets.into_iter().flatten().collect(),
            policies.into_iter().flatten().collect(),
            actions.into_iter().flatten().collect(),
        ))
    }

    /// Targets of some resources, or all of the namespace.
    pub(super) async fn scalable_targets(
        &self,
        resources: Option<Vec<String>>,
    ) -> Result<Vec<(TargetId, HeldTarget)>, CallError> {
        let request = self
            .scaling
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Sagemaker)
            .set_resource_ids(resources);
        let pages = request.into_paginator().items().send();
        let targets = pages.collect::<Result<Vec<_>, _>>().await;
        let targets = targets.map_err(|error| call_error("DescribeScalableTargets", &error))?;
        Ok(targets.iter().filter_map(convert::held_target).collect())
    }

    /// Policies of one resource, or all of the namespace.
    pub(super) async fn policies(
        &self,
        resource: Option<&str>,
    ) -> Result<ByTarget<HeldPolicy>, CallError> {
        let request = self
            .scaling
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Sagemaker)
            .set_resource_id(resource.map(str::to_owned));
        let pages = request.into_paginator().items().send();
        let policies = pages.collect::<Result<Vec<_>, _>>().await;
        let policies = policies.map_err(|error| call_error("DescribeScalingPolicies", &error))?;
        let mut by_target = ByTarget::new();
        for policy in &policies {
            if let Some(id) = convert::target_id(policy.resource_id(), policy.scalable_dimension())
            {
                by_target
                    .entry(id)
                    .or_default()
                    .push(convert::held_policy(policy));
            }
        }
        Ok(by_target)
    }

    /// Scheduled actions of one resource, or all of the namespace.
    pub(super) async fn scheduled_actions(
        &self,
        resource: Option<&str>,
    ) -> Result<ByTarget<HeldScheduledAction>, CallError> {
        let request = self
            .scaling
            .describe_scheduled_actions()
            .service_namespace(ServiceNamespace::Sagemaker)
            .set_resource_id(resource.map(str::to_owned));
        let pages = request.into_paginator().items().send();
        let actions = pages.collect::<Result<Vec<_>, _>>().await;
        let actions = actions.map_err(|error| call_error("DescribeScheduledActions", &error))?;
        let mut by_target = ByTarget::new();
        for action in &actions {
            let dimension = action.scalable_dimension();
            if let Some(id) =
                dimension.and_then(|dimension| convert::target_id(action.resource_id(), dimension))
            {
                by_target
                    .entry(id)
                    .or_default()
                    .push(convert::held_scheduled_action(action));
            }
        }
        Ok(by_target)
    }

    /// Whose a target is.
    ///
    /// # Errors
    /// AWS refused to tell.
    pub async fn target_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
        let sent = self
            .scaling
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await;
        let answer = sent.map_err(|error| call_error("ListTagsForResource", &error))?;
        Ok(answer.tags.unwrap_or_default().into_iter().collect())
    }

    /// Alarms whose names begin so.
    pub(super) async fn alarms(&self, prefix: &str) -> Result<Vec<HeldAlarm>, CallError> {
        let request = self
            .cloudwatch
            .describe_alarms()
            .alarm_name_prefix(prefix)
            .alarm_types(AlarmType::MetricAlarm)
            .max_records(100);
        let pages = request.into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| call_error("DescribeAlarms", &error))?;
        let alarms = pages.iter().flat_map(DescribeAlarmsOutput::metric_alarms);
        Ok(alarms.filter_map(convert::held_alarm).collect())
    }
}

/// Joins what three listings say of each target.
pub(super) fn held_scaling(
    targets: Vec<(TargetId, HeldTarget)>,
    mut policies: ByTarget<HeldPolicy>,
    mut actions: ByTarget<HeldScheduledAction>,
) -> BTreeMap<TargetId, HeldScaling> {
    let held = targets.into_iter().map(|(id, target)| {
        let scaling = HeldScaling {
            target,
            policies: policies.remove(&id).unwrap_or_default(),
            scheduled_actions: actions.remove(&id).unwrap_or_default(),
        };
        (id, scaling)
    });
    held.collect()
}

fn parameter(parameter: aws_sdk_ssm::types::Parameter) -> Option<(String, Parameter)> {
    let secure = parameter.r#type == Some(ParameterType::SecureString);
    let (name, value) = (parameter.name?, parameter.value?);
    Some((
        name.clone(),
        Parameter {
            name,
            value,
            secure,
        },
    ))
}

/// SageMaker says "Could not find …" in a `ValidationException`.
fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.says_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
