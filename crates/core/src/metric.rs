//! Which predefined metric fits what, and the dimensions under which AWS publishes its metrics.

use crate::name::ScalableDimension;
use schemars::JsonSchema;
use serde::Serialize;

/// The predefined metric types of the `sagemaker` namespace.
///
/// Source: Application Auto Scaling user guide, "Predefined metrics for target tracking".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[allow(
    missing_docs,
    clippy::enum_variant_names,
    reason = "AWS's own names say it"
)]
pub enum PredefinedMetric {
    SageMakerVariantInvocationsPerInstance,
    SageMakerVariantConcurrentRequestsPerModelHighResolution,
    SageMakerVariantProvisionedConcurrencyUtilization,
    SageMakerInferenceComponentInvocationsPerCopy,
    SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution,
}

impl PredefinedMetric {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::SageMakerVariantInvocationsPerInstance,
        Self::SageMakerVariantConcurrentRequestsPerModelHighResolution,
        Self::SageMakerVariantProvisionedConcurrencyUtilization,
        Self::SageMakerInferenceComponentInvocationsPerCopy,
        Self::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution,
    ];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SageMakerVariantInvocationsPerInstance => {
                "SageMakerVariantInvocationsPerInstance"
            }
            Self::SageMakerVariantConcurrentRequestsPerModelHighResolution => {
                "SageMakerVariantConcurrentRequestsPerModelHighResolution"
            }
            Self::SageMakerVariantProvisionedConcurrencyUtilization => {
                "SageMakerVariantProvisionedConcurrencyUtilization"
            }
            Self::SageMakerInferenceComponentInvocationsPerCopy => {
                "SageMakerInferenceComponentInvocationsPerCopy"
            }
            Self::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution => {
                "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution"
            }
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.as_str() == text)
    }

    /// The dimension it can scale; AWS refuses any other pairing.
    #[must_use]
    pub fn dimension(self) -> ScalableDimension {
        match self {
            Self::SageMakerVariantInvocationsPerInstance
            | Self::SageMakerVariantConcurrentRequestsPerModelHighResolution => {
                ScalableDimension::VariantDesiredInstanceCount
            }
            Self::SageMakerVariantProvisionedConcurrencyUtilization => {
                ScalableDimension::VariantDesiredProvisionedConcurrency
            }
            Self::SageMakerInferenceComponentInvocationsPerCopy
            | Self::SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution => {
                ScalableDimension::InferenceComponentDesiredCopyCount
            }
        }
    }

    /// A ratio, whose target lies within (0, 1].
    #[must_use]
    pub fn is_utilization(self) -> bool {
        self == Self::SageMakerVariantProvisionedConcurrencyUtilization
    }
}

/// The dimension names under which a known SageMaker metric is published.
///
/// `None` outside SageMaker's namespaces (the metric gets exactly what is written), an error
/// listing the namespace's known metrics when the metric is not among them.
///
/// Source: SageMaker developer guide, "Metrics for monitoring Amazon SageMaker AI with Amazon
/// CloudWatch".
#[must_use]
pub fn published_dimensions(
    namespace: &str,
    metric: &str,
) -> Option<Result<&'static [&'static str], Vec<&'static str>>> {
    const ENDPOINT: &[&str] = &["EndpointName"];
    const VARIANT: &[&str] = &["EndpointName", "VariantName"];
    const COMPONENT: &[&str] = &["InferenceComponentName"];
    type Group = (&'static [&'static str], &'static [&'static str]);
    let groups: &'static [Group] = match namespace {
        "AWS/SageMaker" => &[
            (
                ENDPOINT,
                &[
                    "ApproximateAgeOfOldestRequest",
                    "ApproximateBacklogSize",
                    "ApproximateBacklogSizePerInstance",
                    "HasBacklogWithoutCapacity",
                ],
            ),
            (
                VARIANT,
                &[
                    "ConcurrentRequestsPerModel",
                    "ExpiredRequests",
                    "Invocation4XXErrors",
                    "Invocation5XXErrors",
                    "InvocationFailures",
                    "InvocationModelErrors",
                    "Invocations",
                    "InvocationsPerInstance",
                    "InvocationsProcessed",
                    "LoadedModelCount",
                    "ModelCacheHit",
                    "ModelDownloadingTime",
                    "ModelLatency",
                    "ModelLoadingTime",
                    "ModelLoadingWaitTime",
                    "ModelSetupTime",
                    "ModelUnloadingTime",
                    "OverheadLatency",
                    "ServerlessConcurrentExecutionsUtilization",
                    "ServerlessProvisionedConcurrencyInvocations",
                    "ServerlessProvisionedConcurrencySpilloverInvocations",
                    "ServerlessProvisionedConcurrencyUtilization",
                    "TimeInBacklog",
                ],
            ),
            (
                COMPONENT,
                &[
                    "ConcurrentRequestsPerCopy",
                    "InvocationsPerCopy",
                    "NoCapacityInvocationFailures",
                ],
            ),
        ],
        "/aws/sagemaker/Endpoints" => &[(
            VARIANT,
            &[
                "CPUUtilization",
                "CPUUtilizationNormalized",
                "DiskUtilization",
                "GPUMemoryUtilization",
                "GPUMemoryUtilizationNormalized",
                "GPUUtilization",
                "GPUUtilizationNormalized",
                "MemoryUtilization",
            ],
        )],
        "/aws/sagemaker/InferenceComponents" => &[(
            COMPONENT,
            &[
                "CPUUtilizationNormalized",
                "GPUMemoryUtilizationNormalized",
                "GPUUtilizationNormalized",
                "MemoryUtilizationNormalized",
            ],
        )],
        _ => return None,
    };
    let group = groups.iter().find(|(_, metrics)| metrics.contains(&metric));
    Some(group.map(|(dimensions, _)| *dimensions).ok_or_else(|| {
        groups
            .iter()
            .flat_map(|(_, metrics)| metrics.iter().copied())
            .collect()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predefined_metric_reads_back_and_serialises_to_its_name() {
        for metric in PredefinedMetric::ALL {
            assert_eq!(PredefinedMetric::parse(metric.as_str()), Some(metric));
            assert_eq!(
                serde_json::to_value(metric).ok(),
                Some(metric.as_str().into())
            );
        }
        assert_eq!(PredefinedMetric::parse("InvocationsPerInstance"), None);
    }

    #[test]
    fn metrics_get_the_dimensions_they_are_published_under() {
        let of = |metric| published_dimensions("AWS/SageMaker", metric);
        assert_eq!(
            of("ApproximateBacklogSizePerInstance"),
            Some(Ok(&["EndpointName"][..]))
        );
        assert_eq!(
            of("ModelLatency"),
            Some(Ok(&["EndpointName", "VariantName"][..]))
        );
        assert_eq!(
            of("NoCapacityInvocationFailures"),
            Some(Ok(&["InferenceComponentName"][..]))
        );
        assert!(matches!(of("ModelLatancy"), Some(Err(known)) if known.contains(&"ModelLatency")));
        assert_eq!(published_dimensions("MyTeam", "QueueDepth"), None);
    }
}
