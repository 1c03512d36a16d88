//! Where a value came from, and what is wrong with it.

use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Our own defaults.
    BuiltIn,
    /// The bounds an adopted target already had.
    AdoptedTarget,
    /// An SSM parameter.
    Parameter {
        /// Its name.
        name: String,
        /// A `SecureString`, whose content is never shown.
        secure: bool,
    },
    /// A tag of the endpoint.
    Tag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in default"),
            Self::AdoptedTarget => f.write_str("adopted target"),
            Self::Parameter { name, .. } => write!(f, "parameter {name}"),
            Self::Tag(key) => write!(f, "tag {key}"),
        }
    }
}

impl Source {
    /// Whether what it says may be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Parameter { secure: true, .. })
    }

    /// One of its values for a message, unless that is a secret.
    #[must_use]
    pub fn shown(&self, value: impl fmt::Display) -> String {
        if self.is_secret() {
            SECRET.to_owned()
        } else {
            value.to_string()
        }
    }
}

/// What stands for a value of a `SecureString`.
pub const SECRET: &str = "(SecureString)";

impl Serialize for Source {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sourced<T> {
    /// The value in force.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// A value from `source`.
    pub fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// A value of our own.
    pub fn built_in(value: T) -> Self {
        Self::new(value, Source::BuiltIn)
    }
}

/// One thing that is wrong in a tag or a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Where the value stands.
    pub source: Source,
    /// Path inside the document; empty for a tag.
    pub path: String,
    /// The offending value, clipped when long.
    pub value: Value,
    /// The rule that is broken and the range that is allowed.
    pub message: String,
}

impl Problem {
    /// Clips long values, so that a hostile document cannot flood the log.
    pub fn new(
        source: Source,
        path: impl Into<String>,
        value: &Value,
        message: impl Into<String>,
    ) -> Self {
        let text = value.to_string();
        let value = if source.is_secret() {
            Value::from(SECRET)
        } else if text.len() <= 200 {
            value.clone()
        } else {
            Value::from(format!("{}…", text.chars().take(200).collect::<String>()))
        };
        Self {
            source,
            path: path.into(),
            value,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.path.is_empty() { "" } else { ", " };
        write!(
            f,
            "{}{separator}{}: {} (got {})",
            self.source, self.path, self.message, self.value
        )
    }
}

/// The candidate that was probably meant, if one is close enough.
#[must_use]
pub fn suggestion<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| {
            let likeness = strsim::jaro_winkler(&typed.to_lowercase(), &candidate.to_lowercase());
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean `x`?)`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    suggestion(typed, candidates)
        .map(|meant| format!(" (did you mean `{meant}`?)"))
        .unwrap_or_default()
}
