//! Instants as RFC 3339 writes them.

use serde::{Deserialize, Deserializer};
use std::fmt;
use std::str::FromStr;

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

/// A text that names no instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotATime(String);

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        write!(f, "`{text}` is no time such as `2026-03-02T09:30:00Z`")
    }
}

impl std::error::Error for NotATime {}

impl FromStr for Instant {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        parse(text).ok_or_else(|| NotATime(text.to_owned()))
    }
}

/// `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; what is finer than a millisecond is left off.
fn parse(text: &str) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let legal = (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !legal {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            rest.split_at_checked(rest.find(|character: char| !character.is_ascii_digit())?)?
        }
        None => ("0", rest),
    };
    if fraction.is_empty() {
        return None;
    }
    let milliseconds: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let offset = offset(zone)?;
    let minutes = days_since_1970(year, month, day) * 1440 + hour * 60 + minute - offset;
    Some(Instant((minutes * 60 + second) * 1000 + milliseconds))
}

/// Minutes that a zone's clocks are ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let [hours, minutes] = numbers(zone.strip_prefix(['+', '-'])?, ':')?;
    let ahead = hours * 60 + minutes;
    let legal = hours < 24 && minutes < 60;
    legal.then_some(if zone.starts_with('-') { -ahead } else { ahead })
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split(separator);
    let parts: Option<Vec<i64>> = parts
        .map(|part| part.parse().ok().filter(|_| digits(part)))
        .collect();
    parts?.try_into().ok()
}

fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Of the Gregorian calendar. Years begin in March here, so that the leap day ends one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let before_this_year = year * 365 + year / 4 - year / 100 + year / 400;
    let before_this_month = (month * 153 + 2) / 5;
    before_this_year + before_this_month + day - 1 - 719_468
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: i64) {
        assert_eq!(text.parse(), Ok(Instant(seconds * 1000)));
    }

    #[test]
    fn instants() {
        check("1970-01-01T00:00:00Z", 0);
        check("1969-12-31T23:59:59Z", -1);
        check("2000-02-29T12:00:00Z", 951_825_600);
        check("2026-03-02T09:30:00Z", 1_772_443_800);
        check("2026-03-02T10:30:00+01:00", 1_772_443_800);
        check("2026-03-02T02:00:00-07:30", 1_772_443_800);
        check("2099-12-31T23:59:59Z", 4_102_444_799);
    }

    #[test]
    fn fractions_of_a_second() {
        assert_eq!("1970-01-01T00:00:00.25Z".parse(), Ok(Instant(250)));
        assert_eq!("1970-01-01T00:00:00.123456Z".parse(), Ok(Instant(123)));
    }

    #[test]
    fn refusals_say_what_a_time_looks_like() {
        for text in [
            "",
            "yesterday",
            "2026-03-02",
            "2026-03-02T09:30:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T09:30:00.Z",
            "2026-03-02T09:30:00.5",
            "2026-03-02T09:30:00+1",
            "2026-03-02T09:30:00+24:00",
            "+026-03-02T09:30:00Z",
            "2026-03-0ä",
        ] {
            let refused = text.parse::<Instant>().unwrap_err().to_string();
            assert_eq!(
                refused,
                format!("`{text}` is no time such as `2026-03-02T09:30:00Z`")
            );
        }
    }
}
