//! What an AWS error means for us: one judgement, used by the retries and by the report.

use serde::Serialize;

/// A call that AWS refused, or that did not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct CallError {
    /// The operation, such as `PutScalingPolicy`.
    #[serde(skip)]
    pub operation: &'static str,
    /// AWS's error code, or ours for a call that did not come back.
    pub code: String,
    /// AWS's message.
    pub message: String,
}

/// What to do about a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// May pass by itself: retry here, then let Lambda redeliver.
    Transient,
    /// What was observed is no longer so: look again.
    Outdated,
    /// The endpoint is busy for minutes: the next event or sweep does it.
    Busy,
    /// What was to be removed is gone already.
    AlreadyGone,
    /// A person must act: repeating cannot help.
    Permanent,
}

/// Codes of our own for calls that did not come back.
pub const NO_ANSWER: &str = "NoAnswer";
/// The share of the remaining time was used up.
pub const OUT_OF_TIME: &str = "OutOfTime";

/// Whether AWS asks to call less often.
#[must_use]
pub fn is_throttling(code: &str, message: &str) -> bool {
    match code {
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestThrottled"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => true,
        // CloudWatch's throttling comes wrapped (terraform-provider-aws issue 4285).
        "FailedResourceAccessException" => {
            message.contains("Rate exceeded") || message.contains("Throttling")
        }
        _ => false,
    }
}

/// Judges an error by operation, code and message.
///
/// Application Auto Scaling documents `ConcurrentUpdateException` and `InternalServiceException`
/// as HTTP 400, which the SDK does not retry, and `LimitExceededException` is a hard quota there,
/// which the SDK takes for throttling.
#[must_use]
pub fn judge(operation: &str, code: &str, message: &str) -> Fault {
    match code {
        _ if is_throttling(code, message) => Fault::Transient,
        NO_ANSWER
        | OUT_OF_TIME
        | "ConcurrentUpdateException"
        | "InternalServiceException"
        | "InternalServerError"
        | "InternalFailure"
        | "InternalServerException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException"
        | "RequestTimeout"
        | "RequestTimeoutException" => Fault::Transient,
        "ObjectNotFoundException" => match operation {
            "DeleteScalingPolicy" | "DeregisterScalableTarget" | "DeleteScheduledAction" => {
                Fault::AlreadyGone
            }
            // A target just registered may not be visible yet (RegisterScalableTarget, API reference).
            "PutScalingPolicy" | "PutScheduledAction" | "TagResource" => Fault::Transient,
            _ => Fault::Permanent,
        },
        // CloudWatch's `DeleteAlarms` names what it did not find and deletes the rest.
        "ResourceNotFound" if operation == "DeleteAlarms" => Fault::AlreadyGone,
        "ResourceNotFoundException" if ["UntagResource", "DeleteAlarms"].contains(&operation) => {
            Fault::AlreadyGone
        }
        "ResourceNotFoundException" if operation == "TagResource" => Fault::Transient,
        // Registered since we looked: by another event about the same new endpoint (AWS may send several
        // for one change), by a try of ours whose answer was lost, or by somebody else.
        "ValidationException"
            if operation == "RegisterScalableTarget"
                && message.contains("tried to tag already exists") =>
        {
            Fault::Outdated
        }
        // AWS's own operator for Kubernetes treats this message as "pending".
        "ValidationException"
            if message.contains("status should be in 'InService'")
                || message.contains("Cannot update in-progress endpoint") =>
        {
            Fault::Busy
        }
        _ => Fault::Permanent,
    }
}

impl CallError {
    /// What to do about it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        judge(self.operation, &self.code, &self.message)
    }

    /// SageMaker models no not-found error: it says so in a `ValidationException`.
    #[must_use]
    pub fn says_not_found(&self) -> bool {
        self.code == "ValidationException" && self.message.contains("Could not find")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_consequence() {
        let cases = [
            (
                "PutScalingPolicy",
                "ThrottlingException",
                "Rate exceeded",
                Fault::Transient,
            ),
            (
                "PutScalingPolicy",
                "ConcurrentUpdateException",
                "",
                Fault::Transient,
            ),
            (
                "RegisterScalableTarget",
                "InternalServiceException",
                "",
                Fault::Transient,
            ),
            (
                "PutScalingPolicy",
                "FailedResourceAccessException",
                "Rate exceeded",
                Fault::Transient,
            ),
            (
                "PutScalingPolicy",
                "FailedResourceAccessException",
                "not authorized",
                Fault::Permanent,
            ),
            (
                "PutScalingPolicy",
                "ObjectNotFoundException",
                "",
                Fault::Transient,
            ),
            (
                "DeregisterScalableTarget",
                "ObjectNotFoundException",
                "",
                Fault::AlreadyGone,
            ),
            (
                "RegisterScalableTarget",
                "LimitExceededException",
                "",
                Fault::Permanent,
            ),
            (
                "RegisterScalableTarget",
                "AccessDeniedException",
                "",
                Fault::Permanent,
            ),
            (
                "RegisterScalableTarget",
                "ValidationException",
                "bad",
                Fault::Permanent,
            ),
            (
                "RegisterScalableTarget",
                "ValidationException",
                "The status should be in 'InService' to register it as a scalable target",
                Fault::Busy,
            ),
            (
                "RegisterScalableTarget",
                "ValidationException",
                "The scalable target that you tried to tag already exists.",
                Fault::Outdated,
            ),
            ("DescribeEndpoint", NO_ANSWER, "", Fault::Transient),
        ];
        for (operation, code, message, expected) in cases {
            assert_eq!(
                judge(operation, code, message),
                expected,
                "{operation} {code} {message}"
            );
        }
    }
}
