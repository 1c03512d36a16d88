//! The fleet and the assumptions of a simulation, from options.

use super::Failure;
use super::args::FleetOptions;
use super::units::{Duration, duration};
use crate::core::problem::did_you_mean;
use endpoint_autoscaler_report::Assumption;
use endpoint_autoscaler_simulator::{Assumptions, Capacity, Fleet, OBSERVED_START_UP};
use serde_json::{Map, Value, json};

/// The fleet; `None` when nothing says what an instance serves.
pub(super) fn fleet(given: &FleetOptions) -> Option<Fleet> {
    let capacity = match (given.capacity_per_instance, given.latency) {
        (Some(requests), _) => Capacity::RequestsPerMinute(requests),
        (None, Some(latency)) => Capacity::Concurrency {
            latency,
            requests: given.concurrency_per_instance,
        },
        (None, None) => return None,
    };
    Some(Fleet {
        start_up: given.start_up.map_or(OBSERVED_START_UP, Duration::seconds),
        price_per_hour: given.price,
        cpu: given.cpu,
        shared_columns: given.shared_column.iter().cloned().collect(),
        ..Fleet::new(capacity)
    })
}

/// The defaults, with what `--assume` says instead.
pub(super) fn assumptions(given: &[String]) -> Result<Assumptions, Failure> {
    let usual = fields(&Assumptions::default());
    let mut stated = Map::new();
    for (name, value) in &usual {
        stated.insert(camel(name), value.clone());
    }
    for option in given {
        let wrong = |rule: String| Failure::usage(format!("--assume {option}: {rule}"));
        let (name, text) = option
            .split_once('=')
            .ok_or_else(|| wrong("must be NAME=VALUE, such as publish_lag=240".to_owned()))?;
        let name = name.trim().replace('-', "_");
        let Some((_, default)) = usual.iter().find(|(usual, _)| **usual == name) else {
            let meant = did_you_mean(&name, usual.iter().map(|(name, _)| name.as_str()));
            return Err(wrong(format!("there is no such assumption{meant}")));
        };
        let value = parsed(text.trim(), default)
            .ok_or_else(|| wrong(format!("must be {}", wanted(default))))?;
        stated.insert(camel(&name), value);
    }
    Ok(serde_json::from_value(Value::Object(stated))?)
}

/// A value of the same kind as the default; seconds also as durations.
fn parsed(text: &str, default: &Value) -> Option<Value> {
    match default {
        Value::Bool(_) => text.parse::<bool>().ok().map(Value::from),
        Value::Number(number) if number.is_f64() => {
            let value = text.parse::<f64>().ok()?;
            value.is_finite().then(|| Value::from(value))
        }
        _ => {
            let seconds = text.parse::<u32>().ok();
            let seconds = seconds.or_else(|| duration(text).ok().map(Duration::seconds));
            seconds.map(Value::from)
        }
    }
}

fn wanted(default: &Value) -> &'static str {
    match default {
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number",
        _ => "a whole number from 0 on; for times, of seconds, or such as 4m",
    }
}

/// By the names of the documentation.
fn fields(assumptions: &Assumptions) -> Vec<(String, Value)> {
    let printed = json!(assumptions);
    let fields = printed.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| (snake(name), value.clone()))
        .collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

/// All of them, as the report shows them.
pub(super) fn shown(assumptions: &Assumptions) -> Vec<Assumption> {
    let usual = fields(&Assumptions::default());
    let fields = fields(assumptions).into_iter().zip(usual);
    fields
        .map(|((name, value), (_, default))| {
            let source = if value == default {
                "default, see docs/simulator.md"
            } else {
                "--assume"
            };
            let times = ["lag", "period", "interval", "duration"];
            let is_time = times.iter().any(|word| name.ends_with(word));
            Assumption {
                unit: is_time.then(|| "s".to_owned()),
                source: Some(source.to_owned()),
                // The page makes words of it.
                name: camel(&name),
                value,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        for (name, _) in fields(&Assumptions::default()) {
            assert_eq!(snake(&camel(&name)), name);
        }
    }

    #[test]
    fn assumptions_are_overridden_one_by_one() {
        let given = [
            "publish-lag=4m",
            "low_ratio=0.8",
            "idle_publishes_zero=false",
        ];
        let made = assumptions(&given.map(str::to_owned)).ok();
        let expected = Assumptions {
            publish_lag: 240,
            low_ratio: 0.8,
            idle_publishes_zero: false,
            ..Assumptions::default()
        };
        assert_eq!(made, Some(expected));
    }

    #[test]
    fn what_is_wrong_with_an_assumption_is_said() {
        let message = |option: &str| {
            let failed = assumptions(&[option.to_owned()]).err();
            failed.map(|failure| failure.message).unwrap_or_default()
        };
        assert!(message("publish_lags=1").contains("did you mean `publish_lag`?"));
        assert!(message("publish_lag=soon").contains("whole number"));
        assert!(message("low_ratio=NaN").contains("a number"));
        assert!(message("publish_lag").contains("NAME=VALUE"));
    }
}
