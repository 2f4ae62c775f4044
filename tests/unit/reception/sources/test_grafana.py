"""Grafana: a group becomes its members, and what it cannot judge is said in words."""

from typing import Any

import pytest

from tests.unit.reception.sources.vendors import INSTANCE, body_of, gist, read_by, the_one

FIRST = "The data disk of shop-1 is more than 90 % full"


def test_each_member_of_a_group_is_an_alert() -> None:
    one, other = read_by("grafana", body_of("grafana-firing"))
    assert gist(one) == ("firing", FIRST, "sev2", "high", "checkout", [INSTANCE])
    assert other.fingerprint != one.fingerprint
    assert one.resources[0].trusted
    assert (one.environment, one.account, one.region) == ("production", "123456789012", "eu-west-1")
    assert one.occurred_at.isoformat() == "2026-11-20T02:58:00+00:00"
    assert one.labels["values"] == "A=93.7, C=1"
    assert "Values: A=93.7, C=1" in one.description
    assert {"rule", "silence", "dashboard", "panel", "runbook", "grafana"} == one.links.keys()


def test_resolved_pairs_with_what_fired() -> None:
    firing, resolved = read_by("grafana", body_of("grafana-firing"))[0], the_one("grafana", body_of("grafana-resolved"))
    assert gist(resolved) == ("resolved", f"Resolved: {FIRST}", "sev2", "high", "checkout", [INSTANCE])
    assert resolved.fingerprint == firing.fingerprint
    assert resolved.occurred_at.isoformat() == "2026-11-20T02:59:50+00:00"


def test_the_same_alert_notified_again_is_the_same_alert() -> None:
    again = body_of("grafana-firing")
    again["alerts"][0]["values"] = {"A": 99.9}
    assert read_by("grafana", again)[0].key == read_by("grafana", body_of("grafana-firing"))[0].key


def test_another_organisation_has_another_fingerprint() -> None:
    other = {**body_of("grafana-resolved"), "orgId": 2}
    assert the_one("grafana", other).fingerprint != the_one("grafana", body_of("grafana-resolved")).fingerprint


@pytest.mark.parametrize(
    ("member", "title"),
    [
        ({"labels": {"alertname": "DatasourceNoData", "rulename": "Orders per minute"}}, "Orders per minute gets no data"),
        ({"labels": {"alertname": "DatasourceError"}}, "An alert rule cannot be evaluated: its data source fails"),
        ({"labels": {"alertname": "High load", "instance": "shop-1"}}, "High load on shop-1"),
        ({"annotations": {"description": "Too hot."}}, "Too hot."),
        ({}, "[FIRING:1]"),
        ("text", "[FIRING:1]"),
    ],
)
def test_titles(member: Any, title: str) -> None:
    assert the_one("grafana", {"alerts": [member], "title": "[FIRING:1]"}).title == title


@pytest.mark.parametrize("alerts", [None, [], {}, "text", 7])
def test_a_group_without_members_is_read_from_what_they_have_in_common(alerts: Any) -> None:
    body = {"alerts": alerts, "status": "resolved", "commonLabels": {"alertname": "High load", "severity": "P2", "service": "shop"}}
    assert gist(the_one("grafana", body)) == ("resolved", "Resolved: High load", "sev2", "P2", "shop", [])


def test_values_of_older_versions_come_as_one_text() -> None:
    member = {"labels": {"alertname": "a"}, "valueString": "[ var='A'\n value=1 ]"}
    assert the_one("grafana", {"alerts": [member]}).labels["values"] == "[ var='A' value=1 ]"
