//! What is wrong with a trace.

use serde::Serialize;
use std::fmt;

/// So many problems are shown; a file of the wrong kind has one in every line.
pub(super) const SHOWN: usize = 20;

/// One thing that is wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TraceProblem {
    /// Line of a CSV file from 1 on, or index of a JSON value from 0 on.
    pub line: usize,
    /// Column of a CSV file, or path of a JSON value.
    pub column: String,
    /// The offending value, clipped when long.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl fmt::Display for TraceProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            value,
            rule,
        } = self;
        write!(f, "line {line}, {column}: `{value}` {rule}")
    }
}

/// A trace that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct TraceError {
    /// The first problems.
    pub problems: Vec<TraceProblem>,
    /// How many more there are.
    pub more: usize,
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl TraceError {
    pub(super) fn push(&mut self, line: usize, column: &str, value: &str, rule: impl Into<String>) {
        const LONGEST: usize = 60;
        if self.problems.len() == SHOWN {
            self.more += 1;
            return;
        }
        let clipped = match value.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &value[..end]),
            None => value.to_owned(),
        };
        self.problems.push(TraceProblem {
            line,
            column: column.to_owned(),
            value: clipped,
            rule: rule.into(),
        });
    }

    pub(super) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}
