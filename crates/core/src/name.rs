//! Names of endpoints, variants and scalable targets, checked once where they enter.

use serde::Serialize;
use std::fmt;

/// Why a text is not a SageMaker name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit; got {0:?}"
)]
pub struct InvalidName(pub String);

/// `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`, the pattern of the SageMaker API model.
///
/// The pattern alone would let hyphens run on for ever; AWS caps the whole at 63 characters.
fn is_sagemaker_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

macro_rules! sagemaker_name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Checks `text` against the pattern of the SageMaker API model.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                if is_sagemaker_name(&text) { Ok(Self(text)) } else { Err(InvalidName(text)) }
            }

            /// The name as AWS spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

sagemaker_name! {
    /// The name of a SageMaker endpoint, in the owner's spelling (its ARN is lower-cased).
    EndpointName
}
sagemaker_name! {
    /// The name of a production or shadow variant.
    VariantName
}

/// What a scalable target scales, in the spelling of Application Auto Scaling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    endpoint: EndpointName,
    variant: VariantName,
}

impl ResourceId {
    /// `endpoint/<endpoint>/variant/<variant>`.
    #[must_use]
    pub fn variant(endpoint: EndpointName, variant: VariantName) -> Self {
        Self { endpoint, variant }
    }

    /// Reads what `DescribeScalableTargets` prints; `None` for a resource that is no variant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (endpoint, variant) = text.strip_prefix("endpoint/")?.split_once("/variant/")?;
        Some(Self {
            endpoint: EndpointName::new(endpoint).ok()?,
            variant: VariantName::new(variant).ok()?,
        })
    }

    /// The endpoint this resource belongs to.
    #[must_use]
    pub fn endpoint(&self) -> &EndpointName {
        &self.endpoint
    }

    /// The variant that is scaled.
    #[must_use]
    pub fn variant_name(&self) -> &VariantName {
        &self.variant
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "endpoint/{}/variant/{}", self.endpoint, self.variant)
    }
}

/// The property that is scaled. A serverless variant has the same resource id as one with instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScalableDimension {
    /// Instances of a variant.
    VariantDesiredInstanceCount,
    /// Provisioned concurrency of a serverless variant.
    VariantDesiredProvisionedConcurrency,
    /// Copies of an inference component.
    InferenceComponentDesiredCopyCount,
}

impl ScalableDimension {
    /// All dimensions of the `sagemaker` namespace.
    pub const ALL: [Self; 3] = [
        Self::VariantDesiredInstanceCount,
        Self::VariantDesiredProvisionedConcurrency,
        Self::InferenceComponentDesiredCopyCount,
    ];

    /// The name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VariantDesiredInstanceCount => "sagemaker:variant:DesiredInstanceCount",
            Self::VariantDesiredProvisionedConcurrency => {
                "sagemaker:variant:DesiredProvisionedConcurrency"
            }
            Self::InferenceComponentDesiredCopyCount => {
                "sagemaker:inference-component:DesiredCopyCount"
            }
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|dimension| dimension.as_str() == text)
    }
}

/// A resource and the dimension of it that is scaled: what identifies a scalable target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId {
    /// What is scaled.
    pub resource: ResourceId,
    /// Which property of it.
    pub dimension: ScalableDimension,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, valid: bool) {
        assert_eq!(EndpointName::new(text).is_ok(), valid, "{text:?}");
    }

    #[test]
    fn names_follow_the_pattern_of_the_api_model() {
        check("a", true);
        check("My-Endpoint--2", true);
        check(&"a".repeat(63), true);
        check(&"a".repeat(64), false);
        check("", false);
        check("-a", false);
        check("a-", false);
        check("a/variant/b", false);
        check("a_b", false);
        check("ëndpoint", false);
    }

    #[test]
    fn a_resource_id_reads_back() {
        let id = ResourceId::parse("endpoint/Prod/variant/AllTraffic").expect("a variant");
        assert_eq!(id.to_string(), "endpoint/Prod/variant/AllTraffic");
        assert_eq!(id.endpoint().as_str(), "Prod");
        assert_eq!(ResourceId::parse("inference-component/llama"), None);
        assert_eq!(ResourceId::parse("endpoint/a/variant/b/variant/c"), None);
    }
}
