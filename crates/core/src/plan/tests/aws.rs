//! Application Auto Scaling and CloudWatch as far as a plan can tell: they carry it out, or panic
//! on what AWS would refuse. Deleting what is not there is refused too, so that plans are exact.

use super::fixture::held;
use crate::name::TargetId;
use crate::observation::{
    Endpoint, HeldAlarm, HeldPolicy, HeldScaling, HeldScheduledAction, Observation,
};
use crate::plan::{Action, EndpointPlan, PolicyArn};
use crate::scaling::{AlarmDefinition, MetricSpecification, PolicyBody, ScalingPolicy};
use crate::settings::tracks_same_metric;
use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::atomic::{AtomicU32, Ordering};

/// What is held once the plan was carried out.
#[track_caller]
pub(super) fn carry_out(observation: &Observation, plan: &EndpointPlan) -> Observation {
    let mut after = observation.clone();
    for target in &plan.targets {
        let mut put = BTreeMap::new();
        for action in target.actions() {
            let mut aws = Aws {
                held: &mut after,
                id: &target.id,
                put: &mut put,
            };
            aws.call(action);
        }
    }
    associate_alarms(&mut after);
    after
}

/// AWS lists with a step policy the alarms that act on it.
pub(super) fn associate_alarms(held: &mut Observation) {
    let alarms = held.alarms.as_deref().unwrap_or_default();
    for policy in held
        .scaling
        .values_mut()
        .flat_map(|held| &mut held.policies)
    {
        if matches!(policy.policy.body, PolicyBody::Step(_)) {
            let acting = alarms
                .iter()
                .filter(|alarm| alarm.actions.contains(&policy.arn));
            policy.alarms = acting.map(|alarm| alarm.name.clone()).collect();
        }
    }
}

struct Aws<'a> {
    held: &'a mut Observation,
    id: &'a TargetId,
    /// ARNs of the policies that this plan put.
    put: &'a mut BTreeMap<String, String>,
}

