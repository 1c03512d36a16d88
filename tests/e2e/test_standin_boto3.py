"""The stand-in for AWS, asked by AWS's own Python client.

boto3 is generated from the official models and parses what it gets by them. It shows that the stand-in speaks the
wire protocols, answers every operation in the official shape, and keeps the rules that matter most; all rules are
tested in Rust beside their code.
"""

from __future__ import annotations

import importlib.util
import json
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import botocore.model
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from conftest import config, endpoint
from harness import ROOT, STANDIN, Standin

CRATE = ROOT / "crates/aws-standin"
RECORDED = sorted((CRATE / "tests/recorded").glob("*.json"))
SERVICES = ["sagemaker", "application-autoscaling", "ssm", "cloudwatch", "resourcegroupstaggingapi", "sqs"]
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
Client = Callable[..., Any]


def target(endpoint_name: str = "Plain", variant: str = "AllTraffic") -> dict[str, str]:
    """The members that name a scalable target in a request."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint_name}/variant/{variant}",
        "ScalableDimension": INSTANCES,
    }


def tracking(name: str, value: float = 70.0, **more: Any) -> dict[str, Any]:
    """A target-tracking policy on the usual metric."""
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    configuration = {"TargetValue": value, "PredefinedMetricSpecification": metric, **more}
    return {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }


def alarm(name: str, *actions: str) -> dict[str, Any]:
    """A metric alarm."""
    return {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "ModelLatency",
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 500000.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": list(actions),
    }


@pytest.fixture
def client(aws: Standin) -> Iterator[Client]:
    """Makes clients of the stand-in that never retry: every answer is seen."""
    opened = []

    def make(service: str, **settings: Any) -> Any:
        made = boto3.client(
            service,
            endpoint_url=aws.url,
            region_name="us-east-1",
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}, **settings),
        )
        opened.append(made)
        return made

    yield make
    for made in opened:
        made.close()


@pytest.fixture
def autoscaling(aws: Standin, client: Client) -> Any:
    aws.act(*endpoint("Plain"))
    return client("application-autoscaling")


@pytest.fixture(params=["json", "smithy-rpc-v2-cbor"])
def cloudwatch(request: pytest.FixtureRequest, client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """CloudWatch in both of its protocols: boto3 prefers JSON, the AWS SDK for Rust CBOR."""
    monkeypatch.setattr(botocore.model, "PRIORITY_ORDERED_SUPPORTED_PROTOCOLS", (request.param,))
    made = client("cloudwatch")
    assert made.meta.service_model.resolved_protocol == request.param
    return made


def plain(value: Any) -> Any:
    """A parsed answer as JSON would write it, with what AWS makes unique left out."""
    if isinstance(value, dict):
        members = {name: plain(member) for name, member in value.items() if name != "ResponseMetadata"}
        return members | ({"NextToken": "<token>"} if "NextToken" in members else {})
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=scalable-target/)[0-9a-f]{34}", "<id>", value)
    return value


def ask(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Calls an operation by AWS's name for it; an error is part of what is answered."""
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
    try:
        return {"response": plain(getattr(client, method)(**params))}
    except ClientError as error:
        answer = error.response
        message = answer["Error"].get("Message", "")
        return {"error": [answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], message]}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_exchanges_are_answered_as_recorded(path: Path, aws: Standin, client: Client) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    for number, exchange in enumerate(recorded["exchanges"], start=1):
        aws.act(*exchange.get("acts", []))
        params = exchange["params"]
        for name, step in exchange.get("paramsFrom", {}).items():
            params[name] = answers_of(aws)[step]
        answer = ask(client(exchange["service"]), exchange["operation"], params)
        expected = {kind: exchange[kind] for kind in ("response", "error") if kind in exchange}
        assert answer == expected, f"{path.name}, exchange {number} ({exchange['operation']})"


def answers_of(aws: Standin) -> dict[str, str]:
    """What later requests need from the account: the ARN of its only scalable target."""
    targets = aws.state()["ScalableTargets"]
    return {"the ARN of the scalable target": targets[0]["ScalableTargetARN"]} if targets else {}


