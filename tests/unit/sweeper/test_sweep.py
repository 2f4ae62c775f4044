"""What is owed is paid, what is due is asked for, and one that fails stops nobody."""

import os
from datetime import timedelta
from typing import Any

import pytest

from sweeper import handler
from sweeper.service import AT_MOST, Tally, question, sweep
from sweeper.wiring import Wiring, wiring
from tests.fakes.memory import MemoryAnchors, MemoryIncidents, MemoryOutbox, TickingClock
from tests.fakes.moto_stack import Context, lying_in, moto_stack
from tests.fakes.words import NIGHT, an_incident
from watchkeeper.change import change
from watchkeeper.episodes import Episode
from watchkeeper.errors import NotAllowed, Throttled
from watchkeeper.messages import AnalysisAsked, EpisodeDue, IncidentChanged, LookAgain, Message
from watchkeeper.models import Due, DueKind, Happening
from watchkeeper.publish import Publisher

MINUTE = timedelta(minutes=1)
SAID = Happening(actor="test", kind="test", says="It was.")


class PickyOutbox(MemoryOutbox):
    """Takes everything but what speaks of this incident."""

    refuses = ""

    def send(self, messages: Any) -> None:
        if self.refuses and any(getattr(message, "incident_id", "") == self.refuses for message in messages):
            raise Throttled("slow down")
        super().send(messages)


class World:
    def __init__(self) -> None:
        self.incidents, self.outbox, self.anchors, self.clock = MemoryIncidents(), PickyOutbox(), MemoryAnchors(), TickingClock()

    @property
    def wiring(self) -> Wiring:
        return Wiring(self.incidents, Publisher(self.incidents, self.outbox, self.anchors), self.outbox, self.clock)

    def lies(self, name: str, due: Due | None = None) -> None:
        """An incident whose worker died right after the write."""
        self.incidents.write(change(an_incident(id=name, version=0), [SAID], NIGHT, due=due))

    def sweep(self) -> Tally:
        return sweep(self.wiring)


@pytest.fixture
def world() -> World:
    return World()


def test_promises_are_kept_once_they_are_a_minute_old(world: World) -> None:
    world.lies("INC-1")
    assert world.sweep() == Tally()
    world.clock.tick(60)
    assert world.sweep() == Tally(settled=2)
    assert world.outbox.sent == [IncidentChanged(incident_id="INC-1", version=1)]
    assert [anchor.seq for anchor in world.anchors.kept] == [1]
    assert world.sweep() == Tally()


@pytest.mark.parametrize("kind", DueKind)
def test_each_kind_of_due_look_is_asked_for(world: World, kind: DueKind) -> None:
    """The analysis by its own message at the version that lies there, all else by a look of remediation in the right group."""
    world.lies("INC-1", Due(kind=kind, at=NIGHT + MINUTE))
    assert world.sweep().asked == 0
    world.clock.tick(60)
    assert world.sweep().asked == 1
    asked = world.outbox.sent[-1]
    incident = an_incident(id="INC-1")
    if kind is DueKind.ANALYSIS:
        assert asked == AnalysisAsked(incident_id="INC-1", version=1)
        return
    assert isinstance(asked, LookAgain)
    assert (asked.incident_id, asked.resource_group, asked.because) == ("INC-1", incident.group, f"due: {kind.value}")


def test_a_look_that_is_due_again_is_a_new_message(world: World) -> None:
    due = Due(kind=DueKind.EXECUTION, at=NIGHT)
    first, second = question(an_incident(), due, NIGHT), question(an_incident(), due, NIGHT + 5 * MINUTE)
    assert first.id != second.id


