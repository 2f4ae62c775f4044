"""What a source makes of a body or of one of its samples, with nothing else around it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reception.envelopes import parse
from reception.resources import Place
from reception.sources.registry import Received, sources
from watchkeeper.models import Alert

EVENTS = Path(__file__).parents[4] / "events"
HOME = Place("123456789012", "eu-west-1")
AT = datetime(2026, 11, 20, 3, 0, 4, tzinfo=UTC)
INSTANCE = "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"


def body_of(sample: str) -> dict[str, Any]:
    """The JSON that the vendor sends, out of the request."""
    body: dict[str, Any] = parse(json.loads((EVENTS / f"{sample}.json").read_text())["body"])
    return body


def read_by(source: str, body: Mapping[str, Any], at: datetime = AT) -> list[Alert]:
    """The alerts that this source reads in a body."""
    return [reading for reading in sources()[source].read(body, Received(at, HOME, source)) if isinstance(reading, Alert)]


def the_one(source: str, body: Mapping[str, Any], at: datetime = AT) -> Alert:
    (alert,) = read_by(source, body, at)
    return alert


def gist(alert: Alert) -> tuple[str, str, str, str, str, list[str]]:
    """What matters first: kind, title, severity, the vendor's word, service, resources."""
    named = [resource.arn or f"{resource.type}/{resource.id}" for resource in alert.resources]
    return (alert.kind.value, alert.title, alert.severity.value, alert.vendor_severity, alert.service, named)
