//! What a scalable target is registered with, in the types in which the function decides.

use endpoint_autoscaler_core::document::Document;
use endpoint_autoscaler_core::kind::Kind;
use endpoint_autoscaler_core::name::{
    ComponentName, EndpointName, ResourceId, TargetId, VariantName,
};
use endpoint_autoscaler_core::problem::Problem;
use endpoint_autoscaler_core::problem::Source;
use endpoint_autoscaler_core::scaling::{
    CapacityRange, ScalingPolicy, ScheduledAction, Suspension,
};
use endpoint_autoscaler_core::settings::{Layer, PolicyAlarm, Question, Settings, resolve};
use endpoint_autoscaler_core::subject::Subject;
use endpoint_autoscaler_core::tags::Overrides;
use jiff::Timestamp;

/// The scaling of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// `MinCapacity` and `MaxCapacity`.
    pub range: CapacityRange,
    /// The policies.
    pub policies: Vec<ScalingPolicy>,
    /// The alarms that drive step policies.
    pub alarms: Vec<PolicyAlarm>,
    /// What rewrites the bounds, and when.
    pub scheduled_actions: Vec<ScheduledAction>,
    /// `SuspendedState`.
    pub suspended: Suspension,
}

impl From<&Settings> for Scaling {
    fn from(settings: &Settings) -> Self {
        Self {
            range: settings.range(),
            policies: settings.policies.value.clone(),
            alarms: settings.alarms.clone(),
            scheduled_actions: settings.scheduled_actions.value.clone(),
            suspended: Suspension::NONE,
        }
    }
}

/// The target that a simulation stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// What kind of target it is.
    pub kind: Kind,
    /// The name of the variant or component, for documents that refine by name.
    pub name: &'a str,
    /// Capacity at first.
    pub start: u32,
}

impl Scaling {
    /// The scaling that the function would give `target` by these documents, the lowest first;
    /// without any, the built-in one. `now` decides which scheduled actions are over: the start of
    /// the trace. Asynchronous variants and components may go down to nothing.
    ///
    /// ```
    /// use endpoint_autoscaler_core::kind::Kind;
    /// use endpoint_autoscaler_simulator::{Scaling, Target};
    ///
    /// let target = Target { kind: Kind::RealTime, name: "AllTraffic", start: 1 };
    /// let built_in = Scaling::resolve(&[], target, jiff::Timestamp::UNIX_EPOCH)?;
    /// assert_eq!((built_in.range.min(), built_in.range.max()), (1, 4));
    /// # Ok::<(), Vec<endpoint_autoscaler_core::problem::Problem>>(())
    /// ```
    ///
    /// # Errors
    /// Everything that the function would refuse, in its words.
    pub fn resolve(
        layers: &[Layer],
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Self, Vec<Problem>> {
        Self::settings(layers, target, now).map(|settings| Self::from(&settings))
    }

    /// The settings behind it, each with its source.
    ///
    /// # Errors
    /// Everything that the function would refuse, in its words.
    pub fn settings(
        layers: &[Layer],
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Settings, Vec<Problem>> {
        let wrong = |_| {
            let rule = "must be letters, digits and hyphens, at most 63";
            vec![Problem::new(
                Source::BuiltIn,
                "name",
                &target.name.into(),
                rule,
            )]
        };
        let endpoint = EndpointName::new("simulated").map_err(wrong)?;
        let resource = match target.kind {
            Kind::InferenceComponent => {
                ResourceId::Component(ComponentName::new(target.name).map_err(wrong)?)
            }
            _ => ResourceId::Variant {
                endpoint: endpoint.clone(),
                variant: VariantName::new(target.name).map_err(wrong)?,
            },
        };
        let subject = Subject {
            id: TargetId {
                resource,
                dimension: target.kind.dimension(),
            },
            kind: target.kind,
            running: Some(target.start),
            initial: Some(target.start),
            ceiling: None,
            may_be_zero: matches!(target.kind, Kind::Asynchronous | Kind::InferenceComponent),
            obstacle: None,
        };
        let question = Question {
            endpoint: &endpoint,
            subject: &subject,
            layers,
            tags: &Overrides::default(),
            limits: None,
            held: None,
            adopted: false,
            now,
        };
        resolve(&question)
    }

    /// The same by one document from a file or parameter called `name`.
    ///
    /// # Errors
    /// Everything that the function would refuse, in its words.
    pub fn of_document(
        document: Document,
        name: &str,
        target: Target<'_>,
        now: Timestamp,
    ) -> Result<Self, Vec<Problem>> {
        let source = Source::Parameter {
            name: name.to_owned(),
            secure: false,
        };
        Self::resolve(&[Layer { source, document }], target, now)
    }
}
