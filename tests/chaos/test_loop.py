"""An action that brings back the alarm that asks for it, for a hundred ticks: it is stopped, and a person has it.

Each tick is six minutes. The alarm fires, the action runs and the alarm clears, for the action is what it measures; at the next tick
it fires again, as a new incident. What was started is counted in the simulator's own list.
"""

from datetime import datetime, timedelta

import pytest

from tests.fakes.remediation import AUTO, World, an_analysis
from tests.fakes.words import INSTANCE, an_incident
from watchkeeper.change import change
from watchkeeper.episodes import Episode
from watchkeeper.errors import NotYet
from watchkeeper.messages import AnalysisCompleted, look_again
from watchkeeper.models import Happening, Incident, Resource, Status
from watchkeeper.team import Order, StandingOrders, When

TICKS = 100
TICK = timedelta(minutes=6)
HOUR = timedelta(hours=1)
EAGER = AUTO.but(when=When(), cooldown=timedelta(0))


class Loop:
    """The world over many incidents, and when what was started on which target."""

    def __init__(self, order: Order) -> None:
        self.world = World(orders=StandingOrders(version="v1", orders=(order,)))
        self.ends: list[Status] = []
        self.said: list[str] = []

    def tick(self, number: int, target: Resource = INSTANCE, alarm: str = "fp-cpu") -> None:
        incident = self._opened(f"INC-{number:026d}", target, alarm)
        self._play(incident, AnalysisCompleted(incident_id=incident.id, analysis_id="ANA-1", resource_group=target.arn))
        after = self.world.incidents.load(incident.id)
        self.ends.append(after.status)
        self.said.append(self.world.incidents.history(incident.id)[-1].says)

    def _opened(self, name: str, target: Resource, alarm: str) -> Incident:
        world, analysis = self.world, an_analysis()
        unwritten = an_incident(
            id=name, version=0, status=Status.INVESTIGATING, analysis_id="ANA-1", resources=(target,), fingerprint=alarm
        )
        episode = world.incidents.episode(alarm)
        opened = Episode(fingerprint=alarm, revision=episode.revision + 1, open_incident=name)
        told = [Happening(actor="analysis", kind="analysis.completed", says="Done.")]
        world.incidents.write(change(unwritten, told, world.clock(), rows=[analysis], episode=opened, quiet=True))
        world.alarm_is("ALARM")
        found: Incident = world.incidents.load(name)
        return found

    def _play(self, incident: Incident, message: AnalysisCompleted) -> None:
        world = self.world
        world.handle(message)
        if world.ssm.finish():
            world.clock.tick(20)
            world.alarm_is("OK")
        for _ in range(3):
            world.clock.tick(61)
            try:
                world.handle(look_again(incident.id, INSTANCE.arn, "test", world.clock()))
            except NotYet as later:
                world.clock.tick(later.retry_after or 1)

    def started(self) -> list[tuple[datetime, str]]:
        return [(one["ExecutionStartTime"], one["Parameters"]["InstanceId"][0]) for one in self.world.ssm.started.values()]


def most_within_an_hour(times: list[datetime]) -> int:
    return max((sum(start <= other < start + HOUR for other in times) for start in times), default=0)


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(EAGER, id="an order that asks for no rest"),
        pytest.param(AUTO.but(when=When()), id="the usual order"),
    ],
)
def test_an_action_that_brings_its_own_alarm_back_is_stopped_and_escalated(order: Order) -> None:
    loop = Loop(order)
    for number in range(TICKS):
        loop.tick(number)
        loop.world.clock.tick(TICK.total_seconds())
    times = [at for at, _ in loop.started()]
    assert most_within_an_hour(times) <= 2
    assert len(times) == 2
    assert (loop.ends.count(Status.RESOLVED), loop.ends.count(Status.ESCALATED)) == (2, TICKS - 2)
    assert any("A loop: ec2-restart ran on this target" in says for says in loop.said)


def test_two_hosts_that_bring_down_each_other_are_stopped_too() -> None:
    """Restarting the one makes the other's alarm fire, and the other way round."""
    other = INSTANCE.but(id="i-0aaaaaaaaaaaaaaa1", arn=f"{INSTANCE.arn}-other")
    loop = Loop(EAGER)
    for number in range(TICKS):
        loop.tick(number, (INSTANCE, other)[number % 2], ("fp-one", "fp-two")[number % 2])
        loop.world.clock.tick(TICK.total_seconds())
    assert len(loop.started()) == 4
    assert set(loop.ends[-20:]) == {Status.ESCALATED}


def test_a_whole_fleet_that_falls_ill_at_once_gets_ten_actions_an_hour_and_then_people() -> None:
    loop = Loop(EAGER)
    for number in range(TICKS):
        loop.tick(number, INSTANCE.but(id=f"i-{number:017x}", arn=f"{INSTANCE.arn}{number}"), f"fp-{number}")
    times = [at for at, _ in loop.started()]
    assert most_within_an_hour(times) <= 10
    assert len(times) > 10
    assert loop.ends.count(Status.ESCALATED) == TICKS - len(times)
    assert "is the most for all together" in next(says for says, end in zip(loop.said, loop.ends, strict=True) if end is Status.ESCALATED)
