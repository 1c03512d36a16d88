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

sagemaker_name! {
    /// The name of an inference component.
    ComponentName
}

/// What a scalable target scales, in the spelling of Application Auto Scaling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceId {
    /// `endpoint/<endpoint>/variant/<variant>`.
    Variant {
        /// The endpoint.
        endpoint: EndpointName,
        /// Its production or shadow variant.
        variant: VariantName,
    },
    /// `inference-component/<component>`, which does not say on which endpoint.
    Component(ComponentName),
}

impl ResourceId {
    /// Reads what `DescribeScalableTargets` prints; `None` for what SageMaker does not scale.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(component) = text.strip_prefix("inference-component/") {
            return ComponentName::new(component).ok().map(Self::Component);
        }
        let (endpoint, variant) = text.strip_prefix("endpoint/")?.split_once("/variant/")?;
        Some(Self::Variant {
            endpoint: EndpointName::new(endpoint).ok()?,
            variant: VariantName::new(variant).ok()?,
        })
    }

    /// The endpoint of a variant.
    #[must_use]
    pub fn endpoint(&self) -> Option<&EndpointName> {
        match self {
            Self::Variant { endpoint, .. } => Some(endpoint),
            Self::Component(_) => None,
        }
    }

    /// The name of the variant or component, as tags and documents call it.
    #[must_use]
    pub fn own_name(&self) -> &str {
        match self {
            Self::Variant { variant, .. } => variant.as_str(),
            Self::Component(component) => component.as_str(),
        }
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variant { endpoint, variant } => {
                write!(f, "endpoint/{endpoint}/variant/{variant}")
            }
            Self::Component(component) => write!(f, "inference-component/{component}"),
        }
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
        for text in [
            "endpoint/Prod/variant/AllTraffic",
            "inference-component/llama",
        ] {
            let id = ResourceId::parse(text).expect("a resource of SageMaker");
            assert_eq!(id.to_string(), text);
        }
        assert_eq!(ResourceId::parse("service/cluster/web"), None);
        assert_eq!(ResourceId::parse("endpoint/a/variant/b/variant/c"), None);
        assert_eq!(ResourceId::parse("inference-component/a/b"), None);
    }
}
