//! The kinds of targets that SageMaker can scale, and what AWS says of each.

use crate::name::ScalableDimension;
use serde::Serialize;

/// Which section of a document speaks of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// A variant with instances that answers at once.
    RealTime,
    /// A variant of an asynchronous endpoint.
    Asynchronous,
    /// A serverless variant.
    Serverless,
    /// An inference component.
    InferenceComponent,
}

impl Kind {
    /// What is scaled of it.
    #[must_use]
    pub fn dimension(self) -> ScalableDimension {
        match self {
            Self::RealTime | Self::Asynchronous => ScalableDimension::VariantDesiredInstanceCount,
            Self::Serverless => ScalableDimension::VariantDesiredProvisionedConcurrency,
            Self::InferenceComponent => ScalableDimension::InferenceComponentDesiredCopyCount,
        }
    }

    /// The kind of a target of which only the dimension is known; asynchronous variants share
    /// theirs with real-time ones.
    #[must_use]
    pub fn of(dimension: ScalableDimension) -> Self {
        match dimension {
            ScalableDimension::VariantDesiredInstanceCount => Self::RealTime,
            ScalableDimension::VariantDesiredProvisionedConcurrency => Self::Serverless,
            ScalableDimension::InferenceComponentDesiredCopyCount => Self::InferenceComponent,
        }
    }

    /// What people call it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::RealTime => "a real-time variant",
            Self::Asynchronous => "a variant of an asynchronous endpoint",
            Self::Serverless => "a serverless variant",
            Self::InferenceComponent => "an inference component",
        }
    }
}
