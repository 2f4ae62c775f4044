"""What a person sees: the list, one story, and both for machines."""

import json

import pytest

from tests.fakes.words import NIGHT
from tests.unit.cli.conftest import MINUTE, Terminal, publish
from watchkeeper.models import Incident, Status


def test_the_newest_incidents_are_listed(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("incidents") == 0
    for shown in (waiting.id, "awaiting approval", "sev2", "checkout", "1m ago", waiting.title):
        assert shown in terminal.out


def test_only_those_of_a_status(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("incidents", "--status", "resolved") == 0
    assert waiting.id not in terminal.out
    assert "No incidents" in terminal.out


def test_no_incidents_says_how_to_make_one(terminal: Terminal) -> None:
    assert terminal.run("incidents") == 0
    assert "./watchkeeper fire" in terminal.out


def test_the_list_for_machines(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("incidents", "--json") == 0
    assert [Incident.model_validate(one) for one in json.loads(terminal.out)] == [waiting]


def test_a_story_is_told_whole(terminal: Terminal, stack: object, waiting: Incident) -> None:
    publish(terminal.stack, id="INC-01M7WZ49C1ER8E2XA9F4D4TE0X", status=Status.RESOLVED, execution_id="exec-1", resolved_at=NIGHT + MINUTE)
    assert terminal.run("show", "INC-01M7WZ49C1ER8E2XA9F4D4TE0X") == 0
    for shown in (
        "resolved", "A runaway process", "confidence 82%", "claude (claude-haiku-5-5)", "“CPUUtilization rose from 12 to 97”",
        "missing: the log group of the instance", "1 citation(s) that the evidence does not hold", "it rose", "ec2-restart on arn:aws:ec2",
        "The order asks for a person.", "orders abc123", "ada approved it through slack",
        "watchkeeper-ec2-restart: succeeded", "reboot: Success",
        "passed: the alarm says OK", "slack-ops", "ts 1795.1", "An alarm fired.", "plan.made",
    ):  # fmt: skip
        assert shown in terminal.out


@pytest.mark.parametrize("named", ["latest", "TE0W", "te0w", "inc-01m7wz49c1er8e2xa9f4d4te0w"])
def test_an_incident_is_found_by_less_than_its_id(terminal: Terminal, waiting: Incident, named: str) -> None:
    assert terminal.run("show", named) == 0
    assert waiting.id in terminal.out


def test_an_end_that_two_share_is_asked_back(terminal: Terminal, waiting: Incident, capsys: pytest.CaptureFixture[str]) -> None:
    publish(terminal.stack, id="INC-01M7WZ49C1ER8E2XA9F4D5TE0W")
    assert terminal.run("show", "TE0W") == 1
    assert "the end of 2 incidents" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["latest", "INC-00000000000000000000000000", "nothing"])
def test_one_that_is_not_there_is_said_so(terminal: Terminal, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.run("show", named) == 1
    assert f"has no incident {named}" in capsys.readouterr().err


def test_a_story_for_machines_has_every_part(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("show", "latest", "--json") == 0
    story = json.loads(terminal.out)
    assert set(story) == {
        "incident", "history", "alerts", "evidence", "analysis", "plan", "approvals", "execution", "verification", "deliveries",
        "steps",
    }  # fmt: skip
    assert story["plan"]["verdict"]["ruling"] == "ask"


def test_what_others_wrote_commands_nothing(terminal: Terminal) -> None:
    publish(terminal.stack, title="[bold]\x1b[2J[/bold] [link=https://evil.example]free[/link]")
    for command in (("incidents",), ("show", "latest")):
        assert terminal.run(*command) == 0
        assert "\x1b[2J" not in terminal.out
        assert "[link=hxxps://evil[.]example]free[/link]" in terminal.out


def test_the_state_of_things(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("status") == 0
    assert "may run" in terminal.out
    assert "1 awaiting approval" in terminal.out
