//! A payload becomes a [`Request`]. The event only says *where to look*: every decision is
//! taken from a fresh observation, so lost, doubled and reordered events do no harm.

use crate::name::{ComponentName, EndpointName, VariantName};
use crate::report::Trigger;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde_json::Value;

/// What a payload asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Bring one endpoint's scaling to its desired state.
    Reconcile {
        /// Which endpoint.
        endpoint: EndpointName,
        /// What the event says besides.
        hints: Hints,
        /// What asked.
        trigger: Trigger,
        /// Stop before writing.
        dry_run: bool,
        /// Restore bounds that a schedule or a person moved.
        force: bool,
    },
    /// The endpoint is said to be going away: look, and release only if it really is.
    Retire {
        /// Which endpoint.
        endpoint: EndpointName,
        /// What asked.
        trigger: Trigger,
    },
    /// A tag of an endpoint changed. Only its ARN is told, in lower case.
    TagChange {
        /// The name as the ARN spells it.
        lower_case: EndpointName,
    },
    /// Somebody created, changed or deleted an inference component.
    Component {
        /// Which component.
        component: ComponentName,
        /// Its endpoint; only the creation names it.
        endpoint: Option<EndpointName>,
    },
    /// A parameter changed.
    Parameter {
        /// Its full name.
        name: String,
    },
    /// Bring every endpoint, or the rest of them, to its desired state.
    Sweep(Sweep),
    /// Messages of a queue, each on its own.
    Batch(Vec<Message>),
    /// Something that calls for nothing.
    Ignore,
}

impl Request {
    /// The one endpoint it is about, in lower case, where it says so.
    #[must_use]
    pub fn endpoint(&self) -> Option<String> {
        let name = match self {
            Self::Reconcile { endpoint, .. } | Self::Retire { endpoint, .. } => endpoint,
            Self::TagChange { lower_case } => lower_case,
            Self::Component { endpoint, .. } => endpoint.as_ref()?,
            Self::Parameter { .. } | Self::Sweep(_) | Self::Batch(_) | Self::Ignore => return None,
        };
        Some(name.as_str().to_ascii_lowercase())
    }
}

/// Which endpoints a sweep looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Only those whose names come after this one: an earlier sweep handed on its rest.
    pub after: Option<EndpointName>,
    /// Only these: one batch of a larger sweep.
    pub only: Option<Vec<EndpointName>>,
    /// Stop before writing.
    pub dry_run: bool,
}

/// What an event says of an endpoint, never believed: it lets reads begin before `DescribeEndpoint`
/// answered, and what does not fit its answer is read again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `ListTags` takes only ARNs, and none is ever built.
    pub arn: Option<String>,
    /// The endpoint configuration.
    pub config: Option<String>,
    /// The variants.
    pub variants: Vec<VariantName>,
}

/// A message of an SQS queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What a partial failure names.
    pub id: String,
    /// What its body asks for.
    pub request: Result<Request, EventError>,
}

/// Why a payload cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event field `{field}` {rule}; got {got}")]
pub struct EventError {
    field: String,
    rule: String,
    got: String,
}

