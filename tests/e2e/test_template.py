"""The deployable: its rules, its parameters and its shape, judged by tools of others.

EventBridge patterns are matched by moto's implementation, the template is checked by
cfn-lint and `sam validate --lint` and transformed by AWS's own translator. None of
them needs a network or an account.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from moto.events.models import EventPattern, EventPatternParser
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
EVENTS = ROOT / "events"
TOOLS = Path(sys.executable).parent

ENDPOINT_RULE = "AutoscalerFunctionEndpointStateChange"

# Which rules let which payload through. A file that is not here fails the test below.
MATCHES: dict[str, set[str]] = {
    "endpoint-creating.json": set(),
    "endpoint-deleted.json": {ENDPOINT_RULE},
    "endpoint-deleting.json": {ENDPOINT_RULE},
    "endpoint-failed.json": set(),
    "endpoint-in-service-tag-list.json": {ENDPOINT_RULE},
    "endpoint-in-service-tagged.json": {ENDPOINT_RULE},
    "endpoint-in-service.json": {ENDPOINT_RULE},
    "endpoint-updating.json": set(),
    "inference-component-created.json": set(),
    "inference-component-deleted.json": set(),
    "inference-component-updated.json": set(),
    "parameter-change.json": set(),
    "reconcile-dry-run.json": set(),
    "reconcile.json": set(),
    "scan.json": set(),
    "scheduled-event.json": set(),
    "sqs-batch.json": set(),
    "tag-change.json": set(),
}

# What the documentation promises for a parameter that nobody sets.
DEFAULTS: dict[str, object] = {
    "AlarmTopicArn": "",
    "DryRun": "false",
    "EndpointExclude": "",
    "EndpointInclude": "",
    "Enrollment": "opt-out",
    "ExistingTargets": "leave",
    "LogRetentionDays": 30,
    "ManagedBy": "",
    "MetricsNamespace": "EndpointAutoscaler",
    "ParameterPrefix": "/endpoint-autoscaler",
    "TagPrefix": "autoscaling",
}

# Variables of the function that carry a parameter unchanged.
VARIABLES: dict[str, str] = {
    "DRY_RUN": "DryRun",
    "ENDPOINT_EXCLUDE": "EndpointExclude",
    "ENDPOINT_INCLUDE": "EndpointInclude",
    "ENROLLMENT": "Enrollment",
    "EXISTING_TARGETS": "ExistingTargets",
    "METRICS_NAMESPACE": "MetricsNamespace",
    "PARAMETER_PREFIX": "ParameterPrefix",
    "TAG_PREFIX": "TagPrefix",
}

FAKE_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "fake",
    "AWS_SECRET_ACCESS_KEY": "fake",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "SAM_CLI_TELEMETRY": "0",
    # Nothing listens on the discard port, so an attempt to reach a network fails at once.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


class NoManagedPolicies:
    """The role is written out, so the translator has no managed policy to look up."""

    def load(self) -> dict[str, str]:
        return {}


def read_template() -> dict[str, Any]:
    return yaml_parse((ROOT / "template.yaml").read_text())


def read_event(name: str) -> dict[str, Any]:
    return json.loads((EVENTS / name).read_text())


@pytest.fixture
def template() -> dict[str, Any]:
    return read_template()


@pytest.fixture(scope="module")
def deployed() -> Iterator[dict[str, Any]]:
    """The template after AWS's own transformation: what CloudFormation deploys."""
    source = read_template()
    function = source["Resources"]["AutoscalerFunction"]["Properties"]
    # `sam package` puts an S3 address in the place of the local folder.
    function["CodeUri"] = "s3://bucket/function.zip"
    with pytest.MonkeyPatch.context() as environment:
        for name, value in FAKE_ACCOUNT.items():
            environment.setenv(name, value)
        yield transform(source, {}, NoManagedPolicies())


def of_type(deployed: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in deployed["Resources"].items()
        if resource["Type"] == kind
    }


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(deployed: dict[str, Any]) -> list[dict[str, Any]]:
    (role,) = of_type(deployed, "AWS::IAM::Role").values()
    (policy,) = role["Policies"]
    return policy["PolicyDocument"]["Statement"]


def rules_matching(deployed: dict[str, Any], event: dict[str, Any]) -> set[str]:
    matching = set()
    for name, rule in of_type(deployed, "AWS::Events::Rule").items():
        raw = json.dumps(rule["EventPattern"])
        if EventPattern(raw, EventPatternParser(raw).parse()).matches_event(event):
            matching.add(name)
    return matching


