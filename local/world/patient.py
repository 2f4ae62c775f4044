"""What a patient is, and what they have in common: a metric with a past, an alarm on it, and a log."""

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from local.aws import Account
from watchkeeper.models import Incident, Status

PERIOD_SECONDS = 10
POINTS_A_CALL = 500


class Patient(Protocol):
    """Falls ill when told to. `beat` is called a few times a second and publishes what a monitoring agent would."""

    @property
    def name(self) -> str:
        """What its story is called: its service's name."""

    @property
    def ends(self) -> Status:
        """How its incident stands when the story is over."""

    def owns(self, incident: Incident) -> bool:
        """Is this incident about it?"""

    def fall_ill(self) -> None:
        """From now on its metric crosses the alarm's line, until it is treated."""

    def beat(self) -> None:
        """Publish one point, if it is ill or was."""


@dataclass(frozen=True)
class Series:
    """One metric of one thing."""

    account: Account
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str

    @property
    def dimension_list(self) -> list[dict[str, str]]:
        return [{"Name": name, "Value": value} for name, value in self.dimensions]

    def put(self, points: Sequence[tuple[datetime | None, float]]) -> None:
        """These values at these times; none is now."""
        data = [
            {"MetricName": self.name, "Dimensions": self.dimension_list, "Value": value, "Unit": self.unit}
            | ({"Timestamp": at} if at else {})
            for at, value in points
        ]
        for start in range(0, len(data), POINTS_A_CALL):
            self.account.client("cloudwatch").put_metric_data(Namespace=self.namespace, MetricData=data[start : start + POINTS_A_CALL])

    def alarm(self, name: str, topic: str, says: str, **line: Any) -> None:
        """An alarm on this metric that tells the topic when it fires and when it is over; nobody where there is no topic."""
        told = [topic] if topic else []
        self.account.client("cloudwatch").put_metric_alarm(
            AlarmName=name, AlarmDescription=says, Namespace=self.namespace, MetricName=self.name, Dimensions=self.dimension_list,
            Period=PERIOD_SECONDS, EvaluationPeriods=1, AlarmActions=told, OKActions=told, TreatMissingData="notBreaching", **line,
        )  # fmt: skip


def past(values: Iterable[float], until: timedelta) -> list[tuple[datetime | None, float]]:
    """These values, one each period, the last of them that long ago."""
    listed = list(values)
    end = datetime.now(UTC) - until
    return [
        (end - timedelta(seconds=PERIOD_SECONDS * back), value) for back, value in zip(range(len(listed) - 1, -1, -1), listed, strict=True)
    ]


def write_log(account: Account, group: str, stream: str, lines: Sequence[tuple[float, str]]) -> None:
    """Lines into a log group that is made if need be; each with how many seconds ago it was written."""
    logs = account.client("logs")
    steps: tuple[Callable[[], Any], ...] = (
        lambda: logs.create_log_group(logGroupName=group),
        lambda: logs.create_log_stream(logGroupName=group, logStreamName=stream),
    )
    for make in steps:
        with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
            make()
    now = time.time()
    events = [{"timestamp": int((now - ago) * 1000), "message": message} for ago, message in sorted(lines, key=lambda line: -line[0])]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
