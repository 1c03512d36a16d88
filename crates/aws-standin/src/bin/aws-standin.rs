//! The stand-in as a server on loopback.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line"
)]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aws_standin::{Account, Standin, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

const USAGE: &str = "\
usage: aws-standin [--port 0] [--seed acts.json] [--latency-ms N] [--journal FILE.jsonl]
                   [--region us-east-1] [--account-id 111122223333] [--exit-with-parent]

Answers requests to SageMaker, Application Auto Scaling, Parameter Store, CloudWatch, SQS and the
Resource Groups Tagging API on 127.0.0.1 from an account in memory. Prints `listening on http://127.0.0.1:PORT` when it is ready.";

#[derive(Debug)]
struct Arguments {
    port: u16,
    seed: Option<PathBuf>,
    latency: Duration,
    journal: Option<PathBuf>,
    region: String,
    account_id: String,
    exit_with_parent: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            port: 0,
            seed: None,
            latency: Duration::ZERO,
            journal: None,
            region: "us-east-1".to_owned(),
            account_id: "111122223333".to_owned(),
            exit_with_parent: false,
        };
        while let Some(flag) = words.next() {
            let mut value = || words.next().ok_or(format!("{flag} needs a value"));
            let number = |text: String| {
                text.parse::<u16>()
                    .map_err(|_| format!("{flag}: {text} is not a number up to 65535"))
            };
            match flag.as_str() {
                "--port" => arguments.port = number(value()?)?,
                "--seed" => arguments.seed = Some(value()?.into()),
                "--latency-ms" => {
                    arguments.latency = Duration::from_millis(number(value()?)?.into());
                }
                "--journal" => arguments.journal = Some(value()?.into()),
                "--region" => arguments.region = value()?,
                "--account-id" => arguments.account_id = value()?,
                "--exit-with-parent" => arguments.exit_with_parent = true,
                _ => return Err(format!("{flag} is unknown")),
            }
        }
        Ok(arguments)
    }

    fn standin(&self) -> Result<Standin, String> {
        let standin = Standin::of(Account::new(&self.region, &self.account_id));
        standin.set_latency(self.latency);
        if let Some(path) = &self.journal {
            standin.append_journal_to(path);
        }
        if let Some(path) = &self.seed {
            let at = |problem: String| format!("{}: {problem}", path.display());
            let text = std::fs::read(path).map_err(|error| at(error.to_string()))?;
            let acts = serde_json::from_slice(&text).map_err(|error| at(error.to_string()))?;
            standin.play(acts).map_err(|error| at(error.to_string()))?;
        }
        Ok(standin)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("aws-standin: {problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("aws-standin: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let standin = arguments.standin()?;
    let on_signal = |kind| signal(kind).map_err(|error| error.to_string());
    let (mut terminate, mut interrupt) = (
        on_signal(SignalKind::terminate())?,
        on_signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind(("127.0.0.1", arguments.port))
        .await
        .map_err(|error| format!("port {}: {error}", arguments.port))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}");
    std::io::stdout()
        .flush()
        .map_err(|error| error.to_string())?;
    tokio::select! {
        never = serve(listener, standin) => match never {},
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = stdin_closed(), if arguments.exit_with_parent => Ok(()),
    }
}

/// Waits until nobody holds the other end of our standard input any more.
///
/// A thread of its own reads it: the runtime would wait for a read of its own
/// before it lets the process end.
async fn stdin_closed() {
    let (closed, waiting) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = closed.send(());
    });
    let _ = waiting.await;
}
