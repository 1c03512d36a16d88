//! Faults: answers that go wrong on request.

mod limit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use limit::Bucket;
pub use limit::RateLimit;

use crate::error::ServiceError;
use crate::service::Service;

/// Which calls go wrong, and how.
///
/// ```
/// use aws_standin::FaultRule;
///
/// let rule: FaultRule = serde_json::from_str(
///     r#"{"operation": "PutScalingPolicy", "fault": "Throttled", "times": 2}"#,
/// )?;
/// assert_eq!(rule.times, Some(2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// The operation, or `*`.
    pub operation: String,
    /// The service, or any.
    #[serde(default)]
    pub service: Option<Service>,
    /// Text that the input, written as JSON, contains.
    #[serde(default)]
    pub resource_contains: Option<String>,
    /// How many matching calls go well first.
    #[serde(default)]
    pub skip: u32,
    /// How many matching calls go wrong then; all of them if not given.
    #[serde(default)]
    pub times: Option<u32>,
    /// Only matching calls beyond this rate go wrong.
    #[serde(default)]
    pub limit: Option<RateLimit>,
    /// What goes wrong.
    pub fault: Fault,
    /// Whether the operation is performed, and only its answer is lost.
    #[serde(default)]
    pub after: bool,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fault {
    /// One of the usual faults.
    Usual(UsualFault),
    /// Any error.
    #[serde(rename_all = "camelCase")]
    Other {
        /// AWS's error code.
        code: String,
        /// Its message.
        #[serde(default)]
        message: String,
        /// The HTTP status; 400 if not given.
        #[serde(default = "bad_request")]
        status: u16,
    },
}

const fn bad_request() -> u16 {
    400
}

/// Faults that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UsualFault {
    /// `ThrottlingException`, HTTP 400, "Rate exceeded".
    Throttled,
    /// `InternalFailure`, HTTP 500.
    Http500,
    /// `ServiceUnavailable`, HTTP 503.
    Http503,
    /// The connection breaks.
    ConnectionReset,
    /// No answer comes.
    Timeout,
    /// `ConcurrentUpdateException`, HTTP 400.
    ConcurrentUpdate,
    /// `FailedResourceAccessException` because CloudWatch throttled Application
    /// Auto Scaling.
    FailedResourceAccessRateExceeded,
    /// `ObjectNotFoundException`, as just after a target is registered.
    ObjectNotFound,
    /// `AccessDeniedException`, HTTP 403.
    AccessDenied,
    /// `LimitExceededException`: a quota, not a rate.
    LimitExceeded,
    /// `ValidationException`.
    Validation,
}

/// How a call ends that meets a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Error(ServiceError),
    ConnectionReset,
    NoAnswer,
}

/// What a rule calls one entry of a `SendMessageBatch`: such a rule makes
/// entries fail, and not the call.
const BATCH_ENTRY: &str = "SendMessageBatchEntry";

/// The rules in force, in the order given; the first that matches decides.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    rule: FaultRule,
    /// Full until the first call comes.
    bucket: Option<Bucket>,
}

