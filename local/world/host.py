"""An EC2 instance of the world, and what its processor has been doing."""

import random
from collections.abc import Sequence
from datetime import timedelta

from local.aws import Account
from local.world.patient import Series, past


def instance(account: Account, name: str, service: str) -> str:
    """The id of a new instance that carries these names, and the mark that lets Watchkeeper act on it."""
    ec2 = account.client("ec2")
    tags = [{"Key": key, "Value": value} for key, value in (("Name", name), ("service", service), ("AutoRemediate", "true"))]
    made = ec2.run_instances(
        ImageId=ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"], InstanceType="t3.medium", MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )  # fmt: skip
    found: str = made["Instances"][0]["InstanceId"]
    return found


def quiet(series: Series, topic: str, alarm: str, says: str, chance: random.Random, line: int) -> Series:
    """The series with half an hour of a quiet past, and an alarm above this line. An alarm of the emulator looks at a metric's namespace
    and name and not at whose it is, so no two patients have both in common."""
    series.put(past((chance.uniform(18, 34) for _ in range(180)), timedelta(minutes=2)))
    series.alarm(alarm, topic, says, Statistic="Average", Threshold=line, ComparisonOperator="GreaterThanThreshold")
    return series


def rising(series: Series, values: Sequence[float]) -> None:
    """It has gone on for two minutes when it is noticed, as it has when an alarm fires."""
    series.put(past(values, timedelta(seconds=12)))
