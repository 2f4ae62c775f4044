"""How many alerts reception takes in on one core, how long one of them waits, and what it asks of DynamoDB for it.

The alerts are those of every source's samples, in turn, at times of their own, so that each is new. What is measured is all
of our own work: open the envelope, read, place, redact, fold, decide and write; without the signature, which is a hash. `memory`
is over the ports in memory, `moto` over the real adapters with AWS played by moto in the same process. Prints a line for each
figure and writes bench/results/reception.json; with --check it exits 1 above a bound.
"""

import argparse
import base64
import contextlib
import json
import logging
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # this file is named as what it measures, and its own folder would be looked into first

# ruff: noqa: E402 - for the same reason
import boto3
from moto import mock_aws

from reception.batch import fold_in
from reception.envelopes import Opened, of_event, opened
from reception.item import Item
from reception.service import Delivery, receive
from reception.sources.registry import Received, Source, sources
from reception.understanding import understand
from reception.wiring import Wiring
from tests.fakes.memory import TickingClock
from tests.fakes.tables import create_tables
from tests.unit.reception.world import SAMPLE_TIME, World
from watchkeeper.messages import AlertsReceived
from watchkeeper.models import Alert
from watchkeeper.publish import Publisher
from watchkeeper.quiet import Noise
from watchkeeper.storage.incidents import DynamoIncidents
from watchkeeper.telemetry import logger

RESULTS = ROOT / "bench" / "results" / "reception.json"
BATCH = 10
WHOLE, SHARE = 6_000, 600
Text = tuple[Source | None, str]


@dataclass(frozen=True)
class Figure:
    """One measure. `most` and `least` are the bounds of --check; `beside` is what it is to be seen beside."""

    name: str
    value: float
    unit: str
    beside: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def line(self) -> str:
        return f"{self.name} {self.value:.4g} {self.unit}" + (f" ({self.beside})" if self.beside else "")

    @property
    def fault(self) -> str:
        """Why this may not pass; empty when it may."""
        if self.most is not None and self.value > self.most:
            return f"{self.name} is {self.value:.4g} {self.unit}, at most {self.most:g}"
        if self.least is not None and self.value < self.least:
            return f"{self.name} is {self.value:.4g} {self.unit}, at least {self.least:g}"
        return ""


def texts() -> list[Text]:
    """The body of every sample, with its source where it comes through the door, which knows."""
    found: list[Text] = []
    for source in sources().values():
        for name in source.samples:
            event = json.loads((ROOT / name).read_text())
            if "Records" in event and "body" in event["Records"][0]:
                found.append((None, str(event["Records"][0]["body"])))
            elif "httpMethod" in event:
                found.append((source, _body(event)))
            else:
                found.append((None, of_event(event).text))
    return found


def _body(event: dict[str, Any]) -> str:
    return base64.b64decode(event["body"]).decode() if event.get("isBase64Encoded") else str(event["body"])


def items_of(text: Text, number: int, wiring: Wiring) -> list[Item]:
    """What a record holds: read, tidied and, where it came through the door, packed for the queue and unpacked again."""
    source, body = text
    if source:
        parsed = json.loads(body)
        inside = Opened({"alerts": parsed} if isinstance(parsed, list) else parsed, body)
    else:
        inside = opened(body)
    readings = understand(inside, Received(at=SAMPLE_TIME, home=wiring.home), wiring, known=source)
    alerts = [reading for reading in readings if isinstance(reading, Alert)]
    if source and alerts:
        alerts = list(AlertsReceived.model_validate_json(AlertsReceived(alerts=tuple(alerts)).model_dump_json()).alerts)
    later = timedelta(seconds=number)
    moved = [alert.model_copy(update={"occurred_at": alert.occurred_at + later}) for alert in alerts]
    return [Item(alert.fingerprint, alert, "1-bench") for alert in moved]


@dataclass(frozen=True)
class Run:
    """How it went: alerts, seconds of CPU for all of them, and for each batch."""

    alerts: int
    batches: Sequence[float]

    @property
    def rate(self) -> float:
        return self.alerts / sum(self.batches)

    def at(self, share: float) -> float:
        """Milliseconds under which this share of the batches stays."""
        return 1000 * statistics.quantiles(self.batches, n=1000)[round(share * 1000) - 1]


def played(wiring: Wiring, records: int, batch: int) -> Run:
    """The mixed stream in batches, with nothing between them."""
    stream = enumerate(islice(cycle(texts()), records))
    alerts, spent = 0, []
    while part := list(islice(stream, batch)):
        began = time.process_time()
        items = [item for number, text in part for item in items_of(text, number, wiring)]
        failed = fold_in(items, wiring)
        spent.append(time.process_time() - began)
        alerts += len(items)
        if failed:
            raise next(iter(failed.values()))
    return Run(alerts, spent)


