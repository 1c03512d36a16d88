//! Registering and deregistering, rule by rule.

use serde_json::{Value, json};

use crate::service::Service;
use crate::testing::*;

#[test]
fn registrations_that_are_refused() {
    let check = |target: Target, members: Value, part: &str| {
        refused(
            account().on(target, "RegisterScalableTarget", members),
            part,
        );
    };
    let bounds = |min: i32, max: i32| json!({"MinCapacity": min, "MaxCapacity": max});
    let variant = |resource| (resource, INSTANCES);

    check(
        PLAIN,
        json!({"MaxCapacity": 2}),
        "Minimum capacity must be specified",
    );
    check(
        PLAIN,
        json!({"MinCapacity": 1}),
        "Maximum capacity must be specified",
    );
    check(PLAIN, bounds(3, 2), "Maximum capacity cannot be less");
    check(PLAIN, bounds(-1, 2), "must not be negative");
    check(PLAIN, bounds(0, 2), "capacity must be at least 1");
    check(SERVERLESS, bounds(0, 2), "capacity must be at least 1");
    check(
        SERVERLESS,
        bounds(1, 21),
        "must not exceed MaxConcurrency (20)",
    );
    check(
        variant("endpoint/none/variant/AllTraffic"),
        bounds(1, 2),
        "Could not find endpoint \"arn:aws:sagemaker:us-east-1:111122223333:endpoint/none\"",
    );
    check(
        variant("endpoint/plain/variant/AllTraffic"),
        bounds(1, 2),
        "Could not find endpoint",
    );
    check(
        variant("endpoint/Plain/variant/none"),
        bounds(1, 2),
        "no such variant",
    );
    check(
        variant("endpoint/serverless/variant/AllTraffic"),
        bounds(1, 2),
        "no instances to scale",
    );
    check(
        variant("endpoint/burstable/variant/AllTraffic"),
        bounds(1, 2),
        "burstable",
    );
    check(
        variant("endpoint/pools/variant/AllTraffic"),
        bounds(1, 2),
        "instance pools",
    );
    check(
        variant("endpoint/host/variant/AllTraffic"),
        bounds(1, 2),
        "hosts inference components",
    );
    check(
        (PLAIN.0, CONCURRENCY),
        bounds(1, 2),
        "only a serverless variant",
    );
    check(
        ("endpoint/on-demand/variant/AllTraffic", CONCURRENCY),
        bounds(1, 2),
        "no provisioned concurrency",
    );
    check(
        (PLAIN.0, COPIES),
        bounds(1, 2),
        "Unsupported service namespace",
    );
    check(
        (PLAIN.0, "ecs:service:DesiredCount"),
        bounds(1, 2),
        "Unsupported service namespace",
    );
    check(
        ("inference-component/none", COPIES),
        bounds(1, 2),
        "Could not find inference component",
    );
    check(
        PLAIN,
        json!({"MinCapacity": 1, "MaxCapacity": 2, "Tags": {"aws:x": ""}}),
        "reserved prefix",
    );
    check(
        PLAIN,
        json!({"MinCapacity": 1, "MaxCapacity": 2, "Tag": {}}),
        "Unknown member `Tag`",
    );
}

#[test]
fn registrations_that_are_taken() {
    let check = |target: Target, min: u32, max: u32| {
        let mut account = account();
        account.register(target, min, max).expect("registered");
        let held = account.held(target);
        assert_eq!(
            (&held["MinCapacity"], &held["MaxCapacity"]),
            (&json!(min), &json!(max))
        );
    };
    check(PLAIN, 1, 1);
    check(ASYNC, 0, 5);
    check(SERVERLESS, 1, 20);
    check(COMPONENT, 0, 3);
    check(("endpoint/trainium/variant/AllTraffic", INSTANCES), 1, 2);
}

