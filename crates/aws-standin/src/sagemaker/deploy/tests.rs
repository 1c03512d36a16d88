//! The life of endpoints, inference components and their tags.

use serde_json::{Value, json};

use crate::account::Account;
use crate::service::Service;
use crate::testing::*;

fn describe(account: &mut Account, endpoint: &str) -> Result<Value, String> {
    account.ask(
        Service::SageMaker,
        "DescribeEndpoint",
        json!({"EndpointName": endpoint}),
    )
}

fn config(name: &str, variants: &Value) -> Value {
    json!({"act": "CreateEndpointConfig", "EndpointConfigName": name, "ProductionVariants": variants})
}

fn variant(name: &str, instance_type: &str, count: u32) -> Value {
    json!({
        "VariantName": name, "ModelName": "m", "InstanceType": instance_type, "InitialInstanceCount": count,
    })
}

fn advance(account: &mut Account) {
    account.play(json!({"act": "Advance", "Seconds": 120}));
}

#[test]
fn an_endpoint_comes_into_service_at_once_or_later() {
    let mut account = account();
    account.play(json!({"act": "CreateEndpoint", "EndpointName": "now", "EndpointConfigName": "Plain-config"}));
    assert_eq!(account.announced(), ["CREATING", "IN_SERVICE"]);
    account.play(json!({
        "act": "CreateEndpoint", "EndpointName": "later", "EndpointConfigName": "Plain-config",
        "Status": "Creating",
    }));
    assert_eq!(account.announced(), ["CREATING"]);
    advance(&mut account);
    assert_eq!(account.announced(), ["IN_SERVICE"]);
    account.play(json!({
        "act": "CreateEndpoint", "EndpointName": "never", "EndpointConfigName": "Plain-config",
        "Status": "Failed",
    }));
    advance(&mut account);
    assert_eq!(account.announced(), ["CREATING", "FAILED"]);
}

#[test]
fn an_endpoint_is_described_without_instance_types() {
    let mut account = account();
    let plain = describe(&mut account, "Plain").expect("an endpoint");
    assert_eq!(
        plain["EndpointArn"],
        "arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain"
    );
    assert_eq!(
        plain["ProductionVariants"],
        json!([{
            "VariantName": "AllTraffic", "CurrentWeight": 1.0, "DesiredWeight": 1.0,
            "CurrentInstanceCount": 1, "DesiredInstanceCount": 1,
        }])
    );
    let mut member = |endpoint: &str, pointer: &str| {
        describe(&mut account, endpoint)
            .expect("an endpoint")
            .pointer(pointer)
            .cloned()
    };
    assert_eq!(
        member("queue", "/AsyncInferenceConfig/OutputConfig/S3OutputPath"),
        Some(json!("s3://bucket/out"))
    );
    assert_eq!(
        member(
            "host",
            "/ProductionVariants/0/ManagedInstanceScaling/MinInstanceCount"
        ),
        Some(json!(0))
    );
    assert_eq!(
        member(
            "serverless",
            "/ProductionVariants/0/CurrentServerlessConfig/ProvisionedConcurrency"
        ),
        Some(json!(2))
    );
    assert_eq!(
        member("serverless", "/ProductionVariants/0/CurrentInstanceCount"),
        None
    );
    assert_eq!(
        member(
            "on-demand",
            "/ProductionVariants/0/CurrentServerlessConfig/ProvisionedConcurrency"
        ),
        None
    );
    assert_eq!(
        member(
            "pools",
            "/ProductionVariants/0/InstancePools/0/InstanceType"
        ),
        Some(json!("ml.m5.large"))
    );
}

#[test]
fn shadow_variants_have_their_own_list() {
    let mut account = account();
    let mut shadowed = config("shadowed", &json!([variant("main", "ml.m5.large", 1)]));
    shadowed["ShadowProductionVariants"] = json!([variant("shadow", "ml.m5.large", 1)]);
    account.play(shadowed);
    account.play(
        json!({"act": "CreateEndpoint", "EndpointName": "e", "EndpointConfigName": "shadowed"}),
    );
    let endpoint = describe(&mut account, "e").expect("an endpoint");
    assert_eq!(endpoint["ProductionVariants"][0]["VariantName"], "main");
    assert_eq!(
        endpoint["ShadowProductionVariants"][0]["VariantName"],
        "shadow"
    );
    account
        .register(("endpoint/e/variant/shadow", INSTANCES), 1, 2)
        .expect("shadow variants scale too");
}

