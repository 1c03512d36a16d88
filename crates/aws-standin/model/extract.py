#!/usr/bin/env python3
"""Cuts the operations the stand-in answers out of botocore's service models.

    .venv/bin/python crates/aws-standin/model/extract.py   (the environment of `make setup`)

writes one `<service>.json` per service beside this script. Documentation is
dropped; names, types, required members, lengths, ranges, enumerations and
patterns are kept word for word, except the patterns in REWRITTEN.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

OPERATIONS: dict[str, list[str]] = {
    "sagemaker": [
        "AddTags",
        "DescribeEndpoint",
        "DescribeEndpointConfig",
        "DescribeInferenceComponent",
        "ListEndpoints",
        "ListInferenceComponents",
        "ListTags",
    ],
    "application-autoscaling": [
        "DeleteScalingPolicy",
        "DeleteScheduledAction",
        "DeregisterScalableTarget",
        "DescribeScalableTargets",
        "DescribeScalingActivities",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "ListTagsForResource",
        "PutScalingPolicy",
        "PutScheduledAction",
        "RegisterScalableTarget",
        "TagResource",
        "UntagResource",
    ],
    "ssm": ["GetParameter", "GetParameters", "GetParametersByPath"],
    "cloudwatch": ["DeleteAlarms", "DescribeAlarms", "GetMetricData", "PutMetricAlarm"],
    "resourcegroupstaggingapi": ["GetResources"],
    "sqs": ["SendMessage", "SendMessageBatch"],
}

KEPT_SHAPE_KEYS = ("type", "required", "min", "max", "pattern", "enum", "document")

# The models use Java's regular expressions; Rust's know no look-ahead, no halves
# of surrogate pairs and no `\p{Print}` (in Java: the printable part of ASCII).
REWRITTEN: dict[str, str] = {
    r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*": (
        r"[\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}\r\n\t]*"
    ),
    r"(?!((^[ ]+.*)|(.*([\u0000-\u001f]|[\u007f-\u009f]|[:/|])+.*)|(.*[ ]+$))).+": (
        r"[^\u{0}-\u{1f}\u{7f}-\u{9f}:/| ]([^\u{0}-\u{1f}\u{7f}-\u{9f}:/|]*[^\u{0}-\u{1f}\u{7f}-\u{9f}:/| ])?"
    ),
    r"(?!\s*$).+": r".*\S.*",
    r"/(?!.*\.\.)[a-zA-Z0-9/_.\-]+": r"/(\.?[a-zA-Z0-9/_\-])+\.?",
    r"\p{Print}+": r"[\x20-\x7E]+",
}


def members(shape: dict[str, Any]) -> list[dict[str, Any]]:
    """The references a shape makes to other shapes."""
    references = list(shape.get("members", {}).values())
    references += [shape[name] for name in ("member", "key", "value") if name in shape]
    return references


def reduced(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape without documentation and wire details of other protocols."""
    kept = {name: shape[name] for name in KEPT_SHAPE_KEYS if name in shape}
    if "pattern" in kept:
        kept["pattern"] = REWRITTEN.get(kept["pattern"], kept["pattern"])
    if "members" in shape:
        kept["members"] = {name: reference["shape"] for name, reference in shape["members"].items()}
    for name in ("member", "key", "value"):
        if name in shape:
            kept[name] = shape[name]["shape"]
    return kept


def extract(service: str, operations: list[str]) -> dict[str, Any]:
    """The part of one service's model that the given operations need."""
    model = Loader().load_service_model(service, "service-2")
    shapes: dict[str, Any] = {}

    def take(name: str) -> None:
        if name in shapes:
            return
        shapes[name] = reduced(model["shapes"][name])
        for reference in members(model["shapes"][name]):
            take(reference["shape"])

    kept_operations: dict[str, Any] = {}
    for name in operations:
        operation = model["operations"][name]
        kept_operations[name] = {side: operation[side]["shape"] for side in ("input", "output") if side in operation}
        kept_operations[name]["errors"] = sorted(error["shape"] for error in operation.get("errors", []))
        for side in ("input", "output"):
            if side in operation:
                take(operation[side]["shape"])
    return {
        "source": f"botocore {botocore.__version__}, {service}/{model['metadata']['apiVersion']}/service-2.json",
        "targetPrefix": model["metadata"]["targetPrefix"],
        "operations": kept_operations,
        "shapes": dict(sorted(shapes.items())),
    }


def main() -> None:
    """Writes every service's extract."""
    folder = Path(__file__).parent
    for service, operations in OPERATIONS.items():
        text = json.dumps(extract(service, operations), indent=1, ensure_ascii=True)
        (folder / f"{service}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
