//! `explain`: every setting with its source, and an answer to "why did nothing happen?".

use super::args::Explain;
use super::connect::Session;
use super::{Failure, Screen, Verdict, text};
use crate::core::name::EndpointName;
use crate::core::report::{Outcome, Reason, Report};

/// Explains one endpoint.
pub(super) async fn explain(explain: Explain, screen: &Screen) -> Result<Verdict, Failure> {
    let endpoint = EndpointName::new(&explain.endpoint)
        .map_err(|error| Failure::usage(format!("ENDPOINT {error}")))?;
    let session = Session::open(&explain.connection).await?;
    let report = session.reconcile(&endpoint, &session.job(true)).await;
    if screen.is_json() {
        Screen::json(&report)?;
    } else {
        for line in text::report(&report, true, false) {
            Screen::line(format_args!("{line}"))?;
        }
        Screen::line(format_args!("\n{}", conclusion(&report)))?;
    }
    let missing = report.reason == Some(Reason::EndpointNotFound);
    Ok(if missing || report.outcome == Outcome::Failed {
        Verdict::Wrong
    } else {
        Verdict::Done
    })
}

fn conclusion(report: &Report) -> String {
    match (report.outcome, report.reason) {
        (Outcome::Unchanged, _) => "Nothing to do: what is held is what is wanted.".to_owned(),
        (Outcome::Planned, _) => "The next event or sweep does what is planned above.".to_owned(),
        (Outcome::Failed, _) => "AWS refused a read; nothing was decided.".to_owned(),
        (_, Some(Reason::InvalidConfiguration)) => {
            "Nothing is done until every problem above is put right.".to_owned()
        }
        (_, Some(reason)) => format!("Nothing is done: {}.", reason.explanation()),
        _ => "Nothing is done; the reason stands beside each target above.".to_owned(),
    }
}
