"""A question from the command line: through the real door, followed while it is looked into, and answered."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from local.standins.http import Reply, Request, Server
from reception.door import answer
from tests.fakes.memory import MemorySecrets
from tests.fakes.words import an_incident
from tests.unit.cli.conftest import ANALYSIS, PLAN, Terminal, publish
from tests.unit.reception.world import World
from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode
from watchkeeper.messages import AlertsReceived, Queue
from watchkeeper.models import Alert, Happening, Incident, Phase, Severity, Status, Step
from watchkeeper.publish import Publisher

QUESTION = "why did checkout slow down after 02:45? open a ticket if it is ours"
HOSTILE = "\x1b[31mred https://evil.example/x"


@dataclass
class Stage:
    """What answers behind the door: each pause of the command line is one turn of it. `turns` are done one after the other."""

    terminal: Terminal
    alerts: list[Alert] = field(default_factory=list)
    turns: list[Callable[[], None]] = field(default_factory=list)

    def pause(self, seconds: float) -> None:
        self.terminal.at += timedelta(seconds=seconds)
        if self.turns:
            self.turns.pop(0)()

    @property
    def incident(self) -> Incident:
        found = self.terminal.stack.incidents.load(an_incident().id)
        assert found
        return found

    def folded(self) -> None:
        """As reception does."""
        alert = self.alerts[0]
        begun = an_incident(
            version=0, source="goal", title=alert.title, fingerprint=alert.fingerprint, severity=Severity.SEV4, resources=()
        )
        episode = Episode(fingerprint=alert.fingerprint, revision=1, open_incident=begun.id)
        self._publish(change(begun, [_told("reception", "incident.opened")], self.terminal.at, new=[alert], episode=episode, quiet=True))

    def step(self, number: int, phase: Phase, says: str, **more: str) -> Callable[[], None]:
        def told() -> None:
            row = Step(analysis_id="AN-1", number=number, phase=phase, says=says, at=self.terminal.at, **more)
            self._publish(change(self.incident, [], self.terminal.at, rows=[row], quiet=True, status=Status.INVESTIGATING))

        return told

    def ends(self, status: Status) -> Callable[[], None]:
        def ended() -> None:
            plan = "PLAN-1" if status is Status.AWAITING_APPROVAL else ""
            told = [_told("analysis", "analysis.completed")]
            changed = change(
                self.incident, told, self.terminal.at, rows=[ANALYSIS, PLAN], quiet=True, status=status, analysis_id="AN-1", plan_id=plan
            )
            self._publish(changed)

        return ended

    def _publish(self, changed: Change) -> None:
        stack = self.terminal.stack
        Publisher(stack.incidents, stack.outbox, stack.anchors).publish(changed)


def _told(actor: str, kind: str) -> Happening:
    return Happening(actor=actor, kind=kind, says="So.")


@pytest.fixture
def stage(terminal: Terminal) -> Iterator[Stage]:
    """The real door behind a socket. What it takes is folded one pause later."""
    terminal.at = datetime.now(UTC).replace(microsecond=0)
    found = Stage(terminal)
    terminal.pause = found.pause

    def gateway(request: Request) -> Reply:
        if request.headers.get("x-api-key") != "value of key-1":
            return Reply(403, {"message": "Forbidden"})
        world = World(secrets=MemorySecrets({"webhooks": {"goal": "a goal's secret"}}))
        world.clock.at = terminal.at
        path = request.path.partition("?")[0]
        event = {"httpMethod": "POST", "path": path, "resource": path, "headers": dict(request.headers), "body": request.body.decode()}
        reply = answer(event, world.wiring)
        found.alerts += [alert for message in world.outbox.take(AlertsReceived) for alert in message.alerts]
        return Reply(reply["statusCode"], json.loads(reply["body"]))

    with Server({"": gateway}) as server:
        stack = terminal.stack
        stack.outputs = {**stack.outputs, "ApiUrl": server.url}
        secret = json.dumps({"goal": "a goal's secret"})
        stack.client("secretsmanager").put_secret_value(SecretId=stack.output("WebhookSecretArn"), SecretString=secret)
        yield found


def test_a_question_is_followed_to_its_answer(stage: Stage) -> None:
    stage.turns = [
        stage.folded,
        stage.step(1, Phase.PLAN, "About the service checkout."),
        stage.step(2, Phase.EXECUTE_TOOL, f"2 error lines {HOSTILE}", tool="logs", evidence_id="E1"),
        stage.step(3, Phase.DONE, "Answered: a runaway process"),
        stage.ends(Status.RESOLVED),
    ]
    assert stage.terminal.run("investigate", QUESTION, "--as", "ada") == 0
    out = stage.terminal.out
    places = [out.index(words) for words in ("plan ", "execute tool", "done ", "A runaway process", "confidence 82%", "rose from 12 to 97")]
    assert places == sorted(places)
    assert out.count("About the service checkout.") == 1, "each step once"
    assert "the log group of the instance" in out, "what is missing"
    assert f"Needs your word, a ticket: ./watchkeeper ticket {stage.incident.id}" in out
    assert "\x1b" not in out
    assert "hxxps://evil[.]example" in out
    (alert,) = stage.alerts
    assert (alert.source, alert.description, alert.labels["by"]) == ("goal", QUESTION, "ada")


def test_a_plan_that_waits_is_shown_with_the_command_that_agrees(stage: Stage) -> None:
    stage.turns = [stage.folded, stage.ends(Status.AWAITING_APPROVAL)]
    assert stage.terminal.run("investigate", "restart it", "--service", "checkout", "--since", "02:00") == 0
    assert f"Needs your word, ec2-restart on {PLAN.target.id}: ./watchkeeper approve {stage.incident.id}" in stage.terminal.out
    assert "a ticket" not in stage.terminal.out


def test_for_machines_there_is_one_object(stage: Stage) -> None:
    stage.turns = [stage.folded, stage.step(1, Phase.PLAN, "Looks."), stage.ends(Status.RESOLVED)]
    assert stage.terminal.run("investigate", QUESTION, "--json") == 0
    told = json.loads(stage.terminal.out)
    assert (told["incident"]["source"], [step["phase"] for step in told["steps"]]) == ("goal", ["plan"])


def test_asked_and_left(stage: Stage) -> None:
    assert stage.terminal.run("investigate", QUESTION, "--no-wait") == 0
    assert "./watchkeeper incidents" in stage.terminal.out
    assert stage.terminal.run("investigate", QUESTION, "--no-wait", "--json") == 0
    assert json.loads(stage.terminal.out)["fingerprint"] == stage.alerts[-1].fingerprint


def test_no_answer_in_time_leaves_the_investigation_running_and_says_where(stage: Stage) -> None:
    stage.turns = [stage.folded]
    began = stage.terminal.at
    assert stage.terminal.run("investigate", QUESTION) == 1
    assert timedelta(minutes=3) <= stage.terminal.at - began <= timedelta(minutes=4)
    assert f"the investigation goes on. See: ./watchkeeper show {stage.incident.id}" in stage.terminal.out


def test_control_c_leaves_the_investigation_running_and_says_where(stage: Stage) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    stage.turns = [stage.folded, lambda: None, stop]
    assert stage.terminal.run("investigate", QUESTION) == 130
    assert f"The investigation goes on. See: ./watchkeeper show {stage.incident.id}" in stage.terminal.out


@pytest.mark.parametrize(
    ("more", "says"), [(("--since", "soon"), "since: write a time"), (("--since", "2020-01-01T00:00:00Z"), "24 hours")]
)
def test_what_the_door_does_not_understand_is_said(
    stage: Stage, more: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stage.terminal.run("investigate", QUESTION, *more) == 1
    assert says in capsys.readouterr().err
    assert stage.alerts == []


def test_a_stack_without_the_secret_says_how_to_enable_it(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal.run("investigate", "why?") == 2
    assert "./watchkeeper sources goal --enable" in capsys.readouterr().err


def test_show_tells_the_steps_of_any_analysis_that_has_them(terminal: Terminal) -> None:
    incident = publish(terminal.stack)
    assert terminal.run("show", "latest") == 0
    assert "Steps" not in terminal.out
    rows = [
        Step(analysis_id="AN-0", number=1, phase=Phase.PLAN, says="of an earlier one", at=terminal.at - timedelta(hours=1)),
        Step(analysis_id="AN-1", number=2, phase=Phase.DONE, says="Answered.", at=terminal.at),
        Step(analysis_id="AN-1", number=1, phase=Phase.PLAN, says=HOSTILE, at=terminal.at),
    ]
    terminal.stack.incidents.write(change(incident, [], terminal.at, rows=rows, quiet=True))
    assert terminal.run("show", "latest") == 0
    assert "Steps" in terminal.out
    assert "of an earlier one" not in terminal.out
    assert terminal.out.index("hxxps://evil[.]example") < terminal.out.index("Answered.")
    assert "\x1b" not in terminal.out


def test_a_ticket_is_asked_for_once_with_a_name(terminal: Terminal) -> None:
    incident = publish(terminal.stack)
    assert terminal.run("ticket", "latest", "--as", "ada") == 0
    assert terminal.run("ticket", incident.id, "--as", "grace") == 0
    assert "asked for before" in terminal.out
    told = [record for record in terminal.stack.incidents.history(incident.id) if record.kind == "ticket.asked"]
    assert [(record.actor, record.detail) for record in told] == [("person:ada", {"via": "cli"})]
    sent = [json.loads(message["Body"]) for message in terminal.messages(Queue.DISTRIBUTION)]
    assert [one["kind"] for one in sent].count("ticket_asked") == 1
    after = terminal.stack.incidents.load(incident.id)
    assert after
    assert after.status is incident.status
