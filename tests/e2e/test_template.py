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

# The triggers of the function, by their names in the template.
ENDPOINT = "EndpointStateChange"
TAG = "TagChange"
PARAMETER = "ParameterChange"
COMPONENT = "InferenceComponentCall"
SCHEDULE = "Sweep"
QUEUE = "Work"

# Which triggers let which payload through. A file that is not here fails the test below.
MATCHES: dict[str, set[str]] = {
    "endpoint-creating.json": set(),
    "endpoint-deleted.json": {ENDPOINT},
    "endpoint-deleting.json": {ENDPOINT},
    "endpoint-failed.json": set(),
    "endpoint-in-service-tag-list.json": {ENDPOINT},
    "endpoint-in-service-tagged.json": {ENDPOINT},
    "endpoint-in-service.json": {ENDPOINT},
    "endpoint-updating.json": set(),
    "inference-component-created.json": {COMPONENT},
    "inference-component-deleted.json": {COMPONENT},
    "inference-component-scaled.json": set(),
    "inference-component-updated.json": {COMPONENT},
    "parameter-change.json": {PARAMETER},
    "parameter-deleted.json": {PARAMETER},
    "reconcile-dry-run.json": set(),
    "reconcile-force.json": set(),
    "reconcile.json": set(),
    "scan-after.json": set(),
    "scan.json": {SCHEDULE},
    "scheduled-event.json": set(),
    "sqs-batch.json": {QUEUE},
    "tag-change-of-others.json": set(),
    "tag-change.json": {TAG},
    "tag-removed.json": {TAG},
}

# What the documentation promises for a parameter that nobody sets.
DEFAULTS: dict[str, object] = {
    "AlarmTopicArn": "",
    "Architecture": "arm64",
    "DryRun": "false",
    "EndpointExclude": "",
    "EndpointInclude": "",
    "Enrollment": "opt-out",
    "ExistingTargets": "leave",
    "LogRetentionDays": 30,
    "ManagedBy": "",
    "MaxDisruption": "10",
    "MetricsNamespace": "EndpointAutoscaler",
    "ParameterPrefix": "/endpoint-autoscaler",
    "QueueConcurrency": 5,
    "SettleMinutes": "0",
    "SweepSchedule": "rate(1 hour)",
    "TagPrefix": "autoscaling",
}

# Variables of the function that carry a parameter unchanged, or the address of the queue.
VARIABLES: dict[str, str] = {
    "DRY_RUN": "DryRun",
    "ENDPOINT_EXCLUDE": "EndpointExclude",
    "ENDPOINT_INCLUDE": "EndpointInclude",
    "ENROLLMENT": "Enrollment",
    "EXISTING_TARGETS": "ExistingTargets",
    "MAX_DISRUPTION": "MaxDisruption",
    "METRICS_NAMESPACE": "MetricsNamespace",
    "PARAMETER_PREFIX": "ParameterPrefix",
    "QUEUE_URL": "WorkQueue",
    "SETTLE_MINUTES": "SettleMinutes",
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


def statements(deployed: dict[str, Any], role: str = "Role") -> list[dict[str, Any]]:
    (policy,) = of_type(deployed, "AWS::IAM::Role")[role]["Policies"]
    return policy["PolicyDocument"]["Statement"]


def arn_of(resource: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [resource, "Arn"]}


def resolved(value: Any, parameters: dict[str, object]) -> Any:
    """`Fn::Sub` over parameters, as CloudFormation does it."""
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"}:
            return re.sub(
                r"\$\{(\w+)\}", lambda found: str(parameters[found[1]]), value["Fn::Sub"]
            )
        return {key: resolved(item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, parameters) for item in value]
    return value


def triggered_by(
    deployed: dict[str, Any], event: dict[str, Any], **parameters: str
) -> set[str]:
    """What would hand this payload to the function: rules, the schedule, the queue."""
    matching = set()
    for name, rule in of_type(deployed, "AWS::Events::Rule").items():
        raw = json.dumps(resolved(rule["EventPattern"], DEFAULTS | parameters))
        if EventPattern(raw, EventPatternParser(raw).parse()).matches_event(event):
            matching.add(name.removeprefix("AutoscalerFunction"))
    for name, schedule in of_type(deployed, "AWS::Scheduler::Schedule").items():
        if json.loads(schedule["Target"]["Input"]) == event:
            matching.add(name)
    sources = {record["eventSource"] for record in event.get("Records", [])}
    if sources == {"aws:sqs"}:
        for name in of_type(deployed, "AWS::Lambda::EventSourceMapping"):
            matching.add(name.removeprefix("AutoscalerFunction"))
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
def test_payload_matches_exactly_its_triggers(
    deployed: dict[str, Any], name: str
) -> None:
    assert triggered_by(deployed, read_event(name)) == MATCHES[name]


def test_every_trigger_has_a_payload_to_try_it_with(deployed: dict[str, Any]) -> None:
    kinds = [
        "AWS::Events::Rule",
        "AWS::Scheduler::Schedule",
        "AWS::Lambda::EventSourceMapping",
    ]
    triggers = {
        name.removeprefix("AutoscalerFunction")
        for kind in kinds
        for name in of_type(deployed, kind)
    }
    assert triggers == set().union(*MATCHES.values())


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
    assert triggered_by(deployed, event), "the unchanged event matches"
    assert not triggered_by(deployed, event | {field: value})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tag-change.json", {"service": "ec2"}),
        ("tag-change.json", {"resource-type": "endpoint-config"}),
        ("tag-change.json", {"changed-tag-keys": ["autoscalingmax-capacity"]}),
        ("tag-change.json", {"changed-tag-keys": []}),
        ("parameter-change.json", {"operation": "LabelParameterVersion"}),
        ("parameter-change.json", {"name": "/endpoint-autoscaler"}),
        ("parameter-change.json", {"name": "/endpoint-autoscaler-2/profiles/default"}),
        ("parameter-change.json", {"name": "/other/endpoint-autoscaler/limits"}),
        ("inference-component-created.json", {"eventName": "CreateEndpoint"}),
        ("inference-component-created.json", {"errorCode": "AccessDenied"}),
        ("inference-component-created.json", {"eventSource": "ec2.amazonaws.com"}),
    ],
)
def test_what_concerns_others_does_not_match(
    deployed: dict[str, Any], name: str, change: dict[str, object]
) -> None:
    event = read_event(name)
    assert triggered_by(deployed, event), "the unchanged event matches"
    assert not triggered_by(deployed, event | {"detail": event["detail"] | change})


