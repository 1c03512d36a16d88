//! The ordered calls that lead from what is held to what is desired. Cannot fail, and leaves
//! nothing to decide while it is carried out.

use crate::desire::{Desired, DesiredTarget, Wish};
use crate::installation::Installation;
use crate::name::TargetId;
use crate::observation::{HeldScaling, HeldTarget, Observation, Owner, memory};
use crate::problem::Problem;
use crate::report::{Kind, Outcome, Reason};
use crate::scaling::{CapacityRange, PolicyBody, ScalingPolicy};
use crate::settings::{NAME_PREFIX, Settings, tracks_same_metric};
use serde_json::{Map, Value};

/// One API call.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Creates the target or moves its bounds. Tags are for creation only: AWS refuses them on a
    /// target that exists.
    RegisterScalableTarget {
        /// The bounds.
        range: CapacityRange,
        /// Tags of a new target.
        tags: Vec<(&'static str, String)>,
    },
    /// Writes our memory on a target that exists.
    TagResource {
        /// The target.
        arn: String,
        /// The tags.
        tags: Vec<(&'static str, String)>,
    },
    /// Takes our memory off a target that stays.
    UntagResource {
        /// The target.
        arn: String,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// Creates or replaces a policy, always whole: what is left out reverts to its default.
    PutScalingPolicy(ScalingPolicy),
    /// Removes a policy of ours.
    DeleteScalingPolicy(String),
    /// Removes the target; AWS removes its policies and scheduled actions with it.
    DeregisterScalableTarget,
}

impl Action {
    /// The API operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::RegisterScalableTarget { .. } => "RegisterScalableTarget",
            Self::TagResource { .. } => "TagResource",
            Self::UntagResource { .. } => "UntagResource",
            Self::PutScalingPolicy(_) => "PutScalingPolicy",
            Self::DeleteScalingPolicy(_) => "DeleteScalingPolicy",
            Self::DeregisterScalableTarget => "DeregisterScalableTarget",
        }
    }

    /// The name of the policy it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::PutScalingPolicy(policy) => Some(&policy.name),
            Self::DeleteScalingPolicy(name) => Some(name),
            _ => None,
        }
    }
}

/// A call to make, or one that is left out with its reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Make this call.
    Do(Action),
    /// It would collide, or this version does not make it.
    Skip {
        /// The API operation.
        action: &'static str,
        /// The policy or scheduled action.
        name: String,
        /// Why.
        reason: Reason,
    },
}

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
}

impl TargetPlan {
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
    /// One per variant. Applied one after another: SageMaker allows one capacity change at a
    /// time per endpoint.
    pub targets: Vec<TargetPlan>,
    /// Set when the endpoint as a whole is left alone.
    pub reason: Option<Reason>,
    /// Everything wrong with tags and documents.
    pub problems: Vec<Problem>,
}

impl EndpointPlan {
    /// Targets whose tags must be read before the plan may be trusted: they exist, something
    /// would be done to them, and whose they are is not known yet.
    #[must_use]
    pub fn wants_tags<'a>(
        &self,
        observation: &'a Observation,
    ) -> Vec<(&'a TargetId, &'a HeldTarget)> {
        let busy = |id: &TargetId| {
            self.targets
                .iter()
                .any(|plan| plan.id == *id && !plan.steps.is_empty())
        };
        let scaling = observation.scaling.iter();
        scaling
            .map(|(id, held)| (id, &held.target))
            .filter(|(id, target)| target.tags.is_none() && busy(id))
            .collect()
    }
}

/// Plans for one endpoint.
pub fn plan(
    desired: Desired,
    observation: &Observation,
    installation: &Installation,
    force: bool,
) -> EndpointPlan {
    let targets = desired.targets.into_iter().map(|target| {
        let held = observation.scaling.get(&target.id);
        plan_target(target, held, installation, force)
    });
    EndpointPlan {
        targets: targets.collect(),
        reason: desired.reason,
        problems: desired.problems,
    }
}

