"""Validates every request that stand-ins journalled against AWS's official service models."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import botocore.session
from botocore.validate import ParamValidator


def main(folder: Path) -> int:
    session = botocore.session.get_session()
    models: dict[str, botocore.model.ServiceModel] = {}
    seen: Counter[str] = Counter()
    problems: list[str] = []
    for journal in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(journal.read_text().splitlines(), 1):
            entry = json.loads(line)
            # A person in a test may try nonsense; so may a test that knocks on unknown operations.
            if entry["actor"] != "client" or entry.get("errorCode") == "UnknownOperationException":
                continue
            service = entry["service"]
            if service not in models:
                models[service] = session.get_service_model(service)
            shape = models[service].operation_model(entry["operation"]).input_shape
            report = ParamValidator().validate(entry["input"], shape)
            seen[f"{service}:{entry['operation']}"] += 1
            if report.has_errors() and entry["status"] < 400:
                problems.append(f"{journal.name}:{number}: {entry['operation']}: {report.generate_report()}")
    for operation, count in sorted(seen.items()):
        print(f"{count:6}  {operation}")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not seen:
        print(f"no request was journalled in {folder}", file=sys.stderr)
    return 1 if problems or not seen else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
