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
mod tests;
