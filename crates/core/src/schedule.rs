//! When a scheduled action runs: `at(…)`, `rate(…)` and `cron(…)`.
//!
//! Grammar and ranges are those of AWS: the [API reference][put] for the three forms, the
//! EventBridge references to which it points for [cron] and [rate]. Where they are silent, this
//! module does what Quartz does, whose wording Application Auto Scaling's errors
//! [have][wording]: names in any case, `LW`, `L-3`, a `/` without a start.
//!
//! Of daylight saving, Application Auto Scaling [says][zones] only that actions adjust to it. The
//! details are those of [EventBridge Scheduler][dst]: a cron time that the clock skips in spring
//! does not run, one that comes twice in autumn runs the first time only, and a day of `rate` is
//! 24 hours. No page speaks of such times in `at`; they are treated alike here.
//!
//! No crate evaluates this. `croner` 4 comes closest and agrees wherever it can be compared, but
//! it refuses ranges that wrap (AWS's own example has the hours `20-2`), moves skipped times
//! forward and repeats some in autumn, stops at the first error without naming the field, knows
//! `jiff` 0.2 only, and needs two derive macros. `cronexpr` and `saffron` have no years, and `cron`
//! has neither `L`, `W` nor `#`.
//!
//! [put]: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
//! [cron]: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
//! [rate]: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html
//! [wording]: https://github.com/hashicorp/terraform-provider-aws/issues/13995
//! [zones]: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-policy-overview.html
//! [dst]: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// A schedule expression, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Once, at this time on the clock of the action's time zone.
    At(DateTime),
    /// Again and again after this much time.
    Rate(SignedDuration),
    /// At every time on the clock that fits.
    Cron(Cron),
}

impl Schedule {
    /// Reads an expression, or names everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let inside = |form| text.strip_prefix(form)?.strip_suffix(')');
        let schedule = if let Some(time) = inside("at(") {
            at(time, &mut problems).map(Self::At)
        } else if let Some(rhythm) = inside("rate(") {
            rate(rhythm, &mut problems).map(Self::Rate)
        } else if let Some(fields) = inside("cron(") {
            Cron::parse(fields, &mut problems).map(Self::Cron)
        } else {
            problems.push(format!(
                "schedule `{text}` must be at({AT}), rate({RATE}) or cron({CRON})"
            ));
            None
        };
        schedule.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The first run after `instant`; none if there is no further one.
    ///
    /// A rate counts from when the action was created or last ran, so this is what `instant` has
    /// to be for it.
    #[must_use]
    pub fn next_after(&self, instant: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::At(time) => on_clock(*time, zone).filter(|run| *run > instant),
            Self::Rate(every) => instant.checked_add(*every).ok(),
            Self::Cron(cron) => cron.next_after(instant, zone),
        }
    }
}

/// The instant at which a clock first shows `time`; none if it skips it.
fn on_clock(time: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let instant = zone.to_ambiguous_timestamp(time);
    match instant.offset() {
        AmbiguousOffset::Gap { .. } => None,
        _ => instant.earlier().ok(),
    }
}

const AT: &str = "yyyy-mm-ddThh:mm:ss";
const RATE: &str = "value unit";
const CRON: &str = "minutes hours day-of-month month day-of-week year";

fn at(text: &str, problems: &mut Vec<String>) -> Option<DateTime> {
    let fits = text.len() == AT.len()
        && text.bytes().zip(AT.bytes()).all(|(byte, shape)| {
            if shape.is_ascii_lowercase() {
                byte.is_ascii_digit()
            } else {
                byte == shape
            }
        });
    if !fits {
        problems.push(format!(
            "at `{text}` must be {AT}, such as 2026-03-01T08:00:00"
        ));
        return None;
    }
    let mut part = |name, place, range: RangeInclusive<i16>| {
        let text: &str = text.get::<std::ops::Range<usize>>(place)?;
        let value = number(text).filter(|number| range.contains(number));
        if value.is_none() {
            problems.push(format!(
                "at {name} `{text}` must be from {} to {}",
                range.start(),
                range.end()
            ));
        }
        value
    };
    let year = part("year", 0..4, 0..=9999);
    let month = part("month", 5..7, 1..=12);
    let longest = year
        .zip(month)
        .and_then(|(year, month)| Date::new(year, i8::try_from(month).ok()?, 1).ok())
        .map_or(31, |first| i16::from(first.days_in_month()));
    let day = part("day", 8..10, 1..=longest);
    let hour = part("hour", 11..13, 0..=23);
    let minute = part("minute", 14..16, 0..=59);
    let second = part("second", 17..19, 0..=59);
    let short = |value: Option<i16>| i8::try_from(value?).ok();
    let date = Date::new(year?, short(month)?, short(day)?).ok()?;
    let time = Time::new(short(hour)?, short(minute)?, short(second)?, 0).ok()?;
    Some(date.to_datetime(time))
}

