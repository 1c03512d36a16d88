//! All there is of AWS: the only module that names an SDK crate.

mod apply;
mod calls;
mod convert;
mod hints;
mod observe;
mod owner;
pub mod permissions;
mod queue;
mod read;
mod record;
mod retry;
mod survey;
mod write;

pub use apply::{Pace, apply};
pub use calls::counted;
pub use observe::{
    ComponentLook, observe, observe_component, observe_more, observe_retiring, spelling,
};
pub use owner::Activity;
pub use record::{Recorder, Recording, Replay};
pub use survey::{Gone, Listed, Survey, survey};

use crate::core::fault::{CallError, NO_ANSWER};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_applicationautoscaling::config::BehaviorVersion;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::sync::Arc;
use std::time::Duration;

/// The clients, built once per process.
#[derive(Clone, Debug)]
pub struct Aws {
    sagemaker: aws_sdk_sagemaker::Client,
    scaling: aws_sdk_applicationautoscaling::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    ssm: aws_sdk_ssm::Client,
    sqs: aws_sdk_sqs::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
    hints: Arc<hints::Memory>,
    config: SdkConfig,
    recorder: Option<Recorder>,
}

impl Aws {
    /// Clients for the environment that Lambda gives a function ("Using Lambda environment
    /// variables"): its credentials last as long as the process, so that none of the SDK's chain of
    /// credential sources is needed, which would be most of the time of a cold start.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn from_lambda(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let needed =
            |name: &str| given(name).ok_or_else(|| format!("{name} is not set, which Lambda sets"));
        let is_true =
            |name: &str| given(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let credentials = Credentials::new(
            needed("AWS_ACCESS_KEY_ID")?,
            needed("AWS_SECRET_ACCESS_KEY")?,
            given("AWS_SESSION_TOKEN"),
            None,
            "LambdaEnvironment",
        );
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(needed("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SystemTimeSource::new())
            .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
            .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"));
        config.set_endpoint_url(given("AWS_ENDPOINT_URL"));
        Ok(Self::new(&config.build()))
    }

    /// Clients over `config`, with our own judgement of errors on top of the SDK's.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self::build(config, None, &RetryConfig::standard())
    }

    /// The same, with somebody listening.
    #[must_use]
    pub fn recorded(config: &SdkConfig, recorder: &Recorder) -> Self {
        Self::build(config, Some(recorder), &RetryConfig::standard())
    }

    /// The same for many calls one after another: where AWS throttles, these clients slow down by
    /// themselves, which keeps a sweep from answering throttling with a storm. For a single
    /// endpoint that would be dear: one throttled call would cost it half a minute.
    #[must_use]
    pub fn for_many_calls(&self) -> Self {
        let adaptive = RetryConfig::adaptive();
        Self {
            hints: Arc::clone(&self.hints),
            ..Self::build(&self.config, self.recorder.as_ref(), &adaptive)
        }
    }

    fn build(config: &SdkConfig, recorder: Option<&Recorder>, retries: &RetryConfig) -> Self {
        // Lambda's own deadline bounds the whole; these keep one dead connection from eating it.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(10))
            .build();
        let config = config
            .to_builder()
            .retry_config(retries.clone().with_max_attempts(5))
            .timeout_config(timeouts)
            .build();
        let mut interceptors = vec![SharedInterceptor::new(calls::Count)];
        interceptors.extend(recorder.cloned().map(SharedInterceptor::new));
        macro_rules! client {
            ($service:ident) => {
                client!($service, $service::config::Builder::from(&config))
            };
            ($service:ident, $builder:expr) => {{
                let mut builder = $builder;
                for interceptor in &interceptors {
                    builder.push_interceptor(interceptor.clone());
                }
                $service::Client::from_conf(builder.build())
            }};
        }
        let scaling = aws_sdk_applicationautoscaling::config::Builder::from(&config);
        Self {
            sagemaker: client!(aws_sdk_sagemaker),
            scaling: client!(aws_sdk_applicationautoscaling, retry::judged(scaling)),
            cloudwatch: client!(aws_sdk_cloudwatch),
            ssm: client!(aws_sdk_ssm),
            sqs: client!(aws_sdk_sqs),
            tagging: client!(aws_sdk_resourcegroupstagging),
            hints: Arc::default(),
            recorder: recorder.cloned(),
            config,
        }
    }
}

/// The one HTTP client under all service clients.
#[must_use]
pub fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

/// An error and what caused it, without the SDK's dump of everything it knows.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

/// Whether an operation was done, where its answer says nothing more.
fn done<T, E>(
    operation: &'static str,
    sent: Result<T, SdkError<E, HttpResponse>>,
) -> Result<(), CallError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    sent.map(drop)
        .map_err(|error| call_error(operation, &error))
}

/// What AWS said, or that it said nothing, as the core understands it.
fn call_error<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if let Some(code) = error.code() {
        let message = error.message().unwrap_or_default().to_owned();
        return CallError {
            operation,
            code: code.to_owned(),
            message,
        };
    }
    let server_fault = error
        .raw_response()
        .is_none_or(|response| response.status().is_server_error());
    let code = if server_fault { NO_ANSWER } else { "Unknown" };
    CallError {
        operation,
        code: code.to_owned(),
        message: chain(error),
    }
}
