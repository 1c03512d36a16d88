//! Scheduled actions: when they run and which bounds they set.

use crate::refusal::Refusal;
use crate::trace::Trace;
use endpoint_autoscaler_core::scaling::{CapacityRange, ScheduledAction};
use endpoint_autoscaler_core::schedule::Schedule;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The scheduled actions of a target, each with its next run.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    entries: Vec<Entry>,
    /// The earliest next run, in seconds since the start.
    next: i64,
}

#[derive(Clone, Debug)]
struct Entry {
    schedule: Schedule,
    zone: TimeZone,
    min: Option<u32>,
    max: Option<u32>,
    next: Option<Timestamp>,
}

impl Calendar {
    /// A rate counts from the start of the trace, as from when the action was created; what ran
    /// before the start is not known.
    pub(crate) fn new(
        actions: &[ScheduledAction],
        trace: &Trace,
        refusals: &mut Vec<Refusal>,
    ) -> Self {
        // What runs in the minute in which the trace starts belongs to it.
        let before = trace.at(-1);
        let mut entries = Vec::new();
        for action in actions {
            let path = format!("scheduled action {}", action.scheduled_action_name);
            let zone = action
                .timezone
                .as_deref()
                .map_or(Ok(TimeZone::UTC), TimeZone::get);
            match (Schedule::parse(&action.schedule), zone) {
                (Ok(schedule), Ok(zone)) => {
                    let from = match schedule {
                        Schedule::Rate(_) => trace.start(),
                        _ => before,
                    };
                    entries.push(Entry {
                        next: schedule.next_after(from, &zone),
                        schedule,
                        zone,
                        min: action.scalable_target_action.min_capacity,
                        max: action.scalable_target_action.max_capacity,
                    });
                }
                (schedule, zone) => {
                    if let Err(rules) = schedule {
                        refusals.push(Refusal::new(
                            path.as_str(),
                            &action.schedule,
                            rules.join("; "),
                        ));
                    }
                    if zone.is_err() {
                        let zone = action.timezone.as_deref().unwrap_or_default();
                        refusals.push(Refusal::new(path, zone, "must be an IANA time zone"));
                    }
                }
            }
        }
        let mut calendar = Self { entries, next: 0 };
        calendar.look_ahead(trace);
        calendar
    }

    fn look_ahead(&mut self, trace: &Trace) {
        let next = self.entries.iter().filter_map(|entry| entry.next).min();
        self.next = next.map_or(i64::MAX, |next| {
            let exact = next.duration_since(trace.start());
            exact.as_secs() + i64::from(exact.subsec_nanos() > 0)
        });
    }

    /// The bounds after everything that runs by `now`, if anything does.
    pub(crate) fn run(
        &mut self,
        now: i64,
        mut range: CapacityRange,
        trace: &Trace,
    ) -> Option<CapacityRange> {
        if now < self.next {
            return None;
        }
        let instant = trace.at(now);
        while let Some(entry) = self.due(instant) {
            range = entry.bounds(range);
            entry.next = entry
                .next
                .and_then(|ran| entry.schedule.next_after(ran, &entry.zone));
        }
        self.look_ahead(trace);
        Some(range)
    }

    /// Of what is due, the one that comes first.
    fn due(&mut self, instant: Timestamp) -> Option<&mut Entry> {
        let due = self.entries.iter_mut();
        let due = due.filter(|entry| entry.next.is_some_and(|next| next <= instant));
        due.min_by_key(|entry| entry.next)
    }
}

impl Entry {
    /// A bound that is not stated stays, unless the stated one has passed it.
    fn bounds(&self, held: CapacityRange) -> CapacityRange {
        let (min, max) = match (self.min, self.max) {
            (Some(min), Some(max)) => (min, max),
            (Some(min), None) => (min, held.max().max(min)),
            (None, Some(max)) => (held.min().min(max), max),
            (None, None) => (held.min(), held.max()),
        };
        CapacityRange::new(min, max).unwrap_or(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use endpoint_autoscaler_core::scaling::ScalableTargetAction;
    use pretty_assertions::assert_eq;

    fn action(
        schedule: &str,
        timezone: &str,
        min: Option<u32>,
        max: Option<u32>,
    ) -> ScheduledAction {
        ScheduledAction {
            scheduled_action_name: schedule.to_owned(),
            schedule: schedule.to_owned(),
            timezone: Some(timezone.to_owned()),
            scalable_target_action: ScalableTargetAction {
                min_capacity: min,
                max_capacity: max,
            },
        }
    }

    /// Every change of the bounds within two days from Monday, 2026-03-02 00:00 UTC, as
    /// "hour:min-max".
    fn changes(actions: &[ScheduledAction]) -> Vec<String> {
        let start = "2026-03-02T00:00:00Z".parse().expect("a time");
        let trace = Trace::new(start, vec![0.0; 2 * 24 * 60]);
        let mut refusals = Vec::new();
        let mut calendar = Calendar::new(actions, &trace, &mut refusals);
        assert_eq!(refusals, []);
        let mut range = CapacityRange::new(1, 2).expect("ordered");
        let mut changes = Vec::new();
        for hour in 0..48 {
            if let Some(new) = calendar.run(hour * 3600, range, &trace) {
                range = new;
                changes.push(format!("{hour}:{range}"));
            }
        }
        changes
    }

    #[test]
    fn cron_in_a_time_zone_rewrites_the_bounds() {
        let berlin = "Europe/Berlin";
        let actions = [
            action("cron(0 8 ? * MON-FRI *)", berlin, Some(4), Some(8)),
            action("cron(0 20 ? * MON-FRI *)", berlin, Some(2), None),
        ];
        assert_eq!(changes(&actions), ["7:4-8", "19:2-8", "31:4-8", "43:2-8"]);
    }

    #[test]
    fn rates_count_from_the_start_and_single_times_run_once() {
        assert_eq!(
            changes(&[action("rate(20 hours)", "UTC", Some(3), None)]),
            ["20:3-3", "40:3-3"]
        );
        assert_eq!(
            changes(&[action("at(2026-03-02T00:00:00)", "UTC", None, Some(9))]),
            ["0:1-9"]
        );
        assert_eq!(
            changes(&[action("at(2026-03-01T00:00:00)", "UTC", None, Some(9))]),
            [""; 0]
        );
    }

    #[test]
    fn a_stated_bound_takes_the_other_along() {
        assert_eq!(
            changes(&[action("at(2026-03-02T05:00:00)", "UTC", Some(5), None)]),
            ["5:5-5"]
        );
        assert_eq!(
            changes(&[action("at(2026-03-02T05:00:00)", "UTC", None, Some(0))]),
            ["5:0-0"]
        );
    }

    #[test]
    fn wrong_schedules_and_zones_are_refused() {
        let mut refusals = Vec::new();
        let actions = [
            action("cron(x)", "UTC", None, None),
            action("rate(1 day)", "Mars", None, None),
        ];
        Calendar::new(&actions, &Trace::default(), &mut refusals);
        let shown: Vec<_> = refusals
            .iter()
            .map(|refusal| refusal.value.as_str())
            .collect();
        assert_eq!(shown, ["cron(x)", "Mars"]);
    }
}
