"""The state of the certificates near the incident: when they end, who uses them, and what their renewal waits for.

    acm:certificate 1b2c… for shop.example.com: status ISSUED, expires 2026-12-04T00:00:00Z (in 14 days), in use by 2 resources
    used by arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/50dc6c495c0c9188
    renewal: status PENDING_VALIDATION, reason none, updated 2026-11-19T00:00:00Z
    renewal waits for shop.example.com: validation DNS, status PENDING_VALIDATION
    add this record: _a798….shop.example.com. CNAME _424c….acm-validations.aws.
    renewal: not by ACM, the certificate is IMPORTED

For one that was never issued the line is `issue waits for …`. Each record is told once: a name and its wildcard share one.
"""

from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.each_resource import answer, each, names
from watchkeeper.models import Resource

PERMISSION = "acm:DescribeCertificate"
KIND = "acm:certificate"
MOST_USERS = 5
MOST_DOMAINS = 20
DONE = "SUCCESS"


def certificates_of(ask: Ask) -> tuple[Resource, ...]:
    """ACM answers to an ARN alone."""
    return tuple(resource for resource in ask.near(KIND) if resource.arn)


def collect(ask: Ask) -> Found | Nothing:
    """DescribeCertificate for each certificate."""
    return each(ask, certificates_of(ask), _certificate, f"Not there: {names(certificates_of(ask))}.")


def _certificate(ask: Ask, resource: Resource) -> list[str]:
    client = ask.client("acm", ask.region_of(resource))
    said = answer(PERMISSION, resource.id, ("ResourceNotFoundException",), client.describe_certificate, CertificateArn=resource.arn)
    if said is None:
        return []
    certificate = said["Certificate"]
    users = certificate.get("InUseBy", [])
    head = (
        f"acm:certificate {resource.id} for {certificate.get('DomainName', 'no name')}: status {certificate.get('Status', 'unknown')}, "
        f"{_ends(certificate.get('NotAfter'), ask.now)}, in use by {len(users)} resources"
    )
    failed = [f"failure: {certificate['FailureReason']}"] if certificate.get("FailureReason") else []
    return [head, *(f"used by {user}" for user in users[:MOST_USERS]), *failed, *_renewal(ask, certificate)]


def _ends(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "expires at no known time"
    days = (at - now) // timedelta(days=1)
    return f"expires {stamp(at)} ({f'in {days} days' if days >= 0 else f'{-days} days ago'})"


def _renewal(ask: Ask, certificate: dict[str, Any]) -> list[str]:
    renewal = certificate.get("RenewalSummary")
    if renewal:
        reason = renewal.get("RenewalStatusReason") or "none"
        updated = f", updated {stamp(renewal['UpdatedAt'])}" if "UpdatedAt" in renewal else ""
        head = f"renewal: status {renewal.get('RenewalStatus', 'unknown')}, reason {reason}{updated}"
        return [head, *_waits(ask, "renewal", renewal.get("DomainValidationOptions", []))]
    if certificate.get("Status") == "PENDING_VALIDATION":
        return _waits(ask, "issue", certificate.get("DomainValidationOptions", []))
    if certificate.get("Type") == "IMPORTED":
        return ["renewal: not by ACM, the certificate is IMPORTED"]
    return []


def _waits(ask: Ask, what: str, options: list[dict[str, Any]]) -> list[str]:
    """What each name that is not proved yet asks of its owner."""
    lines: list[str] = []
    for option in [one for one in options if one.get("ValidationStatus") != DONE][:MOST_DOMAINS]:
        method, status = option.get("ValidationMethod", "unknown"), option.get("ValidationStatus", "unknown")
        lines.append(f"{what} waits for {option['DomainName']}: validation {method}, status {status}")
        if record := option.get("ResourceRecord"):
            lines.append(f"add this record: {record['Name']} {record['Type']} {record['Value']}")
        if mails := option.get("ValidationEmails"):
            lines.append(f"mail was sent to: {ask.tidy(', '.join(mails))}")
    return list(dict.fromkeys(lines))


COLLECTOR = Collector(
    name="acm",
    order=66,
    provenance="the ACM API, measured",
    applies=lambda ask: bool(certificates_of(ask)),
    asked=lambda ask: f"When does {names(certificates_of(ask))} end, and what does its renewal wait for?",
    collect=collect,
    permissions=(PERMISSION,),
)
