"""Every kind of target end to end: what is held after the first event, and that the second is silent."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import (
    ENDPOINT,
    asynchronous,
    component,
    config,
    create,
    endpoint,
    generative,
    held,
    our_alarms,
    parameter,
    serverless,
    tag,
    untag,
)
from harness import Function, Standin, in_service

RESOURCE = f"endpoint/{ENDPOINT}/variant/AllTraffic"
VARIANT = {"EndpointName": ENDPOINT, "VariantName": "AllTraffic"}
OURS = "endpoint-autoscaler"
TRACKING = f"{OURS}-target-tracking"
WAKE_UP = f"{OURS}-wake-up"
INSTANCES = "variant:DesiredInstanceCount"
COOLDOWNS = {"ScaleInCooldown": 300, "ScaleOutCooldown": 300, "DisableScaleIn": False}


def predefined(metric: str, value: float) -> dict[str, Any]:
    return {"TargetValue": value, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}, **COOLDOWNS}


INVOCATIONS = predefined("SageMakerVariantInvocationsPerInstance", 70.0)
COPIES = predefined("SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution", 5.0)
BACKLOG = {
    "TargetValue": 5.0,
    "CustomizedMetricSpecification": {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Dimensions": [{"Name": "EndpointName", "Value": ENDPOINT}],
        "Statistic": "Average",
    },
    **COOLDOWNS,
}


def alarm(metric: str, dimensions: dict[str, str], **more: Any) -> dict[str, Any]:
    """An alarm on a SageMaker metric at 1."""
    given = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions, "Period": 60}
    given |= {"Statistic": "Average", "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": 1.0}
    given |= {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "missing"}
    return {**given, **more}


def wakes(name: str, cooldown: int, aggregation: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        "Cooldown": cooldown,
        "MetricAggregationType": aggregation,
        "alarms": {f"{OURS}-{ENDPOINT}/{name}/wake-up": definition},
    }


def ours(minimum: int, maximum: int, policies: dict[str, Any], dimension: str = INSTANCES) -> dict[str, Any]:
    tags = {"managed-by": OURS, "applied": f"{minimum}-{maximum}"}
    return {"dimension": dimension, "bounds": (minimum, maximum), "tags": tags, "policies": policies}


BACKLOG_WAKES = wakes("AllTraffic", 300, "Average", alarm("HasBacklogWithoutCapacity", {"EndpointName": ENDPOINT}))
FAILURES = {"Statistic": "Sum", "EvaluationPeriods": 1, "DatapointsToAlarm": 1}
FAILURES_WAKE = wakes(
    "llama", 60, "Maximum", alarm("NoCapacityInvocationFailures", {"InferenceComponentName": "llama"}, **FAILURES)
)
CONCURRENCY = "variant:DesiredProvisionedConcurrency"
UTILIZATION = predefined("SageMakerVariantProvisionedConcurrencyUtilization", 0.5)
COPY_COUNT = "inference-component:DesiredCopyCount"
SHADOW = {"VariantName": "Shadow", "ModelName": "m2", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}

KINDS = {
    "asynchronous": (
        asynchronous(ENDPOINT),
        {RESOURCE: ours(1, 4, {TRACKING: BACKLOG})},
    ),
    "asynchronous to zero": (
        asynchronous(ENDPOINT, {"autoscaling:min-capacity": "0"}),
        {RESOURCE: ours(0, 4, {TRACKING: BACKLOG, WAKE_UP: BACKLOG_WAKES})},
    ),
    "asynchronous to zero by the default profile": (
        [*asynchronous(ENDPOINT), parameter("profiles/default", {"MinCapacity": 3, "Asynchronous": {"MinCapacity": 0}})],
        {RESOURCE: ours(0, 4, {TRACKING: BACKLOG, WAKE_UP: BACKLOG_WAKES})},
    ),
    "serverless": (
        serverless(ENDPOINT, ProvisionedConcurrency=3),
        {RESOURCE: ours(3, 6, {TRACKING: UTILIZATION}, CONCURRENCY)},
    ),
    "serverless bounded by MaxConcurrency": (
        serverless(ENDPOINT, ProvisionedConcurrency=3, MaxConcurrency=5),
        {RESOURCE: ours(3, 5, {TRACKING: UTILIZATION}, CONCURRENCY)},
    ),
    "inference components": (
        [
            *generative(ENDPOINT),
            component("llama", ENDPOINT),
            component("embedder", ENDPOINT, 3),
            parameter(f"endpoints/{ENDPOINT}", {"InferenceComponents": {"llama": {"MinCapacity": 0, "MaxCapacity": 2}}}),
        ],
        {
            "inference-component/embedder": ours(3, 6, {TRACKING: COPIES}, COPY_COUNT),
            "inference-component/llama": ours(0, 2, {TRACKING: COPIES, WAKE_UP: FAILURES_WAKE}, COPY_COUNT),
        },
    ),
    "shadow variants": (
        [config(f"{ENDPOINT}-config", ShadowProductionVariants=[{**SHADOW, "InitialVariantWeight": 1.0}]), create(ENDPOINT)],
        {
            RESOURCE: ours(1, 4, {TRACKING: INVOCATIONS}),
            f"endpoint/{ENDPOINT}/variant/Shadow": ours(2, 4, {TRACKING: INVOCATIONS}),
        },
    ),
}


@pytest.mark.parametrize(("acts", "expected"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_gets_its_own_and_then_nothing_more(
    aws: Standin, function: Function, acts: list[dict], expected: dict[str, Any]
) -> None:
    aws.act(*acts)
    answer = function.invoke(in_service(ENDPOINT))
    assert answer.error is None, answer.error
    assert held(aws) == expected
    configured = {target["resourceId"] for target in answer.payload["targets"] if target["outcome"] == "Configured"}
    assert configured == set(expected)
    # Neither the next event, nor a sweep, nor another process that remembers nothing has anything to do.
    aws.forget()
    function.invoke(in_service(ENDPOINT))
    function.invoke({"action": "scan"})
    with Function(aws.url) as another:
        another.invoke(in_service(ENDPOINT))
    assert aws.writes() == []


@pytest.mark.parametrize(
    ("acts", "outcome", "reason"),
    [
        (serverless(ENDPOINT), "Skipped", "ServerlessWithoutProvisionedConcurrency"),
        (endpoint(ENDPOINT, None, {"VariantName": "a", "InstanceType": "ml.t2.medium"}), "Skipped", "BurstableInstanceType"),
        (generative(ENDPOINT), "Skipped", "HostsInferenceComponents"),
        ([*asynchronous(ENDPOINT, {"autoscaling:enabled": "false"})], "Skipped", "Disabled"),
    ],
)
def test_what_cannot_be_scaled_says_so(
    aws: Standin, function: Function, acts: list[dict], outcome: str, reason: str
) -> None:
    aws.act(*acts)
    [target] = function.invoke(in_service(ENDPOINT)).payload["targets"]
    assert (target["outcome"], target["reason"]) == (outcome, reason)
    assert aws.writes() == []


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        (endpoint(ENDPOINT, {"autoscaling:min-capacity": "0"}), "at least 1 for a real-time variant"),
        (
            serverless(ENDPOINT, {"autoscaling:min-capacity": "0"}, ProvisionedConcurrency=2),
            "at least 1 for a serverless variant",
        ),
        (
            serverless(ENDPOINT, {"autoscaling:max-capacity": "21"}, ProvisionedConcurrency=2),
            "at most MaxConcurrency 20",
        ),
        (
            [*generative(ENDPOINT, {"autoscaling:min-capacity:llama": "0"}, least=1), component("llama", ENDPOINT)],
            "ManagedInstanceScaling with MinInstanceCount 0",
        ),
        (
            asynchronous(
                ENDPOINT,
                {"autoscaling:metric": "SageMakerVariantInvocationsPerInstance", "autoscaling:target-value": "70"},
            ),
            "is not published by asynchronous endpoints",
        ),
        (
            [*generative(ENDPOINT, {"autoscaling:min-capacity:lama": "1"}), component("llama", ENDPOINT)],
            "did you mean `llama`",
        ),
    ],
)
def test_what_a_kind_does_not_allow_is_refused(aws: Standin, function: Function, acts: list[dict], said: str) -> None:
    aws.act(*acts)
    answer = function.invoke(in_service(ENDPOINT)).payload
    assert said in " ".join(problem["message"] for problem in answer["problems"])
    assert (answer["outcome"], aws.writes()) == ("Skipped", [])


STEPS = {
    "MinCapacity": 2,
    "MaxCapacity": 8,
    "ScalingPolicies": [
        {
            "PolicyName": "invocations",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 600,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
            },
        },
        {
            "PolicyName": "surge",
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": "PercentChangeInCapacity",
                "Cooldown": 60,
                "MinAdjustmentMagnitude": 2,
                "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 10},
                    {"MetricIntervalLowerBound": 100, "ScalingAdjustment": 50},
                ],
            },
            "AlarmDefinitions": [
                {
                    "AlarmName": "latency-high",
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ModelLatency",
                    "Statistic": "Average",
                    "Period": 60,
                    "EvaluationPeriods": 2,
                    "Threshold": 500000,
                    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                }
            ],
        },
    ],
    "ScheduledActions": [
        {
            "ScheduledActionName": "night",
            "Schedule": "cron(0 20 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
        },
        {
            "ScheduledActionName": "launch",
            "Schedule": "at(2020-02-29T08:00:00)",
            "ScalableTargetAction": {"MinCapacity": 6},
        },
    ],
    "IdleScaleIn": {"AfterMinutes": 30},
}
LATENCY = f"{OURS}-{ENDPOINT}/AllTraffic/latency-high"
IDLE = f"{OURS}-{ENDPOINT}/AllTraffic/idle-scale-in"
STEPPED = ours(
    2,
    8,
    {
        f"{OURS}-invocations": {**INVOCATIONS, "TargetValue": 600.0},
        f"{OURS}-surge": {
            "AdjustmentType": "PercentChangeInCapacity",
            "Cooldown": 60,
            "MinAdjustmentMagnitude": 2,
            "MetricAggregationType": "Average",
            "StepAdjustments": [
                {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 100.0, "ScalingAdjustment": 10},
                {"MetricIntervalLowerBound": 100.0, "ScalingAdjustment": 50},
            ],
            "alarms": {LATENCY: alarm("ModelLatency", VARIANT, Threshold=500000.0)},
        },
        f"{OURS}-idle-scale-in": {
            "AdjustmentType": "ExactCapacity",
            "Cooldown": 300,
            "MetricAggregationType": "Average",
            "StepAdjustments": [{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": 2}],
            "alarms": {
                IDLE: alarm(
                    "Invocations",
                    VARIANT,
                    Statistic="Sum",
                    EvaluationPeriods=30,
                    DatapointsToAlarm=30,
                    ComparisonOperator="LessThanThreshold",
                    TreatMissingData="breaching",
                )
            },
        },
    },
) | {
    "schedules": {
        f"{OURS}-night": {
            "Schedule": "cron(0 20 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
        }
    }
}


@pytest.fixture
def stepped(aws: Standin, function: Function) -> Function:
    """An endpoint with step scaling, an idle alarm and a schedule, configured."""
    acts = endpoint(ENDPOINT, None, {"VariantName": "AllTraffic", "InitialInstanceCount": 2})
    aws.act(*acts, parameter(f"endpoints/{ENDPOINT}", STEPS))
    [target] = function.invoke(in_service(ENDPOINT)).payload["targets"]
    assert target["outcome"] == "Configured"
    [skipped] = [action for action in target["actions"] if action["result"] != "Applied"]
    assert (skipped["name"], skipped["reason"]) == (f"{OURS}-launch", "PastSchedule")
    aws.forget()
    return function


def again(aws: Standin, function: Function) -> tuple[dict[str, Any], list[str]]:
    """One more event: the report of the only target, and what was written."""
    aws.forget()
    answer = function.invoke(in_service(ENDPOINT))
    assert answer.error is None, answer.error
    return answer.payload["targets"][0], aws.writes()


def test_steps_alarms_schedules_and_idleness_are_held_as_stated(aws: Standin, stepped: Function) -> None:
    assert held(aws) == {RESOURCE: STEPPED}
    target, writes = again(aws, stepped)
    assert (target["outcome"], writes) == ("Unchanged", [])
    assert stepped.invoke({"action": "scan"}).payload["outcomes"] == {"Unchanged": 1}
    assert aws.writes() == []


def test_a_changed_threshold_puts_one_alarm(aws: Standin, stepped: Function) -> None:
    text = parameter(f"endpoints/{ENDPOINT}", STEPS)
    aws.act({**text, "Value": text["Value"].replace("500000", "250000")})
    assert again(aws, stepped)[1] == ["PutMetricAlarm"]
    assert again(aws, stepped)[1] == []


def test_an_alarm_that_a_person_changed_or_deleted_is_put_again(aws: Standin, stepped: Function) -> None:
    cloudwatch = {"act": "Call", "Service": "cloudwatch", "Operation": "DeleteAlarms"}
    aws.act({**cloudwatch, "Input": {"AlarmNames": [LATENCY]}})
    assert again(aws, stepped)[1] == ["PutMetricAlarm"]
    assert held(aws) == {RESOURCE: STEPPED}


def test_what_a_document_no_longer_states_goes_and_leaves_no_alarm(aws: Standin, stepped: Function) -> None:
    kept = {**STEPS, "ScalingPolicies": STEPS["ScalingPolicies"][:1]}
    del kept["ScheduledActions"], kept["IdleScaleIn"]
    aws.act(parameter(f"endpoints/{ENDPOINT}", kept))
    target, writes = again(aws, stepped)
    assert target["outcome"] == "Configured"
    assert sorted(writes) == ["DeleteAlarms", "DeleteScalingPolicy", "DeleteScalingPolicy", "DeleteScheduledAction"]
    assert our_alarms(aws) == []
    assert held(aws) == {RESOURCE: ours(2, 8, {f"{OURS}-invocations": {**INVOCATIONS, "TargetValue": 600.0}})}
    assert again(aws, stepped)[1] == []


def test_a_schedule_that_fired_is_not_undone_unless_asked(aws: Standin, stepped: Function) -> None:
    where = {"ResourceId": RESOURCE, "ScalableDimension": f"sagemaker:{INSTANCES}"}
    aws.act({"act": "FireScheduledAction", **where, "ScheduledActionName": f"{OURS}-night"})
    target, writes = again(aws, stepped)
    assert (target["outcome"], target["reason"], writes) == ("Unchanged", "BoundsMoved", [])
    assert stepped.invoke({"action": "scan"}).payload["outcomes"] == {"Unchanged": 1}
    assert held(aws)[RESOURCE]["bounds"] == (1, 2)
    stepped.invoke({"action": "reconcile", "endpointName": ENDPOINT, "force": True})
    assert held(aws)[RESOURCE]["bounds"] == (2, 8)
    assert again(aws, stepped)[1] == []


def test_opting_out_takes_everything_along(aws: Standin, stepped: Function) -> None:
    aws.act(tag(ENDPOINT, enabled="false"))
    target, writes = again(aws, stepped)
    assert (target["outcome"], writes) == ("Released", ["DeleteAlarms", "DeregisterScalableTarget"])
    assert (held(aws), our_alarms(aws)) == ({}, [])
    assert again(aws, stepped)[1] == []


ALL = {"scale-in", "scale-out", "scheduled"}
PAUSES = [("true", ALL), ("scale-in", {"scale-in"}), ("scale-out", {"scale-out"}), ("scheduled", {"scheduled"})]


@pytest.mark.parametrize(("word", "suspended"), PAUSES)
def test_paused_suspends_and_nothing_else_is_written_until_it_is_removed(
    aws: Standin, function: Function, word: str, suspended: set[str]
) -> None:
    aws.act(*endpoint(ENDPOINT))
    function.invoke(in_service(ENDPOINT))
    before = held(aws)
    aws.act(tag(ENDPOINT, paused=word, max_capacity="6"))
    target, writes = again(aws, function)
    assert (target["reason"], writes) == ("Paused", ["TagResource", "RegisterScalableTarget"])
    paused = held(aws)[RESOURCE]
    assert (paused["suspended"], paused["bounds"]) == (suspended, (1, 4))
    assert again(aws, function)[1] == []
    aws.act(untag(ENDPOINT, "paused", "max-capacity"))
    target, writes = again(aws, function)
    assert (target["outcome"], writes) == ("Configured", ["RegisterScalableTarget", "UntagResource"])
    assert held(aws) == before
    assert again(aws, function)[1] == []


@pytest.mark.parametrize(("word", "suspended"), PAUSES)
def test_a_new_endpoint_that_is_paused_is_registered_suspended(
    aws: Standin, function: Function, word: str, suspended: set[str]
) -> None:
    aws.act(*endpoint(ENDPOINT, {"autoscaling:paused": word}))
    target, _ = again(aws, function)
    assert (target["outcome"], target["reason"]) == ("Configured", "Paused")
    assert held(aws)[RESOURCE]["suspended"] == suspended
    assert again(aws, function)[1] == []
    aws.act(untag(ENDPOINT, "paused"))
    again(aws, function)
    assert held(aws) == {RESOURCE: ours(1, 4, {TRACKING: INVOCATIONS})}


def test_what_a_person_suspended_stays_suspended(aws: Standin, function: Function) -> None:
    aws.act(*endpoint(ENDPOINT))
    function.invoke(in_service(ENDPOINT))
    target = {"ServiceNamespace": "sagemaker", "ResourceId": RESOURCE, "ScalableDimension": f"sagemaker:{INSTANCES}"}
    aws.call("RegisterScalableTarget", **target, SuspendedState={"DynamicScalingInSuspended": True})
    assert again(aws, function)[1] == []
    aws.act(tag(ENDPOINT, paused="true"))
    again(aws, function)
    assert held(aws)[RESOURCE]["suspended"] == ALL
    aws.act(untag(ENDPOINT, "paused"))
    again(aws, function)
    assert held(aws)[RESOURCE]["suspended"] == {"scale-in"}
    assert again(aws, function)[1] == []


FOREIGN = {"ServiceNamespace": "sagemaker", "ResourceId": RESOURCE, "ScalableDimension": f"sagemaker:{INSTANCES}"}
FOREIGN_STEP = {
    "PolicyName": "theirs",
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
    },
}


def terraform(aws: Standin) -> dict[str, Any]:
    """Somebody else registers the target, with a policy of their own; answers what is held then."""
    aws.act(*endpoint(ENDPOINT, {"autoscaling:max-capacity": "9"}))
    aws.call("RegisterScalableTarget", **FOREIGN, MinCapacity=2, MaxCapacity=3, Tags={"ManagedBy": "terraform"})
    aws.call("PutScalingPolicy", **FOREIGN, **FOREIGN_STEP)
    aws.act({"act": "Advance", "Seconds": 600})
    return held(aws)


def test_an_adopted_target_is_given_back_as_it_was(aws: Standin) -> None:
    before = terraform(aws)
    with Function(aws.url, EXISTING_TARGETS="adopt") as function:
        target, _ = again(aws, function)
        assert target["outcome"] == "Configured"
        adopted = held(aws)[RESOURCE]
        # Only the bound that a tag states changes.
        assert adopted["bounds"] == (2, 9)
        assert adopted["tags"] == {"ManagedBy": "terraform", "managed-by": OURS, "adopted": "2-3", "applied": "2-9"}
        assert adopted["policies"] == {**before[RESOURCE]["policies"], TRACKING: INVOCATIONS}
        assert again(aws, function)[1] == []
        aws.act(tag(ENDPOINT, enabled="false"))
        target, _ = again(aws, function)
        assert target["outcome"] == "Released"
        assert held(aws) == before
        assert again(aws, function)[1] == []


def test_by_tag_only_the_endpoints_tag_adopts(aws: Standin) -> None:
    before = terraform(aws)
    with Function(aws.url, EXISTING_TARGETS="by-tag") as function:
        target, writes = again(aws, function)
        assert (target["reason"], writes) == ("ForeignScalableTarget", [])
        assert held(aws) == before
        aws.act(tag(ENDPOINT, adopt="true"))
        assert again(aws, function)[0]["outcome"] == "Configured"
        assert held(aws)[RESOURCE]["tags"]["managed-by"] == OURS


def test_another_installations_target_is_never_adopted(aws: Standin) -> None:
    aws.act(*endpoint(ENDPOINT))
    with Function(aws.url, MANAGED_BY="theirs") as function:
        again(aws, function)
    before = held(aws)
    aws.act(tag(ENDPOINT, max_capacity="9"))
    with Function(aws.url, EXISTING_TARGETS="adopt") as function:
        target, writes = again(aws, function)
    assert (target["reason"], writes, held(aws)) == ("ForeignScalableTarget", [], before)


def test_a_target_at_zero_is_raised_first_and_given_back_at_the_next_look(aws: Standin, function: Function) -> None:
    aws.act(*asynchronous(ENDPOINT, {"autoscaling:min-capacity": "0"}))
    again(aws, function)
    where = {"ResourceId": RESOURCE, "ScalableDimension": f"sagemaker:{INSTANCES}"}
    aws.act({"act": "Scale", **where, "DesiredCapacity": 0}, {"act": "Advance", "Seconds": 600})
    aws.act(tag(ENDPOINT, enabled="false"))
    target, writes = again(aws, function)
    assert (target["outcome"], target["reason"], writes) == ("Deferred", "Disabled", ["RegisterScalableTarget"])
    # Until Application Auto Scaling has raised it, there is nothing more to do.
    assert again(aws, function)[1] == []
    aws.act({"act": "Advance", "Seconds": 600})
    target, writes = again(aws, function)
    assert (target["outcome"], writes) == ("Released", ["DeleteAlarms", "DeregisterScalableTarget"])
    [variant] = aws.state()["Endpoints"][0]["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], held(aws), our_alarms(aws)) == (1, {}, [])


@pytest.mark.xfail(strict=True, reason="raising a target before it is given back is not remembered as our own write")
def test_an_owner_who_changes_his_mind_gets_zero_back(aws: Standin, function: Function) -> None:
    aws.act(*asynchronous(ENDPOINT, {"autoscaling:min-capacity": "0"}))
    again(aws, function)
    where = {"ResourceId": RESOURCE, "ScalableDimension": f"sagemaker:{INSTANCES}"}
    aws.act({"act": "Scale", **where, "DesiredCapacity": 0}, {"act": "Advance", "Seconds": 600})
    aws.act(tag(ENDPOINT, enabled="false"))
    assert again(aws, function)[0]["outcome"] == "Deferred"
    aws.act(untag(ENDPOINT, "enabled"), {"act": "Advance", "Seconds": 600})
    again(aws, function)
    assert held(aws)[RESOURCE]["bounds"] == (0, 4)
