//! What a simulation shows: a summary, what was done, and the course minute by minute.

use crate::alarm::AlarmState;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// The whole course of a simulation; serialises to the JSON that scripts rely on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timeline {
    /// Totals.
    pub summary: Summary,
    /// Every change of capacity.
    pub activities: Vec<Activity>,
    /// Every minute.
    pub timeline: Vec<Row>,
    /// Why nothing was done although a policy was triggered; repetitions are one entry.
    #[serde(rename = "notScaled")]
    pub not_scaled: Vec<NotScaledSpan>,
    /// Every change of an alarm's state.
    pub alarms: Vec<AlarmChange>,
}

/// Totals of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Hours that are paid for, all instances together.
    pub instance_hours: f64,
    /// Those hours times the price.
    pub cost: f64,
    /// Minutes in which requests found no capacity; for asynchronous endpoints, in which requests
    /// waited longer than their minute.
    pub under_provisioned_minutes: u32,
    /// Requests that found no capacity in their minute.
    pub requests_over_capacity: f64,
    /// Minutes of instances that served beyond what the requests of the minute needed.
    pub wasted_instance_minutes: f64,
    /// Changes to a larger capacity.
    pub scale_outs: u32,
    /// Changes to a smaller capacity.
    pub scale_ins: u32,
    /// Largest capacity that was asked for.
    pub peak_capacity: u32,
    /// Minutes simulated.
    pub minutes: u32,
    /// Requests in all.
    pub requests: f64,
    /// Largest number of requests in one minute.
    pub peak_requests: f64,
    /// Scale-outs that began within half an hour after a scale-in.
    pub flaps: u32,
    /// The time without enough capacity in which most requests found none.
    pub worst_spike: Option<Spike>,
}

impl Summary {
    /// Share of the minutes that were under-provisioned, from 0 to 1.
    #[must_use]
    pub fn under_provisioned_share(&self) -> f64 {
        f64::from(self.under_provisioned_minutes) / f64::from(self.minutes.max(1))
    }
}

/// Minutes in a row without enough capacity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Spike {
    /// Its first minute.
    pub time: Timestamp,
    /// How long it took to scale out, in minutes.
    pub minutes: u32,
    /// Requests that found no capacity.
    pub requests_over_capacity: f64,
    /// Whether it ended before the trace did.
    pub recovered: bool,
}

/// A change of capacity.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// When it began.
    pub time: Timestamp,
    /// Capacity asked for before.
    pub from_capacity: u32,
    /// Capacity asked for since.
    pub to_capacity: u32,
    /// Why.
    pub cause: String,
    /// When the endpoint was InService again.
    pub completed: Timestamp,
}

/// One minute, as it was at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Its beginning.
    pub time: Timestamp,
    /// Requests in the minute.
    pub requests: f64,
    /// The metric of the first policy, as of the last period that ended with or before the minute;
    /// null without a data point.
    pub metric: Option<f64>,
    /// Capacity asked for.
    pub desired_capacity: u32,
    /// Capacity that serves.
    pub running_capacity: u32,
    /// Requests that wait at the end of the minute, at an asynchronous endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog: Option<f64>,
}

/// Why a policy that was triggered did nothing: where AWS has a name for it (`NotScaledReason` of
/// `DescribeScalingActivities`), that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs, reason = "AWS's own names say it")]
pub enum NotScaled {
    AlreadyAtMaxCapacity,
    AlreadyAtMinCapacity,
    AlreadyAtDesiredCapacity,
    AutoScalingAnticipatedFlapping,
    TargetServicePutResourceAsUnscalable,
    /// A cooldown runs, and what is wanted is no more than what it gave. Ours.
    CooldownInEffect,
    /// Not all target-tracking policies are ready to scale in. Ours.
    ScaleInNotAgreed,
    /// `SuspendedState` forbids it. Ours.
    Suspended,
}

/// The same reason again and again.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NotScaledSpan {
    /// The reason.
    pub reason: NotScaled,
    /// When it held first.
    pub first: Timestamp,
    /// When it held last.
    pub last: Timestamp,
    /// How many times.
    pub times: u32,
}

/// A change of an alarm's state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmChange {
    /// When.
    pub time: Timestamp,
    /// Name of the alarm; that of target tracking is the policy's with `-AlarmHigh` or `-AlarmLow`.
    pub alarm: String,
    /// Its state since.
    pub state: AlarmState,
}

impl Timeline {
    /// The course as CSV, one row for every minute, with the names of the JSON.
    #[must_use]
    pub fn to_csv(&self) -> String {
        const HEADER: &str = "time,requests,metric,desiredCapacity,runningCapacity,backlog\n";
        let mut csv = String::with_capacity(HEADER.len() + self.timeline.len() * 48);
        csv.push_str(HEADER);
        for row in &self.timeline {
            let optional = |value: Option<f64>| value.map(|value| value.to_string());
            // Writing to a string cannot fail.
            let _ = writeln!(
                csv,
                "{},{},{},{},{},{}",
                row.time,
                row.requests,
                optional(row.metric).unwrap_or_default(),
                row.desired_capacity,
                row.running_capacity,
                optional(row.backlog).unwrap_or_default(),
            );
        }
        csv
    }

    /// The summary for people, a line for each figure.
    #[must_use]
    pub fn to_text(&self) -> String {
        let summary = &self.summary;
        let mut text = String::new();
        let mut say = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<26}{value}");
        };
        let share = summary.under_provisioned_share() * 100.0;
        let minutes = summary.under_provisioned_minutes;
        let over = summary.requests_over_capacity;
        say(
            "simulated",
            format!(
                "{} minutes, {:.0} requests, at most {:.0} a minute",
                summary.minutes, summary.requests, summary.peak_requests
            ),
        );
        say("instance-hours", format!("{:.1}", summary.instance_hours));
        say("cost", format!("{:.2}", summary.cost));
        say(
            "under-provisioned",
            format!("{minutes} minutes ({share:.3} %)"),
        );
        say(
            "requests over capacity",
            format!(
                "{over:.0} ({:.3} %)",
                100.0 * over / summary.requests.max(1.0)
            ),
        );
        say(
            "wasted instance-minutes",
            format!("{:.0}", summary.wasted_instance_minutes),
        );
        say(
            "scaling actions",
            format!("{} out, {} in", summary.scale_outs, summary.scale_ins),
        );
        say(
            "flapping",
            format!(
                "{} scale-outs within 30 minutes after a scale-in",
                summary.flaps
            ),
        );
        say("peak capacity", summary.peak_capacity.to_string());
        let spike = match &summary.worst_spike {
            None => "none: capacity sufficed at all times".to_owned(),
            Some(spike) if spike.recovered => format!(
                "{}, {} minutes to scale out, {:.0} requests over capacity",
                spike.time, spike.minutes, spike.requests_over_capacity
            ),
            Some(spike) => format!(
                "{}, never scaled out enough in {} minutes, {:.0} requests over capacity",
                spike.time, spike.minutes, spike.requests_over_capacity
            ),
        };
        say("worst spike", spike);
        let mut reasons: Vec<_> = self.not_scaled.iter().map(|span| span.reason).collect();
        reasons.sort();
        reasons.dedup();
        for reason in reasons {
            let same = self.not_scaled.iter().filter(|span| span.reason == reason);
            let times: u32 = same.map(|span| span.times).sum();
            say("not scaled", format!("{reason:?}, {times} times"));
        }
        text
    }
}
