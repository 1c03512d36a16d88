"""The main job on this machine: an account with one endpoint of each kind, the built function, a stand-in for AWS.

Everything shown was read back from the stand-in through the official Python client, or is the
function's own report. The demo checks its own claims and exits non-zero when one does not hold.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from harness import ROOT, Function, Standin, stop_on_signals
from promises import AFTER_EDIT, ENDPOINTS, NEW_PROFILE, PROMISED
from rich.console import Console
from view import Held, held, sources

INSTANCES = "sagemaker:variant:DesiredInstanceCount"


def arrivals(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that say that an endpoint is in service, for the first time or again."""
    return [event for event in events if event["detail"].get("EndpointStatus") == "IN_SERVICE"]


class Demo:
    """The account, the function in front of it, and what was claimed so far."""

    def __init__(self, console: Console, aws: Standin, function: Function) -> None:
        self.console, self.aws, self.function = console, aws, function
        self.arrivals = arrivals(aws.events)
        self.failed: list[str] = []

    def say(self, text: str, indent: int = 0) -> None:
        self.console.print(" " * indent + text, highlight=False, markup=False, soft_wrap=True)

    def section(self, text: str) -> None:
        self.console.print(f"\n[bold]{text}[/bold]", highlight=False, soft_wrap=True)

    def claim(self, text: str, holds: bool) -> None:
        mark = "[green]ok[/green]" if holds else "[red]FAILED[/red]"
        self.console.print(f"  {mark}  {text}", highlight=False, soft_wrap=True)
        if not holds:
            self.failed.append(text)

    def send(self, *events: Any) -> tuple[list[dict[str, Any]], int, int]:
        """What the function answers to each event, and its reads and writes in all."""
        self.aws.forget()
        answers = [self.function.invoke(event) for event in events]
        if errors := [answer.error for answer in answers if answer.error]:
            raise RuntimeError(errors[0])
        writes = len(self.aws.writes())
        return [answer.payload for answer in answers], len(self.aws.journal()) - writes, writes

    def act(self, **act: Any) -> list[dict[str, Any]]:
        """Somebody does something; answers what EventBridge hears of it."""
        return self.aws.act(act)


def before(demo: Demo) -> None:
    demo.section("Before: ten endpoints are InService; Application Auto Scaling knows Terraform's")
    for name, note in ENDPOINTS.items():
        demo.say(f"{name:10} {note}", 2)
    registered = held(demo.aws.url)
    demo.say(f"held: {', '.join(f'{name} {target.bounds}' for name, target in registered.items())}", 2)
    demo.claim("only Terraform's target is registered with Application Auto Scaling", list(registered) == ["fraud/AllTraffic"])


def configure(demo: Demo) -> None:
    demo.section("EventBridge tells the function of each. What it reports, and what is held then")
    reports, reads, writes = demo.send(*demo.arrivals)
    after = held(demo.aws.url)
    for report in reports:
        show_report(demo, report, after)
    by_name = {report["endpointName"]: report for report in reports}
    demo.say(f"{reads} reads, {writes} writes", 2)
    demo.claim("what is held is what was promised, and nothing else", after == PROMISED)
    demo.claim("the opted-out endpoint is untouched", by_name["batch"]["reason"] == "Disabled")
    demo.claim("Terraform's target is left alone", by_name["fraud"]["targets"][0]["reason"] == "ForeignScalableTarget")
    said = " ".join(problem["message"] for problem in by_name["vision"]["problems"])
    demo.claim("the misspelt tag is explained", "did you mean `max-capacity`" in said)


def show_report(demo: Demo, report: dict[str, Any], after: Held) -> None:
    for target in report["targets"]:
        name = "/".join(target["resourceId"].split("/")[1::2])
        reason = f" ({target['reason']})" if target["reason"] else ""
        has = after.get(name)
        demo.say(f"{name:20} {has.bounds if has else '-':6} {target['outcome']}{reason}", 2)
        if has and target["reason"] != "ForeignScalableTarget":
            demo.say(sources(target), 23)
        for line in [*has.policies, *has.schedules] if has else []:
            demo.say(line, 23)
        if has and has.suspended:
            demo.say(f"suspended: {has.suspended}", 23)
    for problem in report["problems"]:
        demo.say(f"{problem['source']}: {problem['message']}", 23)


def repeat(demo: Demo) -> None:
    demo.section("The same events again")
    _, reads, writes = demo.send(*demo.arrivals)
    demo.say(f"{reads} reads, {writes} writes", 2)
    demo.claim("nothing is written", writes == 0 and held(demo.aws.url) == PROMISED)


