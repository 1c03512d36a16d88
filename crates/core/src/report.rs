//! What was decided and done: the function's answer, its log line, and what people read.

mod reason;
mod sweep;

pub use reason::Reason;
pub use sweep::SweepReport;

use crate::fault::{CallError, Fault};
use crate::kind::Kind;
use crate::name::{EndpointName, TargetId};
use crate::plan::{EndpointPlan, Step, TargetPlan};
use crate::problem::Problem;
use serde::Serialize;
use serde_json::{Map, Value};

/// What asked for the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Trigger {
    /// EventBridge: `SageMaker Endpoint State Change`.
    EndpointStateChange,
    /// A direct call.
    Direct,
    /// EventBridge: `Tag Change on Resource`.
    TagChange,
    /// EventBridge: `Parameter Store Change`.
    ParameterChange,
    /// EventBridge: a call about an inference component, logged by CloudTrail.
    InferenceComponentCall,
    /// A sweep over all endpoints.
    Sweep,
}

/// What became of a target, or of an endpoint. Ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Outcome {
    /// Nothing differed.
    Unchanged,
    /// Left alone, for a reason.
    Skipped,
    /// A dry run found something to do.
    Planned,
    /// Brought to its desired state.
    Configured,
    /// Given back.
    Released,
    /// Not now: the next event or sweep does it.
    Deferred,
    /// Something went wrong.
    Failed,
}

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallResult {
    /// AWS accepted it.
    Applied,
    /// AWS refused it.
    Failed(CallError),
    /// An earlier one of the same target failed.
    NotAttempted,
    /// A dry run.
    Planned,
}

/// How many API operations were called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// That only read.
    pub reads: u32,
    /// That change something.
    pub writes: u32,
}

impl std::ops::Add for Calls {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
        }
    }
}

/// The answer to an event that calls for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Ignored {
    outcome: &'static str,
    reason: &'static str,
}

/// A status that calls for nothing.
pub const STATUS_IGNORED: Ignored = Ignored {
    outcome: "Ignored",
    reason: "StatusIgnored",
};

/// What became of one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "an unread report explains nothing"]
pub struct Report {
    /// Which endpoint; unknown of an inference component that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint_name: Option<EndpointName>,
    /// What asked.
    pub trigger: Trigger,
    /// Whether writing was forbidden.
    pub dry_run: bool,
    /// The worst of the targets' outcomes.
    pub outcome: Outcome,
    /// Set when the endpoint as a whole was left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// One per variant.
    pub targets: Vec<TargetReport>,
    /// Everything wrong with tags and documents.
    pub problems: Vec<Problem>,
    /// The read that failed, when nothing could be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReadError>,
    /// What it cost.
    pub calls: Calls,
}

/// A read without which nothing could be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadError {
    /// The operation.
    pub operation: &'static str,
    /// What AWS said.
    #[serde(flatten)]
    pub error: CallError,
}

impl From<CallError> for ReadError {
    fn from(error: CallError) -> Self {
        Self {
            operation: error.operation,
            error,
        }
    }
}

/// What became of one scalable target.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetReport {
    resource_id: String,
    scalable_dimension: &'static str,
    kind: Kind,
    /// What became of it.
    pub outcome: Outcome,
    /// Why less was done than asked.
    pub reason: Option<Reason>,
    actions: Vec<ActionReport>,
    settings: Map<String, Value>,
    #[serde(skip)]
    transient: bool,
    #[serde(skip)]
    outdated: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct ActionReport {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<CallError>,
}

