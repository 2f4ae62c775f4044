"""A Google Cloud Monitoring incident, version 1.2 of its webhook: state open or closed.

An incident's id is new each time, so the fingerprint is the condition and the labels that tell its series apart.
"""

import re
from collections.abc import Iterator

from reception.fields import Body, mapping, moment, text
from reception.proofs import Basic
from reception.resources import LONGEST_NAME, Place, distinct, from_dimensions
from reception.sources.registry import Received, source
from reception.tags import environment_in, links_of, pairs, service_in
from reception.vocabulary import kind_of, severity_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

IDS = ("instance_id", "database_id", "cluster_name", "service_name", "function_name", "subscription_id", "topic_id", "bucket_name", "host")
SAID = ("incident_id", "policy_name", "condition_name", "observed_value", "threshold_value", "scoping_project_id")


@source(
    "gcp_monitoring",
    samples=("events/gcp-open.json", "events/gcp-closed.json"),
    proof=Basic(),
    vendor="Google Cloud Monitoring",
    docs="https://cloud.google.com/monitoring/support/notification-options",
    sends_key=False,
)
def read_incident(body: Body, received: Received) -> Iterator[Alert]:
    """One incident that opened or closed is one alert. What the console's connection test sends only informs."""
    incident = mapping(body.get("incident"))
    resource, metric, condition = (mapping(incident.get(name)) for name in ("resource", "metric", "condition"))
    labels, series = pairs(resource.get("labels")), pairs(metric.get("labels"))
    users = pairs(mapping(incident.get("metadata")).get("user_labels")) | pairs(incident.get("policy_user_labels"))
    state, severity = text(incident, "state"), text(incident, "severity")
    kind = AlertKind.INFO if text(body, "version") == "test" else kind_of(state) or AlertKind.FIRING
    project = labels.get("project_id") or text(incident, "scoping_project_id")
    known = text(condition, "name") or "/".join((text(incident, "policy_name"), text(incident, "condition_name")))
    apart = (f"{name}={value}" for part in (labels, series) for name, value in sorted(part.items()))
    documented = mapping(incident.get("documentation"))
    yield Alert(
        source="gcp_monitoring",
        kind=kind,
        title=_title(incident, labels, kind),
        fingerprint=token("gcp_monitoring", project, known, text(resource, "type"), *apart),
        occurred_at=moment(incident.get("ended_at" if kind is AlertKind.RESOLVED else "started_at"), received.at),
        severity=severity_of(severity) or Severity.SEV3,
        vendor_severity=severity,
        service=service_in(users) or "unknown",
        environment=environment_in(users),
        description="\n".join(part for part in (text(incident, "summary"), text(documented, "content")) if part),
        resources=distinct(_resources(resource, labels, project)),
        labels=pairs({"state": state, "metric": text(metric, "type"), "project": project} | {name: text(incident, name) for name in SAID})
        | {f"resource.{name}": value for name, value in labels.items()}
        | {f"metric.{name}": value for name, value in series.items()}
        | users,
        links=links_of(incident, incident="url"),
    )


def _title(incident: Body, labels: dict[str, str], kind: AlertKind) -> str:
    """The policy's condition and whose it is; the vendor's own sentence names a value, and is the description."""
    what = text(incident, "condition_name") or text(incident, "policy_name") or text(incident, "summary") or "A Google Cloud incident"
    whose = text(incident, "resource_display_name") or labels.get("instance_name", "") or _own_id(labels)
    named = f"{what} on {whose}" if whose and whose not in what else what
    return f"{named} is over" if kind is AlertKind.RESOLVED else named


def _own_id(labels: dict[str, str]) -> str:
    return next((labels[name] for name in IDS if labels.get(name)), "")


def _resources(resource: Body, labels: dict[str, str], project: str) -> list[Resource]:
    """Google's resource, or the AWS instance that a connected account watches."""
    kind, own_id = text(resource, "type"), _own_id(labels)
    if kind == "aws_ec2_instance":
        region = re.sub(r"^aws:|(?<=\d)[a-z]$", "", labels.get("region", ""))
        return from_dimensions({"InstanceId": labels.get("instance_id", "")}, Place(labels.get("aws_account", ""), region))
    where = labels.get("zone") or labels.get("location") or labels.get("region") or ""
    if not (kind and own_id):
        return []
    return [Resource(type=f"gcp:{kind}"[:LONGEST_NAME], id=own_id, account=project[:64], region=where[:64], trusted=True)]
