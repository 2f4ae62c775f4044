"""A New Relic workflow: an issue was activated, changed, acknowledged or closed.

Reads the default payload of a webhook channel, and the fuller one of docs/integrations/newrelic.md. An issue is followed
by its own id, because its conditions and entities may grow while it is open.
"""

from collections.abc import Iterator

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import AnyOf, Bearer, SharedHeader
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.sources.unrecognised import in_general
from reception.tags import environment_in, links_of, place_in, service_in, things_in
from reception.vocabulary import severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

STATES = {"closed": AlertKind.RESOLVED, "deactivated": AlertKind.RESOLVED, "resolved": AlertKind.RESOLVED, "acknowledged": AlertKind.INFO}
BY_PEOPLE = ("user_action", "acknowledged", "issue_acknowledged")
LISTS = {
    "conditions": "alertConditionNames",
    "policies": "alertPolicyNames",
    "entities": "impactedEntities",
    "sources": "sources",
    "queries": "nrqlQueries",
    "accounts": "accounts",
}
WORDS = {"issue": "id", "state": "state", "trigger": "trigger", "workflow": "workflowName", "incidents": "totalIncidents"}


@source(
    "newrelic",
    samples=("events/newrelic-activated.json", "events/newrelic-closed.json"),
    proof=AnyOf((SharedHeader("X-Watchkeeper-Secret"), Bearer())),
    vendor="New Relic workflows",
    docs="https://docs.newrelic.com/docs/alerts/get-notified/notification-integrations/#webhook",
)
def read_newrelic(body: Body, received: Received) -> Iterator[Alert]:
    """One notification about one issue."""
    issue, title = text(body, "id", "issueId"), _first(body, "title") or "A New Relic issue without a title"
    tags, entities = _tags(body), _texts(body, "impactedEntities")
    place, said = place_in(tags, received.home), text(body, "priority")
    kind = _kind(text(body, "state").lower(), text(body, "trigger", "triggerEvent").lower())
    yield Alert(
        source="newrelic",
        kind=kind,
        title={AlertKind.RESOLVED: "Resolved: ", AlertKind.INFO: "Acknowledged: "}.get(kind, "") + title,
        fingerprint=token("newrelic", issue or in_general(title)),
        occurred_at=moment(body.get("updatedAt"), moment(body.get("createdAt"), received.at)),
        severity=severity_of(said) or Severity.SEV3,
        vendor_severity=said,
        service=service_in(tags) or (entities[0] if len(entities) == 1 else "unknown"),
        environment=environment_in(tags),
        account=place.account,
        region=place.region,
        description=_first(body, "description"),
        resources=distinct(things_in(tags, place)),
        labels=tags | _labels(body),
        links=links_of(body, newrelic="issueUrl") | links_of({"runbook": _first(body, "runbookUrl")}, runbook="runbook"),
    )


def _kind(state: str, trigger: str) -> AlertKind:
    """A state that we do not know fires: to hear of it twice is better than not at all."""
    if state in STATES:
        return STATES[state]
    return AlertKind.INFO if trigger in BY_PEOPLE else AlertKind.FIRING


def _texts(body: Body, field: str) -> list[str]:
    """The texts of a list; a text alone is a list of one."""
    value = body.get(field)
    return [said for one in (value if isinstance(value, list) else [value]) if (said := text({"it": one}, "it"))]


def _first(body: Body, field: str) -> str:
    return next(iter(_texts(body, field)), "")


def _tags(body: Body) -> dict[str, str]:
    """New Relic gives the values of a tag as a list. A tag with several names no one thing, and stays a label alone."""
    inner = mapping(body.get("tags"))
    return {name: ", ".join(found) for name in inner if (found := _texts(inner, name))}


def _labels(body: Body) -> dict[str, str]:
    said = {ours: text(body, theirs) for ours, theirs in WORDS.items()}
    many = {ours: ", ".join(_texts(body, theirs)) for ours, theirs in LISTS.items() if listing(body.get(theirs))}
    return {name: value for name, value in (said | many).items() if value}
