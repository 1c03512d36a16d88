//! Which operation a request calls, in which protocol, with which input.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::WireRequest;
use crate::error::ServiceError;
use crate::model::{Model, decode};
use crate::service::Service;

/// A wire protocol of AWS: `protocol` and `jsonVersion` in the API models.
/// CloudWatch speaks two of them: the AWS SDK for Rust uses CBOR, older SDKs JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json10,
    Json11,
    RpcV2Cbor,
}

impl Protocol {
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::RpcV2Cbor => "application/cbor",
        }
    }
}

/// A request that names an operation, and its input as sent.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) protocol: Protocol,
    pub(crate) service: Service,
    pub(crate) operation: String,
    pub(crate) input: Value,
}

/// A request that cannot be handed to an operation.
#[derive(Debug)]
pub(crate) struct Unroutable {
    pub(crate) protocol: Protocol,
    pub(crate) service: Option<Service>,
    pub(crate) operation: String,
    pub(crate) error: ServiceError,
}

const CBOR_PREFIX: &str = "/service/GraniteServiceVersion20100801/operation/";

/// Reads a request, without looking at whether its input is valid.
pub(crate) fn route(request: &WireRequest) -> Result<Call, Unroutable> {
    let (protocol, service, operation) = addressee(request)?;
    let refused = |error| Unroutable {
        protocol,
        service: Some(service),
        operation: operation.clone(),
        error,
    };
    if Model::of(service).operation(&operation).is_none() {
        return Err(refused(unknown_operation(&operation)));
    }
    if request.method != "POST" {
        return Err(refused(
            ServiceError::new("UnknownOperationException", "AWS takes operations by POST")
                .with_status(405),
        ));
    }
    if request.header("content-type") != Some(protocol.content_type()) {
        let message = format!("the content type must be {}", protocol.content_type());
        return Err(refused(ServiceError::serialization(message)));
    }
    signed_for(service, request.header("authorization")).map_err(refused)?;
    let input = match protocol {
        Protocol::RpcV2Cbor => decode(&request.body),
        _ => serde_json::from_slice(&request.body).map_err(|error| error.to_string()),
    }
    .map_err(|problem| refused(ServiceError::serialization(problem)))?;
    Ok(Call {
        protocol,
        service,
        operation,
        input,
    })
}

fn addressee(request: &WireRequest) -> Result<(Protocol, Service, String), Unroutable> {
    let unknown = |protocol, operation: &str| Unroutable {
        protocol,
        service: None,
        operation: operation.to_owned(),
        error: unknown_operation(operation),
    };
    if let Some(operation) = request.path.strip_prefix(CBOR_PREFIX) {
        return match request.header("smithy-protocol") {
            Some("rpc-v2-cbor") => Ok((
                Protocol::RpcV2Cbor,
                Service::CloudWatch,
                operation.to_owned(),
            )),
            _ => Err(unknown(Protocol::RpcV2Cbor, &request.path)),
        };
    }
    let Some(target) = request
        .header("x-amz-target")
        .filter(|_| request.path == "/")
    else {
        let named = format!("{} {}", request.method, request.path);
        return Err(unknown(Protocol::Json11, &named));
    };
    let service = target.split_once('.').and_then(|(prefix, operation)| {
        let service = Service::ALL
            .into_iter()
            .find(|service| Model::of(*service).target_prefix == prefix)?;
        Some((service, operation.to_owned()))
    });
    match service {
        Some((service @ (Service::CloudWatch | Service::Sqs), operation)) => {
            Ok((Protocol::Json10, service, operation))
        }
        Some((service, operation)) => Ok((Protocol::Json11, service, operation)),
        None => Err(unknown(Protocol::Json11, target)),
    }
}

fn unknown_operation(operation: &str) -> ServiceError {
    let message = format!("the stand-in does not answer {operation}");
    ServiceError::new("UnknownOperationException", message).with_status(404)
}

/// The form of a Signature Version 4 header; the signature itself is not verified.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
static AUTHORIZATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "^AWS4-HMAC-SHA256 Credential=[^/,]+/[0-9]{8}/[a-z0-9-]+/([a-z0-9-]+)/aws4_request, ?\
         SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$",
    )
    .expect("a regular expression")
});

fn signed_for(service: Service, authorization: Option<&str>) -> Result<(), ServiceError> {
    let Some(header) = authorization else {
        return Err(ServiceError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    };
    let Some(signature) = AUTHORIZATION.captures(header) else {
        return Err(ServiceError::new(
            "IncompleteSignatureException",
            "Authorization header is not a Signature Version 4 header",
        ));
    };
    if &signature[1] != service.signing_name() {
        let message = format!(
            "Credential should be scoped to correct service: '{}'.",
            service.signing_name()
        );
        return Err(ServiceError::new("InvalidSignatureException", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(target: &str, scope: &str, body: &str) -> WireRequest {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260105/us-east-1/{scope}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={}",
            "0".repeat(64)
        );
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        WireRequest {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: vec![
                header("X-Amz-Target", target),
                header("Content-Type", "application/x-amz-json-1.1"),
                header("Authorization", &authorization),
            ],
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn a_well_formed_call_is_read() {
        let call =
            route(&request("AmazonSSM.GetParameter", "ssm", r#"{"Name":"a"}"#)).expect("a call");
        assert_eq!(
            (call.service, call.operation.as_str(), call.input),
            (Service::Ssm, "GetParameter", json!({"Name": "a"}))
        );
    }

    #[test]
    fn other_requests_are_refused() {
        let get = || request("AmazonSSM.GetParameter", "ssm", "{}");
        let check = |request: WireRequest, code: &str, status: u16| {
            let error = route(&request).expect_err("refused").error;
            assert_eq!((error.code.as_ref(), error.status), (code, status));
        };
        check(
            request("AmazonSSM.PutParameter", "ssm", "{}"),
            "UnknownOperationException",
            404,
        );
        check(
            request("Elsewhere.GetParameter", "ssm", "{}"),
            "UnknownOperationException",
            404,
        );
        check(
            request("AmazonSSM.GetParameter", "ssm", "{"),
            "SerializationException",
            400,
        );
        check(
            request("AmazonSSM.GetParameter", "ssm", ""),
            "SerializationException",
            400,
        );
        check(
            request("AmazonSSM.GetParameter", "sagemaker", "{}"),
            "InvalidSignatureException",
            400,
        );
        check(
            WireRequest {
                method: "PUT".into(),
                ..get()
            },
            "UnknownOperationException",
            405,
        );
        check(
            WireRequest {
                path: "/x".into(),
                ..get()
            },
            "UnknownOperationException",
            404,
        );
        let mut unsigned = get();
        unsigned.headers.pop();
        check(unsigned.clone(), "MissingAuthenticationTokenException", 400);
        unsigned
            .headers
            .push(("authorization".into(), "Basic x".into()));
        check(unsigned, "IncompleteSignatureException", 400);
        let mut untyped = get();
        untyped.headers.remove(1);
        check(untyped, "SerializationException", 400);
    }
}
