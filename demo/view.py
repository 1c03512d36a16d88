"""Reads back what Application Auto Scaling and CloudWatch hold, and puts it into words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3

OURS = "endpoint-autoscaler-"
SUSPENSIONS = {
    "DynamicScalingInSuspended": "scale-in",
    "DynamicScalingOutSuspended": "scale-out",
    "ScheduledScalingSuspended": "scheduled",
}


@dataclass(frozen=True)
class Target:
    """A scalable target in words."""

    bounds: str
    policies: list[str] = field(default_factory=list)
    schedules: list[str] = field(default_factory=list)
    suspended: str = ""


Held = dict[str, Target]


def held(url: str) -> Held:
    """What is held for each variant (`endpoint/variant`) and inference component."""
    scaling = _client(url, "application-autoscaling")
    alarms = _pages(_client(url, "cloudwatch"), "describe_alarms", "MetricAlarms")
    by_name = {alarm["AlarmName"]: alarm for alarm in alarms}
    sagemaker = {"ServiceNamespace": "sagemaker"}
    policies = _pages(scaling, "describe_scaling_policies", "ScalingPolicies", **sagemaker)
    actions = _pages(scaling, "describe_scheduled_actions", "ScheduledActions", **sagemaker)
    targets = _pages(scaling, "describe_scalable_targets", "ScalableTargets", **sagemaker)
    return {
        _short(target["ResourceId"]): Target(
            f"{target['MinCapacity']}..{target['MaxCapacity']}",
            [_policy(policy, by_name) for policy in policies if policy["ResourceId"] == target["ResourceId"]],
            [_schedule(action) for action in actions if action["ResourceId"] == target["ResourceId"]],
            ", ".join(word for flag, word in SUSPENSIONS.items() if target["SuspendedState"][flag]),
        )
        for target in targets
    }


def _client(url: str, service: str) -> Any:
    keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
    return boto3.client(service, region_name="us-east-1", endpoint_url=url, **keys)


def _pages(client: Any, operation: str, key: str, **given: Any) -> list[dict[str, Any]]:
    pages = client.get_paginator(operation).paginate(**given)
    return [item for page in pages for item in page[key]]


def _short(resource: str) -> str:
    """`endpoint/plain/variant/AllTraffic` is `plain/AllTraffic`, `inference-component/llama` is `llama`."""
    return "/".join(resource.split("/")[1::2])


def _policy(policy: dict[str, Any], alarms: dict[str, Any]) -> str:
    name = policy["PolicyName"].removeprefix(OURS)
    if step := policy.get("StepScalingPolicyConfiguration"):
        adjustments = [f"{adjustment['ScalingAdjustment']:+}" for adjustment in step["StepAdjustments"]]
        causes = [_alarm(alarms[alarm["AlarmName"]]) for alarm in policy["Alarms"] if alarm["AlarmName"] in alarms]
        return f"{name}: {', '.join(adjustments)} on {', '.join(causes) or 'no alarm'}"
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    predefined = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    metric = predefined or tracking["CustomizedMetricSpecification"]["MetricName"]
    cooldown = tracking.get("ScaleInCooldown", 300)
    slow = "" if cooldown == 300 else f", scale-in cooldown {cooldown} s"
    return f"{name}: {metric} at {tracking['TargetValue']:g}{slow}"


def _alarm(alarm: dict[str, Any]) -> str:
    return f"{alarm['MetricName']} >= {alarm['Threshold']:g} (alarm {alarm['AlarmName']})"


def _schedule(action: dict[str, Any]) -> str:
    bounds = action["ScalableTargetAction"]
    name = action["ScheduledActionName"].removeprefix(OURS)
    return f"{name}: {bounds['MinCapacity']}..{bounds['MaxCapacity']} at {action['Schedule']} {action['Timezone']}"


def sources(report: dict[str, Any]) -> str:
    """Where the bounds of a target come from."""
    said = {word: report["settings"][f"{word.capitalize()}Capacity"]["source"] for word in ("min", "max")}
    if said["min"] == said["max"]:
        return f"min and max from {said['min']}"
    return "; ".join(f"{word} from {source}" for word, source in said.items())
