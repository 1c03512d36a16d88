//! Gives every SageMaker endpoint automatic scaling as soon as it is deployed.
//!
//! ```text
//! event ─▶ core::event      where to look
//!            │ aws::observe   all reads, in as few waves of parallel calls as the data allows
//!            ▼
//!          core::observation
//! ─ ─ ─ ─ ─ ─│─ ─ pure from here: the crate `endpoint-autoscaler-core` knows no AWS SDK ─ ─
//!            ▼ core::settings  every value with its source
//!            ▼ core::desire    desired scaling, or a reason, per target
//!            ▼ core::plan      ordered calls
//! ─ ─ ─ ─ ─ ─│─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─
//!            ▼ aws::apply      one call per action, no decisions
//!            ▼ core::report
//! ```
//!
//! Modules in reading order: [`reconcile`] is the loop for one endpoint, [`sweep`] for many;
//! [`aws`] is all there is of AWS; [`lambda`] is the function around it, [`cli`] the command line.

pub use endpoint_autoscaler_core as core;

pub mod reconcile;
pub mod sweep;
pub mod aws;
pub mod metrics;
pub mod lambda;
pub mod cli;
