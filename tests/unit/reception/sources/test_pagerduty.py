"""PagerDuty: an incident's events are one thing, and no authentic body is refused."""

from typing import Any

import pytest

from reception.sources.registry import sources
from tests.unit.reception.sources.vendors import body_of, gist, read_by, the_one

TITLE = "Orders are not paid: the payment provider answers 503"


def changed(type_: str, **data: Any) -> dict[str, Any]:
    """The sample of a new incident as another event, with other fields of the incident."""
    event = body_of("pagerduty-triggered")["event"]
    return {"event": {**event, "event_type": type_, "data": {**event["data"], **data}}}


def test_a_new_incident_fires() -> None:
    alert = the_one("pagerduty", body_of("pagerduty-triggered"))
    assert gist(alert) == ("firing", TITLE, "sev1", "P1", "checkout", [])
    assert alert.occurred_at.isoformat() == "2026-11-20T02:59:12.512000+00:00"
    assert alert.links == {"pagerduty": "https://shop.pagerduty.com/incidents/Q1K3R7ZP0WATCH"}
    assert (alert.labels["pagerduty_incident"], alert.labels["number"], alert.labels["assignees"]) == (
        "Q1K3R7ZP0WATCH",
        "4711",
        "Ines Karlsson",
    )


def test_the_events_of_an_incident_are_one_thing() -> None:
    alerts = [the_one("pagerduty", body_of(f"pagerduty-{name}")) for name in ("triggered", "annotated", "resolved")]
    assert len({alert.fingerprint for alert in alerts}) == 1
    assert len({alert.key for alert in alerts}) == 3
    assert gist(alerts[2]) == ("resolved", f"Resolved: {TITLE}", "sev1", "P1", "checkout", [])


def test_a_note_only_informs_and_brings_its_words() -> None:
    alert = the_one("pagerduty", body_of("pagerduty-annotated"))
    assert gist(alert)[:2] == ("info", f"A note: {TITLE}")
    assert alert.description == "The provider's status page shows a partial outage.\nBy Ines Karlsson."


def test_an_event_delivered_again_is_the_same_alert() -> None:
    assert the_one("pagerduty", body_of("pagerduty-resolved")).key == the_one("pagerduty", body_of("pagerduty-resolved")).key


@pytest.mark.parametrize(
    ("type_", "kind", "before"),
    [
        ("incident.reopened", "firing", ""),
        ("incident.acknowledged", "info", "Acknowledged: "),
        ("incident.unacknowledged", "info", "No longer acknowledged: "),
        ("incident.escalated", "info", "Escalated: "),
        ("incident.priority_updated", "info", "Another priority: "),
        ("incident.responder.added", "info", "A responder was asked: "),
        ("incident.action_invocation.created", "info", "An automation action was started: "),
        ("incident.custom_field_values.updated", "info", "Custom field values updated: "),
    ],
)
def test_what_happens_to_an_incident(type_: str, kind: str, before: str) -> None:
    alert = the_one("pagerduty", changed(type_))
    assert (alert.kind.value, alert.title) == (kind, before + TITLE)


@pytest.mark.parametrize(
    ("fields", "severity", "word"),
    [
        ({"priority": {"summary": "P2"}}, "sev2", "P2"),
        ({"priority": {"summary": "P1 - Critical"}}, "sev1", "P1 - Critical"),
        ({"priority": {"summary": "SEV-4"}}, "sev4", "SEV-4"),
        ({"priority": None}, "sev2", "high"),
        ({"priority": None, "urgency": "low"}, "sev4", "low"),
        ({"priority": {"summary": "Rainy"}, "urgency": None}, "sev3", "Rainy"),
        ({"priority": None, "urgency": None}, "sev3", ""),
    ],
)
def test_severity_is_the_priority_or_else_the_urgency(fields: dict[str, Any], severity: str, word: str) -> None:
    alert = the_one("pagerduty", changed("incident.triggered", **fields))
    assert (alert.severity.value, alert.vendor_severity) == (severity, word)


def test_merged_is_not_the_same_as_resolved_to_a_reader() -> None:
    alert = the_one("pagerduty", changed("incident.resolved", resolve_reason={"type": "merge_resolve_reason"}))
    assert (alert.kind.value, alert.title) == ("resolved", f"Merged into another incident: {TITLE}")


@pytest.mark.parametrize(
    "body",
    [
        {"event": {"event_type": "service.updated", "resource_type": "service", "data": {"type": "service", "summary": "checkout"}}},
        {"event": {"event_type": "something.new", "data": 7}},
    ],
)
def test_what_is_about_no_incident_is_taken_and_says_nothing(body: dict[str, Any]) -> None:
    assert read_by("pagerduty", body) == []


@pytest.mark.parametrize("body", [{}, {"event": None}, {"event": "text"}, {"messages": []}])
def test_a_body_without_an_event_is_still_an_alert(body: dict[str, Any]) -> None:
    assert the_one("pagerduty", body).source == "unrecognised"


def test_the_test_button_is_answered_and_nothing_else() -> None:
    greet = sources()["pagerduty"].handshake
    assert greet
    assert greet({"event": {"event_type": "pagey.ping", "data": {"message": "hello", "type": "ping"}}}, {}) == {"status": "ok"}
    others: list[dict[str, Any]] = [body_of("pagerduty-triggered"), {}, {"event": []}]
    assert [greet(body, {}) for body in others] == [None] * 3


OURS = "INC-01M7WZ49C1ER8E2XA9F4D4TE0W"


@pytest.mark.parametrize("type_", ["incident.triggered", "incident.acknowledged", "incident.resolved", "incident.reopened"])
@pytest.mark.parametrize("key", [OURS, f"{OURS}/takeover"])
def test_what_watchkeeper_has_raised_there_is_not_heard_as_something_new(type_: str, key: str) -> None:
    assert read_by("pagerduty", changed(type_, incident_key=key)) == []


def test_a_key_that_only_looks_like_ours_is_heard() -> None:
    assert gist(the_one("pagerduty", changed("incident.triggered", incident_key=f"{OURS} or so")))[0] == "firing"


def test_our_own_note_is_not_heard_and_a_persons_is() -> None:
    event = body_of("pagerduty-annotated")["event"]

    def annotated(content: str) -> dict[str, Any]:
        return {"event": {**event, "data": {**event["data"], "content": content}}}

    assert read_by("pagerduty", annotated(f"What we found\nIt burns.\nWatchkeeper {OURS}, moment 3.2")) == []
    assert gist(the_one("pagerduty", annotated(f"Watchkeeper {OURS}, moment 3 says nonsense.")))[0] == "info"


@pytest.mark.parametrize(
    ("data", "known"),
    [
        ({"id": "Q1K3R7ZP0WATCH"}, "Q1K3R7ZP0WATCH"),
        ({"id": "4711", "html_url": "https://shop.pagerduty.com/incidents/Q1K3R7ZP0WATCH"}, "Q1K3R7ZP0WATCH"),
        ({"id": "", "html_url": "https://shop.pagerduty.com/incidents/PT4KHLK/"}, "PT4KHLK"),
        ({"id": "a b", "html_url": "https://shop.pagerduty.com/incidents"}, "a b"),
    ],
)
def test_the_id_that_the_rest_api_needs_is_a_label(data: dict[str, str], known: str) -> None:
    assert the_one("pagerduty", changed("incident.triggered", **data)).labels["pagerduty_incident"] == known