fn plan_target(
    DesiredTarget { id, kind, wish }: DesiredTarget,
    held: Option<&HeldScaling>,
    installation: &Installation,
    force: bool,
) -> TargetPlan {
    let idle = |outcome, reason| TargetPlan {
        id: id.clone(),
        kind,
        steps: Vec::new(),
        idle_outcome: outcome,
        busy_outcome: Outcome::Configured,
        reason,
        settings: Map::new(),
    };
    let owner = held.map(|held| held.target.owner(&installation.managed_by));
    match wish {
        Wish::Leave(reason) => idle(Outcome::Skipped, Some(reason)),
        Wish::Release(reason) => match (held, owner) {
            (Some(held), Some(Owner::Us | Owner::Unknown)) => TargetPlan {
                steps: release(held).into_iter().map(Step::Do).collect(),
                busy_outcome: Outcome::Released,
                ..idle(Outcome::Skipped, reason)
            },
            (Some(_), _) if reason.is_none() => {
                idle(Outcome::Skipped, Some(Reason::ForeignScalableTarget))
            }
            _ => idle(Outcome::Skipped, reason),
        },
        Wish::Scale { settings, adopt } => {
            let adoptable = adopt && owner == Some(Owner::Foreign);
            if matches!(owner, Some(Owner::Foreign | Owner::OtherInstallation)) && !adoptable {
                let foreign = idle(Outcome::Skipped, Some(Reason::ForeignScalableTarget));
                return TargetPlan {
                    settings: settings.explain(),
                    ..foreign
                };
            }
            let mut bounds = match held {
                None => create(&settings, installation),
                Some(held) if adoptable => self::adopt(&settings, &held.target, installation),
                Some(held) => adjust(&settings, &held.target, force),
            };
            let held_policies = held.map_or(&[][..], |held| &held.policies);
            let mut steps = Vec::new();
            let conflict = policies(&settings, held_policies, &mut bounds.steps, &mut steps);
            steps.extend(
                settings
                    .unsupported
                    .iter()
                    .map(|(action, name)| Step::Skip {
                        action,
                        name: name.clone(),
                        reason: Reason::NotYetSupported,
                    }),
            );
            bounds.steps.extend(steps);
            TargetPlan {
                steps: bounds.steps,
                reason: bounds.reason.or(conflict),
                settings: settings.explain(),
                ..idle(Outcome::Unchanged, None)
            }
        }
    }
}

/// Steps about the bounds, and what is to be said about them.
struct Bounds {
    steps: Vec<Step>,
    reason: Option<Reason>,
}

fn create(settings: &Settings, installation: &Installation) -> Bounds {
    let range = settings.range();
    let tags = vec![
        (memory::MANAGED_BY, installation.managed_by.clone()),
        (memory::APPLIED, range.to_string()),
    ];
    Bounds {
        steps: vec![Step::Do(Action::RegisterScalableTarget { range, tags })],
        reason: None,
    }
}

/// The bounds found are remembered before they are changed: a crash in between must not lose them.
fn adopt(settings: &Settings, held: &HeldTarget, installation: &Installation) -> Bounds {
    let range = settings.range();
    let arn = held.arn.clone();
    let mut steps = vec![Step::Do(Action::TagResource {
        arn: arn.clone(),
        tags: vec![
            (memory::MANAGED_BY, installation.managed_by.clone()),
            (memory::ADOPTED, held.range.to_string()),
        ],
    })];
    if range != held.range {
        steps.push(Step::Do(Action::RegisterScalableTarget {
            range,
            tags: Vec::new(),
        }));
    }
    let tags = vec![(memory::APPLIED, range.to_string())];
    steps.push(Step::Do(Action::TagResource { arn, tags }));
    Bounds {
        steps,
        reason: None,
    }
}

