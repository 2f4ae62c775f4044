"""What an alarm watches: the series, its line, and how people call both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reception.fields import Body, count, listing, mapping, number, text
from watchkeeper.models import MetricRef

MOST_DIMENSIONS = 30
LONGEST = 1024
LINES = {
    "GreaterThanThreshold": "above {}",
    "GreaterThanOrEqualToThreshold": "at or above {}",
    "LessThanThreshold": "below {}",
    "LessThanOrEqualToThreshold": "at or below {}",
    "GreaterThanUpperThreshold": "above its expected band",
    "LessThanLowerThreshold": "below its expected band",
    "LessThanLowerOrGreaterThanUpperThreshold": "outside its expected band",
}


@dataclass(frozen=True)
class Series:
    """One series of an alarm, by the id that its expressions use; `account` is empty where it is the alarm's own."""

    id: str
    namespace: str
    name: str
    dimensions: dict[str, str]
    statistic: str
    period: int
    account: str = ""


@dataclass(frozen=True)
class Watched:
    """`says` is empty for an alarm that watches no metric; `series` are all that it is made of."""

    says: str = ""
    line: str = ""
    metric: MetricRef | None = None
    series: tuple[Series, ...] = ()


def watched(body: Body) -> Watched:
    """What the alarm's trigger watches."""
    trigger = mapping(body.get("Trigger"))
    series = list(_series(trigger))
    if not series:
        return Watched()
    expression, threshold = _expression(trigger, series), number(trigger.get("Threshold"))
    main = next((s for s in series if s.id == expression), series[0])
    comparison = text(trigger, "ComparisonOperator")
    line = LINES.get(comparison, "over its line ({})").format(_plainly(threshold))
    whose = _whose(main.dimensions)
    said = main.name if expression in {main.id, ""} else expression
    return Watched(
        says=f"{said} of {whose}" if whose else said,
        line=line,
        metric=MetricRef(
            namespace=main.namespace,
            name=main.name,
            dimensions=main.dimensions,
            statistic=main.statistic,
            period_seconds=main.period,
            evaluation_periods=count(trigger.get("EvaluationPeriods"), 1, 1),
            comparison=comparison,
            threshold=threshold,
        ),
        series=tuple(series),
    )


def _series(trigger: Body) -> Iterator[Series]:
    if text(trigger, "MetricName"):
        yield _one("", trigger, trigger, text(trigger, "ExtendedStatistic", "Statistic"))
    for member in map(mapping, listing(trigger.get("Metrics"))):
        stat = mapping(member.get("MetricStat"))
        metric = mapping(stat.get("Metric"))
        if text(metric, "MetricName"):
            yield _one(text(member, "Id"), metric, stat, text(stat, "Stat"), text(member, "AccountId"))


def _one(own_id: str, metric: Body, timing: Body, statistic: str, account: str = "") -> Series:
    # AWS writes AVERAGE in the one shape and Average in the other; GetMetricData wants Average, and percentiles as they are.
    tidy = {"AVERAGE": "Average", "SUM": "Sum", "MINIMUM": "Minimum", "MAXIMUM": "Maximum", "SAMPLECOUNT": "SampleCount"}
    pairs = map(mapping, listing(metric.get("Dimensions"))[:MOST_DIMENSIONS])
    named = {text(pair, "name", "Name"): text(pair, "value", "Value") for pair in pairs}
    return Series(
        id=own_id,
        namespace=text(metric, "Namespace")[:LONGEST],
        name=text(metric, "MetricName")[:LONGEST],
        dimensions={name: value for name, value in named.items() if name and value and len(name + value) <= 2 * LONGEST},
        statistic=tidy.get(statistic.upper(), statistic) or "Average",
        period=count(timing.get("Period"), 1, 60),
        account=account if re.fullmatch(r"\d{12}", account) else "",
    )


def _expression(trigger: Body, series: list[Series]) -> str:
    """What is compared: the id of a series, or an expression in the names of its series; empty for a plain metric."""
    band = text(trigger, "ThresholdMetricId")
    members = [m for m in map(mapping, listing(trigger.get("Metrics"))) if m.get("ReturnData") is True and text(m, "Id") != band]
    if not members:
        return ""
    member = members[0]
    label, expression = text(member, "Label"), text(member, "Expression")
    if not expression:
        return text(member, "Id")
    if label and not re.fullmatch(r"Expression\d*", label):
        return label
    names = {s.id: s.name for s in series if s.id}
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), expression)


def _whose(dimensions: dict[str, str]) -> str:
    """The thing's own name: `cluster/service` for ECS, the instance where there is one, else what the dimensions say."""
    if {"ClusterName", "ServiceName"} <= dimensions.keys():
        return f"{dimensions['ClusterName']}/{dimensions['ServiceName']}"
    return dimensions.get("InstanceId") or ", ".join(dimensions.values())


def _plainly(value: float | None) -> str:
    return "its threshold" if value is None else f"{value:g}"
