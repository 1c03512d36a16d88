//! What cannot be simulated, and why.

use serde::Serialize;
use std::fmt;

/// Something that was given and cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{path}: {rule} (got {value})")]
pub struct Refusal {
    /// Where it was given.
    pub path: String,
    /// What was given.
    pub value: String,
    /// The rule that it breaks, and what is possible.
    pub rule: String,
}

impl Refusal {
    pub(crate) fn new(
        path: impl Into<String>,
        value: impl fmt::Display,
        rule: impl Into<String>,
    ) -> Self {
        Self {
            path: path.into(),
            value: value.to_string(),
            rule: rule.into(),
        }
    }
}
