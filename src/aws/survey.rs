//! Looks at many endpoints at once: lists of the whole account instead of calls per endpoint.
//!
//! Lists lag behind, so that a survey only tells which endpoints deserve a look of their own.

use super::read::held_scaling;
use super::{Aws, convert};
use crate::core::fault::CallError;
use crate::core::installation::Installation;
use crate::core::name::{ComponentName, EndpointName, ResourceId, TargetId};
use crate::core::naming::{NAME_PREFIX, alarm_description, owner_of_alarm};
use crate::core::observation::{
    Component, Documents, HeldAlarm, HeldScaling, Observation, Owner, Parameter, memory,
};
use crate::core::tags;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use futures_util::try_join;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

/// What the lists of an account say.
#[derive(Debug)]
pub struct Survey {
    /// Every endpoint, with what is listed for it.
    pub endpoints: BTreeMap<EndpointName, Listed>,
    /// Targets whose component or endpoint is on no list, with the endpoint where it is known.
    orphans: Vec<(TargetId, HeldScaling, Option<EndpointName>)>,
    /// Our alarms, of whatever installation, whose endpoint is on no list.
    orphaned_alarms: Vec<(EndpointName, HeldAlarm)>,
    parameters: BTreeMap<String, Parameter>,
    configs: Mutex<HashMap<String, Arc<OnceCell<Option<DescribeEndpointConfigOutput>>>>>,
    now: Timestamp,
}

/// What the lists say of one endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// Its status.
    pub in_service: bool,
    /// All its tags.
    pub tags: BTreeMap<String, String>,
    /// What is held for its variants and components, with tags.
    pub held: BTreeMap<TargetId, HeldScaling>,
    components: Vec<Component>,
    alarms: Vec<HeldAlarm>,
}

/// Reads the lists.
///
/// # Errors
/// The first read that failed.
pub async fn survey(
    aws: &Aws,
    installation: &Installation,
    now: Timestamp,
) -> Result<Survey, CallError> {
    let (summaries, tags, target_tags, targets, policies, actions, parameters, alarms, components) =
        try_join!(
            aws.list_endpoints(),
            aws.tags_of_all("sagemaker:endpoint", None),
            aws.tags_of_all(
                "application-autoscaling:scalable-target",
                Some(memory::MANAGED_BY)
            ),
            aws.scalable_targets(None),
            aws.policies(None),
            aws.scheduled_actions(None),
            aws.parameters_below(&installation.parameter_prefix),
            aws.alarms(NAME_PREFIX),
            aws.list_components(None),
        )?;
    let mut endpoints = BTreeMap::new();
    for summary in &summaries {
        let name = summary
            .endpoint_name()
            .and_then(|name| EndpointName::new(name).ok());
        let Some(name) = name else { continue };
        let listed = Listed {
            in_service: summary
                .endpoint_status()
                .is_some_and(|status| status.as_str() == "InService"),
            tags: summary
                .endpoint_arn()
                .and_then(|arn| tags.get(arn))
                .cloned()
                .unwrap_or_default(),
            ..Listed::default()
        };
        endpoints.insert(name, listed);
    }
    let mut endpoint_of = HashMap::new();
    for summary in &components {
        let endpoint = summary
            .endpoint_name()
            .and_then(|name| EndpointName::new(name).ok());
        if let (Some(endpoint), Some(component)) = (endpoint, convert::component(summary)) {
            endpoint_of.insert(component.name.clone(), endpoint.clone());
            if let Some(listed) = endpoints.get_mut(&endpoint) {
                listed.components.push(component);
            }
        }
    }
    let mut orphans = Vec::new();
    for (id, mut held) in held_scaling(targets, policies, actions) {
        // The listing has every target with our key: one that is not there carries no such tag, or
        // carries it since a moment, which a look of its own will tell.
        held.target.tags = Some(
            target_tags
                .get(&held.target.arn)
                .cloned()
                .unwrap_or_default(),
        );
        let endpoint = match &id.resource {
            ResourceId::Variant { endpoint, .. } => Some(endpoint.clone()),
            ResourceId::Component(name) => endpoint_of.get(name).cloned(),
        };
        match endpoint
            .as_ref()
            .and_then(|endpoint| endpoints.get_mut(endpoint))
        {
            Some(listed) => drop(listed.held.insert(id, held)),
            None => orphans.push((id, held, endpoint)),
        }
    }
    let mut orphaned_alarms = Vec::new();
    for alarm in alarms {
        let Some((endpoint, _)) = owner_of_alarm(&alarm.name) else {
            continue;
        };
        match endpoints.get_mut(&endpoint) {
            Some(listed) => listed.alarms.push(alarm),
            None => orphaned_alarms.push((endpoint, alarm)),
        }
    }
    Ok(Survey {
        endpoints,
        orphans,
        orphaned_alarms,
        parameters,
        configs: Mutex::default(),
        now,
    })
}

