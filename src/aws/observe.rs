//! Looks at one endpoint, in as few waves of parallel calls as the data allows.

use super::hints::Hint;
use super::{Aws, convert};
use crate::core::event::Hints;
use crate::core::fault::CallError;
use crate::core::installation::Installation;
use crate::core::name::{ComponentName, EndpointName, ResourceId, ScalableDimension, TargetId};
use crate::core::naming::alarms_of;
use crate::core::observation::{
    Component, Documents, HeldAlarm, HeldScaling, Observation, Parameter, Variant,
};
use crate::core::plan::Wants;
use crate::core::tags::Tags;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::types::InferenceComponentSummary;
use futures_util::future::{OptionFuture, try_join_all};
use futures_util::{join, try_join};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The profile of endpoints whose tags name none.
const DEFAULT_PROFILE: &str = "default";

/// Looks at one endpoint.
///
/// One wave where hints name everything, two where they do not, and one more where inference
/// components are only found on the way or where tags had to wait for the ARN and name a profile.
///
/// # Errors
/// The first read that failed.
pub async fn observe(
    aws: &Aws,
    installation: &Installation,
    name: &EndpointName,
    said: &Hints,
    now: Timestamp,
) -> Result<Observation, CallError> {
    let hint = aws.hints.recall(name, said);
    let (described, first) = FirstWave::read(aws, installation, name, &hint).await;
    let mut observation = Observation::of_nothing(name.clone(), now);
    let Some(described) = described? else {
        return Ok(observation);
    };
    let endpoint = convert::endpoint(&described, None, Vec::new());
    if !endpoint.is_in_service() {
        observation.endpoint = Some(endpoint);
        return Ok(observation);
    }
    first
        .complete(aws, installation, &hint, &described, observation)
        .await
}

/// What was read before it was known to be needed. What is read about an endpoint that is gone may
/// fail, and does not matter then.
struct FirstWave {
    tags: Option<Result<BTreeMap<String, String>, CallError>>,
    parameters: Result<BTreeMap<String, Parameter>, CallError>,
    config: Option<Result<Option<DescribeEndpointConfigOutput>, CallError>>,
    held: Option<Result<BTreeMap<TargetId, HeldScaling>, CallError>>,
    components: Option<Result<Vec<InferenceComponentSummary>, CallError>>,
    alarms: Option<Result<Vec<HeldAlarm>, CallError>>,
}

impl FirstWave {
    async fn read(
        aws: &Aws,
        installation: &Installation,
        name: &EndpointName,
        hint: &Hint,
    ) -> (Result<Option<DescribeEndpointOutput>, CallError>, Self) {
        let mut parameters = vec![
            installation.profile_parameter(DEFAULT_PROFILE),
            installation.endpoint_parameter(name),
            installation.limits_parameter(),
        ];
        parameters.extend(hint.profile.clone());
        let prefix = alarms_of(name);
        let arn = hint.arn.as_deref().unwrap_or_default();
        let (described, tags, parameters, config, held, components, alarms) = join!(
            aws.describe_endpoint(name),
            when(hint.arn.is_some(), aws.endpoint_tags(arn)),
            aws.parameters(&parameters),
            when(
                hint.config.is_some(),
                aws.endpoint_config(hint.config.as_deref())
            ),
            when(!hint.resources.is_empty(), aws.scaling_of(&hint.resources)),
            when(hint.hosts_components, aws.list_components(Some(name))),
            when(hint.has_alarms, aws.alarms(&prefix)),
        );
        let first = Self {
            tags,
            parameters,
            config,
            held,
            components,
            alarms,
        };
        (described, first)
    }

