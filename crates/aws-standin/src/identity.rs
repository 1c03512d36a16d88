//! Names that AWS hands out: ARNs, ids and UUIDs, all deterministic.

/// Where the account is, and a counter behind everything that AWS makes unique.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) region: String,
    pub(crate) account_id: String,
    issued: u64,
}

impl Identity {
    pub(crate) fn new(region: &str, account_id: &str) -> Self {
        Self {
            region: region.to_owned(),
            account_id: account_id.to_owned(),
            issued: 0,
        }
    }

    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Self {
            region, account_id, ..
        } = self;
        format!("arn:aws:{service}:{region}:{account_id}:{resource}")
    }

    /// An ARN of SageMaker, which writes names in lower case there.
    pub(crate) fn sagemaker_arn(&self, kind: &str, name: &str) -> String {
        self.arn("sagemaker", &format!("{kind}/{}", name.to_lowercase()))
    }

    /// A UUID that differs from all before it, the same in every run.
    pub(crate) fn uuid(&mut self) -> String {
        self.issued += 1;
        format!("00000000-0000-4000-8000-{:012x}", self.issued)
    }

    /// The id of a scalable target.
    pub(crate) fn scalable_target_id(&mut self) -> String {
        self.issued += 1;
        format!("{:034x}", self.issued)
    }
}
