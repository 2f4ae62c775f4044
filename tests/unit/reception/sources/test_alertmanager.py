"""Alertmanager: fingerprint, start and state make an alert what it is; what was left out is said."""

from tests.unit.reception.sources.vendors import body_of, gist, read_by, the_one

TITLE = "HighErrorRate on storefront-7d9f6b5c4-2xkqp"


def test_each_member_of_a_group_is_an_alert() -> None:
    one, other = read_by("alertmanager", body_of("alertmanager-firing"))
    assert gist(one) == ("firing", TITLE, "sev1", "critical", "storefront", [])
    assert other.title == "HighErrorRate on storefront-7d9f6b5c4-w8zrt"
    assert one.environment == "production"
    assert one.occurred_at.isoformat() == "2026-11-20T02:57:31.402817+00:00"
    assert one.links == {
        "rule": "https://prometheus.example.com/graph?g0.expr=job%3Aerrors%3Arate5m+%3E+0.05&g0.tab=1",
        "runbook": "https://wiki.example.com/runbooks/errors",
        "alertmanager": "https://alertmanager.example.com",
    }


def test_what_was_left_out_is_said() -> None:
    one, _ = read_by("alertmanager", body_of("alertmanager-firing"))
    assert one.labels["truncated_alerts"] == "3"
    assert one.description.endswith("The group had 3 more, which were left out of the notification.")
    assert "truncated_alerts" not in the_one("alertmanager", body_of("alertmanager-resolved")).labels


def test_resolved_pairs_with_what_fired() -> None:
    firing, resolved = read_by("alertmanager", body_of("alertmanager-firing"))[0], the_one("alertmanager", body_of("alertmanager-resolved"))
    assert gist(resolved) == ("resolved", f"Resolved: {TITLE}", "sev1", "critical", "storefront", [])
    assert resolved.fingerprint == firing.fingerprint
    assert resolved.occurred_at > firing.occurred_at


def test_the_state_of_a_member_counts_before_that_of_its_group() -> None:
    body = body_of("alertmanager-firing")
    body["alerts"][1] |= {"status": "resolved", "endsAt": "2026-11-20T02:59:00Z"}
    assert [alert.kind.value for alert in read_by("alertmanager", body)] == ["firing", "resolved"]


def test_a_peer_of_the_same_cluster_says_the_same() -> None:
    peer = {**body_of("alertmanager-resolved"), "externalURL": "https://alertmanager-2.example.com", "receiver": "watchkeeper-2"}
    assert the_one("alertmanager", peer).key == the_one("alertmanager", body_of("alertmanager-resolved")).key


def test_without_a_fingerprint_the_labels_are_one() -> None:
    def without(**labels: str) -> str:
        return the_one("alertmanager", {"alerts": [{"labels": {"alertname": "a", **labels}}]}).fingerprint

    assert without(pod="x", job="y") == without(job="y", pod="x") != without(pod="z", job="y")


def test_the_exporter_for_cloudwatch_names_its_resource() -> None:
    labels = {"alertname": "a", "name": "arn:aws:rds:eu-west-1:123456789012:db:orders", "dimension_DBInstanceIdentifier": "orders"}
    alert = the_one("alertmanager", {"alerts": [{"labels": labels}]})
    assert [(r.type, r.id, r.trusted) for r in alert.resources] == [("rds:db", "orders", True)]
