//! The command line's process.

use endpoint_autoscaler::cli;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    cli::main().await
}
