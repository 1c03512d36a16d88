//! What every target of the endpoint should have, or why it is left alone. Cannot fail: whatever
//! is wrong with tags and documents becomes a list of problems and a reason.

use crate::document::{self, Document};
use crate::installation::{Enrollment, ExistingTargets, Installation};
use crate::name::{ResourceId, ScalableDimension, TargetId};
use crate::observation::{Endpoint, Observation, Owner, Parameter, Variant};
use crate::problem::{Problem, Source, did_you_mean};
use crate::report::{Kind, Reason};
use crate::settings::{Layer, LimitsLayer, Question, Settings, resolve, variant_names};
use crate::tags::{Hold, Overrides, Tags};
use serde_json::Value;

/// What an endpoint's targets should have.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// One per variant, in AWS's order.
    pub targets: Vec<DesiredTarget>,
    /// Set when the endpoint as a whole is left alone or released.
    pub reason: Option<Reason>,
    /// Everything wrong with tags and documents.
    pub problems: Vec<Problem>,
}

/// What one target should have.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredTarget {
    /// Which target.
    pub id: TargetId,
    /// Which section of a document speaks of it.
    pub kind: Kind,
    /// What is wished for.
    pub wish: Wish,
}

/// What is wished for a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Leave it alone.
    Leave(Reason),
    /// Give it back, if it is ours.
    Release(Option<Reason>),
    /// Scale it so.
    Scale {
        /// With these settings.
        settings: Box<Settings>,
        /// Take it over when it belongs to somebody else.
        adopt: bool,
    },
}

/// Decides for one endpoint.
#[must_use]
pub fn desire(observation: &Observation, installation: &Installation) -> Desired {
    let Some(endpoint) = &observation.endpoint else {
        return Desired {
            targets: Vec::new(),
            reason: Some(Reason::EndpointNotFound),
            problems: Vec::new(),
        };
    };
    let mut tags = Tags::parse(&observation.tags, &installation.tag_prefix);
    let mut problems = std::mem::take(&mut tags.problems);
    let whole = |wish: &dyn Fn() -> Wish, reason, problems| Desired {
        targets: endpoint
            .variants
            .iter()
            .map(|variant| target(observation, endpoint, variant, wish()))
            .collect(),
        reason: Some(reason),
        problems,
    };
    if !endpoint.is_in_service() {
        let reason = Reason::EndpointNotInService;
        return whole(&|| Wish::Leave(reason), reason, problems);
    }
    // Stopping must always work, so that it comes before everything that can be wrong.
    if tags.enabled.as_ref().is_some_and(|enabled| !enabled.value) {
        let reason = Reason::Disabled;
        return whole(&|| Wish::Release(Some(reason)), reason, problems);
    }
    let held = match &tags.hold {
        Some(Hold::Always) => true,
        Some(Hold::OnConfiguration(name)) => endpoint.config_name.as_ref() == Some(name),
        None => false,
    };
    if held {
        return whole(
            &|| Wish::Release(Some(Reason::Held)),
            Reason::Held,
            problems,
        );
    }
    if tags.paused {
        return whole(&|| Wish::Leave(Reason::Paused), Reason::Paused, problems);
    }
    let documents = Parsed::read(observation, installation, &tags, &mut problems);
    if let Some(reason) = documents.not_enrolled(observation, installation, &tags) {
        return whole(&|| Wish::Leave(reason), reason, problems);
    }
    check_variant_names(endpoint, &tags, &mut problems);
    documents.check_allowed(&tags, &mut problems);
    let targets = endpoint
        .variants
        .iter()
        .map(|variant| {
            let wish = match unscalable(endpoint, variant) {
                Some(reason) => Wish::Leave(reason),
                None => {
                    documents.settings(observation, installation, variant, &tags, &mut problems)
                }
            };
            target(observation, endpoint, variant, wish)
        })
        .collect();
    if problems.is_empty() {
        Desired {
            targets,
            reason: None,
            problems,
        }
    } else {
        let reason = Reason::InvalidConfiguration;
        whole(&|| Wish::Leave(reason), reason, problems)
    }
}

/// Decides for an endpoint that is going away: everything held is released.
#[must_use]
pub fn retire(observation: &Observation) -> Desired {
    let targets = observation.scaling.keys().map(|id| DesiredTarget {
        id: id.clone(),
        kind: Kind::RealTime,
        wish: Wish::Release(None),
    });
    Desired {
        targets: targets.collect(),
        reason: None,
        problems: Vec::new(),
    }
}

