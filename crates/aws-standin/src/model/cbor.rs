//! CBOR bodies, as Smithy's rpc-v2-cbor protocol writes them.
//!
//! Specification: <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

use super::{Kind, Model, Shape};

/// CBOR's tag for seconds since the epoch, which the protocol uses for timestamps.
const EPOCH_SECONDS: u64 = 1;

/// Reads a body; an empty one is an empty structure.
pub(crate) fn decode(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let value: Cbor = ciborium::from_reader(body).map_err(|error| error.to_string())?;
    to_json(value)
}

fn to_json(value: Cbor) -> Result<Value, String> {
    Ok(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Text(text) => Value::String(text),
        Cbor::Integer(number) => i64::try_from(number)
            .map_err(|_| "an integer is out of range".to_owned())?
            .into(),
        Cbor::Float(number) => Number::from_f64(number)
            .ok_or("a number is not finite")?
            .into(),
        Cbor::Array(items) => items.into_iter().map(to_json).collect::<Result<_, _>>()?,
        Cbor::Map(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| match key {
                    Cbor::Text(key) => Ok((key, to_json(value)?)),
                    _ => Err("the key of a map is not a text string".to_owned()),
                })
                .collect::<Result<_, String>>()?,
        ),
        Cbor::Tag(EPOCH_SECONDS, time) => to_json(*time)?,
        _ => return Err("a value is of a kind the protocol does not use here".to_owned()),
    })
}

/// Writes an answer; the shape says which numbers are timestamps and which are floats.
pub(crate) fn encode(model: &Model, shape: Option<&str>, value: &Value) -> Vec<u8> {
    let value = to_cbor(model, shape.map(|name| model.shape(name)), value);
    let mut body = Vec::new();
    ciborium::into_writer(&value, &mut body).expect("writing into memory");
    body
}

fn to_cbor(model: &Model, shape: Option<&Shape>, value: &Value) -> Cbor {
    let inner = |name: Option<&String>| name.map(|name| model.shape(name));
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Number(number) => to_number(shape.map(|shape| shape.kind), number),
        Value::Array(items) => {
            let member = shape.and_then(|shape| inner(shape.member.as_ref()));
            Cbor::Array(
                items
                    .iter()
                    .map(|item| to_cbor(model, member, item))
                    .collect(),
            )
        }
        Value::Object(entries) => Cbor::Map(
            entries
                .iter()
                .map(|(name, item)| {
                    let member = shape.and_then(|shape| match shape.kind {
                        Kind::Map => inner(shape.value.as_ref()),
                        _ => inner(shape.members.get(name)),
                    });
                    (Cbor::Text(name.clone()), to_cbor(model, member, item))
                })
                .collect(),
        ),
    }
}

fn to_number(kind: Option<Kind>, number: &Number) -> Cbor {
    let float = Cbor::Float(number.as_f64().unwrap_or_default());
    match kind {
        Some(Kind::Timestamp) => Cbor::Tag(EPOCH_SECONDS, Box::new(float)),
        Some(Kind::Float | Kind::Double) => float,
        _ => number
            .as_i64()
            .map_or(float, |integer| Cbor::Integer(integer.into())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::Service;

    #[test]
    fn an_answer_survives_the_way_there_and_back() {
        let answer = json!({"MetricAlarms": [{
            "AlarmName": "a", "Threshold": 3, "Period": 60, "ActionsEnabled": true,
            "StateUpdatedTimestamp": 1_767_600_000.0,
        }]});
        let body = encode(
            Model::of(Service::CloudWatch),
            Some("DescribeAlarmsOutput"),
            &answer,
        );
        let expected = json!({"MetricAlarms": [{
            "AlarmName": "a", "Threshold": 3.0, "Period": 60, "ActionsEnabled": true,
            "StateUpdatedTimestamp": 1_767_600_000.0,
        }]});
        assert_eq!(decode(&body), Ok(expected));
    }

    #[test]
    fn timestamps_are_tagged_and_doubles_are_floats() {
        let model = Model::of(Service::CloudWatch);
        let alarm = |member: &str, value: Value| {
            encode(model, Some("MetricAlarm"), &json!({ member: value }))
        };
        let threshold: Cbor = ciborium::from_reader(&*alarm("Threshold", json!(1))).expect("CBOR");
        let time: Cbor =
            ciborium::from_reader(&*alarm("StateUpdatedTimestamp", json!(5))).expect("CBOR");
        let member = |name: &str, value| Cbor::Map(vec![(Cbor::Text(name.to_owned()), value)]);
        assert_eq!(threshold, member("Threshold", Cbor::Float(1.0)));
        assert_eq!(
            time,
            member(
                "StateUpdatedTimestamp",
                Cbor::Tag(1, Box::new(Cbor::Float(5.0)))
            )
        );
    }

    #[test]
    fn what_is_not_cbor_of_the_protocol_is_refused() {
        for body in [
            &[0xff_u8][..],
            &[0xa1, 0x01, 0x02],
            &[0xf9, 0x7e, 0x00],
            &[0x41, 0x00],
        ] {
            assert!(decode(body).is_err(), "{body:x?}");
        }
        assert_eq!(decode(&[]), Ok(json!({})));
    }
}
