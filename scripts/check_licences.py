"""Refuses a shipped dependency whose licence is not on the list, reading `cargo metadata`, and the lock
file of the one vendored JavaScript library (uPlot, MIT, in the report page).

cargo-deny does more, but takes minutes to compile on a clean machine; its advisory database is a
git repository that closed networks do not reach.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "BlueOak-1.0.0",
    "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "Unicode-3.0", "Unlicense", "Zlib",
}  # fmt: skip


def is_allowed(expression: str) -> bool:
    """SPDX: every part of an AND must be allowed, one part of an OR is enough."""
    flat = re.sub(r"[()]", " ", expression.replace("/", " OR ")).strip()
    parts = re.split(r"\s+AND\s+", flat)
    return all(any(choice.strip() in ALLOWED for choice in re.split(r"\s+OR\s+", part)) for part in parts)


VENDORED = Path(__file__).resolve().parent.parent / "crates/report/vendor/package-lock.json"


def vendored() -> list[dict[str, str | None]]:
    """What npm's lock file names, in the words of `cargo metadata`."""
    packages = json.loads(VENDORED.read_text())["packages"].items()
    return [
        {"name": path.removeprefix("node_modules/"), "version": package["version"], "license": package.get("license")}
        for path, package in packages
        if path
    ]


def main() -> int:
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packages"]
    packages += vendored()
    refused = [
        f"{package['name']} {package['version']}: {package['license'] or 'no licence'}"
        for package in packages
        if not is_allowed(package["license"] or "")
    ]
    print("\n".join(refused) if refused else f"licences of {len(packages)} packages are allowed")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
