//! Made-up traffic, for want of recorded one.

use crate::random::Random;
use crate::trace::Trace;
use jiff::Timestamp;

/// How made-up traffic runs. Rates are requests a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Always the same.
    Constant {
        /// The rate.
        rate: f64,
    },
    /// Evenly from one rate to another.
    Ramp {
        /// At the start.
        from: f64,
        /// At the end.
        to: f64,
    },
    /// One rate, and another for a while.
    Spike {
        /// Before and after.
        base: f64,
        /// For a while.
        peak: f64,
        /// Minutes from the start until then.
        after: usize,
        /// Minutes that it takes.
        minutes: usize,
    },
    /// Every day alike, up and down.
    Diurnal {
        /// Twelve hours away from the peak.
        low: f64,
        /// At the peak.
        high: f64,
        /// Hour of the peak, UTC.
        peak_hour: u8,
    },
    /// The same with other weekends.
    Weekly {
        /// Twelve hours away from the peak.
        low: f64,
        /// At the peak of a weekday.
        high: f64,
        /// Hour of the peak, UTC.
        peak_hour: u8,
        /// Share of a weekday's traffic on Saturdays and Sundays.
        weekend: f64,
    },
    /// Nothing for long, then much for a while; lengths vary by the seed from half to one and a
    /// half times what is stated.
    Bursts {
        /// While there is traffic.
        rate: f64,
        /// Minutes with traffic.
        busy: usize,
        /// Minutes without.
        idle: usize,
    },
}

/// Made-up traffic; the same values give the same trace on every machine.
///
/// ```
/// use endpoint_autoscaler_simulator::{Shape, Synthetic};
///
/// let launch = Synthetic {
///     shape: Shape::Spike { base: 100.0, peak: 2000.0, after: 30, minutes: 20 },
///     start: "2026-03-02T08:00:00Z".parse()?,
///     minutes: 120,
///     noise: 0.1,
///     seed: 42,
/// };
/// assert_eq!(launch.trace(), launch.trace());
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synthetic {
    /// How it runs.
    pub shape: Shape,
    /// When it starts.
    pub start: Timestamp,
    /// How many minutes it has.
    pub minutes: usize,
    /// Standard deviation of each minute, as a share of its rate.
    pub noise: f64,
    /// What the noise follows from.
    pub seed: u64,
}

const DAY: i64 = 24 * 60;

impl Synthetic {
    /// The traffic, in whole requests.
    #[must_use]
    pub fn trace(&self) -> Trace {
        let mut random = Random(self.seed);
        let first = self.start.as_second().div_euclid(60);
        let mut burst = Burst::default();
        let requests = (0..self.minutes).map(|minute| {
            let now = first + i64::try_from(minute).unwrap_or(i64::MAX - first);
            let rate = match self.shape {
                Shape::Constant { rate } => rate,
                Shape::Ramp { from, to } => {
                    from + (to - from) * share(minute, self.minutes.saturating_sub(1))
                }
                Shape::Spike {
                    base,
                    peak,
                    after,
                    minutes,
                } => {
                    let within = minute >= after && minute - after < minutes;
                    if within { peak } else { base }
                }
                Shape::Diurnal {
                    low,
                    high,
                    peak_hour,
                } => low + (high - low) * day(now, peak_hour),
                Shape::Weekly {
                    low,
                    high,
                    peak_hour,
                    weekend,
                } => {
                    let weekday = low + (high - low) * day(now, peak_hour);
                    if is_weekend(now) {
                        weekday * weekend
                    } else {
                        weekday
                    }
                }
                Shape::Bursts { rate, busy, idle } => {
                    if burst.next(busy, idle, &mut random) {
                        rate
                    } else {
                        0.0
                    }
                }
            };
            let noise = if self.noise > 0.0 {
                self.noise * random.normal()
            } else {
                0.0
            };
            (rate * (1.0 + noise)).max(0.0).round()
        });
        Trace::new(self.start, requests.collect())
    }
}

