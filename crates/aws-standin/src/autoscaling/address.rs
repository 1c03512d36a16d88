//! What a scalable target is known by: a resource and a dimension of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::ServiceError;

/// The three things of SageMaker that can be scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Dimension {
    #[serde(rename = "sagemaker:variant:DesiredInstanceCount")]
    InstanceCount,
    #[serde(rename = "sagemaker:variant:DesiredProvisionedConcurrency")]
    ProvisionedConcurrency,
    #[serde(rename = "sagemaker:inference-component:DesiredCopyCount")]
    CopyCount,
}

impl Dimension {
    const ALL: [Self; 3] = [
        Self::InstanceCount,
        Self::ProvisionedConcurrency,
        Self::CopyCount,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::InstanceCount => "sagemaker:variant:DesiredInstanceCount",
            Self::ProvisionedConcurrency => "sagemaker:variant:DesiredProvisionedConcurrency",
            Self::CopyCount => "sagemaker:inference-component:DesiredCopyCount",
        }
    }

    /// What is counted, as activities name it.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::InstanceCount => "instance count",
            Self::ProvisionedConcurrency => "provisioned concurrency",
            Self::CopyCount => "copy count",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a `ResourceId` names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// `endpoint/<endpoint>/variant/<variant>`.
    Variant { endpoint: String, variant: String },
    /// `inference-component/<name>`.
    Component { name: String },
}

impl Resource {
    fn parse(id: &str) -> Option<Self> {
        let parts: Vec<_> = id.split('/').collect();
        match parts[..] {
            ["endpoint", endpoint, "variant", variant] => Some(Self::Variant {
                endpoint: endpoint.to_owned(),
                variant: variant.to_owned(),
            }),
            ["inference-component", name] => Some(Self::Component {
                name: name.to_owned(),
            }),
            _ => None,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variant { endpoint, variant } => {
                write!(f, "endpoint/{endpoint}/variant/{variant}")
            }
            Self::Component { name } => write!(f, "inference-component/{name}"),
        }
    }
}

/// The key of a scalable target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TargetKey {
    pub(crate) resource: Resource,
    pub(crate) dimension: Dimension,
}

impl TargetKey {
    pub(crate) fn parse(resource_id: &str, dimension: &str) -> Result<Self, ServiceError> {
        let unsupported = || {
            ServiceError::validation(
                "Unsupported service namespace, resource type or scalable dimension",
            )
        };
        let resource = Resource::parse(resource_id).ok_or_else(unsupported)?;
        let dimension = Dimension::ALL
            .into_iter()
            .find(|known| known.name() == dimension)
            .ok_or_else(unsupported)?;
        let of_component = matches!(resource, Resource::Component { .. });
        if of_component == (dimension == Dimension::CopyCount) {
            Ok(Self {
                resource,
                dimension,
            })
        } else {
            Err(unsupported())
        }
    }

    /// The dimensions that a filter takes: the one it names, or all.
    pub(crate) fn dimensions(wanted: Option<&str>) -> Vec<&'static str> {
        let names = Dimension::ALL.into_iter().map(Dimension::name);
        names
            .filter(|name| wanted.is_none_or(|wanted| wanted == *name))
            .collect()
    }

    /// `ObjectNotFoundException`, in the words of hashicorp/terraform#10737 and
    /// ansible/ansible#40237.
    pub(crate) fn not_registered(&self) -> ServiceError {
        self.missing("No scalable target registered")
    }

    pub(crate) fn not_found(&self) -> ServiceError {
        self.missing("No scalable target found")
    }

    pub(crate) fn missing(&self, what: &str) -> ServiceError {
        ServiceError::new("ObjectNotFoundException", format!("{what} for {self}"))
    }
}

impl fmt::Display for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "service namespace: sagemaker, resource ID: {}, scalable dimension: {}",
            self.resource, self.dimension
        )
    }
}

/// The members that name one scalable target in a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Address {
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
}

impl Address {
    pub(crate) fn key(&self) -> Result<TargetKey, ServiceError> {
        sagemaker_only(&self.service_namespace)?;
        TargetKey::parse(&self.resource_id, &self.scalable_dimension)
    }
}

/// The members by which the `Describe…` operations filter.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Filter {
    service_namespace: String,
    pub(super) resource_id: Option<String>,
    pub(super) resource_ids: Option<Vec<String>>,
    pub(super) scalable_dimension: Option<String>,
    pub(crate) max_results: Option<i64>,
    pub(crate) next_token: Option<String>,
}

impl Filter {
    /// "If you specify a scalable dimension, you must also specify a resource
    /// ID" (API reference of the `Describe…` operations).
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        sagemaker_only(&self.service_namespace)?;
        let resource = self.resource_id.is_some() || self.resource_ids.is_some();
        if self.scalable_dimension.is_some() && !resource {
            return Err(ServiceError::validation(
                "If you specify a scalable dimension, you must also specify a resource ID.",
            ));
        }
        Ok(())
    }

    /// The page size asked for, between 1 and the operation's most.
    pub(crate) fn page_size(&self, most: usize) -> Result<Option<usize>, ServiceError> {
        let Some(asked) = self.max_results else {
            return Ok(None);
        };
        let size = usize::try_from(asked).unwrap_or(0);
        if (1..=most).contains(&size) {
            Ok(Some(size))
        } else {
            Err(ServiceError::validation(format!(
                "MaxResults must be between 1 and {most}."
            )))
        }
    }
}

fn sagemaker_only(service_namespace: &str) -> Result<(), ServiceError> {
    if service_namespace == "sagemaker" {
        Ok(())
    } else {
        let message = "Unsupported service namespace, resource type or scalable dimension";
        Err(ServiceError::validation(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_and_its_dimension_must_fit() {
        let fits = |id: &str, dimension: &str| TargetKey::parse(id, dimension).is_ok();
        let [instances, concurrency, copies] = Dimension::ALL.map(Dimension::name);
        assert!(fits("endpoint/e/variant/v", instances));
        assert!(fits("endpoint/e/variant/v", concurrency));
        assert!(fits("inference-component/c", copies));
        assert!(!fits("endpoint/e/variant/v", copies));
        assert!(!fits("inference-component/c", instances));
        assert!(!fits("endpoint/e", instances));
        assert!(!fits("endpoint/e/variant/v/x", instances));
        assert!(!fits("service/c/s", "ecs:service:DesiredCount"));
    }
}
