"""An Azure Monitor alert in the common alert schema, for every signal: metric, log search, activity log, service and resource health.

Azure's Sev1 is its second of five, so its words are not ours: the table below says which is which.
"""

from collections.abc import Iterator
from datetime import datetime

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import QueryToken
from reception.resources import LONGEST_NAME, distinct
from reception.sources.azure_context import Cause, cause
from reception.sources.registry import Received, source
from reception.tags import environment_in, links_of, pairs, service_in
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

SEVERITIES = {"sev0": Severity.SEV1, "sev1": Severity.SEV2, "sev2": Severity.SEV3, "sev3": Severity.SEV4, "sev4": Severity.SEV4}
LABELS = ("alertRule", "signalType", "monitoringService")
SAMPLES = (
    "events/azure-metric-fired.json",
    "events/azure-metric-resolved.json",
    "events/azure-log-fired.json",
    "events/azure-activity-log.json",
    "events/azure-service-health.json",
)


@source(
    "azure_monitor",
    samples=SAMPLES,
    proof=QueryToken("token"),
    vendor="Azure Monitor",
    docs="https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema",
    sends_key=False,
)
def read_common(body: Body, received: Received) -> Iterator[Alert]:
    """One alert instance that fired or was resolved is one alert."""
    data = mapping(body.get("data"))
    essentials, context = mapping(data.get("essentials")), mapping(data.get("alertContext"))
    why = cause(essentials, context)
    rule, severity = text(essentials, "alertRule"), text(essentials, "severity")
    targets = [entry for entry in listing(essentials.get("alertTargetIDs")) if isinstance(entry, str) and entry.strip()]
    custom = pairs(data.get("customProperties")) | ({} if why.of_activity else pairs(context.get("properties")))
    kind = _kind(essentials, why)
    yield Alert(
        source="azure_monitor",
        kind=kind,
        title=_title(kind, rule, why, _names(essentials, targets)),
        fingerprint=token("azure_monitor", rule.lower(), *sorted(target.lower() for target in targets), *why.apart),
        occurred_at=_at(kind, essentials, context, received),
        severity=why.severity or SEVERITIES.get(severity.lower(), Severity.SEV3),
        vendor_severity=severity,
        service=service_in(custom) or "unknown",
        environment=environment_in(custom),
        description="\n".join(part for part in (text(essentials, "description"), why.about) if part),
        resources=distinct(_resource(target) for target in targets),
        log_excerpt=why.query,
        labels=pairs({name: essentials.get(name) for name in LABELS}) | why.labels | custom,
        links=_links(essentials, targets) | why.links,
    )


def _kind(essentials: Body, why: Cause) -> AlertKind:
    """What the activity log reports is always `Fired`; whether it is over stands in the event."""
    if text(essentials, "monitorCondition").lower() == "resolved":
        return AlertKind.RESOLVED
    return why.kind or AlertKind.FIRING


def _title(kind: AlertKind, rule: str, why: Cause, names: str) -> str:
    if not why.says:
        what = f"{rule or 'An Azure alert'}" + (f" on {names}" if names else "")
        return f"{what} is resolved" if kind is AlertKind.RESOLVED else what
    if not why.line:
        return why.says
    what = f"{why.says} of {names}" if names else why.says
    return f"{what} is no longer {why.line}" if kind is AlertKind.RESOLVED else f"{what} is {why.line}{why.value}"


def _names(essentials: Body, targets: list[str]) -> str:
    """The affected things by their own names; for a log rule they are not the workspace that it searches."""
    said = [entry for entry in listing(essentials.get("configurationItems")) if isinstance(entry, str) and entry.strip()]
    return ", ".join((said or [target.rstrip("/").rpartition("/")[2] for target in targets])[:3])


def _at(kind: AlertKind, essentials: Body, context: Body, received: Received) -> datetime:
    """When it fired, or was resolved. An activity log's end has only the time of its event."""
    over = kind is AlertKind.RESOLVED
    said = essentials.get("resolvedDateTime") or context.get("eventTimestamp") if over else essentials.get("firedDateTime")
    return moment(said, received.at)


def _resource(target: str) -> Resource:
    """An id of Azure Resource Manager. Its type is the provider's, such as microsoft.compute/virtualmachines."""
    parts = target.strip().strip("/").lower().split("/")
    at = parts.index("providers") if "providers" in parts else -1
    kind = "/".join(parts[at + 1 : at + 3]) if 0 <= at < len(parts) - 2 else "azure:resource"
    account = parts[1] if len(parts) > 1 and parts[0] == "subscriptions" else ""
    return Resource(type=kind[:LONGEST_NAME], id=target.strip(), account=account[:64], trusted=True)


def _links(essentials: Body, targets: list[str]) -> dict[str, str]:
    first = targets[0].strip() if targets else ""
    own = {"resource": f"https://portal.azure.com/#resource{first}"} if first.startswith("/subscriptions/") else {}
    return links_of(essentials, investigation="investigationLink") | own
