"""Reception over the fakes, the samples, and a way to play a delivery."""

import base64
import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from reception.enrichment import Directory, Known
from reception.envelopes import opened
from reception.hearing import Rules
from reception.noise.dependencies import Dependencies
from reception.service import Delivery, receive
from reception.sources.registry import AutomationChanged, Reading, Received
from reception.understanding import understand
from reception.wiring import Wiring
from tests.fakes.memory import MemoryAnchors, MemoryBlobs, MemoryIncidents, MemoryOutbox, MemorySecrets, TickingClock
from watchkeeper.models import Alert, Incident
from watchkeeper.publish import Publisher
from watchkeeper.quiet import Correlation, Mute, Noise
from watchkeeper.redaction import Redactor
from watchkeeper.settings import ReceptionSettings
from watchkeeper.team import Services, read_yaml

ROOT = Path(__file__).parents[3]
SAMPLE_TIME = datetime(2026, 11, 20, 3, 0, 4, tzinfo=UTC)
SECRET = "a-secret-for-samples-only"
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/watchkeeper/0a1b2c3d"
SAMPLES = sorted(path.name for path in (ROOT / "events").glob("*.json"))


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return event


@dataclass
class Postponed:
    """The Inbox port: what was put off, and for how long."""

    calls: list[tuple[str, int]] = field(default_factory=list)

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        self.calls.append((receipt_handle, seconds))


class Nobody:
    """The Directory port: it knows nothing."""

    def look_up(self, account: str, arns: object) -> Known:
        return Known()


EACH_FOR_ITSELF = Noise(correlation=Correlation(threshold=2, within=timedelta(seconds=1)))


@dataclass
class World:
    """`noise` keeps incidents apart unless a test says otherwise: what it is about is then all that happens."""

    incidents: MemoryIncidents = field(default_factory=MemoryIncidents)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    inbox: Postponed = field(default_factory=Postponed)
    clock: TickingClock = field(default_factory=lambda: TickingClock(SAMPLE_TIME))
    noise: Noise = EACH_FOR_ITSELF
    mutes: tuple[Mute, ...] = ()
    directory: Directory = field(default_factory=Nobody)
    delivered: set[str] = field(default_factory=set)
    secrets: MemorySecrets = field(default_factory=lambda: MemorySecrets({"webhooks": {"generic": SECRET}}))

    @property
    def wiring(self) -> Wiring:
        return Wiring(
            settings=ReceptionSettings(
                stack_id=STACK, aws_region="eu-west-1", incidents_table="i", audit_table="a", bucket="b",
                intake_queue_url="q", analysis_queue_url="q", webhook_secret_id="webhooks",
            ),
            incidents=self.incidents,
            publisher=Publisher(self.incidents, self.outbox, MemoryAnchors()),
            outbox=self.outbox,
            blobs=self.blobs,
            inbox=self.inbox,
            redact=Redactor(STACK.encode()),
            services=lambda: self.services,
            rules=lambda: Rules(self.noise, self.mutes, {}, Dependencies.of(self.services)),
            directory=lambda: self.directory,
            secrets=lambda: self.secrets,
            clock=self.clock,
            trace=lambda: "1-6aff8134-0a1b2c3d4e5f60718293a4b5",
        )  # fmt: skip

    @cached_property
    def services(self) -> Services:
        return read_yaml(ROOT / "config" / "services.yaml", Services)

    def deliver(self, body: object) -> None:
        """One record of the intake queue; the same body again is the same record, given back. Raises what it fails with."""
        (outcome,) = self.batch(body)
        if outcome:
            raise outcome

    def batch(self, *bodies: object) -> list[Exception | None]:
        """Several records at once."""
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        records = [Delivery(text, self.clock(), again=text in self.delivered) for text in texts]
        self.delivered |= set(texts)
        return receive(records, self.wiring)

    def incident(self) -> Incident:
        """The one incident that there is."""
        (found,) = self.incidents.meta.values()
        return found


def read(text: str, world: World | None = None) -> list[Alert]:
    """What the intake queue makes of a body, before it is folded."""
    wiring = (world or World()).wiring
    readings: list[Reading] = understand(opened(text), Received(at=SAMPLE_TIME, home=wiring.home), wiring)
    return [reading for reading in readings if not isinstance(reading, AutomationChanged)]


def packed(lines: object) -> dict[str, Any]:
    """A log subscription's event with this inside."""
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(lines).encode())).decode()}}


def alarm(**but: Any) -> dict[str, Any]:
    """The raw alarm of the samples, with these fields changed; a None leaves the field out."""
    body = json.loads(sample("cloudwatch-alarm-raw.json")["Records"][0]["body"])
    return {name: value for name, value in {**body, **but}.items() if value is not None}


def at(clock: str) -> dict[str, str]:
    """The time of a state change on the samples' night."""
    return {"StateChangeTime": f"2026-11-20T{clock}.000+0000"}