fn target(
    observation: &Observation,
    endpoint: &Endpoint,
    variant: &Variant,
    wish: Wish,
) -> DesiredTarget {
    let (kind, dimension) = if variant.serverless.is_some() {
        (
            Kind::Serverless,
            ScalableDimension::VariantDesiredProvisionedConcurrency,
        )
    } else if endpoint.asynchronous {
        (
            Kind::Asynchronous,
            ScalableDimension::VariantDesiredInstanceCount,
        )
    } else {
        (
            Kind::RealTime,
            ScalableDimension::VariantDesiredInstanceCount,
        )
    };
    let resource = ResourceId::variant(observation.name.clone(), variant.name.clone());
    DesiredTarget {
        id: TargetId {
            resource,
            dimension,
        },
        kind,
        wish,
    }
}

/// What Application Auto Scaling would refuse, or this version does not apply yet.
fn unscalable(endpoint: &Endpoint, variant: &Variant) -> Option<Reason> {
    if let Some(serverless) = &variant.serverless {
        return Some(match serverless.provisioned_concurrency {
            None => Reason::ServerlessWithoutProvisionedConcurrency,
            Some(_) => Reason::NotYetSupported,
        });
    }
    let config = variant.config.as_ref();
    if config.is_some_and(|config| config.instance_pools) {
        return Some(Reason::InstancePools);
    }
    if variant.managed_instance_scaling || config.is_some_and(|config| !config.has_model) {
        return Some(Reason::HostsInferenceComponents);
    }
    if config.is_some_and(super::observation::VariantConfig::is_burstable) {
        return Some(Reason::BurstableInstanceType);
    }
    endpoint.asynchronous.then_some(Reason::NotYetSupported)
}

/// A tag that names a variant which is not there is a typo, like any unknown tag.
fn check_variant_names(endpoint: &Endpoint, tags: &Tags, problems: &mut Vec<Problem>) {
    let names = variant_names(&endpoint.variants);
    for (key, _) in &tags.present {
        let Some(name) = tags
            .by_name
            .keys()
            .find(|name| key.ends_with(&format!(":{name}")))
        else {
            continue;
        };
        if !names.contains(&name.as_str()) {
            let meant = did_you_mean(name, names.iter().copied());
            let message = format!(
                "names no variant of this endpoint{meant}; its variants are {}",
                names.join(", ")
            );
            let source = Source::Tag(key.clone());
            problems.push(Problem::new(
                source,
                "",
                &Value::from(name.as_str()),
                message,
            ));
        }
    }
}

/// The documents that bear on the endpoint, lowest layer first.
struct Parsed {
    layers: Vec<Layer>,
    limits: Option<LimitsLayer>,
    endpoint_enabled: Option<bool>,
    profile_enabled: Option<bool>,
}

impl Parsed {
    fn read(
        observation: &Observation,
        installation: &Installation,
        tags: &Tags,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let documents = &observation.documents;
        let mut read = |parameter: &Option<Parameter>| {
            let parameter = parameter.as_ref()?;
            match document::parse(&parameter.name, &parameter.value) {
                Ok(document) => Some(Layer {
                    source: Source::Parameter(parameter.name.clone()),
                    document,
                }),
                Err(mut found) => {
                    problems.append(&mut found);
                    None
                }
            }
        };
        let profile = read(&documents.profile);
        let endpoint = read(&documents.endpoint);
        let enabled = |layer: &Option<Layer>| {
            layer.as_ref().and_then(
                |Layer {
                     document: Document { enabled, .. },
                     ..
                 }| *enabled,
            )
        };
        let (profile_enabled, endpoint_enabled) = (enabled(&profile), enabled(&endpoint));
        if let (Some(name), None) = (&tags.profile, &documents.profile) {
            let parameter = installation.profile_parameter(&name.value);
            let message =
                format!("names a profile that does not exist: there is no parameter {parameter}");
            let value = Value::from(name.value.as_str());
            problems.push(Problem::new(name.source.clone(), "", &value, message));
        }
        let limits = documents.limits.as_ref().and_then(|parameter| {
            match document::parse_limits(&parameter.name, &parameter.value) {
                Ok(limits) => Some(LimitsLayer {
                    source: Source::Parameter(parameter.name.clone()),
                    limits,
                }),
                Err(mut found) => {
                    problems.append(&mut found);
                    None
                }
            }
        });
        let layers = profile.into_iter().chain(endpoint).collect();
        Self {
            layers,
            limits,
            endpoint_enabled,
            profile_enabled,
        }
    }

