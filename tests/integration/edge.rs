//! The SDK edge with scripted answers: which calls are made, in how many waves, and what becomes
//! of faults.
//!
//! Every answer takes one second of tokio's paused clock, so that the time a run takes *is* its
//! number of waves of calls.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use endpoint_autoscaler::aws::{Aws, Pace};
use endpoint_autoscaler::core::event::Hints;
use endpoint_autoscaler::core::installation::Installation;
use endpoint_autoscaler::core::name::{EndpointName, VariantName};
use endpoint_autoscaler::core::report::{Outcome, Report, Trigger};
use endpoint_autoscaler::reconcile::{Job, reconcile, release};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const EMPTY_CBOR_MAP: &[u8] = &[0xa0];

type Answer = (u16, Value);
type Script = dyn Fn(&str, &Value, usize) -> Answer + Send + Sync;

/// Answers by script and keeps a journal of operations.
#[derive(Clone)]
struct Scripted {
    script: Arc<Script>,
    journal: Arc<Mutex<Vec<String>>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // CloudWatch names the operation in the path and speaks CBOR, the others in a header and JSON.
        let target = request.headers().get("x-amz-target");
        let operation = target.unwrap_or(request.uri()).rsplit(['.', '/']).next();
        let operation = operation.unwrap_or_default().to_owned();
        let is_json = target.is_some();
        let body =
            serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let mut journal = self.journal.lock().unwrap();
        journal.push(operation.clone());
        let nth = journal
            .iter()
            .filter(|earlier| **earlier == operation)
            .count();
        let (status, answer) = (self.script)(&operation, &body, nth);
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if is_json {
                let body = SdkBody::from(answer.to_string());
                return Ok(HttpResponse::new(status.try_into().unwrap(), body));
            }
            let mut answer =
                HttpResponse::new(status.try_into().unwrap(), SdkBody::from(EMPTY_CBOR_MAP));
            answer
                .headers_mut()
                .insert("smithy-protocol", "rpc-v2-cbor");
            Ok(answer)
        })
    }
}

impl HttpClient for Scripted {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// What one run did.
struct Run {
    report: Option<Report>,
    journal: Vec<String>,
    waves: u64,
}

impl Run {
    fn report(&self) -> &Report {
        self.report.as_ref().expect("a report")
    }

    fn writes(&self) -> Vec<&str> {
        let reads = |name: &&str| {
            ["Describe", "List", "Get"]
                .iter()
                .any(|verb| name.starts_with(verb))
        };
        self.journal
            .iter()
            .map(String::as_str)
            .filter(|name| !reads(name))
            .collect()
    }

