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
