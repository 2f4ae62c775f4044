"""Sentry's integration platform: metric alerts, issue alerts, and what becomes of an issue.

The signature is over the body alone. The header with the time is not part of it and proves nothing, so it is not asked for.
An issue alert and the later word that the issue is resolved are one thing, by the id of the issue.
Whoever has an application's DSN, which a browser shows to everybody, can write an event's tags: what they name is not trusted,
and the project counts before them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from reception.fields import Body, listing, mapping, moment, text
from reception.proofs import Hmac
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.sources.sentry_event import excerpt, project_of, severity, tags_of
from reception.sources.unrecognised import in_general, read_anything
from reception.tags import environment_in, links_of, place_in, service_in, things_in
from reception.vocabulary import severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

ISSUE_KINDS = {
    "created": (AlertKind.FIRING, ""),
    "unresolved": (AlertKind.FIRING, ""),
    "resolved": (AlertKind.RESOLVED, "Resolved"),
    "archived": (AlertKind.RESOLVED, "Archived"),
    "ignored": (AlertKind.RESOLVED, "Archived"),
    "assigned": (AlertKind.INFO, "Assigned"),
}
NO_ALERT = ("installation", "error", "comment", "comment_id", "run_id")
SAMPLES = (
    "events/sentry-metric-alert-critical.json",
    "events/sentry-metric-alert-resolved.json",
    "events/sentry-event-alert.json",
    "events/sentry-issue-resolved.json",
)


@source(
    "sentry",
    samples=SAMPLES,
    proof=Hmac("Sentry-Hook-Signature"),
    vendor="Sentry integration platform",
    docs="https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    sends_key=False,
    passes_over="installations, single errors, comments, and runs of Sentry's own agent",
)
def read_sentry(body: Body, received: Received) -> Iterator[Alert]:
    """One alert for an alert or an issue; none for an installation, a single error, a comment, or a run of Sentry's own agent."""
    data = mapping(body.get("data"))
    read = next((READERS[name] for name in READERS if name in data), None)
    if read:
        yield read(text(body, "action"), data, received)
    elif not any(name in data for name in NO_ALERT):
        yield from read_anything(body, received)


def _metric(action: str, data: Body, received: Received) -> Alert:
    """The rule is what stays the same from one time to the next; the incident within it is new each time."""
    alert = mapping(data.get("metric_alert"))
    rule, projects = mapping(alert.get("alert_rule")), listing(alert.get("projects"))
    kind = AlertKind.RESOLVED if action == "resolved" else AlertKind.FIRING
    title = text(data, "description_title") or text(rule, "name") or text(alert, "title") or "A metric alert of Sentry without a title"
    return Alert(
        source="sentry",
        kind=kind,
        title=title,
        fingerprint=token("sentry", "metric", text(alert, "organization_id"), text(rule, "id") or in_general(text(rule, "name") or title)),
        occurred_at=_changed_at(action, alert, received.at),
        severity=severity_of(action) or Severity.SEV3,
        vendor_severity=action,
        service=text({"project": projects[0] if projects else ""}, "project") or "unknown",
        environment=text(rule, "environment"),
        account=received.home.account,
        region=received.home.region,
        description="\n".join(part for part in (text(data, "description_text"), _rule(rule)) if part),
        labels=_kept(alert=text(alert, "identifier", "id"), rule=text(rule, "name"), action=action, rule_id=text(rule, "id")),
        links=links_of(data, sentry="web_url"),
    )


def _changed_at(action: str, alert: Body, otherwise: datetime) -> datetime:
    """Sentry tells when it began, but not when it went from a warning to critical: that step is put a moment later."""
    if action == "resolved":
        return moment(alert.get("date_closed"), otherwise)
    began = moment(alert.get("date_detected"), moment(alert.get("date_started"), otherwise))
    return began + timedelta(milliseconds=1) if action == "critical" else began


def _rule(rule: Body) -> str:
    what, query, minutes = text(rule, "aggregate"), text(rule, "query"), text(rule, "time_window")
    return f"{what} where {query or 'anything'} over {minutes or '?'} min" if what else ""


def _event(action: str, data: Body, received: Received) -> Alert:
    """An issue alert fired for this event."""
    event = mapping(data.get("event"))
    tags, project = tags_of(event), project_of(event)
    place, level = place_in(tags, received.home), text(event, "level")
    title = text(event, "title", "message") or "An event of Sentry without a title"
    rule = text(data, "triggered_rule") or text(mapping(data.get("issue_alert")), "title")
    return Alert(
        source="sentry",
        kind=AlertKind.FIRING,
        title=title,
        fingerprint=_issue(text(event, "issue_id"), project, title),
        occurred_at=moment(event.get("datetime"), moment(event.get("timestamp"), received.at)),
        severity=severity("", level),
        vendor_severity=level,
        service=project or service_in(tags) or "unknown",
        environment=text(event, "environment") or environment_in(tags),
        account=place.account,
        region=place.region,
        description="\n".join(part for part in (f"Rule: {rule}" if rule else "", text(event, "culprit", "transaction")) if part),
        resources=distinct(things_in(tags, place, trusted=False)),
        log_excerpt=excerpt(event),
        labels=tags | _kept(issue=text(event, "issue_id"), event=text(event, "event_id"), rule=rule, project=project, action=action),
        links=links_of(event, sentry="web_url"),
    )


def _state(action: str, data: Body, received: Received) -> Alert:
    """An issue was created, came back, was resolved or archived. Sentry says when it was last seen, not when it was closed."""
    issue = mapping(data.get("issue"))
    project, level = text(mapping(issue.get("project")), "slug", "name"), text(issue, "level")
    kind, happened = ISSUE_KINDS.get(action, (AlertKind.INFO, "Changed"))
    title = text(issue, "title") or "An issue of Sentry without a title"
    seen = moment(issue.get("lastSeen"), moment(issue.get("firstSeen"), received.at))
    return Alert(
        source="sentry",
        kind=kind,
        title=f"{happened}: {title}" if happened else title,
        fingerprint=_issue(text(issue, "id"), project, title),
        occurred_at=seen if action == "created" else received.at,
        severity=severity(text(issue, "priority"), level),
        vendor_severity=text(issue, "priority") or level,
        service=project or "unknown",
        account=received.home.account,
        region=received.home.region,
        description="\n".join(part for part in (text(issue, "culprit"), text(mapping(issue.get("metadata")), "value")) if part),
        labels=_kept(
            issue=text(issue, "id"),
            short_id=text(issue, "shortId"),
            project=project,
            action=action,
            substatus=text(issue, "substatus"),
            events=text(issue, "count"),
            users=text(issue, "userCount"),
        ),
        links=links_of(issue, sentry="permalink") | links_of(issue, sentry="web_url"),
    )


def _issue(issue: str, project: str, title: str) -> str:
    return token("sentry", "issue", issue) if issue else token("sentry", "title", project, in_general(title))


def _kept(**said: str) -> dict[str, str]:
    return {name: value for name, value in said.items() if value}


READERS: dict[str, Callable[[str, Body, Received], Alert]] = {
    "metric_alert": _metric,
    "description_title": _metric,
    "event": _event,
    "triggered_rule": _event,
    "issue": _state,
}
