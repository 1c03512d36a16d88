//! A payload becomes a [`Request`]. The event only says *where to look*: every decision is
//! taken from a fresh observation, so lost, doubled and reordered events do no harm.

use crate::name::EndpointName;
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
        /// Its ARN, where the event carries one: `ListTags` takes only ARNs, and none is ever built.
        arn: Option<String>,
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
    /// A status that calls for nothing.
    Ignore,
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
    if payload.get("action").is_some() {
        return parse_direct(payload);
    }
    let detail_type = text(payload, "detail-type", &["detail-type"]).map_err(|mut error| {
        error.rule = "must be there in an EventBridge event (or `action` in a direct call)".into();
        error
    })?;
    match detail_type {
        "SageMaker Endpoint State Change" => parse_endpoint_state_change(payload),
        _ => Err(EventError::new(
            "detail-type",
            "must be `SageMaker Endpoint State Change`",
            payload.get("detail-type"),
        )),
    }
}

fn parse_direct(payload: &Value) -> Result<Request, EventError> {
    let flag = |name: &str| match payload.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        other => Err(EventError::new(name, "must be true or false", other)),
    };
    match text(payload, "action", &["action"])? {
        "reconcile" => {}
        _ => {
            return Err(EventError::new(
                "action",
                "must be `reconcile`",
                payload.get("action"),
            ));
        }
    }
    let known = ["action", "endpointName", "dryRun", "force"];
    // A misspelt `dryRun` would write for real.
    if let Some((field, value)) = payload.as_object().and_then(|fields| {
        fields
            .iter()
            .find(|(field, _)| !known.contains(&field.as_str()))
    }) {
        return Err(EventError::new(
            field,
            format!("is not one of {known:?}"),
            Some(value),
        ));
    }
    Ok(Request::Reconcile {
        endpoint: endpoint_name(payload, "endpointName", &["endpointName"])?,
        arn: None,
        trigger: Trigger::Direct,
        dry_run: flag("dryRun")?,
        force: flag("force")?,
    })
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
    if envelope.source != "aws.sagemaker" {
        let source = payload.get("source");
        return Err(EventError::new("source", "must be `aws.sagemaker`", source));
    }
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
            arn: envelope
                .detail
                .get("EndpointArn")
                .and_then(Value::as_str)
                .map(str::to_owned),
            trigger,
            dry_run: false,
            force: false,
        }),
        "deleting" | "deleted" => Ok(Request::Retire { endpoint, trigger }),
        _ => Ok(Request::Ignore),
    }
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
mod tests {
    use super::*;
    use serde_json::json;

    fn event(status: &str) -> Value {
        json!({"version": "0", "id": "1", "detail-type": "SageMaker Endpoint State Change",
               "source": "aws.sagemaker", "account": "111122223333", "time": "1583831889050",
               "region": "us-west-2", "resources": [],
               "detail": {"EndpointName": "MyEndpoint", "EndpointArn": "arn:e",
                          "EndpointStatus": status, "CreationTime": 1_592_411_992_203.0, "Tags": {}}})
    }

    #[track_caller]
    fn check_error(payload: &Value, parts: &[&str]) {
        let error = parse(payload).expect_err("malformed").to_string();
        for part in parts {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
    }

    #[test]
    fn in_service_in_either_spelling_reconciles() {
        for status in ["IN_SERVICE", "InService"] {
            let Ok(Request::Reconcile {
                endpoint,
                arn,
                dry_run: false,
                ..
            }) = parse(&event(status))
            else {
                unreachable!("{status} reconciles")
            };
            assert_eq!(
                (endpoint.as_str(), arn.as_deref()),
                ("MyEndpoint", Some("arn:e"))
            );
        }
    }

    #[test]
    fn deleting_and_deleted_retire_and_the_rest_is_ignored() {
        for status in ["DELETING", "DELETED", "Deleting"] {
            assert!(
                matches!(parse(&event(status)), Ok(Request::Retire { .. })),
                "{status}"
            );
        }
        for status in [
            "CREATING",
            "UPDATING",
            "FAILED",
            "OUT_OF_SERVICE",
            "NEW_ONE",
        ] {
            assert_eq!(parse(&event(status)), Ok(Request::Ignore), "{status}");
        }
    }

    #[test]
    fn a_malformed_payload_names_the_field() {
        check_error(&json!([]), &["detail-type", "action"]);
        check_error(&json!({"detail-type": 3}), &["`detail-type`", "got 3"]);
        check_error(&json!({"detail-type": "Nope"}), &["`detail-type`", "Nope"]);
        let mut spoilt = event("IN_SERVICE");
        spoilt["detail"]["EndpointName"] = json!(null);
        check_error(&spoilt, &["`detail.EndpointName` must be a string"]);
        spoilt["detail"]["EndpointName"] = json!("a/variant/b");
        check_error(
            &spoilt,
            &["`detail.EndpointName`", "letters, digits and hyphens"],
        );
        let mut spoilt = event("IN_SERVICE");
        spoilt["source"] = json!("my.app");
        check_error(&spoilt, &["`source` must be `aws.sagemaker`", "my.app"]);
        check_error(
            &json!({"action": "reconcile"}),
            &["`endpointName`", "nothing"],
        );
        check_error(
            &json!({"action": "reconcile", "endpointName": "e", "dryRun": "yes"}),
            &["`dryRun`"],
        );
        check_error(
            &json!({"action": "reconcile", "endpointName": "e", "dryrun": true}),
            &["`dryrun`"],
        );
        check_error(&json!({"action": "delete"}), &["`action`", "delete"]);
    }
}
