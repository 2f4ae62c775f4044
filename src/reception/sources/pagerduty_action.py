"""A person, or a workflow of PagerDuty, asks on an incident for something to be done.

What is asked for is written into the labels, for people and for the analysis to see. It is a wish and grants nothing: what
may run, and whether somebody is asked first, is for the standing orders to say, here as for any other alert.
"""

from collections.abc import Iterator

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import AnyOf, Bearer, SharedHeader
from reception.resources import LONGEST_NAME, Place, distinct
from reception.sources.pagerduty import own_id, urgency
from reception.sources.registry import Received, source
from reception.tags import links_of, pairs
from reception.vocabulary import kind_of
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource


@source(
    "pagerduty-action",
    samples=("events/pagerduty-action.json", "events/pagerduty-action-withdrawn.json"),
    proof=AnyOf((Bearer(), SharedHeader("X-Watchkeeper-Secret"))),
    vendor="PagerDuty workflow: Send a Webhook POST",
    docs="https://support.pagerduty.com/actions/docs/send-a-webhook-post",
    path="/pagerduty/autonomous/action",
)
def read_action(body: Body, received: Received) -> Iterator[Alert]:
    """One request is one alert that fires, until the same request comes with a `status` that says resolved.

    Each action that is asked for on an incident is an alert of its own, so that it is analysed and planned for.
    """
    event = mapping(body.get("event"))
    asked = mapping(event.get("data")) or body  # PagerDuty's own event of an invoked action has the same fields one level down
    incident = mapping(asked.get("incident"))
    action = _action(asked) or "something"
    named = text(incident, "id", "incident_key", "number", "title", "summary") or text(asked, "incident")
    kind = kind_of(text(asked, "status")) or AlertKind.FIRING
    title = f"PagerDuty asks for {action}" + (f": {about}" if (about := text(incident, "title", "summary")) else "")
    said = text(incident, "priority", "urgency") or text(asked, "priority", "urgency")
    yield Alert(
        source="pagerduty-action",
        kind=kind,
        title=f"Withdrawn: {title}" if kind is AlertKind.RESOLVED else title,
        fingerprint=token("pagerduty-action", named, action),
        occurred_at=moment(asked.get("requested_at") or event.get("occurred_at"), received.at),
        severity=urgency(said),
        vendor_severity=said,
        service=text(incident, "service") or text(asked, "service") or "unknown",
        environment=text(asked, "environment"),
        account=received.home.account,
        region=received.home.region,
        description="\n".join(part for part in (text(asked, "comment", "reason"), text(incident, "description")) if part),
        resources=distinct(r for entry in listing(asked.get("resources")) if (r := _resource(entry, received.home))),
        alarm_name=text(asked, "alarm_name"),
        labels=_labels(event, asked, action, own_id(incident) or named),
        links=links_of(incident, pagerduty="html_url") | links_of(asked, action="html_url"),
    )


def _action(asked: Body) -> str:
    return text(asked, "action", "requested_action") or text(mapping(asked.get("action")), "summary", "name", "id")


def _resource(entry: object, place: Place) -> Resource | None:
    """An ARN, or a type and an id. Trusted, as with everything that a proven sender writes into a field made for it."""
    one = mapping(entry)
    kind, own_id = text(one, "type").lower()[:LONGEST_NAME], text(one, "id")
    if kind and own_id:
        return Resource(type=kind, id=own_id, arn=text(one, "arn"), account=place.account, region=place.region, trusted=True)
    return from_arn(text(one, "arn") or text({"it": entry}, "it"), trusted=True)


def _labels(event: Body, asked: Body, action: str, named: str) -> dict[str, str]:
    said = {
        "pagerduty_incident": named,
        "requested_action": action,
        "requested_by": text(asked, "requested_by") or text(mapping(event.get("agent")), "summary"),
        "event_id": text(event, "id"),
    }
    given = {f"parameter_{name}": value for name, value in pairs(asked.get("parameters")).items()}
    return {name: value for name, value in said.items() if value} | given
