"""A sample of the HTTP door as its source reads it, and with parts of its body changed."""

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from reception.envelopes import opened
from reception.sources.registry import Received, sources
from reception.understanding import only_alerts, understand
from reception.wiring import Wiring
from tests.unit.reception.world import SAMPLE_TIME, World, sample
from watchkeeper.models import Alert


def body_of(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(sample(name)["body"])
    return body


def but(body: Any, path: str, value: Any) -> Any:
    """A copy of the body with another value at a dotted path; `incident.state`."""
    copy = json.loads(json.dumps(body))
    place, names = copy, path.split(".")
    for name in names[:-1]:
        place = place[int(name) if name.isdigit() else name]
    place[names[-1]] = value
    return copy


@cache
def wiring() -> Wiring:
    """Reception's, with the team's services read once: the damages ask for them thousands of times."""
    made = World().wiring
    return replace(made, services=cache(made.services))


def alerts(source: str, body: Any, at: datetime = SAMPLE_TIME) -> list[Alert]:
    """What this source makes of the body, placed and tidied as at the door."""
    received = Received(at=at, home=wiring().home, door=source)
    return list(only_alerts(understand(opened(json.dumps(body)), received, wiring(), known=sources()[source])))


def alert(source: str, body: Any, at: datetime = SAMPLE_TIME) -> Alert:
    (one,) = alerts(source, body, at)
    return one


def read(name: str) -> Alert:
    """The one alert of a sample."""
    return alert(sample(name)["pathParameters"]["source"], body_of(name))
