//! Points at any distance become minutes.

use super::problem::TraceError;

/// A value that stands for the time from `second`, in Unix time, until the next point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) second: i64,
    pub(super) value: f64,
    /// Where it was written.
    pub(super) line: usize,
}

const MINUTE: i64 = 60;
/// Days of ten years; beyond them a year was mistyped.
const LONGEST: i64 = 3660;

/// The time that one point stands for: the closest distance of two.
pub(super) fn period(points: &[Point], column: &str, problems: &mut TraceError) -> i64 {
    let distances = points
        .windows(2)
        .map(|pair| pair[1].second - pair[0].second);
    let period = distances.min().unwrap_or(MINUTE).max(1);
    if period >= MINUTE {
        for point in points {
            if (point.second - points[0].second) % period != 0 {
                let distance = point.second - points[0].second;
                let rule = format!(
                    "seconds after the first row must be a multiple of {period}, the closest distance of two rows"
                );
                problems.push(point.line, column, &distance.to_string(), rule);
            }
        }
    }
    period
}

/// The minutes from the first to the last point, as Unix time of the first and their number.
pub(super) fn span(
    points: &[Point],
    period: i64,
    column: &str,
    problems: &mut TraceError,
) -> (i64, usize) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return (0, 0);
    };
    let start = first.second.div_euclid(MINUTE) * MINUTE;
    let days = (last.second - start) / MINUTE / 60 / 24;
    if days > LONGEST {
        let rule = format!("days from the first to the last row must be at most {LONGEST}");
        problems.push(last.line, column, &days.to_string(), rule);
        return (start, 0);
    }
    let minutes = (last.second + period - start + MINUTE - 1) / MINUTE;
    (start, usize::try_from(minutes).unwrap_or(0))
}

/// Adds up what falls into each minute; a point is spread evenly over its period.
pub(super) fn totals(points: &[Point], period: i64, start: i64, minutes: usize) -> Vec<f64> {
    let mut totals = vec![0.0; minutes];
    spread(points, period, start, minutes, |minute, value, share, _| {
        if let Some(total) = totals.get_mut(minute) {
            *total += value * share;
        }
    });
    totals
}

/// The mean of what touches each minute, NaN where nothing does.
pub(super) fn means(points: &[Point], period: i64, start: i64, minutes: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); minutes];
    spread(
        points,
        period,
        start,
        minutes,
        |minute, value, _, seconds| {
            if let Some((sum, weight)) = sums.get_mut(minute) {
                *sum += value * seconds;
                *weight += seconds;
            }
        },
    );
    // Nothing over nothing is NaN.
    sums.into_iter().map(|(sum, weight)| sum / weight).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a few years, from the start on"
)]
fn spread(
    points: &[Point],
    period: i64,
    start: i64,
    minutes: usize,
    mut put: impl FnMut(usize, f64, f64, f64),
) {
    if minutes == 0 {
        return;
    }
    for point in points {
        let (mut from, end) = (point.second - start, point.second - start + period);
        while from < end {
            let minute = from.div_euclid(MINUTE);
            let to = end.min((minute + 1) * MINUTE);
            let seconds = (to - from) as f64;
            put(
                minute as usize,
                point.value,
                seconds / period as f64,
                seconds,
            );
            from = to;
        }
    }
}
