//! What every target of the endpoint should have, or why it is left alone. Cannot fail: whatever
//! is wrong with tags and documents becomes a list of problems and a reason.

use crate::document::{self, Document};
use crate::installation::{Enrollment, ExistingTargets, Installation};
use crate::kind::Kind;
use crate::name::TargetId;
use crate::observation::{Endpoint, Observation, Owner, Parameter};
use crate::problem::{Problem, Source, did_you_mean};
use crate::report::Reason;
use crate::scaling::Suspension;
use crate::settings::{Layer, LimitsLayer, Question, Settings, resolve};
use crate::subject::{Obstacle, Subject, subjects};
use crate::tags::{Overrides, Tags};
use jiff::SignedDuration;
use serde_json::Value;

/// What an endpoint's targets should have.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Variants in AWS's order, then components, then what is held for neither.
    pub targets: Vec<DesiredTarget>,
    /// Set when the endpoint as a whole is left alone or released.
    pub reason: Option<Reason>,
    /// Everything wrong with tags and documents.
    pub problems: Vec<Problem>,
    /// Alarms of ours under the endpoint's prefix that belong to none of `targets` are left over.
    pub is_complete: bool,
}

/// What one target should have.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredTarget {
    /// Which target.
    pub id: TargetId,
    /// Which section of a document speaks of it.
    pub kind: Kind,
    /// Capacity that runs now.
    pub running: Option<u32>,
    /// What is wished for.
    pub wish: Wish,
}

/// What is wished for a target.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Leave it alone.
    Leave(Reason),
    /// Leave it alone for now.
    Wait(Reason),
    /// Give it back, if it is ours.
    Release {
        /// Why.
        reason: Option<Reason>,
        /// What it scales goes away or is gone, so that capacity no longer matters.
        going_away: bool,
    },
    /// Nothing but this shall stand still; everything else stays as it is.
    Suspend(Suspension),
    /// Scale it so.
    Scale {
        /// With these settings.
        settings: Box<Settings>,
        /// Take it over when it belongs to somebody else.
        adopt: bool,
        /// What shall stand still from the beginning.
        paused: Option<Suspension>,
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
            is_complete: false,
        };
    };
    let mut tags = Tags::parse(&observation.tags, &installation.tag_prefix);
    let mut problems = std::mem::take(&mut tags.problems);
    let scene = Scene {
        observation,
        installation,
        endpoint,
        tags: &tags,
        subjects: subjects(&observation.name, endpoint),
    };
    if !endpoint.is_in_service() {
        return scene.leave(Reason::EndpointNotInService, problems);
    }
    // Stopping must always work, so that it comes before everything that can be wrong.
    if tags.enabled.as_ref().is_some_and(|enabled| !enabled.value) {
        return scene.release(Reason::Disabled, problems);
    }
    if tags
        .hold
        .as_ref()
        .is_some_and(|hold| hold.applies_to(endpoint.config_name.as_deref()))
    {
        return scene.release(Reason::Held, problems);
    }
    let documents = Parsed::read(observation, installation, &tags, &mut problems);
    if let Some(reason) = documents.not_enrolled(observation, installation, &tags) {
        return scene.leave(reason, problems);
    }
    scene.check_names(&mut problems);
    documents.check_allowed(&tags, &mut problems);
    let settles = scene.settles(&documents);
    let wishes: Vec<_> = scene
        .subjects
        .iter()
        .map(|subject| match subject.obstacle {
            Some(Obstacle::Lasting(reason)) => Wish::Leave(reason),
            Some(Obstacle::Passing(reason)) => Wish::Wait(reason),
            None => match scene.settings(&documents, subject, &mut problems) {
                Some(_) if settles => Wish::Wait(Reason::Settling),
                Some(wish) => wish,
                None => Wish::Leave(Reason::InvalidConfiguration),
            },
        })
        .collect();
    if !problems.is_empty() {
        return scene.leave(Reason::InvalidConfiguration, problems);
    }
    let subjects = scene.subjects.iter().zip(wishes);
    let mut targets: Vec<_> = subjects
        .map(|(subject, wish)| scene.target(subject, wish))
        .collect();
    let gone = Wish::Release {
        reason: None,
        going_away: true,
    };
    targets.extend(scene.others(&gone));
    Desired {
        reason: tags.paused.map(|_| Reason::Paused),
        targets,
        problems,
        is_complete: true,
    }
}

/// Decides for an endpoint that is going away: everything held is released.
#[must_use]
pub fn retire(observation: &Observation) -> Desired {
    let targets = observation.scaling.keys().map(|id| DesiredTarget {
        id: id.clone(),
        kind: Kind::of(id.dimension),
        running: None,
        wish: Wish::Release {
            reason: None,
            going_away: true,
        },
    });
    Desired {
        targets: targets.collect(),
        reason: None,
        problems: Vec::new(),
        is_complete: true,
    }
}

/// What every decision about the endpoint looks at.
struct Scene<'a> {
    observation: &'a Observation,
    installation: &'a Installation,
    endpoint: &'a Endpoint,
    tags: &'a Tags,
    subjects: Vec<Subject>,
}

