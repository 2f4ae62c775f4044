"""Opsgenie's actions on an alert."""

import pytest

from tests.unit.reception.sources.played import alert, body_of, but, read

CREATE, ACKNOWLEDGE, CLOSE = "opsgenie-create.json", "opsgenie-acknowledge.json", "opsgenie-close.json"


def test_create_fires() -> None:
    one = read(CREATE)
    assert (one.kind, one.title, one.severity, one.vendor_severity) == ("firing", "Checkout error rate is above 5 %", "sev2", "P2")
    assert (one.service, one.environment) == ("checkout", "production")
    assert [(r.type, r.id, r.trusted) for r in one.resources] == [("ecs:service", "shop/checkout", True)]
    assert one.occurred_at.isoformat() == "2026-11-20T02:59:30.104000+00:00"
    assert one.labels["customer-facing"] == "yes"
    assert one.links["alert"].startswith("https://app.opsgenie.com/alert/detail/052652ac-")


def test_one_alert_is_one_fingerprint_until_it_is_closed() -> None:
    opened, acknowledged, closed = read(CREATE), read(ACKNOWLEDGE), read(CLOSE)
    assert [one.kind for one in (opened, acknowledged, closed)] == ["firing", "info", "resolved"]
    assert len({one.fingerprint for one in (opened, acknowledged, closed)}) == 1


def test_nanoseconds_are_told_from_milliseconds() -> None:
    assert read(CLOSE).occurred_at.isoformat().startswith("2026-11-20T03:00:03.221")


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("Create", "firing"), ("Close", "resolved"), ("Delete", "resolved"), ("Acknowledge", "info"), ("UnAcknowledge", "info"),
        ("AddNote", "info"), ("AssignOwnership", "info"), ("Escalate", "info"), ("UpdatePriority", "info"), ("restart it", "info"),
    ],
)  # fmt: skip
def test_actions(action: str, kind: str) -> None:
    assert alert("opsgenie", but(body_of(CREATE), "action", action)).kind == kind


def test_what_has_no_alias_is_known_by_its_id() -> None:
    first = alert("opsgenie", but(body_of(CREATE), "alert.alias", ""))
    assert first.fingerprint == alert("opsgenie", but(body_of(CLOSE), "alert.alias", "")).fingerprint != read(CREATE).fingerprint


def test_an_id_that_is_none_makes_no_link() -> None:
    assert alert("opsgenie", but(body_of(CREATE), "alert.alertId", "../../evil?x=")).links == {}
