//! A strict stand-in for the AWS operations that endpoint-autoscaler calls.
//!
//! A test instrument, never part of what is shipped. [`Account`] is an AWS
//! account in memory; [`Standin`] puts it behind AWS's wire protocols, in process
//! or, with [`serve`], behind a socket. Where AWS forgives, the stand-in refuses:
//! a client that passes here should not meet a surprise there.
//!
//! The modules in reading order:
//!
//! - `service`, `error`, `model`: services, errors, AWS's official API models;
//! - `wire`: requests and answers in AWS's protocols;
//! - `identity`, `paging`: what AWS hands out, and listings in pages;
//! - `account`: all state, and the clock;
//! - `sagemaker`, `autoscaling`, `cloudwatch`, `ssm`, `tagging`, `sqs`, `event`:
//!   what AWS does;
//! - `act`: what deployers, people and AWS itself do to an account;
//! - `fault`, `journal`: what goes wrong, and what was asked for;
//! - `standin`, `control`, `server`: all of it together.

mod account;
mod act;
mod autoscaling;
mod cloudwatch;
mod control;
mod error;
mod event;
mod fault;
mod identity;
mod journal;
mod model;
mod paging;
mod sagemaker;
mod server;
mod service;
mod sqs;
mod ssm;
mod standin;
mod tagging;
#[cfg(test)]
mod testing;
mod wire;

pub use account::Account;
pub use act::{Act, ActError, RuntimeConfig};
pub use control::control;
pub use fault::{Fault, FaultRule, RateLimit, UsualFault};
pub use journal::{Actor, JournalEntry};
pub use sagemaker::EndpointStatus;
pub use server::serve;
pub use service::Service;
pub use ssm::ParameterType;
pub use standin::Standin;
pub use wire::{WireOutcome, WireRequest, WireResponse};
