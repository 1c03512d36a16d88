"""This function and a plain Python/boto3 function, side by side in one run.

Both run under the Lambda Runtime Interface Emulator against the same stand-in for AWS, with a fixed
latency injected into every call. Runs of the two alternate; medians and ratios are printed and
written between the markers of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import zipfile
from collections import defaultdict
from io import BytesIO
from pathlib import Path

from harness import ROOT, Function, Standin, in_service
from pipeline import fill

RELEASE = ROOT / "target/release/lambda"
PYTHON = [sys.executable, "-m", "awslambdaric", "handler.handler"]
PYTHON_ENV = {"PYTHONPATH": str(ROOT / "benches/boto3_function")}
ROWS = ["cold start, ms", "steady state, ms", "new endpoint, ms", "peak memory, MiB"]


def account() -> list[dict]:
    variant = {"VariantName": "AllTraffic", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0}
    return [
        {"act": "PutParameter", "Name": "/endpoint-autoscaler/profiles/default", "Type": "String", "Value": '{"MaxCapacity": 4}'},
        {"act": "CreateEndpointConfig", "EndpointConfigName": "c", "ProductionVariants": [variant]},
        *({"act": "CreateEndpoint", "EndpointName": name, "EndpointConfigName": "c", "Tags": []} for name in ("first", "second")),
    ]


def timed(function: Function, endpoint: str) -> float:
    start = time.perf_counter()
    # AWS's sample event with the configuration that the endpoint has, as a real event names it.
    answer = function.invoke(in_service(endpoint, EndpointConfigName="c"))
    took = (time.perf_counter() - start) * 1000
    if answer.error:
        raise RuntimeError(answer.error)
    return took


def measure(latency: int, command: list[str], env: dict[str, str]) -> dict[str, float]:
    """One process: cold start on a new endpoint, another new one, then steady state."""
    with Standin(account()) as aws:
        aws.latency(latency)
        with Function(aws.url, command, **env) as function:
            cold = timed(function, "first")
            new = timed(function, "second")
            steady = statistics.median(timed(function, "first") for _ in range(5))
            memory = function.peak_memory()
    return dict(zip(ROWS, (cold, steady, new, memory), strict=True))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--latencies", type=int, nargs="+", default=[0, 5, 20, 80], help="ms per call")
    chosen = options.parse_args()
    runs, latencies = chosen.runs, chosen.latencies
    seen: dict[tuple[int, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for latency in latencies:
        for _ in range(runs):
            for name, command, env in (("rust", [str(RELEASE)], {}), ("python", PYTHON, PYTHON_ENV)):
                for row, value in measure(latency, command, env).items():
                    seen[latency, name][row].append(value)
    lines = [f"Medians of {runs} runs on {os.cpu_count()} cores.", ""]
    lines += ["| latency per call | | this function | Python/boto3 | ratio |", "|---|---|---|---|---|"]
    for latency in latencies:
        for row in ROWS:
            mine, theirs = (statistics.median(seen[latency, name][row]) for name in ("rust", "python"))
            lines.append(f"| {latency} ms | {row} | {mine:.1f} | {theirs:.1f} | {mine / theirs:.3f} |")
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(RELEASE, "bootstrap")
    size, zipped = RELEASE.stat().st_size / 2**20, len(packed.getvalue()) / 2**20
    lines += ["", f"Binary, stripped: {size:.1f} MiB; zipped: {zipped:.1f} MiB."]
    table = "\n".join(lines)
    print(table)
    fill("side by side", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
