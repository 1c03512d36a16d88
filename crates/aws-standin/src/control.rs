//! The control routes: how a test in another language plays acts and looks on.

use std::time::Duration;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::fault::FaultRule;
use crate::standin::Standin;
use crate::wire::{WireRequest, WireResponse};

const PREFIX: &str = "/_standin/";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Latency {
    milliseconds: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Take {
    queue_name: String,
    #[serde(default = "ten")]
    max_messages: usize,
}

/// The batch size of a mapping where none is set ("Creating and configuring an
/// Amazon SQS event source mapping", Lambda developer guide).
const fn ten() -> usize {
    10
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Finish {
    event: Value,
    /// Absent where the function failed; null is an answer.
    #[serde(default, deserialize_with = "given")]
    answer: Option<Value>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Answers a request to a control route; AWS requests are not answered.
#[must_use]
pub fn control(standin: &Standin, request: &WireRequest) -> Option<WireResponse> {
    let route = request.path.strip_prefix(PREFIX)?;
    let (status, body) = match answer(standin, &request.method, route, &request.body) {
        Ok(body) => (200, body),
        Err(Refusal { status, message }) => (status, json!({ "error": message })),
    };
    Some(WireResponse {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    })
}

struct Refusal {
    status: u16,
    message: String,
}

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self {
            status: 400,
            message: error.to_string(),
        }
    }
}

fn answer(standin: &Standin, method: &str, route: &str, body: &[u8]) -> Result<Value, Refusal> {
    Ok(match (method, route) {
        ("POST", "acts") => {
            let events = standin.play_and_take_events(serde_json::from_slice(body)?)?;
            json!({ "events": events })
        }
        ("GET", "events") => json!({ "events": standin.take_events() }),
        ("GET", "state") => standin.state(),
        ("GET", "journal") => json!(standin.journal()),
        ("DELETE", "journal") => {
            standin.clear_journal();
            json!({})
        }
        ("POST", "faults") => {
            let rules: Vec<FaultRule> = serde_json::from_slice(body)?;
            for rule in rules {
                standin.inject(rule);
            }
            json!({})
        }
        ("DELETE", "faults") => {
            standin.clear_faults();
            json!({})
        }
        ("POST", "queue/take") => {
            let take: Take = serde_json::from_slice(body)?;
            standin.take_messages(&take.queue_name, take.max_messages)?
        }
        ("POST", "queue/finish") => {
            let Finish { event, answer } = serde_json::from_slice(body)?;
            standin.finish_messages(&event, answer.as_ref())?;
            json!({})
        }
        ("POST", "latency") => {
            let Latency { milliseconds } = serde_json::from_slice(body)?;
            standin.set_latency(Duration::from_millis(milliseconds));
            json!({})
        }
        _ => {
            return Err(Refusal {
                status: 404,
                message: format!("there is no control route {method} {PREFIX}{route}"),
            });
        }
    })
}
