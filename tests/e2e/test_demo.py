"""The demo checks its own claims; here is checked that it can fail, and that it leaves nothing running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from harness import ROOT

BROKEN = "import demo; del demo.PROMISED['llama']; raise SystemExit(demo.main())"


def start(*command: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("demo", "scripts"))
    env = {**os.environ, "PYTHONPATH": paths}
    return subprocess.Popen([sys.executable, *command], env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def children(parent: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            of = int(stat.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if of == parent:
            found.add(int(stat.parent.name))
    return found


def test_every_claim_of_the_demo_holds() -> None:
    demo = start("demo/demo.py")
    output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, output
    assert "FAILED" not in output and output.rstrip().endswith("All claims hold.")


def test_a_claim_that_does_not_hold_fails_the_demo() -> None:
    demo = start("-c", BROKEN)
    output, _ = demo.communicate(timeout=120)
    assert demo.returncode == 1
    assert "FAILED  what is held is what was promised" in output


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_demo_that_is_interrupted_leaves_nothing_running(number: signal.Signals, code: int) -> None:
    demo = start("-u", "demo/demo.py")
    assert demo.stdout is not None
    # The first line comes when both servers run.
    while "plain" not in demo.stdout.readline():
        assert demo.poll() is None
    started = children(demo.pid)
    assert started
    demo.send_signal(number)
    demo.stdout.read()
    assert demo.wait(30) == code
    assert not [process for process in started if Path(f"/proc/{process}").exists()]
