"""What a person orders: an answer bound to what they saw, and the switch."""

import pytest

from tests.fakes.words import NIGHT
from tests.unit.cli.conftest import MINUTE, PLAN, Terminal, publish
from watchkeeper.messages import ApprovalAnswered, Queue, read_message
from watchkeeper.models import Incident, Status


def answers(terminal: Terminal) -> list[ApprovalAnswered]:
    read = [read_message(message["Body"]) for message in terminal.messages(Queue.REMEDIATION)]
    return [message for message in read if isinstance(message, ApprovalAnswered)]


@pytest.mark.parametrize(("command", "approved"), [("approve", True), ("reject", False)])
def test_an_answer_carries_the_hashes_of_what_was_shown(terminal: Terminal, waiting: Incident, command: str, *, approved: bool) -> None:
    assert terminal.run(command, "latest", "--as", "ada") == 0
    (answer,) = answers(terminal)
    assert (answer.plan_id, answer.args_hash, answer.state_hash) == (PLAN.id, PLAN.args_hash, PLAN.state_hash)
    assert (answer.approver, answer.approved, answer.via, answer.resource_group) == ("ada", approved, "cli", waiting.group)
    assert len(terminal.asked) == 1


def test_the_exact_plan_is_shown_before_it_is_asked(terminal: Terminal, waiting: Incident) -> None:
    assert terminal.run("approve", waiting.id, "--as", "ada") == 0
    for shown in ("Reboot the instance", PLAN.target.arn, "instance_id=i-0123456789abcdef0", "state=running", "irreversible", "in 14m"):
        assert shown in terminal.out


def test_no_is_no(terminal: Terminal, waiting: Incident) -> None:
    terminal.says_yes = False
    assert terminal.run("approve", "latest") == 1
    assert answers(terminal) == []


def test_yes_may_be_said_beforehand(terminal: Terminal, waiting: Incident) -> None:
    terminal.says_yes = False
    assert terminal.run("approve", "latest", "--yes", "--as", "ada") == 0
    assert terminal.asked == []
    (answer,) = answers(terminal)
    assert (answer.approver, answer.person_id, answer.ask_id) == ("ada", "ada", PLAN.ask_id)


def test_a_plan_that_expired_is_not_answered(terminal: Terminal, waiting: Incident, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.at = NIGHT + 20 * MINUTE
    assert terminal.run("approve", "latest", "--yes") == 1
    assert "expired 5m ago" in capsys.readouterr().err
    assert answers(terminal) == []


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL], ids=lambda status: status.value)
def test_only_what_waits_is_answered(terminal: Terminal, status: Status, capsys: pytest.CaptureFixture[str]) -> None:
    publish(terminal.stack, status=status)
    assert terminal.run("approve", "latest", "--yes") == 1
    assert f"it is {status.value}" in capsys.readouterr().err
    assert answers(terminal) == []


def test_an_action_that_this_command_line_does_not_know_is_not_approved_unseen(terminal: Terminal, waiting: Incident) -> None:
    newer = PLAN.but(action="moon-landing")
    stack = terminal.stack
    stack.client("dynamodb").put_item(
        TableName="incidents", Item={"pk": {"S": waiting.id}, "sk": {"S": newer.sort_key}, "doc": {"S": newer.model_dump_json()}}
    )
    assert terminal.run("approve", "latest", "--yes") == 2
    assert answers(terminal) == []


def test_the_switch_is_thrown_with_a_reason_and_released(terminal: Terminal) -> None:
    assert terminal.run("stop", "--why", "a restart loop", "--as", "ada") == 0
    assert terminal.stack.switch.thrown() == "thrown by ada: a restart loop"
    assert terminal.run("status") == 0
    assert "stopped, thrown by ada: a restart loop" in terminal.out
    assert terminal.run("go") == 0
    assert terminal.stack.switch.thrown() == ""


def test_who_throws_it_is_who_the_credentials_are(terminal: Terminal) -> None:
    assert terminal.run("stop", "--why", "x") == 0
    assert "arn:aws:" in terminal.stack.switch.thrown()


def test_it_is_not_thrown_without_a_reason(terminal: Terminal) -> None:
    with pytest.raises(SystemExit) as left:
        terminal.run("stop")
    assert left.value.code == 2
    assert terminal.stack.switch.thrown() == ""
