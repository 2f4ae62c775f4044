"""Latency, failures and requests of a service, by what stands at its front door: a table, and how several sources become one.

A service with more than one kind of door is judged by the outermost of them alone; a load balancer and the function behind it would
count each request twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import fsum

from analysis.evidence.metric_families import OPERATIONS, Family, families
from analysis.evidence.metric_reading import Points
from analysis.signals.suspects import Metrics
from watchkeeper.models import MetricRef, Resource


@dataclass(frozen=True)
class Golden:
    """The metrics of one namespace that tell how its callers fare. `seconds` is what one unit of `latency` is.

    Each of `parts` is counted by itself and added. Requests are the samples of `requests`, or its sum. Where `refused` is set, what
    failed is not among the requests.
    """

    namespace: str
    key: str
    latency: str
    requests: str
    failed: tuple[str, ...]
    seconds: float = 1.0
    counted: str = "Sum"
    parts: tuple[Mapping[str, str], ...] = field(default_factory=lambda: ({},))
    refused: bool = False


@dataclass(frozen=True)
class Door:
    """One source of figures: its dimensions are whole."""

    golden: Golden
    region: str
    dimensions: Mapping[str, str]

    def series(self, period: int) -> dict[str, MetricRef]:
        """What is to be read, by the role it plays."""
        golden = self.golden
        named = {"latency": (golden.latency, "Average"), "requests": (golden.requests, golden.counted)}
        named |= {f"failed{number}": (name, "Sum") for number, name in enumerate(golden.failed)}
        return {role: self._ref(name, statistic, period) for role, (name, statistic) in named.items()}

    def _ref(self, name: str, statistic: str, period: int) -> MetricRef:
        return MetricRef(
            namespace=self.golden.namespace, name=name, dimensions=dict(self.dimensions), statistic=statistic, period_seconds=period
        )


@dataclass(frozen=True)
class Grid:
    """Equal periods from `start` on."""

    start: datetime
    period: int
    count: int

    def place(self, at: datetime) -> int:
        return (at - self.start) // timedelta(seconds=self.period)


_MILLISECOND = 0.001
_BALANCED = ("TargetResponseTime", "RequestCount")
GOLDEN: Mapping[str, tuple[Golden, ...]] = {  # the outermost door first
    "apigateway:": (Golden("AWS/ApiGateway", "ApiId", "Latency", "Count", ("5xx",), _MILLISECOND),),
    "elasticloadbalancing:loadbalancer": (
        Golden("AWS/ApplicationELB", "LoadBalancer", *_BALANCED, ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")),
    ),
    "elasticloadbalancing:targetgroup": (Golden("AWS/ApplicationELB", "TargetGroup", *_BALANCED, ("HTTPCode_Target_5XX_Count",)),),
    "lambda:function": (Golden("AWS/Lambda", "FunctionName", "Duration", "Invocations", ("Errors",), _MILLISECOND),),
    "dynamodb:table": (
        Golden(
            "AWS/DynamoDB", "TableName", "SuccessfulRequestLatency", "SuccessfulRequestLatency", ("ThrottledRequests", "SystemErrors"),
            _MILLISECOND, "SampleCount", tuple({"Operation": name} for name in OPERATIONS), refused=True,
        ),
    ),
}  # fmt: skip  # a table reads by the row


def outermost(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Family, Golden]]:
    """The resources of the outermost type that has golden signals, each with how CloudWatch knows it."""
    for kind, known in GOLDEN.items():
        doors = [
            (resource, family, golden)
            for resource in resources
            for golden in known
            for family in families(kind)
            if resource.type == kind
            and (family.namespace, family.keys) == (golden.namespace, (golden.key,))
            and family.dimensions(resource.id)
        ]
        if doors:
            yield from doors
            return


def combined(doors: Sequence[tuple[Golden, Mapping[str, Points]]], grid: Grid) -> Metrics:
    """One node of the map: requests added, latency weighted by them, the failed as a share. A period without requests has no figure."""
    sums = [_in_grid(golden, found, grid) for golden, found in doors]
    requests = [fsum(one[at][0] for one in sums) for at in range(grid.count)]
    spent = [fsum(one[at][1] for one in sums) for at in range(grid.count)]
    failed = [fsum(one[at][2] for one in sums) for at in range(grid.count)]
    latency = [time / count if count and time else None for time, count in zip(spent, requests, strict=True)]
    errors = [min(1.0, bad / count) if count else None for bad, count in zip(failed, requests, strict=True)]
    return Metrics(latency, errors, requests)


def _in_grid(golden: Golden, found: Mapping[str, Points], grid: Grid) -> list[tuple[float, float, float]]:
    """Requests, seconds spent in them, and requests that failed, in each period; what CloudWatch does not write is none."""
    by_role = {role: {grid.place(at): value for at, value in points} for role, points in found.items()}
    rows = []
    for at in range(grid.count):
        failed = fsum(series.get(at, 0.0) for role, series in by_role.items() if role.startswith("failed"))
        served = by_role["requests"].get(at, 0.0)
        spent = by_role["latency"].get(at, 0.0) * golden.seconds * served
        rows.append((served + (failed if golden.refused else 0.0), spent, failed))
    return rows
