//! A simulation as one HTML page.

use super::Failure;
use super::fleet::shown;
use super::simulate::Run;
use endpoint_autoscaler_report::{self as report, Instant, Report, Sample};
use endpoint_autoscaler_simulator::{AlarmState, Assumptions, Fleet, Timeline};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// What all runs of a page share.
pub(super) struct Shared<'a> {
    pub(super) title: String,
    pub(super) fleet: &'a Fleet,
    pub(super) start: u32,
    pub(super) assumptions: &'a Assumptions,
}

/// Writes the page.
pub(super) fn write(file: &Path, shared: &Shared<'_>, runs: &[Run]) -> Result<(), Failure> {
    let report = Report {
        title: shared.title.clone(),
        runs: runs.iter().map(|run| page_run(shared, run)).collect(),
    };
    fs::write(file, report::html(&report)).map_err(|error| Failure::of_file(file, error))
}

fn page_run(shared: &Shared<'_>, run: &Run) -> report::Run {
    let fleet = json!({
        "capacityPerInstance": shared.fleet.capacity.per_minute(),
        "startUpSeconds": shared.fleet.start_up,
        "pricePerHour": shared.fleet.price_per_hour,
        "start": shared.start,
    });
    report::Run {
        name: run.name.clone(),
        policy: run.policy.clone(),
        assumptions: shown(shared.assumptions),
        fleet: object(fleet),
        simulation: report::Simulation {
            summary: figures(&run.timeline),
            activities: activities(&run.timeline),
            metric: None,
            timeline: course(&run.timeline),
        },
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The figures of the JSON; the worst spike, which is an object there, as the time it took.
fn figures(timeline: &Timeline) -> Map<String, Value> {
    let mut summary = object(json!(timeline.summary));
    summary.remove("worstSpike");
    let spike = timeline.summary.worst_spike;
    let minutes = spike.map_or(0, |spike| spike.minutes);
    summary.insert("timeToScaleOutMinutes".to_owned(), minutes.into());
    summary
}

fn activities(timeline: &Timeline) -> Vec<report::Activity> {
    let activities = timeline.activities.iter();
    activities
        .map(|activity| report::Activity {
            time: Instant(activity.time.as_millisecond()),
            from_capacity: activity.from_capacity,
            to_capacity: activity.to_capacity,
            cause: activity.cause.clone(),
        })
        .collect()
}

fn course(timeline: &Timeline) -> report::Timeline {
    let mut course = report::Timeline::with_capacity(timeline.timeline.len());
    let mut alarms = timeline.alarms.iter().peekable();
    let mut rows = timeline.timeline.iter().peekable();
    while let Some(row) = rows.next() {
        course.push(Sample {
            time: Instant(row.time.as_millisecond()),
            requests: row.requests,
            metric: row.metric,
            desired: row.desired_capacity,
            running: row.running_capacity,
        });
        // Those within the minute, which a high-resolution alarm may change several times.
        let end = rows.peek().map(|next| next.time);
        while let Some(change) = alarms.next_if(|change| end.is_none_or(|end| change.time < end)) {
            course.alarm(&change.alarm, state(change.state));
        }
    }
    course
}

fn state(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
    }
}
