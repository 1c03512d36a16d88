"""Every command of the command line: its text, its JSON, its help and its exit codes.

What a command prints is kept in `tests/e2e/cli/*.txt`; `UPDATE_GOLDENS=1` writes the files anew. They are claims to be
checked against what the command promises, not against what it did.
"""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import asynchronous, component, endpoint, generative, held, parameter
from harness import CLI, ROOT, Standin

GOLDENS = Path(__file__).parent / "cli"
EXAMPLES = ROOT / "examples"
VARIANT = {"ResourceId": "endpoint/chat/variant/AllTraffic", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
FLEET = ["--capacity-per-instance", "600", "--start-up", "5m", "--price", "0.23"]
SPIKE = ["--synthetic", "spike", "--low", "300", "--high", "2400", "--after", "30m", "--busy", "40m", "--length", "3h"]
COMMANDS = [
    "plan", "apply", "status", "explain", "release", "disown", "validate", "simulate", "recommend", "schema", "completions",
]  # fmt: skip


class Answer:
    """What a command said, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def __str__(self) -> str:
        parts = [f"exit code {self.code}\n"]
        parts += [f"--- {name} ---\n{text}" for name, text in (("stdout", self.out), ("stderr", self.err)) if text]
        return "".join(parts)


def environment(aws: Standin | None, **more: str) -> dict[str, str]:
    """Nobody's own configuration, credentials or terminal."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
    if aws is not None:
        env |= {"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": "us-east-1"}
        env |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return {**env, **more}


def run(aws: Standin | None, *arguments: str | Path, cwd: Path = ROOT, stdin: str = "", **more: str) -> Answer:
    command = [str(CLI), *map(str, arguments)]
    done = subprocess.run(
        command, env=environment(aws, **more), cwd=cwd, input=stdin, capture_output=True, text=True, timeout=120
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def offline(*arguments: str | Path, **more: Any) -> Answer:
    """Without account, credentials or Region."""
    return run(None, *arguments, **more)


def golden(name: str, text: object, **hidden: str) -> None:
    """Compares with a file, or writes it."""
    said = str(text)
    for word, value in hidden.items():
        said = said.replace(value, f"<{word}>")
    file = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS"):
        file.write_text(said)
    assert file.read_text() == said, f"{file.name}: look at it, then UPDATE_GOLDENS=1"


ACCOUNT = [
    *endpoint("chat", {"autoscaling:max-capacity": "6"}),
    *endpoint("wrong", {"autoscaling:max-capacity": "lots", "autoscaling:mincapacity": "1"}),
    *asynchronous("batch", {"autoscaling:min-capacity": "0"}),
    *generative("assistant"),
    component("llama", "assistant"),
]


@pytest.fixture
def account() -> Iterator[Standin]:
    with Standin(ACCOUNT) as standin:
        yield standin


def configured(aws: Standin, *names: str) -> Standin:
    assert run(aws, "apply", *names, "--yes").code == 0
    aws.forget()
    return aws


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    answer = offline(command, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
    golden(f"help-{command}", answer.out)


def test_help_lists_every_command() -> None:
    answer = offline("--help")
    golden("help", answer.out)
    listed = re.findall(r"^  (\w+)  ", answer.out.split("Commands:")[1].split("Options:")[0], re.MULTILINE)
    assert listed == [*COMMANDS, "help"]


def test_the_documentation_has_every_command() -> None:
    page = (ROOT / "docs/cli.md").read_text()
    assert re.findall(r"^## `(\w+)", page, re.MULTILINE) == COMMANDS
    for command, section in zip(COMMANDS, page.split("\n## `")[1:], strict=True):
        assert f"endpoint-autoscaler {command}" in section, command
        assert "Exit code" in section, command
        options = set(re.findall(r"(--[a-z-]+)", offline(command, "--help").out))
        told = set(re.findall(r"`(--[a-z-]+)", section))
        assert told <= options, command


def test_every_command_shown_in_the_documentation_is_understood(tmp_path: Path) -> None:
    """Names of options and commands; what files and endpoints there are is not looked at."""
    pages = [ROOT / "README.md", ROOT / "docs/cli.md", EXAMPLES / "README.md"]
    shown = []
    for page in pages:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            shown += [line.split("#")[0] for line in lines if line.startswith("endpoint-autoscaler ")]
    assert len(shown) > 20
    for line in shown:
        words = line.split("&&")[0].split(">")[0].split()[1:]
        answer = offline(*[re.sub(r"^.*\.(html|csv)$", str(tmp_path / "out"), word) for word in words], cwd=tmp_path)
        assert answer.code != 64, f"{line}: {answer.err}"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_scripts_of_their_shell(shell: str, tmp_path: Path) -> None:
    script = offline("completions", shell).out
    assert all(command in script for command in COMMANDS)
    assert "--max-underprovisioned" in script or shell == "fish" and "max-underprovisioned" in script
    if interpreter := shutil.which(shell):
        file = tmp_path / "completions"
        file.write_text(script)
        subprocess.run([interpreter, "-n", file], check=True)


def test_schemas_are_those_of_the_repository() -> None:
    assert offline("schema").json == json.loads((ROOT / "schemas/document.schema.json").read_text())
    assert offline("schema", "limits").json == json.loads((ROOT / "schemas/limits.schema.json").read_text())


WEEKLY = ["simulate", "--synthetic", "weekly", "--capacity-per-instance", "600"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("nothing", []),
        ("command", ["plam"]),
        ("no-endpoint", ["plan"]),
        ("endpoint-and-all", ["plan", "chat", "--all"]),
        ("endpoint-name", ["explain", "a b"]),
        ("no-file", ["validate"]),
        ("no-traffic", ["simulate"]),
        ("no-capacity", ["simulate", "--synthetic", "weekly"]),
        ("two-traffics", [*WEEKLY, "--trace", "t.csv"]),
        ("shape", ["simulate", "--synthetic", "diurnal", "--weekend", "10%", *FLEET]),
        ("share", [*WEEKLY, "--max-underprovisioned", "0.1"]),
        ("duration", [*WEEKLY, "--start-up", "5"]),
        ("assumption", [*WEEKLY, "--assume", "publish_lags=3"]),
        ("kind", [*WEEKLY, "--kind", "Batch"]),
        ("csv-of-several", [*WEEKLY, "--document", "a", "--document", "b", "--csv", "c"]),
        ("max-rps", ["recommend", "--max-rps", "-1"]),
        ("max-rps-and-traffic", ["recommend", "--max-rps", "20", "--synthetic", "weekly"]),
    ],
)
def test_a_wrong_command_line_is_64_and_says_what_is_right(name: str, arguments: list[str]) -> None:
    answer = offline(*arguments)
    assert (answer.code, answer.out) == (64, "")
    golden(f"usage-{name}", answer)


# Commands about an account


def test_plan(account: Standin) -> None:
    golden("plan", run(account, "plan", "chat", "batch"))
    golden("plan-json", run(account, "plan", "chat", "--output", "json"))
    golden("plan-all", run(account, "plan", "--all", "-v"))
    assert account.writes() == []


def test_plan_tells_by_its_exit_code(account: Standin) -> None:
    def code(*arguments: str) -> int:
        return run(account, "plan", *arguments).code

    assert code("chat", "--detailed-exitcode") == 2
    assert code("chat") == 0
    assert code("wrong") == code("wrong", "--detailed-exitcode") == 1
    assert code("nobody", "--detailed-exitcode") == 1
    configured(account, "chat")
    assert code("chat", "--detailed-exitcode") == 0


def test_a_recorded_plan_is_the_same_without_aws(account: Standin, tmp_path: Path) -> None:
    recorded = run(account, "plan", "chat", "--record", tmp_path / "bug")
    replayed = offline("plan", "chat", "--from", tmp_path / "bug")
    assert (replayed.code, replayed.out) == (recorded.code, recorded.out) != (0, "")
    assert "test" not in (tmp_path / "bug/recording.json").read_text().split("Authorization")[-1][:200]
    missing = offline("plan", "chat", "--from", tmp_path / "nothing")
    golden("plan-from-nothing", missing, FOLDER=str(tmp_path))


def test_apply(account: Standin) -> None:
    golden("apply", run(account, "apply", "chat", "--yes"))
    assert held(account)["endpoint/chat/variant/AllTraffic"]["bounds"] == (1, 6)
    golden("apply-again", run(account, "apply", "chat", "--yes"))
    golden("apply-json", run(account, "apply", "batch", "--yes", "--output", "json"))


def test_questions_need_a_terminal_or_yes(account: Standin) -> None:
    for command in ("apply", "release", "disown"):
        answer = run(account, command, "chat", stdin="y\n")
        assert answer.code == 1
        assert "say --yes" in answer.err
    assert account.writes() == []


def on_a_terminal(aws: Standin | None, *arguments: str, answer: str = "", **more: str) -> Answer:
    """The same where somebody sits at a terminal and types."""
    master, terminal = pty.openpty()
    env = environment(aws, TERM="xterm", **more)
    command = [str(CLI), *arguments]
    child = subprocess.Popen(command, env=env, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    os.write(master, answer.encode())
    said = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux tells that the other end is closed
            break
        if not part:
            break
        said += part
    os.close(master)
    return Answer(child.wait(60), said.decode().replace("\r\n", "\n"), "")


def test_a_terminal_is_asked_and_takes_no_for_an_answer(account: Standin) -> None:
    refused = on_a_terminal(account, "apply", "chat", answer="n\n")
    assert refused.code == 1
    assert "Do this? [y/N]" in refused.out
    assert account.writes() == []
    agreed = on_a_terminal(account, "apply", "chat", answer="yes\n")
    assert agreed.code == 0
    assert account.writes() == ["RegisterScalableTarget", "PutScalingPolicy"]


COLOUR = "\x1b["


def test_colour_is_for_terminals_that_want_it(account: Standin) -> None:
    assert COLOUR in on_a_terminal(account, "plan", "chat").out
    assert COLOUR not in on_a_terminal(account, "plan", "chat", NO_COLOR="1").out
    assert COLOUR not in run(account, "plan", "chat").out
    assert COLOUR not in on_a_terminal(account, "plan", "chat", "--output", "json").out


def test_status(account: Standin) -> None:
    configured(account, "chat", "batch", "assistant")
    for capacity in (3, 9):
        account.act({"act": "Scale", **VARIANT, "DesiredCapacity": capacity}, {"act": "Advance", "Seconds": 300})
    account.act({"act": "Scale", **VARIANT, "DesiredCapacity": 9})
    golden("status-all", run(account, "status", "--all"))
    golden("status-json", run(account, "status", "chat", "--output", "json"))
    assert account.writes() == []


def test_status_tells_whose_it_is(account: Standin) -> None:
    account.call("RegisterScalableTarget", ServiceNamespace="sagemaker", **VARIANT, MinCapacity=1, MaxCapacity=2)
    golden("status-foreign", run(account, "status", "chat", "nobody"))
    configured(account, "batch")
    assert run(account, "status", "batch", "--managed-by", "another").out.count("another installation") == 1


def test_explain(account: Standin) -> None:
    golden("explain-new", run(account, "explain", "batch"))
    configured(account, "chat")
    golden("explain-in-sync", run(account, "explain", "chat"))
    golden("explain-wrong", run(account, "explain", "wrong"))
    golden("explain-components", run(account, "explain", "assistant"))
    golden("explain-json", run(account, "explain", "chat", "--output", "json"))
    assert account.writes() == []


def test_explain_names_the_document_of_a_setting(account: Standin) -> None:
    account.act(parameter("profiles/default", {"MaxCapacity": 3}))
    said = run(account, "explain", "chat").out
    assert "MaxCapacity = 6  from tag autoscaling:max-capacity" in re.sub(" +from", "  from", said)


def test_release_holds_on_the_configuration_and_waits(account: Standin) -> None:
    configured(account, "chat")
    golden("release", run(account, "release", "chat", "--yes"))
    assert account.writes() == ["AddTags", "DeregisterScalableTarget"]
    [chat] = [one for one in account.state()["Endpoints"] if one["EndpointName"] == "chat"]
    assert chat["Tags"]["autoscaling:hold"] == "chat-config"
    # A second time there is nothing left to do.
    again = run(account, "release", "chat", "--yes", "--output", "json")
    assert again.code == 0
    assert again.json[0]["reason"] == "Held"


def test_release_of_nobody_is_an_error(account: Standin) -> None:
    golden("release-nobody", run(account, "release", "nobody", "--yes"))


def test_release_fails_while_somebody_else_has_it_registered(account: Standin) -> None:
    configured(account, "chat")
    answer = run(account, "release", "chat", "--yes", "--managed-by", "another")
    assert answer.code == 1
    assert "still registered" in answer.err and "endpoint/chat/variant/AllTraffic" in answer.err
    assert "endpoint/chat/variant/AllTraffic" in held(account)


def test_release_does_not_take_an_update_for_done(account: Standin) -> None:
    configured(account, "chat")
    account.act({"act": "SetEndpointStatus", "EndpointName": "chat", "EndpointStatus": "Updating"})
    assert run(account, "release", "chat", "--yes", "--timeout", "0").code == 1
    status = run(account, "status", "chat", "--output", "json").json["endpoints"][0]
    assert (status["status"], status["targets"][0]["owner"]) == ("Updating", "ours")


@pytest.mark.parametrize("command", ["release", "disown"])
def test_a_dry_run_writes_nothing(account: Standin, command: str) -> None:
    configured(account, "chat")
    answer = run(account, command, "chat", "--yes", DRY_RUN="true")
    assert (answer.code, account.writes()) == (1, [])
    assert "DRY_RUN=true" in answer.err


def test_explain_of_nobody_is_an_error(account: Standin) -> None:
    assert run(account, "explain", "nobody").code == 1


def test_disown_leaves_the_scaling(account: Standin) -> None:
    configured(account, "batch")
    before = held(account)["endpoint/batch/variant/AllTraffic"]
    golden("disown", run(account, "disown", "batch", "--yes"))
    assert account.writes() == ["UntagResource"]
    assert held(account)["endpoint/batch/variant/AllTraffic"] == {**before, "tags": {}}
    golden("disown-again", run(account, "disown", "batch", "--yes"))
    configured(account, "chat")
    golden("disown-json", run(account, "disown", "chat", "--yes", "--output", "json"))


def test_quiet_says_only_what_failed(account: Standin) -> None:
    assert run(account, "plan", "chat", "-q").out == ""
    assert "must be a whole number" in run(account, "plan", "wrong", "-q").out
    assert run(account, "plan", "chat", "-q", "-v").code == 64


def test_verbose_says_why_nothing_changes(account: Standin) -> None:
    configured(account, "chat")
    assert "MaxCapacity" not in run(account, "plan", "chat").out
    assert "MaxCapacity = 6" in run(account, "plan", "chat", "-v").out


def test_without_region_or_credentials() -> None:
    golden("no-region", run(None, "status", "chat"))
    golden("no-credentials", run(None, "status", "chat", "--region", "us-east-1"))
    golden("no-profile", run(None, "status", "chat", "--region", "us-east-1", "--profile", "nobody"))


def test_a_refused_read_is_an_error(account: Standin) -> None:
    account.inject(operation="DescribeEndpoint", fault="AccessDenied")
    answers = [run(account, *arguments) for arguments in (["plan", "chat"], ["status", "chat"], ["explain", "chat"])]
    assert [answer.code for answer in answers] == [1, 1, 1]
    assert all("AccessDenied" in answer.out + answer.err for answer in answers)


# Documents


WRONG = """{
  "MinCapacity": 5,
  "MaxCapacity": 2,
  "ScalingPolicies": [
    {
      "PolicyName": "p",
      "PolicyType": "TargetTrackingScaling",
      "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": -3,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "SageMakerVariantInvocationsPerInstanse" }
      }
    }
  ],
  "MaxCapcity": 3
}
"""


def test_validate(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    (tmp_path / "right.json").write_text('{"MaxCapacity": 3}')
    (tmp_path / "text.json").write_text('{\n  "MaxCapacity": 3,\n}')
    golden("validate", offline("validate", "right.json", cwd=tmp_path))
    golden("validate-wrong", offline("validate", "wrong.json", "right.json", "text.json", cwd=tmp_path))
    golden("validate-json", offline("validate", "wrong.json", "--output", "json", cwd=tmp_path))
    golden("validate-limits", offline("validate", "--limits", "-", stdin='{"AllowedTag": []}'))
    golden("validate-missing", offline("validate", "none.json", cwd=tmp_path))
    assert offline("validate", "-q", "right.json", cwd=tmp_path).out == ""


def test_what_the_function_refuses_is_refused_in_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(WRONG)
    refused = offline("simulate", "--document", "wrong.json", *SPIKE, *FLEET, cwd=tmp_path)
    assert refused.code == 1
    assert refused.err.removeprefix("error: ") == offline("validate", "wrong.json", cwd=tmp_path).out
    # What only shows for one kind of target.
    (tmp_path / "zero.json").write_text('{\n  "MinCapacity": 0\n}')
    golden("simulate-refused", offline("simulate", "--document", "zero.json", *SPIKE, *FLEET, cwd=tmp_path))


# Simulation


def test_simulate(tmp_path: Path) -> None:
    said = offline(
        *["simulate", "--document", "examples/business.json", *SPIKE, *FLEET, "--max-underprovisioned", "0.1%"],
        *["--report", tmp_path / "report.html", "--csv", tmp_path / "course.csv"],
    )
    golden("simulate", said, FOLDER=str(tmp_path))
    assert said.code == 3
    course = (tmp_path / "course.csv").read_text().splitlines()
    assert course[0].startswith("time,requests,metric,desiredCapacity,runningCapacity")
    assert len(course) == 181
    assert "<title>examples/business.json under made-up spike traffic</title>" in (tmp_path / "report.html").read_text()


def test_the_json_that_scripts_rely_on() -> None:
    said = offline("simulate", "--document", "examples/business.json", *SPIKE, *FLEET, "--output", "json").json
    assert set(said) >= {"summary", "activities", "timeline"}
    summary = said["summary"]
    names = {"instanceHours", "cost", "underProvisionedMinutes", "requestsOverCapacity", "wastedInstanceMinutes"}
    assert set(summary) >= names | {"scaleOuts", "scaleIns", "peakCapacity"}
    assert set(said["activities"][0]) >= {"time", "fromCapacity", "toCapacity", "cause"}
    assert set(said["timeline"][0]) == {"time", "requests", "metric", "desiredCapacity", "runningCapacity"}
    assert len(said["timeline"]) == 180
    assert summary["cost"] == pytest.approx(summary["instanceHours"] * 0.23, abs=0.001)
    short = {**said, "timeline": said["timeline"][28:32]}
    golden("simulate-json", json.dumps(short, indent=2) + "\n")


def test_several_documents_compare() -> None:
    documents = ["--document", "examples/business.json", "--document", "examples/business-hours.json"]
    traffic = ["--trace", "examples/weekly-business.csv", *FLEET, "--max-underprovisioned", "0.1%"]
    golden("simulate-compared", offline("simulate", *documents, *traffic))
    runs = offline("simulate", *documents, *traffic, "--output", "json").json["runs"]
    assert [run["name"] for run in runs] == documents[1::2]
    alone = offline("simulate", *documents[:2], *traffic, "--output", "json").json
    assert {name: value for name, value in runs[0].items() if name != "name"} == alone


def test_the_page_has_the_figures_of_the_json(tmp_path: Path) -> None:
    """What the page makes of them is test_report.py's business."""
    page = tmp_path / "report.html"
    documents = ["--document", "examples/business.json", "--document", "examples/business-hours.json"]
    said = offline("simulate", *documents, *SPIKE, *FLEET, "--output", "json", "--report", page).json["runs"]
    [data] = re.findall(r'<script[^>]*type="application/json">(.*?)</script>', page.read_text(), re.DOTALL)
    for shown, run in zip(json.loads(data)["runs"], said, strict=True):
        figures = {**run["summary"], "timeToScaleOutMinutes": run["summary"]["worstSpike"]["minutes"]}
        figures.pop("worstSpike")
        assert shown["summary"] == figures
        assert len(shown["activities"]) == len(run["activities"])
        assert shown["policy"]["MaxCapacity"] == {"value": 8, "source": run["name"]}
        assert shown["fleet"] == {"capacityPerInstance": 600, "startUpSeconds": 300, "pricePerHour": 0.23, "start": 1}


def test_the_objective_is_a_gate() -> None:
    def code(share: str) -> int:
        given = ["--document", "examples/business.json", *SPIKE, *FLEET, "--max-underprovisioned", share, "-q"]
        return offline("simulate", *given).code

    assert [code("0.1%"), code("50%"), code("100%")] == [3, 0, 0]


def test_without_a_document_it_is_the_built_in_default() -> None:
    said = offline("simulate", *SPIKE, *FLEET)
    assert said.code == 0
    assert "built-in default" in said.out


def test_traces_are_told_apart_by_their_content(tmp_path: Path) -> None:
    times = [f"2026-03-02T08:{minute:02}:00Z" for minute in range(30)]
    csv = "timestamp,invocations\n" + "".join(f"{time},900\n" for time in times)
    data = {"MetricDataResults": [{"Id": "i", "Label": "Invocations", "Timestamps": times, "Values": [900.0] * 30}]}
    (tmp_path / "a.txt").write_text(csv)
    (tmp_path / "b.txt").write_text(json.dumps(data))
    given = [*FLEET, "--output", "json"]
    of_csv = offline("simulate", "--trace", tmp_path / "a.txt", *given).json
    assert of_csv == offline("simulate", "--trace", tmp_path / "b.txt", *given).json
    assert of_csv == offline("simulate", "--trace", "-", *given, stdin=csv).json


def test_a_wrong_trace_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp,invocations\n2026-03-02T08:00:00Z,many\nyesterday,5\n")
    golden("simulate-trace", offline("simulate", "--trace", "t.csv", *FLEET, cwd=tmp_path))
    golden("simulate-no-trace", offline("simulate", "--trace", "none.csv", *FLEET, cwd=tmp_path))


@pytest.mark.parametrize("shape", ["constant", "ramp", "spike", "diurnal", "weekly", "bursts"])
def test_made_up_traffic_follows_from_its_seed(shape: str, tmp_path: Path) -> None:
    def made(name: str, *more: str) -> str:
        given = ["--synthetic", shape, "--noise", "10%", "--length", "3d", *more, "--trace-out", tmp_path / name]
        assert str(offline("simulate", *given)) == "exit code 0\n"
        return (tmp_path / name).read_text()

    assert made("a.csv", "--seed", "4") == made("b.csv", "--seed", "4") != made("c.csv", "--seed", "5")


def test_the_examples_are_what_their_generator_makes(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "generate", tmp_path)
    subprocess.run([tmp_path / "generate"], check=True, env=environment(None, CLI_BIN=str(CLI.resolve())))
    made = sorted(tmp_path.glob("*.csv"))
    assert [file.name for file in made] == sorted(file.name for file in EXAMPLES.glob("*.csv"))
    for file in made:
        assert file.read_text() == (EXAMPLES / file.name).read_text(), file.name


def test_example_documents_are_valid() -> None:
    assert offline("validate", *EXAMPLES.glob("*.json")).code == 0
    kind = ["--kind", "asynchronous", "--trace", "examples/bursty.csv", "--capacity-per-instance", "300"]
    golden("simulate-batch", offline("simulate", "--document", "examples/batch.json", *kind))


def test_assumptions_can_be_stated() -> None:
    given = ["simulate", "--document", "examples/business.json", *SPIKE, *FLEET, "--output", "json"]
    usual, slow = (offline(*given, *more).json["summary"] for more in ([], ["--assume", "publish_lag=10m"]))
    assert slow["underProvisionedMinutes"] == usual["underProvisionedMinutes"] + 7


def test_latency_and_concurrency_say_the_same_as_a_rate() -> None:
    given = ["simulate", "--document", "examples/business.json", *SPIKE, "--output", "json"]
    rate = offline(*given, "--capacity-per-instance", "600").json
    assert rate == offline(*given, "--latency", "200ms", "--concurrency-per-instance", "2").json


def recorded(aws: Standin, minutes: int = 120) -> None:
    """CloudWatch has seen a busy hour and a quiet one."""
    dimensions = [{"Name": "EndpointName", "Value": "chat"}, {"Name": "VariantName", "Value": "AllTraffic"}]
    start = int(time.time()) // 60 * 60 - minutes * 60
    values = [1500.0 if minute < 60 else 30.0 for minute in range(minutes)]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions}
    aws.act({"act": "PutMetricData", **metric, "StartTime": start, "Period": 60, "Values": values})


def test_live_traffic_is_simulated_with_what_is_in_force(account: Standin, tmp_path: Path) -> None:
    recorded(account)
    given = ["--endpoint", "chat", "--last", "3h", "--capacity-per-instance", "600"]
    said = run(account, "simulate", *given, "--output", "json", "--trace-out", tmp_path / "t.csv")
    assert said.code == 0, said.err
    assert said.json["summary"]["requests"] == 60 * 1500 + 60 * 30
    # The maximum is that of the endpoint's tag.
    assert said.json["summary"]["peakCapacity"] == 6
    start = datetime.fromisoformat(said.json["timeline"][0]["time"])
    assert 178 <= (datetime.now(UTC) - start).total_seconds() / 60 <= 182
    assert account.writes() == []
    again = offline("simulate", "--trace", tmp_path / "t.csv", "--capacity-per-instance", "600", "--output", "json")
    assert again.json["summary"]["requests"] == said.json["summary"]["requests"]


def test_live_traffic_that_is_not_there(account: Standin) -> None:
    given = ["simulate", "--capacity-per-instance", "600", "--endpoint"]
    assert "CloudWatch has no Invocations of endpoint/chat" in run(account, *given, "chat").err
    golden("simulate-nobody", run(account, *given, "nobody"))
    golden("simulate-which", run(account, *given, "assistant"))


# Recommendation


TRAFFIC = ["--synthetic", "diurnal", "--high", "2400", "--noise", "5%", "--length", "1d"]


def test_recommend(tmp_path: Path) -> None:
    said = offline("recommend", *TRAFFIC, *FLEET, "--save", tmp_path / "p.json", "--report", tmp_path / "r.html")
    golden("recommend", said)
    document = json.loads((tmp_path / "p.json").read_text())
    assert json.loads("{" + said.out.split("\n{", 1)[1]) == document
    assert offline("validate", tmp_path / "p.json").code == 0
    told = offline("recommend", *TRAFFIC, *FLEET, "--output", "json").json
    assert told["document"] == document
    assert told["meetsObjective"]
    assert told["evaluated"] > 100
    curve = [point["summary"] for point in told["curve"]]
    assert curve == sorted(curve, key=lambda summary: summary["instanceHours"])
    # What is recommended does what it was said to do.
    again = offline("simulate", "--document", tmp_path / "p.json", *TRAFFIC, *FLEET, "--output", "json").json
    assert again["summary"] == told["best"]["summary"]
    assert "built-in default" in (tmp_path / "r.html").read_text()


def test_an_objective_that_nothing_meets() -> None:
    said = offline("recommend", *SPIKE, *FLEET, "--max", "2", "--objective-underprovisioned", "0%")
    assert said.code == 3
    assert "objective missed" in said.out


def test_a_load_test_alone_gives_awss_formula(tmp_path: Path) -> None:
    golden("recommend-load-test", offline("recommend", "--max-rps", "20", "--save", tmp_path / "p.json"))
    assert offline("recommend", "--max-rps", "20", "--output", "json").json["targetValue"] == 600
    no_page = offline("recommend", "--max-rps", "20", "--report", tmp_path / "page.html")
    assert (no_page.code, (tmp_path / "page.html").exists()) == (64, False)
    assert offline("recommend", "--max-rps", "20", "--safety-factor", "0.8", "--output", "json").json["targetValue"] == 960
    assert offline("validate", tmp_path / "p.json").code == 0


def test_progress_is_for_terminals() -> None:
    command = ["recommend", *SPIKE, *FLEET]
    assert "\r" not in offline(*command).err
    assert offline(*command).err == ""


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [str(CLI), "simulate", "--synthetic", "weekly", *FLEET, "--output", "json"]
    child = subprocess.Popen(command, env=environment(None), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None and child.stderr is not None
    child.stdout.read(10)
    child.stdout.close()
    assert (child.wait(60), child.stderr.read()) == (0, b"")
    child.stderr.close()
