"""Changes to what the function itself set up before, and what happens when they are denied."""

from __future__ import annotations

import json

import pytest
from conftest import ENDPOINT, endpoint, parameter
from harness import Function, Standin, in_service

METRIC = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}


def add_tag(aws: Standin, key: str, value: str) -> None:
    aws.act({"act": "AddTags", "EndpointName": ENDPOINT, "Tags": [{"Key": f"autoscaling:{key}", "Value": value}]})


def raise_maximum(aws: Standin) -> None:
    add_tag(aws, "max-capacity", "6")


def rename_policy(aws: Standin) -> None:
    tracking = {"TargetValue": 5, "PredefinedMetricSpecification": METRIC}
    policy = {"PolicyName": "renamed", "TargetTrackingScalingPolicyConfiguration": tracking}
    aws.act(parameter("profiles/default", json.dumps({"ScalingPolicies": [policy]})))


def opt_out(aws: Standin) -> None:
    add_tag(aws, "enabled", "false")


CHANGES = [
    (raise_maximum, "Configured", ["TagResource", "RegisterScalableTarget", "TagResource"]),
    (rename_policy, "Configured", ["DeleteScalingPolicy", "PutScalingPolicy"]),
    (opt_out, "Released", ["DeregisterScalableTarget"]),
]


@pytest.fixture
def configured(aws: Standin, function: Function) -> Function:
    aws.act(*endpoint(ENDPOINT))
    assert function.invoke(in_service(ENDPOINT)).payload["outcome"] == "Configured"
    return function


@pytest.mark.parametrize(("change", "outcome", "writes"), CHANGES)
def test_a_change_writes_only_the_difference_and_once(
    aws: Standin, configured: Function, change, outcome: str, writes: list[str]
) -> None:
    change(aws)
    aws.forget()
    assert configured.invoke(in_service(ENDPOINT)).payload["outcome"] == outcome
    assert aws.writes() == writes
    aws.forget()
    again = configured.invoke(in_service(ENDPOINT)).payload
    assert again["outcome"] in ("Unchanged", "Skipped")
    assert aws.writes() == []


@pytest.mark.parametrize(
    ("change", "outcome", "denied"),
    [(change, outcome, write) for change, outcome, writes in CHANGES for write in writes],
)
def test_a_denied_change_is_a_report_and_made_up_for_later(
    aws: Standin, configured: Function, change, outcome: str, denied: str
) -> None:
    change(aws)
    aws.inject(operation=denied, times=None, fault="AccessDenied")
    answer = configured.invoke(in_service(ENDPOINT))
    assert answer.error is None, answer.error
    assert answer.payload["outcome"] == "Failed"
    [target] = answer.payload["targets"]
    [failed] = [action for action in target["actions"] if action["result"] == "Failed"]
    assert (failed["action"], failed["error"]["code"]) == (denied, "AccessDeniedException")
    later = target["actions"][target["actions"].index(failed) + 1 :]
    assert {action["result"] for action in later} <= {"NotAttempted"}
    aws.clear_faults()
    assert configured.invoke(in_service(ENDPOINT)).payload["outcome"] == outcome
    aws.forget()
    configured.invoke(in_service(ENDPOINT))
    assert aws.writes() == []


def test_lost_memory_does_not_stop_later_changes(aws: Standin, configured: Function) -> None:
    raise_maximum(aws)
    aws.inject(operation="TagResource", times=None, fault="AccessDenied")
    assert configured.invoke(in_service(ENDPOINT)).payload["outcome"] == "Failed"
    aws.clear_faults()
    configured.invoke(in_service(ENDPOINT))
    add_tag(aws, "max-capacity", "4")
    configured.invoke(in_service(ENDPOINT))
    [target] = aws.state()["ScalableTargets"]
    assert target["MaxCapacity"] == 4


def test_the_limit_of_the_platform_team_names_both_sources(aws: Standin, configured: Function) -> None:
    aws.act(parameter("limits", '{"MaxCapacity": 5}'))
    raise_maximum(aws)
    aws.forget()
    answer = configured.invoke(in_service(ENDPOINT)).payload
    assert (answer["outcome"], answer["targets"][0]["reason"]) == ("Skipped", "InvalidConfiguration")
    [problem] = answer["problems"]
    assert (problem["source"], problem["value"]) == ("tag autoscaling:max-capacity", 6)
    assert "5" in problem["message"] and "/endpoint-autoscaler/limits" in problem["message"]
    assert aws.writes() == []


def test_every_problem_is_said_at_once(aws: Standin, configured: Function) -> None:
    add_tag(aws, "max-capcity", "8")
    add_tag(aws, "target-value", "many")
    aws.act(parameter("profiles/default", '{"MinCapcity": 1, "MaxCapacity": "four"}'))
    aws.forget()
    problems = configured.invoke(in_service(ENDPOINT)).payload["problems"]
    profile = "parameter /endpoint-autoscaler/profiles/default"
    said = sorted(problem["source"] for problem in problems)
    assert said == [profile, profile, "tag autoscaling:max-capcity", "tag autoscaling:target-value"]
    assert aws.writes() == []


def test_a_lost_answer_does_no_harm(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    # Applied, and the answer lost: the most treacherous of faults.
    aws.inject(operation="RegisterScalableTarget", times=1, fault="ConnectionReset", after=True)
    function.invoke(in_service(ENDPOINT))
    function.invoke(in_service(ENDPOINT))
    aws.forget()
    assert function.invoke(in_service(ENDPOINT)).payload["outcome"] == "Unchanged"
    assert aws.writes() == []