    /// Reads what the first wave could not know of, or guessed wrongly.
    async fn complete(
        self,
        aws: &Aws,
        installation: &Installation,
        hint: &Hint,
        described: &DescribeEndpointOutput,
        mut observation: Observation,
    ) -> Result<Observation, CallError> {
        let name = observation.name.clone();
        let arn = described.endpoint_arn().unwrap_or_default();
        let default_profile = installation.profile_parameter(DEFAULT_PROFILE);
        let tags = async {
            // An event is never believed: it may name the ARN of another endpoint. Events write ARNs
            // in lower case.
            let hinted = hint.arn.as_ref();
            let fits = hinted.is_some_and(|hinted| hinted.eq_ignore_ascii_case(arn));
            let tags = match self.tags.filter(|_| fits) {
                Some(tags) => tags?,
                None => aws.endpoint_tags(arn).await?,
            };
            let profile = Tags::parse(&tags, &installation.tag_prefix).profile;
            let profile = profile.map(|profile| installation.profile_parameter(&profile.value));
            let named = profile.filter(|profile| *profile != default_profile);
            let read = match named
                .clone()
                .filter(|profile| hint.profile.as_ref() != Some(profile))
            {
                Some(profile) => aws.parameters(&[profile]).await?,
                None => BTreeMap::new(),
            };
            Ok((tags, named, read))
        };
        let config = async {
            let fits = hint.config.as_deref() == described.endpoint_config_name();
            match self.config.filter(|_| fits) {
                Some(config) => config,
                None => aws.endpoint_config(described.endpoint_config_name()).await,
            }
        };
        let variants = variant_resources(described, &name);
        let scaling = async {
            let mut held = self.held.transpose()?.unwrap_or_default();
            let unread = variants
                .iter()
                .filter(|resource| !hint.resources.contains(resource));
            held.append(&mut aws.scaling_of(&unread.cloned().collect::<Vec<_>>()).await?);
            Ok(held)
        };
        let hosts = |config: Option<&_>| {
            let endpoint = convert::endpoint(described, config, Vec::new());
            endpoint.variants.iter().any(Variant::hosts_components)
        };
        let components = async {
            match self.components {
                Some(components) => components.map(Some),
                None if hosts(None) => aws.list_components(Some(&name)).await.map(Some),
                None => Ok(None),
            }
        };
        let (config, (tags, profile, read), mut scaling, components) =
            try_join!(config, tags, scaling, components)?;

        // Only the endpoint configuration tells that a variant without its own model hosts components.
        let hosts_components = hosts(config.as_ref());
        let components = match components {
            Some(components) => components,
            None if hosts_components => aws.list_components(Some(&name)).await?,
            None => Vec::new(),
        };
        let components: Vec<_> = components.iter().filter_map(convert::component).collect();
        let components = look_at_components(aws, hint, components, &mut scaling).await?;

        let resources = components
            .iter()
            .map(|component| ResourceId::Component(component.name.clone()).to_string());
        let resources: Vec<_> = variants.into_iter().chain(resources).collect();
        scaling.retain(|id, _| resources.contains(&id.resource.to_string()));
        let found = Hint {
            arn: Some(arn.to_owned()),
            config: described.endpoint_config_name().map(str::to_owned),
            profile: profile.clone(),
            resources,
            hosts_components,
            has_alarms: hint.has_alarms,
        };
        aws.hints.remember(&name, found);
        let mut parameters = self.parameters?;
        parameters.extend(read);
        let mut take = |name: String| parameters.remove(&name);
        observation.documents = Documents {
            profile: take(profile.unwrap_or(default_profile)),
            endpoint: take(installation.endpoint_parameter(&name)),
            limits: take(installation.limits_parameter()),
        };
        observation.endpoint = Some(convert::endpoint(described, config.as_ref(), components));
        observation.tags = tags;
        observation.scaling = scaling;
        observation.alarms = self.alarms.transpose()?;
        Ok(observation)
    }
}

/// A read that is worth beginning only on a condition.
fn when<F: Future>(condition: bool, read: F) -> OptionFuture<F> {
    condition.then_some(read).into()
}

/// What is held for the components, and what those say of themselves for which nothing is held, or
/// which may have gone down to nothing.
async fn look_at_components(
    aws: &Aws,
    hint: &Hint,
    mut components: Vec<Component>,
    scaling: &mut BTreeMap<TargetId, HeldScaling>,
) -> Result<Vec<Component>, CallError> {
    let resources = components
        .iter()
        .map(|component| ResourceId::Component(component.name.clone()).to_string());
    let unread: Vec<_> = resources
        .filter(|resource| !hint.resources.contains(resource))
        .collect();
    scaling.append(&mut aws.scaling_of(&unread).await?);
    let settled = |component: &Component| {
        let id = TargetId {
            resource: ResourceId::Component(component.name.clone()),
            dimension: ScalableDimension::InferenceComponentDesiredCopyCount,
        };
        scaling
            .get(&id)
            .is_some_and(|held| held.target.range.min() > 0)
    };
    let open = components
        .iter_mut()
        .filter(|component| !settled(component));
    try_join_all(open.map(|component| async {
        let described = aws.describe_component(&component.name).await?;
        component.described = described.map(|(_, described)| described);
        Ok::<_, CallError>(())
    }))
    .await?;
    Ok(components)
}