def test_every_operation_is_recorded() -> None:
    models = {service: json.loads((CRATE / f"model/{service}.json").read_text()) for service in SERVICES}
    answered = {(service, operation) for service, model in models.items() for operation in model["operations"]}
    exchanges = [exchange for path in RECORDED for exchange in json.loads(path.read_text())["exchanges"]]
    recorded = {(exchange["service"], exchange["operation"]) for exchange in exchanges if "response" in exchange}
    assert recorded == answered


def extractor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract", CRATE / "model/extract.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("service", SERVICES)
def test_the_models_are_cut_from_the_installed_botocore(service: str) -> None:
    module = extractor()
    held = json.loads((CRATE / f"model/{service}.json").read_text())
    assert held == module.extract(service, module.OPERATIONS[service]), "run crates/aws-standin/model/extract.py"


@pytest.mark.parametrize(
    ("service", "operation", "member", "expected"),
    [
        ("sagemaker", "list_endpoints", "Endpoints", 5),
        ("sagemaker", "list_tags", "Tags", 5),
        ("application-autoscaling", "describe_scalable_targets", "ScalableTargets", 5),
        ("application-autoscaling", "describe_scaling_policies", "ScalingPolicies", 5),
        ("application-autoscaling", "describe_scheduled_actions", "ScheduledActions", 5),
        ("application-autoscaling", "describe_scaling_activities", "ScalingActivities", 5),
        ("ssm", "get_parameters_by_path", "Parameters", 5),
        ("cloudwatch", "describe_alarms", "MetricAlarms", 5),
        ("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", 5),
    ],
)
def test_boto3_pages_through_every_listing(
    aws: Standin, client: Client, service: str, operation: str, member: str, expected: int
) -> None:
    tags = {f"key-{number}": "value" for number in range(expected)}
    names = [f"e{number}" for number in range(expected)]
    scaling = client("application-autoscaling")
    for name in names:
        aws.act(*endpoint(name, tags), {"act": "PutParameter", "Name": f"/p/{name}", "Value": "v"})
        scaling.register_scalable_target(**target(name), MinCapacity=2, MaxCapacity=4)
        configuration = {
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        }
        scaling.put_scaling_policy(
            **target(name), PolicyName="p", PolicyType="StepScaling", StepScalingPolicyConfiguration=configuration
        )
        scaling.put_scheduled_action(
            **target(name),
            ScheduledActionName="day",
            Schedule="cron(0 8 ? * MON-FRI *)",
            ScalableTargetAction={"MinCapacity": 2},
        )
        client("cloudwatch").put_metric_alarm(**alarm(name))
    given: dict[str, dict[str, Any]] = {
        "list_tags": {"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:endpoint/e0"},
        "get_parameters_by_path": {"Path": "/p"},
    }
    if service == "application-autoscaling":
        given[operation] = {"ServiceNamespace": "sagemaker"}
    pages = list(client(service).get_paginator(operation).paginate(**given.get(operation, {})))
    items = [json.dumps(plain(item), sort_keys=True) for page in pages for item in page[member]]
    assert [len(page[member]) for page in pages] == [2, 2, 1]
    assert len(set(items)) == expected


def test_inference_components_are_listed_in_pages(aws: Standin, client: Client) -> None:
    host = {"VariantName": "AllTraffic", "ModelName": None}
    components = [
        {
            "act": "CreateInferenceComponent",
            "InferenceComponentName": f"c{number}",
            "EndpointName": "host",
            "VariantName": "AllTraffic",
            "RuntimeConfig": {"CopyCount": 1},
        }
        for number in range(3)
    ]
    aws.act(*endpoint("host", None, host), *components)
    paginator = client("sagemaker").get_paginator("list_inference_components")
    pages = list(paginator.paginate(EndpointNameEquals="host", SortBy="Name", SortOrder="Ascending"))
    names = [[item["InferenceComponentName"] for item in page["InferenceComponents"]] for page in pages]
    assert names == [["c0", "c1"], ["c2"]]