def run(
    folder: Path, *command: str | Path, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | FAKE_ACCOUNT | {"__SAM_CLI_APP_DIR": str(folder)}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_there_is_an_expectation_for_every_payload_and_no_other() -> None:
    assert {path.name for path in EVENTS.glob("*.json")} == set(MATCHES)


@pytest.mark.parametrize("name", sorted(MATCHES))
def test_payload_matches_exactly_its_rules(deployed: dict[str, Any], name: str) -> None:
    assert rules_matching(deployed, read_event(name)) == MATCHES[name]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source", "my.application"),
        ("detail-type", "SageMaker Endpoint Config State Change"),
        ("detail", {"EndpointStatus": "InService"}),
        ("detail", {"EndpointStatus": "ROLLING_BACK"}),
        ("detail", {}),
    ],
)
def test_what_differs_from_an_in_service_event_does_not_match(
    deployed: dict[str, Any], field: str, value: object
) -> None:
    event = read_event("endpoint-in-service.json")
    assert rules_matching(deployed, event), "the unchanged event matches"
    assert not rules_matching(deployed, event | {field: value})


def test_the_readme_of_the_payloads_names_each_with_its_rules() -> None:
    rows = re.findall(
        r"^\| `([\w-]+\.json)` \|.*\| ([^|]+) \|$",
        (EVENTS / "README.md").read_text(),
        re.MULTILINE,
    )
    documented = {
        name: {f"AutoscalerFunction{rule}" for rule in re.findall(r"`(\w+)`", rules)}
        for name, rules in rows
    }
    assert documented == MATCHES


def test_the_sample_of_aws_keeps_its_peculiarities() -> None:
    event = read_event("endpoint-in-service.json")
    detail = event["detail"]
    (variant,) = detail["ProductionVariants"]
    assert event["time"].isdecimal()
    assert event["resources"] == [detail["EndpointArn"]]
    assert detail["EndpointArn"].endswith("/" + detail["EndpointName"].lower())
    assert detail["EndpointName"] != detail["EndpointName"].lower()
    assert isinstance(detail["CreationTime"], float)
    assert variant == {"DesiredWeight": 1.0, "DesiredInstanceCount": 1.0}


@pytest.mark.parametrize(
    "name", sorted(name for name in MATCHES if name.startswith("endpoint-"))
)
def test_endpoint_status_is_one_of_the_api_in_the_spelling_of_events(name: str) -> None:
    event = read_event(name)
    model = botocore.session.get_session().get_service_model("sagemaker")
    of_the_api = [
        re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()
        for status in model.shape_for("EndpointStatus").enum
    ]
    # An endpoint that is gone has no status in the API, only in its last event.
    assert event["detail"]["EndpointStatus"] in [*of_the_api, "DELETED"]


@pytest.mark.parametrize(
    "name", sorted(name for name in MATCHES if name.startswith("inference-component-"))
)
def test_recorded_component_calls_are_calls_of_the_api(name: str) -> None:
    detail = read_event(name)["detail"]
    model = botocore.session.get_session().get_service_model("sagemaker")
    operation = model.operation_model(detail["eventName"])
    parameters = in_api_case(detail["requestParameters"])
    report = ParamValidator().validate(parameters, operation.input_shape)
    assert not report.has_errors(), report.generate_report()
    answered = set(in_api_case(detail["responseElements"] or {}))
    expected = operation.output_shape.members if operation.output_shape else {}
    assert answered == set(expected)


def in_api_case(value: Any) -> Any:
    """CloudTrail writes the API's `EndpointName` as `endpointName`."""
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: in_api_case(v) for key, v in value.items()}
    return value


def test_queued_messages_are_whole_and_carry_payloads_that_are_here() -> None:
    payloads = [read_event(name) for name in MATCHES if name != "sqs-batch.json"]
    records = read_event("sqs-batch.json")["Records"]
    assert len({record["messageId"] for record in records}) == len(records) > 1
    for record in records:
        digest = hashlib.md5(record["body"].encode(), usedforsecurity=False)
        assert record["md5OfBody"] == digest.hexdigest()
        assert json.loads(record["body"]) in payloads


