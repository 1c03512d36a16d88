"""The documentation against the code: names that must be there, links, and every JSON document it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ENDPOINT, asynchronous, component, endpoint, generative, parameter, serverless
from harness import ROOT, Function, Standin

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = sorted((ROOT / "crates/core/src").rglob("*.rs"))
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
README = (ROOT / "README.md").read_text()


def listed(pattern: str) -> list[str]:
    """The names inside the first match of `pattern` in the sources."""
    for source in SOURCES:
        if found := re.search(pattern, source.read_text(), re.DOTALL):
            # Comments may hold names in quotes.
            body = re.sub(r"//[^\n]*", "", found[1])
            return re.findall(r'"([^"]+)"', body) or re.findall(r"\b([A-Z][A-Za-z]+),", body)
    raise LookupError(pattern)


@pytest.mark.parametrize("reason", listed(r"pub enum Reason \{(.*?)\n\}"))
def test_every_reason_is_explained(reason: str) -> None:
    assert f"`{reason}`" in README.split("## Nothing happened: why?")[1]


@pytest.mark.parametrize("outcome", listed(r"pub enum Outcome \{(.*?)\n\}"))
def test_every_outcome_is_explained(outcome: str) -> None:
    assert f"| `{outcome}` |" in CONFIGURATION.split("## The report")[1]


@pytest.mark.parametrize("name", listed(r"pub const VARIABLES: &\[&str\] = &\[(.*?)\];"))
def test_every_variable_is_explained(name: str) -> None:
    assert f"`{name}`" in CONFIGURATION.split("## Environment of the function")[1].split("## ")[0]


@pytest.mark.parametrize(
    "tag", listed(r"const ENDPOINT_TAGS[^=]*= \[(.*?)\];") + listed(r"const TARGET_TAGS[^=]*= \[(.*?)\];")
)
def test_every_tag_is_explained(tag: str) -> None:
    assert f"`autoscaling:{tag}`" in README


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        if path.startswith("http"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def documents() -> Iterator[tuple[str, str]]:
    """Those of one page and of another; the worked ones have a test of their own in crates/core."""
    for page in PAGES:
        text = re.sub(r"\n## Worked documents\n.*?(?=\n## |\Z)", "", page.read_text(), flags=re.DOTALL)
        for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL):
            yield page.name, block
        for block in re.findall(r"put-parameter .*?--value '(.*?)'", text, re.DOTALL):
            yield page.name, block


ACCOUNT = [
    *endpoint(ENDPOINT, None, {"VariantName": "AllTraffic", "InitialInstanceCount": 2}),
    *asynchronous("async"),
    *serverless("serverless", ProvisionedConcurrency=2),
    *generative("assistant"),
    component("llama", "assistant"),
]


@pytest.mark.parametrize(("page", "text"), list(documents()), ids=lambda value: value.split("\n")[0][:30])
def test_every_document_shown_is_one(aws: Standin, function: Function, page: str, text: str) -> None:
    limits = "AllowedTags" in json.loads(text)
    aws.act(*ACCOUNT, parameter("limits" if limits else "profiles/default", text))
    report = function.invoke({"action": "scan", "dryRun": True}).payload
    assert report["outcomes"] == {"Planned": 4}, report
    assert not any(one["problems"] for one in report["reports"])
