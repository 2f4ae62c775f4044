"""Sentry: metric alerts by their rule, errors by their issue, and no trust in what an event's tags name."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.reception.sources.vendors import AT, INSTANCE, body_of, gist, read_by, the_one

ERROR = "PaymentRefused: the provider answered 503"


def issue(action: str, **fields: Any) -> dict[str, Any]:
    body = body_of("sentry-issue-resolved")
    return {**body, "action": action, "data": {"issue": {**body["data"]["issue"], **fields}}}


def test_a_metric_alert_fires_and_resolves_by_its_rule() -> None:
    firing, over = (the_one("sentry", body_of(f"sentry-metric-alert-{state}")) for state in ("critical", "resolved"))
    assert gist(firing) == ("firing", "Critical: Too many errors in checkout", "sev1", "critical", "checkout", [])
    assert gist(over)[:2] == ("resolved", "Resolved: Too many errors in checkout")
    assert firing.fingerprint == over.fingerprint
    assert firing.environment == "production"
    assert over.occurred_at.isoformat() == "2026-11-20T02:59:55.310022+00:00"
    assert "count() where level:error over 10 min" in firing.description


def test_from_warning_to_critical_is_news() -> None:
    critical = body_of("sentry-metric-alert-critical")
    warning = the_one("sentry", {**critical, "action": "warning"})
    assert (warning.severity.value, warning.kind.value) == ("sev3", "firing")
    assert warning.occurred_at < the_one("sentry", critical).occurred_at
    assert warning.key != the_one("sentry", critical).key


def test_a_resolved_metric_alert_without_its_end_counts_from_when_we_heard() -> None:
    body = body_of("sentry-metric-alert-resolved")
    body["data"]["metric_alert"]["date_closed"] = None
    assert the_one("sentry", body).occurred_at == AT


def test_an_issue_alert_brings_the_end_of_the_stack_trace() -> None:
    alert = the_one("sentry", body_of("sentry-event-alert"))
    assert gist(alert) == ("firing", ERROR, "sev3", "error", "checkout", [INSTANCE])
    assert alert.log_excerpt.splitlines()[:2] == [ERROR, "  at checkout/payments.py:41 in charge"]
    assert (alert.environment, alert.labels["rule"]) == ("production", "A new error in production")
    assert alert.occurred_at.isoformat() == "2026-11-20T02:59:21.418000+00:00"


def test_what_the_tags_of_an_event_name_is_not_trusted() -> None:
    """Whoever reads an application's DSN in a browser can write them."""
    body = body_of("sentry-event-alert")
    body["data"]["event"]["tags"] += [["service", "billing"], ["arn", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0fedcba9876543210"]]
    alert = the_one("sentry", body)
    assert [resource.trusted for resource in alert.resources] == [False, False]
    assert alert.service == "checkout"


def test_a_resolved_issue_pairs_with_its_alert_and_comes_after_it() -> None:
    alert, over = the_one("sentry", body_of("sentry-event-alert")), the_one("sentry", issue("resolved"))
    assert gist(over) == ("resolved", f"Resolved: {ERROR}", "sev2", "high", "checkout", [])
    assert over.fingerprint == alert.fingerprint
    assert over.occurred_at > alert.occurred_at
    assert over.links == {"sentry": "https://shop.sentry.io/issues/5170820242/"}


@pytest.mark.parametrize(
    ("action", "kind", "title"),
    [
        ("created", "firing", ERROR),
        ("unresolved", "firing", ERROR),
        ("archived", "resolved", f"Archived: {ERROR}"),
        ("ignored", "resolved", f"Archived: {ERROR}"),
        ("assigned", "info", f"Assigned: {ERROR}"),
        ("something_new", "info", f"Changed: {ERROR}"),
    ],
)
def test_what_becomes_of_an_issue(action: str, kind: str, title: str) -> None:
    alert = the_one("sentry", issue(action))
    assert (alert.kind.value, alert.title) == (kind, title)


def test_an_issue_that_comes_back_is_news_though_it_was_last_seen_at_the_same_time() -> None:
    created = the_one("sentry", issue("created"))
    assert created.occurred_at.isoformat() == "2026-11-20T02:59:44.102000+00:00"
    again = the_one("sentry", issue("unresolved"), AT + timedelta(hours=1))
    assert again.key != created.key


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"priority": "low"}, "sev4"),
        ({"priority": "medium"}, "sev3"),
        ({"priority": None, "level": "fatal"}, "sev1"),
        ({"priority": None, "level": "error"}, "sev3"),
        ({"priority": None, "level": "warning"}, "sev4"),
        ({"priority": None, "level": None}, "sev3"),
    ],
)
def test_severity(fields: dict[str, Any], severity: str) -> None:
    assert the_one("sentry", issue("created", **fields)).severity.value == severity


@pytest.mark.parametrize("data", [{"installation": {"status": "pending"}}, {"comment": "hm", "issue_id": 7}, {"error": {"issue_id": "7"}}])
def test_what_is_no_alert_says_nothing(data: dict[str, Any]) -> None:
    assert read_by("sentry", {"action": "created", "data": data}) == []


@pytest.mark.parametrize("data", [None, {}, [], "text", {"new": {}}])
def test_a_body_without_data_that_we_know_is_still_an_alert(data: Any) -> None:
    assert the_one("sentry", {"action": "created", "data": data}).source == "unrecognised"
