//! Everything that needs the SDK or the repository around the code, in one binary: each test
//! binary links the whole SDK.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail the test, as unwrap in a test does"
)]
#![allow(
    clippy::print_stdout,
    reason = "figures, which `--nocapture` shows and the output of tests hides"
)]

mod account;
mod acts;
mod world;
mod state;
mod faults;
mod sweeps;
mod histories;
mod scenarios;
mod edge;
mod template;
mod tidy;
