"""Ten thousand alerts of fifty causes within a minute, out of order, with duplicates and dying workers: fifty incidents."""

import random
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest

from reception.service import Delivery, receive
from sweeper.service import sweep
from sweeper.wiring import Wiring as Sweeper
from tests.fakes.memory import MemoryAnchors
from tests.fakes.words import INSTANCE, an_alert
from tests.unit.reception.world import SAMPLE_TIME, World
from watchkeeper.aside import Aside
from watchkeeper.audit import faults
from watchkeeper.errors import Stale
from watchkeeper.messages import AlertsReceived, AnalysisAsked, IncidentChanged
from watchkeeper.models import Alert, AlertKind
from watchkeeper.publish import Publisher
from watchkeeper.quiet import Noise

CAUSES, ALERTS, ALARMS_OF_A_CAUSE, WORKERS, BATCH = 50, 10_000, 4, 4, 10
DUPLICATES, CRASHES = 0.10, 0.05
SYMPTOMS = ("CPU is high", "latency is above 2 s", "the error rate climbs", "health checks fail")


class Killed(BaseException):
    """The worker is gone."""


@dataclass
class Reaper:
    """Ends a worker before or after one of its calls."""

    at: int
    after: bool
    calls: int = 0

    def __call__(self, act: Any, *args: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        answer = act(*args, **named)
        if self.calls == self.at:
            raise Killed
        return answer


class Mortal:
    """A port whose calls a reaper watches."""

    def __init__(self, port: Any, reaper: Reaper) -> None:
        self._port, self._reaper = port, reaper

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return lambda *args, **named: self._reaper(found, *args, **named)


@dataclass
class Storm:
    """The intake queue, its workers, and the one world under them."""

    chance: random.Random
    world: World = field(default_factory=lambda: World(noise=Noise()))
    queue: "deque[Delivery]" = field(default_factory=deque)
    lock: Any = field(default_factory=Lock)
    killed: int = 0
    returned: int = 0

    def work(self, _: int) -> None:
        while batch := self._take():
            try:
                outcomes = receive(batch, self._wiring())
            except Killed:
                self.killed += 1
                self._back(batch)
                continue
            failed = [delivery for delivery, outcome in zip(batch, outcomes, strict=True) if outcome]
            assert all(outcome is None or isinstance(outcome, Stale) for outcome in outcomes), outcomes
            self.returned += len(failed)
            self._back(failed)

    def _take(self) -> list[Delivery]:
        with self.lock:
            return [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))]

    def _back(self, batch: list[Delivery]) -> None:
        with self.lock:
            self.queue += [Delivery(delivery.body, delivery.sent_at, again=True) for delivery in batch]

    def _wiring(self) -> Any:
        """The world's, mortal for one batch in twenty."""
        wiring = self.world.wiring
        with self.lock:
            dies, at, after = self.chance.random() < CRASHES, self.chance.randint(1, 40), self.chance.random() < 0.5
        if not dies:
            return wiring
        reaper = Reaper(at, after)
        ports = {name: Mortal(getattr(wiring, name), reaper) for name in ("incidents", "outbox")}
        publisher = Publisher(ports["incidents"], ports["outbox"], Mortal(MemoryAnchors(), reaper))
        return type(wiring)(**{**vars(wiring), **ports, "publisher": publisher})


def alerts(chance: random.Random) -> list[Alert]:
    """Two hundred alerts of each cause: several alarms on one resource of one service, at their times within a minute."""
    made: dict[str, Alert] = {}
    while len(made) < ALERTS:
        number = len(made)
        cause, alarm = number % CAUSES, chance.randrange(ALARMS_OF_A_CAUSE)
        at = SAMPLE_TIME + timedelta(milliseconds=chance.randrange(60_000))
        alert = an_alert(
            fingerprint=f"cause-{cause}-alarm-{alarm}",
            occurred_at=at,
            kind=AlertKind.FIRING,
            service=f"service-{cause}",
            title=f"{SYMPTOMS[alarm]} on node {cause}",
            resources=(INSTANCE.but(id=f"i-{cause:017x}", arn=f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{cause:017x}"),),
        )
        made[alert.key] = alert
    return list(made.values())


def weather(seed: int) -> tuple[Storm, list[Alert]]:
    chance = random.Random(seed)  # noqa: S311 - a storm that can be played again, no secret
    all_alerts = alerts(chance)
    sent = all_alerts + chance.sample(all_alerts, int(DUPLICATES * ALERTS))
    chance.shuffle(sent)
    storm = Storm(chance)
    storm.world.clock.tick(60)
    storm.queue += [Delivery(AlertsReceived(alerts=(alert,)).model_dump_json(), alert.occurred_at) for alert in sent]
    return storm, all_alerts


def settle(world: World) -> None:
    """What dead workers owed and no redelivery paid is the sweeper's."""
    world.clock.tick(120)
    for _ in range(5):
        sweep(Sweeper(world.incidents, world.wiring.publisher, world.outbox, world.clock))


@pytest.mark.load
@pytest.mark.parametrize("seed", [1, 2])
def test_ten_thousand_alerts_of_fifty_causes_are_fifty_incidents(seed: int) -> None:
    storm, sent = weather(seed)
    with ThreadPoolExecutor(WORKERS) as workers:
        list(workers.map(storm.work, range(WORKERS)))
    settle(storm.world)
    incidents = storm.world.incidents
    assert len(incidents.meta) == CAUSES
    places = Counter(row.key for rows in incidents.lying.values() for row in rows.values() if isinstance(row, Alert))
    assert places == Counter({alert.key: 1 for alert in sent}), "each alert id lies with exactly one incident"
    assert not [row for rows in incidents.lying.values() for row in rows.values() if isinstance(row, Aside)]
    assert sum(incident.alert_count for incident in incidents.meta.values()) == ALERTS
    assert {len({a.service for a in incidents.rows(name, Alert)}) for name in incidents.meta} == {1}
    asked = {message.id for message in storm.world.outbox.take(AnalysisAsked)}
    assert len(asked) == CAUSES
    assert len({message.id for message in storm.world.outbox.take(IncidentChanged)}) <= CAUSES * (ALARMS_OF_A_CAUSE + 2)
    assert incidents.debts == {}
    assert all(faults(incidents.history(name)) == [] for name in incidents.meta)
    assert storm.killed > 20, "workers have to die for this to mean something"
