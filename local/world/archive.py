"""An EC2 instance whose disk runs full of temporary files. Deleting them by the agent's command, and nothing less, frees it."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from local.aws import Account
from local.ssm.steps.action import Agent
from local.world.host import instance, rising
from local.world.patient import Series, past, write_log
from watchkeeper.models import Incident, Status

SERVICE, ALARM, LOG_GROUP = "archive", "archive-disk-high", "/archive/app"
LINE, FULL, FREED = 80, 86.5, 41.0
GIBIBYTES = 29
SEEN_AFTER_SECONDS = 2.0


@dataclass
class Archive:
    """The host. `used` is what its disk has, in percent; its agent frees it when it is handed a script that deletes below /tmp, and a
    moment later the metric shows it."""

    account: Account
    instance: str
    disk: Series
    used: float = FREED
    ill: bool = False
    freed_at: float | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    name = SERVICE
    ends = Status.RESOLVED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, topic: str, agents: dict[str, Agent]) -> "Archive":
        host = instance(account, "archive-1", SERVICE)
        disk = Series(account, "CWAgent", "disk_used_percent", (("InstanceId", host), ("path", "/")), "Percent")
        made = cls(account, host, disk)
        disk.put(past((made.chance.uniform(38, 44) for _ in range(180)), timedelta(minutes=2)))
        disk.alarm(ALARM, topic, "The disk of the archive host is filling up.", Statistic="Average",
                   Threshold=LINE, ComparisonOperator="GreaterThanThreshold")  # fmt: skip
        write_log(account, LOG_GROUP, "archive-1", [(1200 - 9 * n, "INFO  export finished, 412 documents") for n in range(110)])
        agents[host] = made.obey
        return made

    def fall_ill(self) -> None:
        write_log(self.account, LOG_GROUP, "archive-1", _TROUBLE)
        self.ill, self.used, self.freed_at = True, FULL, None
        rising(self.disk, [44, 52, 60, 67, 73, 78, 81, 83, 85, 86, FULL])

    def beat(self) -> None:
        if not self.ill:
            return
        seen = self.freed_at is not None and time.time() >= self.freed_at + SEEN_AFTER_SECONDS
        self.disk.put([(None, (self.used if seen else FULL) + self.chance.uniform(-0.2, 0.2))] * (4 if seen else 1))

    def obey(self, lines: Sequence[str]) -> tuple[int, str]:
        """What the instance's agent makes of a script. Of any other it says that it cannot."""
        script = "\n".join(lines)
        if "find " not in script or "-delete" not in script or "/tmp" not in script:
            return 127, "this host knows only how to clean up"
        self.freed_at = self.freed_at or time.time()
        freed, self.used = max(0.0, self.used - FREED), min(self.used, FREED)
        return 0, f"/tmp: freed {freed / 100 * GIBIBYTES * 2**30:.0f} bytes in 1730 files"


_TROUBLE = [
    (125.0, "INFO  export 7741 started, spooling to /tmp/export-7741"),
    (97.0, "WARN  spool of export 7741 is at 9.8 GiB"),
    (58.0, "WARN  export 7741: the client went away, its spool is kept"),
    (22.0, "WARN  spool folder holds 1730 files of exports that nobody waits for"),
]