#[expect(clippy::cast_precision_loss, reason = "minutes of a few years")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// From 0, twelve hours away from the peak, to 1. Close to a cosine, but the same on every machine.
fn day(minute: i64, peak_hour: u8) -> f64 {
    let from_peak = (minute - i64::from(peak_hour) * 60).rem_euclid(DAY);
    let away = from_peak.min(DAY - from_peak);
    #[expect(clippy::cast_precision_loss, reason = "minutes of a day")]
    let near = 1.0 - away as f64 / (DAY / 2) as f64;
    near * near * (3.0 - 2.0 * near)
}

/// The first day of Unix time was a Thursday.
fn is_weekend(minute: i64) -> bool {
    matches!((minute.div_euclid(DAY) + 4).rem_euclid(7), 0 | 6)
}

struct Burst {
    busy: bool,
    left: usize,
}

/// As if a busy spell had just ended.
impl Default for Burst {
    fn default() -> Self {
        Self {
            busy: true,
            left: 0,
        }
    }
}

impl Burst {
    fn next(&mut self, busy: usize, idle: usize, random: &mut Random) -> bool {
        if self.left == 0 {
            self.busy = !self.busy;
            let length = if self.busy { busy } else { idle };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "half to one and a half times a number of minutes"
            )]
            let varied = (length as f64 * (0.5 + random.uniform())) as usize;
            self.left = varied.max(1);
        }
        self.left -= 1;
        self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(shape: Shape, minutes: usize, noise: f64) -> Vec<f64> {
        // A Monday.
        let start = "2026-03-02T00:00:00Z".parse().expect("a time");
        let synthetic = Synthetic {
            shape,
            start,
            minutes,
            noise,
            seed: 1,
        };
        synthetic.trace().requests().to_vec()
    }

    #[test]
    fn shapes_run_as_they_are_called() {
        assert_eq!(made(Shape::Constant { rate: 5.0 }, 3, 0.0), [5.0; 3]);
        assert_eq!(
            made(
                Shape::Ramp {
                    from: 0.0,
                    to: 20.0
                },
                3,
                0.0
            ),
            [0.0, 10.0, 20.0]
        );
        let spike = Shape::Spike {
            base: 1.0,
            peak: 9.0,
            after: 1,
            minutes: 2,
        };
        assert_eq!(made(spike, 4, 0.0), [1.0, 9.0, 9.0, 1.0]);
    }

    #[test]
    fn days_peak_at_their_hour_and_weekends_are_quieter() {
        let diurnal = Shape::Diurnal {
            low: 10.0,
            high: 110.0,
            peak_hour: 15,
        };
        let day = made(diurnal, 1440, 0.0);
        assert_eq!(
            (day[15 * 60], day[3 * 60], day[9 * 60]),
            (110.0, 10.0, 60.0)
        );
        let weekly = Shape::Weekly {
            low: 10.0,
            high: 110.0,
            peak_hour: 15,
            weekend: 0.5,
        };
        let week = made(weekly, 7 * 1440, 0.0);
        let peaks: Vec<_> = (0..7).map(|day| week[day * 1440 + 15 * 60]).collect();
        assert_eq!(peaks, [110.0, 110.0, 110.0, 110.0, 110.0, 55.0, 55.0]);
    }

    #[test]
    fn bursts_begin_with_silence_and_come_again() {
        let bursts = made(
            Shape::Bursts {
                rate: 60.0,
                busy: 10,
                idle: 100,
            },
            2000,
            0.0,
        );
        assert!(bursts[0] < 1.0);
        let starts = bursts.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((10..40).contains(&starts), "{starts}");
    }

    #[test]
    fn noise_follows_from_the_seed() {
        let noisy = made(Shape::Constant { rate: 1000.0 }, 1000, 0.1);
        assert_eq!(noisy, made(Shape::Constant { rate: 1000.0 }, 1000, 0.1));
        let mean = noisy.iter().sum::<f64>() / 1000.0;
        assert!((mean - 1000.0).abs() < 20.0, "{mean}");
        assert!(noisy.iter().any(|value| *value > 1100.0));
    }
}