def fire_schedule(demo: Demo) -> None:
    demo.section("20:00 in Berlin: shop's night begins, and AWS announces IN_SERVICE again after scaling in")
    resource = {"ResourceId": "endpoint/shop/variant/AllTraffic", "ScalableDimension": INSTANCES}
    demo.act(act="FireScheduledAction", **resource, ScheduledActionName="endpoint-autoscaler-night")
    [report], _, writes = demo.send(*arrivals(demo.act(act="Advance", Seconds=600)))
    [target] = report["targets"]
    bounds = held(demo.aws.url)["shop/AllTraffic"].bounds
    demo.say(f"shop: {bounds}, {target['outcome']} ({target['reason']}), {writes} writes", 2)
    demo.claim("the schedule's bounds stay", (bounds, target["reason"], writes) == ("1..2", "BoundsMoved", 0))


def edit_profile(demo: Demo) -> None:
    demo.section("The platform team edits the default profile: maximum 5, target 90, scale-in cooldown 600 s")
    earlier = held(demo.aws.url)
    name = "/endpoint-autoscaler/profiles/default"
    events = demo.act(act="PutParameter", Name=name, Type="String", Value=json.dumps(NEW_PROFILE))
    [report], _, writes = demo.send(*events)
    later = held(demo.aws.url)
    changed = {name: target for name, target in later.items() if earlier[name] != target}
    for target, now in changed.items():
        demo.say(f"{target:20} {earlier[target].bounds} -> {now.bounds}   {', '.join(now.policies)}", 2)
    demo.say(f"{json.dumps(report['outcomes'])}, {writes} writes", 2)
    demo.claim("it reaches those that use it; what a tag says stays; what is paused stands still", changed == AFTER_EDIT)


def sweep(demo: Demo) -> None:
    demo.section('The hourly sweep, {"action":"scan"}')
    earlier = held(demo.aws.url)
    [report], reads, writes = demo.send({"action": "scan"})
    each = reads / len(ENDPOINTS)
    demo.say(f"{json.dumps(report['outcomes'])}, {reads} reads ({each:.1f} per endpoint), {writes} writes", 2)
    said = [f"{one['endpointName']} {one['targets'][0]['reason']}" for one in report["reports"]]
    demo.say(f"left alone: {', '.join(said)}", 2)
    demo.claim("nothing is written, each endpoint is seen", writes == 0 and sum(report["outcomes"].values()) == 10)
    demo.claim("nothing has changed", held(demo.aws.url) == earlier)


def opt_out(demo: Demo) -> None:
    demo.section("Two owners opt out with autoscaling:enabled=false: plain, and papers, which sleeps at zero")
    resource = {"ResourceId": "endpoint/papers/variant/AllTraffic", "ScalableDimension": INSTANCES}
    demo.act(act="Scale", **resource, DesiredCapacity=0)
    demo.act(act="Advance", Seconds=600)
    tag = [{"Key": "autoscaling:enabled", "Value": "false"}]
    events = [event for name in ("plain", "papers") for event in demo.act(act="AddTags", EndpointName=name, Tags=tag)]
    show_releases(demo, *events)
    demo.say("nobody would wake papers any more, so that it is raised first; AWS announces when it is up", 2)
    show_releases(demo, *arrivals(demo.act(act="Advance", Seconds=600)))
    left = held(demo.aws.url)
    alarms = [alarm["AlarmName"] for alarm in demo.aws.state()["Alarms"] if "papers" in alarm["AlarmName"]]
    papers = demo.aws.state()["Endpoints"]
    [running] = [one["ProductionVariants"] for one in papers if one["EndpointName"] == "papers"]
    gone = set(PROMISED) - set(left) == {"plain/AllTraffic", "papers/AllTraffic"}
    demo.claim("both are given back, alarms and all, and nobody else is touched", gone and not alarms)
    demo.claim("papers runs", running[0]["CurrentInstanceCount"] == 1)


def show_releases(demo: Demo, *events: Any) -> None:
    for report in demo.send(*events)[0]:
        actions = [action["action"] for action in report["targets"][0]["actions"]]
        demo.say(f"{report['endpointName']:10} {report['outcome']}: {', '.join(actions)}", 2)


def account() -> list[dict[str, Any]]:
    """Documents stand there as objects, for the reader; Parameter Store keeps text."""
    acts = json.loads((ROOT / "demo/account.json").read_text())
    for act in acts:
        if act["act"] == "PutParameter":
            act |= {"Type": "String", "Value": json.dumps(act["Value"])}
    return acts


def main() -> int:
    console = Console(width=min(120, Console().width))
    with Standin(account()) as aws, Function(aws.url) as function:
        demo = Demo(console, aws, function)
        for scene in (before, configure, repeat, fire_schedule, edit_profile, sweep, opt_out):
            scene(demo)
    console.print(f"\n{'[red]FAILED[/red]: ' + '; '.join(demo.failed) if demo.failed else 'All claims hold.'}")
    return 1 if demo.failed else 0


if __name__ == "__main__":
    # So that the servers are stopped by their context managers.
    stop_on_signals()
    os.chdir(Path(__file__).resolve().parent.parent)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
