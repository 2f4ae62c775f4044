"""An EC2 instance whose processor runs away. A reboot, and nothing less, brings it back."""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from local.aws import Account
from local.ssm.journal import Journal
from local.world.patient import Series, past, write_log
from watchkeeper.models import Incident, Status

SERVICE, ALARM, LOG_GROUP = "checkout", "checkout-cpu-high", "/checkout/app"
COMES_BACK_AFTER_SECONDS = 2.0
LINE = 80


@dataclass
class Checkout:
    """The host. `ill_since` is when it fell ill; `back_at` when it is well again, known once it is seen to be rebooted."""

    account: Account
    instance: str
    cpu: Series
    journal: Journal
    ill_since: float | None = None
    back_at: float | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    name = SERVICE
    ends = Status.RESOLVED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str, journal: Journal) -> "Checkout":
        ec2 = account.client("ec2")
        tags = [{"Key": key, "Value": value} for key, value in (("Name", "checkout-1"), ("service", SERVICE), ("AutoRemediate", "true"))]
        instance = ec2.run_instances(
            ImageId=ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"], InstanceType="t3.medium", MinCount=1, MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )["Instances"][0]["InstanceId"]  # fmt: skip
        cpu = Series(account, "AWS/EC2", "CPUUtilization", (("InstanceId", instance),), "Percent")
        made = cls(account, instance, cpu, journal)
        cpu.put(past((made.chance.uniform(18, 34) for _ in range(180)), timedelta(minutes=2)))
        cpu.alarm(ALARM, topic, "The checkout host is short of processor time.", Statistic="Average",
                  Threshold=LINE, ComparisonOperator="GreaterThanThreshold")  # fmt: skip
        write_log(account, LOG_GROUP, "checkout-1", [(1200 - 6 * n, line) for n, line in enumerate(_quiet(made.chance, 170))])
        return made

    def fall_ill(self) -> None:
        """Two minutes of it are past when it is noticed, as they are when an alarm fires."""
        write_log(self.account, LOG_GROUP, "checkout-1", _TROUBLE)
        self.ill_since, self.back_at = time.time(), None
        self.cpu.put(past((self.chance.uniform(93, 99.5) for _ in range(11)), timedelta(seconds=12)))

    def beat(self) -> None:
        if self.ill_since is None:
            return
        if self.back_at is None and self._rebooted():
            self.back_at = time.time() + COMES_BACK_AFTER_SECONDS
        well = self.back_at is not None and time.time() >= self.back_at
        self.cpu.put([(None, self.chance.uniform(3, 9) if well else self.chance.uniform(95, 99.5))] * (4 if well else 1))

    def _rebooted(self) -> bool:
        since = datetime.fromtimestamp(self.ill_since or 0, UTC).isoformat()
        return any(
            call.api == "RebootInstances" and self.instance in call.parameters.get("InstanceIds", []) and call.at >= since
            for call in self.journal.effects
        )


def _quiet(chance: random.Random, lines: int) -> list[str]:
    paths = ("/cart", "/cart/items", "/checkout", "/checkout/confirm", "/healthz")
    return [
        f"INFO  {chance.choice(('GET', 'POST'))} {chance.choice(paths)} 200 {chance.randint(8, 90)}ms request={chance.randrange(16**8):08x}"
        for _ in range(lines)
    ]


_TROUBLE = [
    (130.0, "INFO  price-recalculation job 8812 started by schedule nightly-prices"),
    (118.0, "WARN  event loop lag 640ms, worker pool 16/16 busy"),
    (96.0, "WARN  event loop lag 2310ms, worker pool 16/16 busy, 41 requests queued"),
    (74.0, "ERROR POST /checkout/confirm 504 3000ms upstream timed out while the worker waited for cpu"),
    (52.0, "ERROR pricing: retrying with postgresql://checkout:Tr0ub4dor-and-3@db.internal:5432/orders after slow query"),
    (31.0, "WARN  event loop lag 4120ms, worker pool 16/16 busy, 187 requests queued"),
    (14.0, "ERROR POST /checkout/confirm 504 3000ms upstream timed out while the worker waited for cpu"),
]
