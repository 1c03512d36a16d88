"""Fixtures: an account of the stand-in, and the built function in front of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import validate_requests
from harness import Function, Standin, stop_on_signals

stop_on_signals()

ENDPOINT = "Plain"
OURS = "endpoint-autoscaler-"
FLAGS = {
    "DynamicScalingInSuspended": "scale-in",
    "DynamicScalingOutSuspended": "scale-out",
    "ScheduledScalingSuspended": "scheduled",
}


@pytest.fixture(scope="session", autouse=True)
def every_request_fits_awss_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Journals what stand-ins are asked, where `make test` does not do so already, and validates it in the end."""
    if "STANDIN_JOURNAL_DIR" in os.environ:
        yield
        return
    folder = tmp_path_factory.mktemp("journals")
    os.environ["STANDIN_JOURNAL_DIR"] = str(folder)
    yield
    del os.environ["STANDIN_JOURNAL_DIR"]
    if any(folder.iterdir()):
        assert validate_requests.main(folder) == 0


def config(name: str, *variants: dict, **more: object) -> dict:
    """The act that creates an endpoint configuration."""
    defaults = {"ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
    variants = tuple({**defaults, **variant} for variant in (variants or ({"VariantName": "AllTraffic"},)))
    return {"act": "CreateEndpointConfig", "EndpointConfigName": name, "ProductionVariants": list(variants), **more}


def endpoint(name: str, tags: dict[str, str] | None = None, *variants: dict, **more: object) -> list[dict]:
    """The acts that deploy an endpoint; `more` is for its configuration."""
    return [config(f"{name}-config", *variants, **more), create(name, tags)]


def create(name: str, tags: dict[str, str] | None = None) -> dict:
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    return {"act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": f"{name}-config", "Tags": listed}


def asynchronous(name: str, tags: dict[str, str] | None = None) -> list[dict]:
    """The acts that deploy an asynchronous endpoint."""
    return endpoint(name, tags, AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://bucket/answers"}})


def serverless(name: str, tags: dict[str, str] | None = None, **more: int) -> list[dict]:
    """The acts that deploy a serverless endpoint; provisioned concurrency goes into `more`."""
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, **more}
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InitialVariantWeight": 1.0, "ServerlessConfig": settings}
    act = {"act": "CreateEndpointConfig", "EndpointConfigName": f"{name}-config", "ProductionVariants": [variant]}
    return [act, create(name, tags)]


def generative(name: str, tags: dict[str, str] | None = None, least: int = 0) -> list[dict]:
    """The acts that deploy an endpoint for inference components."""
    scaling = {"Status": "ENABLED", "MinInstanceCount": least, "MaxInstanceCount": 4}
    variant = {"VariantName": "AllTraffic", "InstanceType": "ml.g5.12xlarge", "InitialInstanceCount": 1}
    act = {"act": "CreateEndpointConfig", "EndpointConfigName": f"{name}-config", "ExecutionRoleArn": ROLE}
    return [{**act, "ProductionVariants": [{**variant, "ManagedInstanceScaling": scaling}]}, create(name, tags)]


ROLE = "arn:aws:iam::111122223333:role/models"


def component(name: str, on: str, copies: int = 1, **more: object) -> dict:
    """The act that creates an inference component."""
    specification = {"ModelName": name, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}
    created = {"act": "CreateInferenceComponent", "InferenceComponentName": name, "EndpointName": on}
    created |= {"VariantName": "AllTraffic", "RuntimeConfig": {"CopyCount": copies}, "Specification": specification}
    return {**created, **more}


def parameter(name: str, value: Any) -> dict:
    """The act that stores a document."""
    text = value if isinstance(value, str) else json.dumps(value)
    return {"act": "PutParameter", "Name": f"/endpoint-autoscaler/{name}", "Value": text, "Type": "String"}


def tag(name: str, **tags: str) -> dict:
    """The act that puts tags of ours on an endpoint: `max_capacity="5"`."""
    listed = [{"Key": f"autoscaling:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
    return {"act": "AddTags", "EndpointName": name, "Tags": listed}


def untag(name: str, *tags: str) -> dict:
    return {"act": "DeleteTags", "EndpointName": name, "TagKeys": [f"autoscaling:{key}" for key in tags]}


def held(aws: Standin) -> dict[str, dict[str, Any]]:
    """What Application Auto Scaling and CloudWatch hold per resource, without what AWS fills in by itself.

    Alarms are those of step policies, under the policy that they drive.
    """
    state = aws.state()
    return {target["ResourceId"]: _target(target, state["Alarms"]) for target in state["ScalableTargets"]}


def _target(target: dict[str, Any], alarms: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "dimension": target["ScalableDimension"].removeprefix("sagemaker:"),
        "bounds": (target["MinCapacity"], target["MaxCapacity"]),
        "tags": {key.removeprefix("endpoint-autoscaler:"): value for key, value in target["Tags"].items()},
        "policies": {},
    }
    if suspended := {word for flag, word in FLAGS.items() if target["SuspendedState"][flag]}:
        said["suspended"] = suspended
    for policy in target["ScalingPolicies"]:
        [configuration] = [value for key, value in policy.items() if key.endswith("PolicyConfiguration")]
        said["policies"][policy["PolicyName"]] = dict(configuration)
        for alarm in alarms:
            if policy["PolicyARN"] in alarm["AlarmActions"]:
                said["policies"][policy["PolicyName"]].setdefault("alarms", {})[alarm["AlarmName"]] = _alarm(alarm)
    for action in target["ScheduledActions"]:
        kept = {key: action[key] for key in ("Schedule", "Timezone", "ScalableTargetAction")}
        said.setdefault("schedules", {})[action["ScheduledActionName"]] = kept
    return said


def _alarm(alarm: dict[str, Any]) -> dict[str, Any]:
    """Its definition, with the dimensions as a map."""
    fields = ("Namespace", "MetricName", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm", "Threshold")
    said = {name: alarm[name] for name in (*fields, "ComparisonOperator", "TreatMissingData")}
    return {**said, "Dimensions": {one["Name"]: one["Value"] for one in alarm["Dimensions"]}}


def our_alarms(aws: Standin) -> list[str]:
    return [alarm["AlarmName"] for alarm in aws.state()["Alarms"] if alarm["AlarmName"].startswith(OURS)]


@pytest.fixture
def aws() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def function(aws: Standin) -> Iterator[Function]:
    with Function(aws.url) as running:
        yield running
