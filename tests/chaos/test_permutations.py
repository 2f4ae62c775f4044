"""Fire, resolve, fire again, approve, expire and kill, in five hundred orders: nothing runs on an incident that is over, and it ends.

Every schedule is played to its end; in the end the incident is resolved or a person's, whatever came when, and the same schedule
without its kills comes to the same end.
"""

import random
from dataclasses import dataclass, field

import pytest

from tests.chaos.test_kill_everywhere import PORTS, Killed, Reaper, Watched
from tests.fakes.effects import SCALE, Effects, a_group_world, too_small
from tests.fakes.remediation import World, completed, to_remediation
from watchkeeper.audit import faults
from watchkeeper.errors import NotYet, WatchkeeperError
from watchkeeper.messages import AnyMessage, look_again
from watchkeeper.models import Status
from watchkeeper.team import Mode

STEPS = ("fire", "resolve", "re-fire", "approve", "reject", "expire", "kill", "redeliver", "runbook ends", "look", "tick")
SCHEDULES, PARTS, LONG = 500, 5, 9
OVER = {Status.RESOLVED, Status.ESCALATED}


@dataclass
class Schedule:
    """One incident under one order of things. `deadly` says whether a kill kills."""

    steps: tuple[str, ...]
    deadly: bool
    late: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reaper = Reaper()
        self.real: World
        self.effects: Effects
        self.real, self.effects = a_group_world(SCALE.but(mode=Mode.APPROVE))
        too_small(self.real)
        self.world = World(orders=self.real.orders, clock=self.real.clock)
        for port in PORTS:
            setattr(self.world, port, Watched(port, getattr(self.real, port), self.reaper))
        self.answers: list[AnyMessage] = []

    def play(self) -> "Schedule":
        for step in self.steps:
            before = self.real.runs
            was = self.real.incident
            getattr(self, step.replace(" ", "_").replace("-", "_"))()
            if self.real.runs > before and (was.status in OVER):
                self.late.append(step)
        for _ in range(60):
            if self.real.incident.status in OVER and not self.real.incidents.debts:
                return self
            self.runbook_ends()
            self.look()
            self.real.clock.tick(70)
            self._sweep()
        return self

    def fire(self) -> None:
        self._handle(completed())

    def resolve(self) -> None:
        self.real.alarm_is("OK")
        if self.real.incident.status not in OVER:
            self.real.change(cleared_at=self.real.clock())
        self.look()

    def re_fire(self) -> None:
        self.real.alarm_is("ALARM")
        if self.real.incident.status not in OVER:
            self.real.change(cleared_at=None)
        self.look()

    def approve(self) -> None:
        self._answered(approved=True)

    def reject(self) -> None:
        self._answered(approved=False)

    def expire(self) -> None:
        self.real.clock.tick(901)
        self._sweep()

    def kill(self) -> None:
        """The next worker dies in the middle of its work."""
        if self.deadly:
            self.reaper.before = frozenset({self.reaper.calls + 4})

    def redeliver(self) -> None:
        for message in (completed(), *self.answers):
            self._handle(message)

    def runbook_ends(self) -> None:
        self.effects.happen()

    def look(self) -> None:
        self._handle(look_again(self.real.incident.id, "g", "test", self.real.clock()))

    def tick(self) -> None:
        self.real.clock.tick(61)

    def _answered(self, *, approved: bool) -> None:
        if self.real.incident.plan_id:
            self.answers.append(self.real.answer(approved=approved))
            self._handle(self.answers[-1])

    def _handle(self, message: AnyMessage) -> None:
        """As the queue does: what fails comes again, a little later."""
        for _ in range(6):
            try:
                self.world.handle(message)
            except NotYet as later:
                self.real.clock.tick(later.retry_after or 1)
            except (Killed, WatchkeeperError):
                self.real.clock.tick(1)
            else:
                return

    def _sweep(self) -> None:
        seen = len(to_remediation(self.real.outbox))
        try:
            self.world.sweep()
        except Killed:
            return
        for message in to_remediation(self.real.outbox)[seen:]:
            self._handle(message)

    def check(self) -> None:
        real = self.real
        assert self.late == [], self.steps
        assert real.incident.status in OVER, (self.steps, real.last_words)
        assert real.incidents.debts == {}
        done = list(self.effects.done.values())
        assert done in ([], ["6"], ["6", "4"]), (self.steps, done)
        assert faults(real.incidents.history(real.incident.id), real.anchors.of(real.incident.id)) == []
        if real.kinds.count("approval.given") == 0:
            assert done == [], self.steps


@pytest.mark.parametrize("part", range(PARTS))
def test_five_hundred_orders_of_things(part: int) -> None:
    chance = random.Random(part)  # noqa: S311 - a schedule that can be played again, no secret
    ends = set()
    for _ in range(SCHEDULES // PARTS):
        steps = ("fire", *chance.choices(STEPS, k=LONG))
        for deadly in (True, False):
            played = Schedule(steps, deadly=deadly).play()
            played.check()
            ends.add((played.real.incident.status, tuple(played.effects.done.values())))
    resolved, handed = Status.RESOLVED, Status.ESCALATED
    assert ends >= {(resolved, ()), (handed, ()), (resolved, ("6",)), (handed, ("6", "4"))}, "what never happens is not tested"


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_changes_nothing_of_the_end(part: int) -> None:
    """The same schedule with and without its kills: the same state, and the same done to the group."""
    chance = random.Random(100 + part)  # noqa: S311 - a schedule that can be played again, no secret
    for _ in range(SCHEDULES // PARTS):
        steps = ("fire", *chance.choices([step for step in STEPS if step not in {"expire", "tick"}], k=LONG))
        dead, alive = Schedule(steps, deadly=True).play(), Schedule(steps, deadly=False).play()
        ends = [(one.real.incident.status, list(one.effects.done.values())) for one in (dead, alive)]
        assert ends[0] == ends[1], steps
