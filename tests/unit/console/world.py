"""The console over the fakes, one incident whose plan waits for two people, and Slack as the stand-in sends it."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from console.door import answer
from console.wiring import Wiring
from local.standins.slack_press import Interactivity
from tests.fakes.memory import MemoryAnchors, MemoryIncidents, MemoryOutbox, MemorySecrets, TickingClock
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from tests.unit.distribution.stories import an_analysis
from watchkeeper.answering import link_of
from watchkeeper.buttons import Button, analysis_value
from watchkeeper.change import change
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Delivery, DeliveryStatus, Happening, Incident, Plan, Reason, Ruling, Status, Verdict
from watchkeeper.people import FILE, People, Person, Role
from watchkeeper.publish import Publisher
from watchkeeper.settings import ConsoleSettings
from watchkeeper.team import read_yaml

CONFIG = Path(__file__).parents[3] / "config"
CHANNEL, CARD = "C0INCIDENTS", "1795143600.000001"
SIGNING = "slack-signing-secret-for-tests"
TOKENS = {name: f"{name}-token-for-tests-0123456789abcdef" for name in ("ada", "grace", "vera", "rose", "gone")}
VERA = Person(id="vera", name="Vera Rubin", slack="U0VERA", teams=("payments",), role=Role.VIEWER)
ROSE = Person(id="rose", name="Rose Dieng", slack="U0ROSE", teams=("shop",), role=Role.APPROVER)
RESPONDER = Person(id="rita", name="Rita Levi", slack="U0RITA", teams=("payments",), role=Role.RESPONDER)
Event = dict[str, Any]


def the_people() -> People:
    """The sample file's two, and three who may do less."""
    found = read_yaml(CONFIG / FILE, People)
    return found.but(people=(*found.people, VERA, ROSE, RESPONDER))


def a_plan(incident: Incident, **but: Any) -> Plan:
    reasons = (Reason(check="order", ruling=Ruling.ASK, why="The order wants a person."),)
    return Plan.model_validate(
        {
            "id": "plan-1", "incident_id": incident.id, "action": "ec2-restart", "target": INSTANCE,
            "parameters": {"instance_id": INSTANCE.id}, "args_hash": "a" * 64, "state_hash": "b" * 64,
            "verdict": Verdict(ruling=Ruling.ASK, reasons=reasons, approvers=("payments",)),
            "made_at": NIGHT, "expires_at": NIGHT + timedelta(minutes=15), **but,
        }
    )  # fmt: skip


@dataclass
class Thrown:
    """The half of the switch that the console has."""

    by: list[tuple[str, str]] = field(default_factory=list)

    def throw(self, who: str, why: str) -> None:
        self.by.append((who, why))


@dataclass
class World:
    incidents: MemoryIncidents = field(default_factory=MemoryIncidents)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    clock: TickingClock = field(default_factory=lambda: TickingClock(NIGHT + timedelta(minutes=1)))
    secrets: MemorySecrets = field(
        default_factory=lambda: MemorySecrets(
            {"console": {"slack_signing_secret": SIGNING} | {f"api_token_{name}": token for name, token in TOKENS.items()}}
        )
    )
    switch: Thrown = field(default_factory=Thrown)
    locked: list[str] = field(default_factory=list)
    unlocked: tuple[str, ...] = ()
    people: People = field(default_factory=the_people)
    whispered: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.slack = Interactivity(SIGNING, lambda: self.clock().timestamp(), hooks_url="https://hooks.slack.com")
        self.incident = self._asked()

    @property
    def wiring(self) -> Wiring:
        known = {"incidents_table": "i", "audit_table": "a", "bucket": "b", "remediation_queue_url": "r", "distribution_queue_url": "d"}
        return Wiring(
            settings=ConsoleSettings.model_validate(known | {"analyses_table": "n", "console_secret_id": "console"} | self.settings),
            incidents=self.incidents, publisher=Publisher(self.incidents, self.outbox, MemoryAnchors()), outbox=self.outbox,
            secrets=self.secrets, people=lambda: self.people, switch=self.switch, lock=self._lock, forget=self.forgotten.append,
            whisper=lambda url, says, _: self.whispered.append((url, says)), clock=self.clock,
        )  # fmt: skip

    @property
    def plan(self) -> Plan:
        found = self.incidents.row(self.incident.id, Plan, self.incident.plan_id)
        assert found
        return found

    def _lock(self) -> list[str]:
        self.locked.append("every role")
        return list(self.unlocked)

    def _asked(self) -> Incident:
        """As remediation leaves it, and distribution after it."""
        incident = an_incident(version=0, status=Status.AWAITING_APPROVAL, plan_id="plan-1", analysis_id="analysis-1")
        plan, asked = a_plan(incident), Happening(actor="remediation", kind="approval.asked", says="May it be rebooted?")
        rows = [plan, an_analysis(signature="sig-1")]
        written = change(incident, [asked], NIGHT, rows=rows, links=[link_of(plan.ask_id)], quiet=True)
        self.incidents.write(written)
        refs = {"card": CARD, "channel": CHANNEL, "moment-1": "1795143600.000002"}
        self.incidents.put_delivery(
            Delivery(
                incident_id=incident.id, channel="slack-incidents", revision=1, status=DeliveryStatus.PAID, wanted_version=1,
                shown_version=1, refs=refs, updated_at=NIGHT,
            )
        )  # fmt: skip
        return written.incident

    def change(self, *rows: Any, **fields: Any) -> None:
        """Another stage changes the incident."""
        lying = self.incidents.load(self.incident.id)
        assert lying
        written = change(lying, [], self.clock(), rows=rows, quiet=True, **fields)
        self.incidents.write(written)
        self.incident = written.incident

    def payload(self, button: str = Button.APPROVE, user: str = "U0ADA", **but: Any) -> dict[str, Any]:
        """What Slack sends for a press on the card; fields of the button may be given as `value`, of the payload by their name."""
        values = {
            Button.EXPLAIN: self.incident.id,
            Button.RIGHT: analysis_value(self.incident.id, self.incident.analysis_id),
            Button.WRONG: analysis_value(self.incident.id, self.incident.analysis_id),
        }
        value = but.pop("value", values.get(Button(button) if button in set(Button) else Button.APPROVE, self.plan.ask_id))
        action = {"type": "button", "action_id": str(button), "value": value, "text": {"type": "plain_text", "text": "Press"}}
        return self.slack.payload(CHANNEL, CARD, action, user) | but

    def sent(self, payload: dict[str, Any], **headers: str) -> Event:
        """The request as API Gateway hands it over, signed by Slack; a header may be put in place of Slack's."""
        raw, signed = self.slack.signed(payload)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return event("/slack/interactions", raw.decode(), {**signed, **named})

    def press(self, button: str = Button.APPROVE, user: str = "U0ADA", **but: Any) -> Event:
        return self.ask(self.sent(self.payload(button, user, **but)))

    def call(self, path: str, body: object, token: str = TOKENS["ada"], **headers: str) -> Event:
        text = body if isinstance(body, str) else json.dumps(body)
        said = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        return event(path, text, {**said, **{name.replace("_", "-"): value for name, value in headers.items()}})

    def ask(self, request: Event) -> Event:
        return answer(request, self.wiring)

    @property
    def answers(self) -> list[ApprovalAnswered]:
        return self.outbox.take(ApprovalAnswered)


def event(path: str, body: str, headers: dict[str, str], method: str = "POST") -> Event:
    return {"httpMethod": method, "resource": path, "path": f"/v1{path}", "headers": headers, "body": body, "isBase64Encoded": False}
