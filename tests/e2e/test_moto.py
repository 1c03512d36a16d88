"""An independent opinion on the wire format: moto instead of our own stand-in.

moto lacks Application Auto Scaling's tag operations, so that only a new endpoint and the quiet run
after it can be shown.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

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


def test_a_new_endpoint_scales_and_the_next_run_is_quiet(moto: str) -> None:
    def client(service: str):
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=moto, **keys)

    sagemaker, scaling = client("sagemaker"), client("application-autoscaling")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::123456789012:role/FakeRole", PrimaryContainer={"Image": "i"})
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[{**variant, "InitialVariantWeight": 1.0}])
    tags = [{"Key": "autoscaling:max-capacity", "Value": "7"}]
    arn = sagemaker.create_endpoint(EndpointName="Plain", EndpointConfigName="c", Tags=tags)["EndpointArn"]
    event = in_service("Plain")
    event["detail"]["EndpointArn"] = arn
    with Function(moto) as function:
        first = function.invoke(event).payload
        second = function.invoke(event).payload
    assert (first["outcome"], first["calls"]["writes"]) == ("Configured", 2), first
    assert (second["outcome"], second["calls"]["writes"]) == ("Unchanged", 0), second
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == ("endpoint/Plain/variant/AllTraffic", 1, 7)
    [policy] = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["PolicyName"] == "endpoint-autoscaler-target-tracking"
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0
