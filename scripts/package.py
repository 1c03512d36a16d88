"""Packs the release binary as Lambda takes it: a zip file with one executable named `bootstrap`.

It is built for this machine's processor. The runtime provided.al2023 has glibc 2.34
(https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html); a binary that asks for more would not
start there, so that it is not packed.
"""

from __future__ import annotations

import platform
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target/release/lambda"
PACKAGE = ROOT / "target/lambda.zip"
RUNTIME_GLIBC = (2, 34)
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def needed_glibc(binary: Path) -> tuple[int, ...]:
    """The newest glibc whose symbols the binary asks for."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary.read_bytes())
    return max((tuple(int(number) for number in version) for version in versions), default=(0, 0))


def pack(binary: Path, package: Path) -> int:
    """Writes the package, the same bytes for the same binary, and answers its size."""
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(package, "w", compresslevel=9) as archive:
        archive.writestr(entry, binary.read_bytes())
    return package.stat().st_size


def main() -> int:
    needed = needed_glibc(RELEASE)
    if needed > RUNTIME_GLIBC:
        found, has = (".".join(map(str, version)) for version in (needed, RUNTIME_GLIBC))
        print(f"the binary needs glibc {found}, provided.al2023 has {has}: use `sam build`", file=sys.stderr)
        return 1
    size = pack(RELEASE, PACKAGE) / 2**20
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    print(f"{PACKAGE.relative_to(ROOT)}: {size:.1f} MiB for Architectures: [{architecture}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