@pytest.fixture
def crowded(aws: Standin, client: Client) -> Standin:
    """An account with more of everything than AWS puts on a page."""
    aws.act({"act": "SetPageSize"}, config("shared"))
    scaling, alarms = client("application-autoscaling"), client("cloudwatch")
    adjustment = {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}
    step = {"AdjustmentType": "ExactCapacity", "StepAdjustments": [adjustment]}
    for number in range(101):
        name = f"e{number:03}"
        aws.act({"act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": "shared"})
        alarms.put_metric_alarm(**alarm(name))
        if number > 50:
            continue
        aws.act({"act": "PutParameter", "Name": f"/p/{name}", "Value": "v"})
        scaling.register_scalable_target(**target(name), MinCapacity=1, MaxCapacity=4)
        scaling.put_scaling_policy(
            **target(name), PolicyName="p", PolicyType="StepScaling", StepScalingPolicyConfiguration=step
        )
        scaling.put_scheduled_action(
            **target(name), ScheduledActionName="day", Schedule="rate(1 day)", ScalableTargetAction={"MinCapacity": 1}
        )
    return aws


def test_page_sizes_can_be_those_of_aws(crowded: Standin, client: Client) -> None:
    everything = {"ServiceNamespace": "sagemaker"}
    for service, operation, member, given, expected in [
        ("sagemaker", "ListEndpoints", "Endpoints", {}, 10),
        ("sagemaker", "ListEndpoints", "Endpoints", {"MaxResults": 100}, 100),
        ("application-autoscaling", "DescribeScalableTargets", "ScalableTargets", everything, 50),
        ("application-autoscaling", "DescribeScalingPolicies", "ScalingPolicies", everything, 10),
        ("application-autoscaling", "DescribeScheduledActions", "ScheduledActions", everything, 50),
        ("ssm", "GetParametersByPath", "Parameters", {"Path": "/p"}, 10),
        ("cloudwatch", "DescribeAlarms", "MetricAlarms", {}, 50),
        ("cloudwatch", "DescribeAlarms", "MetricAlarms", {"MaxRecords": 100}, 100),
    ]:
        answer = ask(client(service), operation, given)["response"]
        assert (operation, len(answer[member]), "NextToken" in answer) == (operation, expected, True)
    for service, operation, given in [
        ("sagemaker", "ListEndpoints", {"MaxResults": 101}),
        ("application-autoscaling", "DescribeScalableTargets", {**everything, "MaxResults": 51}),
        ("application-autoscaling", "DescribeScalingPolicies", {**everything, "MaxResults": 11}),
        ("application-autoscaling", "DescribeScheduledActions", {**everything, "MaxResults": 51}),
        ("ssm", "GetParametersByPath", {"Path": "/p", "MaxResults": 11}),
        ("cloudwatch", "DescribeAlarms", {"MaxRecords": 101}),
    ]:
        status, code, _ = ask(client(service), operation, given)["error"]
        assert (operation, status, code[:10]) == (operation, 400, "Validation")


def test_a_token_of_another_listing_is_refused(aws: Standin, autoscaling: Any) -> None:
    aws.act(*endpoint("a"), *endpoint("b"))
    for name in ("Plain", "a", "b"):
        autoscaling.register_scalable_target(**target(name), MinCapacity=1, MaxCapacity=2)
    token = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")["NextToken"]
    with pytest.raises(autoscaling.exceptions.InvalidNextTokenException):
        autoscaling.describe_scheduled_actions(ServiceNamespace="sagemaker", NextToken=token)


