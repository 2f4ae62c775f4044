"""Remediation with its real wiring, in a role that lacks a permission: the whole way of an incident, delivered as the queue does it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from remediation import handler
from remediation.wiring import _looking, _secrets, client, session, wiring
from tests.fakes.all_is_well import answers
from tests.fakes.automation import StrictSsm
from tests.fakes.looked_at import PLACE
from tests.fakes.moto_stack import Context, moto_stack
from tests.fakes.permissions import Needed, RoleInAws
from tests.fakes.remediation import an_analysis, completed
from tests.fakes.tables import create_tables
from tests.fakes.template import ROOT
from tests.fakes.words import an_incident
from watchkeeper import team
from watchkeeper.arns import from_arn
from watchkeeper.change import change
from watchkeeper.ids import now
from watchkeeper.inbox import patiently
from watchkeeper.messages import AnyMessage, LookAgain, look_again
from watchkeeper.models import Due, DueKind, Happening, Incident, Plan, ProposedAction, Resource, Status

HOST_ARN = f"arn:aws:ec2:{PLACE}:instance/i-0123456789abcdef0"
CALENDAR = f"arn:aws:ssm:{PLACE}:document/changes"
MOST_RECEIVED = 5  # then SQS puts a message aside
ENVIRONMENT = {
    "GUARDIAN_FUNCTION": "watchkeeper-guardian", "ANALYSES_TABLE": "analyses", "TOOLS_SECRET_ID": "tools", "RUNBOOK_SECRET_ID": "runbooks",
    "GITHUB_API_URL": "http://127.0.0.1:9", "SPOKE_ACCOUNTS": "210987654321", "SPOKE_ROLE_NAME": "watchkeeper-acts-here",
    "SPOKE_EXTERNAL_ID_SECRET": "spokes",
}  # fmt: skip


@dataclass(frozen=True)
class Night:
    """An incident whose analysis proposes this action, and the order that lets it: when nothing is missing, it runs. `rather` is what
    the analysis proposes before it, and no order speaks of; `ends` is how SSM ends the runbook."""

    action: str = "ec2-restart"
    arn: str = HOST_ARN
    given: dict[str, Any] = field(default_factory=dict)
    mode: str = "auto"
    calendar: str = ""
    ends: str = "Success"
    target: Resource | None = None
    rather: tuple[str, ...] = ()

    @property
    def resource(self) -> Resource:
        found = self.target or from_arn(self.arn, trusted=True)
        assert found
        return found

    def ordered(self) -> dict[str, Any]:
        order = {"name": "tonight", "action": self.action, "mode": self.mode, "with": self.given, "min_confidence": 0.5}
        closed = {"id": "changes", "calendar": self.calendar, "frozen_while": "closed", "everything": True, "reason": "changes rest"}
        return {"orders": [order], "freeze": [closed] if self.calendar else []}


@dataclass
class Watch:
    """One incident and what was started for it. `deliveries` counts every time that the queue handed a message over."""

    aws: RoleInAws
    ssm: StrictSsm
    night: Night
    deliveries: int = 0

    def opened(self, *, owes: bool = False) -> None:
        """As analysis leaves it; with `owes` its worker died before it told remediation."""
        proposed = tuple(ProposedAction(action=name, why="it helps") for name in (*self.night.rather, self.night.action))
        incident = an_incident(version=0, status=Status.INVESTIGATING, analysis_id="ANA-1", resources=(self.night.resource,))
        said = Happening(actor="analysis", kind="analysis.completed", says="Done.")
        kept = self.aws.taken.copy()
        self.aws.taken.clear()  # that was another function, with a role of its own
        written = change(incident, [said], now(), rows=[an_analysis(proposed=proposed)], owed=[completed()] if owes else [], quiet=True)
        if owes:
            wiring().incidents.write(written)
        else:
            wiring().publisher.publish(written)
        self.aws.taken.update(kept)

    def record(self, message: AnyMessage | str) -> dict[str, Any]:
        body = message if isinstance(message, str) else message.model_dump_json()
        given = {"messageId": "m1", "receiptHandle": "r1", "body": body, "messageAttributes": {}, "attributes": {"MessageGroupId": "g"}}
        return {**given, "eventSource": "aws:sqs", "awsRegion": "eu-west-1"}

    def once(self, message: AnyMessage | str) -> bool:
        """One delivery; false where the record comes back."""
        self.deliveries += 1
        answer = handler.lambda_handler({"Records": [self.record(message)]}, Context())  # type: ignore[arg-type]  # as much of a context as is read
        assert answer["batchItemFailures"] in ([], [{"itemIdentifier": "m1"}])
        return not answer["batchItemFailures"]

    def deliver(self, message: AnyMessage | str) -> bool:
        """As often as the queue would; false where the message ends in the dead letter queue."""
        return any(self.once(message) for _ in range(MOST_RECEIVED))

    def fails(self, message: AnyMessage | str) -> None:
        """One delivery whose error reaches the test."""
        patiently(handler.handle_record, wiring().inbox)(SQSRecord(self.record(message)))

    def play(self) -> None:
        """The whole way: planned, started where it may be, ended, and held against its alarm."""
        self.go_on()
        if self.incident.status is Status.VERIFYING:
            time.sleep(1.1)  # the alarm's one period
            self.deliver(self.look)

    def go_on(self) -> None:
        """As far as the runbook's end."""
        self.deliver(completed())
        if self.incident.status is Status.REMEDIATING:
            self.ssm.finish(self.night.ends)
            self.once(self.look)

    @property
    def look(self) -> LookAgain:
        return look_again(self.incident.id, self.night.resource.arn, "test", now())

    @property
    def incident(self) -> Incident:
        with self._unhindered():
            found = wiring().incidents.load(an_incident().id)
        assert found
        return found

    @property
    def said(self) -> str:
        """Everything that a person reads of it: its timeline, the gate's reasons, and what trying it said."""
        with self._unhindered():
            told = [record.says for record in wiring().incidents.history(an_incident().id)]
            for plan in wiring().incidents.rows(an_incident().id, Plan):
                told += [reason.why for reason in plan.verdict.reasons] + [one.says for one in plan.rehearsed]
        return "\n".join(told)

    @property
    def is_a_persons(self) -> bool:
        """Nobody but a person takes it on: it was handed over, or a question stands until its time is over."""
        due: Due | None = self.incident.due
        asked = self.incident.status is Status.AWAITING_APPROVAL and due is not None and due.kind is DueKind.APPROVAL
        return asked or (self.incident.status is Status.ESCALATED and due is None)

    @property
    def plan(self) -> Plan:
        """The one that counts now."""
        incident = self.incident
        with self._unhindered():
            found = wiring().incidents.row(incident.id, Plan, incident.plan_id)
        assert found
        return found

    def given_back(self) -> None:
        """Somebody grants what was missing."""
        self.aws.taken.clear()
        self.aws.then = lambda _: None

    @contextmanager
    def _unhindered(self) -> Iterator[None]:
        kept, then = self.aws.taken.copy(), self.aws.then
        self.aws.taken.clear()
        self.aws.then = lambda _: None
        yield
        self.aws.taken.update(kept)
        self.aws.then = then


