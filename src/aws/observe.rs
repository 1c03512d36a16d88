//! All reads. A denied or throttled read is an error, never an absence.

use super::{Aws, call_error, convert};
use crate::core::fault::CallError;
use crate::core::installation::Installation;
use crate::core::name::{EndpointName, TargetId};
use crate::core::observation::{Documents, HeldScaling, HeldTarget, Observation, Parameter};
use crate::core::scaling::ScalingPolicy;
use crate::core::tags::Tags;
use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use futures_util::future::try_join_all;
use futures_util::{join, try_join};
use std::collections::BTreeMap;

/// Looks at one endpoint: two waves of parallel calls, a third only when the tags had to wait for
/// the ARN and name a profile.
///
/// # Errors
/// The first read that failed.
pub async fn observe(
    aws: &Aws,
    installation: &Installation,
    name: &EndpointName,
    arn: Option<&str>,
) -> Result<Observation, CallError> {
    let profile = installation.profile_parameter("default");
    let own = installation.endpoint_parameter(name);
    let limits = installation.limits_parameter();
    let early_tags = async {
        match arn {
            Some(arn) => aws.endpoint_tags(arn).await.map(Some),
            None => Ok(None),
        }
    };
    // What is read about an endpoint that is gone may fail, and does not matter then.
    let (described, tags, parameters) = join!(
        aws.describe_endpoint(name),
        early_tags,
        aws.parameters(vec![profile.clone(), own.clone(), limits.clone()]),
    );
    let described = described?;
    let mut observation = Observation {
        name: name.clone(),
        endpoint: described
            .as_ref()
            .map(|described| convert::endpoint(described, None)),
        tags: BTreeMap::new(),
        documents: Documents::default(),
        scaling: BTreeMap::new(),
    };
    let Some(described) = described else {
        return Ok(observation);
    };
    if !observation
        .endpoint
        .as_ref()
        .is_some_and(crate::core::observation::Endpoint::is_in_service)
    {
        return Ok(observation);
    }
    let (tags, mut parameters) = (tags?, parameters?);
    let resources: Vec<_> = variant_resources(&described, name);
    let tags_and_profile = async {
        let tags = match tags {
            Some(tags) => tags,
            None => {
                aws.endpoint_tags(described.endpoint_arn().unwrap_or_default())
                    .await?
            }
        };
        let named = Tags::parse(&tags, &installation.tag_prefix).profile;
        let named = match named.map(|profile| installation.profile_parameter(&profile.value)) {
            Some(parameter) if parameter != profile => Some(
                aws.parameters(vec![parameter.clone()])
                    .await?
                    .remove(&parameter),
            ),
            _ => None,
        };
        Ok((tags, named))
    };
    let (config, (tags, named), scaling) = try_join!(
        aws.endpoint_config(described.endpoint_config_name()),
        tags_and_profile,
        aws.scaling_of(resources),
    )?;
    observation.endpoint = Some(convert::endpoint(&described, config.as_ref()));
    observation.tags = tags;
    let mut take = |name: String| parameters.remove(&name);
    observation.documents = Documents {
        profile: named.unwrap_or_else(|| take(profile)),
        endpoint: take(own),
        limits: take(limits),
    };
    observation.scaling = scaling;
    Ok(observation)
}

/// Looks at an endpoint that is said to be going away. Its variants may be unknown by now, so
/// that all targets of the namespace are listed. `None` when it is there after all: the event was
/// late, and this is a namesake created since.
///
/// # Errors
/// The first read that failed.
pub async fn observe_retiring(
    aws: &Aws,
    name: &EndpointName,
) -> Result<Option<Observation>, CallError> {
    let described = aws.describe_endpoint(name).await?;
    let endpoint = described.map(|described| convert::endpoint(&described, None));
    if endpoint
        .as_ref()
        .is_some_and(|endpoint| !endpoint.is_deleting())
    {
        return Ok(None);
    }
    let targets = aws.scalable_targets(None).await?;
    let mine = targets
        .into_iter()
        .filter(|(id, _)| id.resource.endpoint() == name);
    let scaling = try_join_all(mine.map(|(id, target)| async {
        let resource = id.resource.to_string();
        let (mut policies, mut actions) =
            try_join!(aws.policies(&resource), aws.scheduled_actions(&resource))?;
        let held = HeldScaling {
            target,
            policies: policies.remove(&id).unwrap_or_default(),
            scheduled_actions: actions.remove(&id).unwrap_or_default(),
        };
        Ok::<_, CallError>((id, held))
    }));
    Ok(Some(Observation {
        name: name.clone(),
        endpoint,
        tags: BTreeMap::new(),
        documents: Documents::default(),
        scaling: scaling.await?.into_iter().collect(),
    }))
}

