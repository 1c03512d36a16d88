//! Reads a report's JSON from standard input and writes its page to standard output.

use endpoint_autoscaler_report::{Report, html};
use std::io::{Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match render() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "report-page: {error}");
            ExitCode::FAILURE
        }
    }
}

fn render() -> Result<(), Box<dyn std::error::Error>> {
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let report: Report = serde_json::from_str(&json)?;
    std::io::stdout().write_all(html(&report).as_bytes())?;
    Ok(())
}
