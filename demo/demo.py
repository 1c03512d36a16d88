"""The main job on this machine: five endpoints, the built function, a stand-in for AWS.

Everything printed was read back from the stand-in through the official Python client, or is the
function's own report. The demo checks its own claims and exits non-zero when one does not hold.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import boto3
from harness import ROOT, Function, Standin, in_service
from rich import box
from rich.console import Console
from rich.table import Table

ENDPOINTS = {
    "plain": "nothing special about it",
    "ranking": "tags: min 2, max 6, target 600",
    "batch": "tag autoscaling:enabled=false",
    "fraud": "registered by Terraform",
    "vision": "a misspelt tag: autoscaling:max-capcity=8",
}
PROMISED = {
    "plain": ("1..4", "endpoint-autoscaler-target-tracking", 70.0),
    "ranking": ("2..6", "endpoint-autoscaler-target-tracking", 600.0),
    "fraud": ("2..3", "fraud-tracking", 900.0),
}

Held = dict[str, tuple[str, str, float]]


def held(url: str) -> Held:
    """What Application Auto Scaling holds: endpoint to bounds, policy and target."""
    keys = {"aws_access_key_id": "demo", "aws_secret_access_key": "demo"}
    client = boto3.client("application-autoscaling", region_name="us-east-1", endpoint_url=url, **keys)

    def pages(operation: str, key: str) -> list[dict[str, Any]]:
        paginator = client.get_paginator(operation)
        return [item for page in paginator.paginate(ServiceNamespace="sagemaker") for item in page[key]]

    policies = {policy["ResourceId"]: policy for policy in pages("describe_scaling_policies", "ScalingPolicies")}
    found: Held = {}
    for target in pages("describe_scalable_targets", "ScalableTargets"):
        policy = policies.get(target["ResourceId"], {})
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
        bounds = f"{target['MinCapacity']}..{target['MaxCapacity']}"
        name = target["ResourceId"].split("/")[1]
        found[name] = (bounds, policy.get("PolicyName", "-"), tracking.get("TargetValue", 0.0))
    return found


def show(console: Console, title: str, scaling: Held) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE, pad_edge=False)
    for heading in ("endpoint", "bounds", "policy", "target"):
        table.add_column(heading)
    for name in ENDPOINTS:
        bounds, policy, target = scaling.get(name, ("not registered", "-", 0.0))
        table.add_row(name, bounds, policy, f"{target:g}" if target else "-")
    console.print(table)


def explain(console: Console, report: dict[str, Any]) -> None:
    [target] = report["targets"]
    reason = f" ({target['reason']})" if target["reason"] else ""
    console.print(f"[bold]{report['endpointName']}[/bold]: {target['outcome']}{reason}", highlight=False)
    for action in target["actions"]:
        console.print(f"    {action['action']} {action.get('name', '')}: {action['result']}", highlight=False)
    for name in ("MinCapacity", "MaxCapacity", "TargetValue"):
        if setting := target["settings"].get(name):
            console.print(f"    {name} {setting['value']:g} from {setting['source']}", highlight=False)
    for problem in report["problems"]:
        console.print(f"    {problem['source']}: {problem['message']}", highlight=False, soft_wrap=True)


def main() -> int:
    console = Console(width=min(100, Console().width))
    failed: list[str] = []

    def claim(text: str, holds: bool) -> None:
        console.print(f"{'[green]ok[/green]' if holds else '[red]FAILED[/red]'}  {text}", highlight=False)
        if not holds:
            failed.append(text)

    acts = json.loads((ROOT / "demo/account.json").read_text())
    with Standin(acts) as aws, Function(aws.url) as function:
        console.print("\nFive endpoints are InService:")
        for name, note in ENDPOINTS.items():
            console.print(f"    {name:8} {note}", highlight=False)
        console.print()
        show(console, "Before: what Application Auto Scaling holds", held(aws.url))
        aws.forget()
        console.print("EventBridge tells the function that each is InService. It reports:\n")
        reports = {name: function.invoke(in_service(name)).payload for name in ENDPOINTS}
        for report in reports.values():
            explain(console, report)
        first = journalled(aws)
        after = held(aws.url)
        console.print()
        show(console, "After", after)
        aws.forget()
        for name in ENDPOINTS:
            function.invoke(in_service(name))
        second = journalled(aws)

    console.print(f"First round: {first[0]} reads, {first[1]} writes. The same events again: {second[0]} reads, {second[1]} writes.\n", highlight=False)
    claim("what is held is what was promised, and nothing else is registered", after == PROMISED)
    claim("the opted-out endpoint is untouched", reports["batch"]["targets"][0]["reason"] == "Disabled")
    claim("Terraform's target is left alone", reports["fraud"]["targets"][0]["reason"] == "ForeignScalableTarget")
    said = " ".join(problem["message"] for problem in reports["vision"]["problems"])
    claim("the misspelt tag is explained", "did you mean `max-capacity`" in said)
    claim("the first round wrote, the second is silent", first[1] == 4 and second[1] == 0)
    return 1 if failed else 0


def journalled(aws: Standin) -> tuple[int, int]:
    """Reads and writes of the function; the demo's own look uses another client."""
    writes = len(aws.writes())
    return len(aws.journal()) - writes, writes


if __name__ == "__main__":
    # So that the servers are stopped by their context managers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.chdir(Path(__file__).resolve().parent.parent)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
