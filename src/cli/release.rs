//! `release`: gives endpoints back before an update that AWS refuses on registered variants, or
//! before a deletion by somebody who may not deregister.

use super::args::Release;
use super::connect::{Session, chosen};
use super::{Failure, Screen, Verdict, text};
use crate::core::name::EndpointName;
use crate::core::report::{Outcome, Report};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks: a target that sleeps at zero is first raised, which takes AWS minutes.
const PAUSE: Duration = Duration::from_secs(10);

/// Holds and releases.
pub(super) async fn release(release: Release, screen: &Screen) -> Result<Verdict, Failure> {
    let session = Session::open(&release.apply.choice.connection).await?;
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
    for endpoint in endpoints {
        let patience = Instant::now() + Duration::from_secs(release.timeout);
        reports.push(release_one(&session, &endpoint, patience).await?);
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
    let unfinished =
        |report: &Report| [Outcome::Failed, Outcome::Deferred].contains(&report.outcome);
    Ok(if reports.iter().any(unfinished) {
        Verdict::Wrong
    } else {
        Verdict::Done
    })
}

async fn release_one(
    session: &Session,
    endpoint: &EndpointName,
    patience: Instant,
) -> Result<Report, Failure> {
    let found = session.aws.arn_and_config(endpoint).await?;
    let (arn, config) =
        found.ok_or_else(|| Failure::new(format!("there is no endpoint {endpoint}")))?;
    session
        .aws
        .tag_endpoint(&arn, &session.installation.tag("hold"), &config)
        .await?;
    loop {
        let report = session.reconcile(endpoint, &session.job(false)).await;
        if report.outcome != Outcome::Deferred || Instant::now() + PAUSE > patience {
            return Ok(report);
        }
        sleep(PAUSE).await;
    }
}
