"""The built function under the real Lambda runtime interface, against the stand-in for AWS."""

from __future__ import annotations

import pytest
from conftest import ENDPOINT, endpoint, parameter
from harness import Function, Standin, event, in_service

RESOURCE = f"endpoint/{ENDPOINT}/variant/AllTraffic"


def only_target(answer) -> dict:
    assert answer.error is None, answer.error
    [target] = answer.payload["targets"]
    return target


def refused(aws: Standin, function: Function) -> list[dict]:
    """Sends the event, expects nothing to be written, and returns the problems."""
    answer = function.invoke(in_service(ENDPOINT))
    assert only_target(answer)["reason"] == "InvalidConfiguration"
    assert answer.payload["outcome"] == "Skipped"
    assert aws.writes() == []
    return answer.payload["problems"]


def test_awss_own_sample_event_configures_and_the_next_run_is_silent() -> None:
    sample = event("endpoint-in-service")
    here = {"AWS_REGION": sample["region"], "AWS_DEFAULT_REGION": sample["region"]}
    with Standin(endpoint("MyEndpoint"), sample["region"]) as aws, Function(aws.url, **here) as function:
        target = only_target(function.invoke(sample))
        assert [action["action"] for action in target["actions"]] == ["RegisterScalableTarget", "PutScalingPolicy"]
        assert target["settings"]["MaxCapacity"] == {"value": 4, "source": "built-in default"}
        assert aws.writes() == ["RegisterScalableTarget", "PutScalingPolicy"]
        aws.forget()
        again = function.invoke(sample).payload
        assert (again["outcome"], again["calls"]["writes"]) == ("Unchanged", 0)
        assert aws.writes() == []
        assert len(aws.journal()) == again["calls"]["reads"]


def test_a_dry_run_writes_nothing(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    answer = function.invoke({"action": "reconcile", "endpointName": ENDPOINT, "dryRun": True})
    target = only_target(answer)
    assert (answer.payload["outcome"], target["actions"][0]["result"]) == ("Planned", "Planned")
    assert aws.writes() == []


def test_a_dry_run_can_be_set_for_the_whole_installation(aws: Standin) -> None:
    aws.act(*endpoint(ENDPOINT))
    with Function(aws.url, DRY_RUN="true") as function:
        answer = function.invoke(in_service(ENDPOINT))
    assert (only_target(answer)["outcome"], answer.payload["dryRun"]) == ("Planned", True)
    assert aws.writes() == []


def test_a_status_that_calls_for_nothing_costs_no_call(aws: Standin, function: Function) -> None:
    for name in ("endpoint-creating", "endpoint-updating", "endpoint-failed"):
        assert function.invoke(event(name)).payload == {"outcome": "Ignored", "reason": "StatusIgnored"}
    assert aws.journal() == []


def test_deletion_releases_what_is_ours(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    function.invoke(in_service(ENDPOINT))
    # A late event about a namesake that lives does no harm.
    aws.forget()
    assert function.invoke(event("endpoint-deleted", EndpointName=ENDPOINT)).payload["outcome"] == "Ignored"
    assert aws.writes() == []
    aws.act({"act": "SetEndpointStatus", "EndpointName": ENDPOINT, "EndpointStatus": "Deleting"})
    answer = function.invoke(event("endpoint-deleting", EndpointName=ENDPOINT))
    assert answer.payload["outcome"] == "Released"
    assert aws.writes() == ["DeregisterScalableTarget"]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"detail-type": "Something Else", "detail": {}}, "Something Else"),
        ({}, "`detail-type`"),
        ([1], "`detail-type`"),
        ({"action": "reconcile"}, "`endpointName`"),
        ({"action": "explode"}, "explode"),
        ({**event("endpoint-deleted"), "detail": {}}, "`detail.EndpointName`"),
    ],
)
def test_malformed_events_name_the_field(aws: Standin, function: Function, payload: object, said: str) -> None:
    error = function.invoke(payload).error
    assert error is not None and error.startswith("InvalidEvent") and said in error
    assert aws.journal() == []


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"autoscaling:max-capcity": "8"}, "did you mean `max-capacity`?"),
        ({"autoscaling:max-capacity": "eight"}, "a whole number"),
        ({"autoscaling:min-capacity": "5", "autoscaling:max-capacity": "2"}, "at most MaxCapacity 2"),
        ({"autoscaling:profile": "llm"}, "/endpoint-autoscaler/profiles/llm"),
    ],
)
def test_bad_tags_are_explained(aws: Standin, function: Function, tags: dict[str, str], said: str) -> None:
    aws.act(*endpoint(ENDPOINT, tags))
    [problem] = refused(aws, function)
    assert said in problem["message"] and problem["source"].startswith("tag autoscaling:")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ('{\n "MinCapacity": 1,\n}', "line 3 column 1"),
        ('{"MinCapcity": 1}', "did you mean `MinCapacity`?"),
    ],
)
def test_bad_documents_are_explained(aws: Standin, function: Function, document: str, said: str) -> None:
    aws.act(*endpoint(ENDPOINT), parameter("profiles/default", document))
    [problem] = refused(aws, function)
    assert said in problem["message"]
    assert problem["source"] == "parameter /endpoint-autoscaler/profiles/default"