impl TargetReport {
    /// Joins a plan with what became of its calls, in order.
    #[must_use]
    pub fn new(plan: &TargetPlan, results: Vec<CallResult>) -> Self {
        let faults = || {
            results.iter().filter_map(|result| match result {
                CallResult::Failed(error) => Some(error.fault()),
                _ => None,
            })
        };
        let outcome = if faults().any(|fault| fault == Fault::Busy) {
            Outcome::Deferred
        } else if faults().next().is_some() {
            Outcome::Failed
        } else if results.is_empty() {
            plan.idle_outcome
        } else if results.contains(&CallResult::Planned) {
            Outcome::Planned
        } else {
            plan.busy_outcome
        };
        let outdated = faults().any(|fault| fault == Fault::Outdated);
        let transient = outdated || faults().any(|fault| fault == Fault::Transient);
        let mut results = results.into_iter();
        let actions = plan
            .steps
            .iter()
            .map(|step| action_report(step, &mut results))
            .collect();
        let TargetId {
            resource,
            dimension,
        } = &plan.id;
        Self {
            resource_id: resource.to_string(),
            scalable_dimension: dimension.as_str(),
            kind: plan.kind,
            outcome,
            reason: plan.reason,
            actions,
            settings: plan.settings.clone(),
            transient,
            outdated,
        }
    }
}

fn action_report(step: &Step, results: &mut impl Iterator<Item = CallResult>) -> ActionReport {
    match step {
        Step::Skip {
            action,
            name,
            reason,
        } => ActionReport {
            action,
            name: Some(name.clone()),
            result: "Skipped",
            reason: Some(*reason),
            error: None,
        },
        Step::Do(action) => {
            let (result, error) = match results.next().unwrap_or(CallResult::NotAttempted) {
                CallResult::Applied => ("Applied", None),
                CallResult::Planned => ("Planned", None),
                CallResult::NotAttempted => ("NotAttempted", None),
                CallResult::Failed(error) => ("Failed", Some(error)),
            };
            let name = action.subject();
            ActionReport {
                action: action.operation(),
                name,
                result,
                reason: None,
                error,
            }
        }
    }
}

impl Report {
    /// What became of an endpoint whose plan was carried out, or printed.
    pub fn new(
        endpoint_name: EndpointName,
        trigger: Trigger,
        dry_run: bool,
        plan: &EndpointPlan,
        targets: Vec<TargetReport>,
    ) -> Self {
        let idle = if plan.reason.is_some() {
            Outcome::Skipped
        } else {
            Outcome::Unchanged
        };
        let outcome = targets
            .iter()
            .map(|target| target.outcome)
            .max()
            .unwrap_or(idle);
        Self {
            endpoint_name: Some(endpoint_name),
            trigger,
            dry_run,
            outcome,
            reason: plan.reason,
            targets,
            problems: plan.problems.clone(),
            error: None,
            calls: Calls::default(),
        }
    }

    /// Nothing could be decided, because a read was refused.
    pub fn unread(
        endpoint_name: EndpointName,
        trigger: Trigger,
        dry_run: bool,
        error: CallError,
    ) -> Self {
        Self {
            endpoint_name: Some(endpoint_name),
            trigger,
            dry_run,
            outcome: Outcome::Failed,
            reason: None,
            targets: Vec::new(),
            problems: Vec::new(),
            error: Some(error.into()),
            calls: Calls::default(),
        }
    }

    /// What became of targets whose inference component is gone, on whatever endpoint it was.
    pub fn of_orphans(
        trigger: Trigger,
        dry_run: bool,
        targets: Vec<TargetReport>,
        error: Option<CallError>,
    ) -> Self {
        let outcome = targets
            .iter()
            .map(|target| target.outcome)
            .max()
            .unwrap_or(Outcome::Unchanged);
        Self {
            endpoint_name: None,
            trigger,
            dry_run,
            outcome: if error.is_some() {
                Outcome::Failed
            } else {
                outcome
            },
            reason: None,
            targets,
            problems: Vec::new(),
            error: error.map(ReadError::from),
            calls: Calls::default(),
        }
    }

    /// Whether something was no longer as it was observed, so that another look may do.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.targets.iter().any(|target| target.outdated)
    }

    /// Whether the event should be delivered again: something failed that may pass by itself.
    #[must_use]
    pub fn wants_redelivery(&self) -> bool {
        self.targets.iter().any(|target| target.transient)
            || self
                .error
                .as_ref()
                .is_some_and(|read| read.error.fault() == Fault::Transient)
    }
}
