"""A certificate that is about to end, because the DNS record that its renewal waits for is gone. Only a person can put it back."""

import time
from dataclasses import dataclass

from local.acm.renewal import Renewal
from local.acm.server import Acm
from local.aws import Account
from local.world.patient import PERIOD_SECONDS, Series
from watchkeeper.models import Incident, Status

ALARM, DOMAIN = "website-certificate", "www.example.com"
LINE, DAYS_LEFT = 30, 13


@dataclass
class Website:
    """The certificate. It stays ill: its cure is a record in somebody's DNS zone."""

    arn: str
    days: Series
    acm: Acm
    told_to: bool = False
    next_at: float = 0.0

    name = "website"
    ends = Status.ESCALATED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str, acm: Acm) -> "Website":
        tags = [{"Key": "service", "Value": cls.name}]
        arn = account.client("acm").request_certificate(DomainName=DOMAIN, ValidationMethod="DNS", Tags=tags)["CertificateArn"]
        days = Series(account, "AWS/CertificateManager", "DaysToExpiry", (("CertificateArn", arn),), "Count")
        days.alarm(ALARM, topic, f"The certificate of {DOMAIN} ends soon and was not renewed.", Statistic="Minimum",
                   Threshold=LINE, ComparisonOperator="LessThanThreshold")  # fmt: skip
        return cls(arn, days, acm)

    def fall_ill(self) -> None:
        """Its renewal hangs, and the metric says so for the first time."""
        self.acm.renewals[self.arn] = Renewal(expires_in_days=DAYS_LEFT + 0.4)
        self.told_to = True

    def beat(self) -> None:
        if self.told_to and time.time() >= self.next_at:
            self.next_at = time.time() + PERIOD_SECONDS / 2
            self.days.put([(None, DAYS_LEFT)])
