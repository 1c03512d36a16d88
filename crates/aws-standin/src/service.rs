//! The AWS services the stand-in answers for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An AWS service, named as AWS's endpoints, models and SDKs name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Service {
    /// Amazon SageMaker.
    #[serde(rename = "sagemaker")]
    SageMaker,
    /// Application Auto Scaling.
    #[serde(rename = "application-autoscaling")]
    ApplicationAutoScaling,
    /// AWS Systems Manager, of which only Parameter Store is here.
    #[serde(rename = "ssm")]
    Ssm,
    /// Amazon CloudWatch, of which only alarms and recorded metrics are here.
    #[serde(rename = "cloudwatch")]
    CloudWatch,
    /// AWS Resource Groups Tagging API.
    #[serde(rename = "resourcegroupstaggingapi")]
    Tagging,
    /// Amazon SQS.
    #[serde(rename = "sqs")]
    Sqs,
}

impl Service {
    /// Every service, in the order of this enumeration.
    pub const ALL: [Self; 6] = [
        Self::SageMaker,
        Self::ApplicationAutoScaling,
        Self::Ssm,
        Self::CloudWatch,
        Self::Tagging,
        Self::Sqs,
    ];

    /// The name used in journals, fault rules and acts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SageMaker => "sagemaker",
            Self::ApplicationAutoScaling => "application-autoscaling",
            Self::Ssm => "ssm",
            Self::CloudWatch => "cloudwatch",
            Self::Tagging => "resourcegroupstaggingapi",
            Self::Sqs => "sqs",
        }
    }

    /// The service name in the credential scope of a signed request.
    ///
    /// It differs from the other names where the API model says so (`signingName`,
    /// or `endpointPrefix` where there is none).
    #[must_use]
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::CloudWatch => "monitoring",
            Self::Tagging => "tagging",
            other => other.name(),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
