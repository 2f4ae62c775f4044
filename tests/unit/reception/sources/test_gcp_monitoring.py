"""Google Cloud Monitoring's incidents."""

import pytest

from tests.unit.reception.sources.played import alert, body_of, but, read

OPEN, CLOSED = "gcp-open.json", "gcp-closed.json"


def test_an_open_incident_fires() -> None:
    one = read(OPEN)
    assert (one.kind, one.title, one.severity) == ("firing", "CPU utilization above 80 % on shop-web-1", "sev1")
    assert (one.service, one.environment, one.vendor_severity) == ("storefront", "production", "Critical")
    assert [(r.type, r.id, r.account, r.region) for r in one.resources] == [
        ("gcp:gce_instance", "8979287136362607111", "acme-shop", "europe-west1-b")
    ]
    assert one.occurred_at.isoformat() == "2026-11-20T02:59:00+00:00"
    assert one.links["incident"].startswith("https://console.cloud.google.com/")
    assert (one.account, one.region) == ("", "")  # no AWS call may be sent to europe-west1


def test_its_end_has_its_fingerprint_and_so_has_the_next_of_its_kind() -> None:
    closed = read(CLOSED)
    assert (closed.kind, closed.title) == ("resolved", "CPU utilization above 80 % on shop-web-1 is over")
    assert closed.occurred_at.isoformat() == "2026-11-20T03:00:02+00:00"
    later = alert("gcp_monitoring", but(body_of(OPEN), "incident.incident_id", "0.other"))
    assert len({closed.fingerprint, read(OPEN).fingerprint, later.fingerprint}) == 1


@pytest.mark.parametrize(
    "path", ["incident.resource.labels.instance_id", "incident.metric.labels.instance_name", "incident.condition.name"]
)
def test_another_series_is_another_fingerprint(path: str) -> None:
    assert alert("gcp_monitoring", but(body_of(OPEN), path, "other")).fingerprint != read(OPEN).fingerprint


@pytest.mark.parametrize(("word", "severity"), [("Critical", "sev1"), ("Error", "sev2"), ("Warning", "sev3"), ("No Severity", "sev3")])
def test_severities(word: str, severity: str) -> None:
    assert alert("gcp_monitoring", but(body_of(OPEN), "incident.severity", word)).severity == severity


def test_the_connection_test_only_informs() -> None:
    body = {"version": "test", "incident": {"incident_id": "12345", "state": "OPEN", "started_at": 0, "summary": "Test Incident"}}
    one = alert("gcp_monitoring", body)
    assert (one.kind, one.title, one.occurred_at.isoformat()) == ("info", "Test Incident", "2026-11-20T03:00:04+00:00")


def test_an_aws_instance_that_google_watches_is_ours() -> None:
    resource = {
        "type": "aws_ec2_instance",
        "labels": {"instance_id": "i-0123456789abcdef0", "region": "aws:eu-west-1a", "aws_account": "123456789012"},
    }
    (found,) = alert("gcp_monitoring", but(body_of(OPEN), "incident.resource", resource)).resources
    assert found.arn == "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"
