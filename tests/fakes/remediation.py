"""A world for remediation: every port in memory, the real SSM adapter over a strict client, and one incident to work on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from remediation.abroad import HOME_ALONE, Abroad
from remediation.automation import SsmAutomation
from remediation.planning import Proposal, typed, wishes
from remediation.ports import AlarmSaid, Sighting
from remediation.service import remediate
from remediation.terms import Terms
from remediation.wiring import Wiring
from sweeper.service import Tally, sweep
from sweeper.wiring import Wiring as SweeperWiring
from tests.fakes.automation import StrictSsm
from tests.fakes.memory import MemoryAnchors, MemoryBlobs, MemoryIncidents, MemoryOutbox, Switch, TickingClock
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import Action, catalogue
from watchkeeper.change import change
from watchkeeper.episodes import Episode
from watchkeeper.messages import AnalysisCompleted, AnyMessage, ApprovalAnswered, Queue, look_again
from watchkeeper.models import (
    Analysis,
    Cause,
    Citation,
    Engine,
    Evidence,
    Execution,
    Happening,
    Incident,
    Objection,
    Opinion,
    Plan,
    PlanShown,
    ProposedAction,
    Rehearsed,
    Resource,
    Row,
    Status,
)
from watchkeeper.people import People
from watchkeeper.publish import Publisher
from watchkeeper.team import Mode, Order, StandingOrders, When

ROLES = "arn:aws:iam::123456789012:role/watchkeeper-runbook"
AUTO = Order(name="restart a saturated host", when=When(causes=(Cause.CPU_SATURATION,)), action="ec2-restart", mode=Mode.AUTO)
ASKING = AUTO.but(name="ask first", mode=Mode.APPROVE)
READY = Sighting(
    exists=True,
    account="123456789012",
    region="eu-west-1",
    tags={"AutoRemediate": "true"},
    state={"state": "running", "launch_time": "2026-11-01T00:00:00+00:00"},
    health={"instance checks": "ok", "host checks": "ok"},
)


def an_analysis(**but: Any) -> Analysis:
    return Analysis.model_validate(
        {
            "id": "ANA-1",
            "engine": Engine.DETERMINISTIC,
            "summary": "The processor is busy.",
            "root_cause": "A runaway process.",
            "cause": Cause.CPU_SATURATION,
            "confidence": 0.9,
            "severity": "sev2",
            "citations": (Citation(evidence_id="E1", quote="97.2"),),
            "proposed": (ProposedAction(action="ec2-restart", why="it ends the process"),),
            "made_at": NIGHT,
            **but,
        }
    )


def first_of(proposed: Sequence[ProposedAction], incident: Incident, evidence: Sequence[Evidence] = ()) -> Proposal | None:
    """What remediation would look at first of these wishes, typed for a target that is ready; none where nothing is wished for."""
    found = wishes(proposed, incident, catalogue(), evidence, lambda _kind, _start: ())
    return typed(found[0], READY.state, {}) if found else None


@dataclass
class MemoryInventory:
    """The Inventory port: the same sighting for every target, or the error that it raises."""

    seen: Sighting = READY
    error: Exception | None = None
    reached: list[Resource] = field(default_factory=list)

    def see(self, target: Resource) -> Sighting:
        if self.error:
            raise self.error
        return self.seen

    def reach(self, kind: str, start: Resource) -> list[Resource]:
        return [one for one in self.reached if one.type == kind]


@dataclass
class MemoryGuardian:
    """The Guardian port: always of this opinion; what it was shown."""

    opinion: Opinion = field(default_factory=lambda: Opinion(objection=Objection.NONE))
    shown: list[PlanShown] = field(default_factory=list)

    def ask(self, shown: PlanShown) -> Opinion:
        self.shown.append(shown)
        return self.opinion


@dataclass
class MemoryRehearsals:
    """The Rehearsals port: always says the same."""

    said: tuple[Rehearsed, ...] = ()

    def rehearse(self, action: Action, parameters: Mapping[str, list[str]], target: Resource, seen: Sighting) -> tuple[Rehearsed, ...]:
        return self.said


@dataclass
class MemoryAlarms:
    """The Alarms port: one alarm, or none, or the error that it raises."""

    now: AlarmSaid | None = field(default_factory=lambda: AlarmSaid(state="ALARM", since=NIGHT - timedelta(minutes=3)))
    error: Exception | None = None

    def said(self, name: str) -> AlarmSaid | None:
        if self.error:
            raise self.error
        return self.now


@dataclass
class MemoryInbox:
    """The Inbox port: what was put off, and for how long."""

    put_off: list[tuple[str, int]] = field(default_factory=list)

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        self.put_off.append((receipt_handle, seconds))


@dataclass
class World:
    """Everything around one incident. `wiring` is made anew each time from the ports as they are then."""

    orders: StandingOrders = field(default_factory=lambda: StandingOrders(version="v1", orders=(AUTO,)))
    clock: TickingClock = field(default_factory=TickingClock)
    incidents: Any = field(default_factory=MemoryIncidents)
    outbox: Any = field(default_factory=MemoryOutbox)
    anchors: Any = field(default_factory=MemoryAnchors)
    switch: Any = field(default_factory=Switch)
    inventory: Any = field(default_factory=MemoryInventory)
    alarms: Any = field(default_factory=MemoryAlarms)
    guardian: Any = field(default_factory=MemoryGuardian)
    rehearsals: Any = field(default_factory=MemoryRehearsals)
    people: People = field(default_factory=People)
    calendars: dict[str, str] = field(default_factory=dict)
    abroad: Abroad = HOME_ALONE
    ssm: Any = None
    from_stack: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ssm = self.ssm or StrictSsm(self.clock)

    def wiring(self) -> Wiring:
        return Wiring(
            incidents=self.incidents,
            publisher=Publisher(self.incidents, self.outbox, self.anchors),
            switch=self.switch,
            inventory=self.inventory,
            automation=SsmAutomation(self.ssm, "watchkeeper", ROLES, self.from_stack, self.clock),
            alarms=self.alarms,
            guardian=self.guardian,
            rehearsals=self.rehearsals,
            people=lambda: self.people,
            calendars=lambda _names, _at: self.calendars,
            inbox=MemoryInbox(),
            blobs=MemoryBlobs(),
            orders=lambda: self.orders,
            catalogue=catalogue,
            terms=Terms(timedelta(minutes=15), timedelta(seconds=60), "watchkeeper"),
            clock=self.clock,
            accounts=frozenset({"123456789012"}) | self.abroad.accounts,
            region="eu-west-1",
            abroad=self.abroad,
        )

    def opened(self, analysis: Analysis | None = None, rows: tuple[Row, ...] = (), **but: Any) -> Incident:
        """An incident whose analysis is complete, with its episode and these rows more, as analysis would leave it."""
        analysis = analysis or an_analysis()
        unwritten = an_incident(version=0, status=Status.INVESTIGATING, analysis_id=analysis.id, **but)
        began = Happening(actor="analysis", kind="analysis.completed", says="Done.")
        episode = Episode(fingerprint=unwritten.fingerprint, revision=1, open_incident=unwritten.id)
        written = change(unwritten, [began], self.clock(), rows=[analysis, *rows], episode=episode, quiet=True)
        Publisher(self.incidents, self.outbox, self.anchors).publish(written)
        return written.incident

    def handle(self, *messages: AnyMessage) -> None:
        for message in messages:
            remediate(message, self.wiring())

    def plan(self) -> None:
        """The analysis is told to remediation."""
        self.handle(completed())

    def look(self) -> None:
        self.handle(look_again(self.incident.id, INSTANCE.arn, "test", self.clock()))

    def sweeper(self) -> SweeperWiring:
        return SweeperWiring(self.incidents, Publisher(self.incidents, self.outbox, self.anchors), self.outbox, self.clock)

    def sweep(self) -> Tally:
        return sweep(self.sweeper())

    def change(self, **fields: Any) -> None:
        """Another stage changes the incident."""
        self.incidents.write(change(self.incident, [], self.clock(), quiet=True, **fields))

    def alarm_is(self, state: str, since: datetime | None = None) -> None:
        self.alarms.now = AlarmSaid(state=state, since=since or self.clock())

    def answer(self, **but: Any) -> ApprovalAnswered:
        """A person's yes to the plan as it stands."""
        plan = self.the_plan
        given = {"incident_id": self.incident.id, "resource_group": INSTANCE.arn, "plan_id": plan.id, "args_hash": plan.args_hash}
        said = {"state_hash": plan.state_hash, "approver": "ada", "approved": True, "via": "cli", "at": self.clock()}
        return ApprovalAnswered.model_validate({**given, **said, **but})

    @property
    def incident(self) -> Incident:
        found: Incident | None = self.incidents.load(an_incident().id)
        assert found is not None
        return found

    @property
    def the_plan(self) -> Plan:
        found: Plan | None = self.incidents.row(self.incident.id, Plan, self.incident.plan_id)
        assert found is not None
        return found

    @property
    def execution(self) -> Execution:
        found: Execution | None = self.incidents.row(self.incident.id, Execution, self.incident.execution_id)
        assert found is not None
        return found

    @property
    def kinds(self) -> list[str]:
        """The timeline, by the words of its records."""
        return [record.kind for record in self.incidents.history(self.incident.id)]

    @property
    def last_words(self) -> str:
        says: str = self.incidents.history(self.incident.id)[-1].says
        return says

    @property
    def runs(self) -> int:
        return len(self.ssm.started)


def completed(analysis_id: str = "ANA-1") -> AnalysisCompleted:
    return AnalysisCompleted(incident_id=an_incident().id, analysis_id=analysis_id, resource_group=INSTANCE.arn)


def to_remediation(outbox: MemoryOutbox) -> list[AnyMessage]:
    """What was sent to remediation, in order."""
    return [message for message in outbox.sent if message.queue is Queue.REMEDIATION]  # type: ignore[misc]  # an outbox holds any Message
