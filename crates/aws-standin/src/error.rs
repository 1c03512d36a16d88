//! How an AWS operation fails: a code, a message and an HTTP status.

use std::borrow::Cow;

/// An AWS error before a wire protocol has spelled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceError {
    pub(crate) code: Cow<'static, str>,
    /// Absent where the service sends none (Parameter Store's `ParameterNotFound`).
    pub(crate) message: Option<String>,
    pub(crate) status: u16,
}

impl ServiceError {
    /// A client error. AWS documents HTTP 400 for every modelled error of
    /// Application Auto Scaling, `ConcurrentUpdateException` and
    /// `InternalServiceException` included (API reference, "Errors").
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: Some(message.into()),
            status: 400,
        }
    }

    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn without_message(mut self) -> Self {
        self.message = None;
        self
    }
}
