//! Keeps what AWS answered, and answers from what was kept: a bug report that is a test.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// What AWS answered in one run. Requests are kept without headers, so that no credentials are in
/// it; the answers are whole, contents of `SecureString` parameters included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// When it was asked.
    pub now: Timestamp,
    /// Questions and answers, in the order of the answers.
    pub exchanges: Vec<Exchange>,
}

/// A question to AWS and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Such as `SageMaker.DescribeEndpoint`.
    pub operation: String,
    /// What was asked.
    pub request: Body,
    /// HTTP status of the answer.
    pub status: u16,
    /// What was answered.
    pub response: Body,
}

/// JSON as it is; anything else (CloudWatch speaks CBOR) in base 64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    /// JSON.
    Json(Value),
    /// Other bytes.
    Base64(String),
}

impl Body {
    fn of(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes)
            .map_or_else(|_| Self::Base64(base64::encode(bytes)), Self::Json)
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Base64(text) => base64::decode(text).unwrap_or_default(),
        }
    }
}

/// JSON protocols name the operation in a header, CloudWatch's in the path.
fn operation(request: &HttpRequest) -> String {
    let target = request.headers().get("x-amz-target");
    let path = || {
        request
            .uri()
            .rsplit('/')
            .next()
            .map(|name| format!("CloudWatch.{name}"))
    };
    target.map(str::to_owned).or_else(path).unwrap_or_default()
}

fn bytes(body: &SdkBody) -> &[u8] {
    body.bytes().unwrap_or_default()
}

/// Listens to every call of the clients that it is given to.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Exchange>>>);

impl Recorder {
    /// What was heard so far.
    #[must_use]
    pub fn recording(&self, now: Timestamp) -> Recording {
        let exchanges = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Recording { now, exchanges }
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        config.interceptor_state().store_put(Asked {
            operation: operation(request),
            request: Body::of(bytes(request.body())),
        });
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Asked { operation, request }) = config.load::<Asked>().cloned() {
            let response = context.response();
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(Exchange {
                    operation,
                    request,
                    status: response.status().as_u16(),
                    response: Body::of(bytes(response.body())),
                });
        }
        Ok(())
    }
}

/// A request is gone when its answer is there.
#[derive(Clone, Debug)]
struct Asked {
    operation: String,
    request: Body,
}

impl Storable for Asked {
    type Storer = StoreReplace<Self>;
}

/// Answers from a recording. What is not in it is refused like an operation that AWS does not know.
#[derive(Clone, Debug)]
pub struct Replay(Arc<Recording>);

impl Replay {
    /// Answers from `recording`.
    #[must_use]
    pub fn new(recording: Recording) -> Self {
        Self(Arc::new(recording))
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let operation = operation(request);
        let asked = Body::of(bytes(request.body()));
        // The last: the first answers may have been those of attempts that AWS throttled.
        let mut exchanges = self.0.exchanges.iter().rev();
        let found = exchanges.find(|known| known.operation == operation && known.request == asked);
        let (status, body) = found.map_or_else(
            || (501, format!(r#"{{"__type": "NotRecorded", "message": "{operation} was not asked so when this was recorded"}}"#).into_bytes()),
            |known| (known.status, known.response.bytes()),
        );
        let status = StatusCode::try_from(status)
            .unwrap_or_else(|_| unreachable!("it was a status when it was recorded"));
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        if operation.starts_with("CloudWatch.") {
            response
                .headers_mut()
                .insert("smithy-protocol", "rpc-v2-cbor");
        }
        response
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Ok(self.answer(&request)))
    }
}

impl HttpClient for Replay {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