impl Faults {
    pub(crate) fn inject(&mut self, rule: FaultRule) {
        self.rules.push(Rule { rule, bucket: None });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault that a call meets, and whether it is performed first.
    pub(crate) fn meet(
        &mut self,
        service: Service,
        operation: &str,
        input: &Value,
    ) -> Option<(Ending, bool)> {
        if self.rules.is_empty() {
            return None;
        }
        let text = input.to_string();
        let matches = |Rule { rule, .. }: &&mut Rule| {
            (rule.operation == operation || rule.operation == "*" && operation != BATCH_ENTRY)
                && rule.service.is_none_or(|wanted| wanted == service)
                && rule
                    .resource_contains
                    .as_ref()
                    .is_none_or(|part| text.contains(part))
                && rule.times != Some(0)
        };
        for Rule { rule, bucket } in self.rules.iter_mut().filter(matches) {
            if rule.limit.is_some_and(|limit| limit.admits(bucket)) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times = rule.times.map(|times| times - 1);
            return Some((rule.fault.ending(service, operation, input), rule.after));
        }
        None
    }
}

impl Faults {
    /// The entries of a `SendMessageBatch` that fail, by their ids.
    pub(crate) fn doom_entries(&mut self, input: &Value) -> BTreeMap<String, ServiceError> {
        let mut doomed = BTreeMap::new();
        for entry in input["Entries"].as_array().into_iter().flatten() {
            let Some((ending, _)) = self.meet(Service::Sqs, BATCH_ENTRY, entry) else {
                continue;
            };
            let error = match ending {
                Ending::Error(error) => error,
                // An entry has no connection of its own to lose.
                _ => ServiceError::new("InternalError", "").with_status(500),
            };
            doomed.insert(entry["Id"].as_str().unwrap_or_default().to_owned(), error);
        }
        doomed
    }
}

impl Fault {
    fn ending(&self, service: Service, operation: &str, input: &Value) -> Ending {
        match self {
            Self::Usual(fault) => fault.ending(service, operation, input),
            Self::Other {
                code,
                message,
                status,
            } => Ending::Error(ServiceError::new(code.clone(), message).with_status(*status)),
        }
    }
}

impl UsualFault {
    fn ending(self, service: Service, operation: &str, input: &Value) -> Ending {
        let text = |member: &str| input[member].as_str().unwrap_or_default().to_owned();
        let (code, message, status) = match self {
            Self::ConnectionReset => return Ending::ConnectionReset,
            Self::Timeout => return Ending::NoAnswer,
            Self::Throttled => ("ThrottlingException", "Rate exceeded".to_owned(), 400),
            Self::Http500 => (
                "InternalFailure",
                "The request processing has failed.".to_owned(),
                500,
            ),
            Self::Http503 => (
                "ServiceUnavailable",
                "The request has failed due to a temporary failure of the server.".to_owned(),
                503,
            ),
            Self::ConcurrentUpdate => (
                "ConcurrentUpdateException",
                "You already have a pending update to an Application Auto Scaling resource."
                    .to_owned(),
                400,
            ),
            // The words of hashicorp/terraform-provider-aws#2275.
            Self::FailedResourceAccessRateExceeded => (
                "FailedResourceAccessException",
                format!(
                    "Unable to create alarms for scaling policy {} due to reason: Rate exceeded (Service: \
                     AmazonCloudWatch; Status Code: 400; Error Code: Throttling)",
                    text("PolicyName")
                ),
                400,
            ),
            Self::ObjectNotFound => (
                "ObjectNotFoundException",
                format!(
                    "No scalable target registered for service namespace: {}, resource ID: {}, scalable \
                     dimension: {}",
                    text("ServiceNamespace"),
                    text("ResourceId"),
                    text("ScalableDimension")
                ),
                400,
            ),
            Self::AccessDenied => (
                "AccessDeniedException",
                format!(
                    "User: arn:aws:sts::111122223333:assumed-role/endpoint-autoscaler/function is not \
                     authorized to perform: {service}:{operation} because no identity-based policy allows the \
                     {service}:{operation} action"
                ),
                403,
            ),
            Self::LimitExceeded => (
                "LimitExceededException",
                "A per-account resource limit is exceeded.".to_owned(),
                400,
            ),
            Self::Validation => (
                "ValidationException",
                "An exception was thrown for a validation issue.".to_owned(),
                400,
            ),
        };
        Ending::Error(ServiceError::new(code, message).with_status(status))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn met(faults: &mut Faults, operation: &str, input: &Value) -> Option<String> {
        let (ending, _) = faults.meet(Service::ApplicationAutoScaling, operation, input)?;
        Some(match ending {
            Ending::Error(error) => error.code.into_owned(),
            other => format!("{other:?}"),
        })
    }

    fn faults(rules: Value) -> Faults {
        let rules: Vec<_> = serde_json::from_value(rules).expect("rules");
        let mut faults = Faults::default();
        for rule in rules {
            faults.inject(rule);
        }
        faults
    }

    #[test]
    fn rules_skip_count_and_end() {
        let mut faults = faults(json!([
            {"operation": "Put", "skip": 1, "times": 2, "fault": "Throttled"},
        ]));
        let codes: Vec<_> = (0..4)
            .map(|_| met(&mut faults, "Put", &json!({})))
            .collect();
        let throttled = Some("ThrottlingException".to_owned());
        assert_eq!(codes, [None, throttled.clone(), throttled, None]);
    }

    #[test]
    fn rules_match_by_operation_service_and_content() {
        let mut faults = faults(json!([
            {"operation": "Put", "service": "sagemaker", "fault": "Http500"},
            {"operation": "Put", "resourceContains": "variant/b", "fault": "Timeout"},
            {"operation": "*", "resourceContains": "variant/c", "fault": {"code": "Odd", "status": 418}},
        ]));
        let mut check = |operation: &str, resource: &str, expected: Option<&str>| {
            let found = met(&mut faults, operation, &json!({"ResourceId": resource}));
            assert_eq!(found.as_deref(), expected, "{operation} {resource}");
        };
        check("Put", "endpoint/e/variant/a", None);
        check("Put", "endpoint/e/variant/b", Some("NoAnswer"));
        check("Get", "endpoint/e/variant/b", None);
        check("Get", "endpoint/e/variant/c", Some("Odd"));
    }

    #[test]
    fn entries_of_a_batch_fail_by_rules_of_their_own() {
        let mut faults = faults(json!([
            {"operation": "*", "resourceContains": "left", "fault": "Http503"},
            {"operation": "SendMessageBatchEntry", "resourceContains": "left", "times": 1, "fault": "Http500"},
            {"operation": "SendMessageBatchEntry", "resourceContains": "right", "fault": "Timeout"},
        ]));
        let entry = |id: &str| json!({"Id": id, "MessageBody": id});
        let mut doomed = |entries: Value| {
            let doomed = faults.doom_entries(&json!({"Entries": entries}));
            let code = |(id, error): (String, ServiceError)| format!("{id} {}", error.code);
            doomed.into_iter().map(code).collect::<Vec<_>>()
        };
        let first = doomed(json!([
            entry("left"),
            entry("left2"),
            entry("right"),
            entry("up")
        ]));
        assert_eq!(first, ["left InternalFailure", "right InternalError"]);
        assert_eq!(doomed(json!([entry("left")])), [""; 0]);
    }

    #[test]
    fn every_usual_fault_has_its_code() {
        for (fault, code) in [
            ("Throttled", "ThrottlingException"),
            ("Http500", "InternalFailure"),
            ("Http503", "ServiceUnavailable"),
            ("ConnectionReset", "ConnectionReset"),
            ("Timeout", "NoAnswer"),
            ("ConcurrentUpdate", "ConcurrentUpdateException"),
            (
                "FailedResourceAccessRateExceeded",
                "FailedResourceAccessException",
            ),
            ("ObjectNotFound", "ObjectNotFoundException"),
            ("AccessDenied", "AccessDeniedException"),
            ("LimitExceeded", "LimitExceededException"),
            ("Validation", "ValidationException"),
        ] {
            let mut faults = faults(json!([{"operation": "*", "fault": fault}]));
            assert_eq!(met(&mut faults, "Put", &json!({})).as_deref(), Some(code));
        }
    }

    #[test]
    fn a_rule_with_a_typo_is_refused() {
        let rule = json!({"operation": "*", "fault": "Throttled", "time": 1});
        assert!(serde_json::from_value::<FaultRule>(rule).is_err());
        assert!(
            serde_json::from_value::<FaultRule>(json!({"operation": "*", "fault": "Throtled"}))
                .is_err()
        );
    }
}
