//! What the unit tests share: an account with an endpoint of every kind.

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::act::Act;
use crate::service::Service;

pub(crate) const INSTANCES: &str = "sagemaker:variant:DesiredInstanceCount";
pub(crate) const CONCURRENCY: &str = "sagemaker:variant:DesiredProvisionedConcurrency";
pub(crate) const COPIES: &str = "sagemaker:inference-component:DesiredCopyCount";

/// A resource id and a scalable dimension.
pub(crate) type Target = (&'static str, &'static str);

pub(crate) const PLAIN: Target = ("endpoint/Plain/variant/AllTraffic", INSTANCES);
pub(crate) const LEFT: Target = ("endpoint/pair/variant/left", INSTANCES);
pub(crate) const RIGHT: Target = ("endpoint/pair/variant/right", INSTANCES);
pub(crate) const ASYNC: Target = ("endpoint/queue/variant/AllTraffic", INSTANCES);
pub(crate) const SERVERLESS: Target = ("endpoint/serverless/variant/AllTraffic", CONCURRENCY);
pub(crate) const COMPONENT: Target = ("inference-component/llama", COPIES);

fn instances(name: &str, instance_type: &str, count: u32) -> Value {
    json!({
        "VariantName": name, "ModelName": "m", "InstanceType": instance_type,
        "InitialInstanceCount": count, "InitialVariantWeight": 1.0,
    })
}

fn serverless(provisioned: Option<u32>) -> Value {
    json!({
        "VariantName": "AllTraffic", "ModelName": "m",
        "ServerlessConfig": {
            "MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": provisioned,
        },
    })
}

/// An endpoint of every kind, each on a configuration `<name>-config`.
pub(crate) fn account() -> Account {
    let mut account = Account::default();
    let kinds = [
        ("Plain", json!([instances("AllTraffic", "ml.m5.large", 1)])),
        (
            "pair",
            json!([
                instances("left", "ml.m5.large", 1),
                instances("right", "ml.m5.large", 1)
            ]),
        ),
        ("queue", json!([instances("AllTraffic", "ml.m5.large", 1)])),
        ("serverless", json!([serverless(Some(2))])),
        ("on-demand", json!([serverless(None)])),
        (
            "burstable",
            json!([instances("AllTraffic", "ml.t2.medium", 1)]),
        ),
        (
            "trainium",
            json!([instances("AllTraffic", "ml.trn1.2xlarge", 1)]),
        ),
        (
            "pools",
            json!([{
                "VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1,
                "InstancePools": [{"InstanceType": "ml.m5.large", "Priority": 1}],
            }]),
        ),
        (
            "host",
            json!([{
                "VariantName": "AllTraffic", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1,
                "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4},
            }]),
        ),
    ];
    for (name, variants) in kinds {
        let asynchronous = if name == "queue" {
            json!({"OutputConfig": {"S3OutputPath": "s3://bucket/out"}})
        } else {
            Value::Null
        };
        account.play(json!({
            "act": "CreateEndpointConfig", "EndpointConfigName": format!("{name}-config"),
            "ProductionVariants": variants, "AsyncInferenceConfig": asynchronous,
        }));
        account.play(json!({
            "act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": format!("{name}-config"),
        }));
    }
    account.play(json!({
        "act": "CreateInferenceComponent", "InferenceComponentName": "llama", "EndpointName": "host",
        "VariantName": "AllTraffic", "RuntimeConfig": {"CopyCount": 1},
    }));
    account.take_events();
    account
}

/// The members that AWS's operations address a target with.
pub(crate) fn address((resource, dimension): Target) -> Map<String, Value> {
    Map::from_iter([
        ("ServiceNamespace".to_owned(), "sagemaker".into()),
        ("ResourceId".to_owned(), resource.into()),
        ("ScalableDimension".to_owned(), dimension.into()),
    ])
}