fn rate(text: &str, problems: &mut Vec<String>) -> Option<SignedDuration> {
    let fields: Vec<_> = text.split_whitespace().collect();
    let [value, unit] = fields[..] else {
        problems.push(format!(
            "rate `{text}` must be {RATE}, such as 5 minutes or 1 day"
        ));
        return None;
    };
    let count = value
        .parse::<u32>()
        .ok()
        .filter(|count| *count > 0 && value.bytes().all(|byte| byte.is_ascii_digit()));
    if count.is_none() {
        problems.push(format!(
            "rate value `{value}` must be a whole number from 1 to {}",
            u32::MAX
        ));
    }
    let singular = unit.strip_suffix('s').unwrap_or(unit);
    let seconds = match singular {
        "minute" => Some(60),
        "hour" => Some(60 * 60),
        "day" => Some(24 * 60 * 60),
        _ => {
            problems.push(format!(
                "rate unit `{unit}` must be minute, minutes, hour, hours, day or days"
            ));
            None
        }
    }?;
    let count = count?;
    if (count == 1) != (singular == unit) {
        let rule = match count {
            1 => format!("{singular}, singular, after 1"),
            _ => format!("{singular}s, plural, after {count}"),
        };
        problems.push(format!("rate unit `{unit}` must be {rule}"));
    }
    Some(SignedDuration::from_secs(i64::from(count) * seconds))
}

type Values = BTreeSet<i16>;

/// The fields of a cron expression, as what they allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    times: BTreeSet<Time>,
    days: Days,
    months: Values,
    years: Values,
}

impl Cron {
    fn parse(text: &str, problems: &mut Vec<String>) -> Option<Self> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minutes, hours, of_month, months, of_week, years] = fields[..] else {
            problems.push(format!(
                "cron `{text}` has {} fields, must have 6: {CRON}",
                fields.len()
            ));
            return None;
        };
        let minutes = MINUTES.values(minutes, problems);
        let hours = HOURS.values(hours, problems);
        let days = match (of_month, of_week) {
            // Any day is `*` beside `?`; Quartz refuses two question marks too.
            ("?", "?") => {
                problems.push("cron day-of-month or day-of-week must not be `?`".to_owned());
                None
            }
            (_, "?") => Days::of_month(of_month, problems),
            ("?", _) => Days::of_week(of_week, problems),
            _ => {
                Days::of_month(of_month, problems);
                Days::of_week(of_week, problems);
                problems.push(format!(
                    "cron day-of-month `{of_month}` or day-of-week `{of_week}` must be `?`"
                ));
                None
            }
        };
        let months = MONTH.values(months, problems);
        let years = YEAR.values(years, problems);
        let minutes = minutes?;
        let times = hours?.into_iter().flat_map(|hour| {
            minutes.iter().filter_map(move |minute| {
                let minute = i8::try_from(*minute).ok()?;
                Time::new(i8::try_from(hour).ok()?, minute, 0, 0).ok()
            })
        });
        Some(Self {
            times: times.collect(),
            days: days?,
            months: months?,
            years: years?,
        })
    }

    fn next_after(&self, instant: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = zone.to_datetime(instant);
        now.date()
            .max(date(YEAR.min, 1, 1))
            .series(1.day())
            .take_while(|date| date.year() <= YEAR.max)
            .filter(|date| self.runs_on(*date))
            .flat_map(|date| self.times.iter().map(move |time| date.to_datetime(*time)))
            .filter(|time| *time > now)
            .filter_map(|time| on_clock(time, zone))
            // In the second half of a repeated hour, `time` has been there already.
            .find(|run| *run > instant)
    }

    fn runs_on(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && self.days.contains(date)
    }
}

/// Which days of a month; weekdays count from 1, Sunday, to 7.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Values),
    /// `L` (0) or `L-3` (3).
    BeforeLast(i16),
    /// `LW`.
    LastWorkday,
    /// `15W`.
    NearestWorkday(i16),
    OfWeek(Values),
    /// `6L`.
    LastOfWeek(i16),
    /// `6#3`.
    NthOfWeek(i16, i16),
}

