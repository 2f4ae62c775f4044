"""Zabbix problems, the words said on them, and their recoveries."""

import pytest

from tests.unit.reception.sources.played import alert, body_of, but, read

PROBLEM, UPDATE, RECOVERY = "zabbix-problem.json", "zabbix-update.json", "zabbix-recovery.json"


def test_a_problem_fires() -> None:
    one = read(PROBLEM)
    assert (one.kind, one.title, one.severity, one.vendor_severity) == ("firing", "Disk of db-1 is 91 % full", "sev2", "High")
    assert (one.service, one.environment) == ("orders-db", "production")
    assert [(r.type, r.id, r.trusted) for r in one.resources] == [("zabbix:host", "db-1", True)]
    assert one.occurred_at.isoformat() == "2026-11-20T02:59:40+00:00"
    assert one.links == {"event": "https://zabbix.example.com/tr_events.php?triggerid=23011&eventid=884213"}
    assert "update_action" not in one.labels


def test_one_trigger_is_one_fingerprint_in_problem_update_and_recovery() -> None:
    problem, update, recovery = read(PROBLEM), read(UPDATE), read(RECOVERY)
    assert [one.kind for one in (problem, update, recovery)] == ["firing", "info", "resolved"]
    assert len({one.fingerprint for one in (problem, update, recovery)}) == 1
    assert recovery.occurred_at.isoformat() == "2026-11-20T03:00:01+00:00"
    assert "Looking at it." in update.description


def test_the_trigger_of_another_server_is_another() -> None:
    assert alert("zabbix", but(body_of(PROBLEM), "zabbix_url", "https://other.example.com")).fingerprint != read(PROBLEM).fingerprint


@pytest.mark.parametrize(("number", "severity"), [("0", "sev3"), ("1", "sev4"), ("2", "sev3"), ("3", "sev3"), ("4", "sev2"), ("5", "sev1")])
def test_severities(number: str, severity: str) -> None:
    assert alert("zabbix", but(body_of(PROBLEM), "event_nseverity", number)).severity == severity
    assert alert("zabbix", but(body_of(PROBLEM), "event_nseverity", int(number))).severity == severity


def test_a_macro_that_the_server_does_not_know_counts_as_not_said() -> None:
    one = alert("zabbix", but(but(body_of(PROBLEM), "event_timestamp", "{EVENT.TIMESTAMP}"), "event_name", "{EVENT.NAME}"))
    assert (one.title, one.occurred_at.isoformat()) == ("Zabbix reports a problem on db-1", "2026-11-20T03:00:04+00:00")


@pytest.mark.parametrize("tags", ["{EVENT.TAGSJSON}", "[" * 5000, "not json", "7", None, [{"tag": "service"}, 7]])
def test_tags_that_are_none_cost_nothing(tags: object) -> None:
    assert alert("zabbix", but(body_of(PROBLEM), "event_tags", tags)).title == "Disk of db-1 is 91 % full"


def test_an_arn_in_a_tag_is_a_resource() -> None:
    tags = [{"tag": "arn", "value": "arn:aws:rds:eu-west-1:123456789012:db:orders"}]
    assert [r.type for r in alert("zabbix", but(body_of(PROBLEM), "event_tags", tags)).resources] == ["zabbix:host", "rds:db"]