    fn count(&self, operation: &str) -> usize {
        self.journal
            .iter()
            .filter(|name| *name == operation)
            .count()
    }
}

/// What AWS's own sample event tells: no names of variants, and here no configuration either.
fn arn_only() -> Hints {
    Hints {
        arn: Some(ARN.into()),
        ..Hints::default()
    }
}

/// What real events tell.
fn everything() -> Hints {
    Hints {
        config: Some("c".into()),
        variants: vec![VariantName::new("AllTraffic").unwrap()],
        ..arn_only()
    }
}

async fn run(
    going_away: bool,
    script: impl Fn(&str, &Value, usize) -> Answer + Send + Sync + 'static,
) -> Run {
    run_with(&arn_only(), going_away, script).await
}

async fn run_with(
    hints: &Hints,
    going_away: bool,
    script: impl Fn(&str, &Value, usize) -> Answer + Send + Sync + 'static,
) -> Run {
    let http = Scripted {
        script: Arc::new(script),
        journal: Arc::default(),
    };
    let journal = Arc::clone(&http.journal);
    let keys = Credentials::from_keys("test", "test", None);
    let config = SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(http)
        .build();
    let aws = Aws::new(&config);
    let installation = Installation::from_variables(|_| None).unwrap();
    let started = Instant::now();
    let job = Job {
        trigger: Trigger::EndpointStateChange,
        dry_run: false,
        force: false,
        may_disrupt: true,
        now: jiff::Timestamp::UNIX_EPOCH,
        deadline: started + Duration::from_mins(2),
        pace: Pace::unlimited(),
    };
    let endpoint = EndpointName::new("Prod").unwrap();
    let report = if going_away {
        Box::pin(release(&aws, &installation, &job, &endpoint)).await
    } else {
        Some(Box::pin(reconcile(&aws, &installation, &job, &endpoint, hints)).await)
    };
    let waves = started.elapsed().as_secs();
    let journal = journal.lock().unwrap().clone();
    Run {
        report,
        journal,
        waves,
    }
}

fn fault(code: &str, message: &str) -> Answer {
    (400, json!({"__type": code, "message": message}))
}

const ARN: &str = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/prod";
const RESOURCE: &str = "endpoint/Prod/variant/AllTraffic";
const DIMENSION: &str = "sagemaker:variant:DesiredInstanceCount";

fn held_target(min: u32, max: u32) -> Value {
    json!({"ServiceNamespace": "sagemaker", "ResourceId": RESOURCE, "ScalableDimension": DIMENSION,
        "MinCapacity": min, "MaxCapacity": max, "RoleARN": "arn:role", "CreationTime": 1.0,
        "ScalableTargetARN": "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/1"})
}

/// As AWS stores it: what was left out stays out.
fn held_policy(name: &str) -> Value {
    json!({"PolicyARN": "arn:policy", "PolicyName": name, "ServiceNamespace": "sagemaker",
        "ResourceId": RESOURCE, "ScalableDimension": DIMENSION, "PolicyType": "TargetTrackingScaling",
        "CreationTime": 1.0, "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70.0,
            "PredefinedMetricSpecification":
                {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}}})
}

