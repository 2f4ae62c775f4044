"""Azure's common alert schema, for each signal."""

import pytest

from tests.unit.reception.sources.played import alert, body_of, but, read

FIRED, RESOLVED, LOG = "azure-metric-fired.json", "azure-metric-resolved.json", "azure-log-fired.json"
ACTIVITY, HEALTH = "azure-activity-log.json", "azure-service-health.json"
ESSENTIALS, EVENT = "data.essentials", "data.alertContext"


@pytest.mark.parametrize(
    ("name", "kind", "title", "severity", "service"),
    [
        (FIRED, "firing", "Percentage CPU of shop-vm-2 is above 80 (93.27)", "sev2", "storefront"),
        (RESOLVED, "resolved", "Percentage CPU of shop-vm-2 is no longer above 80", "sev2", "storefront"),
        (LOG, "firing", "shop-5xx on shop-vm-2", "sev3", "storefront"),
        (ACTIVITY, "firing", "Microsoft.Compute/virtualMachines/restart/action succeeded", "sev4", "unknown"),
        (HEALTH, "firing", "Virtual Machines in West Europe cannot be reached", "sev2", "unknown"),
    ],
)
def test_a_sample_is_read(name: str, kind: str, title: str, severity: str, service: str) -> None:
    one = read(name)
    assert (one.kind, one.title, one.severity, one.service) == (kind, title, severity, service)
    assert all(resource.trusted for resource in one.resources)


def test_fired_and_resolved_are_one_fingerprint() -> None:
    fired, resolved = read(FIRED), read(RESOLVED)
    assert fired.fingerprint == resolved.fingerprint
    assert fired.occurred_at.isoformat() == "2026-11-20T02:59:24.371321+00:00"
    assert resolved.occurred_at.isoformat() == "2026-11-20T02:59:59.224631+00:00"
    assert [(r.type, r.account) for r in fired.resources] == [("microsoft.compute/virtualmachines", "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9")]
    assert fired.links["resource"].startswith("https://portal.azure.com/#resource/subscriptions/")
    assert fired.metric is None  # CloudWatch would be asked for a series that it does not have


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        (f"{ESSENTIALS}.alertId", "/subscriptions/x/alerts/other", True),
        (f"{ESSENTIALS}.firedDateTime", "2026-11-20T02:00:00Z", True),
        (f"{EVENT}.condition.allOf.0.metricValue", 99.9, True),
        (f"{ESSENTIALS}.alertRule", "another rule", False),
        (f"{ESSENTIALS}.alertTargetIDs", ["/subscriptions/x/other"], False),
        (f"{EVENT}.condition.allOf.0.dimensions", [{"name": "ResourceId", "value": "other"}], False),
    ],
)
def test_what_tells_alerts_apart(path: str, value: object, same: bool) -> None:
    assert (alert("azure_monitor", but(body_of(FIRED), path, value)).fingerprint == read(FIRED).fingerprint) is same


@pytest.mark.parametrize(
    ("word", "severity"), [("Sev0", "sev1"), ("Sev1", "sev2"), ("Sev2", "sev3"), ("Sev3", "sev4"), ("Sev4", "sev4"), ("", "sev3")]
)
def test_the_words_are_not_ours(word: str, severity: str) -> None:
    one = alert("azure_monitor", but(body_of(FIRED), f"{ESSENTIALS}.severity", word))
    assert (one.severity, one.vendor_severity) == (severity, word)


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        ("properties.stage", "Resolved", "resolved"),
        ("properties.stage", "RCA", "resolved"),
        ("status", "Resolved", "resolved"),
        ("properties.incidentType", "Maintenance", "info"),
        ("properties.incidentType", "Informational", "info"),
        ("properties.incidentType", "Security", "firing"),
        ("properties.incidentType", "ActionRequired", "firing"),
    ],
)
def test_service_health_says_itself_whether_it_is_over(path: str, value: str, kind: str) -> None:
    one = alert("azure_monitor", but(body_of(HEALTH), f"{EVENT}.{path}", value))
    assert (one.kind, one.fingerprint) == (kind, read(HEALTH).fingerprint)


def resource_health(status: str, event: str) -> dict[str, object]:
    properties = {"title": f"This machine is {status.lower()}", "currentHealthStatus": status}
    context = {
        "eventSource": "ResourceHealth",
        "operationName": f"Microsoft.Resourcehealth/healthevent/{event}/action",
        "properties": properties,
    }
    body: dict[str, object] = but(but(body_of(ACTIVITY), f"{ESSENTIALS}.monitoringService", "Resource Health"), EVENT, context)
    return body


def test_a_resource_that_is_available_again_is_resolved() -> None:
    down = alert("azure_monitor", resource_health("Unavailable", "Activated"))
    well = alert("azure_monitor", resource_health("Available", "Resolved"))
    assert (down.kind, well.kind, down.fingerprint) == ("firing", "resolved", well.fingerprint)


def test_a_log_search_keeps_its_query_and_links() -> None:
    one = read(LOG)
    assert one.log_excerpt.startswith("AppRequests |")
    assert one.links["search"].endswith("/q/one")
    assert one.labels["Computer"] == "shop-vm-2"


def test_the_older_log_search_and_prometheus_are_read() -> None:
    older = but(body_of(LOG), EVENT, {"SearchQuery": "Perf", "ResultCount": 2, "Dimensions": [{"name": "Computer", "value": "a"}]})
    assert (alert("azure_monitor", older).log_excerpt, alert("azure_monitor", older).labels["ResultCount"]) == ("Perf", "2")
    prometheus = but(
        body_of(LOG), EVENT, {"expression": "sql_up > 0", "labels": {"cluster": "a"}, "annotations": {"summary": "SQL is down"}}
    )
    assert (alert("azure_monitor", prometheus).description, alert("azure_monitor", prometheus).labels["cluster"]) == ("SQL is down", "a")


def test_an_empty_body_is_an_alert() -> None:
    assert alert("azure_monitor", {}).title == "An Azure alert"
