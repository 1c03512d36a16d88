//! The traffic: requests minute by minute, and other metrics that were recorded beside them.

mod cloudwatch;
mod csv;
mod minutes;
mod problem;

pub use problem::{TraceError, TraceProblem};

use jiff::{SignedDuration, Timestamp};

/// Requests minute by minute from a start on.
///
/// ```
/// use endpoint_autoscaler_simulator::Trace;
///
/// let trace = Trace::from_csv("timestamp,invocations\n2026-03-02T08:00:00Z,120\n")?;
/// assert_eq!(trace.requests(), [120.0]);
/// # Ok::<(), endpoint_autoscaler_simulator::TraceError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    start: Timestamp,
    requests: Vec<f64>,
    columns: Vec<Column>,
}

/// A metric beside the requests; NaN where it has no value.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    values: Vec<f64>,
}

/// Values that are missing in both are equal.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.values.len() == other.values.len()
            && self
                .values
                .iter()
                .zip(&other.values)
                .all(|(mine, theirs)| mine == theirs || (mine.is_nan() && theirs.is_nan()))
    }
}

impl Trace {
    /// Requests of one minute after the other. A start within a minute counts as its beginning;
    /// what is not a number from 0 on counts as no requests.
    #[must_use]
    pub fn new(start: Timestamp, requests: Vec<f64>) -> Self {
        let seconds = start.as_second().div_euclid(60) * 60;
        let mut requests = requests;
        for value in &mut requests {
            if !(value.is_finite() && *value > 0.0) {
                *value = 0.0;
            }
        }
        Self {
            start: Timestamp::from_second(seconds).unwrap_or(start),
            requests,
            columns: Vec::new(),
        }
    }

    /// The same with another metric beside it, minute by minute; NaN where it has no value.
    #[must_use]
    pub fn with_column(mut self, name: impl Into<String>, values: Vec<f64>) -> Self {
        let name = name.into();
        self.columns.retain(|column| column.name != name);
        self.columns.push(Column { name, values });
        self
    }

    /// Reads CSV with the header `timestamp,invocations`, each further column being a metric of
    /// that name, such as `timestamp,invocations,QueueDepth`.
    ///
    /// Timestamps are RFC 3339 and rise. A row holds the requests of the time until the next row
    /// at the closest distance that occurs; longer periods are spread over their minutes, shorter
    /// ones added up, and minutes without a row have no requests.
    ///
    /// # Errors
    /// Everything that is wrong, up to a limit, with line, column, value and rule.
    pub fn from_csv(text: &str) -> Result<Self, TraceError> {
        csv::read(text)
    }

    /// Reads what `aws cloudwatch get-metric-data` prints: the result labelled or identified as
    /// `invocations` (in any case), else the only one, holds the requests; each other one is a
    /// metric named as it is labelled. Periods count as in [`Trace::from_csv`].
    ///
    /// # Errors
    /// Everything that is wrong, up to a limit.
    pub fn from_metric_data(json: &str) -> Result<Self, TraceError> {
        cloudwatch::read(json)
    }

    /// The beginning of the first minute.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Requests of each minute.
    #[must_use]
    pub fn requests(&self) -> &[f64] {
        &self.requests
    }

    /// The names of the metrics beside the requests.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    pub(crate) fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(crate) fn column(&self, index: usize, minute: usize) -> Option<f64> {
        let value = self.columns.get(index)?.values.get(minute)?;
        (!value.is_nan()).then_some(*value)
    }

    /// The instant so many seconds after the start.
    pub(crate) fn at(&self, seconds: i64) -> Timestamp {
        self.start
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap_or(Timestamp::MAX)
    }
}
