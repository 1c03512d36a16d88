//! Checks a request against its operation's official model.
//!
//! AWS's services ignore members they do not know. The stand-in refuses them:
//! a client that sends one has made a mistake which AWS would hide.

use serde_json::Value;

use super::{Kind, Model, Shape};
use crate::error::ServiceError;

/// How strictly a value is held against its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Types, members, lengths, ranges, enumerations and patterns.
    Request,
    /// Types and members: what makes an SDK fail to read an answer.
    Answer,
}

#[derive(Default)]
struct Findings {
    malformed: Option<String>,
    violations: Vec<String>,
}

impl Findings {
    fn malformed(&mut self, message: String) {
        self.malformed.get_or_insert(message);
    }

    /// Words a violation as AWS's services do.
    fn violation(&mut self, value: &str, path: &str, constraint: &str) {
        self.violations.push(format!(
            "Value {value} at '{path}' failed to satisfy constraint: Member must {constraint}"
        ));
    }
}

impl Model {
    /// Refuses a request that the shape does not allow, naming every member at fault.
    ///
    /// Something of the wrong kind is a `SerializationException`, anything else
    /// a `ValidationException` in AWS's wording.
    pub(crate) fn check_request(&self, shape: &str, value: &Value) -> Result<(), ServiceError> {
        let findings = self.findings(shape, value, Strictness::Request);
        if let Some(message) = findings.malformed {
            return Err(ServiceError::serialization(message));
        }
        match findings.violations.len() {
            0 => Ok(()),
            1 => Err(ServiceError::validation(format!(
                "1 validation error detected: {}",
                findings.violations[0]
            ))),
            count => Err(ServiceError::validation(format!(
                "{count} validation errors detected: {}",
                findings.violations.join("; ")
            ))),
        }
    }

    /// Refuses an answer of our own that an SDK could not read.
    pub(crate) fn check_answer(&self, shape: &str, value: &Value) -> Result<(), String> {
        let findings = self.findings(shape, value, Strictness::Answer);
        match findings
            .malformed
            .or(findings.violations.into_iter().next())
        {
            Some(problem) => Err(format!("the answer does not fit `{shape}`: {problem}")),
            None => Ok(()),
        }
    }

    fn findings(&self, shape: &str, value: &Value, strictness: Strictness) -> Findings {
        let mut findings = Findings::default();
        self.check(self.shape(shape), value, "", strictness, &mut findings);
        findings
    }

    fn check(
        &self,
        shape: &Shape,
        value: &Value,
        path: &str,
        strictness: Strictness,
        findings: &mut Findings,
    ) {
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => {
                for (name, member) in members {
                    let at = join(path, name);
                    match shape.members.get(name) {
                        Some(kind) => {
                            self.check(self.shape(kind), member, &at, strictness, findings);
                        }
                        None => findings.malformed(format!("Unknown member `{name}` at '{at}'")),
                    }
                }
                for name in &shape.required {
                    if !members.contains_key(name) {
                        findings.violation("null", &join(path, name), "not be null");
                    }
                }
            }
            (Kind::List, Value::Array(items)) => {
                if strictness == Strictness::Request {
                    length(shape, items.len(), value, path, findings);
                }
                let member = self.shape(shape.member.as_deref().expect("a list has a member"));
                for (index, item) in items.iter().enumerate() {
                    let at = format!("{path}.{}.member", index + 1);
                    self.check(member, item, &at, strictness, findings);
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                let key = self.shape(shape.key.as_deref().expect("a map has a key"));
                let entry = self.shape(shape.value.as_deref().expect("a map has a value"));
                for (name, item) in entries {
                    let at = format!("{path}.{name}.member");
                    self.check(key, &Value::from(name.as_str()), &at, strictness, findings);
                    self.check(entry, item, &at, strictness, findings);
                }
            }
            (Kind::String, Value::String(text)) => {
                if strictness == Strictness::Request {
                    string(shape, text, value, path, findings);
                }
            }
            (Kind::Integer | Kind::Long, Value::Number(number)) if !number.is_f64() => {
                let number = number.as_i64();
                let fits = match shape.kind {
                    Kind::Integer => number.is_some_and(|n| i32::try_from(n).is_ok()),
                    _ => number.is_some(),
                };
                if !fits {
                    findings.malformed(format!("{value} at '{path}' is out of range"));
                }
                if strictness == Strictness::Request {
                    range(shape, value, path, findings);
                }
            }
            (Kind::Float | Kind::Double, Value::Number(_)) => {
                if strictness == Strictness::Request {
                    range(shape, value, path, findings);
                }
            }
            // JSON carries a blob in base64; nothing here looks into one.
            (Kind::Timestamp, Value::Number(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Blob, Value::String(_)) => {}
            (expected, found) => findings.malformed(format!(
                "{} can not be converted to {expected:?} at '{path}'",
                kind_of(found)
            )),
        }
    }
}

/// A member's path as AWS writes it: members in lower camel case.
fn join(path: &str, name: &str) -> String {
    let mut text = path.to_owned();
    if !path.is_empty() {
        text.push('.');
    }
    let mut letters = name.chars();
    text.extend(letters.next().map(|first| first.to_ascii_lowercase()));
    text.push_str(letters.as_str());
    text
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(_) => "BOOLEAN_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => format!("'{other}'"),
    }
}

