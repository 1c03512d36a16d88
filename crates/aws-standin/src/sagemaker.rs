//! SageMaker hosting: endpoint configurations, endpoints, inference components.

mod component;
mod deploy;
mod describe;
mod endpoint;
mod progress;

use std::collections::BTreeMap;
use std::ops::Bound;

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
    /// Names of endpoints by their ARNs, which are in lower case.
    pub(crate) names_by_arn: BTreeMap<String, String>,
}

impl SageMaker {
    pub(crate) fn add_endpoint(&mut self, endpoint: Endpoint) {
        let name = endpoint.name.clone();
        self.names_by_arn.insert(endpoint.arn.clone(), name.clone());
        self.endpoints.insert(name, endpoint);
    }

    pub(crate) fn remove_endpoint(&mut self, name: &str) {
        if let Some(endpoint) = self.endpoints.remove(name) {
            self.names_by_arn.remove(&endpoint.arn);
        }
    }

    /// Endpoints that have or had tags, in order of their ARNs, after one of them.
    pub(crate) fn tagged_after(
        &self,
        arn: Option<&str>,
    ) -> impl Iterator<Item = (&String, &BTreeMap<String, String>)> {
        let from = arn.map_or(Bound::Unbounded, Bound::Excluded);
        let names = self.names_by_arn.range::<str, _>((from, Bound::Unbounded));
        let endpoints = names.filter_map(|(_, name)| self.endpoints.get(name));
        let tagged = endpoints.filter(|endpoint| endpoint.tagged);
        tagged.map(|endpoint| (&endpoint.arn, &endpoint.tags))
    }

    pub(crate) fn endpoint_by_arn(&self, arn: &str) -> Option<&Endpoint> {
        self.endpoints.get(self.names_by_arn.get(arn)?)
    }
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
