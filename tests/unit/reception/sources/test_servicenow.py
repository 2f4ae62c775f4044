"""ServiceNow tickets: what opens, what only informs, what ends, and that our own tickets do not come back as alerts."""

from typing import Any

import pytest

from tests.unit.reception.sources.played import alert, alerts, body_of, but, read

INSERT, UPDATE, RESOLVE = "servicenow-insert.json", "servicenow-update.json", "servicenow-resolve.json"


def test_a_ticket_that_is_opened_fires() -> None:
    one = read(INSERT)
    assert (one.kind, one.title, one.severity) == ("firing", "Checkout answers with errors in the web shop", "sev2")
    assert (one.service, one.environment, one.vendor_severity) == ("checkout", "production", "2 - High")
    assert [(r.type, r.id, r.trusted) for r in one.resources] == [("ecs:service", "shop/checkout", True)]
    assert one.occurred_at.isoformat() == "2026-11-20T02:58:10+00:00"
    assert one.links["ticket"].startswith("https://acme.service-now.com/")
    assert one.labels["number"] == "INC0010234"


def test_one_ticket_is_one_fingerprint_from_its_opening_to_its_end() -> None:
    opened, changed, ended = read(INSERT), read(UPDATE), read(RESOLVE)
    assert [one.kind for one in (opened, changed, ended)] == ["firing", "info", "resolved"]
    assert len({one.fingerprint for one in (opened, changed, ended)}) == 1
    assert ended.occurred_at.isoformat() == "2026-11-20T02:59:57+00:00"
    assert "taken back" in ended.description


@pytest.mark.parametrize("path", ["instance", "incident.sys_id"])
def test_another_ticket_is_another_fingerprint(path: str) -> None:
    assert alert("servicenow", but(body_of(INSERT), path, "other")).fingerprint != read(INSERT).fingerprint


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        pytest.param("previous_state", "6", "firing", id="reopened"),
        pytest.param("previous_priority", "4 - Low", "firing", id="more urgent than before"),
        pytest.param("previous_priority", "1 - Critical", "info", id="less urgent than before"),
        pytest.param("incident.state", "7", "resolved", id="closed"),
        pytest.param("incident.state", "8", "resolved", id="canceled"),
        pytest.param("incident.state", "Closed", "resolved", id="closed, in words"),
        pytest.param("event", "", "firing", id="no word of what happened"),
    ],
)
def test_what_a_change_means(path: str, value: str, kind: str) -> None:
    assert alert("servicenow", but(body_of(UPDATE), path, value)).kind == kind


def test_a_ticket_that_is_reopened_fires_when_it_was_reopened() -> None:
    one = alert("servicenow", but(body_of(UPDATE), "previous_state", "6"))
    assert one.occurred_at.isoformat() == "2026-11-20T02:59:40+00:00"


@pytest.mark.parametrize(("priority", "severity"), [("1", "sev1"), ("3 - Moderate", "sev3"), ("5 - Planning", "sev4"), ("", "sev3")])
def test_priorities(priority: str, severity: str) -> None:
    assert alert("servicenow", but(body_of(INSERT), "incident.priority", priority)).severity == severity


def test_our_own_tickets_say_nothing_new() -> None:
    assert alerts("servicenow", but(body_of(INSERT), "incident.correlation_display", "Watchkeeper")) == []


def test_a_flat_ticket_and_an_empty_one_are_read_too() -> None:
    flat: dict[str, Any] = body_of(INSERT)["incident"]
    assert alert("servicenow", flat).title == "Checkout answers with errors in the web shop"
    assert alert("servicenow", {}).title == "ServiceNow incident without a number"
