//! What became of many endpoints.

use super::{Calls, Outcome, ReadError, Report, Trigger};
use crate::fault::{CallError, Fault};
use crate::name::EndpointName;
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of many endpoints.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "an unread report explains nothing"]
pub struct SweepReport {
    /// What asked.
    pub trigger: Trigger,
    /// Whether writing was forbidden.
    pub dry_run: bool,
    /// How many endpoints came to which outcome.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// Every report that is not `Unchanged`, up to a number that an answer can hold.
    pub reports: Vec<Report>,
    /// How many reports more there were.
    pub omitted_reports: usize,
    /// Endpoints that were handed to the queue.
    pub enqueued: usize,
    /// Endpoints for which the time was too short.
    pub missed: usize,
    /// The name before the first of those: `{"action":"scan","after":"…"}` goes on there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<EndpointName>,
    /// The call without which the sweep could not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ReadError>,
    /// What it cost.
    pub calls: Calls,
}

impl SweepReport {
    /// An answer of Lambda holds 6 MB ("Lambda quotas"), and nobody reads more.
    const MOST_REPORTS: usize = 500;

    /// Nothing looked at yet.
    pub fn new(trigger: Trigger, dry_run: bool) -> Self {
        Self {
            trigger,
            dry_run,
            outcomes: BTreeMap::new(),
            reports: Vec::new(),
            omitted_reports: 0,
            enqueued: 0,
            missed: 0,
            after: None,
            error: None,
            calls: Calls::default(),
        }
    }

    /// One endpoint more.
    pub fn add(&mut self, report: Report) {
        *self.outcomes.entry(report.outcome).or_default() += 1;
        if report.outcome == Outcome::Unchanged {
            return;
        }
        if self.reports.len() < Self::MOST_REPORTS {
            self.reports.push(report);
        } else {
            self.omitted_reports += 1;
        }
    }

    /// A call failed without which the sweep cannot go on.
    pub fn fail(&mut self, error: CallError) {
        self.error = Some(error.into());
    }

    /// Whether the request should be delivered again. One failing endpoint is no reason: the next
    /// sweep comes by itself.
    #[must_use]
    pub fn wants_redelivery(&self) -> bool {
        self.error
            .as_ref()
            .is_some_and(|read| read.error.fault() == Fault::Transient)
    }
}