def test_every_rule_may_invoke_the_function_and_keeps_what_it_cannot_deliver(
    deployed: dict[str, Any],
) -> None:
    queue = {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    rules = of_type(deployed, "AWS::Events::Rule")
    assert rules
    for name, rule in rules.items():
        (target,) = rule["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": ["AutoscalerFunction", "Arn"]}
        assert target["DeadLetterConfig"] == {"Arn": queue}
        assert set(target["RetryPolicy"]) == {
            "MaximumRetryAttempts",
            "MaximumEventAgeInSeconds",
        }
        arn = {"Fn::GetAtt": [name, "Arn"]}
        assert [
            permission["Principal"]
            for permission in of_type(deployed, "AWS::Lambda::Permission").values()
            if permission["SourceArn"] == arn
        ] == ["events.amazonaws.com"]
        (policy,) = of_type(deployed, "AWS::SQS::QueuePolicy").values()
        allowed = policy["PolicyDocument"]["Statement"][0]
        assert allowed["Effect"] == "Allow"
        assert arn in as_list(allowed["Condition"]["ArnEquals"]["aws:SourceArn"])


def test_failed_events_are_tried_again_and_then_kept(deployed: dict[str, Any]) -> None:
    (invoke,) = of_type(deployed, "AWS::Lambda::EventInvokeConfig").values()
    assert invoke["MaximumRetryAttempts"] == 2
    assert 60 <= invoke["MaximumEventAgeInSeconds"] <= 21600
    queue = {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    assert invoke["DestinationConfig"] == {"OnFailure": {"Destination": queue}}
    (properties,) = of_type(deployed, "AWS::SQS::Queue").values()
    assert properties["SqsManagedSseEnabled"] is True
    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_alarm_watches_the_queue_and_is_out_of_reach_of_the_function(
    deployed: dict[str, Any],
) -> None:
    (alarm,) = of_type(deployed, "AWS::CloudWatch::Alarm").values()
    assert alarm["Dimensions"] == [
        {
            "Name": "QueueName",
            "Value": {"Fn::GetAtt": ["DeadLetterQueue", "QueueName"]},
        }
    ]
    # The worst name of a stack: it begins as the alarms that the function may write.
    stack = "endpoint-autoscaler-production"
    name = alarm["AlarmName"]["Fn::Sub"].replace("${AWS::StackName}", stack)
    writable = [
        resource["Fn::Sub"].partition(":alarm:")[2]
        for statement in statements(deployed)
        if "cloudwatch:DeleteAlarms" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert writable and all(writable)
    assert not [pattern for pattern in writable if fnmatchcase(name, pattern)]


def test_the_function_is_a_rust_binary_with_a_role_of_its_own(
    template: dict[str, Any], deployed: dict[str, Any]
) -> None:
    source = template["Resources"]["AutoscalerFunction"]
    assert source["Metadata"] == {
        "BuildMethod": "rust-cargolambda",
        "BuildProperties": {"Binary": "lambda"},
    }
    (function,) = of_type(deployed, "AWS::Lambda::Function").values()
    assert function["Runtime"] == "provided.al2023"
    assert function["Handler"] == "bootstrap"
    assert function["Architectures"] == ["arm64"]
    assert "TracingConfig" not in function
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["LogGroup"] == {"Ref": "LogGroup"}
    assert function["Role"] == {"Fn::GetAtt": ["Role", "Arn"]}
    (role,) = of_type(deployed, "AWS::IAM::Role").values()
    assert "ManagedPolicyArns" not in role


def test_variables_carry_the_parameters(deployed: dict[str, Any]) -> None:
    (function,) = of_type(deployed, "AWS::Lambda::Function").values()
    variables = function["Environment"]["Variables"]
    managed_by = variables.pop("MANAGED_BY")
    assert variables == {
        name: {"Ref": parameter} for name, parameter in VARIABLES.items()
    }
    condition, if_empty, otherwise = managed_by["Fn::If"]
    assert deployed["Conditions"][condition] == {
        "Fn::Equals": [{"Ref": "ManagedBy"}, ""]
    }
    assert (if_empty, otherwise) == ({"Ref": "AWS::StackName"}, {"Ref": "ManagedBy"})


def test_defaults_are_the_documented_ones(template: dict[str, Any]) -> None:
    assert {
        name: parameter["Default"] for name, parameter in template["Parameters"].items()
    } == DEFAULTS


def test_the_console_shows_every_parameter_once_and_labelled(
    template: dict[str, Any],
) -> None:
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    shown = [
        name for group in interface["ParameterGroups"] for name in group["Parameters"]
    ]
    assert sorted(shown) == sorted(DEFAULTS)
    assert set(interface["ParameterLabels"]) == set(DEFAULTS)
    assert all(
        parameter["Description"] for parameter in template["Parameters"].values()
    )


def accepts(parameter: dict[str, Any], value: str) -> bool:
    """What CloudFormation does with a value, for the constraints used here."""
    if "AllowedValues" in parameter:
        return value in [str(allowed) for allowed in parameter["AllowedValues"]]
    longest = parameter.get("MaxLength", len(value))
    allowed = re.fullmatch(parameter["AllowedPattern"], value)
    return allowed is not None and len(value) <= longest


@pytest.mark.parametrize("name", sorted(DEFAULTS))
def test_only_parameters_with_a_meaning_for_empty_take_it(
    template: dict[str, Any], name: str
) -> None:
    parameter = template["Parameters"][name]
    assert accepts(parameter, "") == (DEFAULTS[name] == "")
    assert accepts(parameter, str(DEFAULTS[name]))


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("ParameterPrefix", "/team/endpoint-autoscaler", True),
        ("ParameterPrefix", "/", False),
        ("ParameterPrefix", "team", False),
        ("ParameterPrefix", "/team/", False),
        ("ParameterPrefix", "/team//x", False),
        ("ParameterPrefix", "/team/*", False),
        ("ParameterPrefix", "/aws/x", False),
        ("ParameterPrefix", "/SSM-x", False),
        ("ParameterPrefix", "/a" * 12, True),
        ("ParameterPrefix", "/a" * 13, False),
        ("ParameterPrefix", "/" + "a" * 899, True),
        ("ParameterPrefix", "/" + "a" * 900, False),
        ("TagPrefix", "team.autoscaling", True),
        ("TagPrefix", "autoscaling:", False),
        ("TagPrefix", "AWS-scaling", False),
        ("TagPrefix", "a" * 65, False),
        ("EndpointInclude", "prod-*, web?", True),
        ("EndpointInclude", "prod-*,,web", False),
        ("EndpointInclude", "prod-*,", False),
        ("EndpointExclude", "*-canary", True),
        ("EndpointExclude", "a/b", False),
        ("Enrollment", "opt-in", True),
        ("Enrollment", "optin", False),
        ("ExistingTargets", "by-tag", True),
        ("ExistingTargets", "take", False),
        ("DryRun", "true", True),
        ("DryRun", "yes", False),
        ("LogRetentionDays", "365", True),
        ("LogRetentionDays", "2", False),
        ("ManagedBy", "platform-team", True),
        ("ManagedBy", "platform team", False),
        ("MetricsNamespace", "Platform/Autoscaling", True),
        ("MetricsNamespace", "AWS/SageMaker", False),
        ("AlarmTopicArn", "arn:aws:sns:eu-west-1:111122223333:on-call", True),
        ("AlarmTopicArn", "on-call", False),
    ],
)
def test_wrong_values_are_refused_at_deployment(
    template: dict[str, Any], name: str, value: str, accepted: bool
) -> None:
    assert accepts(template["Parameters"][name], value) == accepted


def test_the_documentation_explains_every_statement(deployed: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "permissions.md").read_text()
    sections = re.split(r"^### `(\w+)`$", text, flags=re.MULTILINE)[1:]
    documented = {
        sid: set(re.findall(r"^\| `([a-z-]+:[A-Za-z]+)` \|", body, re.MULTILINE))
        for sid, body in zip(sections[::2], sections[1::2], strict=True)
    }
    assert documented == {
        statement["Sid"]: set(as_list(statement["Action"]))
        for statement in statements(deployed)
    }


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    regions = ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"]
    result = run(tmp_path, TOOLS / "cfn-lint", "template.yaml", "--regions", *regions)
    assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr


def test_sam_validates_the_template(tmp_path: Path) -> None:
    result = run(tmp_path, TOOLS / "sam", "validate", "--lint", "-t", "template.yaml")
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    assert "is a valid SAM Template" in output


@pytest.mark.parametrize(
    "command",
    [
        ("cfn-lint", "template.yaml"),
        ("sam", "validate", "--lint", "-t", "template.yaml"),
    ],
    ids=["cfn-lint", "sam"],
)
def test_the_tools_would_find_a_misspelt_property(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    spoilt = (ROOT / "template.yaml").read_text()
    assert spoilt.count("SqsManagedSseEnabled") == 1
    (tmp_path / "template.yaml").write_text(
        spoilt.replace("SqsManagedSseEnabled", "SqsManagedSseEnabeld")
    )
    result = run(tmp_path, TOOLS / command[0], *command[1:], cwd=tmp_path)
    assert result.returncode != 0
    assert "SqsManagedSseEnabeld" in result.stdout + result.stderr
