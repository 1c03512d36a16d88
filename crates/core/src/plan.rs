//! The ordered calls that lead from what is held to what is desired. Cannot fail, and leaves
//! nothing to decide while it is carried out.

mod action;
mod bounds;
mod policies;
mod release;
mod suspension;

pub use action::{Action, PolicyArn, Step};

use crate::desire::{Desired, DesiredTarget, Wish};
use crate::installation::Installation;
use crate::kind::Kind;
use crate::name::{ResourceId, TargetId, VariantName};
use crate::naming::{alarm_description, alarms_of_target, is_ours, owner_of_alarm};
use crate::observation::{HeldAlarm, HeldScaling, Observation, Owner};
use crate::problem::Problem;
use crate::report::{Outcome, Reason};
use crate::scaling::Suspension;
use crate::settings::Settings;
use release::Capacity;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What to do about one target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetPlan {
    /// Which target.
    pub id: TargetId,
    /// Which section of a document speaks of it.
    pub kind: Kind,
    /// In order.
    pub steps: Vec<Step>,
    /// What it is called when there is nothing to do.
    pub idle_outcome: Outcome,
    /// What it is called when everything was done.
    pub busy_outcome: Outcome,
    /// Why less is done than asked.
    pub reason: Option<Reason>,
    /// The settings in force, with their sources.
    pub settings: Map<String, Value>,
    /// Capacity may go away: a target of something that lives is released, or a bound of it is lowered.
    pub is_disruptive: bool,
    /// The plan may not be trusted before whose the target is was read.
    wants_tags: bool,
}

impl TargetPlan {
    fn idle(id: TargetId, kind: Kind, outcome: Outcome, reason: Option<Reason>) -> Self {
        Self {
            id,
            kind,
            steps: Vec::new(),
            idle_outcome: outcome,
            busy_outcome: Outcome::Configured,
            reason,
            settings: Map::new(),
            is_disruptive: false,
            wants_tags: false,
        }
    }

    /// The calls to make, in order.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.steps.iter().filter_map(|step| match step {
            Step::Do(action) => Some(action),
            Step::Skip { .. } => None,
        })
    }
}

/// What to do about one endpoint.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a plan does nothing until it is applied"]
pub struct EndpointPlan {
    /// One per variant and component. Applied one after another: SageMaker allows one capacity
    /// change at a time per endpoint.
    pub targets: Vec<TargetPlan>,
    /// Set when the endpoint as a whole is left alone.
    pub reason: Option<Reason>,
    /// Everything wrong with tags and documents.
    pub problems: Vec<Problem>,
    wants_alarms: bool,
}

/// What must be read before a plan may be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Targets whose tags say whose they are, with their ARNs.
    pub tags: Vec<(TargetId, String)>,
    /// The alarms under the endpoint's prefix.
    pub alarms: bool,
}

impl Wants {
    /// The plan may be trusted.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.tags.is_empty() && !self.alarms
    }
}

impl EndpointPlan {
    /// What must be read before the plan may be trusted: tags of targets to which something would
    /// be done, and alarms where there are, were or shall be some. The plan that is made then may
    /// want more: tags where the alarms that were read call for a write.
    #[must_use]
    pub fn wants(&self, observation: &Observation) -> Wants {
        let unsure = self.targets.iter().filter(|plan| plan.wants_tags);
        let tags = unsure.filter_map(|plan| {
            let held = observation.scaling.get(&plan.id)?;
            Some((plan.id.clone(), held.target.arn.clone()))
        });
        Wants {
            tags: tags.collect(),
            alarms: self.wants_alarms,
        }
    }

    /// Whether anything would be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.targets
            .iter()
            .all(|target| target.actions().next().is_none())
    }

    /// How many targets would be released or lowered.
    #[must_use]
    pub fn disruption(&self) -> usize {
        self.targets
            .iter()
            .filter(|target| target.is_disruptive)
            .count()
    }

    /// The same plan without what would release or lower a target.
    pub fn without_disruption(mut self) -> Self {
        for target in self
            .targets
            .iter_mut()
            .filter(|target| target.is_disruptive)
        {
            let settings = std::mem::take(&mut target.settings);
            *target = TargetPlan {
                settings,
                ..TargetPlan::idle(
                    target.id.clone(),
                    target.kind,
                    Outcome::Skipped,
                    Some(Reason::BlastRadius),
                )
            };
        }
        self
    }
}

/// Plans for one endpoint.
pub fn plan(
    desired: Desired,
    observation: &Observation,
    installation: &Installation,
    force: bool,
) -> EndpointPlan {
    let context = Context {
        observation,
        installation,
        force,
        alarm_keepers: alarm_keepers(&desired, observation),
    };
    let left_over = if desired.is_complete {
        context.left_over(&desired)
    } else {
        Vec::new()
    };
    let shall_have_alarms = |target: &DesiredTarget| match &target.wish {
        Wish::Scale { settings, .. } => !settings.alarms.is_empty(),
        _ => false,
    };
    let has_alarms = observation
        .scaling
        .values()
        .any(HeldScaling::may_have_alarms);
    let goes_away = observation
        .endpoint
        .as_ref()
        .is_none_or(crate::observation::Endpoint::is_deleting);
    let concerned = desired.is_complete
        && (goes_away || has_alarms || desired.targets.iter().any(shall_have_alarms));
    let targets = desired
        .targets
        .into_iter()
        .map(|target| context.plan_target(target));
    EndpointPlan {
        targets: targets.chain(left_over).collect(),
        reason: desired.reason,
        problems: desired.problems,
        wants_alarms: concerned && observation.alarms.is_none(),
    }
}

