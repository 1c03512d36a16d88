//! The cheapest configuration that meets an objective on a trace.

mod grid;
mod workers;

use crate::assumptions::Assumptions;
use crate::fleet::Fleet;
use crate::refusal::Refusal;
use crate::scaling::{Scaling, Target};
use crate::simulation::{Refused, Simulation};
use crate::timeline::Summary;
use crate::trace::Trace;
use endpoint_autoscaler_core::document::{
    Document, PolicyConfiguration, PolicyDefinition, Section,
};
use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::metric::PredefinedMetric;
use endpoint_autoscaler_core::scaling::{
    Customized, MetricSpecification, MetricStatistic, PolicyBody, TargetTracking,
};
use serde::Serialize;
use std::cmp::Ordering;

/// AWS's first guess of what part of its greatest load an instance should get.
pub const SAFETY_FACTOR: f64 = 0.5;

/// AWS's formula when only a load test is known: the target value for
/// `SageMakerVariantInvocationsPerInstance`, from the requests a second at which one instance
/// begins to fail (SageMaker developer guide, "[Load testing your auto scaling configuration]").
///
/// ```
/// use endpoint_autoscaler_simulator::{SAFETY_FACTOR, load_test_target};
///
/// assert_eq!(load_test_target(20.0, SAFETY_FACTOR), Ok(600.0));
/// ```
///
/// # Errors
/// When `max_rps` is not above 0 or `safety_factor` not above 0 and at most 1.
///
/// [Load testing your auto scaling configuration]: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html
pub fn load_test_target(max_rps: f64, safety_factor: f64) -> Result<f64, Refusal> {
    if !(max_rps.is_finite() && max_rps > 0.0) {
        return Err(Refusal::new("MAX_RPS", max_rps, "must be a number above 0"));
    }
    if !(safety_factor > 0.0 && safety_factor <= 1.0) {
        let rule = "must be above 0 and at most 1";
        return Err(Refusal::new("SAFETY_FACTOR", safety_factor, rule));
    }
    Ok(max_rps * safety_factor * 60.0)
}

/// What a configuration has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Objective {
    /// Greatest share of the minutes that may be under-provisioned, from 0 to 1.
    pub under_provisioned_share: f64,
}

/// A search for a configuration with one target-tracking policy.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// What kind of target it is.
    pub kind: Kind,
    /// Its instances.
    pub fleet: &'a Fleet,
    /// Its traffic.
    pub trace: &'a Trace,
    /// What AWS does not publish.
    pub assumptions: &'a Assumptions,
    /// Capacity at the start, moved inside the bounds of each configuration.
    pub start: u32,
    /// Greatest `MaxCapacity` to consider, such as the account's quota.
    pub most: u32,
    /// What has to be kept.
    pub objective: Objective,
}

/// How far a search is; called from several threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Configurations simulated.
    pub done: usize,
    /// Configurations known so far that are to be simulated.
    pub total: usize,
}

/// A configuration, in AWS's own words.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Configuration {
    /// Least capacity.
    pub min_capacity: u32,
    /// Most capacity.
    pub max_capacity: u32,
    /// The policy.
    #[serde(flatten)]
    pub policy: TargetTracking,
}

/// A configuration and what it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The configuration.
    pub configuration: Configuration,
    /// What it did on the trace.
    pub summary: Summary,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    /// The cheapest that meets the objective; if none does, the one that comes closest.
    pub best: Candidate,
    /// Whether it meets the objective.
    pub meets_objective: bool,
    /// What the function would do without any configuration.
    pub built_in: Candidate,
    /// The trade-off: each is the best at its price, from the cheapest on; a dearer one that is
    /// not better is left out.
    pub curve: Vec<Candidate>,
    /// Configurations simulated.
    pub evaluated: usize,
}

impl Configuration {
    /// A document ready to store, for targets of `kind`.
    #[must_use]
    pub fn document(&self, kind: Kind) -> Document {
        let section = Section {
            min_capacity: Some(self.min_capacity),
            max_capacity: Some(self.max_capacity),
            scaling_policies: Some(vec![PolicyDefinition {
                policy_name: "target-tracking".to_owned(),
                configuration: PolicyConfiguration::TargetTrackingScaling {
                    configuration: self.policy.clone(),
                },
            }]),
            ..Section::default()
        };
        let mut document = Document::default();
        match kind {
            Kind::RealTime => document.real_time = section,
            Kind::Asynchronous => document.asynchronous = Some(section),
            Kind::Serverless => document.serverless = Some(section),
            Kind::InferenceComponent => document.inference_component = Some(section),
        }
        document
    }

    /// The configuration of a target with exactly one target-tracking policy.
    fn of(scaling: &Scaling) -> Option<Self> {
        let policy = scaling
            .policies
            .iter()
            .find_map(|policy| match &policy.body {
                PolicyBody::TargetTracking(policy) => Some(policy.clone()),
                _ => None,
            });
        Some(Self {
            min_capacity: scaling.range.min(),
            max_capacity: scaling.range.max(),
            policy: policy?,
        })
    }
}