def test_one_that_fails_stops_nobody_and_stays(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("INC-1", "INC-2", "INC-3"):
        world.lies(name, Due(kind=DueKind.EXECUTION, at=NIGHT))
    world.outbox.refuses = "INC-2"
    world.clock.tick(60)
    assert world.sweep() == Tally(settled=5, asked=2, failed=2)
    assert '"error":"Throttled"' in capsys.readouterr().out.replace(" ", "")
    world.outbox.refuses = ""
    assert world.sweep().settled == 1
    assert world.incidents.debts == {}


def test_an_index_that_lags_asks_for_nothing(world: World) -> None:
    world.lies("INC-1", Due(kind=DueKind.APPROVAL, at=NIGHT))
    listed = world.incidents.due_before(NIGHT, 10)
    incident = world.incidents.load("INC-1")
    assert incident
    world.incidents.write(change(incident, [], NIGHT, due=None, quiet=True))
    world.incidents.due_before = lambda *_: listed  # type: ignore[method-assign]  # an index as it was a second ago
    assert world.sweep().asked == 0


@pytest.mark.parametrize("blind", ["owed_before", "due_before"])
def test_a_list_that_cannot_be_read_is_raised_after_the_other_was_swept(world: World, blind: str) -> None:
    world.lies("INC-1", Due(kind=DueKind.EXECUTION, at=NIGHT))
    world.clock.tick(60)

    def denied(*_: object) -> list[Any]:
        raise NotAllowed("dynamodb:Query", "incidents")

    setattr(world.incidents, blind, denied)
    with pytest.raises(NotAllowed, match="dynamodb:Query"):
        world.sweep()
    assert any(isinstance(message, LookAgain if blind == "owed_before" else IncidentChanged) for message in world.outbox.sent)


def test_one_sweep_does_a_bounded_part(world: World) -> None:
    asked: list[int] = []

    def none(at: object, limit: int) -> list[Any]:
        asked.append(limit)
        return []

    world.incidents.owed_before = world.incidents.due_before = none  # type: ignore[method-assign]  # notes the limit
    world.sweep()
    assert asked == [AT_MOST, AT_MOST]


class Killed(BaseException):
    """The worker is gone."""


class MortalOutbox(MemoryOutbox):
    """Ends the worker at the n-th message, before or after it was sent."""

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self.at, self.after, self.calls = at, after, 0

    def send(self, messages: Any) -> None:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        super().send(messages)
        if self.calls == self.at:
            raise Killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_sweeper_that_dies_loses_nothing(at: int, after: bool) -> None:
    world = World()
    for name in ("INC-1", "INC-2", "INC-3"):
        world.lies(name, Due(kind=DueKind.VERIFICATION, at=NIGHT))
    world.clock.tick(60)
    outbox = MortalOutbox(at, after=after)
    mortal = Wiring(world.incidents, Publisher(world.incidents, outbox, world.anchors), outbox, world.clock)
    with pytest.raises(Killed):
        sweep(mortal)
    sweep(mortal)
    told: set[Message] = set(outbox.sent)
    assert {IncidentChanged(incident_id=name, version=1) for name in ("INC-1", "INC-2", "INC-3")} <= told
    assert len(outbox.take(LookAgain)) == 3
    assert world.incidents.debts == {}


def test_what_was_kept_quiet_is_woken_when_its_time_is_over(world: World) -> None:
    world.incidents.put_episode(Episode(fingerprint="fp-a", revision=1, suppressed_until=NIGHT + MINUTE))
    world.incidents.put_episode(Episode(fingerprint="fp-b", revision=1, held_until=NIGHT + 9 * MINUTE))
    assert world.sweep() == Tally()
    world.clock.tick(60)
    assert world.sweep() == Tally(woken=1)
    assert world.outbox.sent == [EpisodeDue(fingerprint="fp-a", at=NIGHT + MINUTE)]


def test_the_handler_sweeps_a_real_table_into_real_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_stack(monkeypatch, wiring):
        due = Due(kind=DueKind.ANALYSIS, at=NIGHT)
        wiring().incidents.write(change(an_incident(version=0), [SAID], NIGHT - MINUTE, due=due))
        assert handler.lambda_handler({}, Context()) == {"settled": 2, "asked": 1, "woken": 0, "failed": 0}  # type: ignore[arg-type]  # as much of a context as is read
        assert wiring().incidents.owed(an_incident().id) == []
        assert len(lying_in(os.environ["ANALYSIS_QUEUE_URL"])) == len(lying_in(os.environ["DISTRIBUTION_QUEUE_URL"])) == 1