@dataclass
class Stage:
    """AWS for many nights: clients take long to make, and are kept; what they found is not."""

    role: RoleInAws
    folder: Path

    @contextmanager
    def watch(self, night: Night, *taken: Needed, once: str = "") -> Iterator[Watch]:
        """A watch in a role without these permissions; with `once` they are taken when that one was used for the first time."""
        (self.folder / "standing-orders.yaml").write_text(yaml.safe_dump(night.ordered()))
        for cached in (wiring, _secrets, team.standing_orders):
            cached.cache_clear()
        ssm = StrictSsm(now)
        self.role.reset(answers(ssm))
        if once:
            self.role.then = lambda used: self.role.taken.update(taken if used.permission == once else ())
        else:
            self.role.taken.update(taken)
        try:
            yield Watch(self.role, ssm, night)
        finally:
            self.role.reset({})
            _emptied(client("dynamodb"), "incidents", "audit", "analyses")


def _emptied(database: Any, *tables: str) -> None:
    for table in tables:
        database.delete_table(TableName=table)
    create_tables(database)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """The stack's parts that remediation uses, and a place for the night's orders."""
    shutil.copytree(ROOT / "config", folder, dirs_exist_ok=True)
    role = RoleInAws()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        role.attach(session())
        try:
            with moto_stack(patch, wiring, client, _looking, _secrets, team.standing_orders):
                patch.setenv("WATCHKEEPER_CONFIG", str(folder))
                yield Stage(role, folder)
        finally:
            role.detach(session())
