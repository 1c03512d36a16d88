//! Where the traffic of a simulation comes from: a file, a formula, or CloudWatch.

use super::Failure;
use super::args::{Model, ShapeName, ShapeOptions, Traffic};
use super::connect::Session;
use super::units::{Duration, Share};
use super::validate::read;
use crate::core::desire::{Wish, desire};
use crate::core::kind::Kind;
use crate::core::name::EndpointName;
use crate::core::observation::Observation;
use crate::core::settings::Settings;
use crate::core::subject::{Subject, subjects};
use endpoint_autoscaler_simulator::{Shape, Synthetic, Trace};
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The traffic, and what it belongs to.
pub(super) struct Scene {
    pub(super) trace: Trace,
    /// What the traffic is called.
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) target: String,
    /// Capacity at the start, unless an option says otherwise.
    pub(super) running: Option<u32>,
    /// The settings of an endpoint that was asked.
    pub(super) in_force: Option<Settings>,
}

/// Whether there is any; clap cannot say so, since `recommend --max-rps` needs none.
pub(super) fn given(model: &Model) -> Result<(), Failure> {
    let Traffic {
        trace,
        synthetic,
        endpoint,
    } = &model.traffic;
    if trace.is_none() && synthetic.is_none() && endpoint.is_none() {
        let ways = "there is no traffic: give --trace, --synthetic or --endpoint";
        return Err(Failure::usage(ways));
    }
    Ok(())
}

/// Reads or makes the traffic.
pub(super) async fn scene(model: &Model) -> Result<Scene, Failure> {
    let (trace, title) = match (&model.traffic.endpoint, model.traffic.synthetic) {
        (Some(endpoint), _) => return Box::pin(live(model, endpoint)).await,
        (None, Some(shape)) => {
            let title = format!("made-up {} traffic", shape_name(shape));
            (synthetic(shape, &model.shape)?.trace(), title)
        }
        (None, None) => {
            let file = model.traffic.trace.as_deref().unwrap_or(Path::new("-"));
            let trace = parse(&read(file)?).map_err(|error| Failure::of_file(file, error))?;
            (trace, file.display().to_string())
        }
    };
    Ok(Scene {
        trace,
        title,
        kind: model.kind.map_or(Kind::RealTime, Kind::from),
        target: model
            .target
            .clone()
            .unwrap_or_else(|| "AllTraffic".to_owned()),
        running: None,
        in_force: None,
    })
}

/// JSON begins with a brace, CSV with its header.
fn parse(text: &str) -> Result<Trace, endpoint_autoscaler_simulator::TraceError> {
    if text.trim_start().starts_with('{') {
        Trace::from_metric_data(text)
    } else {
        Trace::from_csv(text)
    }
}

fn shape_name(shape: ShapeName) -> &'static str {
    match shape {
        ShapeName::Constant => "constant",
        ShapeName::Ramp => "ramp",
        ShapeName::Spike => "spike",
        ShapeName::Diurnal => "diurnal",
        ShapeName::Weekly => "weekly",
        ShapeName::Bursts => "bursts",
    }
}

fn synthetic(name: ShapeName, given: &ShapeOptions) -> Result<Synthetic, Failure> {
    use ShapeName::{Bursts, Constant, Diurnal, Ramp, Spike, Weekly};
    let parameters: [(&str, bool, &[ShapeName]); 6] = [
        (
            "--low",
            given.low.is_some(),
            &[Ramp, Spike, Diurnal, Weekly],
        ),
        ("--peak-hour", given.peak_hour.is_some(), &[Diurnal, Weekly]),
        ("--weekend", given.weekend.is_some(), &[Weekly]),
        ("--after", given.after.is_some(), &[Spike]),
        ("--busy", given.busy.is_some(), &[Spike, Bursts]),
        ("--idle", given.idle.is_some(), &[Bursts]),
    ];
    for (option, is_given, shapes) in parameters {
        if is_given && !shapes.contains(&name) {
            let takes: Vec<_> = shapes.iter().map(|shape| shape_name(*shape)).collect();
            let shape = shape_name(name);
            let takes = takes.join(", ");
            return Err(Failure::usage(format!(
                "{option} is no parameter of `{shape}`; it belongs to {takes}"
            )));
        }
    }
    let high = rate("--high", given.high)?;
    let low = rate("--low", given.low.unwrap_or(high / 10.0))?;
    let minutes = |time: Option<Duration>, usual: u32| {
        time.unwrap_or(Duration::of_minutes(usual)).minutes() as usize
    };
    let busy = minutes(given.busy, 30);
    let peak_hour = given.peak_hour.unwrap_or(14);
    let (shape, usual_days) = match name {
        Constant => (Shape::Constant { rate: high }, 1),
        Ramp => (
            Shape::Ramp {
                from: low,
                to: high,
            },
            1,
        ),
        Spike => {
            let spike = Shape::Spike {
                base: low,
                peak: high,
                after: minutes(given.after, 120),
                minutes: busy,
            };
            (spike, 1)
        }
        Diurnal => (
            Shape::Diurnal {
                low,
                high,
                peak_hour,
            },
            14,
        ),
        Weekly => {
            let Share(weekend) = given.weekend.unwrap_or(Share(0.3));
            let weekly = Shape::Weekly {
                low,
                high,
                peak_hour,
                weekend,
            };
            (weekly, 14)
        }
        Bursts => {
            let idle = minutes(given.idle, 480);
            (
                Shape::Bursts {
                    rate: high,
                    busy,
                    idle,
                },
                14,
            )
        }
    };
    let Share(noise) = given.noise;
    Ok(Synthetic {
        shape,
        start: given.begin,
        minutes: minutes(given.length, usual_days * 1440),
        noise,
        seed: given.seed,
    })
}