def test_rules_follow_the_prefixes(deployed: dict[str, Any]) -> None:
    event = read_event("parameter-change.json")
    elsewhere = {"name": "/team/scaling/limits"}
    moved = event | {"detail": event["detail"] | elsewhere}
    assert triggered_by(deployed, moved, ParameterPrefix="/team/scaling") == {PARAMETER}
    assert not triggered_by(deployed, event, ParameterPrefix="/team/scaling")
    event = read_event("tag-change.json")
    renamed = event | {"detail": event["detail"] | {"changed-tag-keys": ["team.as:hold"]}}
    assert triggered_by(deployed, renamed, TagPrefix="team.as") == {TAG}
    assert not triggered_by(deployed, event, TagPrefix="team.as")


def test_the_readme_of_the_payloads_names_each_with_its_triggers() -> None:
    rows = re.findall(
        r"^\| `([\w-]+\.json)` \|.*\| ([^|]+) \|$",
        (EVENTS / "README.md").read_text(),
        re.MULTILINE,
    )
    documented = {
        name: set(re.findall(r"`(\w+)`", triggers)) for name, triggers in rows
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


def policy_of(deployed: dict[str, Any], queue: str) -> list[dict[str, Any]]:
    (policy,) = [
        policy
        for policy in of_type(deployed, "AWS::SQS::QueuePolicy").values()
        if policy["Queues"] == [{"Ref": queue}]
    ]
    return policy["PolicyDocument"]["Statement"]


def test_every_rule_may_invoke_the_function_and_keeps_what_it_cannot_deliver(
    deployed: dict[str, Any],
) -> None:
    rules = of_type(deployed, "AWS::Events::Rule")
    assert len(rules) == 4
    for name, rule in rules.items():
        (target,) = rule["Targets"]
        assert target["Arn"] == arn_of("AutoscalerFunction")
        assert target["DeadLetterConfig"] == {"Arn": arn_of("DeadLetterQueue")}
        assert target["RetryPolicy"] == {
            "MaximumRetryAttempts": 185,
            "MaximumEventAgeInSeconds": 86400,
        }
        assert [
            permission["Principal"]
            for permission in of_type(deployed, "AWS::Lambda::Permission").values()
            if permission["SourceArn"] == arn_of(name)
        ] == ["events.amazonaws.com"]
    (allowed,) = [
        statement
        for statement in policy_of(deployed, "DeadLetterQueue")
        if statement["Effect"] == "Allow"
    ]
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    senders = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert sorted(map(str, senders)) == sorted(str(arn_of(name)) for name in rules)


def test_the_sweep_begins_with_the_deployment(deployed: dict[str, Any]) -> None:
    (sweep,) = of_type(deployed, "AWS::Scheduler::Schedule").values()
    # A rate without a start date invokes its target immediately: EventBridge Scheduler
    # User Guide, "Schedule types", "Rate-based schedules".
    assert sweep["ScheduleExpression"] == {"Ref": "SweepSchedule"}
    assert not {"StartDate", "EndDate", "State"} & set(sweep)
    assert sweep["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = sweep["Target"]
    assert target["Arn"] == arn_of("AutoscalerFunction")
    assert target["RoleArn"] == arn_of("SweepRole")
    assert target["DeadLetterConfig"] == {"Arn": arn_of("DeadLetterQueue")}
    assert json.loads(target["Input"]) == read_event("scan.json")
    # Events are listened to, failures kept and queued work taken before it begins.
    before = deployed["Resources"]["Sweep"]["DependsOn"]
    assert set(before) <= set(deployed["Resources"])
    assert {deployed["Resources"][name]["Type"] for name in before} == {
        "AWS::Lambda::Permission",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
    }


def test_the_scheduler_may_start_the_function_and_nothing_else(
    deployed: dict[str, Any],
) -> None:
    granted = {
        statement["Action"]: statement["Resource"]
        for statement in statements(deployed, "SweepRole")
    }
    assert granted == {
        "lambda:InvokeFunction": arn_of("AutoscalerFunction"),
        "sqs:SendMessage": arn_of("DeadLetterQueue"),
    }
    role = of_type(deployed, "AWS::IAM::Role")["SweepRole"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    limits = trust["Condition"]["StringEquals"]
    assert limits["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    # A single schedule must not stand here: EventBridge Scheduler User Guide, "Confused
    # deputy prevention". The sweep is in the default group, since it names none.
    assert limits["aws:SourceArn"]["Fn::Sub"].endswith(":schedule-group/default")
    assert "GroupName" not in of_type(deployed, "AWS::Scheduler::Schedule")["Sweep"]


def test_failed_events_are_tried_again_and_then_kept(deployed: dict[str, Any]) -> None:
    (invoke,) = of_type(deployed, "AWS::Lambda::EventInvokeConfig").values()
    assert invoke["MaximumRetryAttempts"] == 2
    assert 60 <= invoke["MaximumEventAgeInSeconds"] <= 21600
    queue = arn_of("DeadLetterQueue")
    assert invoke["DestinationConfig"] == {"OnFailure": {"Destination": queue}}


def test_queued_work_is_taken_in_small_batches_and_fails_alone(
    deployed: dict[str, Any],
) -> None:
    (source,) = of_type(deployed, "AWS::Lambda::EventSourceMapping").values()
    assert source["EventSourceArn"] == arn_of("WorkQueue")
    assert source["FunctionName"] == {"Ref": "AutoscalerFunction"}
    assert source["BatchSize"] == 10
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "QueueConcurrency"}}


def test_queues_are_encrypted_and_dead_letters_outlive_what_they_come_from(
    deployed: dict[str, Any],
) -> None:
    queues = of_type(deployed, "AWS::SQS::Queue")
    assert set(queues) == {"DeadLetterQueue", "WorkQueue", "WorkDeadLetterQueue"}
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True
        (denied,) = [
            statement
            for statement in policy_of(deployed, name)
            if statement["Effect"] == "Deny"
        ]
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert denied["Resource"] == arn_of(name)
        kept = queue.get("MessageRetentionPeriod", 4 * 24 * 3600)
        assert kept == (4 if name == "WorkQueue" else 14) * 24 * 3600
    work = queues["WorkQueue"]
    (function,) = of_type(deployed, "AWS::Lambda::Function").values()
    # Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping".
    assert work["VisibilityTimeout"] == 6 * function["Timeout"]
    assert work["RedrivePolicy"] == {
        "deadLetterTargetArn": arn_of("WorkDeadLetterQueue"),
        "maxReceiveCount": 5,
    }
    # Every attempt fits into the time that a message is kept.
    attempts = work["RedrivePolicy"]["maxReceiveCount"]
    assert work["VisibilityTimeout"] * attempts < 4 * 24 * 3600


def test_sweeps_are_at_least_as_far_apart_as_one_may_run(
    template: dict[str, Any], deployed: dict[str, Any]
) -> None:
    (function,) = of_type(deployed, "AWS::Lambda::Function").values()
    shortest = function["Timeout"] // 60
    schedule = template["Parameters"]["SweepSchedule"]
    assert accepts(schedule, f"rate({shortest} minutes)")
    assert not accepts(schedule, f"rate({shortest - 1} minutes)")


def test_alarms_watch_every_dead_letter_queue_and_are_out_of_reach_of_the_function(
    deployed: dict[str, Any],
) -> None:
    alarms = of_type(deployed, "AWS::CloudWatch::Alarm").values()
    watched = [alarm["Dimensions"] for alarm in alarms]
    dead_letters = {
        name
        for name in of_type(deployed, "AWS::SQS::Queue")
        if name.endswith("DeadLetterQueue")
    }
    assert sorted(map(str, watched)) == sorted(
        str([{"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}])
        for name in dead_letters
    )
    # The worst name of a stack: it begins as the alarms that the function may write.
    stack = "endpoint-autoscaler-production"
    writable = [
        resource["Fn::Sub"].partition(":alarm:")[2]
        for statement in statements(deployed)
        if "cloudwatch:DeleteAlarms" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    assert writable and all(writable)
    for alarm in alarms:
        name = alarm["AlarmName"]["Fn::Sub"].replace("${AWS::StackName}", stack)
        assert not [pattern for pattern in writable if fnmatchcase(name, pattern)]
        assert alarm["AlarmActions"]["Fn::If"][0] == "HasAlarmTopic"


def test_outputs_say_what_to_invoke_to_send_to_and_to_look_at(
    template: dict[str, Any],
) -> None:
    assert {name: output["Value"] for name, output in template["Outputs"].items()} == {
        "DeadLetterQueueUrl": {"Ref": "DeadLetterQueue"},
        "FunctionArn": arn_of("AutoscalerFunction"),
        "FunctionName": {"Ref": "AutoscalerFunction"},
        "QueueUrl": {"Ref": "WorkQueue"},
        "RoleArn": arn_of("Role"),
        "WorkDeadLetterQueueUrl": {"Ref": "WorkDeadLetterQueue"},
    }


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
    assert function["Architectures"] == [{"Ref": "Architecture"}]
    assert "TracingConfig" not in function
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["LogGroup"] == {"Ref": "LogGroup"}
    assert function["Role"] == {"Fn::GetAtt": ["Role", "Arn"]}
    roles = of_type(deployed, "AWS::IAM::Role")
    assert set(roles) == {"Role", "SweepRole"}
    for role in roles.values():
        assert "ManagedPolicyArns" not in role
        assert "RoleName" not in role


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
    if "MinValue" in parameter:
        numeric = re.fullmatch(r"-?\d+", value) is not None
        return numeric and parameter["MinValue"] <= int(value) <= parameter["MaxValue"]
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
        ("SettleMinutes", "1440", True),
        ("SettleMinutes", "1399", True),
        ("SettleMinutes", "1441", False),
        ("SettleMinutes", "2000", False),
        ("SettleMinutes", "1.5", False),
        ("SettleMinutes", "-1", False),
        ("MaxDisruption", "0", True),
        ("MaxDisruption", "100", True),
        ("MaxDisruption", "101", False),
        ("MaxDisruption", "10%", False),
        ("SweepSchedule", "rate(15 minutes)", True),
        ("SweepSchedule", "rate(90 minutes)", True),
        ("SweepSchedule", "rate(12 hours)", True),
        ("SweepSchedule", "rate(1 day)", True),
        ("SweepSchedule", "rate(7 days)", True),
        ("SweepSchedule", "rate(8 days)", False),
        ("SweepSchedule", "rate(5 minutes)", False),
        ("SweepSchedule", "rate(1 hours)", False),
        ("SweepSchedule", "rate(2 hour)", False),
        ("SweepSchedule", "cron(0 * * * ? *)", False),
        ("QueueConcurrency", "2", True),
        ("QueueConcurrency", "1", False),
        ("QueueConcurrency", "1001", False),
        ("Architecture", "x86_64", True),
        ("Architecture", "amd64", False),
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
        for role in ("Role", "SweepRole")
        for statement in statements(deployed, role)
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
    assert "SqsManagedSseEnabled" in spoilt
    (tmp_path / "template.yaml").write_text(
        spoilt.replace("SqsManagedSseEnabled", "SqsManagedSseEnabeld")
    )
    result = run(tmp_path, TOOLS / command[0], *command[1:], cwd=tmp_path)
    assert result.returncode != 0
    assert "SqsManagedSseEnabeld" in result.stdout + result.stderr
