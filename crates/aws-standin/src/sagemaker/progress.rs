//! Work that SageMaker has begun, and the clock that finishes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Endpoint, EndpointStatus, SageMaker};
use crate::account::Account;

/// How long SageMaker works on anything, in seconds.
///
/// Real durations vary between a minute and many; a scaling action from 0 to 48
/// asynchronous instances was observed to take seven.
const DURATION: u32 = 120;

/// Work that is done at some time.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) started: u32,
    pub(crate) due: u32,
    pub(crate) change: Change,
}

/// What the work leads to.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// The wanted capacity is there: after creation, and after a component's update.
    Settled,
    /// A scaling activity is complete.
    Scaled {
        /// Its id.
        activity: String,
    },
    /// The endpoint runs on another configuration.
    Redeployed {
        config_name: String,
        retain_all_variant_properties: bool,
    },
    /// The thing is deleted.
    Gone,
}

impl Pending {
    pub(crate) fn from(started: u32, change: Change) -> Self {
        Self {
            started,
            due: started.saturating_add(DURATION),
            change,
        }
    }

    /// The `PendingDeploymentSummary` of `DescribeEndpoint`.
    pub(crate) fn deployment(&self) -> Option<Value> {
        match &self.change {
            Change::Redeployed { config_name, .. } => Some(json!({
                "EndpointConfigName": config_name,
                "StartTime": f64::from(self.started),
            })),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worked {
    Component,
    Endpoint,
}

impl Account {
    /// Moves the clock; what becomes due meanwhile happens in order.
    pub(crate) fn advance(&mut self, seconds: u32) {
        let end = self.now.saturating_add(seconds);
        let mut due = self.work_due(end);
        while let Some((at, what, name)) = due.pop_first() {
            self.now = self.now.max(at);
            match what {
                Worked::Component => self.finish_component(&name),
                Worked::Endpoint => self.finish_endpoint(&name),
            }
            // What had to wait begins now, on the same thing.
            if let Some(at) = self.work_on(what, &name).filter(|at| *at <= end) {
                due.insert((at, what, name));
            }
        }
        self.now = end;
    }

    fn work_due(&self, end: u32) -> BTreeSet<(u32, Worked, String)> {
        let endpoints = self.sagemaker.endpoints.keys();
        let components = self.sagemaker.components.keys();
        let all = endpoints
            .map(|name| (Worked::Endpoint, name))
            .chain(components.map(|name| (Worked::Component, name)));
        all.filter_map(|(what, name)| {
            let at = self.work_on(what, name).filter(|at| *at <= end)?;
            Some((at, what, name.clone()))
        })
        .collect()
    }

    /// When the work on a thing is done.
    fn work_on(&self, what: Worked, name: &str) -> Option<u32> {
        let SageMaker {
            endpoints,
            components,
            ..
        } = &self.sagemaker;
        let pending = match what {
            Worked::Endpoint => endpoints.get(name)?.pending.as_ref(),
            Worked::Component => components.get(name)?.pending.as_ref(),
        };
        pending.map(|pending| pending.due)
    }

    pub(crate) fn finish_endpoint(&mut self, name: &str) {
        let Some(endpoint) = self.sagemaker.endpoints.get_mut(name) else {
            return;
        };
        let Some(pending) = endpoint.pending.take() else {
            return;
        };
        match pending.change {
            Change::Gone => {
                self.emit_endpoint_with(name, "DELETED");
                self.sagemaker.remove_endpoint(name);
                return;
            }
            Change::Redeployed {
                config_name,
                retain_all_variant_properties,
            } => self.redeploy(name, &config_name, retain_all_variant_properties),
            Change::Settled => settle(endpoint),
            Change::Scaled { activity } => {
                settle(endpoint);
                self.complete_activity(&activity);
            }
        }
        self.set_status(name, EndpointStatus::InService);
        self.resume_scaling_of_endpoint(name);
    }

    fn finish_component(&mut self, name: &str) {
        let now = self.now;
        let Some(component) = self.sagemaker.components.get_mut(name) else {
            return;
        };
        match component.pending.take().map(|pending| pending.change) {
            None => return,
            Some(Change::Gone) => {
                self.sagemaker.components.remove(name);
                return;
            }
            Some(change) => {
                component.current = component.desired;
                component.status = EndpointStatus::InService;
                component.modified = now;
                if let Change::Scaled { activity } = change {
                    self.complete_activity(&activity);
                }
            }
        }
        self.resume_scaling_of_component(name);
    }

    /// Gives an endpoint the variants of another configuration.
    ///
    /// Without `RetainAllVariantProperties` counts go back to
    /// `InitialInstanceCount`, which undoes scaling out; with it, variants of
    /// the same name keep theirs (`UpdateEndpoint`, API reference).
    fn redeploy(&mut self, name: &str, config_name: &str, retain: bool) {
        // The configuration may have been deleted while the update ran.
        let Ok((mut variants, asynchronous)) = self.variants_of(config_name) else {
            return;
        };
        let Ok(endpoint) = self.endpoint_mut(name) else {
            return;
        };
        for variant in &mut variants {
            if let Some(old) = endpoint.variant(variant.name()).filter(|_| retain) {
                (variant.current, variant.desired) = (old.desired, old.desired);
            }
        }
        endpoint.variants = variants;
        endpoint.asynchronous = asynchronous;
        config_name.clone_into(&mut endpoint.config_name);
    }

    /// Changes an endpoint's status, and says so in an event.
    pub(crate) fn set_status(&mut self, name: &str, status: EndpointStatus) {
        let now = self.now;
        if let Some(endpoint) = self.sagemaker.endpoints.get_mut(name) {
            endpoint.status = status;
            endpoint.modified = now;
            self.emit_endpoint(name);
        }
    }
}

fn settle(endpoint: &mut Endpoint) {
    for variant in &mut endpoint.variants {
        variant.current = variant.desired;
    }
}