#[test]
fn an_endpoint_must_be_in_service() {
    for status in [
        "Creating",
        "Updating",
        "SystemUpdating",
        "RollingBack",
        "Deleting",
        "Failed",
        "OutOfService",
    ] {
        let mut account = account();
        account.play(
            json!({"act": "SetEndpointStatus", "EndpointName": "Plain", "EndpointStatus": status}),
        );
        refused(
            account.register(PLAIN, 1, 2),
            "The status should be in 'InService' to register it as a scalable target.",
        );
    }
    let mut account = account();
    account.play(json!({
        "act": "UpdateInferenceComponent", "InferenceComponentName": "llama", "Status": "Updating",
    }));
    refused(
        account.register(COMPONENT, 1, 2),
        "The status should be in 'InService'",
    );
}

#[test]
fn what_is_not_given_stays() {
    let mut account = account();
    let first = account.on(PLAIN, "RegisterScalableTarget", json!({
        "MinCapacity": 1, "MaxCapacity": 4, "SuspendedState": {"DynamicScalingInSuspended": true},
        "Tags": {"a": "b"},
    }));
    let change = json!({"MaxCapacity": 5, "SuspendedState": {"ScheduledScalingSuspended": true}});
    let second = account.on(PLAIN, "RegisterScalableTarget", change);
    assert_eq!(first, second, "the ARN stays");
    let held = account.held(PLAIN);
    assert_eq!(
        (&held["MinCapacity"], &held["MaxCapacity"]),
        (&json!(1), &json!(5))
    );
    assert_eq!(
        held["SuspendedState"],
        json!({
            "DynamicScalingInSuspended": true,
            "DynamicScalingOutSuspended": false,
            "ScheduledScalingSuspended": true,
        })
    );
    let arn = held["ScalableTargetARN"].as_str().expect("an ARN");
    assert!(
        arn.starts_with("arn:aws:application-autoscaling:us-east-1:111122223333:scalable-target/"),
        "{arn}"
    );
}

#[test]
fn tags_are_taken_when_a_target_is_created_and_never_again() {
    let mut account = account();
    let tagged = json!({"MinCapacity": 1, "MaxCapacity": 4, "Tags": {"a": "b"}});
    let arn = account
        .on(PLAIN, "RegisterScalableTarget", tagged.clone())
        .expect("registered");
    refused(
        account.on(PLAIN, "RegisterScalableTarget", tagged),
        "ValidationException: The scalable target that you tried to tag already exists. To update tags on an \
         existing scalable target, use the TagResource API.",
    );
    let tags = account.ask(
        Service::ApplicationAutoScaling,
        "ListTagsForResource",
        json!({"ResourceARN": arn["ScalableTargetARN"]}),
    );
    assert_eq!(tags, Ok(json!({"Tags": {"a": "b"}})));
}

