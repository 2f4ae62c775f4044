"""All four stages over one set of tables and queues, with everybody they talk to: a night to play a thousand times over."""

import json
import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from analysis.service import analyse
from distribution.service import handle
from remediation.service import remediate
from sweeper.service import sweep
from tests.fakes.memory import MemoryAnchors, MemoryBlobs, MemoryIncidents, TickingClock
from tests.fakes.remediation import World as Remediation
from tests.unit.analysis import stories as analysis
from tests.unit.distribution.places import House, house
from tests.unit.reception.world import SAMPLE_TIME, alarm
from tests.unit.reception.world import World as Reception
from watchkeeper.errors import AlreadyWritten, Transient
from watchkeeper.messages import Message, Queue
from watchkeeper.models import Incident
from watchkeeper.publish import Publisher

THREADS = 16
QUIET_AFTER = 400


@dataclass
class Queues:
    """Every queue at its worst: standard ones keep each copy, and all of them deliver again what was handled already.

    What FIFO queues do promise is kept: two messages of one group are never handled at the same time.
    """

    waiting: list[Message] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    sent: list[Message] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)
    groups: dict[str, Any] = field(default_factory=lambda: defaultdict(threading.Lock))

    def send(self, messages: Any) -> None:
        with self.lock:
            fresh = [message for message in messages if not message.group or message.id not in self.known]
            self.known |= {message.id for message in fresh}
            self.sent += fresh
            self.waiting += fresh

    def take(self) -> list[Message]:
        with self.lock:
            taken, self.waiting = self.waiting, []
        return taken


@dataclass
class Whole:
    """The night. `copies` is how often each message is delivered, at once and on different threads."""

    incidents: MemoryIncidents
    queues: Queues
    clock: TickingClock
    reception: Reception
    analysis: Any
    remediation: Remediation
    distribution: House
    copies: int = 1

    @property
    def incident(self) -> Incident:
        (found,) = self.incidents.meta.values()
        return found

    def fire(self, times: int, **but: Any) -> None:
        """The same alarm, delivered so often from sixteen threads."""
        body = json.dumps(alarm(**but))
        self._at_once([lambda: self.reception.deliver(body)] * times)

    def play(self, seed: int = 1) -> None:
        """Until nothing is waiting and nothing is due: the automation ends, the alarm clears, and time goes by."""
        order = random.Random(seed)  # noqa: S311 - an order to test with, and the same each time
        for _ in range(QUIET_AFTER):
            messages = self.queues.take() * self.copies
            order.shuffle(messages)
            self._at_once([lambda message=message: self._deliver(message) for message in messages])
            if not self.queues.waiting and not self._time_goes_by():
                return
        raise AssertionError("the night does not end")

    def _time_goes_by(self) -> bool:
        """What the world does on its own. False once nothing more can come of it."""
        self.clock.tick(20)
        if self.remediation.ssm.finish():
            self.clock.tick(5)
            self.remediation.alarm_is("OK")
            return True
        if all(incident.status.ended and incident.due is None for incident in self.incidents.meta.values()) and not self.incidents.debts:
            return False
        self.clock.tick(300)
        sweep(self.remediation.sweeper())
        return True

    def _deliver(self, message: Message) -> None:
        if message.group:
            with self.queues.groups[message.group]:
                return self._work(message)
        return self._work(message)

    def _work(self, message: Message) -> None:
        match message.queue:
            case Queue.INTAKE:
                self.reception.deliver(message.model_dump_json())
            case Queue.ANALYSIS:
                analyse(message, f"sqs-{threading.get_ident()}", self.analysis)  # type: ignore[arg-type]  # only AnalysisAsked goes there
            case Queue.REMEDIATION:
                remediate(message, self.remediation.wiring())  # type: ignore[arg-type]  # any message but the base class
            case Queue.DISTRIBUTION:
                handle(message, self.distribution.wiring)

    def _at_once(self, deliveries: list[Any]) -> None:
        """Each is tried until it gets through, as its queue would."""

        def until_through(deliver: Any) -> None:
            for _ in range(200):
                try:
                    deliver()
                except (Transient, AlreadyWritten) as error:
                    if getattr(error, "retry_after", None):
                        self.clock.tick(1)
                    continue
                return
            raise AssertionError("a message never got through")

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(until_through, deliveries))


@contextmanager
def a_whole_night(copies: int = 1) -> Iterator[Whole]:
    """Everything put together around the CPU story, with nothing in it yet."""
    incidents, queues, clock = MemoryIncidents(), Queues(), TickingClock(SAMPLE_TIME)
    anchors, blobs = MemoryAnchors(), MemoryBlobs()
    publisher = Publisher(incidents, queues, anchors)
    with house() as people:
        people.wiring = replace(people.wiring, incidents=incidents, outbox=queues, clock=clock, blobs=blobs)
        thinking = analysis.House(analysis.cpu_night()).wiring()
        reception = Reception(incidents=incidents, outbox=queues, blobs=blobs, clock=clock)  # type: ignore[arg-type]  # an Outbox by its shape
        remediation = Remediation(incidents=incidents, outbox=queues, anchors=anchors, clock=clock)
        remediation.alarm_is("ALARM", SAMPLE_TIME - timedelta(minutes=1))
        yield Whole(
            incidents=incidents,
            queues=queues,
            clock=clock,
            reception=reception,
            analysis=replace(thinking, incidents=incidents, publisher=publisher, blobs=blobs, clock=clock),
            remediation=remediation,
            distribution=people,
            copies=copies,
        )
