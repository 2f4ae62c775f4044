"""Looking after a stack: its dead letters, its front door, its health."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from cli import redriving
from local.standins.http import Reply, Request, Server
from tests.unit.cli.conftest import Terminal, a_message
from watchkeeper.messages import Queue


class OldSqs:
    """SQS without move tasks, as the emulator is."""

    def __init__(self, client: object) -> None:
        self._client = client

    def start_message_move_task(self, **_: str) -> None:
        raise ClientError({"Error": {"Code": "InvalidAction", "Message": "not here"}}, "StartMessageMoveTask")

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)


class NewSqs(OldSqs):
    """SQS as AWS has it: it takes the task and says so."""

    moves: tuple[str, ...] = ()

    def start_message_move_task(self, **asked: str) -> None:
        self.moves = (*self.moves, asked["SourceArn"])


def bury(terminal: Terminal, queue: Queue, count: int) -> None:
    fifo = queue in {Queue.REMEDIATION, Queue.DISTRIBUTION}
    for number in range(count):
        more = {"MessageGroupId": "INC-1", "MessageDeduplicationId": str(number)} if fifo else {}
        url = terminal.stack.output(f"{queue.value.title()}DeadLettersUrl")
        terminal.stack.client("sqs").send_message(QueueUrl=url, MessageBody=a_message(number), **more)


@pytest.mark.parametrize("queue", [Queue.INTAKE, Queue.DISTRIBUTION], ids=lambda queue: queue.value)
def test_dead_letters_go_back_one_by_one_and_in_order(terminal: Terminal, queue: Queue) -> None:
    bury(terminal, queue, 3)
    sqs = terminal.stack.client("sqs")
    dead, back = (terminal.stack.output(f"{queue.value.title()}{name}") for name in ("DeadLettersUrl", "QueueUrl"))
    assert not redriving.start_move(OldSqs(sqs), dead)
    assert redriving.move_one_by_one(sqs, dead, back, 10) == 3
    returned = terminal.messages(queue)
    assert [message["Body"] for message in returned] == [a_message(number) for number in range(3)]
    assert redriving.depth(sqs, dead) == (0, 0)
    if queue is Queue.DISTRIBUTION:
        assert {message["Attributes"]["MessageGroupId"] for message in returned} == {"INC-1"}
        assert all(message["Attributes"]["MessageDeduplicationId"].startswith("redrive-") for message in returned)


def test_no_more_than_asked_for(terminal: Terminal) -> None:
    bury(terminal, Queue.INTAKE, 3)
    assert terminal.run("redrive", "intake", "--limit", "2") == 0
    assert "2 moved back to intake, of about 3." in terminal.out
    assert len(terminal.messages(Queue.INTAKE)) == 2


def test_where_sqs_can_it_moves_them_itself(terminal: Terminal) -> None:
    sqs = NewSqs(terminal.stack.client("sqs"))
    assert redriving.start_move(sqs, terminal.stack.output("IntakeDeadLettersUrl"))
    assert sqs.moves == ("arn:aws:sqs:eu-west-1:123456789012:IntakeDeadLetters",)


def test_a_dry_run_moves_nothing(terminal: Terminal) -> None:
    bury(terminal, Queue.INTAKE, 1)
    assert terminal.run("redrive", "intake", "--dry-run") == 0
    assert "1 in the dead letters of intake. Nothing was moved." in terminal.out
    assert terminal.messages(Queue.INTAKE) == []


def test_only_queues_that_there_are(terminal: Terminal) -> None:
    with pytest.raises(SystemExit) as left:
        terminal.run("redrive", "outtake")
    assert left.value.code == 2


@pytest.fixture
def door(terminal: Terminal) -> Iterator[list[Request]]:
    """The stack's webhook, on loopback: it takes what is rightly signed."""
    knocked: list[Request] = []

    def answer(request: Request) -> Reply:
        knocked.append(request)
        stamp = request.headers["x-watchkeeper-timestamp"]
        right = hmac.new(b"a shared secret", f"{stamp}:".encode() + request.body, hashlib.sha256).hexdigest()
        signed = request.headers["x-watchkeeper-signature"] == f"v1={right}"
        return Reply(202 if signed and request.headers.get("x-api-key") else 401, {"accepted": signed})

    with Server({"": answer}) as server:
        terminal.stack.outputs = {**terminal.stack.outputs, "ApiUrl": server.url}
        yield knocked


def test_an_alert_is_fired_through_the_front_door(terminal: Terminal, door: list[Request]) -> None:
    assert terminal.run("fire", "--alarm", "checkout-cpu-high", "--service", "checkout") == 0
    (knock,) = door
    assert knock.path == "/webhooks/generic"
    assert knock.json() | {"description": ""} == {
        "title": "checkout-cpu-high", "status": "firing", "service": "checkout", "fingerprint": "checkout-cpu-high", "description": "",
    }  # fmt: skip
    assert "Taken with 202" in terminal.out


def test_a_sample_is_sent_as_it_is(terminal: Terminal, door: list[Request], tmp_path: Path) -> None:
    sample, event, packed = (tmp_path / name for name in ("sample.json", "event.json", "packed.json"))
    packed.write_text(json.dumps({"httpMethod": "POST", "isBase64Encoded": True, "body": "eyJ0aXRsZSI6ICJwYWNrZWQifQ=="}))
    sample.write_text('{ "title":  "as it is" }')
    event.write_text(json.dumps({"httpMethod": "POST", "body": '{"title": "inside"}'}))
    assert terminal.run("fire", "--sample", str(sample)) == 0
    assert terminal.run("fire", "--sample", str(event)) == 0
    assert terminal.run("fire", "--sample", str(packed)) == 0
    assert [knock.body for knock in door] == [sample.read_bytes(), b'{"title": "inside"}', b'{"title": "packed"}']


def test_a_refusal_is_told(terminal: Terminal, door: list[Request]) -> None:
    arn = terminal.stack.output("WebhookSecretArn")
    terminal.stack.client("secretsmanager").put_secret_value(SecretId=arn, SecretString='{"generic": "another"}')
    assert terminal.run("fire", "--alarm", "x") == 1
    assert "Refused with 401" in terminal.out


@pytest.mark.parametrize("content", [None, "{not json"])
def test_a_sample_that_cannot_be_sent_is_named(
    content: str | None, terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sample.json"
    if content:
        path.write_text(content)
    assert terminal.run("fire", "--sample", str(path)) == 2
    assert str(path) in capsys.readouterr().err


def test_a_closed_door_is_told(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.run("fire", "--alarm", "x") == 2
    assert "nothing was taken" in capsys.readouterr().err


def test_a_healthy_stack_is_said_to_be_well(terminal: Terminal) -> None:
    assert terminal.run("doctor") == 0
    assert "ill" not in [line.split()[0] for line in terminal.out.splitlines() if line.strip()]
    assert "deterministic analyst works alone" in terminal.out


def test_what_ails_it_is_named_with_what_to_do(terminal: Terminal) -> None:
    bury(terminal, Queue.REMEDIATION, 1)
    terminal.stack.switch.throw("ada", "a restart loop")
    secret = terminal.stack.output("WebhookSecretArn")
    terminal.stack.client("secretsmanager").put_secret_value(SecretId=secret, SecretString='{"generic": ""}')
    terminal.stack.outputs = {name: value for name, value in terminal.stack.outputs.items() if name != "ClaudeSecretArn"}
    assert terminal.run("doctor") == 1
    for shown in ("./watchkeeper redrive remediation", "thrown by ada", "every webhook is refused", "has no output ClaudeSecretArn"):
        assert shown in terminal.out
