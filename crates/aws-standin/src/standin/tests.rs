//! The stand-in over its wire: journal, faults, acts, control routes.

use serde_json::{Value, json};

use super::*;
use crate::control::control;
use crate::wire::WireResponse;

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn request(service: &str, target: &str, input: &Value) -> WireRequest {
    let signature = "0".repeat(64);
    WireRequest {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![
            header("x-amz-target", target),
            header("content-type", "application/x-amz-json-1.1"),
            header(
                "authorization",
                &format!(
                    "AWS4-HMAC-SHA256 Credential=AKID/20260105/us-east-1/{service}/aws4_request, \
                 SignedHeaders=host, Signature={signature}"
                ),
            ),
        ],
        body: input.to_string().into_bytes(),
    }
}

fn register(standin: &Standin) -> WireOutcome {
    standin.respond(&request(
        "application-autoscaling",
        "AnyScaleFrontendService.RegisterScalableTarget",
        &json!({
            "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/plain/variant/AllTraffic",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "MinCapacity": 1, "MaxCapacity": 4,
        }),
    ))
}

fn seeded() -> Standin {
    let standin = Standin::new();
    standin
        .play(json!([
            {"act": "CreateEndpointConfig", "EndpointConfigName": "c", "ProductionVariants": [{
                "VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}]},
            {"act": "CreateEndpoint", "EndpointName": "plain", "EndpointConfigName": "c"},
        ]))
        .expect("acts that AWS allows");
    standin
}

fn answer(outcome: WireOutcome) -> (u16, Value) {
    match outcome {
        WireOutcome::Response(WireResponse { status, body, .. }) => {
            (status, serde_json::from_slice(&body).expect("JSON"))
        }
        other => unreachable!("{other:?} is no answer"),
    }
}

fn targets(standin: &Standin) -> usize {
    standin.state()["ScalableTargets"]
        .as_array()
        .map_or(0, Vec::len)
}

fn inject(standin: &Standin, rule: Value) {
    standin.inject(serde_json::from_value(rule).expect("a rule"));
}

#[test]
fn clones_share_one_account() {
    let standin = seeded();
    let (status, body) = answer(register(&standin.clone()));
    assert_eq!(status, 200, "{body}");
    assert_eq!(targets(&standin), 1);
}

#[test]
fn every_call_is_journalled() {
    let standin = seeded();
    let _ = register(&standin);
    let _ = standin.respond(&request(
        "ssm",
        "AmazonSSM.GetParameter",
        &json!({"Name": "/none"}),
    ));
    let _ = standin.respond(&request("ssm", "AmazonSSM.PutParameter", &json!({})));
    let call = json!({
        "act": "Call", "Service": "application-autoscaling", "Operation": "DescribeScalableTargets",
        "Input": {"ServiceNamespace": "sagemaker"},
    });
    standin.play(call).expect("a call that AWS allows");
    let summary = |entry: &JournalEntry| {
        let code = entry.error_code.as_deref().unwrap_or("-");
        let status = entry.status.unwrap_or_default();
        format!(
            "{} {:?} {} {} {status} {code} {}",
            entry.seq, entry.actor, entry.service, entry.operation, entry.write
        )
    };
    assert_eq!(
        standin.journal().iter().map(summary).collect::<Vec<_>>(),
        [
            "1 Client application-autoscaling RegisterScalableTarget 200 - true",
            "2 Client ssm GetParameter 400 ParameterNotFound false",
            "3 Client ssm PutParameter 404 UnknownOperationException true",
            "4 Person application-autoscaling DescribeScalableTargets 200 - false",
        ]
    );
    assert_eq!(standin.journal()[0].input["MaxCapacity"], 4);
    standin.clear_journal();
    let _ = register(&standin);
    assert_eq!(standin.journal()[0].seq, 5, "numbers go on");
}

#[test]
fn the_journal_can_be_a_file() {
    let path = std::env::temp_dir().join(format!("standin-{}.jsonl", std::process::id()));
    let standin = seeded();
    standin.append_journal_to(&path);
    let _ = register(&standin);
    let text = std::fs::read_to_string(&path).expect("a file");
    std::fs::remove_file(&path).expect("our file");
    let lines: Vec<JournalEntry> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an entry"))
        .collect();
    assert_eq!(lines, standin.journal());
}

#[test]
fn a_journal_that_cannot_be_written_breaks_the_call() {
    let standin = seeded();
    standin.append_journal_to("/dev/null/journal.jsonl");
    assert_eq!(register(&standin), WireOutcome::ConnectionReset);
}

#[test]
fn a_fault_keeps_an_operation_from_being_performed() {
    let standin = seeded();
    inject(
        &standin,
        json!({"operation": "RegisterScalableTarget", "times": 1, "fault": "AccessDenied"}),
    );
    let (status, body) = answer(register(&standin));
    assert_eq!(
        (status, &body["__type"]),
        (403, &json!("AccessDeniedException"))
    );
    assert_eq!(targets(&standin), 0);
    assert_eq!(
        standin.journal()[0].error_code.as_deref(),
        Some("AccessDeniedException")
    );
    assert_eq!(answer(register(&standin)).0, 200, "once only");
}

#[test]
fn a_fault_after_the_operation_loses_the_answer_only() {
    let standin = seeded();
    inject(
        &standin,
        json!({"operation": "*", "fault": "Timeout", "after": true}),
    );
    assert_eq!(register(&standin), WireOutcome::NoAnswer);
    assert_eq!(targets(&standin), 1);
    let entry = &standin.journal()[0];
    assert_eq!(
        (entry.status, entry.error_code.as_deref()),
        (None, Some("Timeout"))
    );
    standin.clear_faults();
    assert_eq!(answer(register(&standin)).0, 200);
}

#[test]
fn a_persons_calls_meet_the_same_rules_but_no_faults() {
    let standin = seeded();
    inject(
        &standin,
        json!({"operation": "*", "fault": "ConnectionReset"}),
    );
    let call = |max: u32| {
        json!({
            "act": "Call", "Service": "application-autoscaling", "Operation": "RegisterScalableTarget",
            "Input": {
                "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/plain/variant/AllTraffic",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                "MinCapacity": 2, "MaxCapacity": max,
            },
        })
    };
    assert_eq!(
        standin.play(call(1)).map_err(|error| error.code),
        Err("ValidationException".to_owned())
    );
    standin.play(call(3)).expect("registered");
    assert_eq!(register(&standin), WireOutcome::ConnectionReset);
}

#[test]
fn acts_name_their_place_when_they_fail() {
    let standin = Standin::new();
    let check = |acts: Value, part: &str| {
        let error = standin.play(acts).expect_err("refused").to_string();
        assert!(error.contains(part), "{error}");
    };
    check(
        json!([{"act": "Advance", "Seconds": 1}, {"act": "DeleteParameter", "Name": "/x"}]),
        "act 2 (DeleteParameter)",
    );
    check(
        json!({"act": "Advance", "Second": 1}),
        "unknown field `Second`",
    );
    check(json!({"act": "Undo"}), "unknown variant `Undo`");
    check(
        json!({"act": "SetPageSize", "Items": 0}),
        "at least one item",
    );
}

#[test]
fn control_routes_answer_beside_aws() {
    let standin = seeded();
    let _ = standin.take_events();
    let ask = |method: &str, path: &str, body: Value| {
        let request = WireRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        control(&standin, &request).map(|response| answer(WireOutcome::Response(response)))
    };
    let delete = json!([{"act": "DeleteEndpoint", "EndpointName": "plain", "Gone": false}]);
    let (status, body) = ask("POST", "/_standin/acts", delete.clone()).expect("a control route");
    assert_eq!(
        (status, body["events"].as_array().map(Vec::len)),
        (200, Some(1))
    );
    assert_eq!(
        ask("GET", "/_standin/events", Value::Null),
        Some((200, json!({"events": []}))),
        "taken already"
    );
    let (status, body) = ask("POST", "/_standin/acts", delete).expect("a control route");
    assert_eq!(status, 400);
    assert!(
        body["error"]
            .as_str()
            .is_some_and(|error| error.contains("in-progress")),
        "{body}"
    );

    let rules = json!([{"operation": "*", "fault": "ConnectionReset"}]);
    assert_eq!(
        ask("POST", "/_standin/faults", rules),
        Some((200, json!({})))
    );
    assert_eq!(register(&standin), WireOutcome::ConnectionReset);
    assert_eq!(
        ask("DELETE", "/_standin/faults", Value::Null),
        Some((200, json!({})))
    );
    let journal = ask("GET", "/_standin/journal", Value::Null)
        .expect("a control route")
        .1;
    assert_eq!(journal[0]["errorCode"], "ConnectionReset");
    assert_eq!(
        ask("DELETE", "/_standin/journal", Value::Null),
        Some((200, json!({})))
    );
    assert_eq!(
        ask("GET", "/_standin/journal", Value::Null),
        Some((200, json!([])))
    );
    assert_eq!(
        ask("POST", "/_standin/latency", json!({"Milliseconds": 20})),
        Some((200, json!({})))
    );
    assert_eq!(standin.latency(), Duration::from_millis(20));
    let state = ask("GET", "/_standin/state", Value::Null)
        .expect("a control route")
        .1;
    assert_eq!(state["Endpoints"][0]["EndpointStatus"], "Deleting");
    assert_eq!(
        ask("GET", "/_standin/nothing", Value::Null).map(|(status, _)| status),
        Some(404)
    );
    assert_eq!(
        ask("POST", "/", Value::Null),
        None,
        "what is AWS's is not a control route"
    );
}
