"""Many records at once: folded before they are written, failing apart, and made good after a death at any point."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.memory import MemoryIncidents, MemoryOutbox
from tests.fakes.words import NIGHT, an_alert
from tests.unit.reception.world import World, alarm, at
from watchkeeper.aside import Aside
from watchkeeper.change import Change
from watchkeeper.episodes import Episode
from watchkeeper.errors import NotAllowed, Throttled
from watchkeeper.messages import AlertsReceived, AnalysisAsked, IncidentChanged
from watchkeeper.models import Alert, Incident, Status
from watchkeeper.ports import Found

SECOND = timedelta(seconds=1)


def record(*alerts: Alert) -> str:
    return AlertsReceived(alerts=alerts).model_dump_json()


def of(fingerprint: str, second: float = 0, **but: Any) -> Alert:
    return an_alert(fingerprint=fingerprint, occurred_at=NIGHT + second * SECOND, **but)


@dataclass
class Counting(MemoryIncidents):
    """How often the table is asked for what."""

    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __getattribute__(self, name: str) -> Any:
        if name in {"load", "row", "rows", "episodes", "look_up", "tally", "owed", "write", "put_episode", "aside", "on_resource"}:
            self.calls.append(name)
        return super().__getattribute__(name)


def test_a_batch_of_one_thing_is_two_reads_and_a_write() -> None:
    world = World(incidents=Counting())
    world.deliver(record(of("fp")))
    assert isinstance(world.incidents, Counting)
    world.incidents.calls.clear()
    world.batch(*(record(of("fp", second)) for second in range(1, 11)))
    assert world.incidents.calls == ["episodes", "look_up", "write"]
    assert world.incident().alert_count == 11


def test_duplicates_within_a_batch_are_counted_and_written_once() -> None:
    world = World(incidents=Counting())
    world.batch(*(json.dumps(alarm(NewStateReason=f"said {n} times")) for n in range(10)))
    assert isinstance(world.incidents, Counting)
    assert [call for call in world.incidents.calls if call in {"write", "tally"}] == ["write", "tally"]
    assert world.incident().alert_count == 1
    assert list(world.incidents.tallied(world.incident().id).values()) == [9]


def test_what_happened_is_folded_in_its_order_whatever_the_order_of_the_records() -> None:
    world = World()
    world.clock.tick(600)
    ok, fired = alarm(**at("03:05:00"), NewStateValue="OK"), alarm(**at("03:00:00"))
    assert world.batch(ok, fired) == [None, None]
    assert (world.incident().status, world.incident().version) == (Status.RESOLVED, 1)
    assert world.outbox.take(AnalysisAsked) == []
    assert len(world.outbox.take(IncidentChanged)) == 1


@dataclass
class Broken(MemoryIncidents):
    """Writes nothing that speaks of this fingerprint."""

    refuses: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def write(self, *changes: Change) -> None:
        if any(row.fingerprint == self.refuses for change in changes for row in change.new if isinstance(row, Alert)):
            raise NotAllowed("dynamodb:PutItem", "incidents")
        super().write(*changes)


def test_only_the_records_of_what_failed_come_again() -> None:
    world = World(incidents=Broken(refuses="fp-b"))
    outcomes = world.batch(record(of("fp-a")), record(of("fp-b")), record(of("fp-c"), of("fp-b", 1)), "a plain text")
    assert [type(outcome) for outcome in outcomes] == [type(None), NotAllowed, NotAllowed, type(None)]
    assert {incident.fingerprint for incident in world.incidents.meta.values()} >= {"fp-a", "fp-c"}
    assert isinstance(world.incidents, Broken)
    world.incidents.refuses = ""
    assert world.batch(record(of("fp-b")), record(of("fp-c"), of("fp-b", 1))) == [None, None]
    assert len(world.incidents.meta) == 4
    assert sum(incident.alert_count for incident in world.incidents.meta.values()) == 5


class Unreadable(MemoryIncidents):
    """Does not answer."""

    def look_up(self, incidents: object, rows: object) -> Found:
        raise Throttled("later")


def test_when_the_table_does_not_answer_every_record_comes_again() -> None:
    outcomes = World(incidents=Unreadable()).batch(record(of("fp-a")), record(of("fp-b")))
    assert [type(outcome) for outcome in outcomes] == [Throttled, Throttled]


class Uncounted(MemoryIncidents):
    """Takes no counts."""

    def tally(self, incident_id: str, fingerprint: str, duplicates: int) -> None:
        raise Throttled("later")


def test_a_count_that_cannot_be_written_is_no_reason_to_deliver_again() -> None:
    assert World(incidents=Uncounted()).batch(alarm(), alarm(NewStateReason="again")) == [None, None]


class Killed(BaseException):
    """The process ends here."""


@dataclass
class DiesAt:
    """Counts the calls that change something, and ends the process before or after one of them."""

    point: int
    after: bool
    passed: int = 0

    def __call__(self, effect: Any, *args: Any) -> Any:
        self.passed += 1
        if self.passed == self.point and not self.after:
            raise Killed
        answer = effect(*args)
        if self.passed == self.point:
            raise Killed
        return answer


@dataclass
class MortalIncidents(MemoryIncidents):
    dies: DiesAt

    def __post_init__(self) -> None:
        super().__init__()

    def write(self, *changes: Change) -> None:
        self.dies(super().write, *changes)

    def settle(self, owed: Any) -> None:
        self.dies(super().settle, owed)

    def tally(self, incident_id: str, fingerprint: str, duplicates: int) -> None:
        self.dies(super().tally, incident_id, fingerprint, duplicates)

    def put_episode(self, episode: Episode, aside: Sequence[Aside] = ()) -> None:
        self.dies(super().put_episode, episode, aside)


@dataclass
class MortalOutbox(MemoryOutbox):
    dies: DiesAt

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, messages: Any) -> None:
        self.dies(super().send, messages)


RECORDS = [
    record(of("fp-a"), of("fp-a", 1)),
    record(of("fp-b", 1)),
    record(*(of("fp-c", second) for second in range(80))),
    record(of("fp-a")),
    record(of("fp-d", kind="resolved")),
    record(of("fp-e", kind="info")),
]


def outcome(world: World) -> tuple[Any, ...]:
    """All that matters of a world: the incidents, and where each alert lies."""
    incidents = world.incidents.meta.values()
    places = {
        (row.alert if isinstance(row, Aside) else row).key: "aside" if isinstance(row, Aside) else incident_of(world, place).fingerprint
        for place, rows in world.incidents.lying.items()
        for row in rows.values()
        if isinstance(row, Aside | Alert)
    }
    return sorted((i.fingerprint, i.status, i.alert_count, i.severity) for i in incidents), places


def incident_of(world: World, place: str) -> Incident:
    return world.incidents.meta[place]


def mortal(point: int, *, after: bool) -> tuple[World, DiesAt]:
    dies = DiesAt(point, after)
    return World(incidents=MortalIncidents(dies), outbox=MortalOutbox(dies)), dies


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_write_of_a_batch_the_next_delivery_makes_it_good(after: bool) -> None:
    """Every point, until a batch ends with nobody killed."""
    whole, _ = mortal(0, after=after)
    whole.batch(*RECORDS)
    expected, point = outcome(whole), 0
    while True:
        point += 1
        world, dies = mortal(point, after=after)
        try:
            world.batch(*RECORDS)
            break
        except Killed:
            dies.point = 0
        world.delivered |= set(RECORDS)
        assert world.batch(*RECORDS) == [None] * len(RECORDS)
        assert outcome(world) == expected, point
        assert world.incidents.debts == {}, point
        assert len({message.id for message in world.outbox.take(AnalysisAsked)}) == 3
    assert point > 18
