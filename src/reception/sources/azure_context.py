"""Why an Azure alert fired: the part of the common schema that each signal fills in its own way."""

from dataclasses import dataclass, field

from reception.fields import Body, listing, mapping, number, text
from reception.tags import links_of, pairs
from watchkeeper.models import AlertKind, Severity

LINES = {
    "greaterthan": "above {}",
    "greaterthanorequal": "at or above {}",
    "greaterthanorequalto": "at or above {}",
    "lessthan": "below {}",
    "lowerthan": "below {}",
    "lessthanorequal": "at or below {}",
    "lessthanorequalto": "at or below {}",
    "greaterorlessthan": "outside its expected band",
    "equals": "equal to {}",
}
EVENT = ("eventSource", "operationName", "status", "caller", "level")
HEALTH = ("incidentType", "stage", "trackingId", "service", "region", "currentHealthStatus", "cause", "type")
MEASURED = ("metricNamespace", "operator", "threshold", "metricValue", "timeAggregation")
SEARCHED = ("ResultCount", "Operator", "Threshold", "AlertType")
INCIDENTS = {"incident": Severity.SEV2, "security": Severity.SEV2, "actionrequired": Severity.SEV3}
ENDED = {"resolved", "rca", "complete", "canceled"}


@dataclass(frozen=True)
class Cause:
    """`says` and `line` make the title where they are there; `apart` tells what one rule watches apart; `query` is a log search's."""

    says: str = ""
    line: str = ""
    value: str = ""
    about: str = ""
    query: str = ""
    kind: AlertKind | None = None
    severity: Severity | None = None
    of_activity: bool = False
    apart: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


def cause(essentials: Body, context: Body) -> Cause:
    """Of whichever signal it is, told by what the context holds."""
    condition = mapping(context.get("condition"))
    criteria = [mapping(entry) for entry in listing(condition.get("allOf"))]
    if criteria:
        return _measured(criteria)
    if "SearchQuery" in context:
        return _searched(context)
    if "eventSource" in context or "operationName" in context:
        return _reported(essentials, context)
    return _queried(context)


def _measured(criteria: list[Body]) -> Cause:
    """A metric, or a log search that counts as one: the first of its criteria, with the dimensions of all."""
    first = criteria[0]
    dimensions = {name: value for entry in criteria for name, value in _dimensions(entry.get("dimensions")).items()}
    threshold, value = number(first.get("threshold")), number(first.get("metricValue"))
    query = text(first, "searchQuery")
    named = text(first, "metricName") or ("" if query else text(first, "webTestName"))
    line = LINES.get(text(first, "operator").lower(), "over its line ({})")
    said = {name: text(first, name) for name in MEASURED}
    return Cause(
        says=named,
        line=line.format("its threshold" if threshold is None else f"{threshold:g}"),
        value="" if value is None else f" ({value:.4g})",
        query=query,
        apart=tuple(f"{name}={value}" for name, value in sorted(dimensions.items())),
        labels=pairs(said) | dimensions,
        links=links_of(first, search="linkToSearchResultsUI", filtered="linkToFilteredSearchResultsUI"),
    )


def _searched(context: Body) -> Cause:
    """A log search of before 2020-05-01."""
    dimensions = _dimensions(context.get("Dimensions"))
    said = {name: text(context, name) for name in SEARCHED}
    return Cause(
        query=text(context, "SearchQuery"),
        apart=tuple(f"{name}={value}" for name, value in sorted(dimensions.items())),
        labels=pairs(said) | dimensions,
        links=links_of(context, search="LinkToSearchResults", filtered="LinkToFilteredSearchResultsUI"),
    )


def _reported(essentials: Body, context: Body) -> Cause:
    """An entry of the activity log. Health has a title, a tracking id and an end; an operation has none of them."""
    properties = mapping(context.get("properties"))
    title, incident = text(properties, "title"), text(properties, "incidentType").lower()
    over = text(properties, "stage").lower() in ENDED or text(context, "status").lower() == "resolved"
    over = over or text(properties, "currentHealthStatus").lower() == "available"
    health = bool(incident) or text(essentials, "monitoringService").lower() in {"servicehealth", "resourcehealth", "resource health"}
    planned = incident in {"maintenance", "informational"}
    kind = AlertKind.RESOLVED if over and health else AlertKind.INFO if planned else AlertKind.FIRING
    operation = text(context, "operationName")
    status = text(context, "status")
    return Cause(
        says=title or (f"{operation} {status.lower()}".strip() if operation and not health else ""),
        about=text(properties, "communication", "defaultLanguageContent", "details", "description"),
        kind=kind,
        severity=INCIDENTS.get(incident),
        of_activity=True,
        apart=(text(properties, "trackingId"),) if health else (operation,),
        labels=pairs({name: context.get(name) for name in EVENT} | {name: properties.get(name) for name in HEALTH}),
    )


def _queried(context: Body) -> Cause:
    """Managed Prometheus, which brings its labels; and what is not known here."""
    labels = pairs(context.get("labels"))
    return Cause(
        about=text(mapping(context.get("annotations")), "summary", "description"),
        query=text(context, "expression"),
        apart=tuple(f"{name}={value}" for name, value in sorted(labels.items())),
        labels=labels,
    )


def _dimensions(value: object) -> dict[str, str]:
    entries = [mapping(entry) for entry in listing(value)]
    return pairs({text(entry, "name"): text(entry, "value") for entry in entries if text(entry, "name")})
