//! What was simulated, step by step, in columns.
//!
//! A year of minutes is half a million steps: as one object a step it would be 70 MB of JSON and as
//! much again in memory. In columns most of it are runs of one value.

use crate::time::Instant;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// One step of the simulation; its values hold until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When the step begins.
    pub time: Instant,
    /// Requests that arrived in it, per minute.
    pub requests: f64,
    /// What the policy sees; nothing while there is no data.
    pub metric: Option<f64>,
    /// What Application Auto Scaling asked for.
    pub desired: u32,
    /// What serves.
    pub running: u32,
}

/// The samples of one run, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    pub(crate) times: Vec<i64>,
    pub(crate) requests: Vec<f64>,
    pub(crate) metric: Vec<Option<f64>>,
    pub(crate) desired: Vec<u32>,
    pub(crate) running: Vec<u32>,
    /// By alarm: from which sample on it is in which state.
    pub(crate) alarms: BTreeMap<String, Vec<(usize, String)>>,
}

impl Timeline {
    /// A timeline that takes that many samples without growing.
    #[must_use]
    pub fn with_capacity(samples: usize) -> Self {
        Self {
            times: Vec::with_capacity(samples),
            requests: Vec::with_capacity(samples),
            metric: Vec::with_capacity(samples),
            desired: Vec::with_capacity(samples),
            running: Vec::with_capacity(samples),
            alarms: BTreeMap::new(),
        }
    }

    /// Adds what comes next.
    pub fn push(&mut self, sample: Sample) {
        self.times.push(sample.time.0);
        self.requests.push(sample.requests);
        self.metric.push(sample.metric);
        self.desired.push(sample.desired);
        self.running.push(sample.running);
    }

    /// Says that from the last sample on the alarm is in a state, in CloudWatch's words (`OK`,
    /// `ALARM`, `INSUFFICIENT_DATA`). What did not change need not be said again.
    pub fn alarm(&mut self, name: &str, state: &str) {
        let now = self.times.len().saturating_sub(1);
        match self.alarms.get_mut(name) {
            Some(states) if states.last().is_some_and(|(_, last)| last == state) => {}
            Some(states) => states.push((now, state.to_owned())),
            None => {
                let states = vec![(now, state.to_owned())];
                self.alarms.insert(name.to_owned(), states);
            }
        }
    }

    /// How many samples there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether nothing was simulated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}

/// A sample as the command's JSON has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    time: Instant,
    requests: f64,
    metric: Option<f64>,
    desired_capacity: u32,
    running_capacity: u32,
    #[serde(default)]
    alarms: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for Timeline {
    /// Reads the samples one by one, so that they never stand in memory as objects.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Samples;

        impl<'de> Visitor<'de> for Samples {
            type Value = Timeline;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("samples in order of time")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut samples: A) -> Result<Timeline, A::Error> {
                let mut timeline = Timeline::default();
                while let Some(written) = samples.next_element::<Written>()? {
                    if timeline
                        .times
                        .last()
                        .is_some_and(|last| *last >= written.time.0)
                    {
                        let number = timeline.len();
                        let message = format!("sample {number} is not later than the one before");
                        return Err(serde::de::Error::custom(message));
                    }
                    timeline.push(Sample {
                        time: written.time,
                        requests: written.requests,
                        metric: written.metric,
                        desired: written.desired_capacity,
                        running: written.running_capacity,
                    });
                    // An alarm that a sample leaves out is no longer in the state it had.
                    let gone: Vec<_> = timeline
                        .alarms
                        .keys()
                        .filter(|name| !written.alarms.contains_key(*name))
                        .cloned()
                        .collect();
                    for name in gone {
                        timeline.alarm(&name, "OK");
                    }
                    for (name, state) in &written.alarms {
                        timeline.alarm(name, state);
                    }
                }
                Ok(timeline)
            }
        }

        deserializer.deserialize_seq(Samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample(minute: u32) -> serde_json::Value {
        json!({"time": format!("2026-03-02T00:{minute:02}:00Z"), "requests": 60, "metric": null,
               "desiredCapacity": 2, "runningCapacity": 1})
    }

    #[test]
    fn alarms_are_kept_as_changes() {
        let mut samples: Vec<_> = (0..6).map(sample).collect();
        samples[1]["alarms"] = json!({"high": "ALARM"});
        samples[2]["alarms"] = json!({"high": "ALARM", "low": "OK"});
        samples[4]["alarms"] = json!({"high": "OK", "low": "ALARM"});
        let timeline: Timeline = serde_json::from_value(json!(samples)).unwrap();
        let states = |name: &str| -> Vec<_> {
            let states = timeline.alarms[name].iter();
            states
                .map(|(from, state)| (*from, state.as_str()))
                .collect()
        };
        assert_eq!(states("high"), [(1, "ALARM"), (3, "OK")]);
        assert_eq!(states("low"), [(2, "OK"), (4, "ALARM"), (5, "OK")]);
    }

    #[test]
    fn samples_out_of_order_are_refused() {
        let samples = json!([sample(1), sample(1)]);
        let refused = serde_json::from_value::<Timeline>(samples).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "sample 1 is not later than the one before"
        );
    }
}
