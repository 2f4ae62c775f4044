"""New Relic: the default payload, and the one that we ask for."""

from typing import Any

import pytest

from tests.unit.reception.sources.vendors import body_of, gist, the_one

TITLE = "storefront query result is > 2.0 for 5 minutes on 'Slow responses'"
SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop/storefront"
ONLY_OURS = ("description", "nrqlQueries", "runbookUrl", "tags", "accounts")


def test_an_activated_issue_fires() -> None:
    alert = the_one("newrelic", body_of("newrelic-activated"))
    assert gist(alert) == ("firing", TITLE, "sev1", "CRITICAL", "storefront", [SERVICE])
    assert (alert.environment, alert.account, alert.region) == ("production", "123456789012", "eu-west-1")
    assert alert.occurred_at.isoformat() == "2026-11-20T02:59:01.902000+00:00"
    assert (alert.labels["conditions"], alert.labels["policies"], alert.labels["incidents"]) == ("Slow responses", "Golden signals", "1")
    assert alert.links["runbook"] == "https://wiki.example.com/runbooks/slow"


def test_closed_pairs_with_activated_though_the_issue_has_grown() -> None:
    closed = {
        **body_of("newrelic-closed"),
        "impactedEntities": ["storefront", "search"],
        "totalIncidents": 2,
        "title": "2 entities are slow",
    }
    assert the_one("newrelic", closed).fingerprint == the_one("newrelic", body_of("newrelic-activated")).fingerprint
    assert gist(the_one("newrelic", body_of("newrelic-closed"))) == (
        "resolved",
        f"Resolved: {TITLE}",
        "sev1",
        "CRITICAL",
        "storefront",
        [SERVICE],
    )


def test_the_default_payload_will_do() -> None:
    body = {name: value for name, value in body_of("newrelic-activated").items() if name not in ONLY_OURS}
    assert gist(the_one("newrelic", body)) == ("firing", TITLE, "sev1", "CRITICAL", "storefront", [])


@pytest.mark.parametrize(
    ("state", "trigger", "kind"),
    [
        ("CREATED", "STATE_CHANGE", "firing"),
        ("ACTIVATED", "PRIORITY_CHANGED", "firing"),
        ("ACTIVATED", "USER_ACTION", "info"),
        ("ACKNOWLEDGED", "", "info"),
        ("DEACTIVATED", "STATE_CHANGE", "resolved"),
        ("CLOSED", "USER_ACTION", "resolved"),
        ("SOMETHING_NEW", "", "firing"),
        ("", "", "firing"),
    ],
)
def test_states(state: str, trigger: str, kind: str) -> None:
    assert the_one("newrelic", {**body_of("newrelic-activated"), "state": state, "trigger": trigger}).kind.value == kind


@pytest.mark.parametrize("priority", ["CRITICAL", "HIGH", "MEDIUM", "LOW"])
def test_priorities(priority: str) -> None:
    alert = the_one("newrelic", {"title": "t", "priority": priority})
    assert (alert.severity.value, alert.vendor_severity) == (f"sev{1 + ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'].index(priority)}", priority)


@pytest.mark.parametrize(
    ("fields", "service"),
    [
        ({"impactedEntities": ["shop"]}, "shop"),
        ({"impactedEntities": "shop"}, "shop"),
        ({"impactedEntities": ["shop", "search"]}, "unknown"),
        ({"impactedEntities": ["shop"], "tags": {"service": ["orders"]}}, "orders"),
        ({"impactedEntities": {"a": 1}, "tags": []}, "unknown"),
    ],
)
def test_the_service(fields: dict[str, Any], service: str) -> None:
    assert the_one("newrelic", {"id": "1", "title": "t", **fields}).service == service


def test_a_tag_with_several_values_names_no_one_thing() -> None:
    tags = {"aws.ec2InstanceId": ["i-0123456789abcdef0", "i-0fedcba9876543210"]}
    alert = the_one("newrelic", {"id": "1", "title": "t", "tags": tags})
    assert alert.resources == ()
    assert alert.labels["aws.ec2InstanceId"] == "i-0123456789abcdef0, i-0fedcba9876543210"
