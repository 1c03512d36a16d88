"""Puts the medians of `cargo bench -p endpoint-autoscaler-core` between the markers of docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BENCH = ["cargo", "bench", "--quiet", "-p", "endpoint-autoscaler-core"]


def fill(name: str, text: str) -> None:
    """Replaces what stands between the markers `name` in docs/benchmarks.md."""
    begin, end = (f"<!-- {edge} {name} -->" for edge in ("begin", "end"))
    page = ROOT / "docs/benchmarks.md"
    before, rest = page.read_text().split(begin)
    page.write_text(f"{before}{begin}\n{text}\n{end}{rest.split(end)[1]}")


def medians() -> dict[str, float]:
    """Nanoseconds by name. Criterion keeps results of benchmarks that are no more: only listed ones count."""
    seen = {}
    for described in TARGET.glob("criterion/*/new/benchmark.json"):
        estimates = json.loads(described.with_name("estimates.json").read_text())
        seen[json.loads(described.read_text())["full_id"]] = estimates["median"]["point_estimate"]
    listed = subprocess.run([*BENCH, "--", "--list"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    names = [line.removesuffix(": benchmark") for line in listed.splitlines() if line.endswith(": benchmark")]
    return {name: seen[name] for name in names}


def main() -> int:
    lines = [f"Medians on {os.cpu_count()} cores.", "", "| what | µs |", "|---|---|"]
    lines += [f"| {name} | {median / 1000:.1f} |" for name, median in medians().items()]
    table = "\n".join(lines)
    print(table)
    fill("pipeline", table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
