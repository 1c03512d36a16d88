use super::*;
use serde_json::json;

fn event(status: &str) -> Value {
    json!({"version": "0", "id": "1", "detail-type": "SageMaker Endpoint State Change",
           "source": "aws.sagemaker", "account": "111122223333", "time": "1583831889050",
           "region": "us-west-2", "resources": [],
           "detail": {"EndpointName": "MyEndpoint", "EndpointArn": "arn:e",
                      "EndpointStatus": status,
                      "ProductionVariants": [{"VariantName": "a"}, {"DesiredWeight": 1.0}], "CreationTime": 1_592_411_992_203.0, "Tags": {}}})
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
            hints,
            dry_run: false,
            ..
        }) = parse(&event(status))
        else {
            unreachable!("{status} reconciles")
        };
        let hints = (hints.arn.as_deref(), hints.variants.len());
        assert_eq!(
            (endpoint.as_str(), hints),
            ("MyEndpoint", (Some("arn:e"), 1))
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

fn of(detail_type: &str, source: &str, resources: &Value, detail: &Value) -> Value {
    json!({"detail-type": detail_type, "source": source, "resources": resources, "detail": detail})
}

#[test]
fn an_only_variant_without_a_name_is_guessed() {
    let variants = |variants: Value| {
        let names = hints(&json!({"ProductionVariants": variants})).variants;
        names.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(variants(json!([{"DesiredWeight": 1.0}])), ["AllTraffic"]);
    assert_eq!(variants(json!([{"VariantName": "blue"}])), ["blue"]);
    assert_eq!(variants(json!([{}, {"VariantName": "blue"}])), ["blue"]);
    assert_eq!(variants(Value::Null), [""; 0]);
}

#[test]
fn a_tag_change_tells_only_the_lower_case_name() {
    let event = |service: &str| {
        let detail =
            json!({"service": service, "resource-type": "endpoint", "changed-tag-keys": ["a"]});
        let arn = json!(["arn:aws:sagemaker:eu-west-1:111122223333:endpoint/frauddetector"]);
        of("Tag Change on Resource", "aws.tag", &arn, &detail)
    };
    let lower_case = EndpointName::new("frauddetector").expect("a name");
    assert_eq!(
        parse(&event("sagemaker")),
        Ok(Request::TagChange { lower_case })
    );
    assert_eq!(parse(&event("ec2")), Ok(Request::Ignore));
    let mut spoilt = event("sagemaker");
    spoilt["resources"] = json!(["arn:aws:sagemaker:eu-west-1:111122223333:model/m"]);
    check_error(
        &spoilt,
        &["`resources[0]` must be the ARN of an endpoint", "model/m"],
    );
}

#[test]
fn a_component_call_tells_the_component_and_perhaps_the_endpoint() {
    let event = |call: &str, parameters: Value, error: Value| {
        let detail =
            json!({"eventName": call, "requestParameters": parameters, "errorCode": error});
        of(
            "AWS API Call via CloudTrail",
            "aws.sagemaker",
            &json!([]),
            &detail,
        )
    };
    let component = || ComponentName::new("llama").expect("a name");
    let parameters = json!({"inferenceComponentName": "llama", "endpointName": "Assistant"});
    assert_eq!(
        parse(&event(
            "CreateInferenceComponent",
            parameters.clone(),
            Value::Null
        )),
        Ok(Request::Component {
            component: component(),
            endpoint: EndpointName::new("Assistant").ok()
        })
    );
    let parameters = json!({"inferenceComponentName": "llama"});
    assert_eq!(
        parse(&event(
            "DeleteInferenceComponent",
            parameters.clone(),
            Value::Null
        )),
        Ok(Request::Component {
            component: component(),
            endpoint: None
        })
    );
    let refused = event(
        "DeleteInferenceComponent",
        parameters.clone(),
        json!("ValidationException"),
    );
    assert_eq!(parse(&refused), Ok(Request::Ignore));
    assert_eq!(
        parse(&event("CreateModel", parameters, Value::Null)),
        Ok(Request::Ignore)
    );
    check_error(
        &event("CreateInferenceComponent", json!({}), Value::Null),
        &["inferenceComponentName"],
    );
}

#[test]
fn a_sweep_is_asked_for_directly_or_by_a_schedule() {
    let scheduled = of("Scheduled Event", "aws.events", &json!([]), &json!({}));
    assert_eq!(parse(&scheduled), Ok(Request::Sweep(Sweep::default())));
    assert_eq!(
        parse(&json!({"action": "scan"})),
        Ok(Request::Sweep(Sweep::default()))
    );
    let name = || EndpointName::new("m").expect("a name");
    assert_eq!(
        parse(&json!({"action": "scan", "after": "m", "endpointNames": ["m"], "dryRun": true})),
        Ok(Request::Sweep(Sweep {
            after: Some(name()),
            only: Some(vec![name()]),
            dry_run: true
        }))
    );
    check_error(&json!({"action": "scan", "after": "a/b"}), &["`after`"]);
    check_error(
        &json!({"action": "scan", "endpointNames": ["m", 3]}),
        &["`endpointNames`"],
    );
    check_error(&json!({"action": "scan", "force": true}), &["`force`"]);
}

#[test]
fn a_message_that_cannot_be_understood_fails_alone() {
    let record = |id: &str, body: &str| json!({"messageId": id, "body": body});
    let batch = json!({"Records": [
        record("1", r#"{"action": "scan"}"#), record("2", "{"), record("3", r#"{"Records": []}"#)]});
    let Ok(Request::Batch(messages)) = parse(&batch) else {
        unreachable!("a batch")
    };
    let ids: Vec<_> = messages
        .iter()
        .map(|message| (message.id.as_str(), message.request.is_ok()))
        .collect();
    assert_eq!(ids, [("1", true), ("2", false), ("3", false)]);
    check_error(&json!({"Records": [{"body": "{}"}]}), &["messageId"]);
}

#[test]
fn a_parameter_change_tells_its_name() {
    let event = of(
        "Parameter Store Change",
        "aws.ssm",
        &json!([]),
        &json!({"name": "/a/limits", "operation": "Delete"}),
    );
    let name = "/a/limits".to_owned();
    assert_eq!(parse(&event), Ok(Request::Parameter { name }));
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