fn rate(option: &str, value: f64) -> Result<f64, Failure> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(Failure::usage(format!(
        "{option} {value}: must be requests a minute, from 0 on"
    )))
}

/// What CloudWatch recorded for a target of an endpoint, and how that is scaled now.
async fn live(model: &Model, endpoint: &str) -> Result<Scene, Failure> {
    let endpoint =
        EndpointName::new(endpoint).map_err(|error| Failure::new(format!("--endpoint {error}")))?;
    let session = Session::open(&model.connection).await?;
    let seen = session.observe(&endpoint).await?;
    let subject = subject(&seen, model)?;
    let (from, period) = window(session.now, model.last);
    let resource = &subject.id.resource;
    let points = session
        .aws
        .recorded_invocations(resource, (from, session.now), period)
        .await?;
    if points.is_empty() {
        let since = from.strftime("%Y-%m-%d %H:%M");
        return Err(Failure::new(format!(
            "CloudWatch has no Invocations of {resource} since {since}: see --last and --target"
        )));
    }
    let trace = spread(&points, (from, session.now), i64::from(period));
    let in_force = desire(&seen, &session.installation)
        .targets
        .into_iter()
        .find(|target| target.id == subject.id)
        .and_then(|target| match target.wish {
            Wish::Scale { settings, .. } => Some(*settings),
            _ => None,
        });
    Ok(Scene {
        trace,
        title: resource.to_string(),
        kind: model.kind.map_or(subject.kind, Kind::from),
        target: subject.name().to_owned(),
        running: subject.running,
        in_force,
    })
}

/// The target that is meant.
fn subject(seen: &Observation, model: &Model) -> Result<Subject, Failure> {
    let Some(endpoint) = &seen.endpoint else {
        return Err(Failure::new(format!("there is no endpoint {}", seen.name)));
    };
    let all = subjects(&seen.name, endpoint);
    let names: Vec<_> = all
        .iter()
        .map(|subject| subject.name().to_owned())
        .collect();
    let names = names.join(", ");
    let mut meant: Vec<_> = match &model.target {
        Some(name) => all
            .into_iter()
            .filter(|subject| subject.name() == name)
            .collect(),
        None => all,
    };
    match (meant.pop(), meant.is_empty()) {
        (Some(subject), true) => Ok(subject),
        (None, _) => Err(Failure::new(format!("--target must be one of {names}"))),
        (Some(_), false) => Err(Failure::new(format!(
            "{} has several targets: give --target with one of {names}",
            seen.name
        ))),
    }
}

/// CloudWatch keeps data points of a minute for 15 days, of 5 minutes for 63, of an hour for 455
/// (API reference, `GetMetricData`); the start lies on a period.
fn window(now: Timestamp, last: Duration) -> (Timestamp, i32) {
    const DAY: u32 = 86_400;
    let period = match last.seconds() / DAY {
        ..15 => 60,
        15..63 => 300,
        63.. => 3600,
    };
    let from = now.as_second() - i64::from(last.seconds());
    let from = from.div_euclid(i64::from(period)) * i64::from(period);
    (Timestamp::from_second(from).unwrap_or(now), period)
}

/// Requests minute by minute; a period without a data point had none.
fn spread(points: &[(i64, f64)], (from, to): (Timestamp, Timestamp), period: i64) -> Trace {
    let first = from.as_second();
    let minutes = usize::try_from((to.as_second() - first) / 60).unwrap_or(0);
    let each = usize::try_from(period / 60).unwrap_or(1);
    let mut requests = vec![0.0; minutes];
    #[expect(clippy::cast_precision_loss, reason = "at most 60 minutes")]
    let share = 1.0 / each as f64;
    for (second, value) in points {
        let place = usize::try_from((second - first).div_euclid(60)).unwrap_or(usize::MAX);
        for minute in requests.iter_mut().skip(place).take(each) {
            *minute += value * share;
        }
    }
    Trace::new(from, requests)
}

/// Writes traffic as CSV, one row a period.
pub(super) fn write(model: &Model, trace: &Trace) -> Result<(), Failure> {
    let Some(file) = &model.trace_out else {
        return Ok(());
    };
    let minutes = model.period.minutes();
    let mut csv = String::from("timestamp,invocations\n");
    for (place, rows) in (0_i64..).zip(trace.requests().chunks(minutes as usize)) {
        let after = SignedDuration::from_mins(place * i64::from(minutes));
        let requests: f64 = rows.iter().sum();
        // Writing to a string cannot fail.
        let _ = writeln!(csv, "{},{requests}", trace.start() + after);
    }
    fs::write(file, csv).map_err(|error| Failure::of_file(file, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_periods_are_spread_and_gaps_had_no_requests() {
        let from = Timestamp::UNIX_EPOCH;
        let to = Timestamp::from_second(900).unwrap_or_default();
        let trace = spread(&[(300, 50.0)], (from, to), 300);
        let expected = [[0.0; 5], [10.0; 5], [0.0; 5]].concat();
        assert_eq!(trace.requests(), expected);
    }

    #[test]
    fn older_traffic_is_asked_for_by_longer_periods() {
        let now = Timestamp::from_second(1_000_000_007).unwrap_or_default();
        let day = 1440;
        for (days, period) in [(1, 60), (14, 60), (15, 300), (62, 300), (63, 3600)] {
            let (from, asked) = window(now, Duration::of_minutes(days * day));
            assert_eq!(asked, period);
            assert_eq!(from.as_second() % i64::from(period), 0);
        }
    }
}
