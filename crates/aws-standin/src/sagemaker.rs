//! SageMaker hosting: endpoint configurations, endpoints, inference components.

mod component;
mod deploy;
mod describe;
mod endpoint;
mod progress;

use std::collections::BTreeMap;

pub(crate) use component::{Component, NewComponent};
pub use endpoint::EndpointStatus;
pub(crate) use endpoint::{Config, Endpoint, Variant};
pub(crate) use progress::{Change, Pending};

use crate::error::ServiceError;

/// What SageMaker holds of an account, by name.
#[derive(Debug, Default)]
pub(crate) struct SageMaker {
    pub(crate) configs: BTreeMap<String, Config>,
    pub(crate) endpoints: BTreeMap<String, Endpoint>,
    pub(crate) components: BTreeMap<String, Component>,
}

/// SageMaker models no errors for these operations; what is missing is a
/// `ValidationException` of HTTP 400 (seen in aws/amazon-sagemaker-operator-for-k8s,
/// `controllers/sdkutil/clientwrapper/sagemaker_client.go`).
pub(crate) fn not_found(what: &str, arn: &str) -> ServiceError {
    ServiceError::validation(format!("Could not find {what} \"{arn}\"."))
}

/// What an operation meets that wants to change an endpoint which is changing.
pub(crate) fn in_progress(arn: &str) -> ServiceError {
    ServiceError::validation(format!("Cannot update in-progress endpoint \"{arn}\"."))
}
