"""Any tool that can post JSON: one alert, or several under `alerts`. Only a title is asked for; docs/integrations/webhook.md.

A field of the wrong type counts as not there, because an alert with a gap beats a 4xx that its sender throws away.
"""

from collections.abc import Iterator, Sequence

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import Hmac
from reception.resources import LONGEST_NAME, Place, distinct
from reception.signature import SIGNATURE, TIMESTAMP
from reception.sources.registry import Received, source
from reception.sources.unrecognised import in_general, read_anything
from reception.vocabulary import kind_of, severity_of
from watchkeeper.arns import from_arn
from watchkeeper.errors import BadPayload
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

MOST_ALERTS = 100


@source(
    "generic",
    samples=("events/webhook-generic.json", "events/webhook-generic-many.json"),
    proof=Hmac(SIGNATURE, prefix="v1=", timestamp_header=TIMESTAMP, signed="{timestamp}:{body}", several=True),
    vendor="Any tool that can sign a request",
    docs="docs/integrations/webhook.md",
)
def read_posted(body: Body, received: Received) -> Iterator[Alert]:
    """Each member of `alerts`, or the body itself. What has no title is read as far as it can be."""
    members: Sequence[object] = body["alerts"] if isinstance(body.get("alerts"), list) else [body]
    if not members:
        raise BadPayload("an empty list: send at least one alert, or the alert itself as the body", field="alerts")
    if len(members) > MOST_ALERTS:
        raise BadPayload(f"{len(members)} alerts in one request: send at most {MOST_ALERTS}", field="alerts")
    for member in members:
        one = mapping(member) if isinstance(member, dict) else {"message": str(member)}
        if text(one, "title"):
            yield _read(one, received)
        else:
            yield from read_anything(one, received)


def _read(one: Body, received: Received) -> Alert:
    title, said = text(one, "title"), text(one, "severity")
    account, region = text(one, "account") or received.home.account, text(one, "region") or received.home.region
    named = text(one, "fingerprint", "dedup_key", "id") or in_general(title)
    resources = [_resource(entry, Place(account, region)) for entry in listing(one.get("resources"))]
    return Alert(
        source="generic",
        kind=kind_of(text(one, "status", "kind", "state")) or AlertKind.FIRING,
        title=title,
        fingerprint=token("generic", account, region, text(one, "service"), named),
        occurred_at=moment(one.get("occurred_at"), received.at),
        severity=severity_of(said) or Severity.SEV3,
        vendor_severity=said,
        service=text(one, "service") or "unknown",
        environment=text(one, "environment"),
        account=account,
        region=region,
        description=text(one, "description"),
        resources=distinct(resource for resource in resources if resource),
        alarm_name=text(one, "alarm_name"),
        log_excerpt=text(one, "log_excerpt"),
        labels=_pairs(one, "labels"),
        links={name: link for name, link in _pairs(one, "links").items() if link.startswith(("https://", "http://"))},
    )


def _resource(entry: object, place: Place) -> Resource | None:
    """An ARN, or an object with type and id. The sender proved who it is, so what it names in this field is trusted."""
    if isinstance(entry, str):
        return from_arn(entry, trusted=True)
    one = mapping(entry)
    by_arn = from_arn(text(one, "arn"), trusted=True)
    if by_arn or not (text(one, "type") and text(one, "id")):
        return by_arn
    return Resource(
        type=text(one, "type").lower()[:LONGEST_NAME], id=text(one, "id"), account=place.account, region=place.region, trusted=True
    )


def _pairs(one: Body, field: str) -> dict[str, str]:
    inner = mapping(one.get(field))
    return {name: text(inner, name) for name in inner if text(inner, name)}
