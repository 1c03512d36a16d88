"""Fixtures: an account of the stand-in, and the built function in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness import Function, Standin, stop_on_signals

stop_on_signals()

ENDPOINT = "Plain"


def config(name: str, *variants: dict, **more: object) -> dict:
    """The act that creates an endpoint configuration."""
    defaults = {"ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
    variants = tuple({**defaults, **variant} for variant in (variants or ({"VariantName": "AllTraffic"},)))
    return {"act": "CreateEndpointConfig", "EndpointConfigName": name, "ProductionVariants": list(variants), **more}


def endpoint(name: str, tags: dict[str, str] | None = None, *variants: dict) -> list[dict]:
    """The acts that deploy an endpoint."""
    listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    create = {"act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": f"{name}-config", "Tags": listed}
    return [config(f"{name}-config", *variants), create]


def parameter(name: str, value: str) -> dict:
    """The act that stores a document."""
    return {"act": "PutParameter", "Name": f"/endpoint-autoscaler/{name}", "Value": value, "Type": "String"}


@pytest.fixture
def aws() -> Iterator[Standin]:
    with Standin() as standin:
        yield standin


@pytest.fixture
def function(aws: Standin) -> Iterator[Function]:
    with Function(aws.url) as running:
        yield running