impl Account {
    /// An act that must go well.
    pub(crate) fn play(&mut self, act: Value) {
        self.try_act(act).expect("an act that AWS allows");
    }

    pub(crate) fn try_act(&mut self, act: Value) -> Result<(), String> {
        let act: Act = serde_json::from_value(act).map_err(|error| error.to_string())?;
        self.act(act).map_err(|error| error.to_string())
    }

    /// Calls an operation of Application Auto Scaling on a target; an error is
    /// `code: message`.
    pub(crate) fn on(
        &mut self,
        target: Target,
        operation: &str,
        members: Value,
    ) -> Result<Value, String> {
        let mut input = address(target);
        if let Value::Object(members) = members {
            input.extend(members);
        }
        self.ask(
            Service::ApplicationAutoScaling,
            operation,
            Value::Object(input),
        )
    }

    pub(crate) fn ask(
        &mut self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, String> {
        self.call(service, operation, input)
            .map_err(|error| format!("{}: {}", error.code, error.message.unwrap_or_default()))
    }

    pub(crate) fn register(&mut self, target: Target, min: u32, max: u32) -> Result<Value, String> {
        self.on(
            target,
            "RegisterScalableTarget",
            json!({"MinCapacity": min, "MaxCapacity": max}),
        )
    }

    /// What `DescribeScalableTargets` says of one target.
    pub(crate) fn held(&mut self, target: Target) -> Value {
        let input = json!({
            "ServiceNamespace": "sagemaker", "ResourceIds": [target.0], "ScalableDimension": target.1,
        });
        let answer = self.ask(
            Service::ApplicationAutoScaling,
            "DescribeScalableTargets",
            input,
        );
        answer
            .expect("an answer")
            .pointer("/ScalableTargets/0")
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn put_target_tracking(
        &mut self,
        target: Target,
        name: &str,
    ) -> Result<Value, String> {
        let metric = match target.1 {
            INSTANCES => "SageMakerVariantInvocationsPerInstance",
            CONCURRENCY => "SageMakerVariantProvisionedConcurrencyUtilization",
            _ => "SageMakerInferenceComponentInvocationsPerCopy",
        };
        self.on(target, "PutScalingPolicy", json!({
            "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 1.0, "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            },
        }))
    }

    pub(crate) fn put_step(&mut self, target: Target, name: &str) -> Result<Value, String> {
        self.on(
            target,
            "PutScalingPolicy",
            json!({
                "PolicyName": name, "PolicyType": "StepScaling",
                "StepScalingPolicyConfiguration": {
                    "AdjustmentType": "ChangeInCapacity",
                    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
                },
            }),
        )
    }

    /// An alarm that invokes something.
    pub(crate) fn put_alarm(&mut self, name: &str, action: &Value) {
        let answer = self.ask(Service::CloudWatch, "PutMetricAlarm", json!({
            "AlarmName": name, "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": [action],
        }));
        answer.expect("an alarm that CloudWatch takes");
    }

    /// The endpoint's status and its variants' counts, wanted over held.
    pub(crate) fn capacity_of(&self, endpoint: &str) -> String {
        let endpoint = &self.sagemaker.endpoints[endpoint];
        let counts: Vec<_> = endpoint
            .variants
            .iter()
            .map(|variant| format!("{}/{}", variant.desired, variant.current))
            .collect();
        format!("{:?} {}", endpoint.status, counts.join(" "))
    }

    /// The endpoint statuses announced since the last look.
    pub(crate) fn announced(&mut self) -> Vec<String> {
        self.take_events()
            .iter()
            .filter_map(|event| {
                event["detail"]["EndpointStatus"]
                    .as_str()
                    .map(str::to_owned)
            })
            .collect()
    }
}

/// Asserts that a call was refused with a message that contains some text.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, String>, part: &str) {
    let message = result.expect_err("a refusal");
    assert!(
        message.contains(part),
        "`{message}` does not contain `{part}`"
    );
}