/// Plans for a target whose endpoint or component is gone; its tags were read.
#[must_use]
pub fn release_orphan(id: TargetId, held: &HeldScaling, installation: &Installation) -> TargetPlan {
    let kind = Kind::of(id.dimension);
    if held.target.owner(&installation.managed_by) != Owner::Us {
        return TargetPlan::idle(
            id,
            kind,
            Outcome::Skipped,
            Some(Reason::ForeignScalableTarget),
        );
    }
    let alarms = held.policies.iter().flat_map(|held| &held.alarms);
    let alarms: Vec<_> = alarms.filter(|name| is_ours(name)).cloned().collect();
    let (steps, busy_outcome) = release::release(held, &alarms, Capacity::GoesAway);
    TargetPlan {
        steps: steps.into_iter().map(Step::Do).collect(),
        busy_outcome,
        ..TargetPlan::idle(id, kind, Outcome::Skipped, None)
    }
}

/// What every target's plan looks at.
struct Context<'a> {
    observation: &'a Observation,
    installation: &'a Installation,
    force: bool,
    alarm_keepers: BTreeMap<String, TargetId>,
}

/// Which target the alarms of a name belong to: their names tell neither the dimension nor whether
/// it is a variant or a component, and no alarm may be deleted twice or by the wrong target.
fn alarm_keepers(desired: &Desired, observation: &Observation) -> BTreeMap<String, TargetId> {
    let claim = |target: &DesiredTarget| match &target.wish {
        Wish::Scale { .. } => 3,
        Wish::Release { .. } if observation.scaling.contains_key(&target.id) => 2,
        Wish::Release { .. } => 1,
        _ => 0,
    };
    let mut keepers: BTreeMap<String, (i32, TargetId)> = BTreeMap::new();
    for target in &desired.targets {
        let name = target.id.resource.own_name().to_owned();
        let claim = claim(target);
        if keepers.get(&name).is_none_or(|(other, _)| *other < claim) {
            keepers.insert(name, (claim, target.id.clone()));
        }
    }
    let keepers = keepers.into_iter();
    keepers.map(|(name, (_, id))| (name, id)).collect()
}

