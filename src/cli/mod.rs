//! The command line: a second shell around the same pipeline as the function's.
//!
//! Modules in reading order: `args` is what it takes, `connect` how it reaches AWS, then a file
//! for each command; `text` prints reports for people. `simulate` and `recommend` share `units`,
//! `traffic`, `fleet` and `page`.

mod args;
mod connect;
mod plan;
mod status;
mod explain;
mod release;
mod disown;
mod validate;
mod units;
mod traffic;
mod fleet;
mod simulate;
mod recommend;
mod page;
mod text;

use args::{Cli, Command, Document, Output};
use clap::{CommandFactory, Parser};
use serde::Serialize;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Why a command could not be done.
#[derive(Debug)]
struct Failure {
    message: String,
    verdict: Verdict,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            verdict: Verdict::Wrong,
        }
    }

    /// The command line asks for what does not go together.
    fn usage(message: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Usage,
            message: format!("{}\n\nFor more information, try '--help'.", message.into()),
        }
    }

    fn of_file(file: &Path, error: impl fmt::Display) -> Self {
        Self::new(format!("{}: {error}", file.display()))
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.to_string())
    }
}

/// What the process answers: its exit code says the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Done = 0,
    Wrong = 1,
    Changes = 2,
    Missed = 3,
    Usage = 64,
}

/// Does what the command line says.
pub async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let is_help = !error.use_stderr();
            // Nothing is left to tell anybody when the terminal is gone.
            let _ = error.print();
            let verdict = if is_help {
                Verdict::Done
            } else {
                Verdict::Usage
            };
            return ExitCode::from(verdict as u8);
        }
    };
    let screen = Screen {
        output: cli.output,
        quiet: cli.quiet,
        verbose: cli.verbose,
    };
    let verdict = match run(cli.command, &screen).await {
        Ok(verdict) => verdict,
        Err(failure) => {
            if !failure.message.is_empty() {
                Screen::complain(&failure.message);
            }
            failure.verdict
        }
    };
    ExitCode::from(verdict as u8)
}

async fn run(command: Command, screen: &Screen) -> Result<Verdict, Failure> {
    match command {
        Command::Plan(plan) => Box::pin(plan::plan(plan, screen)).await,
        Command::Apply(apply) => Box::pin(plan::apply(apply, screen)).await,
        Command::Status(choice) => Box::pin(status::status(choice, screen)).await,
        Command::Explain(explain) => Box::pin(explain::explain(explain, screen)).await,
        Command::Release(release) => Box::pin(release::release(release, screen)).await,
        Command::Disown(disown) => Box::pin(disown::disown(disown, screen)).await,
        Command::Validate(validate) => validate::validate(&validate, screen),
        Command::Simulate(simulate) => Box::pin(simulate::simulate(*simulate, screen)).await,
        Command::Recommend(recommend) => Box::pin(recommend::recommend(*recommend, screen)).await,
        Command::Schema { document } => {
            let schema = match document {
                Document::Profile => crate::core::document::schema(),
                Document::Limits => crate::core::document::limits_schema(),
            };
            Screen::json(&schema)?;
            Ok(Verdict::Done)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                shell,
                &mut Cli::command(),
                "endpoint-autoscaler",
                &mut script,
            );
            Screen::line(format_args!("{}", String::from_utf8_lossy(&script)))?;
            Ok(Verdict::Done)
        }
    }
}

/// Whoever reads may have seen enough: `| head` is no failure.
fn told(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure {
            message: String::new(),
            verdict: Verdict::Done,
        }),
        written => Ok(written?),
    }
}

/// Where answers, complaints and questions go. Colour only on a terminal, and never with
/// `NO_COLOR`: `anstream` sees to it.
struct Screen {
    output: Output,
    quiet: bool,
    verbose: bool,
}

impl Screen {
    fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    fn line(line: fmt::Arguments<'_>) -> Result<(), Failure> {
        told(writeln!(anstream::stdout().lock(), "{line}"))
    }

    fn json(value: &impl Serialize) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from);
        told(
            written
                .and_then(|()| writeln!(out))
                .and_then(|()| out.flush()),
        )
    }

    fn complain(message: &str) {
        let red = anstyle::AnsiColor::Red.on_default().bold();
        // Nothing is left to tell anybody when the terminal is gone.
        let _ = writeln!(anstream::stderr().lock(), "{red}error:{red:#} {message}");
    }

    /// Asks on a terminal; elsewhere `--yes` has to say so beforehand.
    fn agrees(question: &str, yes: bool) -> Result<bool, Failure> {
        if yes {
            return Ok(true);
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::new(
                "there is no terminal to ask on: say --yes".to_owned(),
            ));
        }
        write!(anstream::stderr().lock(), "{question} [y/N] ")?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()))
    }

    /// A sign of life for long work of unknown length, on a terminal only.
    fn spinner(&self, doing: &'static str) -> indicatif::ProgressBar {
        let bar = self.progress(0);
        bar.set_style(indicatif::ProgressStyle::default_spinner());
        bar.set_message(doing);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// A bar for long work, on a terminal only.
    fn progress(&self, length: usize) -> indicatif::ProgressBar {
        if self.quiet || self.is_json() || !io::stderr().is_terminal() {
            return indicatif::ProgressBar::hidden();
        }
        indicatif::ProgressBar::new(length as u64)
    }
}
