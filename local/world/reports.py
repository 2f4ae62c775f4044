"""An EC2 instance whose processor stays busy whatever is done to it: after its reboot the same job starts anew."""

import random
from dataclasses import dataclass, field

from local.aws import Account
from local.world.host import instance, quiet, rising
from local.world.patient import Series, write_log
from watchkeeper.models import Incident, Status

SERVICE, ALARM, LOG_GROUP = "reports", "reports-cpu-high", "/reports/app"
LINE = 80


@dataclass
class Reports:
    """The host. Nothing that Watchkeeper may do helps it, so its story ends with a person."""

    account: Account
    instance: str
    cpu: Series
    ill: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(13))

    name = SERVICE
    ends = Status.ESCALATED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str) -> "Reports":
        host = instance(account, "reports-1", SERVICE)
        chance = random.Random(13)
        cpu = Series(account, "Acme/Hosts", "CPUUtilization", (("InstanceId", host),), "Percent")
        quiet(cpu, topic, ALARM, "The reports host is short of processor time.", chance, LINE)
        write_log(account, LOG_GROUP, "reports-1", [(1200 - 9 * n, f"INFO  report {4000 + n} rendered in 810 ms") for n in range(110)])
        return cls(account, host, cpu, chance=chance)

    def fall_ill(self) -> None:
        write_log(self.account, LOG_GROUP, "reports-1", _TROUBLE)
        self.ill = True
        rising(self.cpu, [self.chance.uniform(94, 99) for _ in range(11)])

    def beat(self) -> None:
        if self.ill:
            self.cpu.put([(None, self.chance.uniform(94, 99))])


_TROUBLE = [
    (128.0, "INFO  report 4110 requested: every order since 2019, grouped by customer and day"),
    (101.0, "WARN  report 4110: 41 million rows read, none written yet"),
    (63.0, "WARN  report 4110 is taken up again at every start until it is done"),
    (19.0, "WARN  render queue: 212 reports wait behind report 4110"),
]
