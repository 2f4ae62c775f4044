"""An alert as it may be stored and sent: without secrets, no longer than a person reads, placed with its team."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from watchkeeper.goals import is_goal
from watchkeeper.matching import named
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from watchkeeper.team import Service, Services

LIMITS = {"title": 250, "description": 4_000, "log_excerpt": 8_000, "service": 100, "environment": 60, "vendor_severity": 60}
ALARM_NAME, ACCOUNT, REGION = 255, 64, 64
MOST_LABELS, LABEL_NAME, LABEL = 40, 60, 500
MOST_LINKS, LINK = 10, 2_000
LONGEST_SECRET = 10_000
AHEAD = timedelta(minutes=5)

Redact = Callable[[str], str]


def tidied(alert: Alert, redact: Redact) -> tuple[Alert, bool]:
    """The alert without secrets and within our limits, and whether anything was cut.

    Redaction comes before cutting: half a secret would no longer look like one. It reads a long secret's length past the
    limit and no further, so that megabytes cost no more than a page. What names a thing in AWS (alarm name,
    resources, metric, account, region) stays as it is, because a changed name finds nothing.
    """
    said: dict[str, str] = {field: getattr(alert, field) for field in LIMITS}
    whole = {field: redact(text[: LIMITS[field] + LONGEST_SECRET]) for field, text in said.items()}
    labels = {redact(name[:LONGEST_SECRET]): redact(value[:LONGEST_SECRET]) for name, value in list(alert.labels.items())[:MOST_LABELS]}
    links = {redact(name[:LONGEST_SECRET]): redact(value[:LONGEST_SECRET]) for name, value in list(alert.links.items())[:MOST_LINKS]}
    tidy = alert.but(
        **{field: cut(text, LIMITS[field]) for field, text in whole.items()} | {"service": cut(whole["service"], 100) or "unknown"},
        alarm_name=alert.alarm_name[:ALARM_NAME],
        account=alert.account[:ACCOUNT],
        region=alert.region[:REGION],
        labels={cut(name, LABEL_NAME): cut(value, LABEL) for name, value in labels.items()},
        links={cut(name, LABEL_NAME): value for name, value in links.items() if len(value) <= LINK},
    )
    short = any(len(text) > LIMITS[field] for field, text in said.items())
    return tidy, short or len(alert.labels) > MOST_LABELS or any(len(value) > LABEL for value in alert.labels.values())


def cut(text: str, most: int) -> str:
    """The beginning, with a sign that there was more."""
    return text if len(text) <= most else text[: most - 1] + "…"


def not_ahead(alert: Alert, received_at: datetime) -> Alert:
    """A sender's clock that runs ahead may not push later news into the past: then what counts is when we heard."""
    return alert.but(occurred_at=received_at) if alert.occurred_at > received_at + AHEAD else alert


def placed(alert: Alert, services: "Services") -> Alert:
    """The service whose it is, as config/services.yaml says it, with its environment."""
    whose = _whose(alert, services)
    if whose is None:
        return alert
    return alert.but(service=whose.name, environment=alert.environment or whose.environment)


def _whose(alert: Alert, services: "Services") -> "Service | None":
    """A service that the sender named, else the alarm's, else a resource's, else that of its tags: the first that the file lists.

    A person who asks a question may name it in the question instead.
    """
    if is_goal(alert):
        return _spoken_of(alert, services)
    log_groups = [r.id for r in alert.resources if r.type == "logs:log-group"]
    names = [name for r in alert.resources for name in (r.id, r.arn) if name]
    ways: tuple[Callable[[Service], bool], ...] = (
        lambda s: s.name == alert.service,
        lambda s: bool(alert.alarm_name) and named(alert.alarm_name, s.alarms),
        lambda s: any(named(name, s.resources) for name in names),
        lambda s: any(named(group, s.log_groups) for group in log_groups),
        lambda s: bool(s.tags) and all(_carries(alert, name, value) for name, value in s.tags.items()),
    )
    return next((service for way in ways for service in services.services if way(service)), None)


def _spoken_of(alert: Alert, services: "Services") -> "Service | None":
    """The service of that name, else the first whose name stands in the question as a whole word. The words choose among the
    team's own names and add none."""
    if alert.service != "unknown":
        return next((service for service in services.services if service.name == alert.service), None)
    found = ((_stands_at(service.name, alert.description), service) for service in services.services)
    return min(((at, service) for at, service in found if at is not None), key=lambda one: one[0], default=(0, None))[1]


def _stands_at(name: str, words: str) -> int | None:
    match = re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words, re.IGNORECASE)
    return match.start() if match else None


def _carries(alert: Alert, name: str, value: str) -> bool:
    """A tag in AWS, or a label of another tool."""
    return value in (alert.labels.get(f"tag:{name}"), alert.labels.get(name))