#[test]
fn what_is_missing_is_a_validation_error() {
    let check = |operation: &str, input: Value, message: &str| {
        let answer = account().ask(Service::SageMaker, operation, input);
        assert_eq!(answer, Err(format!("ValidationException: {message}")));
    };
    check(
        "DescribeEndpoint",
        json!({"EndpointName": "None"}),
        "Could not find endpoint \"arn:aws:sagemaker:us-east-1:111122223333:endpoint/none\".",
    );
    check(
        "DescribeEndpointConfig",
        json!({"EndpointConfigName": "none"}),
        "Could not find endpoint configuration \"arn:aws:sagemaker:us-east-1:111122223333:endpoint-config/none\".",
    );
    check(
        "DescribeInferenceComponent",
        json!({"InferenceComponentName": "none"}),
        "Could not find inference component \"arn:aws:sagemaker:us-east-1:111122223333:inference-component/none\".",
    );
    check(
        "ListTags",
        json!({"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:endpoint/Plain"}),
        "Could not find endpoint \"arn:aws:sagemaker:us-east-1:111122223333:endpoint/Plain\".",
    );
}

#[test]
fn configurations_that_are_refused() {
    let check =
        |variants: Value, part: &str| refused(account().try_act(config("new", &variants)), part);
    check(json!([]), "length greater than or equal to 1");
    check(
        json!([{"VariantName": "v", "Model": "m"}]),
        "Unknown member `Model`",
    );
    check(
        json!([variant("v_1", "ml.m5.large", 1)]),
        "regular expression",
    );
    check(json!([variant("v", "ml.m5", 1)]), "enum value set");
    check(
        json!([
            variant("v", "ml.m5.large", 1),
            variant("v", "ml.m5.large", 1)
        ]),
        "occurs twice",
    );
    check(
        json!([{"VariantName": "v", "InitialInstanceCount": 1}]),
        "exactly one of InstanceType",
    );
    check(
        json!([{"VariantName": "v", "InstanceType": "ml.m5.large"}]),
        "InitialInstanceCount is required",
    );
    let serverless = json!({"VariantName": "s", "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 5}});
    check(
        json!([serverless, variant("v", "ml.m5.large", 1)]),
        "has one variant",
    );
    let mut too_much = serverless.clone();
    too_much["ServerlessConfig"]["ProvisionedConcurrency"] = 6.into();
    check(json!([too_much]), "must not exceed MaxConcurrency");
    let mut managed = variant("v", "ml.m5.large", 1);
    managed["ManagedInstanceScaling"] = json!({"Status": "ENABLED"});
    check(
        json!([managed]),
        "only supported for inference component endpoints",
    );
    refused(
        account().try_act(config(
            "Plain-config",
            &json!([variant("v", "ml.m5.large", 1)]),
        )),
        "already existing",
    );
}

#[test]
fn names_of_endpoints_are_unique_in_any_letter_case() {
    let mut account = account();
    let act = json!({"act": "CreateEndpoint", "EndpointName": "PLAIN", "EndpointConfigName": "Plain-config"});
    refused(account.try_act(act), "already existing endpoint");
    let act = json!({"act": "CreateEndpoint", "EndpointName": "new", "EndpointConfigName": "none"});
    refused(
        account.try_act(act),
        "Could not find endpoint configuration",
    );
}

#[test]
fn an_update_resets_counts_unless_they_are_retained() {
    for (retain, expected) in [(false, "InService 1/1"), (true, "InService 3/3")] {
        let mut account = account();
        account.register(PLAIN, 3, 5).expect("registered");
        advance(&mut account);
        account.play(config(
            "next",
            &json!([variant("AllTraffic", "ml.m5.large", 1)]),
        ));
        account.play(json!({
            "act": "UpdateEndpoint", "EndpointName": "Plain", "EndpointConfigName": "next",
            "RetainAllVariantProperties": retain,
        }));
        let description = describe(&mut account, "Plain").expect("an endpoint");
        assert_eq!(description["EndpointConfigName"], "Plain-config");
        assert_eq!(
            description["PendingDeploymentSummary"]["EndpointConfigName"],
            "next"
        );
        advance(&mut account);
        assert_eq!(account.capacity_of("Plain"), expected);
        assert_eq!(
            describe(&mut account, "Plain").expect("an endpoint")["EndpointConfigName"],
            "next"
        );
        assert_eq!(
            account.announced(),
            ["UPDATING", "IN_SERVICE", "UPDATING", "IN_SERVICE"]
        );
    }
}

#[test]
fn a_registered_variant_keeps_its_instance_type() {
    let mut account = account();
    account.play(config(
        "bigger",
        &json!([variant("AllTraffic", "ml.m5.xlarge", 1)]),
    ));
    account.play(config(
        "renamed",
        &json!([variant("Other", "ml.m5.large", 1)]),
    ));
    let update = |config: &str| {
        json!({
            "act": "UpdateEndpoint", "EndpointName": "Plain", "EndpointConfigName": config,
        })
    };
    account.register(PLAIN, 1, 2).expect("registered");
    refused(account.try_act(update("bigger")), "deregister it before");
    refused(account.try_act(update("renamed")), "deregister it before");
    account
        .on(PLAIN, "DeregisterScalableTarget", json!({}))
        .expect("deregistered");
    account.play(update("bigger"));
    refused(
        account.try_act(update("renamed")),
        "Cannot update in-progress endpoint",
    );
}

#[test]
fn deleting_an_endpoint_deregisters_its_targets() {
    let mut account = account();
    account.register(LEFT, 1, 2).expect("registered");
    account.put_target_tracking(LEFT, "p").expect("put");
    account.register(PLAIN, 1, 2).expect("registered");
    account.play(json!({"act": "DeleteEndpoint", "EndpointName": "pair"}));
    assert_eq!(account.announced(), ["DELETING", "DELETED"]);
    assert_eq!(account.held(LEFT), Value::Null);
    assert!(account.alarms.is_empty());
    assert_ne!(
        account.held(PLAIN),
        Value::Null,
        "other endpoints keep theirs"
    );
    refused(describe(&mut account, "pair"), "Could not find endpoint");
}

#[test]
fn a_deletion_can_take_its_time_or_leave_targets_behind() {
    let mut account = account();
    account.register(PLAIN, 1, 2).expect("registered");
    account.play(json!({
        "act": "DeleteEndpoint", "EndpointName": "Plain", "Gone": false, "KeepScalableTargets": true,
    }));
    assert_eq!(
        describe(&mut account, "Plain").expect("still there")["EndpointStatus"],
        "Deleting"
    );
    assert_eq!(account.announced(), ["DELETING"]);
    advance(&mut account);
    assert_eq!(account.announced(), ["DELETED"]);
    assert_ne!(account.held(PLAIN), Value::Null);
    refused(account.register(PLAIN, 1, 3), "Could not find endpoint");
}

#[test]
fn an_endpoint_at_work_cannot_be_deleted() {
    let mut account = account();
    account.register(PLAIN, 2, 3).expect("registered");
    let delete = json!({"act": "DeleteEndpoint", "EndpointName": "Plain"});
    refused(
        account.try_act(delete.clone()),
        "Cannot update in-progress endpoint",
    );
    advance(&mut account);
    account.play(delete);
}

#[test]
fn tags_change_with_an_event() {
    let mut account = account();
    let tags = json!([{"Key": "autoscaling:max-capacity", "Value": "8"}, {"Key": "team", "Value": "search"}]);
    account.play(json!({"act": "AddTags", "EndpointName": "Plain", "Tags": tags}));
    account.play(json!({"act": "DeleteTags", "EndpointName": "Plain", "TagKeys": ["team"]}));
    let events = account.take_events();
    assert_eq!(events[0]["detail-type"], "Tag Change on Resource");
    assert_eq!(
        events[0]["resources"],
        json!(["arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain"])
    );
    assert_eq!(
        events[0]["detail"]["changed-tag-keys"],
        json!(["autoscaling:max-capacity", "team"])
    );
    assert_eq!(
        events[1]["detail"]["tags"],
        json!({"autoscaling:max-capacity": "8"})
    );
    let arn = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain";
    let listed = account.ask(Service::SageMaker, "ListTags", json!({"ResourceArn": arn}));
    assert_eq!(
        listed,
        Ok(json!({"Tags": [{"Key": "autoscaling:max-capacity", "Value": "8"}]}))
    );

    let braces = json!([{"Key": "a", "Value": "{}"}]);
    let act = json!({"act": "AddTags", "EndpointName": "Plain", "Tags": braces});
    refused(account.try_act(act), "regular expression");
    let many: Vec<_> = (0..51)
        .map(|n| json!({"Key": format!("k{n}"), "Value": ""}))
        .collect();
    refused(
        account.try_act(json!({"act": "AddTags", "EndpointName": "Plain", "Tags": many})),
        "length less than",
    );
}
