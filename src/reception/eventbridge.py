"""What every event of an AWS service has in common, whichever service it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reception.fields import Body, listing, mapping, moment, text
from reception.resources import Place, distinct
from reception.sources.registry import Received
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity


@dataclass(frozen=True)
class Event:
    """One event of EventBridge. Its rule lies in the account and its queue's policy names it, so what it names is trusted."""

    type: str
    detail: Body
    place: Place
    at: datetime
    arns: tuple[str, ...]

    def named(self, *more: str) -> tuple[Resource, ...]:
        """The resources of these ARNs, and of those that the event itself lists. What is no ARN names nothing."""
        return distinct(r for r in (from_arn(arn, trusted=True) for arn in (*more, *self.arns)) if r)


def is_from(body: Body, service: str, *types: str) -> bool:
    """An event of this AWS service, of one of these types."""
    return body.get("source") == f"aws.{service}" and text(body, "detail-type") in types


def event_of(body: Body, received: Received) -> Event:
    """The event, where it says nothing of place and time with those of its delivery."""
    return Event(
        type=text(body, "detail-type"),
        detail=mapping(body.get("detail")),
        place=Place(text(body, "account") or received.home.account, text(body, "region") or received.home.region),
        at=moment(body.get("time"), received.at),
        arns=tuple(arn for arn in listing(body.get("resources")) if isinstance(arn, str)),
    )


@dataclass(frozen=True)
class News:
    """What a source makes of an event: the part of an alert that differs from service to service.

    `about` is what tells this trouble from others of its source and place, and is the same when it fires and when it ends.
    """

    kind: AlertKind
    title: str
    about: tuple[str, ...]
    severity: Severity = Severity.SEV3
    vendor_severity: str = ""
    description: str = ""
    resources: Iterable[Resource] = ()
    labels: Body | None = None
    console: str = ""
    place: Place | None = None
    at: datetime | None = None
    links: Body | None = None


def alert(source: str, event: Event, news: News) -> Alert:
    """The alert of an event."""
    place = news.place or event.place
    labels, own_links = news.labels or {}, news.links or {}
    links = {"console": f"{place.console}/{news.console}"} if news.console and place.console else {}
    return Alert(
        source=source,
        kind=news.kind,
        title=news.title,
        fingerprint=token(source, place.account, place.region, *news.about),
        occurred_at=news.at or event.at,
        severity=news.severity,
        vendor_severity=news.vendor_severity,
        service=text(labels, "tag:service", "tag:Service") or "unknown",
        environment=text(labels, "tag:environment", "tag:Environment", "tag:env"),
        account=place.account,
        region=place.region,
        description=news.description,
        resources=distinct(news.resources),
        labels={name: text(labels, name) for name in labels if text(labels, name)},
        links=links | {name: text(own_links, name) for name in own_links if text(own_links, name)},
    )


def last_part(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition("/")[2].rpartition(":")[2]
