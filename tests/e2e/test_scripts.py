"""The scripts of `make check` and `make package` must be able to refuse."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from check_licences import is_allowed, vendored
from package import needed_glibc, pack


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR Apache-2.0", True),
        ("MIT/Apache-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND GPL-3.0-only", False),
        ("", False),
    ],
)
def test_licence_expressions(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


def test_vendored_packages_are_checked_too() -> None:
    assert [(package["name"], package["license"]) for package in vendored()] == [("uplot", "MIT")]


@pytest.mark.parametrize(
    ("symbols", "needed"),
    [(b"..GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.17", (2, 34)), (b"GLIBC_2.38\0", (2, 38)), (b"static", (0, 0))],
)
def test_the_newest_glibc_counts(tmp_path: Path, symbols: bytes, needed: tuple[int, int]) -> None:
    binary = tmp_path / "lambda"
    binary.write_bytes(symbols)
    assert needed_glibc(binary) == needed


def test_a_package_is_one_executable_and_the_same_each_time(tmp_path: Path) -> None:
    binary = tmp_path / "lambda"
    binary.write_bytes(b"\x7fELF" * 100)
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    assert pack(binary, first) == pack(binary, second) == first.stat().st_size
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        [entry] = archive.infolist()
        assert (entry.filename, entry.external_attr >> 16 & 0o777) == ("bootstrap", 0o755)
        assert archive.read(entry) == binary.read_bytes()
