"""Kill remediation anywhere on the longest way there is: plan, approve, dispatch, observe, verify, and take back what did not help.

The group is set to six, the alarm does not clear, and the group is set back to four. What the group was really set to is counted
where it happens: once to six and once to four, whatever was killed and however often a message came.
"""

import random
from dataclasses import dataclass, field

import pytest

from tests.chaos.test_kill_everywhere import PORTS, Killed, Reaper, Watched
from tests.fakes.effects import SCALE, Effects, a_group_world, too_small
from tests.fakes.remediation import World, completed, to_remediation
from watchkeeper.audit import faults
from watchkeeper.errors import NotYet, WatchkeeperError
from watchkeeper.messages import AnyMessage
from watchkeeper.models import Execution, Status
from watchkeeper.team import Mode, Order

ROUNDS = 60
ASKING = SCALE.but(mode=Mode.APPROVE)
TWO = SCALE.but(mode=Mode.APPROVE_TWO)
ORDERS = [pytest.param(SCALE, id="automatic"), pytest.param(ASKING, id="one person"), pytest.param(TWO, id="two people")]
PAIRS, PARTS = 500, 5


@dataclass
class Way:
    """One incident on the whole way, with a queue in order and the sweeper as the only help."""

    reaper: Reaper
    order: Order = SCALE
    copies: int = 1
    queue: list[AnyMessage] = field(default_factory=list)
    swept: int = 0
    answered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.real: World
        self.effects: Effects
        self.real, self.effects = a_group_world(self.order)
        too_small(self.real)
        self.world = World(orders=self.real.orders, clock=self.real.clock)
        for port in PORTS:
            setattr(self.world, port, Watched(port, getattr(self.real, port), self.reaper))
        self.queue = [completed()] * self.copies

    def to_the_end(self) -> "Way":
        for _ in range(ROUNDS):
            self._deliver()
            self.effects.happen()
            self._answer()
            self.real.clock.tick(70)
            self._sweep()
            if self.real.incident.status is Status.ESCALATED and not self.queue and not self.real.incidents.debts:
                return self
        return self

    def _deliver(self) -> None:
        tries = 0
        while self.queue and tries < 200:
            tries += 1
            try:
                self.world.handle(self.queue[0])
            except NotYet as later:
                self.real.clock.tick(later.retry_after or 1)
            except (Killed, WatchkeeperError):
                self.real.clock.tick(1)
            else:
                self.queue.pop(0)

    def _answer(self) -> None:
        """Whoever is asked says yes, once for each question."""
        if self.real.incident.status is not Status.AWAITING_APPROVAL or self.real.the_plan.id in self.answered:
            return
        self.answered.add(self.real.the_plan.id)
        people = ("ada", "bob")[: self.real.the_plan.verdict.approvals]
        self.queue += [self.real.answer(approver=person) for person in people for _ in range(self.copies)]

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
        assert list(self.effects.done.values()) == ["6", "4"]
        assert real.inventory.seen.state["desired_capacity"] == 4
        assert incident.status is Status.ESCALATED, real.last_words
        assert "was taken back" in real.last_words
        history = real.incidents.history(incident.id)
        assert faults(history, real.anchors.of(incident.id)) == []
        assert real.anchors.of(incident.id)[-1].seq == len(history)
        assert real.incidents.debts == {}
        assert [real.kinds.count(kind) for kind in ("action.claimed", "action.started", "action.succeeded")] == [2, 2, 2]
        assert len(real.incidents.rows(incident.id, Execution)) == 2


def calls_of(order: Order) -> int:
    reaper = Reaper()
    Way(reaper, order).to_the_end().check()
    return reaper.calls


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_one_kill_at_every_call(when: str, order: Order) -> None:
    n, touched = 0, set()
    while True:
        n += 1
        reaper = Reaper(**{when: frozenset({n})})  # type: ignore[arg-type]  # one of the two fields
        Way(reaper, order).to_the_end().check()
        if not reaper.killed:
            break
        touched.add(reaper.seen[n - 1])
    assert n > 100
    assert {"ssm.start_automation_execution", "ssm.describe_document", "guardian.ask", "inventory.see", "incidents.revised"} <= touched


@pytest.mark.parametrize("part", range(PARTS))
def test_five_hundred_pairs_of_kills_with_ten_deliveries_of_each_message(part: int) -> None:
    chance = random.Random(part)  # noqa: S311 - a schedule that can be played again, no secret
    for number in range(PAIRS // PARTS):
        order = (SCALE, ASKING, TWO)[number % 3]
        first, second = chance.sample(range(1, calls_of(SCALE) + 60), 2)
        cut = chance.randint(0, 2)
        drawn = (first, second)
        Way(Reaper(frozenset(drawn[:cut]), frozenset(drawn[cut:])), order, copies=10).to_the_end().check()


def test_ten_deliveries_of_each_message_without_a_kill() -> None:
    for order in (SCALE, ASKING, TWO):
        Way(Reaper(), order, copies=10).to_the_end().check()
