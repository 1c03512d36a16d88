//! Durations, shares and numbers, as people write and read them.

use endpoint_autoscaler_simulator::Cpu;
use jiff::{Span, SpanRelativeTo};

/// A duration in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Duration {
    seconds: u32,
}

impl Duration {
    pub(super) fn of_minutes(minutes: u32) -> Self {
        Self {
            seconds: minutes * 60,
        }
    }

    pub(super) fn seconds(self) -> u32 {
        self.seconds
    }

    /// Whole minutes, at least one.
    pub(super) fn minutes(self) -> u32 {
        (self.seconds / 60).max(1)
    }
}

/// A part of the whole, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Share(pub(super) f64);

fn seconds(text: &str) -> Result<f64, String> {
    let rule = "must be a duration such as 90s, 5m, 1h30m or 14d";
    let span: Span = text.parse().map_err(|_| rule.to_owned())?;
    let time = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| rule.to_owned())?;
    if time.is_negative() {
        return Err(rule.to_owned());
    }
    Ok(time.as_secs_f64())
}

/// A duration from an option.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let seconds = seconds(text)?;
    if seconds > f64::from(u32::MAX) || seconds.fract() > 0.0 {
        return Err("must be whole seconds, at most 136 years".to_owned());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within bounds"
    )]
    let seconds = seconds as u32;
    Ok(Duration { seconds })
}

/// CPU utilization at rest and at capacity, from an option.
pub(super) fn cpu(text: &str) -> Result<Cpu, String> {
    let number = |text: &str| {
        text.trim()
            .parse()
            .ok()
            .filter(|number| (0.0..=100_000.0).contains(number))
    };
    text.split_once(',')
        .and_then(|(idle, full)| {
            Some(Cpu {
                idle: number(idle)?,
                full: number(full)?,
            })
        })
        .ok_or_else(|| "must be two numbers of per cent such as 5,80".to_owned())
}

/// Seconds that one request takes, from an option.
pub(super) fn latency(text: &str) -> Result<f64, String> {
    seconds(text).map_err(|_| "must be a duration such as 200ms or 1.5s".to_owned())
}

/// A percentage from an option: without its sign, 0.1 could mean a tenth as well as a thousandth.
pub(super) fn share(text: &str) -> Result<Share, String> {
    let number = text.strip_suffix('%').map(str::trim);
    let number = number.and_then(|number| number.parse::<f64>().ok());
    let percent = number.filter(|percent| (0.0..=100.0).contains(percent));
    let rule = "must be a percentage from 0% to 100%, such as 0.1%";
    percent
        .map(|percent| Share(percent / 100.0))
        .ok_or_else(|| rule.to_owned())
}

/// `12,345.7`: so many digits after the point, with groups of thousands.
pub(super) fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (sign, rest) = text
        .strip_prefix('-')
        .map_or(("", &*text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// `0.52 %`, with three digits that say something.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent >= 10.0 { 1 } else { 3 };
    let text = format!("{percent:.digits$}");
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The value without the digits that come from fractions of a minute.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_two_numbers() {
        let pair = |text| cpu(text).map(|cpu| (cpu.idle, cpu.full));
        assert_eq!(pair("5,80"), Ok((5.0, 80.0)));
        assert_eq!(pair("5, 400"), Ok((5.0, 400.0)));
        for wrong in ["5", "5 80", "5,", "-1,80", "5,80,90", "low,high"] {
            assert!(pair(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_as_people_write_them() {
        let seconds = |text| duration(text).map(Duration::seconds);
        assert_eq!(seconds("5m"), Ok(300));
        assert_eq!(seconds("1h30m"), Ok(5400));
        assert_eq!(seconds("14d"), Ok(14 * 86_400));
        assert_eq!(seconds("2w"), Ok(14 * 86_400));
        assert_eq!(seconds("1 hour"), Ok(3600));
        for wrong in ["5", "", "soon", "-5m", "1mo", "1y", "200ms"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(latency("200ms"), Ok(0.2));
        assert_eq!(latency("1.5s"), Ok(1.5));
    }

    #[test]
    fn shares_have_their_sign() {
        assert_eq!(share("0.1%"), Ok(Share(0.001)));
        assert_eq!(share("100 %"), Ok(Share(1.0)));
        for wrong in ["0.1", "", "%", "101%", "-1%", "NaN%"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(1_234_567.89, 1), "1,234,567.9");
        assert_eq!(number(336.0, 1), "336.0");
        assert_eq!(number(-1000.0, 0), "-1,000");
        assert_eq!(percent(0.005_208), "0.521 %");
        assert_eq!(percent(1.0), "100 %");
    }
}
