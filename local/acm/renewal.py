"""A renewal that waits for a DNS record, as DescribeCertificate shows it."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

SECONDS_A_DAY = 86_400
STUCK_SINCE_DAYS = 17


@dataclass(frozen=True)
class Renewal:
    """ACM tries from sixty days before the end and says PENDING_VALIDATION while the record is missing."""

    expires_in_days: float
    made_at: float = field(default_factory=time.time)

    def laid_over(self, certificate: dict[str, Any]) -> dict[str, Any]:
        """The certificate as the emulator knows it, near its end and waiting."""
        waiting = [
            {"DomainName": domain, "ValidationDomain": domain, "ValidationStatus": "PENDING_VALIDATION", "ValidationMethod": "DNS",
             "ResourceRecord": record(domain)}
            for domain in certificate.get("SubjectAlternativeNames") or [certificate["DomainName"]]
        ]  # fmt: skip
        return {
            **certificate,
            "NotAfter": self.made_at + self.expires_in_days * SECONDS_A_DAY,
            "RenewalEligibility": "ELIGIBLE",
            "DomainValidationOptions": [{**option, "ValidationStatus": "SUCCESS"} for option in waiting],
            "RenewalSummary": {
                "RenewalStatus": "PENDING_VALIDATION",
                "DomainValidationOptions": waiting,
                "UpdatedAt": self.made_at - STUCK_SINCE_DAYS * SECONDS_A_DAY,
            },
        }


def record(domain: str) -> dict[str, str]:
    """The CNAME that proves the domain: names and values look like ACM's, and are the same for the same domain."""
    base = domain.removeprefix("*.")
    digest = hashlib.sha256(base.encode()).hexdigest()
    name, value, zone = digest[:32], digest[32:64], "".join(c for c in digest if c.isalpha())[:10]
    return {"Name": f"_{name}.{base}.", "Type": "CNAME", "Value": f"_{value}.{zone}.acm-validations.aws."}