impl Days {
    fn of_month(text: &str, problems: &mut Vec<String>) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        if upper == "L" {
            Some(Self::BeforeLast(0))
        } else if upper == "LW" {
            Some(Self::LastWorkday)
        } else if let Some(days) = upper.strip_prefix("L-") {
            let days = number(days).filter(|days| (1..=30).contains(days));
            if days.is_none() {
                DAY_OF_MONTH.complain(text, "from L-1 to L-30", problems);
            }
            days.map(Self::BeforeLast)
        } else if let Some(day) = upper.strip_suffix('W').filter(|_| !text.contains(',')) {
            DAY_OF_MONTH.value(day, problems).map(Self::NearestWorkday)
        } else {
            DAY_OF_MONTH.values(text, problems).map(Self::OfMonth)
        }
    }

    fn of_week(text: &str, problems: &mut Vec<String>) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        if upper.contains(',') {
            DAY_OF_WEEK.values(text, problems).map(Self::OfWeek)
        } else if upper == "L" {
            Some(Self::OfWeek([DAY_OF_WEEK.max].into()))
        } else if let Some(weekday) = upper.strip_suffix('L') {
            DAY_OF_WEEK.value(weekday, problems).map(Self::LastOfWeek)
        } else if let Some((weekday, nth)) = upper.split_once('#') {
            let weekday = DAY_OF_WEEK.value(weekday, problems);
            let nth = number(nth).filter(|nth| (1..=5).contains(nth));
            if nth.is_none() {
                DAY_OF_WEEK.complain(text, "from 1 to 5 after `#`", problems);
            }
            Some(Self::NthOfWeek(weekday?, nth?))
        } else {
            DAY_OF_WEEK.values(text, problems).map(Self::OfWeek)
        }
    }

    fn contains(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let last = i16::from(date.days_in_month());
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        // The weekday of another day of the same month, and the workday nearest to it in there.
        let weekday_of = |other: i16| (weekday - 1 + other - day).rem_euclid(7) + 1;
        let nearest_workday = |other| match weekday_of(other) {
            SUNDAY if other == last => other - 2,
            SUNDAY => other + 1,
            SATURDAY if other == 1 => other + 2,
            SATURDAY => other - 1,
            _ => other,
        };
        match self {
            Self::OfMonth(days) => days.contains(&day),
            Self::BeforeLast(days) => day == last - days,
            Self::LastWorkday => day == nearest_workday(last),
            Self::NearestWorkday(other) => *other <= last && day == nearest_workday(*other),
            Self::OfWeek(weekdays) => weekdays.contains(&weekday),
            Self::LastOfWeek(wanted) => weekday == *wanted && day + 7 > last,
            Self::NthOfWeek(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        }
    }
}

const SUNDAY: i16 = 1;
const SATURDAY: i16 = 7;

/// What a cron field may hold.
struct Field {
    name: &'static str,
    min: i16,
    max: i16,
    /// Of the values, from the smallest on.
    names: &'static [&'static str],
    /// Whether a range may run past the end: `22-2`.
    wraps: bool,
    wildcards: &'static str,
}

const MINUTES: Field = Field {
    name: "minutes",
    min: 0,
    max: 59,
    names: &[],
    wraps: true,
    wildcards: "with , - * /",
};
const HOURS: Field = Field {
    name: "hours",
    max: 23,
    ..MINUTES
};
const DAY_OF_MONTH: Field = Field {
    name: "day-of-month",
    min: 1,
    max: 31,
    wildcards: "with , - * / or, alone, ? L L-3 LW 15W",
    ..MINUTES
};
const MONTH: Field = Field {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    ..MINUTES
};
const DAY_OF_WEEK: Field = Field {
    name: "day-of-week",
    min: SUNDAY,
    max: SATURDAY,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    wildcards: "with , - * / or, alone, ? L 6L 6#3",
    ..MINUTES
};
const YEAR: Field = Field {
    name: "year",
    min: 1970,
    max: 2199,
    wraps: false,
    ..MINUTES
};

impl Field {
    fn complain(&self, value: &str, rule: &str, problems: &mut Vec<String>) {
        problems.push(format!("cron {} `{value}` must be {rule}", self.name));
    }

    /// A list such as `1,5-9,*/20`.
    fn values(&self, text: &str, problems: &mut Vec<String>) -> Option<Values> {
        let items: Vec<_> = text
            .split(',')
            .map(|item| self.item(item, problems))
            .collect();
        let items: Option<Vec<_>> = items.into_iter().collect();
        Some(items?.into_iter().flatten().collect())
    }