impl Context<'_> {
    /// Alarms of this installation for one target, among those that were read.
    fn alarms_of(&self, id: &TargetId) -> Vec<&HeldAlarm> {
        let name = id.resource.own_name();
        if self.alarm_keepers.get(name) != Some(id) {
            return Vec::new();
        }
        let prefix = alarms_of_target(&self.observation.name, name);
        let description = alarm_description(&self.installation.managed_by);
        let alarms = self.observation.alarms.iter().flatten();
        alarms
            .filter(|alarm| alarm.name.starts_with(&prefix) && alarm.description == description)
            .collect()
    }

    fn alarm_names(&self, id: &TargetId) -> Vec<String> {
        self.alarms_of(id)
            .iter()
            .map(|alarm| alarm.name.clone())
            .collect()
    }

    /// Alarms of this installation for variants and components that are no more: deleting a target
    /// or a step policy leaves its alarms behind.
    fn left_over(&self, desired: &Desired) -> Vec<TargetPlan> {
        let description = alarm_description(&self.installation.managed_by);
        let mut names: Vec<(VariantName, String)> = Vec::new();
        for alarm in self.observation.alarms.iter().flatten() {
            let Some((endpoint, target)) = owner_of_alarm(&alarm.name) else {
                continue;
            };
            let known = desired
                .targets
                .iter()
                .any(|known| known.id.resource.own_name() == target);
            let ours = endpoint == self.observation.name && alarm.description == description;
            if let (true, false, Ok(target)) = (ours, known, VariantName::new(target)) {
                names.push((target, alarm.name.clone()));
            }
        }
        names.sort_unstable();
        let groups = names.chunk_by(|a, b| a.0 == b.0);
        groups
            .map(|group| {
                let resource = ResourceId::Variant {
                    endpoint: self.observation.name.clone(),
                    variant: group[0].0.clone(),
                };
                let kind = Kind::RealTime;
                let id = TargetId {
                    resource,
                    dimension: kind.dimension(),
                };
                let names: Vec<_> = group.iter().map(|(_, name)| name.clone()).collect();
                TargetPlan {
                    steps: release::delete_alarms(&names).map(Step::Do).collect(),
                    busy_outcome: Outcome::Released,
                    ..TargetPlan::idle(id, kind, Outcome::Skipped, None)
                }
            })
            .collect()
    }

    fn plan_target(&self, target: DesiredTarget) -> TargetPlan {
        let DesiredTarget {
            id,
            kind,
            running,
            wish,
        } = target;
        let held = self.observation.scaling.get(&id);
        let owner = held.map(|held| held.target.owner(&self.installation.managed_by));
        let idle = |outcome, reason| TargetPlan::idle(id.clone(), kind, outcome, reason);
        let foreign = matches!(owner, Some(Owner::Foreign | Owner::OtherInstallation));
        match (wish, held) {
            (Wish::Leave(reason), _) => idle(Outcome::Skipped, Some(reason)),
            (Wish::Wait(reason), _) => idle(Outcome::Deferred, Some(reason)),
            (Wish::Release { reason, .. }, Some(_)) if foreign => idle(
                Outcome::Skipped,
                reason.or(Some(Reason::ForeignScalableTarget)),
            ),
            (Wish::Release { reason, going_away }, Some(held)) => {
                // Where nobody knows what runs, it may be nothing.
                let may_sleep = held.target.range.min() == 0;
                let asleep = running.map_or(may_sleep, |running| running == 0);
                let capacity = Capacity::of(going_away, asleep);
                let alarms = self.alarm_names(&id);
                let (steps, busy_outcome) = release::release(held, &alarms, capacity);
                TargetPlan {
                    steps: steps.into_iter().map(Step::Do).collect(),
                    idle_outcome: if capacity == Capacity::Asleep {
                        busy_outcome
                    } else {
                        Outcome::Skipped
                    },
                    busy_outcome,
                    is_disruptive: !going_away,
                    wants_tags: owner == Some(Owner::Unknown),
                    ..idle(Outcome::Skipped, reason)
                }
            }
            // What AWS deregistered by itself may have left alarms behind.
            (Wish::Release { reason, .. }, None) => {
                let names = self.alarm_names(&id);
                TargetPlan {
                    steps: release::delete_alarms(&names).map(Step::Do).collect(),
                    busy_outcome: Outcome::Released,
                    ..idle(Outcome::Skipped, reason)
                }
            }
            (Wish::Suspend(_), Some(_)) if foreign => {
                idle(Outcome::Skipped, Some(Reason::ForeignScalableTarget))
            }
            (Wish::Suspend(paused), Some(held)) => {
                let change = suspension::change(&held.target, paused);
                TargetPlan {
                    steps: change.steps.into_iter().map(Step::Do).collect(),
                    wants_tags: change.wants_tags,
                    ..idle(Outcome::Skipped, Some(Reason::Paused))
                }
            }
            (Wish::Suspend(_), None) => idle(Outcome::Skipped, Some(Reason::Paused)),
            (
                Wish::Scale {
                    settings,
                    adopt,
                    paused,
                },
                held,
            ) => {
                let adopts = adopt && owner == Some(Owner::Foreign);
                if foreign && !adopts {
                    let foreign = idle(Outcome::Skipped, Some(Reason::ForeignScalableTarget));
                    return TargetPlan {
                        settings: settings.explain(),
                        ..foreign
                    };
                }
                let bounds = self.bounds(&settings, held, running, adopts, paused);
                let policies = policies::policies(
                    &settings,
                    held,
                    &self.alarms_of(&id),
                    &alarm_description(&self.installation.managed_by),
                );
                let mut steps: Vec<_> = bounds.steps.into_iter().map(Step::Do).collect();
                steps.extend(policies.steps);
                let acts = steps.iter().any(|step| match step {
                    // Only reading the alarms tells whether one is to be put.
                    Step::Do(Action::PutMetricAlarm { .. }) => self.observation.alarms.is_some(),
                    Step::Do(_) => true,
                    Step::Skip { reason, .. } => *reason == Reason::ConflictingPolicy,
                });
                TargetPlan {
                    reason: paused
                        .map(|_| Reason::Paused)
                        .or(bounds.reason)
                        .or(policies.reason),
                    settings: settings.explain(),
                    is_disruptive: bounds.lowers,
                    wants_tags: owner == Some(Owner::Unknown) && (acts || bounds.wants_tags),
                    steps,
                    ..idle(Outcome::Unchanged, None)
                }
            }
        }
    }

    /// Bounds and standing still of a target that is ours, or becomes ours.
    fn bounds(
        &self,
        settings: &Settings,
        held: Option<&HeldScaling>,
        running: Option<u32>,
        adopts: bool,
        paused: Option<Suspension>,
    ) -> bounds::Bounds {
        let held = held.map(|held| &held.target);
        let mut bounds = match held {
            None => bounds::create(settings, self.installation, paused),
            Some(held) if adopts => bounds::adopt(settings, held, self.installation),
            Some(held) => bounds::adjust(settings, held, self.force),
        };
        // Without the tag `paused`, what we let stand still goes on.
        if let Some(held) = held.filter(|_| !adopts) {
            let resumption = suspension::change(held, Suspension::NONE);
            bounds.wants_tags |= resumption.wants_tags;
            bounds.steps.extend(resumption.steps);
        }
        let config = self.observation.endpoint.as_ref();
        let config = config.and_then(|endpoint| endpoint.config_name.as_deref());
        bounds::raise(&mut bounds, settings, held, running, config);
        bounds
    }
}

#[cfg(test)]
mod tests;
