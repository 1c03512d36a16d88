//! What can be scaled on an endpoint: its variants and inference components, reduced to what
//! resolution needs, or the obstacle that keeps one from being scaled.

use crate::kind::Kind;
use crate::name::{EndpointName, ResourceId, TargetId};
use crate::observation::{Component, Endpoint, Variant, VariantConfig};
use crate::report::Reason;

/// One thing that can be scaled, or cannot.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Which target it is, or would be.
    pub id: TargetId,
    /// Which section of a document speaks of it.
    pub kind: Kind,
    /// Capacity that runs now.
    pub running: Option<u32>,
    /// Capacity that its owner gave it at first.
    pub initial: Option<u32>,
    /// Capacity that AWS never lets it exceed: `MaxConcurrency` of a serverless variant.
    pub ceiling: Option<u32>,
    /// Whether AWS lets it go down to nothing and come back.
    pub may_be_zero: bool,
    /// Why it cannot be scaled.
    pub obstacle: Option<Obstacle>,
}

/// Why something cannot be scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// As it is, never.
    Lasting(Reason),
    /// In a while.
    Passing(Reason),
}

impl Subject {
    /// The name by which tags and documents call it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.resource.own_name()
    }
}

/// Variants in AWS's order, then components.
#[must_use]
pub fn subjects(name: &EndpointName, endpoint: &Endpoint) -> Vec<Subject> {
    let hosts = |variant: &Variant| {
        variant.hosts_components()
            || endpoint
                .components
                .iter()
                .any(|component| component.variant.as_ref() == Some(&variant.name))
    };
    let variants = endpoint
        .variants
        .iter()
        .map(|variant| of_variant(name, endpoint, variant, hosts(variant)));
    let components = endpoint
        .components
        .iter()
        .map(|component| of_component(endpoint, component));
    variants.chain(components).collect()
}

fn of_variant(
    name: &EndpointName,
    endpoint: &Endpoint,
    variant: &Variant,
    hosts_components: bool,
) -> Subject {
    let config = variant.config.as_ref();
    let kind = match variant.serverless {
        Some(_) => Kind::Serverless,
        None if endpoint.asynchronous => Kind::Asynchronous,
        None => Kind::RealTime,
    };
    let resource = ResourceId::Variant {
        endpoint: name.clone(),
        variant: variant.name.clone(),
    };
    let instances = Subject {
        id: TargetId {
            resource,
            dimension: kind.dimension(),
        },
        kind,
        running: variant.current_instance_count,
        initial: config.and_then(|config| config.initial_instance_count),
        ceiling: None,
        may_be_zero: kind == Kind::Asynchronous,
        obstacle: None,
    };
    if let Some(serverless) = variant.serverless {
        let none = Reason::ServerlessWithoutProvisionedConcurrency;
        return Subject {
            running: serverless.provisioned_concurrency,
            initial: config.and_then(|config| config.provisioned_concurrency),
            ceiling: serverless.max_concurrency,
            obstacle: serverless
                .provisioned_concurrency
                .is_none()
                .then_some(Obstacle::Lasting(none)),
            ..instances
        };
    }
    let obstacle = if variant.instance_pools {
        Some(Reason::InstancePools)
    } else if hosts_components {
        Some(Reason::HostsInferenceComponents)
    } else if config.is_some_and(VariantConfig::is_burstable) {
        Some(Reason::BurstableInstanceType)
    } else {
        None
    };
    Subject {
        obstacle: obstacle.map(Obstacle::Lasting),
        ..instances
    }
}

fn of_component(endpoint: &Endpoint, component: &Component) -> Subject {
    let host = endpoint
        .variants
        .iter()
        .find(|variant| component.variant.as_ref() == Some(&variant.name));
    // Scaling to nothing needs a variant that may go down to no instances (SageMaker developer
    // guide, "Scale an endpoint to zero instances").
    let may_be_zero = host
        .and_then(|host| host.managed_instance_scaling)
        .is_some_and(|scaling| scaling.min_instance_count == Some(0));
    let copies = component.described.and_then(|described| described.copies);
    let obstacle = if component
        .described
        .is_some_and(|described| described.is_adapter)
    {
        Some(Obstacle::Lasting(Reason::InferenceComponentAdapter))
    } else if component.is_in_service() {
        None
    } else if component.is_in_progress() {
        Some(Obstacle::Passing(Reason::InferenceComponentNotInService))
    } else {
        Some(Obstacle::Lasting(Reason::InferenceComponentNotInService))
    };
    Subject {
        id: TargetId {
            resource: ResourceId::Component(component.name.clone()),
            dimension: Kind::InferenceComponent.dimension(),
        },
        kind: Kind::InferenceComponent,
        running: copies,
        initial: copies,
        ceiling: None,
        may_be_zero,
        obstacle,
    }
}