    /// A value, a range or steps: `5`, `5-9`, `*`, `5/10`, `5-9/2`, `*/10`.
    fn item(&self, item: &str, problems: &mut Vec<String>) -> Option<Vec<i16>> {
        let (span, step) = item
            .split_once('/')
            .map_or((item, None), |(span, step)| (span, Some(step)));
        let ends = if span == "*" || (span.is_empty() && step.is_some()) {
            Some((self.min, self.max))
        } else if let Some((first, last)) = span.split_once('-') {
            let first = self.value(first, problems);
            first.zip(self.value(last, problems))
        } else {
            self.value(span, problems)
                .map(|value| (value, step.map_or(value, |_| self.max)))
        };
        let step = step.map_or(Some(1), |text| {
            let step = number(text).filter(|step| (1..=self.max).contains(step));
            if step.is_none() {
                let rule = format!("from 1 to {} after `/`", self.max);
                self.complain(item, &rule, problems);
            }
            usize::try_from(step?).ok()
        });
        let (first, last) = ends?;
        if first > last && !self.wraps {
            self.complain(item, "a range from a smaller to a larger value", problems);
            return None;
        }
        let all: Vec<_> = if first > last {
            (first..=self.max).chain(self.min..=last).collect()
        } else {
            (first..=last).collect()
        };
        Some(all.into_iter().step_by(step?).collect())
    }

