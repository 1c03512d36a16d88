//! Traces as CSV.

use super::minutes::{Point, means, period, span, totals};
use super::problem::TraceError;
use super::{Column, Trace};
use jiff::Timestamp;

const HEADER: &str = "timestamp,invocations";
const TIME: &str = "timestamp";

pub(super) fn read(text: &str) -> Result<Trace, TraceError> {
    let mut problems = TraceError::default();
    // Spreadsheets write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines());
    let (_, header) = lines.next().unwrap_or((1, ""));
    let names = names(header, &mut problems);
    let Some(names) = names else {
        return Err(problems);
    };
    // Requests first, then one list for every further column.
    let mut points: Vec<Vec<Point>> = vec![Vec::new(); names.len()];
    let mut before: Option<(i64, &str)> = None;
    for (line, row) in lines {
        if row.trim().is_empty() {
            continue;
        }
        let mut cells = row.split(',').map(str::trim);
        let time = cells.next().unwrap_or_default();
        let Ok(second) = time.parse::<Timestamp>().map(Timestamp::as_second) else {
            problems.push(
                line,
                TIME,
                time,
                "must be RFC 3339, such as 2026-03-02T08:00:00Z",
            );
            continue;
        };
        if let Some((last, shown)) = before
            && second <= last
        {
            problems.push(
                line,
                TIME,
                time,
                format!("must be after `{shown}` of the row before"),
            );
        }
        before = Some((second, time));
        let mut count = 0;
        // The cells come last in the pair, so that a surplus one is not taken.
        for ((name, points), cell) in names.iter().zip(&mut points).zip(cells.by_ref()) {
            count += 1;
            let requests = count == 1;
            if let Some(value) = number(cell, requests, line, name, &mut problems) {
                points.push(Point {
                    second,
                    value,
                    line,
                });
            }
        }
        let surplus = cells.count();
        if count + surplus != names.len() {
            let got = (count + surplus + 1).to_string();
            let rule = format!("cells must be {}, as the header has", names.len() + 1);
            problems.push(line, "row", &got, rule);
        }
    }
    if points[0].is_empty() && problems.problems.is_empty() {
        problems.push(2, "row", "", format!("must follow the header `{HEADER}`"));
    }
    if !problems.problems.is_empty() {
        return Err(problems);
    }
    let period = period(&points[0], TIME, &mut problems);
    let (start, minutes) = span(&points[0], period, TIME, &mut problems);
    let columns = names[1..]
        .iter()
        .zip(&points[1..])
        .map(|(name, points)| Column {
            name: (*name).to_owned(),
            values: means(points, period, start, minutes),
        });
    problems.or(Trace {
        start: Timestamp::from_second(start).unwrap_or_default(),
        requests: totals(&points[0], period, start, minutes),
        columns: columns.collect(),
    })
}

/// The names of all columns but the first.
fn names<'a>(header: &'a str, problems: &mut TraceError) -> Option<Vec<&'a str>> {
    let names: Vec<_> = header.split(',').map(str::trim).collect();
    let is = |index: usize, name: &str| {
        names
            .get(index)
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    if !is(0, TIME) || !is(1, "invocations") {
        problems.push(1, "header", header, format!("must begin with `{HEADER}`"));
        return None;
    }
    for (index, name) in names.iter().enumerate().skip(2) {
        if name.is_empty() || names[..index].contains(name) {
            problems.push(1, "header", name, "must be the name of a metric, once");
        }
    }
    Some(names[1..].to_vec())
}

