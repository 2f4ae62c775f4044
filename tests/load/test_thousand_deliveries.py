"""The same alarm a thousand times from sixteen threads: one incident, one analysis, nothing unaccounted for."""

import json
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.reception.world import World, alarm
from watchkeeper.audit import faults
from watchkeeper.errors import Stale
from watchkeeper.messages import AnalysisAsked, IncidentChanged
from watchkeeper.models import Alert

THREADS, DELIVERIES = 16, 1000


@pytest.fixture(autouse=True)
def many_switches() -> Iterator[None]:
    """Threads change places a hundred times as often as they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    yield
    sys.setswitchinterval(before)


def redelivered(world: World, body: str) -> int:
    """A record that is given back comes again, as from the queue; how many times it had to."""
    for times in range(200):
        try:
            world.deliver(body)
        except Stale:
            continue
        return times
    raise AssertionError("a record never got through")


@pytest.mark.load
def test_one_alarm_a_thousand_times() -> None:
    world = World()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda _: redelivered(world, json.dumps(alarm())), range(DELIVERIES)))
    incident = world.incident()
    assert incident.alert_count == 1
    assert len({message.id for message in world.outbox.take(AnalysisAsked)}) == 1
    assert len({message.id for message in world.outbox.take(IncidentChanged)}) == 1
    assert len(world.incidents.rows(incident.id, Alert)) == 1
    assert world.incidents.owed(incident.id) == []
    assert faults(world.incidents.history(incident.id)) == []


@pytest.mark.load
def test_fifty_firings_of_one_alarm_twenty_times_each_in_any_order() -> None:
    world = World()
    world.clock.tick(3600)
    bodies = [json.dumps(alarm(StateChangeTime=f"2026-11-20T03:{n:02d}:00.000+0000")) for n in range(50)] * 20
    random.Random(7).shuffle(bodies)  # noqa: S311 - an order to test with, and the same each time
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda body: redelivered(world, body), bodies))
    incident = world.incident()
    assert incident.alert_count == len(world.incidents.rows(incident.id, Alert)) == 50
    assert len({message.id for message in world.outbox.take(AnalysisAsked)}) == 1
    assert faults(world.incidents.history(incident.id)) == []
