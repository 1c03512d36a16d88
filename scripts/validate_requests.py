"""Validates every request that stand-ins journalled against AWS's official service models.

botocore's own validator checks names, types, required members and minimal sizes. AWS also refuses
what is too long, outside an enumeration or off a pattern; the models say so, and those rules are
checked here.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import regex
from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

SESSION = botocore.session.get_session()
# A test may try nonsense on purpose, and the stand-in says so; it must not count as a mistake of the function.
REFUSED = {"SerializationException", "UnknownOperationException", "ValidationError", "ValidationException"}


@cache
def operation_model(service: str, operation: str) -> OperationModel:
    return SESSION.get_service_model(service).operation_model(operation)


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    """The models write what is beyond the first 65536 characters as Java's surrogate pairs."""
    return regex.compile(pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"))


def problems(service: str, operation: str, given: dict[str, Any]) -> list[str]:
    """What AWS's model of the operation holds against a request."""
    shape = operation_model(service, operation).input_shape
    report = ParamValidator().validate(given, shape)
    if report.has_errors():
        return report.generate_report().splitlines()
    return list(constraints(shape, given, operation))


def constraints(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Walks a value whose types are right."""
    if isinstance(shape, StructureShape):
        for name, member in value.items():
            yield from constraints(shape.members[name], member, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        yield from size(shape, len(value), path)
        for index, member in enumerate(value):
            yield from constraints(shape.member, member, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        yield from size(shape, len(value), path)
        for key, member in value.items():
            yield from constraints(shape.key, key, f"{path} key {key!r}")
            yield from constraints(shape.value, member, f"{path}.{key}")
    elif isinstance(shape, StringShape):
        yield from size(shape, len(value), path)
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {', '.join(shape.enum)}"
        pattern = shape.metadata.get("pattern")
        if pattern and not compiled(pattern).fullmatch(value):
            yield f"{path}: {value!r} does not match {pattern}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from size(shape, value, path)


def size(shape: Shape, found: float, path: str) -> Iterator[str]:
    """The limits of a number, or of the length of anything else."""
    if found < shape.metadata.get("min", found):
        yield f"{path}: {found} is below {shape.metadata['min']}"
    if found > shape.metadata.get("max", found):
        yield f"{path}: {found} is above {shape.metadata['max']}"


def main(folder: Path) -> int:
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    for journal in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(journal.read_text().splitlines(), 1):
            entry = json.loads(line)
            if entry["actor"] != "client" or entry["errorCode"] in REFUSED:
                continue
            service, operation = entry["service"], entry["operation"]
            seen[f"{service}:{operation}"] += 1
            wrong += [f"{journal.name}:{number}: {found}" for found in problems(service, operation, entry["input"])]
    for name, count in sorted(seen.items()):
        print(f"{count:6}  {name}")
    for problem in wrong:
        print(problem, file=sys.stderr)
    if not seen:
        print(f"no request was journalled in {folder}", file=sys.stderr)
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
