//! Why nothing was done, or less than asked: an enumeration for machines, a sentence for people.

use serde::Serialize;

/// Why nothing was done, or less than asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "`explanation` says it")]
pub enum Reason {
    Disabled,
    NotEnrolled,
    Held,
    Paused,
    Settling,
    EndpointNotInService,
    EndpointNotFound,
    BurstableInstanceType,
    InstancePools,
    ServerlessWithoutProvisionedConcurrency,
    HostsInferenceComponents,
    InferenceComponentNotInService,
    InferenceComponentAdapter,
    EndpointConfigNotFound,
    ForeignScalableTarget,
    InvalidConfiguration,
    ConflictingPolicy,
    BoundsMoved,
    BlastRadius,
    PastSchedule,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Disabled,
        Self::NotEnrolled,
        Self::Held,
        Self::Paused,
        Self::Settling,
        Self::EndpointNotInService,
        Self::EndpointNotFound,
        Self::BurstableInstanceType,
        Self::InstancePools,
        Self::ServerlessWithoutProvisionedConcurrency,
        Self::HostsInferenceComponents,
        Self::InferenceComponentNotInService,
        Self::InferenceComponentAdapter,
        Self::EndpointConfigNotFound,
        Self::ForeignScalableTarget,
        Self::InvalidConfiguration,
        Self::ConflictingPolicy,
        Self::BoundsMoved,
        Self::BlastRadius,
        Self::PastSchedule,
    ];

    /// What it means, and what to do about it.
    #[must_use]
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Disabled => "a tag or a document says no (`enabled`, `Enabled`)",
            Self::NotEnrolled => {
                "the name filters or ENROLLMENT=opt-in keep it out; tag it `enabled=true` to opt in"
            }
            Self::Held => {
                "the tag `hold` keeps it free for an update or a deletion; a new endpoint configuration lifts it"
            }
            Self::Paused => {
                "the tag `paused` makes scaling stand still; removing the tag resumes it"
            }
            Self::Settling => {
                "it changed less than SETTLE_MINUTES ago: others may still register it"
            }
            Self::EndpointNotInService => {
                "AWS registers endpoints that are InService only; the next IN_SERVICE event does it"
            }
            Self::EndpointNotFound => "there is no such endpoint in this account and Region",
            Self::BurstableInstanceType => {
                "AWS does not scale burstable instances (ml.t2, ml.t3, …)"
            }
            Self::InstancePools => {
                "AWS does not document how instance pools scale, so that they are left alone"
            }
            Self::ServerlessWithoutProvisionedConcurrency => {
                "SageMaker scales on-demand serverless variants itself; only provisioned concurrency can be scaled"
            }
            Self::HostsInferenceComponents => {
                "SageMaker scales these instances itself; its inference components are scaled instead"
            }
            Self::InferenceComponentNotInService => "the component is not InService (yet)",
            Self::InferenceComponentAdapter => {
                "an adapter runs on the copies of its base component and has none of its own"
            }
            Self::EndpointConfigNotFound => {
                "the endpoint configuration is gone, and nothing can be decided without it"
            }
            Self::ForeignScalableTarget => {
                "somebody else registered it (Terraform, a colleague, another installation); EXISTING_TARGETS decides about adoption"
            }
            Self::InvalidConfiguration => {
                "a tag or document is wrong, so that nothing is changed; see the problems"
            }
            Self::ConflictingPolicy => {
                "a policy of somebody else tracks the same metric, and AWS allows one per metric"
            }
            Self::BoundsMoved => "a schedule or a person moved the bounds; `force` restores them",
            Self::BlastRadius => {
                "too many targets would be released or lowered at once (MAX_DISRUPTION)"
            }
            Self::PastSchedule => "the one time of this scheduled action is over",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_explained_in_the_readme() {
        let readme = include_str!("../../../../README.md");
        for reason in Reason::ALL {
            let name = serde_json::to_value(reason).expect("a word");
            let name = name.as_str().expect("a word");
            assert!(
                readme.contains(&format!("`{name}`")),
                "README.md does not name {name}"
            );
        }
    }
}
