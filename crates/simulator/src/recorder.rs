//! What listens to a simulation: everything for a timeline, nothing for a search.

use crate::alarm::AlarmState;
use crate::timeline::{Activity, AlarmChange, NotScaled, NotScaledSpan, Row};
use crate::trace::Trace;

/// Hears what happens. Times are in seconds since the start of the trace. Whatever takes time to
/// make is handed over as a function, so that whoever does not listen does not pay.
pub(crate) trait Recorder {
    fn row(&mut self, now: i64, row: impl FnOnce(jiff::Timestamp) -> Row);
    fn activity(&mut self, now: i64, change: (u32, u32), done: i64, cause: impl FnOnce() -> String);
    fn not_scaled(&mut self, now: i64, reason: NotScaled);
    fn alarm(&mut self, now: i64, state: AlarmState, name: impl FnOnce() -> String);
}

/// Does not listen.
pub(crate) struct Deaf;

impl Recorder for Deaf {
    fn row(&mut self, _: i64, _: impl FnOnce(jiff::Timestamp) -> Row) {}
    fn activity(&mut self, _: i64, _: (u32, u32), _: i64, _: impl FnOnce() -> String) {}
    fn not_scaled(&mut self, _: i64, _: NotScaled) {}
    fn alarm(&mut self, _: i64, _: AlarmState, _: impl FnOnce() -> String) {}
}

/// Keeps everything.
pub(crate) struct Everything<'a> {
    trace: &'a Trace,
    pub(crate) rows: Vec<Row>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) not_scaled: Vec<NotScaledSpan>,
    pub(crate) alarms: Vec<AlarmChange>,
    /// Something was done since the last reason why nothing was.
    acted: bool,
}

impl<'a> Everything<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        Self {
            trace,
            rows: Vec::with_capacity(trace.requests().len()),
            activities: Vec::new(),
            not_scaled: Vec::new(),
            alarms: Vec::new(),
            acted: false,
        }
    }
}

impl Recorder for Everything<'_> {
    fn row(&mut self, now: i64, row: impl FnOnce(jiff::Timestamp) -> Row) {
        self.rows.push(row(self.trace.at(now)));
    }

    fn activity(
        &mut self,
        now: i64,
        (from_capacity, to_capacity): (u32, u32),
        done: i64,
        cause: impl FnOnce() -> String,
    ) {
        self.acted = true;
        self.activities.push(Activity {
            time: self.trace.at(now),
            from_capacity,
            to_capacity,
            cause: cause(),
            completed: self.trace.at(done),
        });
    }

    /// AWS, too, shows a reason that repeats only once.
    fn not_scaled(&mut self, now: i64, reason: NotScaled) {
        let time = self.trace.at(now);
        let acted = std::mem::take(&mut self.acted);
        match self.not_scaled.last_mut() {
            Some(span) if span.reason == reason && !acted => {
                span.last = time;
                span.times += 1;
            }
            _ => self.not_scaled.push(NotScaledSpan {
                reason,
                first: time,
                last: time,
                times: 1,
            }),
        }
    }

    fn alarm(&mut self, now: i64, state: AlarmState, name: impl FnOnce() -> String) {
        self.alarms.push(AlarmChange {
            time: self.trace.at(now),
            alarm: name(),
            state,
        });
    }
}
