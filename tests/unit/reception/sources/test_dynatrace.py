"""Dynatrace problems, in the payload that our docs ask for."""

import pytest

from tests.unit.reception.sources.played import alert, body_of, but, read

OPEN, RESOLVED = "dynatrace-open.json", "dynatrace-resolved.json"


def test_an_open_problem_fires() -> None:
    one = read(OPEN)
    assert (one.kind, one.title, one.severity, one.vendor_severity) == ("firing", "Failure rate increase of checkout", "sev2", "ERROR")
    assert (one.service, one.environment) == ("checkout", "production")
    assert [(r.type, r.id, r.trusted) for r in one.resources] == [("dynatrace:service", "SERVICE-4A1F0C2D9E8B7365", True)]
    assert one.occurred_at.isoformat() == "2026-11-20T02:58:00+00:00"
    assert one.links["problem"].startswith("https://abc12345.live.dynatrace.com/")


def test_its_end_has_its_fingerprint_though_more_is_impacted_by_then() -> None:
    ended = read(RESOLVED)
    assert (ended.kind, ended.fingerprint) == ("resolved", read(OPEN).fingerprint)
    assert ended.occurred_at.isoformat() == "2026-11-20T03:00:00+00:00"
    assert len(ended.resources) == 2


def test_a_merged_problem_is_over_and_says_why() -> None:
    one = alert("dynatrace", but(body_of(OPEN), "State", "MERGED"))
    assert (one.kind, one.title) == ("resolved", "Failure rate increase of checkout (merged into another problem)")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("AVAILABILITY", "sev1"), ("ERROR", "sev2"), ("MONITORING_UNAVAILABLE", "sev2"), ("PERFORMANCE", "sev3"),
        ("RESOURCE_CONTENTION", "sev3"), ("CUSTOM_ALERT", "sev3"), ("new one", "sev3"),
    ],
)  # fmt: skip
def test_severities(word: str, severity: str) -> None:
    assert alert("dynatrace", but(body_of(OPEN), "ProblemSeverity", word)).severity == severity


def test_without_details_the_time_is_when_it_came_and_a_minus_one_is_no_time() -> None:
    body = but(body_of(OPEN), "ProblemDetailsJSONv2", None)
    assert alert("dynatrace", body).occurred_at.isoformat() == "2026-11-20T03:00:04+00:00"
    assert alert("dynatrace", but(body_of(OPEN), "State", "RESOLVED")).occurred_at.isoformat() == "2026-11-20T03:00:04+00:00"


def test_the_test_notification_with_unfilled_placeholders_is_read() -> None:
    assert alert("dynatrace", {"State": "{State}", "ProblemTitle": "{ProblemTitle}", "ImpactedEntities": ""}).kind == "firing"