    /// Name filters, then the tag, then the endpoint document, then the profile, then the
    /// installation. Under opt-in a profile alone enrols nobody.
    fn not_enrolled(
        &self,
        observation: &Observation,
        installation: &Installation,
        tags: &Tags,
    ) -> Option<Reason> {
        if installation.excludes(&observation.name) {
            return Some(Reason::NotEnrolled);
        }
        let opted_in = tags.enabled.as_ref().is_some_and(|enabled| enabled.value);
        let opt_in = installation.enrollment == Enrollment::OptIn;
        match (opted_in, self.endpoint_enabled, self.profile_enabled) {
            (true, _, _) | (_, Some(true), _) => None,
            (_, Some(false), _) | (_, None, Some(false)) => Some(Reason::Disabled),
            // A document that cannot be read may say otherwise: the problems decide, not the default.
            (_, None, _) if opt_in && self.unread(observation) => None,
            (_, None, _) => opt_in.then_some(Reason::NotEnrolled),
        }
    }

    fn unread(&self, observation: &Observation) -> bool {
        observation
            .documents
            .endpoint
            .as_ref()
            .is_some_and(|parameter| {
                !self
                    .layers
                    .iter()
                    .any(|layer| layer.source == Source::Parameter(parameter.name.clone()))
            })
    }

    fn check_allowed(&self, tags: &Tags, problems: &mut Vec<Problem>) {
        let Some(LimitsLayer { source, limits }) = &self.limits else {
            return;
        };
        if let (Some(allowed), Some(profile)) = (&limits.allowed_profiles, &tags.profile)
            && !allowed.contains(&profile.value)
        {
            let message = format!("is not among AllowedProfiles {allowed:?} of {source}");
            let value = Value::from(profile.value.as_str());
            problems.push(Problem::new(profile.source.clone(), "", &value, message));
        }
        let Some(allowed) = &limits.allowed_tags else {
            return;
        };
        for (key, tag) in tags
            .present
            .iter()
            .filter(|(_, tag)| !allowed.contains(tag))
        {
            let message = format!("is not among AllowedTags {allowed:?} of {source}");
            problems.push(Problem::new(
                Source::Tag(key.clone()),
                "",
                &Value::from(tag.as_str()),
                message,
            ));
        }
    }

    fn settings(
        &self,
        observation: &Observation,
        installation: &Installation,
        variant: &Variant,
        tags: &Tags,
        problems: &mut Vec<Problem>,
    ) -> Wish {
        let overrides = match tags.by_name.get(variant.name.as_str()) {
            Some(mine) => mine.or(&tags.all),
            None => Overrides::clone(&tags.all),
        };
        let adopt = match installation.existing_targets {
            ExistingTargets::Adopt => true,
            ExistingTargets::Leave => false,
            ExistingTargets::ByTag => overrides.adopt.as_ref().is_some_and(|adopt| adopt.value),
        };
        let resource = ResourceId::variant(observation.name.clone(), variant.name.clone());
        let id = TargetId {
            resource,
            dimension: ScalableDimension::VariantDesiredInstanceCount,
        };
        let held = observation.scaling.get(&id).map(|scaling| &scaling.target);
        let adopted = held.is_some_and(|held| {
            held.adopted().is_some()
                || (adopt && held.owner(&installation.managed_by) == Owner::Foreign)
        });
        let question = Question {
            endpoint: &observation.name,
            variant,
            layers: &self.layers,
            tags: &overrides,
            limits: self.limits.as_ref(),
            held,
            adopted,
        };
        match resolve(&question) {
            Ok(settings) => Wish::Scale {
                settings: Box::new(settings),
                adopt,
            },
            Err(found) => {
                // Two variants often share one mistake in one document.
                problems.extend(
                    found
                        .into_iter()
                        .filter(|problem| !problems.contains(problem))
                        .collect::<Vec<_>>(),
                );
                Wish::Leave(Reason::InvalidConfiguration)
            }
        }
    }
}