/// Reads whose the given targets are, and completes the observation with it.
///
/// # Errors
/// The first read that failed.
pub async fn observe_target_tags(
    aws: &Aws,
    mut observation: Observation,
    targets: Vec<(TargetId, String)>,
) -> Result<Observation, CallError> {
    let tags = try_join_all(targets.iter().map(|(_, arn)| aws.target_tags(arn))).await?;
    for ((id, _), tags) in targets.iter().zip(tags) {
        if let Some(held) = observation.scaling.get_mut(id) {
            held.target.tags = Some(tags);
        }
    }
    Ok(observation)
}

fn variant_resources(described: &DescribeEndpointOutput, name: &EndpointName) -> Vec<String> {
    let variants = described
        .production_variants()
        .iter()
        .chain(described.shadow_production_variants());
    variants
        .filter_map(|variant| {
            Some(format!(
                "endpoint/{name}/variant/{}",
                variant.variant_name()?
            ))
        })
        .collect()
}

type ByTarget<T> = BTreeMap<TargetId, Vec<T>>;

impl Aws {
    async fn describe_endpoint(
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

    async fn endpoint_config(
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

    async fn endpoint_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
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

    /// Unknown names come back in `InvalidParameters`, not as an error: they are absent.
    async fn parameters(
        &self,
        names: Vec<String>,
    ) -> Result<BTreeMap<String, Parameter>, CallError> {
        let request = self
            .ssm
            .get_parameters()
            .set_names(Some(names))
            .with_decryption(true);
        let answer = request
            .send()
            .await
            .map_err(|error| call_error("GetParameters", &error))?;
        let parameters = answer.parameters.unwrap_or_default().into_iter();
        Ok(parameters
            .filter_map(|parameter| {
                let name = parameter.name?;
                Some((
                    name.clone(),
                    Parameter {
                        name,
                        value: parameter.value?,
                    },
                ))
            })
            .collect())
    }

    async fn scaling_of(
        &self,
        resources: Vec<String>,
    ) -> Result<BTreeMap<TargetId, HeldScaling>, CallError> {
        let policies = try_join_all(resources.iter().map(|resource| self.policies(resource)));
        let actions = try_join_all(
            resources
                .iter()
                .map(|resource| self.scheduled_actions(resource)),
        );
        let (targets, policies, actions) = try_join!(
            self.scalable_targets(Some(resources.clone())),
            policies,
            actions
        )?;
        let mut policies: ByTarget<_> = policies.into_iter().flatten().collect();
        let mut actions: ByTarget<_> = actions.into_iter().flatten().collect();
        Ok(targets
            .into_iter()
            .map(|(id, target)| {
                let held = HeldScaling {
                    target,
                    policies: policies.remove(&id).unwrap_or_default(),
                    scheduled_actions: actions.remove(&id).unwrap_or_default(),
                };
                (id, held)
            })
            .collect())
    }

    async fn scalable_targets(
        &self,
        resources: Option<Vec<String>>,
    ) -> Result<Vec<(TargetId, HeldTarget)>, CallError> {
        if resources.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let request = self
            .scaling
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Sagemaker)
            .set_resource_ids(resources);
        let targets = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let targets = targets.map_err(|error| call_error("DescribeScalableTargets", &error))?;
        Ok(targets.iter().filter_map(convert::held_target).collect())
    }

    async fn policies(&self, resource: &str) -> Result<ByTarget<ScalingPolicy>, CallError> {
        let request = self
            .scaling
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource);
        let policies = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
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

    async fn scheduled_actions(&self, resource: &str) -> Result<ByTarget<String>, CallError> {
        let request = self
            .scaling
            .describe_scheduled_actions()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource);
        let actions = request
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<_>, _>>()
            .await;
        let actions = actions.map_err(|error| call_error("DescribeScheduledActions", &error))?;
        let mut by_target = ByTarget::new();
        for action in &actions {
            let id = action
                .scalable_dimension()
                .and_then(|dimension| convert::target_id(action.resource_id(), dimension));
            if let Some(id) = id {
                by_target
                    .entry(id)
                    .or_default()
                    .push(action.scheduled_action_name().to_owned());
            }
        }
        Ok(by_target)
    }

    async fn target_tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
        let sent = self
            .scaling
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await;
        let answer = sent.map_err(|error| call_error("ListTagsForResource", &error))?;
        Ok(answer.tags.unwrap_or_default().into_iter().collect())
    }
}

/// SageMaker says "Could not find …" in a `ValidationException`.
fn found<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.says_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
