//! A whole AWS account in process: the stand-in behind the SDK's HTTP interface, on tokio's clock.
//!
//! Without a socket, so that a paused clock makes latency, retries and deadlines cost no real time.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_standin::{Standin, WireOutcome, WireRequest};
use aws_types::SdkConfig;
use aws_types::region::Region;
use endpoint_autoscaler::aws::Aws;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tokio::time::{Instant, sleep};

/// The SDK's clients over an account.
pub(crate) fn clients(standin: &Standin) -> Aws {
    // The SDK keeps retry quotas and the rate of adaptive retries per service and Region, for the
    // whole process: one test's throttling must not slow down another test.
    static REGIONS: AtomicUsize = AtomicUsize::new(0);
    let region = format!("test-region-{}", REGIONS.fetch_add(1, Ordering::Relaxed));
    let keys = Credentials::from_keys("test", "test", None);
    let config = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .time_source(TokioClock::default())
        .http_client(Wire(standin.clone()))
        .build();
    Aws::new(&config)
}

/// Adaptive retries ask the clock on the wall how many tokens they have again, and sleep by
/// tokio's: with only the latter paused they would spin until real time has passed.
#[derive(Debug)]
struct TokioClock {
    began: SystemTime,
    beginning: Instant,
}

impl Default for TokioClock {
    fn default() -> Self {
        Self {
            began: SystemTime::now(),
            beginning: Instant::now(),
        }
    }
}

impl TimeSource for TokioClock {
    fn now(&self) -> SystemTime {
        self.began + self.beginning.elapsed()
    }
}

/// Hands requests to the stand-in.
#[derive(Clone, Debug)]
struct Wire(Standin);

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let standin = self.0.clone();
        HttpConnectorFuture::new(async move {
            let latency = standin.latency();
            if latency > Duration::ZERO {
                sleep(latency).await;
            }
            match standin.respond(&on_the_wire(&request)) {
                WireOutcome::Response(answer) => {
                    let body = SdkBody::from(answer.body);
                    let status = answer.status.try_into().expect("an HTTP status");
                    let mut response = HttpResponse::new(status, body);
                    for (name, value) in answer.headers {
                        response.headers_mut().insert(name, value);
                    }
                    Ok(response)
                }
                WireOutcome::ConnectionReset => {
                    Err(ConnectorError::io("connection reset by peer".into()))
                }
                WireOutcome::NoAnswer => pending().await,
            }
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn on_the_wire(request: &HttpRequest) -> WireRequest {
    let uri = request.uri();
    let after_scheme = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("/", |at| &after_scheme[at..]);
    let headers = request.headers().iter();
    WireRequest {
        method: request.method().to_owned(),
        path: path.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: request.body().bytes().unwrap_or_default().to_vec(),
    }
}
