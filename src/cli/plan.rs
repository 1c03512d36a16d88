//! `plan` and `apply`.

use super::args::{Apply, Choice, Plan};
use super::connect::{Session, named};
use super::{Failure, Screen, Verdict, text};
use crate::aws::{Recorder, Recording};
use crate::core::event::Sweep;
use crate::core::report::{Outcome, Reason, Report, SweepReport, Trigger};
use crate::reconcile::Job;
use crate::sweep::{Scope, sweep};
use std::fs;
use std::path::Path;

/// The file in the folder of `--record` and `--from`.
const RECORDING: &str = "recording.json";

/// What would change and why; nothing is written.
pub(super) async fn plan(plan: Plan, screen: &Screen) -> Result<Verdict, Failure> {
    let connection = &plan.choice.connection;
    let recorder = Recorder::default();
    let session = match (&plan.from, &plan.record) {
        (Some(folder), _) => Session::replay(connection, read(folder)?)?,
        (None, Some(_)) => Session::recorded(connection, &recorder).await?,
        (None, None) => Session::open(connection).await?,
    };
    let answer = look(&session, &plan.choice, &session.job(true), screen).await?;
    if let Some(folder) = &plan.record {
        write(folder, &recorder.recording(session.now))?;
    }
    answer.print(screen)?;
    Ok(match answer.verdict() {
        Verdict::Changes if !plan.detailed_exitcode => Verdict::Done,
        verdict => verdict,
    })
}

/// The same, then does it.
pub(super) async fn apply(apply: Apply, screen: &Screen) -> Result<Verdict, Failure> {
    let session = Session::open(&apply.choice.connection).await?;
    if !apply.yes {
        let planned = look(&session, &apply.choice, &session.job(true), screen).await?;
        if planned.verdict() != Verdict::Changes {
            planned.print(screen)?;
            return Ok(planned.verdict());
        }
        planned.explain_before_asking()?;
    }
    if !Screen::agrees("Do this?", apply.yes)? {
        return Ok(Verdict::Wrong);
    }
    let done = look(&session, &apply.choice, &session.job(false), screen).await?;
    done.print(screen)?;
    Ok(match done.verdict() {
        Verdict::Changes => Verdict::Done,
        verdict => verdict,
    })
}

/// Reports of the endpoints that were named, or of a sweep over all.
enum Answer {
    Named(Vec<Report>),
    All(Box<SweepReport>),
}

async fn look(
    session: &Session,
    choice: &Choice,
    job: &Job,
    screen: &Screen,
) -> Result<Answer, Failure> {
    if choice.all {
        let job = Job {
            trigger: Trigger::Sweep,
            ..job.clone()
        };
        let scope = Scope::Requested(Sweep::default());
        let bar = screen.spinner("all endpoints of the account and Region");
        let report = Box::pin(sweep(&session.aws, &session.installation, &job, &scope)).await;
        bar.finish_and_clear();
        return Ok(Answer::All(Box::new(report)));
    }
    let mut reports = Vec::new();
    for endpoint in named(choice)? {
        reports.push(session.reconcile(&endpoint, job).await);
    }
    Ok(Answer::Named(reports))
}

impl Answer {
    fn reports(&self) -> &[Report] {
        match self {
            Self::Named(reports) => reports,
            Self::All(sweep) => &sweep.reports,
        }
    }

    fn verdict(&self) -> Verdict {
        // A name that is not there is likely misspelt: that must not pass for in sync.
        let failed = |report: &Report| {
            report.outcome == Outcome::Failed
                || !report.problems.is_empty()
                || report.reason == Some(Reason::EndpointNotFound)
        };
        let acted = [
            Outcome::Planned,
            Outcome::Configured,
            Outcome::Released,
            Outcome::Deferred,
        ];
        let unfinished = match self {
            Self::Named(_) => false,
            Self::All(sweep) => sweep.error.is_some() || sweep.missed > 0,
        };
        if unfinished || self.reports().iter().any(failed) {
            Verdict::Wrong
        } else if self
            .reports()
            .iter()
            .any(|report| acted.contains(&report.outcome))
        {
            Verdict::Changes
        } else {
            Verdict::Done
        }
    }

    fn print(&self, screen: &Screen) -> Result<(), Failure> {
        if screen.is_json() {
            return match self {
                Self::Named(reports) if reports.len() == 1 => Screen::json(&reports[0]),
                Self::Named(reports) => Screen::json(reports),
                Self::All(sweep) => Screen::json(sweep),
            };
        }
        for report in self.reports() {
            for line in text::report(report, screen.verbose, screen.quiet) {
                Screen::line(format_args!("{line}"))?;
            }
        }
        if let Self::All(sweep) = self {
            for line in text::sweep(sweep) {
                Screen::line(format_args!("{line}"))?;
            }
        }
        Ok(())
    }

    /// On standard error, like the question: standard output is for what was done.
    fn explain_before_asking(&self) -> Result<(), Failure> {
        use std::io::Write;
        let mut terminal = anstream::stderr().lock();
        for report in self.reports() {
            for line in text::report(report, false, false) {
                writeln!(terminal, "{line}")?;
            }
        }
        Ok(())
    }
}

fn read(folder: &Path) -> Result<Recording, Failure> {
    let file = folder.join(RECORDING);
    let text = fs::read_to_string(&file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

fn write(folder: &Path, recording: &Recording) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    let file = folder.join(RECORDING);
    let text = serde_json::to_string_pretty(recording)?;
    fs::write(&file, text).map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
