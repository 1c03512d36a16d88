//! Answers and errors, spelled as each service and protocol spells them.

use serde_json::{Value, json};

use super::{Protocol, WireResponse};
use crate::error::ServiceError;
use crate::model::{Model, encode};
use crate::service::Service;

/// The answer of an operation that succeeded.
pub(crate) fn success(
    protocol: Protocol,
    service: Service,
    operation: &str,
    output: &Value,
    request_id: &str,
) -> WireResponse {
    let model = Model::of(service);
    let shape = model
        .operation(operation)
        .and_then(|operation| operation.output.as_deref());
    let body = match protocol {
        // The protocol wants no body where the model has no output.
        Protocol::RpcV2Cbor if shape.is_none() => Vec::new(),
        Protocol::RpcV2Cbor => encode(model, shape, output),
        _ => output.to_string().into_bytes(),
    };
    response(protocol, 200, body, request_id)
}

/// The answer of an operation that failed.
pub(crate) fn failure(
    protocol: Protocol,
    service: Option<Service>,
    error: &ServiceError,
    request_id: &str,
) -> WireResponse {
    let Spelling { kind, query_code } = match service {
        Some(service) => Spelling::of(service, &error.code),
        None => Spelling::plain(&error.code),
    };
    let mut body = json!({ "__type": kind });
    if let Some(message) = &error.message {
        body[message_member(service, &kind)] = message.as_str().into();
    }
    let body = match protocol {
        Protocol::RpcV2Cbor => encode(Model::of(Service::CloudWatch), None, &body),
        _ => body.to_string().into_bytes(),
    };
    let mut answer = response(protocol, error.status, body, request_id);
    let mut header = |name: &str, value: String| answer.headers.push((name.to_owned(), value));
    if let Some(code) = query_code {
        // CloudWatch and SQS keep their old Query protocol's error codes in this
        // header (Smithy's `awsQueryCompatible` trait); SDKs prefer them to `__type`.
        let fault = if error.status < 500 {
            "Sender"
        } else {
            "Receiver"
        };
        header("x-amzn-query-error", format!("{code};{fault}"));
    }
    if protocol != Protocol::RpcV2Cbor {
        header("x-amzn-errortype", kind);
    }
    answer
}

/// The member that carries the message: `Message` in the errors that the models
/// of Application Auto Scaling and of the tagging API define, `message` elsewhere.
fn message_member(service: Option<Service>, kind: &str) -> &'static str {
    match service {
        Some(service @ (Service::ApplicationAutoScaling | Service::Tagging))
            if Model::of(service).models_error(kind) =>
        {
            "Message"
        }
        _ => "message",
    }
}

/// The error code that an SDK sees.
pub(crate) fn code_on_the_wire(service: Service, code: &str) -> String {
    let Spelling { kind, query_code } = Spelling::of(service, code);
    query_code.unwrap_or(kind)
}

/// How a service writes one of our error codes.
struct Spelling {
    /// In `__type`.
    kind: String,
    /// In the header of services that once spoke the Query protocol.
    query_code: Option<String>,
}

impl Spelling {
    fn plain(code: &str) -> Self {
        Self {
            kind: code.to_owned(),
            query_code: None,
        }
    }

    fn of(service: Service, code: &str) -> Self {
        let of_query = |namespace: &str, (shape, query_code): (&str, &str)| Self {
            kind: format!("{namespace}#{shape}"),
            query_code: Some(query_code.to_owned()),
        };
        match service {
            Service::CloudWatch => of_query("com.amazonaws.cloudwatch", cloudwatch_code(code)),
            Service::Sqs if code == "ValidationException" => of_query(
                "com.amazon.coral.service",
                ("InvalidParameterValueException", "InvalidParameterValue"),
            ),
            Service::Sqs => of_query("com.amazonaws.sqs", sqs_code(code)),
            Service::Tagging => Self::plain(match code {
                "ValidationException" => "InvalidParameterException",
                "ThrottlingException" => "ThrottledException",
                "InternalFailure" => "InternalServiceException",
                other => other,
            }),
            _ => Self::plain(code),
        }
    }
}

/// CloudWatch's error shape and Query error code for one of our codes.
fn cloudwatch_code(code: &str) -> (&str, &str) {
    match code {
        "ValidationException" => ("ValidationError", "ValidationError"),
        "LimitExceededFault" | "LimitExceededException" => ("LimitExceededFault", "LimitExceeded"),
        "ThrottlingException" => ("ThrottlingException", "Throttling"),
        "AccessDeniedException" => ("AccessDenied", "AccessDenied"),
        other => (other, other),
    }
}