def world() -> World:
    """The samples' night, a day later, with the team's rules about noise as they come."""
    return World(noise=Noise(), clock=TickingClock(SAMPLE_TIME + timedelta(days=1)))


@contextlib.contextmanager
def moto_wiring() -> Iterator[tuple[Wiring, Counter[str]]]:
    """The real adapter over moto, and how often DynamoDB is asked for what."""
    calls: Counter[str] = Counter()
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_tables(client)
        client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.update([model.name]))
        incidents, given = DynamoIncidents(client, "incidents", "audit"), world().wiring
        publisher = Publisher(incidents, given.outbox, given.publisher.anchors)
        yield replace(given, incidents=incidents, publisher=publisher), calls


def requests_per_alert() -> list[Figure]:
    """Counted, in batches of ten: of ten that are new, that join, and that are exact duplicates, of one thing or of ten."""
    with moto_wiring() as (wiring, calls):

        def counted(alerts: Sequence[Alert]) -> float:
            calls.clear()
            bodies = [AlertsReceived(alerts=(alert,)).model_dump_json() for alert in alerts]
            assert not any(receive([Delivery(body, SAMPLE_TIME) for body in bodies], wiring))
            return calls.total() / len(alerts)

        one, ten = [_alert("fp", 0)], [_alert(f"fp-{n}", n) for n in range(BATCH)]
        wiring.rules()
        opening, joining = counted(ten), counted([_alert(f"fp-{n}", 100 + n) for n in range(BATCH)])
        counted(one)
        return [
            Figure("reception.requests.opening", opening, "requests/alert", "ten new incidents in a batch, the outbox included"),
            Figure("reception.requests.joining", joining, "requests/alert", "ten alerts for ten open incidents"),
            Figure("reception.requests.joining_one", counted([_alert("fp", n) for n in range(1, 11)]), "requests/alert", "ten for one"),
            Figure("reception.requests.duplicate", counted(ten), "requests/alert", "ten duplicates of ten, at most 1.2", most=1.2),
            Figure("reception.requests.duplicate_one", counted(one * BATCH), "requests/alert", "ten duplicates of one", most=1.2),
        ]


def _alert(fingerprint: str, seconds: int) -> Alert:
    at = SAMPLE_TIME + timedelta(seconds=seconds)
    return Alert.model_validate(
        {"source": "bench", "kind": "firing", "title": f"{fingerprint} is high", "fingerprint": fingerprint, "occurred_at": at}
    )


def measured(records: int) -> list[Figure]:
    played(world().wiring, SHARE, BATCH)  # warm: every source read once
    batches, singles = played(world().wiring, records, BATCH), played(world().wiring, records // 2, 1)
    with moto_wiring() as (wiring, calls):
        moto = played(wiring, SHARE, BATCH)
        asked = calls.total() / moto.alerts
    return [
        Figure("reception.memory.rate", batches.rate, "alerts/s", "batches of 10, at least 1000; a peer in process: 48", least=1000),
        Figure("reception.memory.alone.rate", singles.rate, "alerts/s", "one at a time; a peer over HTTP with four workers: 42"),
        Figure("reception.memory.alone.p50", singles.at(0.5), "ms", "one record from its text to its last write"),
        Figure("reception.memory.alone.p99", singles.at(0.99), "ms", "at most 20", most=20),
        Figure("reception.memory.batch.p99", batches.at(0.99), "ms", "a batch of 10 records"),
        Figure("reception.moto.rate", moto.rate, "alerts/s", "batches of 10, most of it moto's own work"),
        Figure("reception.moto.batch.p50", moto.at(0.5), "ms", "a batch of 10 records"),
        Figure("reception.moto.batch.p99", moto.at(0.99), "ms", "a batch of 10 records"),
        Figure("reception.requests.mixed", asked, "requests/alert", "the mixed stream in batches of 10"),
        *requests_per_alert(),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="exit 1 above a bound")
    parser.add_argument("--records", type=int, default=WHOLE, help=f"how many records to play ({WHOLE})")
    options = parser.parse_args()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # metrics and logs are written, and not shown
        for handler in logger.handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(nowhere)
        figures = measured(options.records)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    for figure in figures:
        print(figure.line)
    faults = [figure.fault for figure in figures if figure.fault]
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return 1 if options.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