impl Scene<'_> {
    /// What pauses goes before every wish but releasing: stopping must always work.
    fn target(&self, subject: &Subject, wish: Wish) -> DesiredTarget {
        let held = self.observation.scaling.contains_key(&subject.id);
        let wish = match (wish, self.tags.paused) {
            (wish @ Wish::Release { .. }, _) | (wish, None) => wish,
            (_, Some(Suspension::NONE)) => Wish::Leave(Reason::Paused),
            (_, Some(paused)) if held => Wish::Suspend(paused),
            (wish, Some(_)) => wish,
        };
        DesiredTarget {
            id: subject.id.clone(),
            kind: subject.kind,
            running: subject.running,
            wish,
        }
    }

    /// Targets that are held for what is not there (any more).
    fn others(&self, wish: &Wish) -> Vec<DesiredTarget> {
        let known = |id: &&TargetId| self.subjects.iter().any(|subject| subject.id == **id);
        let others = self.observation.scaling.keys().filter(|id| !known(id));
        others
            .map(|id| DesiredTarget {
                id: id.clone(),
                kind: Kind::of(id.dimension),
                running: None,
                wish: wish.clone(),
            })
            .collect()
    }

    fn leave(&self, reason: Reason, problems: Vec<Problem>) -> Desired {
        let targets = self
            .subjects
            .iter()
            .map(|subject| self.target(subject, Wish::Leave(reason)));
        Desired {
            targets: targets.collect(),
            reason: Some(reason),
            problems,
            is_complete: false,
        }
    }

    fn release(&self, reason: Reason, problems: Vec<Problem>) -> Desired {
        let wish = Wish::Release {
            reason: Some(reason),
            going_away: false,
        };
        let targets = self
            .subjects
            .iter()
            .map(|subject| self.target(subject, wish.clone()));
        let gone = Wish::Release {
            reason: Some(reason),
            going_away: true,
        };
        Desired {
            targets: targets.chain(self.others(&gone)).collect(),
            reason: Some(reason),
            problems,
            is_complete: true,
        }
    }

    /// Terraform and CloudFormation register a while after the endpoint is there: who is enrolled
    /// only by default waits for them.
    fn settles(&self, documents: &Parsed) -> bool {
        let asked_for = self.tags.enabled.is_some() || documents.endpoint_enabled == Some(true);
        let Some(changed) = self.endpoint.last_modified else {
            return false;
        };
        // Clocks differ a little: a change in the future is one of this moment.
        let age = self
            .observation
            .now
            .duration_since(changed)
            .max(SignedDuration::ZERO);
        !asked_for && self.observation.scaling.is_empty() && age < self.installation.settle
    }

    /// A tag that names a variant or component which is not there is a typo, like any unknown tag.
    fn check_names(&self, problems: &mut Vec<Problem>) {
        let names: Vec<_> = self.subjects.iter().map(Subject::name).collect();
        for (key, _) in &self.tags.present {
            let mut targets = self.tags.by_name.keys();
            let Some(name) = targets.find(|name| key.ends_with(&format!(":{name}"))) else {
                continue;
            };
            if !names.contains(&name.as_str()) {
                let meant = did_you_mean(name, names.iter().copied());
                let message = format!(
                    "names no variant or inference component of this endpoint{meant}; it has {}",
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

    /// How a target shall scale; `None` when something about that is wrong.
    fn settings(
        &self,
        documents: &Parsed,
        subject: &Subject,
        problems: &mut Vec<Problem>,
    ) -> Option<Wish> {
        let (installation, tags) = (self.installation, self.tags);
        let overrides = match tags.by_name.get(subject.name()) {
            Some(mine) => mine.or(&tags.all),
            None => Overrides::clone(&tags.all),
        };
        let adopt = match installation.existing_targets {
            ExistingTargets::Adopt => true,
            ExistingTargets::Leave => false,
            ExistingTargets::ByTag => overrides.adopt.as_ref().is_some_and(|adopt| adopt.value),
        };
        let held = self.observation.scaling.get(&subject.id);
        let held = held.map(|scaling| &scaling.target);
        let adopted = held.is_some_and(|held| {
            held.adopted().is_some()
                || (adopt && held.owner(&installation.managed_by) == Owner::Foreign)
        });
        let question = Question {
            endpoint: &self.observation.name,
            subject,
            layers: &documents.layers,
            tags: &overrides,
            limits: documents.limits.as_ref(),
            held,
            adopted,
            now: self.observation.now,
        };
        match resolve(&question) {
            Ok(settings) => Some(Wish::Scale {
                settings: Box::new(settings),
                adopt,
                paused: tags.paused,
            }),
            Err(found) => {
                // Two variants often share one mistake in one document.
                for problem in found {
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
                None
            }
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
            match document::parse(parameter) {
                Ok(document) => Some(Layer {
                    source: parameter.source(),
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
            match document::parse_limits(parameter) {
                Ok(limits) => Some(LimitsLayer {
                    source: parameter.source(),
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
                    .any(|layer| layer.source == parameter.source())
            })
    }

    fn check_allowed(&self, tags: &Tags, problems: &mut Vec<Problem>) {
        let Some(LimitsLayer { source, limits }) = &self.limits else {
            return;
        };
        if let (Some(allowed), Some(profile)) = (&limits.allowed_profiles, &tags.profile)
            && !allowed.contains(&profile.value)
        {
            let allowed = source.shown(allowed.join(", "));
            let message = format!("is not among AllowedProfiles {allowed} of {source}");
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
            let allowed = source.shown(allowed.join(", "));
            let message = format!("is not among AllowedTags {allowed} of {source}");
            problems.push(Problem::new(
                Source::Tag(key.clone()),
                "",
                &Value::from(tag.as_str()),
                message,
            ));
        }
    }
}
