"""Kill remediation before and after every call that it makes to the world: still exactly one restart, and nothing lost.

The path is the whole one, from the completed analysis to the alarm that is OK again, with the sweeper as the only thing that
helps. A kill is a BaseException, so that nothing can catch it, as nothing can catch a worker's end. The real SSM adapter runs
over a client that refuses a token it knows, and what that client ever started is what is counted.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from remediation.service import remediate
from tests.fakes.memory import MemoryOutbox
from tests.fakes.remediation import ASKING, World, completed, to_remediation
from tests.fakes.words import INSTANCE
from watchkeeper.audit import faults
from watchkeeper.errors import NotYet, WatchkeeperError
from watchkeeper.messages import AnyMessage, IncidentChanged, look_again
from watchkeeper.models import Execution, Status
from watchkeeper.team import StandingOrders

ROUNDS = 40
PORTS = ("incidents", "outbox", "anchors", "switch", "inventory", "alarms", "guardian", "rehearsals", "ssm")


class Killed(BaseException):
    """The worker is gone."""


@dataclass
class Reaper:
    """Counts the calls to the world and ends the worker before or after those that it was told to."""

    before: frozenset[int] = frozenset()
    after: frozenset[int] = frozenset()
    calls: int = 0
    killed: int = 0
    seen: list[str] = field(default_factory=list)

    def call(self, name: str, act: Any, *args: Any, **named: Any) -> Any:
        self.calls += 1
        mine = self.calls
        self.seen.append(name)
        if mine in self.before:
            self.killed += 1
            raise Killed(f"before call {mine}, {name}")
        answer = act(*args, **named)
        if mine in self.after:
            self.killed += 1
            raise Killed(f"after call {mine}, {name}")
        return answer


class Watched:
    """A port all of whose calls pass the reaper; its plain attributes are its own."""

    def __init__(self, name: str, port: Any, reaper: Reaper) -> None:
        self._name, self._port, self._reaper = name, port, reaper

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._port, attribute)
        if not callable(found):
            return found
        return lambda *args, **named: self._reaper.call(f"{self._name}.{attribute}", found, *args, **named)


class Play:
    """One incident played to its end against the reaper: a queue in order, a sweeper, and a world that goes its way."""

    def __init__(self, reaper: Reaper, copies: int = 1, orders: StandingOrders | None = None) -> None:
        self.real = World(orders=orders) if orders else World()
        self.real.opened()
        self.world = World(orders=self.real.orders, clock=self.real.clock)
        for port in PORTS:
            setattr(self.world, port, Watched(port, getattr(self.real, port), reaper))
        self.queue: list[AnyMessage] = [completed()] * copies
        self.copies, self.swept, self.asked = copies, 0, False

    def to_the_end(self) -> "Play":
        for _ in range(ROUNDS):
            self._deliver()
            self._go_on()
            self.real.clock.tick(70)
            self._sweep()
            if self.real.incident.status.ended and not self.queue and not self.real.incidents.debts:
                return self
        return self

    def _deliver(self) -> None:
        """In order: a message that fails is delivered again before the next one of its resource is."""
        tries = 0
        while self.queue and tries < 100:
            tries += 1
            try:
                self.world.handle(self.queue[0])
            except NotYet as later:
                self.real.clock.tick(later.retry_after or 1)
            except (Killed, WatchkeeperError):
                self.real.clock.tick(1)
            else:
                self.queue.pop(0)

    def _go_on(self) -> None:
        """The runbook ends, and then the alarm turns OK. Nobody says so: the events of both are lost."""
        if self.real.ssm.finish():
            self.real.clock.tick(5)
            self.real.alarm_is("OK")
        if self.real.incident.status is Status.AWAITING_APPROVAL and not self.asked:
            self.asked = True
            self.queue += [self.real.answer()] * self.copies

    def _sweep(self) -> None:
        try:
            self.world.sweep()
        except Killed:
            return
        finally:
            sent = to_remediation(self.real.outbox)
            self.queue += [message for message in sent[self.swept :] for _ in range(self.copies)]
            self.swept = len(sent)

    def check(self) -> None:
        real, incident = self.real, self.real.incident
        assert len(real.ssm.started) == 1
        assert incident.status is Status.RESOLVED, real.last_words
        history = real.incidents.history(incident.id)
        assert faults(history, real.anchors.of(incident.id)) == []
        assert real.anchors.of(incident.id)[-1].seq == len(history)
        assert real.incidents.debts == {}
        for once in ("action.claimed", "action.started", "action.succeeded", "verification.passed", "incident.resolved"):
            assert real.kinds.count(once) == 1
        assert len(real.incidents.rows(incident.id, Execution)) == 1
        assert {m.version for m in real.outbox.take(IncidentChanged)} >= {incident.version}


def clean(orders: StandingOrders | None = None) -> Reaper:
    """How many calls a play without a kill makes."""
    reaper = Reaper()
    Play(reaper, orders=orders).to_the_end().check()
    return reaper


ASKED = StandingOrders(version="v1", orders=(ASKING,))


@pytest.mark.parametrize("orders", [None, ASKED], ids=["automatic", "with a person's yes"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_one_kill_at_every_call(when: str, orders: StandingOrders | None) -> None:
    """Every n, until a play ends with nobody killed; so calls that only a recovery makes are not missed."""
    n, touched = 0, set()
    while True:
        n += 1
        reaper = Reaper(**{when: frozenset({n})})  # type: ignore[arg-type]  # one of the two fields
        Play(reaper, orders=orders).to_the_end().check()
        if not reaper.killed:
            break
        touched.add(reaper.seen[n - 1])
    assert n > 60
    assert {"ssm.start_automation_execution", "ssm.describe_automation_executions", "ssm.get_automation_execution"} <= touched
    assert {"incidents.write", "incidents.settle", "outbox.send", "anchors.keep", "switch.thrown", "alarms.said"} <= touched


@pytest.mark.parametrize("seed", range(10))
def test_pairs_and_more_kills_by_seeded_chance_with_ten_deliveries_of_each_message(seed: int) -> None:
    """Forty plays a seed: two to five kills anywhere, and each message delivered ten times."""
    chance = random.Random(seed)  # noqa: S311 - a schedule that can be played again, no secret
    calls = clean().calls
    for _ in range(40):
        drawn = chance.sample(range(1, calls + 40), chance.randint(2, 5))
        cut = chance.randint(0, len(drawn))
        Play(Reaper(frozenset(drawn[:cut]), frozenset(drawn[cut:])), copies=10).to_the_end().check()


def test_nothing_comes_between_the_kill_switch_and_the_start() -> None:
    """Whoever throws it is heard until the very last moment."""
    seen = clean().seen
    assert seen[seen.index("ssm.start_automation_execution") - 1] == "switch.thrown"


@pytest.mark.parametrize("hidden", [1, 3, 8])
def test_a_list_that_lags_behind_the_start_makes_no_second_one(hidden: int) -> None:
    """Killed right after the start, while SSM's list does not show it yet."""
    start = clean().seen.index("ssm.start_automation_execution") + 1
    play = Play(Reaper(after=frozenset({start})))
    play.real.ssm.hidden = 1 + hidden
    play.to_the_end().check()


