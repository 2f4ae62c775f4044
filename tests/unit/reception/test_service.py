"""Deliveries, one after the other, over the fakes: twice, out of order, cut short by a crash."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from reception.service import take_in
from tests.fakes.memory import MemoryIncidents, MemoryOutbox
from tests.fakes.words import NIGHT, an_alert, an_incident
from tests.unit.reception.world import World, alarm, at, sample
from watchkeeper.change import Change, change
from watchkeeper.errors import BadPayload, NotYet, Stale, Throttled
from watchkeeper.messages import AlertsReceived, AnalysisAsked, IncidentChanged, LookAgain, Message
from watchkeeper.models import Alert, Status, StoredPayload
from watchkeeper.storage.queues import ClaimCheck

OK = {"NewStateValue": "OK"}


def test_an_alarm_opens_an_incident_and_asks_for_its_analysis() -> None:
    world = World()
    world.deliver(sample("cloudwatch-alarm-sns.json")["Records"][0]["body"])
    incident = world.incident()
    assert (incident.service, incident.environment, incident.alarm_name) == ("checkout", "production", "checkout-cpu-high")
    assert [type(message) for message in world.outbox.sent] == [AnalysisAsked, IncidentChanged]
    assert world.outbox.take(AnalysisAsked)[0].version == 1
    assert incident.trace_id == "1-6aff8134-0a1b2c3d4e5f60718293a4b5"
    assert world.incidents.owed(incident.id) == []


def test_the_same_alarm_again_changes_nothing() -> None:
    world = World()
    world.deliver(alarm())
    before, sent = world.incident(), list(world.outbox.sent)
    world.deliver(sample("cloudwatch-alarm-sns.json")["Records"][0]["body"])
    world.deliver(alarm(NewStateReason="said otherwise"))
    assert (world.incident(), world.outbox.sent) == (before, sent)


def test_a_duplicate_of_an_alarm_that_is_over_stays_over() -> None:
    world = World()
    world.deliver(alarm(**at("03:00:00")))
    world.deliver(alarm(**at("03:05:00"), **OK))
    before = world.incident()
    world.deliver(alarm(**at("03:00:00")))
    world.deliver(alarm(**at("03:05:00"), **OK))
    assert world.incident() == before
    assert before.status is Status.RESOLVED


@dataclass
class Counting(MemoryIncidents):
    """Counts what is asked of the table."""

    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __getattribute__(self, name: str) -> Any:
        if name in {"load", "row", "rows", "episodes", "look_up", "tally", "owed", "write", "put_episode", "settle", "aside"}:
            self.calls.append(name)
        return super().__getattribute__(name)


def test_a_record_that_comes_back_costs_reads_only_and_a_duplicate_a_count_too() -> None:
    world = World(incidents=Counting())
    world.deliver(alarm())
    assert isinstance(world.incidents, Counting)
    world.incidents.calls.clear()
    world.deliver(alarm())
    assert world.incidents.calls == ["episodes", "look_up", "owed"]
    world.incidents.calls.clear()
    world.deliver(alarm(NewStateReason="said otherwise"))
    assert world.incidents.calls == ["episodes", "look_up", "tally"]
    assert list(world.incidents.tallied(world.incident().id).values()) == [1]


def test_fire_clear_fire_within_the_settling_time_is_one_incident() -> None:
    world = World()
    world.clock.tick(600)
    for clock, but in (("03:00:00", {}), ("03:05:00", OK), ("03:09:00", {})):
        world.deliver(alarm(**at(clock), **but))
    incident = world.incident()
    assert (incident.status, incident.alert_count) == (Status.OPEN, 2)
    assert len({message.id for message in world.outbox.take(AnalysisAsked)}) == 2
    assert [record.kind for record in world.incidents.history(incident.id)] == [
        "incident.opened", "alert.cleared", "incident.resolved", "incident.reopened",
    ]  # fmt: skip


def test_fire_clear_fire_after_it_is_two() -> None:
    world = World()
    world.clock.tick(3600)
    for clock, but in (("03:00:00", {}), ("03:05:00", OK), ("03:16:00", {})):
        world.deliver(alarm(**at(clock), **but))
    assert sorted(i.status for i in world.incidents.meta.values()) == [Status.OPEN, Status.RESOLVED]


@pytest.mark.parametrize("times", [1, 2])
def test_an_ok_that_overtakes_its_alarm_leaves_nothing_open(times: int) -> None:
    world = World()
    for _ in range(times):
        world.deliver(alarm(**at("03:05:00"), **OK))
        world.deliver(alarm(**at("03:00:00")))
    assert world.incidents.meta == {}
    world.clock.tick(600)
    world.deliver(alarm(**at("03:06:00")))
    assert world.incident().status is Status.OPEN


def test_an_ok_that_is_overtaken_by_the_next_firing_closes_nothing() -> None:
    world = World()
    world.clock.tick(600)
    for clock, but in (("03:00:00", {}), ("03:06:00", {}), ("03:05:00", OK)):
        world.deliver(alarm(**at(clock), **but))
    assert (world.incident().status, world.incident().alert_count) == (Status.OPEN, 2)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class DiesAt:
    """Counts the I/O points that are passed, and dies at one of them, before or after its effect."""

    point: int
    after: bool
    passed: int = 0

    def __call__(self, effect: Any, *args: Any) -> Any:
        self.passed += 1
        if self.passed == self.point and not self.after:
            raise Killed
        result = effect(*args)
        if self.passed == self.point:
            raise Killed
        return result


@dataclass
class MortalIncidents(MemoryIncidents):
    dies: DiesAt

    def __post_init__(self) -> None:
        super().__init__()

    def write(self, *changes: Change) -> None:
        self.dies(super().write, *changes)

    def settle(self, owed: Any) -> None:
        self.dies(super().settle, owed)


@dataclass
class MortalOutbox(MemoryOutbox):
    dies: DiesAt

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, messages: Sequence[Message]) -> None:
        self.dies(super().send, messages)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("point", range(1, 8))
def test_killed_at_any_write_the_next_delivery_makes_it_good(point: int, after: bool) -> None:
    dies = DiesAt(point, after)
    world = World(incidents=MortalIncidents(dies), outbox=MortalOutbox(dies))
    try:
        world.deliver(alarm())
    except Killed:
        dies.point = 0
    else:
        assert point > 6, "an alarm that opens has a write, two sends and three debts to forget"
    world.deliver(alarm())
    assert world.incident().alert_count == 1
    assert len({message.id for message in world.outbox.take(AnalysisAsked)}) == 1
    assert len({message.id for message in world.outbox.take(IncidentChanged)}) == 1
    assert world.incidents.owed(world.incident().id) == []


@dataclass
class Contended(MemoryIncidents):
    """Somebody else writes first, so many times."""

    others: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def write(self, *changes: Change) -> None:
        if self.others:
            self.others -= 1
            raise Stale("somebody else was first")
        super().write(*changes)


def test_it_decides_again_when_somebody_else_was_first() -> None:
    world = World(incidents=Contended(others=4))
    world.deliver(alarm())
    assert world.incident().status is Status.OPEN


def test_it_gives_the_record_back_when_that_does_not_end() -> None:
    with pytest.raises(Stale):
        World(incidents=Contended(others=5)).deliver(alarm())


class Down(MemoryOutbox):
    """The queues do not answer."""

    def send(self, messages: Sequence[Message]) -> None:
        raise Throttled("later")


def test_an_outage_of_the_queues_gives_the_record_back_and_owes() -> None:
    world = World(outbox=Down())
    with pytest.raises(Throttled):
        world.deliver(alarm())
    world.outbox = MemoryOutbox()
    world.deliver(alarm())
    assert len(world.outbox.take(AnalysisAsked)) == 1


def test_a_subscription_is_queued_before_it_is_folded() -> None:
    world = World()
    assert take_in(sample("logs-subscription.json"), world.wiring)["accepted"] == 1
    (message,) = world.outbox.take(AlertsReceived)
    world.deliver(message.model_dump_json())
    assert world.incident().service == "checkout"
    assert take_in(sample("logs-control-message.json"), world.wiring) == {"accepted": 0, "alert_ids": [], "fingerprints": []}


def test_an_event_that_nobody_foresaw_is_taken_in_too() -> None:
    world = World()
    assert take_in({"hello": "world"}, world.wiring)["accepted"] == 1
    assert world.outbox.take(AlertsReceived)[0].alerts[0].source == "unrecognised"


def test_alerts_of_one_message_are_folded_each_and_twice_is_once() -> None:
    world = World()
    alerts = tuple(an_alert(fingerprint=f"fp-{n}", occurred_at=NIGHT) for n in range(3))
    for _ in range(2):
        world.deliver(AlertsReceived(alerts=alerts, trace_id="1-given").model_dump_json())
    assert len(world.incidents.meta) == 3
    assert {incident.trace_id for incident in world.incidents.meta.values()} == {"1-given"}


def test_a_message_too_long_for_the_queue_is_fetched() -> None:
    world = World()
    stored: StoredPayload = world.blobs.put("messages/m.json", AlertsReceived(alerts=(an_alert(),)).model_dump_json().encode())
    world.deliver(ClaimCheck(stored=stored).model_dump_json())
    assert world.incident().title == an_alert().title


def test_our_own_message_of_a_version_to_come_is_not_thrown_away() -> None:
    with pytest.raises(BadPayload):
        World().deliver({"kind": "alerts_received", "schema_version": 2, "alerts": []})


EXECUTION = "0f2a6c1e-4c1e-4b7a-9b0e-2d9f5c8e7a31"


def automation() -> str:
    return str(sample("ssm-automation-status.json")["Records"][0]["body"])


def test_an_automation_that_goes_on_has_remediation_look() -> None:
    world = World()
    world.incidents.write(change(an_incident(version=0), [], NIGHT, links=[f"automation/{EXECUTION}"], quiet=True))
    for _ in range(2):
        world.deliver(automation())
    (look,) = world.outbox.take(LookAgain)
    assert (look.incident_id, look.resource_group) == (an_incident().id, an_incident().group)
    assert look.because == f"automation {EXECUTION} has gone on"
    assert world.incidents.rows(an_incident().id, Alert) == []


def test_an_automation_that_is_not_linked_yet_waits_and_a_strangers_is_let_go() -> None:
    world = World()
    world.clock.at = NIGHT + timedelta(minutes=3, seconds=41)
    with pytest.raises(NotYet) as first:
        world.deliver(automation())
    assert first.value.retry_after == 2
    world.clock.tick(8)
    with pytest.raises(NotYet) as later:
        world.deliver(automation())
    assert later.value.retry_after == 8
    world.clock.tick(8)
    world.deliver(automation())
    assert world.outbox.sent == []


def test_an_ok_while_remediation_is_at_work_has_it_look() -> None:
    world = World()
    world.clock.tick(600)
    world.deliver(alarm(**at("03:00:00")))
    world.incidents.write(change(world.incident(), [], NIGHT, status=Status.VERIFYING, quiet=True))
    world.deliver(json.dumps(alarm(**at("03:05:00"), **OK)))
    assert (world.incident().status, world.incident().cleared_at) == (Status.VERIFYING, NIGHT + timedelta(minutes=5))
    assert len(world.outbox.take(LookAgain)) == 1