/// SQS's error shape and Query error code: `error.code` in its API model of the
/// time when it spoke that protocol.
fn sqs_code(code: &str) -> (&str, &str) {
    match code {
        "QueueDoesNotExist" => (code, "AWS.SimpleQueueService.NonExistentQueue"),
        "TooManyEntriesInBatchRequest" => {
            (code, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
        }
        "EmptyBatchRequest" => (code, "AWS.SimpleQueueService.EmptyBatchRequest"),
        "BatchEntryIdsNotDistinct" => (code, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        "BatchRequestTooLong" => (code, "AWS.SimpleQueueService.BatchRequestTooLong"),
        "InvalidBatchEntryId" => (code, "AWS.SimpleQueueService.InvalidBatchEntryId"),
        "UnsupportedOperation" => (code, "AWS.SimpleQueueService.UnsupportedOperation"),
        "ThrottlingException" => ("RequestThrottled", "RequestThrottled"),
        "AccessDeniedException" => ("AccessDenied", "AccessDenied"),
        other => (other, other),
    }
}

fn response(protocol: Protocol, status: u16, body: Vec<u8>, request_id: &str) -> WireResponse {
    let mut headers = vec![("x-amzn-requestid".to_owned(), request_id.to_owned())];
    if !body.is_empty() {
        let content_type = protocol.content_type().to_owned();
        headers.push(("content-type".to_owned(), content_type));
    }
    if protocol == Protocol::RpcV2Cbor {
        headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    }
    WireResponse {
        status,
        headers,
        body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(protocol: Protocol, service: Service, error: &ServiceError) -> (Value, Vec<String>) {
        let answer = failure(protocol, Some(service), error, "id");
        let body = match protocol {
            Protocol::RpcV2Cbor => crate::model::decode(&answer.body).expect("CBOR"),
            _ => serde_json::from_slice(&answer.body).expect("JSON"),
        };
        let codes = answer
            .headers
            .into_iter()
            .filter(|(name, _)| name.contains("error"))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        (body, codes)
    }

    #[test]
    fn each_service_spells_its_errors_its_own_way() {
        let validation = ServiceError::validation("no");
        let throttled = ServiceError::new("ThrottlingException", "Rate exceeded");
        let check = |protocol, service, error: &ServiceError, body: Value, headers: &[&str]| {
            assert_eq!(
                spelled(protocol, service, error),
                (body, headers.iter().map(ToString::to_string).collect())
            );
        };
        check(
            Protocol::Json11,
            Service::ApplicationAutoScaling,
            &validation,
            json!({"__type": "ValidationException", "Message": "no"}),
            &["x-amzn-errortype: ValidationException"],
        );
        check(
            Protocol::Json11,
            Service::ApplicationAutoScaling,
            &throttled,
            json!({"__type": "ThrottlingException", "message": "Rate exceeded"}),
            &["x-amzn-errortype: ThrottlingException"],
        );
        check(
            Protocol::Json11,
            Service::SageMaker,
            &validation,
            json!({"__type": "ValidationException", "message": "no"}),
            &["x-amzn-errortype: ValidationException"],
        );
        check(
            Protocol::Json11,
            Service::Tagging,
            &validation,
            json!({"__type": "InvalidParameterException", "Message": "no"}),
            &["x-amzn-errortype: InvalidParameterException"],
        );
        check(
            Protocol::Json10,
            Service::Sqs,
            &ServiceError::new("QueueDoesNotExist", "no"),
            json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}),
            &[
                "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender",
                "x-amzn-errortype: com.amazonaws.sqs#QueueDoesNotExist",
            ],
        );
        check(
            Protocol::RpcV2Cbor,
            Service::CloudWatch,
            &throttled,
            json!({"__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded"}),
            &["x-amzn-query-error: Throttling;Sender"],
        );
        check(
            Protocol::Json10,
            Service::CloudWatch,
            &validation,
            json!({"__type": "com.amazonaws.cloudwatch#ValidationError", "message": "no"}),
            &[
                "x-amzn-query-error: ValidationError;Sender",
                "x-amzn-errortype: com.amazonaws.cloudwatch#ValidationError",
            ],
        );
    }
}