def test_registering_pulls_the_capacity_and_fires_the_trigger_again(
    aws: Standin, autoscaling: Any, client: Client
) -> None:
    autoscaling.register_scalable_target(**target(), MinCapacity=3, MaxCapacity=5)
    described = client("sagemaker").describe_endpoint(EndpointName="Plain")
    variant = described["ProductionVariants"][0]
    assert (described["EndpointStatus"], variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (
        "Updating",
        1,
        3,
    )
    with pytest.raises(autoscaling.exceptions.ValidationException, match="should be in 'InService' to register it"):
        autoscaling.register_scalable_target(**target(), MinCapacity=3, MaxCapacity=6)
    events = aws.act({"act": "Advance", "Seconds": 120})
    assert [event["detail"]["EndpointStatus"] for event in events] == ["IN_SERVICE"]
    assert events[0]["resources"] == ["arn:aws:sagemaker:us-east-1:111122223333:endpoint/plain"]
    autoscaling.register_scalable_target(**target(), MinCapacity=3, MaxCapacity=6)


def test_tags_are_for_new_targets_only(autoscaling: Any) -> None:
    tagged = {**target(), "MinCapacity": 1, "MaxCapacity": 2, "Tags": {"a": "1"}}
    arn = autoscaling.register_scalable_target(**tagged)["ScalableTargetARN"]
    with pytest.raises(autoscaling.exceptions.ValidationException, match="use the TagResource API"):
        autoscaling.register_scalable_target(**tagged)
    autoscaling.tag_resource(ResourceARN=arn, Tags={"b": "2"})
    autoscaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert autoscaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


def test_putting_a_policy_again_replaces_its_alarms(aws: Standin, autoscaling: Any, client: Client) -> None:
    with pytest.raises(autoscaling.exceptions.ObjectNotFoundException, match="No scalable target registered"):
        autoscaling.put_scaling_policy(**target(), **tracking("p"))
    autoscaling.register_scalable_target(**target(), MinCapacity=1, MaxCapacity=2)
    first = autoscaling.put_scaling_policy(**target(), **tracking("p"))
    second = autoscaling.put_scaling_policy(**target(), **tracking("p"))
    assert first["PolicyARN"] == second["PolicyARN"]
    names = {answer["AlarmName"] for answer in second["Alarms"]}
    assert names.isdisjoint({answer["AlarmName"] for answer in first["Alarms"]})
    assert {held["AlarmName"] for held in aws.state()["Alarms"]} == names
    with pytest.raises(autoscaling.exceptions.ValidationException, match="Only one TargetTrackingScaling policy"):
        autoscaling.put_scaling_policy(**target(), **tracking("q"))
    autoscaling.deregister_scalable_target(**target())
    assert aws.state()["Alarms"] == []


def test_a_step_policy_has_the_alarms_that_invoke_it(autoscaling: Any, cloudwatch: Any) -> None:
    autoscaling.register_scalable_target(**target(), MinCapacity=1, MaxCapacity=2)
    step = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    }
    put = {"PolicyName": "p", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": step}
    answer = autoscaling.put_scaling_policy(**target(), **put)
    assert answer["Alarms"] == []
    cloudwatch.put_metric_alarm(**alarm("mine", answer["PolicyARN"]))
    [policy] = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert [held["AlarmName"] for held in policy["Alarms"]] == ["mine"]
    autoscaling.delete_scaling_policy(**target(), PolicyName="p")
    [left] = cloudwatch.describe_alarms(AlarmNames=["mine"])["MetricAlarms"]
    assert left["AlarmActions"] == []


def test_alarms_in_both_protocols(cloudwatch: Any) -> None:
    for name in ("a", "b", "c"):
        assert cloudwatch.put_metric_alarm(**alarm(name))["ResponseMetadata"]["HTTPStatusCode"] == 200
    first = cloudwatch.describe_alarms(MaxRecords=1)
    [held] = first["MetricAlarms"]
    assert (held["AlarmName"], held["Threshold"], held["StateValue"]) == ("a", 500000.0, "INSUFFICIENT_DATA")
    assert held["StateUpdatedTimestamp"] == datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
    rest = cloudwatch.describe_alarms(NextToken=first["NextToken"])
    assert [held["AlarmName"] for held in rest["MetricAlarms"]] == ["b", "c"]
    with pytest.raises(ClientError) as caught:
        cloudwatch.describe_alarms(NextToken="00")
    assert caught.value.response["Error"]["Code"] == "InvalidNextToken"
    with pytest.raises(ClientError, match="Period must be 10, 20, 30 or a multiple of 60") as caught:
        cloudwatch.put_metric_alarm(**{**alarm("a"), "Period": 45})
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    cloudwatch.delete_alarms(AlarmNames=["a", "b"])
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.delete_alarms(AlarmNames=["a", "c"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_a_scheduled_action_moves_the_bounds(aws: Standin, autoscaling: Any) -> None:
    autoscaling.register_scalable_target(**target(), MinCapacity=1, MaxCapacity=4)
    put = {"ScheduledActionName": "day", "Schedule": "cron(0 8 ? * MON-FRI *)", "Timezone": "Europe/Berlin"}
    autoscaling.put_scheduled_action(**target(), **put, ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 3})
    fire = {name: value for name, value in target().items() if name != "ServiceNamespace"}
    events = aws.act({"act": "FireScheduledAction", "ScheduledActionName": "day", **fire})
    [held] = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (held["MinCapacity"], held["MaxCapacity"]) == (2, 3)
    assert [event["detail"]["EndpointStatus"] for event in events] == ["UPDATING"]


def test_deleting_an_endpoint_deregisters_its_targets(aws: Standin, autoscaling: Any) -> None:
    autoscaling.register_scalable_target(**target(), MinCapacity=1, MaxCapacity=4)
    events = aws.act({"act": "DeleteEndpoint", "EndpointName": "Plain"})
    assert [event["detail"]["EndpointStatus"] for event in events] == ["DELETING", "DELETED"]
    with pytest.raises(autoscaling.exceptions.ObjectNotFoundException):
        autoscaling.deregister_scalable_target(**target())


def test_an_instance_type_stays_while_its_variant_is_registered(aws: Standin, autoscaling: Any) -> None:
    autoscaling.register_scalable_target(**target(), MinCapacity=1, MaxCapacity=4)
    aws.act(config("bigger", {"VariantName": "AllTraffic", "InstanceType": "ml.m5.xlarge"}))
    update = {"act": "UpdateEndpoint", "EndpointName": "Plain", "EndpointConfigName": "bigger"}
    with pytest.raises(Exception, match="HTTP Error 400"):
        aws.act(update)
    autoscaling.deregister_scalable_target(**target())
    assert [event["detail"]["EndpointStatus"] for event in aws.act(update)] == ["UPDATING"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("Throttled", 400, "ThrottlingException"),
        ("Http500", 500, "InternalFailure"),
        ("Http503", 503, "ServiceUnavailable"),
        ("ConcurrentUpdate", 400, "ConcurrentUpdateException"),
        ("FailedResourceAccessRateExceeded", 400, "FailedResourceAccessException"),
        ("ObjectNotFound", 400, "ObjectNotFoundException"),
        ("AccessDenied", 403, "AccessDeniedException"),
        ("LimitExceeded", 400, "LimitExceededException"),
        ("Validation", 400, "ValidationException"),
        ({"code": "OddException", "message": "odd", "status": 409}, 409, "OddException"),
    ],
)
def test_faults_reach_the_client_once(aws: Standin, autoscaling: Any, fault: Any, status: int, code: str) -> None:
    aws.inject(operation="DescribeScalableTargets", fault=fault, times=1)
    answers = [ask(autoscaling, "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}) for _ in range(2)]
    assert answers[0]["error"][:2] == [status, code]
    assert answers[1] == {"response": {"ScalableTargets": []}}


def test_calls_beyond_a_rate_limit_are_throttled(aws: Standin, autoscaling: Any, client: Client) -> None:
    limit = {"perSecond": 0.001, "burst": 2}
    aws.inject(service="application-autoscaling", operation="*", limit=limit, fault="Throttled")
    answers = [ask(autoscaling, "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}) for _ in range(3)]
    assert ["error" in answer for answer in answers] == [False, False, True]
    assert answers[2]["error"] == [400, "ThrottlingException", "Rate exceeded"]
    assert "response" in ask(client("sagemaker"), "ListEndpoints", {})


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("cloudwatch", "DescribeAlarms", {}, "Throttling"),
        ("resourcegroupstaggingapi", "GetResources", {}, "ThrottledException"),
        ("sqs", "SendMessage", {"QueueUrl": "http://x/1/q", "MessageBody": "m"}, "RequestThrottled"),
        ("ssm", "GetParameters", {"Names": ["a"]}, "ThrottlingException"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    aws: Standin, client: Client, service: str, operation: str, params: dict[str, Any], code: str
) -> None:
    aws.inject(operation=operation, fault="Throttled")
    assert ask(client(service), operation, params)["error"] == [400, code, "Rate exceeded"]


def test_connections_break_and_answers_stay_away(aws: Standin, client: Client) -> None:
    aws.act(*endpoint("Plain"))
    impatient = client("application-autoscaling", read_timeout=0.2)
    register = {**target(), "MinCapacity": 1, "MaxCapacity": 2}
    aws.inject(operation="RegisterScalableTarget", fault="ConnectionReset", times=1)
    with pytest.raises(ConnectionClosedError):
        impatient.register_scalable_target(**register)
    assert aws.state()["ScalableTargets"] == []
    aws.inject(operation="RegisterScalableTarget", fault="Timeout", times=1, after=True)
    with pytest.raises(ReadTimeoutError):
        impatient.register_scalable_target(**register)
    assert len(aws.state()["ScalableTargets"]) == 1
    assert [entry["errorCode"] for entry in aws.journal()] == ["ConnectionReset", "Timeout"]


def test_an_operation_that_is_not_answered_is_journalled(aws: Standin, client: Client) -> None:
    assert ask(client("sagemaker"), "ListModels", {})["error"][:2] == [404, "UnknownOperationException"]
    assert [(entry["operation"], entry["errorCode"]) for entry in aws.journal()] == [
        ("ListModels", "UnknownOperationException")
    ]


@pytest.fixture
def queue(aws: Standin) -> str:
    """The URL of a queue, as a client that is pointed at the stand-in may have it."""
    aws.act({"act": "CreateQueue", "QueueName": "work", "MaxReceiveCount": 2})
    return f"{aws.url}/111122223333/work"


def test_messages_go_to_the_function_and_come_back(aws: Standin, client: Client, queue: str) -> None:
    sqs = client("sqs")
    entries = [{"Id": f"e{number}", "MessageBody": str(number), "DelaySeconds": 60} for number in range(3)]
    assert sqs.send_message_batch(QueueUrl=queue, Entries=entries)["Failed"] == []
    assert aws.take("work")["Records"] == []
    aws.act({"act": "Advance", "Seconds": 60})
    event = aws.take("work", 2)
    assert [record["body"] for record in event["Records"]] == ["0", "1"]
    aws.finish(event, {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]})
    event = aws.take("work")
    counts = {record["body"]: record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]}
    assert counts == {"1": "2", "2": "1"}
    aws.finish(event)  # the function failed
    [held] = aws.state()["Queues"]
    assert [message["Body"] for message in held["Messages"]] == ["2"]
    assert [message["Body"] for message in held["DeadLetters"]] == ["1"]


def test_errors_of_a_queue_have_the_names_that_clients_know(aws: Standin, client: Client, queue: str) -> None:
    sqs = client("sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist, match="The specified queue does not exist"):
        sqs.send_message(QueueUrl=queue + "-elsewhere", MessageBody="m")
    entry = {"Id": "a", "MessageBody": "m"}
    with pytest.raises(sqs.exceptions.BatchEntryIdsNotDistinct):
        sqs.send_message_batch(QueueUrl=queue, Entries=[entry, entry])
    aws.inject(operation="SendMessage", fault="Throttled", times=1)
    with pytest.raises(sqs.exceptions.RequestThrottled):
        sqs.send_message(QueueUrl=queue, MessageBody="m")
    aws.inject(operation="SendMessageBatchEntry", resourceContains="b", fault="Http500", times=1)
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=[entry, {"Id": "b", "MessageBody": "m"}])
    assert [sent["Id"] for sent in answer["Successful"]] == ["a"]
    assert [(left["Id"], left["SenderFault"], left["Code"]) for left in answer["Failed"]] == [
        ("b", False, "InternalFailure")
    ]


@pytest.mark.parametrize("ending", ["signal", "closed input"])
def test_the_server_leaves_when_it_is_told(ending: str) -> None:
    server = subprocess.Popen(
        [str(STANDIN), "--exit-with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdin is not None and server.stdout is not None
        assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+\n", server.stdout.readline())
        if ending == "signal":
            server.send_signal(signal.SIGTERM)
        else:
            server.stdin.close()
        assert server.wait(10) == 0
    finally:
        server.kill()
        server.wait()


def test_a_bad_command_line_or_seed_stops_the_server_with_a_reason(tmp_path: Path) -> None:
    def complaint(*arguments: str) -> tuple[int, str]:
        done = subprocess.run([str(STANDIN), *arguments], capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stderr

    seed = tmp_path / "acts.json"
    seed.write_text('[{"act": "CreateEndpoint", "EndpointName": "e", "EndpointConfigName": "none"}]')
    code, message = complaint("--seed", str(seed))
    assert (code, "act 1 (CreateEndpoint): Could not find endpoint configuration" in message) == (1, True), message
    code, message = complaint("--port")
    assert (code, "--port needs a value" in message) == (2, True), message