def test_a_death_right_after_the_start_is_healed_by_the_sweeper_alone() -> None:
    """The message itself never comes back: it went to the dead letters."""
    start = clean().seen.index("ssm.start_automation_execution") + 1
    play = Play(Reaper(after=frozenset({start})))
    with pytest.raises(Killed):
        play.world.handle(play.queue.pop())
    play.to_the_end().check()


@pytest.mark.parametrize("orders", [None, ASKED], ids=["automatic", "with a person's yes"])
def test_duplicates_in_threads(orders: StandingOrders | None) -> None:
    """Sixteen workers at once and no order between them, which the FIFO queue would never allow: still one start."""
    for _ in range(20):
        play = Play(Reaper(), orders=orders)
        _at_once(play, completed())
        if orders:
            _at_once(play, play.real.answer())
        _at_once(play, look_again(play.real.incident.id, INSTANCE.arn, "test", play.real.clock()))
        play.queue.clear()
        play.asked = True
        play.to_the_end().check()


def _at_once(play: Play, message: AnyMessage) -> None:
    def deliver(_: int) -> None:
        try:
            remediate(message, play.real.wiring())
        except WatchkeeperError:
            play.queue.append(message)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(deliver, range(32)))


def test_the_outbox_of_a_play_is_the_one_that_distribution_would_read() -> None:
    """The last version of the incident was told, whatever happened on the way."""
    play = Play(Reaper()).to_the_end()
    assert isinstance(play.real.outbox, MemoryOutbox)
    assert play.real.outbox.take(IncidentChanged)[-1].version == play.real.incident.version
