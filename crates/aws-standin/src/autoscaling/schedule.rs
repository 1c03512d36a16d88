//! The three kinds of schedule expression.

use std::ops::RangeInclusive;

/// Refuses a schedule of the wrong form: `at(yyyy-mm-ddThh:mm:ss)`,
/// `rate(value unit)` or `cron(minutes hours day-of-month month day-of-week
/// year)` (`PutScheduledAction`, API reference).
pub(super) fn check_schedule(schedule: &str) -> Result<(), String> {
    let inside = |kind: &str| {
        schedule
            .strip_prefix(kind)?
            .strip_prefix('(')?
            .strip_suffix(')')
    };
    let fine = if let Some(time) = inside("at") {
        time.len() == "yyyy-mm-ddThh:mm:ss".len() && time.parse::<jiff::civil::DateTime>().is_ok()
    } else if let Some(rate) = inside("rate") {
        check_rate(rate)
    } else if let Some(fields) = inside("cron") {
        check_cron(fields)
    } else {
        false
    };
    if fine {
        Ok(())
    } else {
        Err(format!("The schedule expression {schedule} is not valid."))
    }
}

/// One is `minute`, more are `minutes`.
fn check_rate(rate: &str) -> bool {
    let Some((value, unit)) = rate.split_once(' ') else {
        return false;
    };
    match value.parse::<u32>() {
        Ok(1) => ["minute", "hour", "day"].contains(&unit),
        Ok(2..) => ["minutes", "hours", "days"].contains(&unit),
        _ => false,
    }
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A field of a cron expression: its numbers, the names that stand for them
/// from the first number on, and the wildcards it alone takes.
struct Field {
    numbers: RangeInclusive<u32>,
    names: &'static [&'static str],
    special: &'static str,
}

const fn field(
    numbers: RangeInclusive<u32>,
    names: &'static [&'static str],
    special: &'static str,
) -> Field {
    Field {
        numbers,
        names,
        special,
    }
}

/// "Schedule recurring scaling actions using cron expressions", Application
/// Auto Scaling user guide (scheduled-scaling-using-cron-expressions).
const FIELDS: [Field; 6] = [
    field(0..=59, &[], ""),
    field(0..=23, &[], ""),
    field(1..=31, &[], "?LW"),
    field(1..=12, &MONTHS, ""),
    field(1..=7, &WEEKDAYS, "?L#"),
    field(1970..=2199, &[], ""),
];

fn check_cron(fields: &str) -> bool {
    let parts: Vec<_> = fields.split_whitespace().collect();
    // A day is given of the month or of the week; the other one is `?`.
    parts.len() == FIELDS.len()
        && [parts[2], parts[4]]
            .iter()
            .filter(|day| **day == "?")
            .count()
            == 1
        && parts
            .iter()
            .zip(&FIELDS)
            .all(|(part, field)| field.takes(part))
}

impl Field {
    fn takes(&self, part: &str) -> bool {
        if part == "?" {
            return self.special.contains('?');
        }
        part.split(',').all(|item| self.takes_item(item))
    }

    fn takes_item(&self, item: &str) -> bool {
        if let Some((range, step)) = item.split_once('/') {
            return step.parse::<u32>().is_ok_and(|step| step > 0) && self.takes_range(range);
        }
        if let Some((day, ordinal)) = item.split_once('#') {
            let fifth = ordinal
                .parse::<u32>()
                .is_ok_and(|ordinal| (1..=5).contains(&ordinal));
            return self.special.contains('#') && fifth && self.value(day).is_some();
        }
        if let Some(day) = item
            .strip_suffix(['L', 'W'])
            .filter(|_| self.special.contains(&item[item.len() - 1..]))
        {
            return day.is_empty() || self.value(day).is_some() || item == "LW";
        }
        self.takes_range(item)
    }

    fn takes_range(&self, range: &str) -> bool {
        match range.split_once('-') {
            Some((from, to)) => self.value(from).zip(self.value(to)).is_some(),
            None => range == "*" || self.value(range).is_some(),
        }
    }

    fn value(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| *name == text);
        named
            .and_then(|index| u32::try_from(index).ok())
            .map(|index| index + self.numbers.start())
            .or_else(|| text.parse().ok())
            .filter(|value| self.numbers.contains(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_of_the_right_form_are_taken() {
        for schedule in [
            "at(2026-03-01T08:00:00)",
            "rate(1 hour)",
            "rate(5 minutes)",
            "cron(0 8 ? * MON-FRI *)",
            "cron(0/15 8-17 * * ? 2026-2030)",
            "cron(0 10 1,15 JAN,JUL ? *)",
            "cron(0 10 L * ? *)",
            "cron(0 10 15W * ? *)",
            "cron(0 10 ? * 6L *)",
            "cron(0 10 ? * 2#1 *)",
        ] {
            assert_eq!(check_schedule(schedule), Ok(()), "{schedule}");
        }
    }

    #[test]
    fn schedules_of_the_wrong_form_are_refused() {
        for schedule in [
            "",
            "daily",
            "at(2026-03-01)",
            "at(2026-02-30T08:00:00)",
            "at(2026-03-01T08:00:00Z)",
            "rate(0 minutes)",
            "rate(1 hours)",
            "rate(2 hour)",
            "rate(5 weeks)",
            "cron(0 8 * * *)",
            "cron(0 8 * * * *)",
            "cron(0 8 ? * ? *)",
            "cron(60 8 ? * MON *)",
            "cron(0 24 ? * MON *)",
            "cron(0 8 ? * MUN *)",
            "cron(0 8 ? 13 MON *)",
            "cron(0/0 8 ? * MON *)",
            "cron(? 8 ? * MON *)",
            "cron(0 8 ? * MON *",
            "CRON(0 8 ? * MON *)",
        ] {
            assert!(check_schedule(schedule).is_err(), "{schedule}");
        }
    }
}