impl Listed {
    /// How many of its targets belong to the installation.
    #[must_use]
    pub fn owned(&self, installation: &Installation) -> usize {
        let owner = |held: &&HeldScaling| held.target.owner(&installation.managed_by) == Owner::Us;
        self.held.values().filter(owner).count()
    }

    /// The profile that its tag names; the default one without a tag.
    #[must_use]
    pub fn profile(&self, installation: &Installation) -> String {
        let profile = tags::Tags::parse(&self.tags, &installation.tag_prefix).profile;
        profile.map_or_else(|| "default".to_owned(), |profile| profile.value)
    }
}

/// What seems to be gone and to have left something of ours behind. A list is no proof: each gets a
/// look of its own before anything is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Endpoints.
    pub endpoints: BTreeSet<EndpointName>,
    /// Inference components of which nobody knows the endpoint.
    pub components: BTreeSet<ComponentName>,
}

impl Survey {
    /// What seems to be gone and to have left something of the installation's behind.
    #[must_use]
    pub fn gone(&self, installation: &Installation) -> Gone {
        let mut gone = Gone::default();
        for (id, held, endpoint) in &self.orphans {
            if held.target.owner(&installation.managed_by) != Owner::Us {
                continue;
            }
            if let Some(endpoint) = endpoint {
                gone.endpoints.insert(endpoint.clone());
            } else if let ResourceId::Component(component) = &id.resource {
                gone.components.insert(component.clone());
            }
        }
        let description = alarm_description(&installation.managed_by);
        let alarms = self.orphaned_alarms.iter();
        let ours = alarms.filter(|(_, alarm)| alarm.description == description);
        gone.endpoints
            .extend(ours.map(|(endpoint, _)| endpoint.clone()));
        gone
    }

    /// One endpoint as the lists show it; costs `DescribeEndpoint`, and `DescribeEndpointConfig`
    /// once for all endpoints of one configuration.
    ///
    /// # Errors
    /// The first read that failed.
    pub async fn observe(
        &self,
        aws: &Aws,
        installation: &Installation,
        name: &EndpointName,
        listed: &Listed,
    ) -> Result<Observation, CallError> {
        let Some(described) = aws.describe_endpoint(name).await? else {
            return Ok(Observation::of_nothing(name.clone(), self.now));
        };
        let config = self.config(aws, described.endpoint_config_name()).await?;
        let parameter = |name: String| self.parameters.get(&name).cloned();
        Ok(Observation {
            name: name.clone(),
            now: self.now,
            endpoint: Some(convert::endpoint(
                &described,
                config.as_ref(),
                listed.components.clone(),
            )),
            tags: listed.tags.clone(),
            documents: Documents {
                profile: parameter(installation.profile_parameter(&listed.profile(installation))),
                endpoint: parameter(installation.endpoint_parameter(name)),
                limits: parameter(installation.limits_parameter()),
            },
            scaling: listed.held.clone(),
            alarms: Some(listed.alarms.clone()),
        })
    }

    async fn config(
        &self,
        aws: &Aws,
        name: Option<&str>,
    ) -> Result<Option<DescribeEndpointConfigOutput>, CallError> {
        let Some(name) = name else { return Ok(None) };
        let cell = Arc::clone(
            self.configs
                .lock()
                .await
                .entry(name.to_owned())
                .or_default(),
        );
        cell.get_or_try_init(|| aws.endpoint_config(Some(name)))
            .await
            .cloned()
    }
}
