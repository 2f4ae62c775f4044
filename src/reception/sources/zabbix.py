"""A Zabbix event, as the media type of docs/integrations/zabbix.md posts it: every field is a macro, so every value is text."""

import json
from collections.abc import Iterator
from datetime import datetime

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import SharedHeader
from reception.resources import LONGEST_NAME, distinct
from reception.sources.registry import Received, source
from reception.tags import environment_in, pairs, service_in
from watchkeeper.arns import from_arn
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

SEVERITIES = {
    "0": Severity.SEV3,
    "1": Severity.SEV4,
    "2": Severity.SEV3,
    "3": Severity.SEV3,
    "4": Severity.SEV2,
    "5": Severity.SEV1,
}
LABELS = ("event_id", "trigger_id", "host_ip", "update_action", "opdata")


@source(
    "zabbix",
    samples=("events/zabbix-problem.json", "events/zabbix-update.json", "events/zabbix-recovery.json"),
    proof=SharedHeader("X-Watchkeeper-Secret"),
    vendor="Zabbix",
    docs="https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook",
)
def read_event(body: Body, received: Received) -> Iterator[Alert]:
    """One problem, one word on it (acknowledged, commented, closed by hand), or its recovery."""
    kind = _kind(body)
    host, name = _said(body, "host"), _said(body, "event_name")
    tags = _tags(body)
    severity = _said(body, "event_nseverity").partition(".")[0]
    title = name or "Zabbix reports a problem"
    yield Alert(
        source="zabbix",
        kind=kind,
        title=f"{title} on {host}" if host and host not in title else title,
        fingerprint=token("zabbix", _said(body, "zabbix_url"), host, _said(body, "trigger_id") or title),
        occurred_at=_at(body, kind, received),
        severity=SEVERITIES.get(severity, Severity.SEV3),
        vendor_severity=_said(body, "event_severity") or severity,
        service=service_in(tags) or "unknown",
        environment=environment_in(tags),
        description="\n".join(part for part in (_said(body, "message"), _said(body, "update_message")) if part),
        resources=distinct([*_host(host), *(r for r in (from_arn(value, trusted=True) for value in tags.values()) if r)]),
        labels=pairs({"host": host} | {label: _said(body, label) for label in LABELS}) | tags,
        links=_links(body),
    )


def _kind(body: Body) -> AlertKind:
    if _said(body, "event_value") == "0":
        return AlertKind.RESOLVED
    return AlertKind.INFO if _said(body, "event_update_status") == "1" else AlertKind.FIRING


def _said(body: Body, name: str) -> str:
    """A macro that Zabbix does not know in this place stays as it is written: then nothing was said."""
    found = text(body, name)
    return "" if found.startswith("{") and found.endswith("}") and found[1:-1].replace(".", "").replace("$", "").isupper() else found


def _tags(body: Body) -> dict[str, str]:
    """{EVENT.TAGSJSON}: a list of objects, as text or as itself."""
    said = body.get("event_tags")
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except (ValueError, RecursionError):
            return {}
    entries = [mapping(entry) for entry in listing(said)]
    return {text(entry, "tag"): text(entry, "value") or "yes" for entry in entries if text(entry, "tag")}


def _host(host: str) -> list[Resource]:
    return [Resource(type="zabbix:host", id=host[:LONGEST_NAME], trusted=True)] if host else []


def _at(body: Body, kind: AlertKind, received: Received) -> datetime:
    """What only informs has no time of its own in Zabbix: it happens when it comes."""
    if kind is AlertKind.INFO:
        return received.at
    return moment(_said(body, "recovery_timestamp" if kind is AlertKind.RESOLVED else "event_timestamp"), received.at)


def _links(body: Body) -> dict[str, str]:
    url, trigger, event = _said(body, "zabbix_url").rstrip("/"), _said(body, "trigger_id"), _said(body, "event_id")
    if not (url.startswith(("https://", "http://")) and trigger.isdigit() and event.isdigit()):
        return {}
    return {"event": f"{url}/tr_events.php?triggerid={trigger}&eventid={event}"}
