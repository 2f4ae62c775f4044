"""The account's own limits that the incident may have run into, with how much of each is used.

    quota: lambda Concurrent executions: used 998 of 1000 (99.8 %)
    quota: fargate Fargate On-Demand vCPU resource count: used unknown of 64

Which quota a thing depends on is a table here. An alarm on a metric of AWS/Usage says itself which: the quota of that service whose
own usage metric is the same one. Usage is read from the metric that Service Quotas names, at its highest in the hour before now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure
from analysis.evidence.each_resource import absence, answer, each
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import AlertKind

APPLIED, DEFAULT = "servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"
LISTED, METRICS = "servicequotas:ListServiceQuotas", "cloudwatch:GetMetricData"
BEFORE = timedelta(hours=1)
PERIOD = 60
MOST_PAGES = 5
USAGE = "AWS/Usage"
ABSENT = ("NoSuchResourceException",)
CONCURRENCY, VCPUS, FARGATE = ("lambda", "L-B99A9384"), ("ec2", "L-1216C47A"), ("fargate", "L-3032A538")
READS, WRITES = ("dynamodb", "L-34F6A552"), ("dynamodb", "L-34F8CCC8")  # of all provisioned tables together
# Service and quota codes are the same in every region. What is only counted when it is created is not here: nothing that runs fails by it.
NEEDED = {
    "lambda:function": (CONCURRENCY,),
    "autoscaling:group": (VCPUS,),
    "autoscaling:autoScalingGroup": (VCPUS,),
    "ecs:service": (FARGATE,),
    "dynamodb:table": (READS, WRITES),
}
# how Service Quotas calls the services that AWS/Usage names in words
SERVICE_CODES = {"Auto Scaling": "autoscaling", "CloudWatch": "monitoring", "Elastic Load Balancing": "elasticloadbalancing"}
SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3_600, "DAY": 86_400}
Quota = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A quota by its code, or by the dimensions of its usage metric."""

    service: str
    region: str
    code: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()


def wanted(ask: Ask) -> tuple[Wanted, ...]:
    """The quota that an alarm is about first, then those that the things near the incident depend on."""
    return tuple(dict.fromkeys((*_of_alarms(ask), *_of_things(ask))))


def _of_alarms(ask: Ask) -> Iterator[Wanted]:
    for alert in ask.alerts:
        metric = alert.metric
        if alert.kind is not AlertKind.RESOLVED and metric and metric.namespace == USAGE and (service := metric.dimensions.get("Service")):
            region = alert.region or ask.incident.region or ask.region
            code = SERVICE_CODES.get(service, service.lower().replace(" ", "-"))
            yield Wanted(code, region, dimensions=tuple(sorted(metric.dimensions.items())))


def _of_things(ask: Ask) -> Iterator[Wanted]:
    for kind, quotas in NEEDED.items():
        for thing in ask.near(kind):
            yield from (Wanted(service, ask.region_of(thing), code) for service, code in quotas)


def collect(ask: Ask) -> Found | Nothing:
    """GetServiceQuota for each, or ListServiceQuotas to find the one of an alarm; and GetMetricData for the use of it."""
    return each(ask, wanted(ask), _told, "Service Quotas knows none of the quotas that were asked for.")


def _told(ask: Ask, one: Wanted) -> list[str]:
    client = ask.client("service-quotas", one.region)
    quota = _by_code(client, one) if one.code else _by_metric(client, one)
    if quota is None:
        return []
    head, most = f"quota: {one.service} {quota['QuotaName']}", quota["Value"]
    try:
        used = _used(ask, one.region, quota)
    except WatchkeeperError as error:
        return [f"{head}: used unknown of {figure(most)}", absence(ask, error)]
    if used is None or not most:
        return [f"{head}: used unknown of {figure(most)}"]
    return [f"{head}: used {figure(used)} of {figure(most)} ({figure(round(100 * used / most, 1))} %)"]


def _by_code(client: Any, one: Wanted) -> Quota | None:
    """The quota of this account, or AWS's own default where the account has none of its own."""
    asked = {"ServiceCode": one.service, "QuotaCode": one.code}
    name = f"{one.service}/{one.code}"
    said = answer(APPLIED, name, ABSENT, client.get_service_quota, **asked)
    if said is None:
        said = answer(DEFAULT, name, ABSENT, client.get_aws_default_service_quota, **asked)
    quota: Quota | None = said["Quota"] if said is not None else None
    return quota


def _by_metric(client: Any, one: Wanted) -> Quota | None:
    """The quota of the service whose usage metric has these dimensions."""
    asked: dict[str, Any] = {"ServiceCode": one.service, "MaxResults": 100}
    for _ in range(MOST_PAGES):
        page = answer(LISTED, one.service, ABSENT, client.list_service_quotas, **asked) or {}
        for quota in page.get("Quotas", []):
            if tuple(sorted(quota.get("UsageMetric", {}).get("MetricDimensions", {}).items())) == one.dimensions:
                found: Quota = quota
                return found
        if not page.get("NextToken"):
            break
        asked["NextToken"] = page["NextToken"]
    return None


def _used(ask: Ask, region: str, quota: Quota) -> float | None:
    """The highest use of the hour, or none where it is not measured. A limit on a rate is compared with a rate."""
    metric = quota.get("UsageMetric", {})
    if not metric.get("MetricName"):
        return None
    statistic = metric.get("MetricStatisticRecommendation") or "Maximum"
    listed = [{"Name": name, "Value": value} for name, value in sorted(metric.get("MetricDimensions", {}).items())]
    asked = {"Namespace": metric.get("MetricNamespace", USAGE), "MetricName": metric["MetricName"], "Dimensions": listed}
    said = answer(
        METRICS,
        quota["QuotaName"],
        (),
        ask.client("cloudwatch", region).get_metric_data,
        MetricDataQueries=[{"Id": "used", "MetricStat": {"Metric": asked, "Period": PERIOD, "Stat": statistic}}],
        StartTime=min(ask.incident.fired_at, ask.now) - BEFORE,
        EndTime=ask.now,
    )
    values = [value for one in said["MetricDataResults"] for value in one["Values"]]
    period = quota.get("Period", {})
    every = period.get("PeriodValue", 1) * SECONDS.get(period.get("PeriodUnit", ""), 0)
    rate = every / PERIOD if every and statistic == "Sum" else 1
    return round(max(values) * rate, 1) if values else None


COLLECTOR = Collector(
    name="quotas",
    order=68,
    provenance="Service Quotas and CloudWatch usage metrics, measured",
    applies=lambda ask: bool(wanted(ask)),
    asked=lambda ask: f"How much is used of the quotas of {', '.join(dict.fromkeys(one.service for one in wanted(ask)))}?",
    collect=collect,
    permissions=(APPLIED, DEFAULT, LISTED, METRICS),
)