/// Bounds are written when the desired ones differ from what we last wrote, not from what is
/// held: scheduled actions and people work by moving the held ones, and AWS re-fires `IN_SERVICE`
/// after every scaling action, so that putting ours back would undo them within a minute.
fn adjust(settings: &Settings, held: &HeldTarget, force: bool) -> Bounds {
    let range = settings.range();
    let applied = held.applied();
    let moved = held.range != range;
    if applied == Some(range) && !force {
        let reason = moved.then_some(Reason::BoundsMoved);
        return Bounds {
            steps: Vec::new(),
            reason,
        };
    }
    let remember = |value: String| {
        let tags = vec![(memory::APPLIED, value)];
        Step::Do(Action::TagResource {
            arn: held.arn.clone(),
            tags,
        })
    };
    let mut steps = Vec::new();
    // The old memory is made void first: were it to outlive the new bounds, because the last call
    // is lost, a later return to the old bounds would look like nothing to write.
    if moved && applied.is_some_and(|applied| applied != range) {
        steps.push(remember("pending".to_owned()));
    }
    if moved {
        steps.push(Step::Do(Action::RegisterScalableTarget {
            range,
            tags: Vec::new(),
        }));
    }
    // Remembered after the write: the other way round, a crash in between would look like bounds
    // that somebody moved. Unread tags are no reason to write.
    if applied != Some(range) && (moved || held.tags.is_some()) {
        steps.push(remember(range.to_string()));
    }
    Bounds {
        steps,
        reason: None,
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with(NAME_PREFIX)
}

/// Deletes what stands in the way, puts what differs, then deletes what is no longer wanted, so
/// that a target is without a policy only where AWS's one-per-metric rule forces it.
fn policies(
    settings: &Settings,
    held: &[ScalingPolicy],
    before: &mut Vec<Step>,
    steps: &mut Vec<Step>,
) -> Option<Reason> {
    let desired = &settings.policies.value;
    // What this version does not apply yet, another may have put: it is not ours to delete.
    let unwanted = |policy: &&ScalingPolicy| {
        is_ours(&policy.name)
            && !desired.iter().any(|wanted| wanted.name == policy.name)
            && !settings
                .unsupported
                .iter()
                .any(|(_, name)| *name == policy.name)
    };
    let mut conflict = None;
    let mut puts = Vec::new();
    let mut in_the_way: Vec<&str> = Vec::new();
    for policy in desired {
        if held.contains(policy) {
            continue;
        }
        let rivals: Vec<_> = held
            .iter()
            .filter(|other| other.name != policy.name)
            .filter(|other| match &policy.body {
                PolicyBody::TargetTracking(tracking) => tracks_same_metric(&other.body, tracking),
                _ => false,
            })
            .collect();
        if rivals.iter().any(|rival| !is_ours(&rival.name)) {
            conflict = Some(Reason::ConflictingPolicy);
            puts.push(Step::Skip {
                action: "PutScalingPolicy",
                name: policy.name.clone(),
                reason: Reason::ConflictingPolicy,
            });
        } else {
            in_the_way.extend(rivals.iter().map(|rival| rival.name.as_str()));
            puts.push(Step::Do(Action::PutScalingPolicy(policy.clone())));
        }
    }
    in_the_way.sort_unstable();
    in_the_way.dedup();
    let delete = |name: &str| Step::Do(Action::DeleteScalingPolicy(name.to_owned()));
    before.extend(in_the_way.iter().copied().map(delete));
    steps.extend(puts);
    let rest = held
        .iter()
        .filter(unwanted)
        .filter(|policy| !in_the_way.contains(&policy.name.as_str()));
    steps.extend(rest.map(|policy| delete(&policy.name)));
    conflict
}

/// A target that we created and that carries nothing foreign goes; any other loses only what is ours.
fn release(held: &HeldScaling) -> Vec<Action> {
    let target = &held.target;
    let names = held
        .policies
        .iter()
        .map(|policy| &policy.name)
        .chain(&held.scheduled_actions);
    let foreign = names.into_iter().any(|name| !is_ours(name));
    if target.adopted().is_none() && !foreign {
        return vec![Action::DeregisterScalableTarget];
    }
    let ours = held.policies.iter().filter(|policy| is_ours(&policy.name));
    let mut actions: Vec<_> = ours
        .map(|policy| Action::DeleteScalingPolicy(policy.name.clone()))
        .collect();
    if let Some(range) = target.adopted().filter(|range| *range != target.range) {
        actions.push(Action::RegisterScalableTarget {
            range,
            tags: Vec::new(),
        });
    }
    // Last: whose the target is must be known until everything else is done.
    actions.push(Action::UntagResource {
        arn: target.arn.clone(),
        keys: vec![memory::APPLIED, memory::ADOPTED, memory::MANAGED_BY],
    });
    actions
}

#[cfg(test)]
mod tests;
