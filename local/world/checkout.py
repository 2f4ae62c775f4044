"""An EC2 instance whose processor runs away. A reboot, and nothing less, brings it back."""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from local.aws import Account
from local.ssm.journal import Journal
from local.world.host import instance, quiet, rising
from local.world.patient import Series, write_log
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
        host = instance(account, "checkout-1", SERVICE)
        chance = random.Random(7)
        cpu = Series(account, "AWS/EC2", "CPUUtilization", (("InstanceId", host),), "Percent")
        quiet(cpu, topic, ALARM, "The checkout host is short of processor time.", chance, LINE)
        made = cls(account, host, cpu, journal, chance=chance)
        write_log(account, LOG_GROUP, "checkout-1", [(1200 - 6 * n, line) for n, line in enumerate(_quiet(made.chance, 170))])
        return made

    def fall_ill(self) -> None:
        write_log(self.account, LOG_GROUP, "checkout-1", _TROUBLE)
        self.ill_since, self.back_at = time.time(), None
        rising(self.cpu, [self.chance.uniform(93, 99.5) for _ in range(11)])

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