fn string(shape: &Shape, text: &str, value: &Value, path: &str, findings: &mut Findings) {
    length(shape, text.chars().count(), value, path, findings);
    if !shape.values.is_empty() && !shape.values.iter().any(|allowed| allowed == text) {
        let constraint = format!("satisfy enum value set: [{}]", shape.values.join(", "));
        findings.violation(&quoted(value), path, &constraint);
    }
    if let Some(pattern) = &shape.pattern
        && !pattern.fits(text)
    {
        let constraint = format!("satisfy regular expression pattern: {}", pattern.source);
        findings.violation(&quoted(value), path, &constraint);
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no length in a request comes near 2^52"
)]
fn length(shape: &Shape, length: usize, value: &Value, path: &str, findings: &mut Findings) {
    let length = length as f64;
    if let Some(min) = shape.min.filter(|min| length < *min) {
        let constraint = format!("have length greater than or equal to {min}");
        findings.violation(&quoted(value), path, &constraint);
    }
    if let Some(max) = shape.max.filter(|max| length > *max) {
        let constraint = format!("have length less than or equal to {max}");
        findings.violation(&quoted(value), path, &constraint);
    }
}

fn range(shape: &Shape, value: &Value, path: &str, findings: &mut Findings) {
    let Some(number) = value.as_f64() else { return };
    if let Some(min) = shape.min.filter(|min| number < *min) {
        let constraint = format!("have value greater than or equal to {min}");
        findings.violation(&quoted(value), path, &constraint);
    }
    if let Some(max) = shape.max.filter(|max| number > *max) {
        let constraint = format!("have value less than or equal to {max}");
        findings.violation(&quoted(value), path, &constraint);
    }
}

/// Takes members that are null away: in AWS's protocols null means absent.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name, without_nulls(member)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::Service;

    fn register(changes: Value) -> Result<(), ServiceError> {
        let mut input = json!({
            "ServiceNamespace": "sagemaker",
            "ResourceId": "endpoint/e/variant/v",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "MinCapacity": 1, "MaxCapacity": 2,
        });
        let Value::Object(changes) = changes else {
            unreachable!("changes are an object")
        };
        for (name, value) in changes {
            input[name] = value;
        }
        Model::of(Service::ApplicationAutoScaling)
            .check_request("RegisterScalableTargetRequest", &without_nulls(input))
    }

    fn check(changes: Value, code: &str, part_of_message: &str) {
        let error = register(changes).expect_err("refused");
        let message = error.message.unwrap_or_default();
        assert_eq!(error.code, code, "{message}");
        assert!(message.contains(part_of_message), "{message}");
    }

    #[test]
    fn requests_outside_the_model_are_refused() {
        const BAD: &str = "SerializationException";
        const WRONG: &str = "ValidationException";
        check(json!({"MinCapcity": 1}), BAD, "Unknown member `MinCapcity`");
        check(
            json!({"MinCapacity": "1"}),
            BAD,
            "STRING_VALUE can not be converted to Integer at 'minCapacity'",
        );
        check(json!({"MinCapacity": 1.0}), BAD, "DECIMAL_VALUE");
        check(
            json!({"MinCapacity": 3_000_000_000_i64}),
            BAD,
            "out of range",
        );
        check(
            json!({"Tags": [{"Key": "a", "Value": "b"}]}),
            BAD,
            "START_ARRAY can not be converted to Map",
        );
        check(
            json!({"SuspendedState": {"Scheduled": true}}),
            BAD,
            "'suspendedState.scheduled'",
        );
        check(
            json!({"ResourceId": null}),
            WRONG,
            "Value null at 'resourceId' failed to satisfy constraint: Member must not be null",
        );
        check(
            json!({"ResourceId": ""}),
            WRONG,
            "length greater than or equal to 1",
        );
        check(
            json!({"ResourceId": "x".repeat(1601)}),
            WRONG,
            "length less than or equal to 1600",
        );
        check(
            json!({"ResourceId": "a\u{1}"}),
            WRONG,
            "regular expression pattern",
        );
        check(
            json!({"ServiceNamespace": "SageMaker"}),
            WRONG,
            "enum value set: [ecs,",
        );
        check(json!({"Tags": {"": "x"}}), WRONG, "'tags..member'");
        check(
            json!({"ResourceId": null, "ServiceNamespace": "s"}),
            WRONG,
            "2 validation errors detected",
        );
    }

    #[test]
    fn requests_inside_the_model_pass() {
        assert_eq!(register(json!({})), Ok(()));
        assert_eq!(
            register(json!({"RoleARN": null, "Tags": {"a": ""}})),
            Ok(())
        );
    }

    #[test]
    fn names_of_scheduled_actions_follow_the_models_look_ahead() {
        let model = Model::of(Service::ApplicationAutoScaling);
        let fits = |name: &str| {
            let pattern = model.shape("ScheduledActionName").pattern.as_ref();
            pattern.is_some_and(|pattern| pattern.fits(name))
        };
        for name in ["a", "day", "two words", "ä-1_2.3"] {
            assert!(fits(name), "{name:?}");
        }
        for name in ["", " a", "a ", "a:b", "a/b", "a|b", "a\tb", "\u{85}"] {
            assert!(!fits(name), "{name:?}");
        }
    }
}