#[test]
fn the_quota_of_targets_is_a_limit() {
    let mut account = account();
    let variants: Vec<_> = (0..10)
        .map(|n| {
            json!({
                "VariantName": format!("v{n}"), "ModelName": "m", "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            })
        })
        .collect();
    account.play(json!({
        "act": "CreateEndpointConfig", "EndpointConfigName": "ten", "ProductionVariants": variants,
    }));
    for endpoint in 0..51 {
        account.play(json!({
            "act": "CreateEndpoint", "EndpointName": format!("e{endpoint}"), "EndpointConfigName": "ten",
        }));
    }
    let mut register = |endpoint: usize, variant: usize| {
        let resource = format!("endpoint/e{endpoint}/variant/v{variant}");
        account.ask(Service::ApplicationAutoScaling, "RegisterScalableTarget", json!({
            "ServiceNamespace": "sagemaker", "ResourceId": resource, "ScalableDimension": INSTANCES,
            "MinCapacity": 1, "MaxCapacity": 1,
        }))
    };
    for number in 0..500 {
        register(number / 10, number % 10).expect("within the quota");
    }
    refused(register(50, 0), "LimitExceededException");
    register(0, 0).expect("an update is within the quota");
}

#[test]
fn a_new_target_may_not_be_seen_at_once() {
    let mut account = account();
    account.play(json!({"act": "SetConsistencyLag", "Calls": 1}));
    account.register(PLAIN, 1, 4).expect("registered");
    refused(
        account.put_target_tracking(PLAIN, "p"),
        "ObjectNotFoundException: No scalable target registered for service namespace: sagemaker, resource \
         ID: endpoint/Plain/variant/AllTraffic, scalable dimension: sagemaker:variant:DesiredInstanceCount",
    );
    account
        .put_target_tracking(PLAIN, "p")
        .expect("seen by now");
    account.register(PLAIN, 1, 5).expect("an update");
    account
        .put_target_tracking(PLAIN, "p")
        .expect("an update causes no lag");
}

#[test]
fn deregistering_removes_what_belongs_to_the_target() {
    let mut account = account();
    account.register(PLAIN, 1, 4).expect("registered");
    account.put_target_tracking(PLAIN, "tracking").expect("put");
    let step = account.put_step(PLAIN, "step").expect("put");
    account.put_alarm("mine", &step["PolicyARN"]);
    assert_eq!(account.alarms.len(), 3);

    assert_eq!(
        account.on(PLAIN, "DeregisterScalableTarget", json!({})),
        Ok(json!({}))
    );
    assert_eq!(account.held(PLAIN), Value::Null);
    assert_eq!(
        account.alarms.keys().collect::<Vec<_>>(),
        ["mine"],
        "alarms of step policies stay"
    );
    assert_eq!(account.alarms["mine"].describe()["AlarmActions"], json!([]));
    refused(
        account.on(PLAIN, "DeregisterScalableTarget", json!({})),
        "ObjectNotFoundException: No scalable target found for service namespace: sagemaker",
    );

    account.register(PLAIN, 1, 4).expect("registered");
    let policies = account.ask(
        Service::ApplicationAutoScaling,
        "DescribeScalingPolicies",
        json!({"ServiceNamespace": "sagemaker"}),
    );
    assert_eq!(
        policies,
        Ok(json!({"ScalingPolicies": []})),
        "policies do not come back"
    );
}

#[test]
fn targets_are_listed_by_filter_and_page() {
    let mut account = account();
    for target in [PLAIN, LEFT, RIGHT, SERVERLESS, COMPONENT] {
        account.register(target, 1, 4).expect("registered");
    }
    let mut list = |filter: Value| {
        let mut input = json!({"ServiceNamespace": "sagemaker"});
        for (name, value) in filter.as_object().expect("an object") {
            input[name] = value.clone();
        }
        let answer = account.ask(
            Service::ApplicationAutoScaling,
            "DescribeScalableTargets",
            input,
        )?;
        let count = answer["ScalableTargets"].as_array().map_or(0, Vec::len);
        Ok::<_, String>((count, answer.get("NextToken").is_some()))
    };
    assert_eq!(list(json!({})), Ok((2, true)), "pages are tiny");
    assert_eq!(list(json!({"MaxResults": 1})), Ok((1, true)));
    assert_eq!(
        list(json!({"MaxResults": 50})),
        Ok((2, true)),
        "never more than the page size"
    );
    assert_eq!(
        list(json!({"ResourceIds": [LEFT.0, "endpoint/none/variant/v"]})),
        Ok((1, false))
    );
    refused(
        list(json!({"ScalableDimension": INSTANCES})),
        "you must also specify a resource ID",
    );
    refused(list(json!({"MaxResults": 51})), "between 1 and 50");
    refused(list(json!({"MaxResults": 0})), "between 1 and 50");
    refused(list(json!({"NextToken": "x"})), "InvalidNextTokenException");
    refused(
        list(json!({"ServiceNamespace": "ecs"})),
        "Unsupported service namespace",
    );
}