/// An endpoint that is InService, with nothing registered.
fn new_endpoint(operation: &str) -> Answer {
    let answer = match operation {
        "DescribeEndpoint" => {
            json!({"EndpointName": "Prod", "EndpointArn": ARN, "EndpointStatus": "InService",
            "EndpointConfigName": "c", "CreationTime": 1.0, "LastModifiedTime": 1.0,
            "ProductionVariants": [{"VariantName": "AllTraffic", "CurrentInstanceCount": 1}]})
        }
        "DescribeEndpointConfig" => {
            json!({"EndpointConfigName": "c", "EndpointConfigArn": "arn:c", "CreationTime": 1.0,
            "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}]})
        }
        "ListTags" => json!({"Tags": []}),
        "GetParameters" => json!({"Parameters": [], "InvalidParameters": []}),
        "DescribeScalableTargets" => json!({"ScalableTargets": []}),
        "DescribeScalingPolicies" => json!({"ScalingPolicies": []}),
        "DescribeScheduledActions" => json!({"ScheduledActions": []}),
        "RegisterScalableTarget" => json!({"ScalableTargetARN": "arn:t"}),
        "PutScalingPolicy" => json!({"PolicyARN": "arn:p", "Alarms": []}),
        "ListTagsForResource" => {
            json!({"Tags": {"endpoint-autoscaler:managed-by": "endpoint-autoscaler"}})
        }
        _ => json!({}),
    };
    (200, answer)
}

/// The same endpoint, scaled as it should be.
fn in_sync(operation: &str) -> Answer {
    match operation {
        "DescribeScalableTargets" => (200, json!({"ScalableTargets": [held_target(1, 4)]})),
        "DescribeScalingPolicies" => (
            200,
            json!({"ScalingPolicies": [held_policy("endpoint-autoscaler-target-tracking")]}),
        ),
        _ => new_endpoint(operation),
    }
}

#[tokio::test(start_paused = true)]
async fn in_sync_costs_two_waves_of_reads_and_no_write() {
    let run = run(false, |operation, _, _| in_sync(operation)).await;
    assert_eq!(run.report().outcome, Outcome::Unchanged);
    assert_eq!(run.writes(), [""; 0]);
    assert_eq!((run.waves, run.journal.len()), (2, 7));
    assert_eq!(
        (run.report().calls.reads, run.report().calls.writes),
        (7, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_endpoint_costs_four_waves() {
    let run = run(false, |operation, _, _| new_endpoint(operation)).await;
    assert_eq!(run.report().outcome, Outcome::Configured);
    assert_eq!(run.writes(), ["RegisterScalableTarget", "PutScalingPolicy"]);
    assert_eq!(run.waves, 4);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_names_its_variants_saves_a_wave() {
    let quiet = run_with(&everything(), false, |operation, _, _| in_sync(operation)).await;
    assert_eq!(quiet.report().outcome, Outcome::Unchanged);
    assert_eq!((quiet.waves, quiet.journal.len()), (1, 7));
    let new = run_with(&everything(), false, |operation, _, _| {
        new_endpoint(operation)
    })
    .await;
    assert_eq!(new.report().outcome, Outcome::Configured);
    assert_eq!(new.waves, 3);
}

#[tokio::test(start_paused = true)]
async fn what_an_event_says_wrongly_is_read_again() {
    let hints = Hints {
        arn: Some(ARN.replace("prod", "other")),
        config: Some("old".into()),
        variants: vec![VariantName::new("gone").unwrap()],
    };
    let run = run_with(&hints, false, |operation, body, _| match operation {
        "DescribeEndpointConfig" if body["EndpointConfigName"] == "old" => fault(
            "ValidationException",
            "Could not find endpoint configuration \"old\"",
        ),
        "DescribeScalableTargets" if body["ResourceIds"] != json!([RESOURCE]) => {
            (200, json!({"ScalableTargets": []}))
        }
        "ListTags" if body["ResourceArn"] != ARN => (
            200,
            json!({"Tags": [{"Key": "autoscaling:enabled", "Value": "false"}]}),
        ),
        _ => in_sync(operation),
    })
    .await;
    assert_eq!(
        run.report().outcome,
        Outcome::Unchanged,
        "{:#?}",
        run.report()
    );
    assert_eq!((run.waves, run.count("DescribeEndpointConfig")), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read() {
    let run = run(false, |operation, body, _| {
        match (operation, body["NextToken"].as_str()) {
            ("DescribeScalingPolicies", None) => (
                200,
                json!({"ScalingPolicies": [held_policy("theirs")], "NextToken": "more"}),
            ),
            ("ListTags", None) => (200, json!({"Tags": [], "NextToken": "more"})),
            ("ListTags", Some(_)) => (
                200,
                json!({"Tags": [{"Key": "autoscaling:enabled", "Value": "false"}]}),
            ),
            _ => in_sync(operation),
        }
    })
    .await;
    assert_eq!(
        (run.count("ListTags"), run.count("DescribeScalingPolicies")),
        (2, 2)
    );
    // The tag on the second page opts out; the policy on the first page is foreign, so that the
    // target stays and only what is ours goes.
    assert_eq!(run.report().outcome, Outcome::Released);
    assert_eq!(run.writes(), ["DeleteScalingPolicy", "UntagResource"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_sdk_takes_for_final_is_retried() {
    for code in [
        "ConcurrentUpdateException",
        "InternalServiceException",
        "ObjectNotFoundException",
    ] {
        let run = run(false, move |operation, _, nth| match operation {
            "PutScalingPolicy" if nth == 1 => fault(code, "pending"),
            _ => new_endpoint(operation),
        })
        .await;
        assert_eq!(run.report().outcome, Outcome::Configured, "{code}");
        assert_eq!(run.count("PutScalingPolicy"), 2, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_is_not_taken_for_throttling() {
    let run = run(false, |operation, _, _| match operation {
        "RegisterScalableTarget" => fault("LimitExceededException", "500 scalable targets"),
        _ => new_endpoint(operation),
    })
    .await;
    assert_eq!(run.writes(), ["RegisterScalableTarget"]);
    assert_eq!(run.report().outcome, Outcome::Failed);
    assert!(!run.report().wants_redelivery());
}

#[tokio::test(start_paused = true)]
async fn throttling_past_the_retries_is_delivered_again() {
    let run = run(false, |operation, _, _| match operation {
        "PutScalingPolicy" => fault("ThrottlingException", "Rate exceeded"),
        _ => new_endpoint(operation),
    })
    .await;
    assert_eq!(run.count("PutScalingPolicy"), 5);
    assert!(run.report().wants_redelivery());
}

#[tokio::test(start_paused = true)]
async fn a_busy_endpoint_is_deferred() {
    let run = run(false, |operation, _, _| match operation {
        "RegisterScalableTarget" => fault(
            "ValidationException",
            "The status should be in 'InService' to register it as a scalable target",
        ),
        _ => new_endpoint(operation),
    })
    .await;
    assert_eq!(run.report().outcome, Outcome::Deferred);
    assert_eq!(run.writes(), ["RegisterScalableTarget"]);
    assert!(!run.report().wants_redelivery());
}

#[tokio::test(start_paused = true)]
async fn a_target_that_another_event_registered_meanwhile_is_looked_at_again() {
    let run = run(false, |operation, _, nth| match operation {
        "RegisterScalableTarget" => fault(
            "ValidationException",
            "The scalable target that you tried to tag already exists.",
        ),
        "DescribeScalableTargets" if nth > 1 => in_sync(operation),
        "ListTagsForResource" => (
            200,
            json!({"Tags": {"endpoint-autoscaler:managed-by": "endpoint-autoscaler",
                "endpoint-autoscaler:applied": "1-4"}}),
        ),
        _ => new_endpoint(operation),
    })
    .await;
    assert_eq!(run.report().outcome, Outcome::Configured);
    assert_eq!(run.writes(), ["RegisterScalableTarget", "PutScalingPolicy"]);
    assert_eq!(run.report().calls.writes, 2);
}

#[tokio::test(start_paused = true)]
async fn a_change_to_an_existing_target_first_asks_whose_it_is() {
    let run = run(false, |operation, _, _| match operation {
        "DescribeScalableTargets" => (200, json!({"ScalableTargets": [held_target(2, 3)]})),
        "ListTagsForResource" => (200, json!({"Tags": {"ManagedBy": "terraform"}})),
        _ => new_endpoint(operation),
    })
    .await;
    assert_eq!(run.report().outcome, Outcome::Skipped);
    assert_eq!(run.writes(), [""; 0]);
    assert_eq!((run.waves, run.count("ListTagsForResource")), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn a_late_deletion_event_about_a_namesake_does_no_harm() {
    let run = run(true, |operation, _, _| in_sync(operation)).await;
    assert!(run.report.is_none());
    assert_eq!(run.journal, ["DescribeEndpoint"]);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_endpoint_is_released() {
    let run = run(true, |operation, _, _| match operation {
        "DescribeEndpoint" => fault("ValidationException", "Could not find endpoint \"arn:e\"."),
        _ => in_sync(operation),
    })
    .await;
    assert_eq!(run.report().outcome, Outcome::Released);
    assert_eq!(run.writes(), ["DeregisterScalableTarget"]);
    assert_eq!(run.count("DescribeAlarms"), 1);
}

#[tokio::test(start_paused = true)]
async fn already_gone_is_success() {
    let run = run(true, |operation, _, _| match operation {
        "DescribeEndpoint" => fault("ValidationException", "Could not find endpoint \"arn:e\"."),
        "DeregisterScalableTarget" => fault("ObjectNotFoundException", "No scalable target found"),
        _ => in_sync(operation),
    })
    .await;
    assert_eq!(run.report().outcome, Outcome::Released);
    assert_eq!(run.count("DeregisterScalableTarget"), 1);
}
