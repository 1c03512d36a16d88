"""An independent opinion on the wire format: moto instead of our own stand-in.

moto lacks Application Auto Scaling's tag operations, CloudWatch's present protocol, asynchronous endpoints and
inference components, so that new real-time endpoints without alarms, and the quiet run after each, can be shown.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from harness import Function, Process, free_port, in_service, request


@pytest.fixture
def moto() -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = Process(command, dict(os.environ))

    def ready() -> bool | None:
        try:
            request("GET", f"{url}/moto-api/data.json")
        except OSError:
            return None
        return True

    try:
        process.wait_for(ready)
        yield url
    finally:
        process.stop()


class Account:
    """An account in moto with one endpoint in service."""

    def __init__(self, url: str, tags: dict[str, str] | None = None) -> None:
        self.url = url
        sagemaker = self.client("sagemaker")
        role = "arn:aws:iam::123456789012:role/FakeRole"
        sagemaker.create_model(ModelName="m", ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
        variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[{**variant, "InitialVariantWeight": 1.0}])
        listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        created = sagemaker.create_endpoint(EndpointName="Plain", EndpointConfigName="c", Tags=listed)
        self.event = in_service("Plain")
        self.event["detail"]["EndpointArn"] = created["EndpointArn"]

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, **keys)

    def reconcile_twice(self) -> tuple[dict[str, Any], dict[str, Any]]:
        with Function(self.url) as function:
            return function.invoke(self.event).payload, function.invoke(self.event).payload


def test_a_new_endpoint_scales_and_the_next_run_is_quiet(moto: str) -> None:
    account = Account(moto, {"autoscaling:max-capacity": "7"})
    first, second = account.reconcile_twice()
    assert (first["outcome"], first["calls"]["writes"]) == ("Configured", 2), first
    assert (second["outcome"], second["calls"]["writes"]) == ("Unchanged", 0), second
    scaling = account.client("application-autoscaling")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == ("endpoint/Plain/variant/AllTraffic", 1, 7)
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["PolicyName"] == "endpoint-autoscaler-target-tracking"
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0


NIGHT = {
    "ScheduledActionName": "night",
    "Schedule": "cron(0 20 ? * MON-FRI *)",
    "Timezone": "Europe/Berlin",
    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 2},
}
CPU = {
    "PolicyName": "cpu",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 50,
        "CustomizedMetricSpecification": {
            "Namespace": "/aws/sagemaker/Endpoints",
            "MetricName": "CPUUtilization",
            "Statistic": "Average",
        },
    },
}


def test_a_document_with_a_schedule_and_a_custom_metric_is_held_and_the_next_run_is_quiet(moto: str) -> None:
    account = Account(moto)
    document = {"MaxCapacity": 5, "ScalingPolicies": [CPU], "ScheduledActions": [NIGHT]}
    name = "/endpoint-autoscaler/endpoints/Plain"
    account.client("ssm").put_parameter(Name=name, Type="SecureString", Value=json.dumps(document))
    first, second = account.reconcile_twice()
    assert (first["outcome"], first["calls"]["writes"]) == ("Configured", 3), first
    assert (second["outcome"], second["calls"]["writes"]) == ("Unchanged", 0), second
    scaling = account.client("application-autoscaling")
    [action] = scaling.describe_scheduled_actions(ServiceNamespace="sagemaker")["ScheduledActions"]
    assert action["ScheduledActionName"] == "endpoint-autoscaler-night"
    assert {key: action[key] for key in list(NIGHT)[1:]} == dict(list(NIGHT.items())[1:])
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    metric = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
    assert dimensions == {"EndpointName": "Plain", "VariantName": "AllTraffic"}
