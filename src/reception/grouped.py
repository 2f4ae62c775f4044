"""A group of alerts in one notification, in the shape that Alertmanager made and Grafana took over."""

import re
from collections.abc import Callable, Iterator

from reception.fields import Body, count, listing, mapping, moment, text
from reception.resources import distinct
from reception.sources.registry import Received
from reception.tags import environment_in, links_of, pairs, place_in, service_in, things_in
from reception.vocabulary import kind_of, severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

LINKS = {"rule": "generatorURL", "silence": "silenceURL", "dashboard": "dashboardURL", "panel": "panelURL", "image": "imageURL"}
WRITTEN_LINKS = {"runbook": "runbook_url", "dashboard": "dashboard_url"}
SEVERITIES = ("severity", "priority", "level")
WHERE = ("instance", "host", "pod", "node", "job")

Title = Callable[[Body, Body], str]


def read_group(body: Body, received: Received, source: str, title: Title) -> Iterator[Alert]:
    """An alert for each member. A group without members is one alert, from what its members are said to have in common."""
    for member in listing(body.get("alerts")) or [{}]:
        yield _read(mapping(member), body, received, source, title)


def named(labels: Body, annotations: Body) -> str:
    """What its writer put into words; else the rule, and where."""
    for word in ("summary", "title"):
        if said := text(annotations, word):
            return said
    rule, where = text(labels, "alertname", "rulename"), text(labels, *WHERE)
    return " on ".join(part for part in (rule or text(annotations, "description", "message"), where) if part)


def _read(member: Body, body: Body, received: Received, source: str, title: Title) -> Alert:
    labels = pairs(member.get("labels")) or pairs(body.get("commonLabels"))
    annotations = pairs(member.get("annotations")) or pairs(body.get("commonAnnotations"))
    kind = kind_of(text(member, "status")) or kind_of(text(body, "status")) or AlertKind.FIRING
    place, said = place_in(labels, received.home), text(labels, *SEVERITIES)
    what = title(labels, annotations) or text(body, "title") or f"An alert of {source} without a name"
    left_out = count(body.get("truncatedAlerts"), 1, 0)
    return Alert(
        source=source,
        kind=kind,
        title=f"Resolved: {what}" if kind is AlertKind.RESOLVED else what,
        fingerprint=token(source, text(body, "orgId"), text(member, "fingerprint") or _as_one(labels) or what),
        # the end of what still fires is written as the year 1, which is no moment
        occurred_at=moment(member.get("endsAt" if kind is AlertKind.RESOLVED else "startsAt"), received.at),
        severity=severity_of(said) or Severity.SEV3,
        vendor_severity=said,
        service=service_in(labels) or "unknown",
        environment=environment_in(labels),
        account=place.account,
        region=place.region,
        description="\n".join(_about(annotations, member, left_out)),
        resources=distinct(things_in(labels, place)),
        labels=labels | _of_the_group(body, member, left_out),
        links=links_of(member, **LINKS) | links_of(annotations, **WRITTEN_LINKS) | links_of(body, **{source: "externalURL"}),
    )


def _as_one(labels: dict[str, str]) -> str:
    return "\x1f".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _about(annotations: dict[str, str], member: Body, left_out: int) -> Iterator[str]:
    yield from (annotations[name] for name in ("description", "message") if name in annotations)
    if values := _values(member):
        yield f"Values: {values}"
    if left_out:
        yield f"The group had {left_out} more, which were left out of the notification."


def _values(member: Body) -> str:
    numbers = pairs(member.get("values"))
    return ", ".join(f"{name}={value}" for name, value in sorted(numbers.items())) or re.sub(r"\s+", " ", text(member, "valueString"))


def _of_the_group(body: Body, member: Body, left_out: int) -> dict[str, str]:
    said = {
        "receiver": text(body, "receiver"),
        "group": text(body, "groupKey"),
        "values": _values(member),
        "truncated_alerts": str(left_out or ""),
    }
    return {name: value for name, value in said.items() if value}
