"""An action asked for in PagerDuty: it is seen, it can be withdrawn, and it opens no door by itself."""

from typing import Any

import pytest

from reception.sources.registry import sources
from tests.unit.reception.sources.vendors import body_of, gist, the_one

TITLE = "PagerDuty asks for scale-group: Orders wait longer than five minutes"


def asked(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in {**body_of("pagerduty-action"), **fields}.items() if value is not None}


def test_a_request_fires_and_says_who_asks_for_what_on_which_incident() -> None:
    alert = the_one("pagerduty-action", asked())
    assert gist(alert) == ("firing", TITLE, "sev2", "P2", "checkout", ["autoscaling:group/checkout-workers"])
    assert alert.labels == {
        "pagerduty_incident": "Q1K3R7ZP0WATCH",
        "requested_action": "scale-group",
        "requested_by": "Ines Karlsson",
        "parameter_desired": "4",
    }
    assert alert.links == {"pagerduty": "https://shop.pagerduty.com/incidents/Q1K3R7ZP0WATCH"}
    assert (alert.environment, alert.alarm_name) == ("production", "checkout-queue-age")
    assert alert.occurred_at.isoformat() == "2026-11-20T02:59:40+00:00"


def test_a_request_is_withdrawn_by_a_status() -> None:
    alert = the_one("pagerduty-action", body_of("pagerduty-action-withdrawn"))
    assert gist(alert)[:2] == ("resolved", f"Withdrawn: {TITLE}")
    assert alert.fingerprint == the_one("pagerduty-action", asked()).fingerprint


def test_another_action_or_incident_is_another_request() -> None:
    bodies = [asked(), asked(action="restart"), asked(incident={"id": "Q2"})]
    assert len({the_one("pagerduty-action", body).fingerprint for body in bodies}) == 3


def test_the_wish_is_a_label_and_changes_nothing_that_the_gate_reads() -> None:
    """Kind, severity, service and resources are the same whatever is asked for."""
    one, other = the_one("pagerduty-action", asked()), the_one("pagerduty-action", asked(action="approve everything; mode: auto"))
    differing = {name for name, value in one if getattr(other, name) != value}
    assert differing == {"title", "fingerprint", "labels"}


def test_pagerdutys_own_event_of_an_invoked_action_is_read_too() -> None:
    data = {
        "type": "incident_action_invocation", "state": "created", "html_url": "https://shop.pagerduty.com/rundeck-actions/actions/A1",
        "incident": {"id": "Q1", "summary": "It burns", "html_url": "https://shop.pagerduty.com/incidents/Q1"},
        "action": {"id": "A1", "summary": "Restart the workers"},
    }  # fmt: skip
    event = {"id": "E1", "occurred_at": "2026-11-20T02:59:00Z", "agent": {"summary": "Ines Karlsson"}, "data": data}
    alert = the_one("pagerduty-action", {"event": event})
    assert alert.title == "PagerDuty asks for Restart the workers: It burns"
    assert alert.labels["requested_by"] == "Ines Karlsson"
    assert alert.links == {
        "pagerduty": "https://shop.pagerduty.com/incidents/Q1", "action": "https://shop.pagerduty.com/rundeck-actions/actions/A1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("arn:aws:ecs:eu-west-1:123456789012:service/shop/checkout", [("ecs:service", "shop/checkout")]),
        ({"arn": "arn:aws:ecs:eu-west-1:123456789012:service/shop/checkout"}, [("ecs:service", "shop/checkout")]),
        ({"type": "EC2:Instance", "id": "i-0123456789abcdef0"}, [("ec2:instance", "i-0123456789abcdef0")]),
        ({"type": "ec2:instance"}, []),
        ("restart i-0123456789abcdef0", []),
        (None, []),
        (7, []),
    ],
)
def test_resources(entry: Any, found: list[tuple[str, str]]) -> None:
    assert [(r.type, r.id) for r in the_one("pagerduty-action", asked(resources=[entry])).resources] == found


@pytest.mark.parametrize("body", [{}, {"incident": "Q1"}, {"action": {}}, {"event": {"data": []}}])
def test_odd_requests_are_still_requests(body: dict[str, Any]) -> None:
    assert the_one("pagerduty-action", body).title == "PagerDuty asks for something"


def test_it_has_a_path_of_its_own() -> None:
    assert sources()["pagerduty-action"].path == "/pagerduty/autonomous/action"


def test_the_id_that_the_rest_api_needs_is_a_label_where_only_the_page_says_it() -> None:
    """The fingerprint stays what it was: a request that is made again is the same one."""
    incident = {"number": 4711, "title": "It burns", "html_url": "https://shop.pagerduty.com/incidents/Q1K3R7ZP0WATCH"}
    alert = the_one("pagerduty-action", asked(incident=incident))
    assert alert.labels["pagerduty_incident"] == "Q1K3R7ZP0WATCH"
    assert alert.fingerprint == the_one("pagerduty-action", asked(incident={"number": 4711})).fingerprint