fn number(
    cell: &str,
    requests: bool,
    line: usize,
    name: &str,
    problems: &mut TraceError,
) -> Option<f64> {
    if cell.is_empty() && !requests {
        return None;
    }
    let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
    match value {
        Some(value) if !requests || value >= 0.0 => Some(value),
        _ => {
            let rule = if requests {
                "must be a number from 0 on"
            } else {
                "must be a number or empty"
            };
            problems.push(line, name, cell, rule);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn requests(text: &str) -> Vec<f64> {
        read(text).expect("a trace").requests
    }

    fn problems(text: &str) -> Vec<String> {
        let error = read(text).expect_err("something is wrong");
        error.to_string().lines().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn minutes_are_read_as_they_are_and_gaps_have_no_requests() {
        let text = "timestamp,invocations\n2026-03-02T08:00:00Z,5\n2026-03-02T08:01:00Z,6\r\n\n2026-03-02T10:03:00+02:00,7\n";
        let trace = read(text).expect("a trace");
        assert_eq!(trace.start.to_string(), "2026-03-02T08:00:00Z");
        assert_eq!(trace.requests, [5.0, 6.0, 0.0, 7.0]);
    }

    #[test]
    fn longer_periods_are_spread_and_shorter_ones_added_up() {
        let five = "timestamp,invocations\n2026-03-02T08:00:00Z,50\n2026-03-02T08:05:00Z,100\n";
        assert_eq!(requests(five), [[10.0; 5], [20.0; 5]].concat());
        let ten = "timestamp,invocations\n2026-03-02T08:00:40Z,1\n2026-03-02T08:00:50Z,2\n2026-03-02T08:01:00Z,4\n";
        assert_eq!(requests(ten), [3.0, 4.0]);
    }

    #[test]
    fn further_columns_are_metrics_with_gaps() {
        let text = "Timestamp, Invocations, QueueDepth\n2026-03-02T08:00:00Z,5,1.5\n2026-03-02T08:01:00Z,6,\n";
        let trace = read(text).expect("a trace");
        let index = trace.column_index("QueueDepth").expect("there");
        assert_eq!(trace.column(index, 0), Some(1.5));
        assert_eq!(trace.column(index, 1), None);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let text = "timestamp,invocations\n2026-03-02,5\n2026-03-02T08:01:00Z,-1\n2026-03-02T08:01:00Z,many\n2026-03-02T08:02:00Z\n2026-03-02T08:03:00Z,1,2\n";
        assert_eq!(
            problems(text),
            [
                "line 2, timestamp: `2026-03-02` must be RFC 3339, such as 2026-03-02T08:00:00Z",
                "line 3, invocations: `-1` must be a number from 0 on",
                "line 4, timestamp: `2026-03-02T08:01:00Z` must be after `2026-03-02T08:01:00Z` of the row before",
                "line 4, invocations: `many` must be a number from 0 on",
                "line 5, row: `1` cells must be 2, as the header has",
                "line 6, row: `3` cells must be 2, as the header has",
            ]
        );
    }

    #[test]
    fn the_header_and_a_row_must_be_there() {
        assert_eq!(
            problems("time,count\n"),
            ["line 1, header: `time,count` must begin with `timestamp,invocations`"]
        );
        assert_eq!(
            problems(""),
            ["line 1, header: `` must begin with `timestamp,invocations`"]
        );
        assert_eq!(
            problems("timestamp,invocations\n"),
            ["line 2, row: `` must follow the header `timestamp,invocations`"]
        );
        assert_eq!(
            problems("timestamp,invocations,a,a\n2026-03-02T08:00:00Z,1,2,3\n"),
            ["line 1, header: `a` must be the name of a metric, once"]
        );
    }

    #[test]
    fn hourly_rows_keep_their_distance() {
        let text = "timestamp,invocations\n2026-03-02T08:00:00Z,1\n2026-03-02T09:00:00Z,1\n2026-03-02T10:30:00Z,1\n";
        assert_eq!(
            problems(text),
            [
                "line 4, timestamp: `9000` seconds after the first row must be a multiple of 3600, the closest distance of two rows"
            ]
        );
    }

    #[test]
    fn a_mistyped_year_does_not_fill_the_memory() {
        let text = "timestamp,invocations\n2026-03-02T08:00:00Z,1\n2206-03-02T08:01:00Z,1\n";
        assert_eq!(
            problems(text),
            ["line 3, timestamp: `65743` days from the first to the last row must be at most 3660"]
        );
    }

    #[test]
    fn only_the_first_problems_are_shown() {
        let text = format!("timestamp,invocations\n{}", "x,1\n".repeat(25));
        let error = read(&text).expect_err("wrong");
        assert_eq!((error.problems.len(), error.more), (20, 5));
        assert!(error.to_string().ends_with("\nand 5 more"));
    }
}
