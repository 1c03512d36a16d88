//! `release`: gives endpoints back before an update that AWS refuses on registered variants, or
//! before a deletion by somebody who may not deregister.

use super::args::Release;
use super::connect::{Session, chosen};
use super::{Failure, Screen, Verdict, text};
use crate::core::name::EndpointName;
use crate::core::report::{Outcome, Reason, Report};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks: a target that sleeps at zero is first raised, which takes AWS minutes.
const PAUSE: Duration = Duration::from_secs(10);

/// Holds and releases.
pub(super) async fn release(release: Release, screen: &Screen) -> Result<Verdict, Failure> {
    let session = Session::open(&release.apply.choice.connection).await?;
    session.may_write()?;
    let endpoints = chosen(&session, &release.apply.choice).await?;
    let question = format!(
        "Release {} endpoint(s) and hold them on their current configuration?",
        endpoints.len()
    );
    if !Screen::agrees(&question, release.apply.yes)? {
        return Ok(Verdict::Wrong);
    }
    let bar = screen.progress(endpoints.len());
    let mut reports = Vec::new();
    let mut left = Vec::new();
    for endpoint in endpoints {
        let patience = Instant::now() + Duration::from_secs(release.timeout);
        let released = release_one(&session, &endpoint, patience).await?;
        reports.push(released.report);
        left.extend(released.left);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if screen.is_json() {
        Screen::json(&reports)?;
    } else {
        for line in reports
            .iter()
            .flat_map(|report| text::report(report, screen.verbose, screen.quiet))
        {
            Screen::line(format_args!("{line}"))?;
        }
    }
    if left.is_empty() {
        return Ok(Verdict::Done);
    }
    let managed_by = &session.installation.managed_by;
    Err(Failure::new(format!(
        "still registered, so that AWS refuses what changes an instance type or removes a variant: {}. Whoever registered it \
         (Terraform, or another installation than {managed_by}: --managed-by) has to give it back",
        left.join(", ")
    )))
}

struct Released {
    report: Report,
    /// What is registered all the same.
    left: Vec<String>,
}

async fn release_one(
    session: &Session,
    endpoint: &EndpointName,
    patience: Instant,
) -> Result<Released, Failure> {
    let found = session.aws.arn_and_config(endpoint).await?;
    let (arn, config) =
        found.ok_or_else(|| Failure::new(format!("there is no endpoint {endpoint}")))?;
    session
        .aws
        .tag_endpoint(&arn, &session.installation.tag("hold"), &config)
        .await?;
    loop {
        let report = session.reconcile(endpoint, &session.job(false)).await;
        let held = session.held_by(endpoint).await?.map(|seen| seen.scaling);
        let left = held.unwrap_or_default().into_keys();
        let left: Vec<_> = left.map(|id| id.resource.to_string()).collect();
        let passes = report.outcome == Outcome::Deferred
            || report.reason == Some(Reason::EndpointNotInService);
        if left.is_empty() || !passes || Instant::now() + PAUSE > patience {
            return Ok(Released { report, left });
        }
        sleep(PAUSE).await;
    }
}
