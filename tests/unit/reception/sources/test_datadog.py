"""Datadog: our payload and its own, and every transition."""

from typing import Any

import pytest

from tests.unit.reception.sources.vendors import INSTANCE, body_of, gist, the_one

TITLE = "Memory of a checkout host is nearly used up (host:i-0123456789abcdef0)"


def notified(**fields: Any) -> dict[str, Any]:
    return {**body_of("datadog-triggered"), **fields}


def test_a_monitor_that_triggers() -> None:
    alert = the_one("datadog", notified())
    assert gist(alert) == ("firing", TITLE, "sev2", "P2", "checkout", [INSTANCE])
    assert (alert.environment, alert.account, alert.region) == ("production", "123456789012", "eu-west-1")
    assert alert.occurred_at.isoformat() == "2026-11-20T02:59:21+00:00"
    assert (alert.labels["monitor"], alert.labels["team"], alert.labels["metric"]) == ("91827364", "payments", "system.mem.pct_usable")
    assert alert.links.keys() == {"datadog", "snapshot"}


def test_recovered_pairs_with_what_triggered() -> None:
    alert = the_one("datadog", body_of("datadog-recovered"))
    assert gist(alert) == ("resolved", f"Resolved: {TITLE}", "sev2", "P2", "checkout", [INSTANCE])
    assert alert.fingerprint == the_one("datadog", notified()).fingerprint


def test_the_next_time_is_the_same_thing_and_another_group_is_not() -> None:
    known = the_one("datadog", notified()).fingerprint
    assert the_one("datadog", notified(id="9", date="1795999999000", cycle_key="other", status="x")).fingerprint == known
    assert the_one("datadog", notified(scope="host:i-0fedcba9876543210")).fingerprint != known
    assert the_one("datadog", notified(alert_id="1")).fingerprint != known


def test_datadogs_own_payload_says_it_all_in_the_title() -> None:
    alert = the_one("datadog", body_of("datadog-default-payload"))
    assert gist(alert) == ("firing", "The mailer's queue grows (queue:mailer)", "sev3", "No Data", "unknown", [])
    over = {**body_of("datadog-default-payload"), "title": "[P3] [Recovered on {queue:mailer}] The mailer's queue grows"}
    assert the_one("datadog", over).fingerprint == alert.fingerprint
    assert the_one("datadog", over).kind.value == "resolved"


@pytest.mark.parametrize(
    ("transition", "type_", "priority", "kind", "severity"),
    [
        ("Triggered", "error", "P1", "firing", "sev1"),
        ("Re-Triggered", "error", "", "firing", "sev2"),
        ("Warn", "warning", "P1", "firing", "sev3"),
        ("Re-Warn", "warning", "P4", "firing", "sev4"),
        ("No Data", "error", "P3", "firing", "sev3"),
        ("Re-No Data", "error", "P3", "firing", "sev3"),
        ("Renotify", "error", "P2", "firing", "sev2"),
        ("Recovered", "success", "P2", "resolved", "sev2"),
        ("Null", "success", "", "resolved", "sev3"),
        ("$ALERT_TRANSITION", "info", "", "info", "sev4"),
        ("something new", "error", "", "firing", "sev2"),
        ("", "", "", "firing", "sev3"),
    ],
)
def test_transitions(transition: str, type_: str, priority: str, kind: str, severity: str) -> None:
    body = {"alert_title": "Load is high", "transition": transition, "alert_type": type_, "priority": priority, "alert_id": "1"}
    alert = the_one("datadog", body)
    assert (alert.kind.value, alert.severity.value) == (kind, severity)


def test_what_datadog_left_unfilled_counts_as_not_said() -> None:
    body = {"alert_title": "$ALERT_TITLE", "title": "Load is high", "scope": "null", "host": "N/A", "link": "$LINK", "tags": "$TAGS"}
    alert = the_one("datadog", body)
    assert (alert.title, alert.labels, alert.links) == ("Load is high", {}, {})


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("[Triggered on {host:ip-012345}] Host is Down", "Host is Down (host:ip-012345)"),
        ("[Warn] Load is high", "Load is high"),
        ("[P2] [Re-Triggered] Load is high", "Load is high"),
        ("[deploy] went wrong", "[deploy] went wrong"),
        ("[Triggered on {*}] Load is high", "Load is high"),
    ],
)
def test_the_head_of_a_title(title: str, shown: str) -> None:
    assert the_one("datadog", {"title": title}).title == shown
