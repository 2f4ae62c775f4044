"""What lookout reports of containers."""

import pytest

from tests.unit.reception.sources.played import alert, alerts, body_of, but, read

OOM, RECOVERED = "lookout-oom.json", "lookout-recovered.json"


def test_each_container_of_a_report_is_an_alert() -> None:
    killed, ill = alerts("lookout", body_of(OOM))
    assert killed.title == "Container checkout-api on docker-1 was killed: out of memory (exit 137, 3 restarts)"
    assert ill.title == "Container mailer on docker-1 is unhealthy (exit 0)"
    assert [(one.kind, one.severity, one.service, one.environment) for one in (killed, ill)] == [
        ("firing", "sev1", "checkout", "production"),
        ("firing", "sev2", "mailer", "production"),
    ]
    assert [(r.type, r.id, r.trusted) for r in killed.resources] == [
        ("docker:container", "docker-1/checkout-api", True),
        ("ec2:instance", "i-0123456789abcdef0", True),
    ]
    assert killed.log_excerpt.endswith("Killed")
    assert killed.occurred_at.isoformat() == "2026-11-20T02:59:57.412000+00:00"


def test_a_container_made_anew_is_the_same_thing() -> None:
    killed, _ = alerts("lookout", body_of(OOM))
    well = read(RECOVERED)
    assert (well.kind, well.title) == ("resolved", "Container checkout-api on docker-1 runs again")
    assert well.fingerprint == killed.fingerprint


@pytest.mark.parametrize("path", ["host.name", "containers.0.name"])
def test_another_host_or_name_is_another_thing(path: str) -> None:
    assert alert("lookout", but(body_of(RECOVERED), path, "other")).fingerprint != read(RECOVERED).fingerprint


@pytest.mark.parametrize(
    ("but_for", "kind", "severity"),
    [
        ({"event": "exited"}, "firing", "sev2"),
        ({"event": "exited", "oom_killed": True, "restarts": 1}, "firing", "sev2"),
        ({"event": "exited", "oom_killed": True, "restarts": 3}, "firing", "sev1"),
        ({"event": "paused"}, "firing", "sev3"),
        ({"event": "exited", "severity": "SEV4"}, "firing", "sev4"),
        ({"event": "exited", "kind": "info"}, "info", "sev2"),
        ({"event": "recovered", "oom_killed": True}, "resolved", "sev3"),
        ({"event": "removed"}, "resolved", "sev3"),
    ],
)
def test_what_happened_says_how_bad_it_is(but_for: dict[str, object], kind: str, severity: str) -> None:
    one = alert("lookout", {"host": {"name": "docker-1"}, "containers": [{"name": "api", **but_for}]})
    assert (one.kind, one.severity) == (kind, severity)


def test_a_report_of_no_container_is_one_on_the_host() -> None:
    one = alert("lookout", {"host": {"name": "docker-1"}, "at": "2026-11-20T02:59:00Z"})
    assert (one.title, one.occurred_at.isoformat()) == ("docker-1 reports a fault", "2026-11-20T02:59:00+00:00")