impl Search<'_> {
    /// Simulates some thousand configurations on all cores and picks the best. The outcome does
    /// not depend on the number of cores.
    ///
    /// The metric is that of the built-in policy of the kind, but `InvocationsPerCopy` for
    /// components: what one instance serves says when it is fully used.
    ///
    /// # Errors
    /// As [`Simulation::run`].
    pub fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Recommendation, Refused> {
        let built_in = self.built_in()?;
        let mut found = workers::evaluate(self, &self.grid(), 0, progress)?;
        let coarse = found.len();
        if let Some(best) = self.best(&found) {
            let closer = self.closer(&found[best].configuration);
            found.extend(workers::evaluate(self, &closer, coarse, progress)?);
        }
        let evaluated = found.len() + 1;
        // The first of equals is taken, so that the built-in one yields to nothing but a better one,
        // or where it is larger than allowed.
        if found.is_empty() || built_in.configuration.max_capacity <= self.most {
            found.insert(0, built_in.clone());
        }
        let best = self.best(&found).unwrap_or(0);
        Ok(Recommendation {
            best: found[best].clone(),
            meets_objective: self.meets(&found[best].summary),
            built_in,
            curve: curve(found),
            evaluated,
        })
    }

    fn target(&self) -> Target<'static> {
        Target {
            kind: self.kind,
            name: "simulated",
            start: self.start,
        }
    }

    fn built_in(&self) -> Result<Candidate, Refused> {
        let refuse = |rule| Refused(vec![Refusal::new("built-in default", self.start, rule)]);
        let scaling = Scaling::resolve(&[], self.target(), self.trace.start())
            .map_err(|problems| refuse(all(&problems)))?;
        let configuration = Configuration::of(&scaling);
        let configuration =
            configuration.ok_or_else(|| refuse("must have a target-tracking policy".to_owned()))?;
        let summary = self.summarize(&scaling)?;
        Ok(Candidate {
            configuration,
            summary,
        })
    }

    /// What the function would make of the configuration's document, and what that does.
    fn evaluate(&self, configuration: Configuration) -> Result<Candidate, Refused> {
        let document = configuration.document(self.kind);
        let scaling =
            Scaling::of_document(document, "candidate", self.target(), self.trace.start());
        let scaling = scaling.map_err(|problems| {
            let value = configuration.policy.target_value;
            Refused(vec![Refusal::new("candidate", value, all(&problems))])
        })?;
        let summary = self.summarize(&scaling)?;
        Ok(Candidate {
            configuration,
            summary,
        })
    }

    fn summarize(&self, scaling: &Scaling) -> Result<Summary, Refused> {
        let simulation = Simulation {
            kind: self.kind,
            scaling,
            fleet: self.fleet,
            start: self.start.clamp(scaling.range.min(), scaling.range.max()),
            trace: self.trace,
            assumptions: self.assumptions,
        };
        simulation.summarize()
    }

    fn meets(&self, summary: &Summary) -> bool {
        summary.under_provisioned_share() <= self.objective.under_provisioned_share
    }

    /// The index of the best, the first of equals.
    fn best(&self, found: &[Candidate]) -> Option<usize> {
        (0..found.len()).min_by(|left, right| {
            self.order(&found[*left].summary, &found[*right].summary)
                .then(left.cmp(right))
        })
    }

    /// The objective first, then the price, then calm.
    fn order(&self, left: &Summary, right: &Summary) -> Ordering {
        let under = |summary: &Summary| summary.under_provisioned_minutes;
        let price = left.instance_hours.total_cmp(&right.instance_hours);
        let calm = |summary: &Summary| summary.scale_outs + summary.scale_ins;
        match (self.meets(left), self.meets(right)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (true, true) => price.then(under(left).cmp(&under(right))),
            (false, false) => under(left).cmp(&under(right)).then(price),
        }
        .then(calm(left).cmp(&calm(right)))
    }

    /// The metric of the search, and its value on an instance that serves as much as it can.
    fn metric(&self) -> (MetricSpecification, f64) {
        let per_minute = self.fleet.capacity.per_minute();
        match self.kind {
            Kind::RealTime => (
                PredefinedMetric::SageMakerVariantInvocationsPerInstance.into(),
                per_minute,
            ),
            Kind::InferenceComponent => (
                PredefinedMetric::SageMakerInferenceComponentInvocationsPerCopy.into(),
                per_minute,
            ),
            Kind::Serverless => (
                PredefinedMetric::SageMakerVariantProvisionedConcurrencyUtilization.into(),
                1.0,
            ),
            // A backlog that one instance serves within a minute.
            Kind::Asynchronous => (
                MetricSpecification::Customized(Customized::Metric(MetricStatistic {
                    namespace: "AWS/SageMaker".to_owned(),
                    metric_name: "ApproximateBacklogSizePerInstance".to_owned(),
                    dimensions: None,
                    statistic: "Average".to_owned(),
                    unit: None,
                })),
                per_minute,
            ),
        }
    }
}

fn all(problems: &[endpoint_autoscaler_core::problem::Problem]) -> String {
    let messages: Vec<_> = problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    messages.join("; ")
}

/// Those that no other one beats in both price and under-provisioned minutes.
fn curve(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by(|left, right| {
        let (left, right) = (&left.summary, &right.summary);
        let price = left.instance_hours.total_cmp(&right.instance_hours);
        price.then(
            left.under_provisioned_minutes
                .cmp(&right.under_provisioned_minutes),
        )
    });
    let mut least = u32::MAX;
    found.retain(|candidate| {
        let under = candidate.summary.under_provisioned_minutes;
        let better = under < least;
        least = least.min(under);
        better
    });
    found
}

#[cfg(test)]
mod tests;