/// Completes an observation with what a plan wants to know.
///
/// # Errors
/// The first read that failed.
pub async fn observe_more(
    aws: &Aws,
    mut observation: Observation,
    wants: &Wants,
) -> Result<Observation, CallError> {
    let tags = try_join_all(wants.tags.iter().map(|(_, arn)| aws.target_tags(arn)));
    let prefix = alarms_of(&observation.name);
    let alarms = async {
        OptionFuture::from(wants.alarms.then(|| aws.alarms(&prefix)))
            .await
            .transpose()
    };
    let (tags, alarms) = try_join!(tags, alarms)?;
    for ((id, _), tags) in wants.tags.iter().zip(tags) {
        if let Some(held) = observation.scaling.get_mut(id) {
            held.target.tags = Some(tags);
        }
    }
    if alarms.is_some() {
        aws.hints.alarms_matter(&observation.name);
        observation.alarms = alarms;
    }
    Ok(observation)
}

/// Looks at an endpoint that is said to be going away. Its variants may be unknown by now, so
/// that all targets of the namespace are listed; its inference components stay when it is deleted,
/// and their targets with them. `None` when it is there after all: the event was late, and this is
/// a namesake created since.
///
/// # Errors
/// The first read that failed.
pub async fn observe_retiring(
    aws: &Aws,
    name: &EndpointName,
    now: Timestamp,
) -> Result<Option<Observation>, CallError> {
    let described = aws.describe_endpoint(name).await?;
    let endpoint = described.map(|described| convert::endpoint(&described, None, Vec::new()));
    if endpoint
        .as_ref()
        .is_some_and(|endpoint| !endpoint.is_deleting())
    {
        return Ok(None);
    }
    let prefix = alarms_of(name);
    let (targets, components, alarms) = try_join!(
        aws.scalable_targets(None),
        aws.list_components(Some(name)),
        aws.alarms(&prefix)
    )?;
    let components: Vec<_> = components
        .iter()
        .filter_map(convert::component)
        .map(|component| component.name)
        .collect();
    let mine = targets.into_iter().filter(|(id, _)| match &id.resource {
        ResourceId::Variant { endpoint, .. } => endpoint == name,
        ResourceId::Component(component) => components.contains(component),
    });
    let resources: Vec<_> = mine.map(|(id, _)| id.resource.to_string()).collect();
    Ok(Some(Observation {
        endpoint,
        scaling: aws.scaling_of(&resources).await?,
        alarms: Some(alarms),
        ..Observation::of_nothing(name.clone(), now)
    }))
}

/// What became of an inference component.
#[derive(Clone, Debug, PartialEq)]
pub enum ComponentLook {
    /// It is on this endpoint.
    On(EndpointName),
    /// It is gone; this is still held for it.
    Gone(BTreeMap<TargetId, HeldScaling>),
}

/// Finds the endpoint of an inference component.
///
/// # Errors
/// The first read that failed.
pub async fn observe_component(
    aws: &Aws,
    name: &ComponentName,
) -> Result<ComponentLook, CallError> {
    if let Some((Some(endpoint), _)) = aws.describe_component(name).await? {
        return Ok(ComponentLook::On(endpoint));
    }
    let resource = ResourceId::Component(name.clone()).to_string();
    aws.scaling_of(&[resource]).await.map(ComponentLook::Gone)
}

/// The endpoint's own spelling of a name that is known in lower case only, as in its ARN.
///
/// # Errors
/// The first read that failed.
pub async fn spelling(
    aws: &Aws,
    lower_case: &EndpointName,
) -> Result<Option<EndpointName>, CallError> {
    if aws.describe_endpoint(lower_case).await?.is_some() {
        return Ok(Some(lower_case.clone()));
    }
    let endpoints = aws.list_endpoints().await?;
    let names = endpoints
        .iter()
        .filter_map(|endpoint| EndpointName::new(endpoint.endpoint_name()?).ok());
    let mut fitting = names.filter(|name| name.as_str().eq_ignore_ascii_case(lower_case.as_str()));
    Ok(fitting.next())
}

fn variant_resources(described: &DescribeEndpointOutput, name: &EndpointName) -> Vec<String> {
    let production = described.production_variants().iter();
    let variants = production.chain(described.shadow_production_variants());
    let names = variants.filter_map(|variant| variant.variant_name());
    names
        .map(|variant| format!("endpoint/{name}/variant/{variant}"))
        .collect()
}