impl Aws<'_> {
    #[track_caller]
    fn call(&mut self, action: &Action) {
        match action {
            Action::RegisterScalableTarget {
                range,
                suspended,
                tags,
            } => {
                if let Some(held) = self.held.scaling.get_mut(self.id) {
                    assert!(tags.is_empty(), "tags on a target that exists");
                    assert!(
                        range.is_some() || suspended.is_some(),
                        "a call that changes nothing"
                    );
                    let target = &mut held.target;
                    target.range = range.unwrap_or(target.range);
                    target.suspended = suspended.unwrap_or(target.suspended);
                } else {
                    let endpoint = self.held.endpoint.as_ref();
                    assert!(
                        endpoint.is_some_and(Endpoint::is_in_service),
                        "the endpoint is not InService"
                    );
                    let range = range.expect("a new target needs bounds");
                    let mut fresh = held((range.min(), range.max()), &[]);
                    fresh.target.suspended = suspended.unwrap_or_default();
                    self.held.scaling.insert(self.id.clone(), fresh);
                    self.tag(tags);
                }
            }
            Action::TagResource { arn, tags } => {
                assert_eq!(*arn, self.target().target.arn);
                self.tag(tags);
            }
            Action::UntagResource { arn, keys } => {
                assert_eq!(*arn, self.target().target.arn);
                let stored = self.target().target.tags.as_mut().expect("tags were read");
                stored.retain(|key, _| !keys.contains(&key.as_str()));
            }
            Action::PutScalingPolicy(policy) => self.put_policy(policy),
            Action::DeleteScalingPolicy(name) => {
                let policies = &mut self.target().policies;
                let index = policies.iter().position(|held| held.policy.name == *name);
                let gone = policies.remove(index.expect("the policy is not there"));
                let mut alarms = self.held.alarms.iter().flatten();
                assert!(
                    !alarms.any(|alarm| alarm.actions.contains(&gone.arn)),
                    "an alarm of {name} is left behind"
                );
            }
            Action::PutMetricAlarm {
                alarm,
                description,
                policy,
            } => self.put_alarm(alarm, description, policy),
            Action::DeleteAlarms(names) => {
                assert!((1..=100).contains(&names.len()));
                let alarms = self.held.alarms.as_mut().expect("the alarms were read");
                for name in names {
                    let index = alarms.iter().position(|alarm| alarm.name == *name);
                    alarms.remove(index.expect("the alarm is not there"));
                }
            }
            Action::PutScheduledAction(action) => {
                let name = &action.scheduled_action_name;
                assert!((1..=256).contains(&name.chars().count()) && !name.contains([':', '/']));
                assert!(!action.is_past(self.held.now), "its time is over");
                let actions = &mut self.target().scheduled_actions;
                actions.retain(|held| held.name != *name);
                actions.push(HeldScheduledAction {
                    name: name.clone(),
                    action: Some(action.clone()),
                });
            }
            Action::DeleteScheduledAction(name) => {
                let actions = &mut self.target().scheduled_actions;
                let index = actions.iter().position(|held| held.name == *name);
                actions.remove(index.expect("the scheduled action is not there"));
            }
            Action::DeregisterScalableTarget => {
                let gone = self.held.scaling.remove(self.id);
                assert!(gone.is_some(), "the target is not there");
            }
        }
    }

    #[track_caller]
    fn target(&mut self) -> &mut HeldScaling {
        let held = self.held.scaling.get_mut(self.id);
        held.expect("only registering needs no target")
    }

    #[track_caller]
    fn tag(&mut self, tags: &[(&'static str, String)]) {
        for (key, value) in tags {
            let is_allowed =
                |letter: char| letter.is_alphanumeric() || " _.:/=+-@".contains(letter);
            assert!(
                value.len() <= 256 && value.chars().all(is_allowed),
                "{value:?}"
            );
            let stored = self.target().target.tags.get_or_insert_default();
            stored.insert((*key).to_owned(), value.clone());
        }
    }

    #[track_caller]
    fn put_alarm(&mut self, alarm: &AlarmDefinition, description: &str, policy: &PolicyArn) {
        let arn = match policy {
            PolicyArn::Held(arn) => arn.clone(),
            PolicyArn::Put(name) => self.put.get(name).expect("the policy was put").clone(),
        };
        let policy = self.target().policies.iter().find(|held| held.arn == arn);
        let policy = policy.expect("an ARN of a policy of this target");
        assert!(matches!(policy.policy.body, PolicyBody::Step(_)));
        assert!((1..=255).contains(&alarm.alarm_name.chars().count()));
        let span = alarm.period * alarm.evaluation_periods;
        assert!(span <= 604_800, "more than a week");
        assert_eq!(*alarm, alarm.clone().with_defaults());
        let alarms = self.held.alarms.as_mut().expect("the alarms were read");
        alarms.retain(|held| held.name != alarm.alarm_name);
        alarms.push(HeldAlarm {
            name: alarm.alarm_name.clone(),
            definition: Some(alarm.clone()),
            actions: vec![arn],
            description: description.to_owned(),
        });
    }

    #[track_caller]
    fn put_policy(&mut self, policy: &ScalingPolicy) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        assert!((1..=256).contains(&policy.name.chars().count()));
        let id = self.id.clone();
        let policies = &mut self.target().policies;
        if let PolicyBody::TargetTracking(tracking) = &policy.body {
            let mut others = policies
                .iter()
                .filter(|held| held.policy.name != policy.name);
            assert!(
                !others.any(|held| tracks_same_metric(&held.policy.body, tracking)),
                "one target-tracking policy per metric"
            );
            if let MetricSpecification::Predefined(metric) = &tracking.metric {
                let dimension = metric.predefined_metric_type.dimension();
                assert_eq!(dimension, id.dimension, "the metric does not fit");
            }
        }
        let arn = if let Some(held) = policies
            .iter_mut()
            .find(|held| held.policy.name == policy.name)
        {
            assert_eq!(
                discriminant(&held.policy.body),
                discriminant(&policy.body),
                "a policy keeps its type"
            );
            held.policy = policy.clone();
            held.arn.clone()
        } else {
            let arn = format!("arn:policy:{}", NEXT.fetch_add(1, Ordering::Relaxed));
            policies.push(HeldPolicy {
                policy: policy.clone(),
                arn: arn.clone(),
                alarms: Vec::new(),
            });
            arn
        };
        assert!(policies.len() <= 50, "a target takes 50 policies");
        self.put.insert(policy.name.clone(), arn);
    }
}
