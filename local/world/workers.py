"""An Auto Scaling group that is too small for its queue. PagerDuty is told of it by a tool of its own; a person there presses the button
that asks for more workers. More of them, and nothing less, empty the queue."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.aws import Account
from local.standins.pagerduty import PagerDutyAccount
from local.standins.pagerduty_incident import PdIncident
from local.world.host import rising
from local.world.patient import Series, past, write_log
from watchkeeper.models import Incident, Status

SERVICE, GROUP, ALARM, LOG_GROUP = "workers", "workers", "workers-queue-old", "/workers/app"
ACTION, ASKER, TITLE = "scale-group", "Ines Karlsson", "Orders wait longer than five minutes"
BEGAN_WITH, ENOUGH, MOST, LINE = 2, 4, 6, 300
EMPTIED_AFTER_SECONDS = 2.0
CONSTANTS: Mapping[str, Any] = {
    "environment": "production",
    "priority": "P2",
    "resources": [{"type": "autoscaling:group", "id": GROUP}],
    "alarm_name": ALARM,
}


@dataclass
class Workers:
    """The group. `asked_on` is the incident in PagerDuty on which the button was pressed; `enough_at` is when it was seen to be large
    enough, and a moment later its queue is empty."""

    account: Account
    age: Series
    pagerduty: PagerDutyAccount
    asked_on: PdIncident | None = None
    enough_at: float | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(19))

    name = SERVICE
    ends = Status.RESOLVED

    def owns(self, incident: Incident) -> bool:
        return incident.alarm_name == ALARM

    @classmethod
    def build(cls, account: Account, pagerduty: PagerDutyAccount) -> "Workers":
        """The alarm tells nobody here: that is what PagerDuty is for."""
        template = "workers"
        data = {"ImageId": account.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
        account.client("ec2").create_launch_template(LaunchTemplateName=template, LaunchTemplateData=data)
        tags = (("AutoRemediate", "true"), ("service", SERVICE))
        account.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=GROUP, LaunchTemplate={"LaunchTemplateName": template, "Version": "1"},
            MinSize=1, MaxSize=MOST, DesiredCapacity=BEGAN_WITH, AvailabilityZones=["us-east-1a"],
            Tags=[{"ResourceType": "auto-scaling-group", "ResourceId": GROUP, "PropagateAtLaunch": True, "Key": key, "Value": value}
                  for key, value in tags],
        )  # fmt: skip
        age = Series(account, "Acme/Workers", "OldestMessageSeconds", (("AutoScalingGroupName", GROUP),), "Seconds")
        made = cls(account, age, pagerduty)
        age.put(past((made.chance.uniform(10, 40) for _ in range(180)), timedelta(minutes=2)))
        age.alarm(ALARM, "", "Orders wait too long.", Statistic="Average", Threshold=LINE, ComparisonOperator="GreaterThanThreshold")
        write_log(account, LOG_GROUP, "worker", [(1200 - 9 * n, f"INFO  order {90_000 + n} done in 2.1 s") for n in range(110)])
        return made

    def fall_ill(self) -> None:
        """The queue has grown for two minutes when somebody looks at it and presses the button."""
        write_log(self.account, LOG_GROUP, "worker", _TROUBLE)
        rising(self.age, [60, 110, 160, 210, 260, 310, 340, 380, 420, 450, 480])
        self.asked_on = self.pagerduty.open(TITLE, SERVICE)
        answered = self.pagerduty.press(ACTION, self.asked_on, ASKER)
        if answered.status // 100 != 2:
            raise RuntimeError(f"the button in PagerDuty was answered with {answered.status}: {answered.body[:200]}")

    def beat(self) -> None:
        if self.asked_on is None:
            return
        self.enough_at = (self.enough_at or time.time()) if self.capacity >= ENOUGH else None
        well = self.enough_at is not None and time.time() >= self.enough_at + EMPTIED_AFTER_SECONDS
        self.age.put([(None, self.chance.uniform(10, 40) if well else self.chance.uniform(460, 520))] * (4 if well else 1))

    @property
    def capacity(self) -> int:
        """How many instances the group is to have now."""
        found = self.account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[GROUP])["AutoScalingGroups"][0]
        count: int = found["DesiredCapacity"]
        return count


_TROUBLE = [
    (121.0, "INFO  spring sale has begun: 14 orders a second come in"),
    (88.0, "WARN  queue orders: 4410 wait, the oldest for 160 s"),
    (47.0, "WARN  queue orders: 9120 wait, the oldest for 340 s"),
    (9.0, "WARN  queue orders: 13370 wait, the oldest for 480 s"),
]