    /// A number or a name.
    fn value(&self, text: &str, problems: &mut Vec<String>) -> Option<i16> {
        let named = self
            .names
            .iter()
            .zip(self.min..)
            .find(|(name, _)| name.eq_ignore_ascii_case(text))
            .map(|(_, value)| value);
        let value = named
            .or_else(|| number(text))
            .filter(|value| (self.min..=self.max).contains(value));
        if value.is_none() {
            let named = match self.names {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            let rule = format!(
                "from {} to {}{named} ({})",
                self.min, self.max, self.wildcards
            );
            self.complain(text, &rule, problems);
        }
        value
    }
}

/// Digits only: no sign.
fn number(text: &str) -> Option<i16> {
    text.parse()
        .ok()
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
#[rustfmt::skip] // One line a case.
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const UTC: &str = "UTC";
    const BERLIN: &str = "Europe/Berlin";
    const NEW_YORK: &str = "America/New_York";

    /// The runs of `schedule` that follow `after` one by one, as many as `expected` names and, if
    /// it ends with `-`, no more. All in UTC, `expected` in short.
    fn runs(schedule: &str, zone: &str, after: &str, expected: &str) {
        let parsed = Schedule::parse(schedule).unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let mut instant: Timestamp = after.parse().unwrap();
        let mut found = Vec::new();
        for _ in expected.split_whitespace() {
            let Some(next) = parsed.next_after(instant, &zone) else {
                found.push("-".to_owned());
                break;
            };
            found.push(next.strftime("%FT%H:%M").to_string());
            instant = next;
        }
        assert_eq!(found.join(" "), expected, "{schedule} after {after}");
    }

    /// Everything that is wrong with `schedule`.
    fn wrong(schedule: &str, expected: &[&str]) {
        assert_eq!(Schedule::parse(schedule).unwrap_err(), expected, "{schedule}");
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html> and
    /// <https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html>
    #[test]
    fn examples_of_the_aws_pages() {
        // 2026-01-01 is a Thursday.
        let new_year = "2026-01-01T00:00:00Z";
        runs("cron(0 10 * * ? *)", UTC, new_year, "2026-01-01T10:00 2026-01-02T10:00");
        runs("cron(15 12 * * ? *)", UTC, new_year, "2026-01-01T12:15 2026-01-02T12:15");
        runs("cron(0 18 ? * MON-FRI *)", UTC, new_year, "2026-01-01T18:00 2026-01-02T18:00 2026-01-05T18:00");
        runs("cron(0 8 1 * ? *)", UTC, new_year, "2026-01-01T08:00 2026-02-01T08:00");
        runs("cron(0/15 * * * ? *)", UTC, new_year, "2026-01-01T00:15 2026-01-01T00:30 2026-01-01T00:45 2026-01-01T01:00");
        runs("cron(0/10 * ? * MON-FRI *)", UTC, "2026-01-02T23:45:00Z", "2026-01-02T23:50 2026-01-05T00:00");
        runs("cron(0/5 8-17 ? * MON-FRI *)", UTC, "2026-01-01T17:50:00Z", "2026-01-01T17:55 2026-01-02T08:00");
        // «From 12:00 AM to 2:00 AM on Monday morning» too.
        runs("cron(0/30 20-2 ? * MON-FRI *)", UTC, "2026-01-02T23:00:00Z", "2026-01-02T23:30 2026-01-05T00:00 2026-01-05T00:30");
        runs("cron(0/30 20-2 ? * MON-FRI *)", UTC, "2026-01-05T02:00:00Z", "2026-01-05T02:30 2026-01-05T20:00");
        runs("cron(30 6 ? * MON *)", UTC, new_year, "2026-01-05T06:30 2026-01-12T06:30");
        runs("cron(0 9 ? * 3#2 *)", UTC, new_year, "2026-01-13T09:00 2026-02-10T09:00");
        runs("cron(0 9 3W * ? *)", UTC, new_year, "2026-01-02T09:00 2026-02-03T09:00");
        runs("cron(1/10 4 * * ? *)", UTC, new_year, "2026-01-01T04:01 2026-01-01T04:11 2026-01-01T04:21");
        runs("cron(0 0 1 JAN,FEB,MAR ? *)", UTC, new_year, "2026-02-01T00:00 2026-03-01T00:00 2027-01-01T00:00");
        wrong("cron(0 0 ? * 3#1,6#3 *)", &[
            "cron day-of-week `3#1` must be from 1 to 7 or SUN to SAT (with , - * / or, alone, ? L 6L 6#3)",
            "cron day-of-week `6#3` must be from 1 to 7 or SUN to SAT (with , - * / or, alone, ? L 6L 6#3)",
        ]);
    }

    #[test]
    fn rates_and_single_times() {
        runs("rate(1 minute)", UTC, "2026-01-01T00:00:00Z", "2026-01-01T00:01 2026-01-01T00:02");
        runs("rate(5 minutes)", UTC, "2026-01-01T00:01:00Z", "2026-01-01T00:06");
        runs("rate(12 hours)", UTC, "2026-01-01T00:00:00Z", "2026-01-01T12:00 2026-01-02T00:00");
        // 24 hours, also on the day that has 23.
        runs("rate(1 day)", BERLIN, "2026-03-28T11:00:00Z", "2026-03-29T11:00");
        runs("rate(4294967295 days)", UTC, "2026-01-01T00:00:00Z", "-");
        runs("at(2026-03-17T12:00:00)", UTC, "2026-03-17T11:59:59.9Z", "2026-03-17T12:00 -");
        runs("at(2026-03-17T12:00:00)", BERLIN, "2026-01-01T00:00:00Z", "2026-03-17T11:00 -");
        runs("at(2026-03-17T12:00:00)", NEW_YORK, "2026-01-01T00:00:00Z", "2026-03-17T16:00 -");
        runs("at(2026-03-17T12:00:00)", UTC, "2026-03-17T12:00:00Z", "-");
        runs("at(2025-12-31T23:59:59)", UTC, "2026-01-01T00:00:00Z", "-");
        runs("at(2028-02-29T00:00:00)", UTC, "2026-01-01T00:00:00Z", "2028-02-29T00:00 -");
    }

    #[test]
    fn values_lists_ranges_and_steps() {
        let new_year = "2026-01-01T00:00:00Z";
        runs("cron(0 0 ? * 1 *)", UTC, new_year, "2026-01-04T00:00"); // Sunday
        runs("cron(0 0 ? * 7 *)", UTC, new_year, "2026-01-03T00:00"); // Saturday
        runs("cron(0 0 ? * sat,Mon *)", UTC, new_year, "2026-01-03T00:00 2026-01-05T00:00");
        runs("cron(0 0 ? * FRI-MON *)", UTC, new_year, "2026-01-02T00:00 2026-01-03T00:00 2026-01-04T00:00 2026-01-05T00:00 2026-01-09T00:00");
        runs("cron(0 0 ? * 2/2 *)", UTC, new_year, "2026-01-02T00:00 2026-01-05T00:00 2026-01-07T00:00 2026-01-09T00:00");
        runs("cron(0 22-2/3 1 1 ? *)", UTC, "2025-12-31T23:00:00Z", "2026-01-01T01:00 2026-01-01T22:00");
        runs("cron(0 0 1 NOV-FEB ? *)", UTC, new_year, "2026-02-01T00:00 2026-11-01T00:00 2026-12-01T00:00 2027-01-01T00:00");
        runs("cron(0 0 30-2 * ? *)", UTC, new_year, "2026-01-02T00:00 2026-01-30T00:00 2026-01-31T00:00 2026-02-01T00:00");
        runs("cron(50-10/10,30 0 1 1 ? *)", UTC, "2025-12-31T23:59:00Z", "2026-01-01T00:00 2026-01-01T00:10 2026-01-01T00:30 2026-01-01T00:50 2027-01-01T00:00");
        runs("cron(*/20 0 1 1 ? *)", UTC, new_year, "2026-01-01T00:20 2026-01-01T00:40 2027-01-01T00:00");
        runs("cron(/20 0 1 1 ? *)", UTC, new_year, "2026-01-01T00:20 2026-01-01T00:40 2027-01-01T00:00");
        runs("cron( 00  08\t01 01 ? 2026 )", UTC, new_year, "2026-01-01T08:00 -");
        runs("cron(0 0 1 1 ? 2026-2030/2)", UTC, new_year, "2028-01-01T00:00 2030-01-01T00:00 -");
        runs("cron(0 0 1 1 ? 2199)", UTC, new_year, "2199-01-01T00:00 -");
        runs("cron(0 0 1 1 ? 1970)", UTC, "-002000-01-01T00:00:00Z", "1970-01-01T00:00 -");
        runs("cron(0 0 1 1 ? 2020-2025)", UTC, new_year, "-");
        runs("cron(0 0 * * ? *)", UTC, "2026-01-01T00:00:00.5Z", "2026-01-02T00:00");
        runs("cron(0 0 * * ? *)", UTC, "2025-12-31T23:59:59.9Z", "2026-01-01T00:00");
    }

    #[test]
    fn ends_of_months_and_leap_years() {
        let new_year = "2026-01-01T00:00:00Z";
        runs("cron(0 0 31 * ? *)", UTC, new_year, "2026-01-31T00:00 2026-03-31T00:00 2026-05-31T00:00");
        runs("cron(0 0 29 2 ? *)", UTC, new_year, "2028-02-29T00:00 2032-02-29T00:00");
        runs("cron(0 0 29 2 ? *)", UTC, "2096-03-01T00:00:00Z", "2104-02-29T00:00");
        runs("cron(0 0 30 2 ? *)", UTC, new_year, "-");
        runs("cron(0 0 L * ? *)", UTC, new_year, "2026-01-31T00:00 2026-02-28T00:00 2026-03-31T00:00 2026-04-30T00:00");
        runs("cron(0 0 L 2 ? *)", UTC, new_year, "2026-02-28T00:00 2027-02-28T00:00 2028-02-29T00:00");
        runs("cron(0 0 l-3 2 ? *)", UTC, new_year, "2026-02-25T00:00 2027-02-25T00:00 2028-02-26T00:00");
        runs("cron(0 0 L-30 * ? *)", UTC, new_year, "2026-03-01T00:00 2026-05-01T00:00");
    }

    #[test]
    fn workdays_and_weekdays_of_the_month() {
        let new_year = "2026-01-01T00:00:00Z";
        // The 31st of January is a Saturday, the 28th of February too.
        runs("cron(0 0 LW * ? *)", UTC, new_year, "2026-01-30T00:00 2026-02-27T00:00 2026-03-31T00:00");
        // The 31st of May is a Sunday.
        runs("cron(0 0 lw 5 ? *)", UTC, new_year, "2026-05-29T00:00");
        runs("cron(0 0 31W * ? *)", UTC, new_year, "2026-01-30T00:00 2026-03-31T00:00 2026-05-29T00:00");
        // The 1st of August is a Saturday, the 1st of February and of March a Sunday.
        runs("cron(0 0 1W * ? *)", UTC, "2026-01-31T12:00:00Z", "2026-02-02T00:00 2026-03-02T00:00");
        runs("cron(0 0 1W 8 ? *)", UTC, new_year, "2026-08-03T00:00");
        runs("cron(0 0 15W * ? *)", UTC, new_year, "2026-01-15T00:00 2026-02-16T00:00 2026-03-16T00:00 2026-04-15T00:00 2026-05-15T00:00 2026-06-15T00:00 2026-07-15T00:00 2026-08-14T00:00");
        runs("cron(0 0 ? * L *)", UTC, new_year, "2026-01-03T00:00 2026-01-10T00:00");
        runs("cron(0 0 ? * 6L *)", UTC, new_year, "2026-01-30T00:00 2026-02-27T00:00 2026-03-27T00:00");
        runs("cron(0 0 ? * friL *)", UTC, new_year, "2026-01-30T00:00 2026-02-27T00:00");
        runs("cron(0 0 ? * 7L *)", UTC, new_year, "2026-01-31T00:00 2026-02-28T00:00 2026-03-28T00:00");
        runs("cron(0 0 ? * 1L 2026)", UTC, "2026-11-01T00:00:00Z", "2026-11-29T00:00 2026-12-27T00:00 -");
        runs("cron(0 0 ? * MON#1 *)", UTC, new_year, "2026-01-05T00:00 2026-02-02T00:00");
        runs("cron(0 0 ? * 5#5 *)", UTC, new_year, "2026-01-29T00:00 2026-04-30T00:00 2026-07-30T00:00");
    }

    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
    #[test]
    fn spring_skips_and_autumn_does_not_repeat() {
        // Berlin: 2026-03-29 02:00 +01 becomes 03:00 +02; 2026-10-25 03:00 +02 becomes 02:00 +01.
        runs("cron(0 8 * * ? *)", BERLIN, "2026-03-28T00:00:00Z", "2026-03-28T07:00 2026-03-29T06:00");
        runs("cron(30 2 * * ? *)", BERLIN, "2026-03-28T00:00:00Z", "2026-03-28T01:30 2026-03-30T00:30");
        runs("cron(0/30 1-3 29 3 ? 2026)", BERLIN, "2026-03-28T00:00:00Z", "2026-03-29T00:00 2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30 -");
        runs("at(2026-03-29T02:30:00)", BERLIN, "2026-03-28T00:00:00Z", "-");
        runs("cron(0 8 * * ? *)", BERLIN, "2026-10-24T00:00:00Z", "2026-10-24T06:00 2026-10-25T07:00");
        runs("cron(30 2 * * ? *)", BERLIN, "2026-10-24T12:00:00Z", "2026-10-25T00:30 2026-10-26T01:30");
        runs("cron(0/30 2-3 25 10 ? 2026)", BERLIN, "2026-10-24T12:00:00Z", "2026-10-25T00:00 2026-10-25T00:30 2026-10-25T02:00 2026-10-25T02:30 -");
        // From within the repeated hour.
        runs("cron(0/30 2-3 25 10 ? 2026)", BERLIN, "2026-10-25T01:10:00Z", "2026-10-25T02:00");
        runs("at(2026-10-25T02:30:00)", BERLIN, "2026-10-24T12:00:00Z", "2026-10-25T00:30 -");
        // New York: 2026-03-08 02:00 -05 becomes 03:00 -04; 2026-11-01 02:00 -04 becomes 01:00 -05.
        runs("cron(0 8 * * ? *)", NEW_YORK, "2026-03-07T00:00:00Z", "2026-03-07T13:00 2026-03-08T12:00");
        runs("cron(15 2 * * ? *)", NEW_YORK, "2026-03-07T00:00:00Z", "2026-03-07T07:15 2026-03-09T06:15");
        runs("cron(0 1-3 8 3 ? 2026)", NEW_YORK, "2026-03-08T00:00:00Z", "2026-03-08T06:00 2026-03-08T07:00 -");
        runs("cron(15 1 * * ? *)", NEW_YORK, "2026-11-01T00:00:00Z", "2026-11-01T05:15 2026-11-02T06:15");
        runs("cron(0 * 1 11 ? 2026)", NEW_YORK, "2026-11-01T04:30:00Z", "2026-11-01T05:00 2026-11-01T07:00");
        runs("at(2026-11-01T01:30:00)", NEW_YORK, "2026-11-01T05:45:00Z", "-");
        // Samoa had no 2011-12-30.
        runs("cron(0 12 30 12 ? 2011-2012)", "Pacific/Apia", "2011-12-01T00:00:00Z", "2012-12-29T22:00 -");
    }

    #[test]
    fn names_what_is_wrong() {
        const FORMS: &str = "must be at(yyyy-mm-ddThh:mm:ss), rate(value unit) or \
            cron(minutes hours day-of-month month day-of-week year)";
        for text in ["", "daily", "0 8 * * ? *", "cron(0 8 * * ? *", " rate(1 day)", "AT(2026-01-01T00:00:00)"] {
            wrong(text, &[&format!("schedule `{text}` {FORMS}")]);
        }
    }

    #[test]
    fn names_what_is_wrong_with_a_single_time() {
        for text in ["", "2026-01-01", "2026-01-01 00:00:00", "2026-01-01T00:00", "2026-01-01T00:00:00Z", "2026-1-01T00:00:000", "٢٠٢٦-01-01T00:00"] {
            wrong(&format!("at({text})"), &[&format!("at `{text}` must be yyyy-mm-ddThh:mm:ss, such as 2026-03-01T08:00:00")]);
        }
        wrong("at(2026-13-32T24:60:61)", &[
            "at month `13` must be from 1 to 12",
            "at day `32` must be from 1 to 31",
            "at hour `24` must be from 0 to 23",
            "at minute `60` must be from 0 to 59",
            "at second `61` must be from 0 to 59",
        ]);
        wrong("at(2026-02-29T00:00:00)", &["at day `29` must be from 1 to 28"]);
        wrong("at(2026-04-31T00:00:00)", &["at day `31` must be from 1 to 30"]);
        wrong("at(2026-00-00T00:00:00)", &["at month `00` must be from 1 to 12", "at day `00` must be from 1 to 31"]);
    }

    #[test]
    fn names_what_is_wrong_with_a_rate() {
        for text in ["", "5", "5minutes", "1 day 2 hours"] {
            wrong(&format!("rate({text})"), &[&format!("rate `{text}` must be value unit, such as 5 minutes or 1 day")]);
        }
        for value in ["0", "-1", "+1", "1.5", "x", "4294967296"] {
            wrong(&format!("rate({value} days)"), &[&format!("rate value `{value}` must be a whole number from 1 to 4294967295")]);
        }
        for unit in ["second", "weeks", "Days", "minutess", "s"] {
            wrong(&format!("rate(2 {unit})"), &[&format!("rate unit `{unit}` must be minute, minutes, hour, hours, day or days")]);
        }
        wrong("rate(1 hours)", &["rate unit `hours` must be hour, singular, after 1"]);
        wrong("rate(5 hour)", &["rate unit `hour` must be hours, plural, after 5"]);
        wrong("rate(0 week)", &[
            "rate value `0` must be a whole number from 1 to 4294967295",
            "rate unit `week` must be minute, minutes, hour, hours, day or days",
        ]);
    }

    #[test]
    fn names_what_is_wrong_with_cron_fields() {
        const DAY: &str = "must be from 1 to 31 (with , - * / or, alone, ? L L-3 LW 15W)";
        const WEEKDAY: &str = "must be from 1 to 7 or SUN to SAT (with , - * / or, alone, ? L 6L 6#3)";
        wrong("cron(0 8 * * *)", &["cron `0 8 * * *` has 5 fields, must have 6: minutes hours day-of-month month day-of-week year"]);
        wrong("cron()", &["cron `` has 0 fields, must have 6: minutes hours day-of-month month day-of-week year"]);
        wrong("cron(60 24 32 13 ? 2200)", &[
            "cron minutes `60` must be from 0 to 59 (with , - * /)",
            "cron hours `24` must be from 0 to 23 (with , - * /)",
            &format!("cron day-of-month `32` {DAY}"),
            "cron month `13` must be from 1 to 12 or JAN to DEC (with , - * /)",
            "cron year `2200` must be from 1970 to 2199 (with , - * /)",
        ]);
        // What the API calls «Invalid Month value: 'MON'».
        wrong("cron(0 16 * * MON-FRI *)", &["cron day-of-month `*` or day-of-week `MON-FRI` must be `?`"]);
        wrong("cron(0 16 * * * *)", &["cron day-of-month `*` or day-of-week `*` must be `?`"]);
        wrong("cron(0 16 ? * ? *)", &["cron day-of-month or day-of-week must not be `?`"]);
        wrong("cron(0 16 0 * 0 *)", &[
            &format!("cron day-of-month `0` {DAY}"),
            &format!("cron day-of-week `0` {WEEKDAY}"),
            "cron day-of-month `0` or day-of-week `0` must be `?`",
        ]);
        wrong("cron(0 0 ? * 8,MONDAY *)", &[&format!("cron day-of-week `8` {WEEKDAY}"), &format!("cron day-of-week `MONDAY` {WEEKDAY}")]);
        wrong("cron(70-80/0 0 * * ? *)", &[
            "cron minutes `70` must be from 0 to 59 (with , - * /)",
            "cron minutes `80` must be from 0 to 59 (with , - * /)",
            "cron minutes `70-80/0` must be from 1 to 59 after `/`",
        ]);
        for item in ["*/0", "*/60", "*/", "5/x", "/", "1-5/-1", "1/2/3"] {
            wrong(&format!("cron({item} 0 * * ? *)"), &[&format!("cron minutes `{item}` must be from 1 to 59 after `/`")]);
        }
        for item in ["?", "L", "+5", "-", ",", "*5", "0x5", "99999", "½"] {
            assert!(Schedule::parse(&format!("cron({item} 0 * * ? *)")).is_err(), "{item}");
        }
        wrong("cron(0 0 * * ? 2030-2026)", &["cron year `2030-2026` must be a range from a smaller to a larger value"]);
        wrong("cron(0 0 1,L * ? *)", &[&format!("cron day-of-month `L` {DAY}")]);
        wrong("cron(0 0 1W,15W * ? *)", &[&format!("cron day-of-month `1W` {DAY}"), &format!("cron day-of-month `15W` {DAY}")]);
        wrong("cron(0 0 32W * ? *)", &[&format!("cron day-of-month `32` {DAY}")]);
        wrong("cron(0 0 L-31 * ? *)", &["cron day-of-month `L-31` must be from L-1 to L-30"]);
        wrong("cron(0 0 1-? * ? *)", &[&format!("cron day-of-month `?` {DAY}")]);
        wrong("cron(0 0 ? * 6#6 *)", &["cron day-of-week `6#6` must be from 1 to 5 after `#`"]);
        wrong("cron(0 0 ? * 8#0 *)", &[&format!("cron day-of-week `8` {WEEKDAY}"), "cron day-of-week `8#0` must be from 1 to 5 after `#`"]);
        wrong("cron(0 0 ? * 15W *)", &[&format!("cron day-of-week `15W` {WEEKDAY}")]);
        wrong("cron(0 0 6L * ? *)", &[&format!("cron day-of-month `6L` {DAY}")]);
    }
}
