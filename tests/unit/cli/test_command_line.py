"""The command line itself: how it finds a stack, how it helps, how it fails."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore import exceptions as aws

from cli.__main__ import main, parser
from cli.command import commands
from cli.stack import Choice, open_stack
from cli.trouble import NO, Trouble, explain
from tests.unit.cli.conftest import Terminal
from watchkeeper.errors import Misconfigured, NotAllowed, Stale

NAMES = [command.name for command in commands()]


def test_every_command_is_there() -> None:
    every = (
        "actions list, actions show, actions write, approve, audit export, audit verify, config check, config schema, doctor, drill, "
        "eval, feedback, fire, go, incidents, investigate, learn, merge, mute, mutes, orders diff, orders show, orders test, people, "
        "redrive, reject, replay, show, sources, split, status, stop, ticket, unmute"
    )
    assert ", ".join(NAMES) == every


@pytest.mark.parametrize("name", ["", *NAMES, "actions", "audit", "config", "orders"])
def test_help_is_everywhere(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*name.split(), "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "usage: watchkeeper" in shown
    assert name in {"actions", "audit", "config", "orders"} or "--profile" in shown


def test_the_stack_may_be_named_before_the_command_or_after_it(terminal: Terminal) -> None:
    assert terminal.run("--stack", "wk-prod", "status", "--region", "eu-west-1") == 0
    assert terminal.run("status", "--stack", "wk-prod", "--profile", "ops") == 0
    assert terminal.named == [Choice("wk-prod", "eu-west-1"), Choice("wk-prod", "", "ops")]


@pytest.mark.parametrize("line", [[], ["unheard-of"], ["show"], ["audit"], ["audit", "verify"], ["incidents", "--limit", "many"]])
def test_a_wrong_line_is_usage(line: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parser(commands()).parse_args(line)
    assert left.value.code == 2


def test_the_laptop_stack_is_found_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"endpoint_url": "http://127.0.0.1:4566", "region": "us-east-1", "outputs": {"BucketName": "b"}}))
    stack = open_stack(Choice(), path)
    assert (stack.name, stack.endpoint_url, stack.output("BucketName")) == ("the laptop stack", "http://127.0.0.1:4566", "b")
    assert stack.client("sqs").meta.endpoint_url == "http://127.0.0.1:4566"


@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_laptop_file_that_is_broken_says_what_to_do(content: str, tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(content)
    with pytest.raises(Trouble, match="remove it, then: make demo"):
        open_stack(Choice(), path)


class Session:
    """A boto3 session of somebody with one stack, wk-prod in eu-west-1."""

    def __init__(self, profile_name: str | None, region_name: str | None) -> None:
        self.profile_name, self.region_name = profile_name, region_name

    def client(self, service: str, **_: object) -> "Session":
        assert service == "cloudformation"
        return self

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        if (StackName, self.region_name) != ("wk-prod", "eu-west-1"):
            raise aws.ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"Outputs": [{"OutputKey": "IntakeQueueUrl", "OutputValue": "https://q"}]}]}


def test_a_stack_on_aws_is_found_by_its_name(tmp_path: Path) -> None:
    nowhere = tmp_path / "none.json"
    assert open_stack(Choice("wk-prod", "eu-west-1"), nowhere, Session).output("IntakeQueueUrl") == "https://q"
    with pytest.raises(Trouble, match="no stack watchkeeper in eu-west-1"):
        open_stack(Choice(region="eu-west-1"), nowhere, Session)


def test_a_stack_that_is_named_is_not_the_laptops(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"endpoint_url": "http://127.0.0.1:4566", "region": "us-east-1", "outputs": {}}))
    assert open_stack(Choice("wk-prod", "eu-west-1"), path, Session).name == "wk-prod"


def test_an_output_that_is_missing_is_named(terminal: Terminal) -> None:
    terminal.stack.outputs = {}
    with pytest.raises(Trouble, match="has no output IncidentsTableName"):
        terminal.stack.settings  # noqa: B018 - reading it is the act


def _wrapped(error: Exception) -> Exception:
    """As the adapters raise it: our word for it, from AWS's."""
    ours = Stale("dynamodb:GetItem on incidents: something")
    ours.__cause__ = error
    return ours


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (aws.NoCredentialsError(), "aws sso login"),
        (_wrapped(aws.NoCredentialsError()), "aws sso login"),
        (aws.ProfileNotFound(profile="x"), "aws configure list-profiles"),
        (aws.NoRegionError(), "--region"),
        (aws.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "is make demo still running?"),
        (aws.ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetItem"), "run out"),
        (aws.ClientError({"Error": {"Code": "Unheard", "Message": "unheard of"}}, "GetItem"), "doctor"),
        (NotAllowed("dynamodb:GetItem", "incidents"), "ask for the permission"),
        (Misconfigured("BUCKET: field required"), "mend it"),
        (Stale("somebody was first"), "try again"),
    ],
)
def test_every_error_says_what_it_means_and_what_to_do(error: Exception, says: str) -> None:
    told = str(explain(error))
    assert says in told
    assert "It means: " in told
    assert "To do: " in told


def test_an_error_ends_the_command_with_its_code(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.stack.endpoint_url = "http://127.0.0.1:1"
    assert terminal.run("status") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert explain(Trouble("no", code=NO)).code == NO
