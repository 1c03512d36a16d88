//! Clients and installation from options, environment and AWS's configuration files.

use super::Failure;
use super::args::{Choice, Connection};
use crate::aws::{Aws, Pace, Recorder, Recording, Replay, http_client, observe};
use crate::core::event::Hints;
use crate::core::installation::Installation;
use crate::core::name::EndpointName;
use crate::core::observation::Observation;
use crate::core::report::{Report, Trigger};
use crate::reconcile::{Job, reconcile};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_types::SdkConfig;
use jiff::Timestamp;
use std::error::Error as _;
use std::time::Duration;
use tokio::time::Instant;

/// A person waits longer than Lambda does.
const PATIENCE: Duration = Duration::from_hours(1);

/// What every command works with.
pub(super) struct Session {
    pub(super) aws: Aws,
    pub(super) installation: Installation,
    pub(super) now: Timestamp,
}

impl Session {
    pub(super) async fn open(connection: &Connection) -> Result<Self, Failure> {
        Self::open_with(connection, Aws::new).await
    }

    /// The same, with somebody listening.
    pub(super) async fn recorded(
        connection: &Connection,
        recorder: &Recorder,
    ) -> Result<Self, Failure> {
        Self::open_with(connection, |config| Aws::recorded(config, recorder)).await
    }

    async fn open_with(
        connection: &Connection,
        clients: impl Fn(&SdkConfig) -> Aws,
    ) -> Result<Self, Failure> {
        let installation = installation(connection)?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client());
        if let Some(region) = &connection.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &connection.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(url) = &connection.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        if config.region().is_none() {
            let ways = "there is no AWS Region: give --region, set AWS_REGION, or name a profile that has one";
            return Err(Failure::new(ways.to_owned()));
        }
        credentials(&config, connection).await?;
        Ok(Self {
            aws: clients(&config),
            installation,
            now: Timestamp::now(),
        })
    }

    /// Works on a recording; no account, credentials or network are needed.
    pub(super) fn replay(connection: &Connection, recording: Recording) -> Result<Self, Failure> {
        let nobody = Credentials::new("recorded", "recorded", None, None, "recording");
        let now = recording.now;
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(nobody))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SystemTimeSource::new())
            .http_client(Replay::new(recording))
            .build();
        Ok(Self {
            aws: Aws::new(&config),
            installation: installation(connection)?,
            now,
        })
    }

    /// Brings one endpoint to its desired state, or shows how.
    pub(super) async fn reconcile(&self, endpoint: &EndpointName, job: &Job) -> Report {
        Box::pin(reconcile(
            &self.aws,
            &self.installation,
            job,
            endpoint,
            &Hints::default(),
        ))
        .await
    }

    /// One look at an endpoint.
    pub(super) async fn observe(&self, endpoint: &EndpointName) -> Result<Observation, Failure> {
        Ok(observe(
            &self.aws,
            &self.installation,
            endpoint,
            &Hints::default(),
            self.now,
        )
        .await?)
    }

    /// An endpoint and what is held for it, whatever its status.
    pub(super) async fn held_by(
        &self,
        endpoint: &EndpointName,
    ) -> Result<Option<Observation>, Failure> {
        Ok(self.aws.held_by(endpoint, self.now).await?)
    }

    /// Where `DRY_RUN` is set, nothing is written, and a command that only writes is none.
    pub(super) fn may_write(&self) -> Result<(), Failure> {
        if self.installation.dry_run {
            return Err(Failure::new("DRY_RUN=true: nothing is written".to_owned()));
        }
        Ok(())
    }

    pub(super) fn job(&self, dry_run: bool) -> Job {
        Job {
            trigger: Trigger::Direct,
            dry_run: dry_run || self.installation.dry_run,
            force: false,
            may_disrupt: true,
            now: self.now,
            deadline: Instant::now() + PATIENCE,
            pace: Pace::unlimited(),
        }
    }
}

/// Asked for once before any call, whose error would speak of the network.
async fn credentials(config: &SdkConfig, connection: &Connection) -> Result<(), Failure> {
    let provider = config.credentials_provider();
    let found = match &provider {
        Some(provider) => provider.provide_credentials().await.map(drop),
        None => Ok(()),
    };
    let Err(error) = found else { return Ok(()) };
    let profile = match &connection.profile {
        Some(profile) => format!("profile {profile} has none that work"),
        None => "name a --profile, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY"
            .to_owned(),
    };
    let why = error.source().map(ToString::to_string).unwrap_or_default();
    let why = why
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches(". Attempted:");
    Err(Failure::new(format!(
        "there are no AWS credentials: {profile} ({why})"
    )))
}

/// The same variables as the function's, and options over some of them. A queue is for the
/// function: work of a person is done here and now.
fn installation(connection: &Connection) -> Result<Installation, Failure> {
    let option = |name: &str| match name {
        "MANAGED_BY" => connection.managed_by.clone(),
        "PARAMETER_PREFIX" => connection.parameter_prefix.clone(),
        "TAG_PREFIX" => connection.tag_prefix.clone(),
        "QUEUE_URL" => Some(String::new()),
        _ => None,
    };
    Installation::from_variables(|name| option(name).or_else(|| std::env::var(name).ok()))
        .map_err(|problems| Failure::new(problems.join("; ")))
}

/// The endpoints that were named, checked.
pub(super) fn named(choice: &Choice) -> Result<Vec<EndpointName>, Failure> {
    let names = choice.endpoints.iter();
    names
        .map(|name| {
            EndpointName::new(name).map_err(|error| Failure::usage(format!("ENDPOINT {error}")))
        })
        .collect()
}

/// The endpoints that were named, or all.
pub(super) async fn chosen(
    session: &Session,
    choice: &Choice,
) -> Result<Vec<EndpointName>, Failure> {
    if choice.all {
        let mut names = session.aws.endpoint_names().await?;
        names.sort();
        Ok(names)
    } else {
        named(choice)
    }
}