impl EventError {
    fn new(field: &str, rule: impl Into<String>, got: Option<&Value>) -> Self {
        let got = got.map_or_else(|| "nothing".to_owned(), |value| clip(&value.to_string()));
        Self {
            field: field.to_owned(),
            rule: rule.into(),
            got,
        }
    }
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Understands a payload, lenient where AWS is inconsistent.
///
/// # Errors
/// Says which field is missing or wrong.
pub fn parse(payload: &Value) -> Result<Request, EventError> {
    if let Some(records) = payload.get("Records") {
        return parse_batch(records);
    }
    parse_one(payload)
}

fn parse_one(payload: &Value) -> Result<Request, EventError> {
    if payload.get("action").is_some() {
        return parse_direct(payload);
    }
    let detail_type = text(payload, "detail-type", &["detail-type"]).map_err(|mut error| {
        error.rule = "must be there in an EventBridge event (or `action` in a direct call, or `Records` in an SQS batch)".into();
        error
    })?;
    match detail_type {
        "SageMaker Endpoint State Change" => parse_endpoint_state_change(payload),
        "Tag Change on Resource" => parse_tag_change(payload),
        "Parameter Store Change" => {
            check_source(payload, "aws.ssm")?;
            let name = text(payload, "detail.name", &["detail", "name"])?.to_owned();
            Ok(Request::Parameter { name })
        }
        "AWS API Call via CloudTrail" => parse_component_call(payload),
        "Scheduled Event" => {
            check_source(payload, "aws.events")?;
            Ok(Request::Sweep(Sweep::default()))
        }
        _ => Err(EventError::new(
            "detail-type",
            "must be `SageMaker Endpoint State Change`, `Tag Change on Resource`, `Parameter Store Change`, `AWS API Call via CloudTrail` or `Scheduled Event`",
            payload.get("detail-type"),
        )),
    }
}

/// A message that cannot be understood fails alone; a batch inside a message is none.
fn parse_batch(records: &Value) -> Result<Request, EventError> {
    let records = records
        .as_array()
        .ok_or_else(|| EventError::new("Records", "must be a list", Some(records)))?;
    let message = |record: &Value| {
        let id = text(record, "Records[].messageId", &["messageId"])?.to_owned();
        let body = text(record, "Records[].body", &["body"])?;
        let request = serde_json::from_str(body)
            .map_err(|error| {
                EventError::new(
                    "body",
                    format!("must be JSON ({error})"),
                    Some(&body.into()),
                )
            })
            .and_then(|body| parse_one(&body));
        Ok(Message { id, request })
    };
    records
        .iter()
        .map(message)
        .collect::<Result<_, _>>()
        .map(Request::Batch)
}

fn parse_direct(payload: &Value) -> Result<Request, EventError> {
    let flag = |name: &str| match payload.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        other => Err(EventError::new(name, "must be true or false", other)),
    };
    match text(payload, "action", &["action"])? {
        "reconcile" => {
            only_fields(payload, &["action", "endpointName", "dryRun", "force"])?;
            Ok(Request::Reconcile {
                endpoint: endpoint_name(payload, "endpointName", &["endpointName"])?,
                hints: Hints::default(),
                trigger: Trigger::Direct,
                dry_run: flag("dryRun")?,
                force: flag("force")?,
            })
        }
        "scan" => {
            only_fields(payload, &["action", "after", "endpointNames", "dryRun"])?;
            let after = match payload.get("after") {
                None | Some(Value::Null) => None,
                Some(_) => Some(endpoint_name(payload, "after", &["after"])?),
            };
            let only = match payload.get("endpointNames") {
                None | Some(Value::Null) => None,
                Some(names) => Some(endpoint_names(names)?),
            };
            let dry_run = flag("dryRun")?;
            Ok(Request::Sweep(Sweep {
                after,
                only,
                dry_run,
            }))
        }
        _ => Err(EventError::new(
            "action",
            "must be `reconcile` or `scan`",
            payload.get("action"),
        )),
    }
}

/// A misspelt `dryRun` would write for real.
fn only_fields(payload: &Value, known: &[&str]) -> Result<(), EventError> {
    let fields = payload.as_object().into_iter().flatten();
    match fields
        .into_iter()
        .find(|(field, _)| !known.contains(&field.as_str()))
    {
        None => Ok(()),
        Some((field, value)) => Err(EventError::new(
            field,
            format!("is not one of {known:?}"),
            Some(value),
        )),
    }
}

fn endpoint_names(names: &Value) -> Result<Vec<EndpointName>, EventError> {
    let rule = "must be a list of endpoint names";
    let wrong = || EventError::new("endpointNames", rule, Some(names));
    let names = names.as_array().ok_or_else(wrong)?.iter();
    names
        .map(|name| EndpointName::new(name.as_str().unwrap_or_default()).map_err(|_| wrong()))
        .collect()
}

fn check_source(payload: &Value, expected: &str) -> Result<(), EventError> {
    if payload.get("source").and_then(Value::as_str) == Some(expected) {
        return Ok(());
    }
    let rule = format!("must be `{expected}`");
    Err(EventError::new("source", rule, payload.get("source")))
}

