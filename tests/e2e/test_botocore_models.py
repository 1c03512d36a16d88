"""The check of requests against AWS's official models must itself be able to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ENDPOINT, asynchronous, component, endpoint, generative
from harness import Function, Standin, in_service
from validate_requests import main, problems

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{ENDPOINT}/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = {**TARGET, "PolicyName": "p", "PolicyType": "TargetTrackingScaling"}
ALARM = {"AlarmName": "a", "EvaluationPeriods": 1, "ComparisonOperator": "LessThanThreshold"}


def journal(folder: Path, **entry: object) -> Path:
    given = {"actor": "client", "service": "application-autoscaling", "operation": "RegisterScalableTarget"}
    given |= {"input": TARGET, "status": 200, "errorCode": None, **entry}
    (folder / "1-0.jsonl").write_text(json.dumps(given) + "\n")
    return folder


def test_requests_to_every_service_are_journalled_under_botocores_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STANDIN_JOURNAL_DIR", str(tmp_path))
    with Standin([*asynchronous(ENDPOINT, {"autoscaling:min-capacity": "0"}), *generative("assistant")]) as aws:
        aws.act({"act": "CreateQueue", "QueueName": "work"}, component("llama", "assistant", Status="Creating"))
        with Function(aws.url, QUEUE_URL=f"{aws.url}/111122223333/work") as function:
            assert function.invoke({"action": "scan"}).payload["outcomes"] == {"Configured": 1, "Deferred": 1}
    assert main(tmp_path) == 0
    services = {line.split()[1].split(":")[0] for line in capsys.readouterr().out.splitlines()}
    assert services == {"application-autoscaling", "cloudwatch", "resourcegroupstaggingapi", "sagemaker", "sqs", "ssm"}


def test_everything_the_function_sends_is_what_awss_models_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STANDIN_JOURNAL_DIR", str(tmp_path))
    with Standin(endpoint(ENDPOINT, {"autoscaling:max-capacity": "3"})) as aws, Function(aws.url) as function:
        assert function.invoke(in_service(ENDPOINT)).payload["outcome"] == "Configured"
        # Existing targets carry our memory in tags, which only another request writes.
        tag = {"Key": "autoscaling:max-capacity", "Value": "5"}
        aws.act({"act": "AddTags", "EndpointName": ENDPOINT, "Tags": [tag]})
        assert function.invoke(in_service(ENDPOINT)).payload["outcome"] == "Configured"
        sent = {f"{entry['service']}:{entry['operation']}" for entry in aws.journal()}
    assert main(tmp_path) == 0
    listed = {line.split()[1] for line in capsys.readouterr().out.splitlines()}
    assert listed == sent
    assert {"sagemaker:ListTags", "ssm:GetParameters", "application-autoscaling:TagResource"} <= sent


@pytest.mark.parametrize(
    ("service", "operation", "given", "said"),
    [
        ("application-autoscaling", "RegisterScalableTarget", {**TARGET, "MinCapcity": 1}, "Unknown parameter"),
        ("application-autoscaling", "RegisterScalableTarget", {**TARGET, "MinCapacity": 1.5}, "Invalid type"),
        ("application-autoscaling", "RegisterScalableTarget", {"ServiceNamespace": "sagemaker"}, "Missing required"),
        ("application-autoscaling", "RegisterScalableTarget", {**TARGET, "ServiceNamespace": "sage"}, "is none of"),
        ("application-autoscaling", "RegisterScalableTarget", {**TARGET, "ResourceId": "e" * 1601}, "above 1600"),
        ("application-autoscaling", "PutScalingPolicy", {**POLICY, "PolicyName": "p" * 257}, "257 is above 256"),
        ("application-autoscaling", "PutScalingPolicy", {**POLICY, "PolicyName": "p\u0000"}, "does not match"),
        ("sagemaker", "DescribeEndpoint", {"EndpointName": "-plain"}, "does not match"),
        ("sagemaker", "DescribeEndpoint", {"EndpointName": "e" * 64}, "64 is above 63"),
        ("cloudwatch", "PutMetricAlarm", {**ALARM, "Metric": "ModelLatency"}, "Unknown parameter"),
        ("cloudwatch", "PutMetricAlarm", {**ALARM, "AlarmName": "a" * 256}, "256 is above 255"),
        ("cloudwatch", "PutMetricAlarm", {**ALARM, "EvaluationPeriods": 0}, "valid min value: 1"),
        ("cloudwatch", "PutMetricAlarm", {**ALARM, "ComparisonOperator": "AtLeast"}, "is none of"),
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["a"] * 101}, "101 is above 100"),
        ("sqs", "SendMessageBatch", {"QueueUrl": "q", "Entries": [{"Id": "0"}]}, "MessageBody"),
        ("resourcegroupstaggingapi", "GetResources", {"ResourceTypeFilters": [1]}, "Invalid type"),
        ("ssm", "GetParameters", {"Names": [str(number) for number in range(11)]}, "11 is above 10"),
    ],
)
def test_what_aws_would_refuse_is_found(service: str, operation: str, given: dict, said: str) -> None:
    found = problems(service, operation, given)
    assert any(said in problem for problem in found), found


def test_a_wrong_request_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**TARGET, "ScalableDimension": "sagemaker:variant:Instances"}
    assert main(journal(tmp_path, input=wrong)) == 1
    # Also when an injected fault stood in the way, or took the answer.
    assert main(journal(tmp_path, input=wrong, status=None, errorCode="ConnectionReset")) == 1
    assert capsys.readouterr().err.count("1-0.jsonl:1: RegisterScalableTarget.ScalableDimension") == 2


def test_only_what_the_stand_in_refused_itself_or_a_person_did_is_left_out(tmp_path: Path) -> None:
    wrong = {**TARGET, "ScalableDimension": "sagemaker:variant:Instances"}
    right = {"actor": "client", "service": "ssm", "operation": "GetParameters", "input": {"Names": ["a"]}}
    (tmp_path / "2-0.jsonl").write_text(json.dumps(right | {"errorCode": None}) + "\n")
    for entry in ({"errorCode": "ValidationException", "status": 400}, {"actor": "person"}):
        assert main(journal(tmp_path, input=wrong, **entry)) == 0


def test_an_empty_run_fails(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
    assert main(journal(tmp_path, actor="person")) == 1
