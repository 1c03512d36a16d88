"""Inputs for tests of the report page: traffic by formula, scaled by a rough model of target tracking.

Deterministic, and plausible enough to look at; what AWS does exactly is the simulator's business.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HIGH = "TargetTracking-variant/AllTraffic-AlarmHigh"
LOW = "TargetTracking-variant/AllTraffic-AlarmLow"


def stamp(minute: int) -> str:
    return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def traffic(minute: int) -> int:
    """Business hours, quieter weekends, noise without a generator, and a launch on the second day."""
    hour, day = minute / 60 % 24, minute // 1440 % 7
    busy = math.exp(-(((hour - 13.5) / 3.6) ** 2))
    noise = math.sin(minute * 12.9898) * 43758.5453 % 1
    spike = 3400 * math.exp(-(((minute - 2070) / 20) ** 2))
    season = 1 + 0.3 * math.sin(minute / 525_600 * 2 * math.pi)
    return round((150 + 2100 * busy * (0.35 if day > 4 else 1) * season) * (0.92 + 0.16 * noise) + spike)


def run(name: str, minutes: int, target: float = 420.0, most: int = 8, cooldown: int = 5) -> dict[str, Any]:
    """One document against the traffic."""
    per_instance, start_up = 600, 5
    desired = running = 1
    ready: list[tuple[int, int]] = []
    last, above, below = -100, 0, 0
    timeline, activities = [], []
    over_minutes, over_requests, wasted, hours = 0, 0, 0.0, 0
    for minute in range(minutes):
        running += sum(count for when, count in ready if when == minute)
        ready = [(when, count) for when, count in ready if when > minute]
        requests = traffic(minute)
        metric = round(requests / running, 3) if minute else None
        above = above + 1 if metric is not None and metric > target else 0
        below = below + 1 if metric is not None and metric < 0.9 * target else 0
        alarms = {}
        if above >= 3:
            alarms[HIGH] = "ALARM"
        if below >= 15:
            alarms[LOW] = "ALARM"
        if minute < 3:
            alarms[LOW] = "INSUFFICIENT_DATA"
        want = desired
        if above >= 3 and minute - last >= cooldown:
            want = min(most, max(desired + 1, math.ceil(requests / target)))
        elif below >= 15 and not ready and minute - last >= cooldown:
            want = max(1, math.floor(requests / target) + 1)
            want = want if want < desired else desired
        if want != desired:
            cause = f"monitor alarm {HIGH if want > desired else LOW} in state ALARM triggered policy invocations"
            activities.append({"time": stamp(minute), "fromCapacity": desired, "toCapacity": want, "cause": cause})
            if want > desired:
                ready.append((minute + start_up, want - desired))
            else:
                running = min(running, want)
            desired, last = want, minute
        timeline.append(
            {
                "time": stamp(minute),
                "requests": requests,
                "metric": metric,
                "desiredCapacity": desired,
                "runningCapacity": running,
                "alarms": alarms,
            }
        )
        capacity = running * per_instance
        over_minutes += requests > capacity
        over_requests += max(0, requests - capacity)
        wasted += max(0.0, running - math.ceil(requests / per_instance))
        hours += running
    outs = sum(activity["toCapacity"] > activity["fromCapacity"] for activity in activities)
    summary = {
        "instanceHours": round(hours / 60, 2),
        "cost": round(hours / 60 * 0.23, 2),
        "underProvisionedMinutes": over_minutes,
        "underProvisionedPercent": round(100 * over_minutes / minutes, 3),
        "requestsOverCapacity": over_requests,
        "wastedInstanceMinutes": wasted,
        "scaleOuts": outs,
        "scaleIns": len(activities) - outs,
        "peakCapacity": max(sample["desiredCapacity"] for sample in timeline),
    }
    policy = {
        "MinCapacity": {"value": 1, "source": "InitialInstanceCount of the endpoint configuration"},
        "MaxCapacity": {"value": most, "source": name},
        "ScalingPolicies": {
            "value": [
                {
                    "PolicyName": "invocations",
                    "Configuration": {
                        "TargetValue": target,
                        "PredefinedMetricSpecification": {
                            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                        },
                        "ScaleInCooldown": 60 * cooldown,
                        "ScaleOutCooldown": 60 * cooldown,
                        "DisableScaleIn": False,
                    },
                }
            ],
            "source": name,
        },
    }
    assumptions = [
        {"name": "metricDelay", "value": 60, "unit": "s", "source": "docs/simulator.md"},
        {"name": "scaleInMargin", "value": 0.9, "unit": "of the target", "source": "the low alarm AWS creates"},
        {"name": "missingData", "value": "missing", "source": "CloudWatch's default"},
    ]
    return {
        "name": name,
        "policy": policy,
        "assumptions": assumptions,
        "fleet": {"capacityPerInstance": per_instance, "startUpSeconds": 60 * start_up, "pricePerHour": 0.23},
        "simulation": {"summary": summary, "activities": activities, "timeline": timeline},
    }


def report(minutes: int = 7 * 1440, several: bool = False) -> dict[str, Any]:
    runs = [run("policy.json", minutes)]
    if several:
        runs.append(run("higher-target.json", minutes, target=540.0, most=6))
        runs.append(run("slow.json", minutes, cooldown=20))
    return {"title": "A week of business traffic with a launch", "runs": runs}