def test_an_endpoint_that_is_gone_is_said_to_be(aws: Standin, function: Function) -> None:
    answer = function.invoke(in_service("nowhere")).payload
    assert (answer["outcome"], answer["reason"], answer["targets"]) == ("Skipped", "EndpointNotFound", [])


def test_a_deleted_endpoint_configuration_does_not_stop_scaling(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT), {"act": "DeleteEndpointConfig", "EndpointConfigName": f"{ENDPOINT}-config"})
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Configured"


READS = [
    "DescribeEndpoint", "ListTags", "GetParameters", "DescribeEndpointConfig", "DescribeScalableTargets",
    "DescribeScalingPolicies", "DescribeScheduledActions",
]  # fmt: skip


@pytest.mark.parametrize("operation", READS)
def test_a_denied_read_is_a_report_and_never_an_absence(aws: Standin, function: Function, operation: str) -> None:
    aws.act(*endpoint(ENDPOINT))
    aws.inject(operation=operation, times=None, fault="AccessDenied")
    answer = function.invoke(in_service(ENDPOINT))
    assert answer.error is None
    assert answer.payload["outcome"] == "Failed"
    assert answer.payload["error"]["operation"] == operation
    assert "AccessDenied" in answer.payload["error"]["code"]
    assert aws.writes() == []


@pytest.mark.parametrize("operation", ["RegisterScalableTarget", "PutScalingPolicy"])
def test_a_denied_write_is_a_report(aws: Standin, function: Function, operation: str) -> None:
    aws.act(*endpoint(ENDPOINT))
    aws.inject(operation=operation, times=None, fault="AccessDenied")
    target = only_target(function.invoke(in_service(ENDPOINT)))
    results = {action["action"]: action for action in target["actions"]}
    assert target["outcome"] == "Failed"
    assert "AccessDenied" in results[operation]["error"]["code"]
    assert results["PutScalingPolicy"]["result"] in ("Failed", "NotAttempted")
    # Once it is allowed, one more event reaches what an undisturbed run reaches.
    aws.clear_faults()
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Configured"
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Unchanged"


def test_throttled_once_is_retried_inside(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    aws.inject(operation="PutScalingPolicy", times=1, fault="ConcurrentUpdate")
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Configured"


def test_throttled_for_ever_is_delivered_again(aws: Standin) -> None:
    aws.act(*endpoint(ENDPOINT))
    aws.inject(operation="RegisterScalableTarget", times=None, fault="Throttled")
    with Function(aws.url, AWS_LAMBDA_FUNCTION_TIMEOUT="3") as function:
        error = function.invoke(in_service(ENDPOINT)).error
    assert error is not None and error.startswith("Transient") and "RegisterScalableTarget" in error


def test_one_variants_failure_does_not_stop_the_other(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT, None, {"VariantName": "blue"}, {"VariantName": "green"}))
    aws.inject(operation="RegisterScalableTarget", resourceContains="variant/blue", times=None, fault="Validation")
    targets = function.invoke(in_service(ENDPOINT)).payload["targets"]
    assert [target["outcome"] for target in targets] == ["Failed", "Configured"]
    assert targets[0]["actions"][1]["result"] == "NotAttempted"


def test_a_foreign_target_is_left_alone(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    target = {"ServiceNamespace": "sagemaker", "ResourceId": RESOURCE}
    target["ScalableDimension"] = "sagemaker:variant:DesiredInstanceCount"
    aws.call("RegisterScalableTarget", **target, MinCapacity=1, MaxCapacity=2)
    report = only_target(function.invoke(in_service(ENDPOINT)))
    assert (report["outcome"], report["reason"]) == ("Skipped", "ForeignScalableTarget")
    assert aws.writes() == []


def test_opting_out_releases(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    function.invoke(in_service(ENDPOINT))
    tag = {"Key": "autoscaling:enabled", "Value": "false"}
    aws.act({"act": "AddTags", "EndpointName": ENDPOINT, "Tags": [tag]})
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Released"
    assert only_target(function.invoke(in_service(ENDPOINT)))["outcome"] == "Skipped"


def test_each_event_logs_one_report_and_one_line_of_metrics(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    answer = function.invoke(in_service(ENDPOINT)).payload
    lines = [line for line in function.log() if isinstance(line, dict)]
    assert lines.count(answer) == 1
    [metrics] = [line for line in lines if "_aws" in line]
    assert (metrics["Reconciled"], metrics["Configured"], metrics["Failed"]) == (1, 1, 0)
    assert metrics["Calls"] == answer["calls"]["reads"] + answer["calls"]["writes"]
    [published] = metrics["_aws"]["CloudWatchMetrics"]
    assert published["Namespace"] == "EndpointAutoscaler" and published["Dimensions"] == [[]]
    assert {metric["Name"] for metric in published["Metrics"]} <= metrics.keys()


def test_a_wrong_environment_stops_the_function_with_all_problems(aws: Standin) -> None:
    with Function(aws.url, ENROLLMENT="maybe", DRY_RUN="perhaps") as function:
        assert function.invoke(event("endpoint-creating")).error is not None
        output = function.process.output()
    assert "ENROLLMENT must be" in output and "DRY_RUN must be" in output