fn parse_endpoint_state_change(payload: &Value) -> Result<Request, EventError> {
    // AWS's own documented sample has a `time` in epoch milliseconds, as a string, where real
    // events carry RFC 3339. Nothing here depends on it, so it is left out before typing.
    let mut envelope = payload.clone();
    if let Some(fields) = envelope.as_object_mut() {
        fields.remove("time");
    }
    let envelope: EventBridgeEvent<Value> = serde_json::from_value(envelope).map_err(|error| {
        EventError::new(
            "detail",
            format!("must be an EventBridge envelope ({error})"),
            None,
        )
    })?;
    check_source(payload, "aws.sagemaker")?;
    let endpoint = endpoint_name(payload, "detail.EndpointName", &["detail", "EndpointName"])?;
    let status = text(
        payload,
        "detail.EndpointStatus",
        &["detail", "EndpointStatus"],
    )?;
    let trigger = Trigger::EndpointStateChange;
    // The event spells `IN_SERVICE` what the API spells `InService`; either is understood.
    match status.replace('_', "").to_ascii_lowercase().as_str() {
        "inservice" => Ok(Request::Reconcile {
            endpoint,
            hints: hints(&envelope.detail),
            trigger,
            dry_run: false,
            force: false,
        }),
        "deleting" | "deleted" => Ok(Request::Retire { endpoint, trigger }),
        _ => Ok(Request::Ignore),
    }
}

/// Whatever is missing or odd is no hint. AWS's sample has no names of variants: an only one is
/// probably called what AWS's own SDK calls it.
fn hints(detail: &Value) -> Hints {
    const USUAL: &str = "AllTraffic";
    let text = |name: &str| detail.get(name).and_then(Value::as_str).map(str::to_owned);
    let variants = detail.get("ProductionVariants").and_then(Value::as_array);
    let variants = variants.map(Vec::as_slice).unwrap_or_default();
    let name = |variant: &Value| {
        variant
            .get("VariantName")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let names: Vec<_> = match variants {
        [only] => vec![name(only).unwrap_or_else(|| USUAL.to_owned())],
        all => all.iter().filter_map(name).collect(),
    };
    Hints {
        arn: text("EndpointArn"),
        config: text("EndpointConfigName"),
        variants: names
            .into_iter()
            .filter_map(|name| VariantName::new(name).ok())
            .collect(),
    }
}

fn parse_tag_change(payload: &Value) -> Result<Request, EventError> {
    check_source(payload, "aws.tag")?;
    let detail = |name: &str| {
        payload
            .get("detail")
            .and_then(|detail| detail.get(name))
            .and_then(Value::as_str)
    };
    if (detail("service"), detail("resource-type")) != (Some("sagemaker"), Some("endpoint")) {
        return Ok(Request::Ignore);
    }
    let arn = payload
        .get("resources")
        .and_then(|resources| resources.get(0));
    let name = arn
        .and_then(Value::as_str)
        .and_then(|arn| arn.split_once(":endpoint/"));
    name.and_then(|(_, name)| EndpointName::new(name).ok())
        .map(|lower_case| Request::TagChange { lower_case })
        .ok_or_else(|| EventError::new("resources[0]", "must be the ARN of an endpoint", arn))
}

fn parse_component_call(payload: &Value) -> Result<Request, EventError> {
    check_source(payload, "aws.sagemaker")?;
    let call = text(payload, "detail.eventName", &["detail", "eventName"])?;
    let calls = [
        "CreateInferenceComponent",
        "UpdateInferenceComponent",
        "DeleteInferenceComponent",
    ];
    // A call that AWS refused changed nothing.
    let refused = payload["detail"]
        .get("errorCode")
        .is_some_and(|code| !code.is_null());
    if refused || !calls.contains(&call) {
        return Ok(Request::Ignore);
    }
    let path = ["detail", "requestParameters", "inferenceComponentName"];
    let field = "detail.requestParameters.inferenceComponentName";
    let name = text(payload, field, &path)?;
    let component = ComponentName::new(name).map_err(|_| {
        EventError::new(
            field,
            "must be the name of an inference component",
            Some(&name.into()),
        )
    })?;
    let endpoint = payload["detail"]["requestParameters"]
        .get("endpointName")
        .and_then(Value::as_str);
    Ok(Request::Component {
        component,
        endpoint: endpoint.and_then(|name| EndpointName::new(name).ok()),
    })
}

fn text<'a>(payload: &'a Value, field: &str, path: &[&str]) -> Result<&'a str, EventError> {
    let value = path.iter().try_fold(payload, |value, key| value.get(key));
    value
        .and_then(Value::as_str)
        .ok_or_else(|| EventError::new(field, "must be a string", value))
}

fn endpoint_name(payload: &Value, field: &str, path: &[&str]) -> Result<EndpointName, EventError> {
    let name = text(payload, field, path)?;
    EndpointName::new(name).map_err(|_| {
        let rule = "must be 1 to 63 letters, digits and hyphens";
        EventError::new(field, rule, Some(&Value::from(name)))
    })
}

#[cfg(test)]
mod tests;
