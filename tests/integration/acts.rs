//! What deployers, owners, the platform team and strangers do to an account.

use serde_json::{Value, json};

pub(crate) const INSTANCES: &str = "sagemaker:variant:DesiredInstanceCount";
pub(crate) const COPIES: &str = "sagemaker:inference-component:DesiredCopyCount";

/// A scalable target: its resource and its dimension.
pub(crate) type Target<'a> = (&'a str, &'a str);

/// An endpoint configuration with one variant `AllTraffic`.
pub(crate) fn real_time(config: &str, instances: u32) -> Value {
    json!({"act": "CreateEndpointConfig", "EndpointConfigName": config, "ProductionVariants": [
        {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large",
         "InitialInstanceCount": instances, "InitialVariantWeight": 1.0}]})
}

/// The same, asynchronous.
pub(crate) fn asynchronous(config: &str, instances: u32) -> Value {
    let mut act = real_time(config, instances);
    act["AsyncInferenceConfig"] = json!({"OutputConfig": {"S3OutputPath": "s3://bucket/out"}});
    act
}

/// The same, serverless.
pub(crate) fn serverless(config: &str, provisioned: u32) -> Value {
    json!({"act": "CreateEndpointConfig", "EndpointConfigName": config, "ProductionVariants": [
        {"VariantName": "AllTraffic", "ModelName": "m", "InitialVariantWeight": 1.0, "ServerlessConfig":
            {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": provisioned}}]})
}

/// The same, for inference components, which may go down to nothing.
pub(crate) fn host(config: &str) -> Value {
    json!({"act": "CreateEndpointConfig", "EndpointConfigName": config,
        "ExecutionRoleArn": "arn:aws:iam::111122223333:role/r",
        "ProductionVariants": [{"VariantName": "AllTraffic", "InstanceType": "ml.g5.2xlarge",
            "InitialInstanceCount": 1, "InitialVariantWeight": 1.0, "ManagedInstanceScaling":
                {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4}}]})
}

pub(crate) fn endpoint(name: &str, config: &str) -> Value {
    json!({"act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": config})
}

/// An endpoint with a configuration of its own.
pub(crate) fn deployed(name: &str) -> Value {
    let config = format!("{name}-config");
    json!([real_time(&config, 1), endpoint(name, &config)])
}

pub(crate) fn component(name: &str, endpoint: &str) -> Value {
    json!({"act": "CreateInferenceComponent", "InferenceComponentName": name, "EndpointName": endpoint,
        "VariantName": "AllTraffic", "RuntimeConfig": {"CopyCount": 1}})
}

/// Deletes an endpoint and leaves its targets.
pub(crate) fn vanish(endpoint: &str) -> Value {
    json!({"act": "DeleteEndpoint", "EndpointName": endpoint, "KeepScalableTargets": true})
}

pub(crate) fn tag(endpoint: &str, name: &str, value: &str) -> Value {
    json!({"act": "AddTags", "EndpointName": endpoint,
        "Tags": [{"Key": format!("autoscaling:{name}"), "Value": value}]})
}

pub(crate) fn untag(endpoint: &str, name: &str) -> Value {
    json!({"act": "DeleteTags", "EndpointName": endpoint, "TagKeys": [format!("autoscaling:{name}")]})
}

/// A document below the usual prefix.
pub(crate) fn parameter(name: &str, document: &Value) -> Value {
    json!({"act": "PutParameter", "Name": format!("/endpoint-autoscaler/{name}"), "Value": document.to_string()})
}

pub(crate) fn advance(seconds: u32) -> Value {
    json!({"act": "Advance", "Seconds": seconds})
}

/// A person calls AWS.
pub(crate) fn call(service: &str, operation: &str, input: &Value) -> Value {
    json!({"act": "Call", "Service": service, "Operation": operation, "Input": input})
}

/// A person calls Application Auto Scaling about a target.
pub(crate) fn on((resource, dimension): Target<'_>, operation: &str, mut input: Value) -> Value {
    input["ServiceNamespace"] = "sagemaker".into();
    input["ResourceId"] = resource.into();
    input["ScalableDimension"] = dimension.into();
    call("application-autoscaling", operation, &input)
}

pub(crate) fn register(target: Target<'_>, min: u32, max: u32) -> Value {
    on(
        target,
        "RegisterScalableTarget",
        json!({"MinCapacity": min, "MaxCapacity": max}),
    )
}

/// A policy and a scheduled action that are not ours.
pub(crate) fn foreign_items(target: Target<'_>) -> [Value; 2] {
    let policy = json!({"PolicyName": "theirs", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}]}});
    let action = json!({"ScheduledActionName": "theirs", "Schedule": "cron(0 3 * * ? *)",
        "ScalableTargetAction": {"MinCapacity": 1}});
    [
        on(target, "PutScalingPolicy", policy),
        on(target, "PutScheduledAction", action),
    ]
}

/// An alarm that a person made.
pub(crate) fn foreign_alarm(name: &str) -> Value {
    let alarm = json!({"AlarmName": name, "Namespace": "AWS/SageMaker", "MetricName": "Invocations",
        "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold"});
    call("cloudwatch", "PutMetricAlarm", &alarm)
}

/// A target-tracking policy of a document.
pub(crate) fn tracking(name: &str, target: u32) -> Value {
    json!({"PolicyName": name, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": target,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}})
}

/// A step policy of a document, with its alarm.
pub(crate) fn surge(adjustment: u32, threshold: u32) -> Value {
    json!({"PolicyName": "surge", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 60,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": adjustment}]},
        "AlarmDefinitions": [{"AlarmName": "latency-high", "Namespace": "AWS/SageMaker", "MetricName": "ModelLatency",
            "Statistic": "Average", "Period": 60, "EvaluationPeriods": 2, "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold"}]})
}

/// A scheduled action of a document.
pub(crate) fn day(hour: u32, min: u32) -> Value {
    json!({"ScheduledActionName": "day", "Schedule": format!("cron(0 {hour} ? * MON-FRI *)"),
        "Timezone": "Europe/Berlin", "ScalableTargetAction": {"MinCapacity": min, "MaxCapacity": 8}})
}
