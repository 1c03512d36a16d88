"""Servers that tests, demo and benchmarks share: the stand-in for AWS and the Lambda runtime.

Each is a context manager on loopback and free ports; what it started is stopped by process id,
also on failure, on Ctrl-C and, in programs that call `stop_on_signals`, on SIGTERM and SIGHUP.
"""

from __future__ import annotations

import atexit
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STANDIN = Path(os.environ.get("STANDIN_BIN", ROOT / "target/debug/aws-standin"))
CLI = Path(os.environ.get("CLI_BIN", ROOT / "target/debug/endpoint-autoscaler"))
FUNCTION = Path(os.environ.get("FUNCTION_BIN", ROOT / "target/debug/lambda"))
READY_WITHIN_SECONDS = 60

# Everything here is on loopback: no proxy stands in between, and nobody's own account is meant.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
    os.environ.pop(name, None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request(method: str, url: str, body: Any = None, timeout: float = 60) -> Any:
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data, method=method)
    with urllib.request.urlopen(call, timeout=timeout) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def stop_on_signals() -> None:
    """Turns the signals that would end Python on the spot into an exit that stops what was started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


class Process:
    """A child in a session of its own, whose output goes to a file.

    Its standard input is a pipe that nothing is written to: it closes when this program is gone, by
    whatever means, and the stand-in takes that as its sign to leave.
    """

    running: set[Process] = set()

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        self.log = tempfile.TemporaryFile()
        self.child = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, start_new_session=True
        )
        Process.running.add(self)

    def output(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wait_for(self, ready: Any) -> Any:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if self.child.poll() is not None:
                raise RuntimeError(f"{self.child.args} ended with {self.child.returncode}:\n{self.output()}")
            if (found := ready()) is not None:
                return found
            time.sleep(0.01)
        raise TimeoutError(f"{self.child.args} was not ready in time:\n{self.output()}")

    def session(self) -> list[int]:
        """The child and what it started: the emulator gives the function a process group of its own."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                # The name, in parentheses, may hold spaces; state, parent, group and session follow it.
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(session) == self.child.pid and state != "Z":
                found.append(int(stat.parent.name))
        return sorted(found)

    def stop(self) -> None:
        if self not in Process.running:
            return
        Process.running.discard(self)
        if self.child.stdin is not None:
            self.child.stdin.close()
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            pass
        for left in self.session():
            try:
                os.kill(left, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.child.wait(5)
        self.log.close()

    @staticmethod
    def stop_all() -> None:
        for process in list(Process.running):
            process.stop()


atexit.register(Process.stop_all)


class Standin:
    """The stand-in for AWS, over HTTP. `events` is what the first acts made AWS tell EventBridge."""

    def __init__(self, acts: list[dict[str, Any]] | None = None, region: str = "us-east-1") -> None:
        self.acts = acts or []
        self.region = region

    def __enter__(self) -> Standin:
        command = [str(STANDIN), "--port", "0", "--region", self.region, "--exit-with-parent"]
        self.process = Process(command, dict(os.environ))
        try:
            self.url = self.process.wait_for(self._listening)
            self.events = self.act(*self.acts)
        except BaseException:
            self.process.stop()
            raise
        return self

    def _listening(self) -> str | None:
        for line in self.process.output().splitlines():
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
        return None

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def act(self, *acts: dict[str, Any]) -> list[dict[str, Any]]:
        """What deployers and people do; answers the events AWS emits."""
        return request("POST", f"{self.url}/_standin/acts", list(acts))["events"]

    def call(self, operation: str, **given: Any) -> None:
        """A person calls Application Auto Scaling."""
        self.act({"act": "Call", "Service": "application-autoscaling", "Operation": operation, "Input": given})

    def state(self) -> dict[str, Any]:
        return request("GET", f"{self.url}/_standin/state")

    def journal(self) -> list[dict[str, Any]]:
        entries = request("GET", f"{self.url}/_standin/journal")
        return [entry for entry in entries if entry["actor"] == "client"]

    def writes(self) -> list[str]:
        return [entry["operation"] for entry in self.journal() if entry["write"]]

    def forget(self) -> None:
        request("DELETE", f"{self.url}/_standin/journal")

    def inject(self, **rule: Any) -> None:
        request("POST", f"{self.url}/_standin/faults", [rule])

    def clear_faults(self) -> None:
        request("DELETE", f"{self.url}/_standin/faults")

    def take(self, queue: str, most: int = 10) -> dict[str, Any]:
        """The event that Lambda makes of a queue's visible messages; they are in flight from then on."""
        return request("POST", f"{self.url}/_standin/queue/take", {"QueueName": queue, "MaxMessages": most})

    def finish(self, event: dict[str, Any], *answer: Any) -> None:
        """What Lambda does with those messages after the function's answer, or, without one, its failure."""
        given = {"Answer": answer[0]} if answer else {}
        request("POST", f"{self.url}/_standin/queue/finish", {"Event": event, **given})

    def latency(self, milliseconds: int) -> None:
        request("POST", f"{self.url}/_standin/latency", {"Milliseconds": milliseconds})


@dataclass(frozen=True)
class Answer:
    """What the function answered."""

    payload: Any

    @property
    def error(self) -> str | None:
        """The error message, when the function failed and Lambda would deliver the event again."""
        if isinstance(self.payload, dict) and "errorMessage" in self.payload:
            return f"{self.payload.get('errorType')}: {self.payload['errorMessage']}"
        return None


def emulator() -> Path:
    """The Lambda Runtime Interface Emulator that comes with the package aws-sam-cli."""
    import samcli  # imported late: only the virtual environment has it

    binary = Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    return binary


class Function:
    """A function under the real Lambda runtime interface."""

    def __init__(self, aws: str, command: list[str] | None = None, **env: str) -> None:
        self.command = command or [str(FUNCTION)]
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "AWS_ENDPOINT_URL": aws,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            **env,
        }

    def __enter__(self) -> Function:
        port, api = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        command = [str(emulator()), "--log-level", "error"]
        command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        command += ["--runtime-api-address", f"127.0.0.1:{api}", *self.command]
        self.process = Process(command, self.env)
        try:
            self.process.wait_for(lambda: self._answers(port))
        except BaseException:
            self.process.stop()
            raise
        return self

    @staticmethod
    def _answers(port: int) -> bool | None:
        with socket.socket() as probe:
            return True if probe.connect_ex(("127.0.0.1", port)) == 0 else None

    def __exit__(self, *_: object) -> None:
        self.process.stop()

    def invoke(self, payload: Any) -> Answer:
        try:
            return Answer(request("POST", self.url, payload, timeout=120))
        except urllib.error.HTTPError as error:
            return Answer({"errorType": f"HTTP {error.code}", "errorMessage": error.read().decode()})
        except http.client.RemoteDisconnected as error:
            return Answer({"errorType": "Disconnected", "errorMessage": str(error)})

    def peak_memory(self) -> float:
        """MiB at the most of the function's own process."""
        peaks = []
        for process in set(self.process.session()) - {self.process.child.pid}:
            rows = Path(f"/proc/{process}/status").read_text().splitlines()
            peaks += [int(row.split()[1]) / 1024 for row in rows if row.startswith("VmHWM:")]
        if not peaks:
            raise LookupError(f"{self.command} does not run")
        return max(peaks)

    def log(self) -> list[Any]:
        """The JSON lines that the function logged."""
        lines = []
        for line in self.process.output().splitlines():
            try:
                lines.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return lines


def event(name: str, **detail: Any) -> dict[str, Any]:
    """A file of `events/`, with some of its detail replaced."""
    payload = json.loads((ROOT / "events" / f"{name}.json").read_text())
    if detail:
        payload["detail"].update(detail)
    return payload


def in_service(endpoint: str, **detail: Any) -> dict[str, Any]:
    """AWS's own sample event, about an endpoint of the stand-in's account and Region.

    The endpoint configuration that it names need not be the right one: events are late, and nothing is
    believed of them.
    """
    arn = f"arn:aws:sagemaker:us-east-1:111122223333:endpoint/{endpoint.lower()}"
    named = {"EndpointName": endpoint, "EndpointArn": arn, "EndpointConfigName": f"{endpoint}-config"}
    return event("endpoint-in-service", **{**named, **detail})


if __name__ == "__main__":
    sys.exit("a module for tests, demo and benchmarks")
