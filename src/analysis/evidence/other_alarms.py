"""Which other alarms ring now: of the incident's service, of those that it depends on, and of those that call it.

Lines, each followed by whose it is:

    alarm in ALARM since 2026-11-20T02:58:00Z: orders-db-connections on AWS/RDS DatabaseConnections (DBInstanceIdentifier=db): <reason>
    concerns: orders, which checkout depends on

The reason and the name were written by whoever made the alarm.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.metric_families import families
from analysis.evidence.neighbourhood import all_needed, callers, resources_of
from watchkeeper.matching import named
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words
from watchkeeper.team import Service

PERMISSION = "cloudwatch:DescribeAlarms"
MOST_PAGES = 5
MOST_TOLD = 20


@dataclass(frozen=True)
class Concern:
    """A service whose alarms are of interest, and in which words. Its resources are known by type, or by name alone."""

    says: str
    alarms: tuple[str, ...]
    resources: tuple[Resource, ...]
    names: tuple[str, ...] = ()

    def holds(self, name: str, dimensions: Sequence[Mapping[str, str]]) -> bool:
        """By the alarm's name, or because one of its metrics is that of a resource."""
        return named(name, self.alarms) or any(self._has(one) for one in dimensions)

    def _has(self, dimensions: Mapping[str, str]) -> bool:
        pair = f"{dimensions.get('ClusterName', '')}/{dimensions.get('ServiceName', '')}"
        return any(named(value, self.names) for value in (pair, *dimensions.values())) or any(
            own.items() <= dimensions.items()
            for resource in self.resources
            for family in families(resource.type)
            if (own := family.dimensions(resource.id))
        )


def collect(ask: Ask) -> Found | Nothing:
    """DescribeAlarms, every page up to a limit; the incident's own alarms are left out."""
    alarms, cut = _ringing(ask)
    own = {ask.incident.alarm_name, *(alert.alarm_name for alert in ask.alerts)}
    concerns = tuple(_concerns(ask))
    told = []
    for alarm in alarms:
        dimensions = [_pairs(metric) for metric in _metrics(alarm)]
        whose = next((one for one in concerns if one.holds(alarm["AlarmName"], dimensions)), None)
        if whose and alarm["AlarmName"] not in own:
            told.append((_line(alarm, ask), f"concerns: {whose.says}"))
    far = f" of the first {len(alarms)} that are in ALARM" if cut else f" of {len(alarms)} that are in ALARM"
    if not told:
        return Nothing(f"No other alarm{far} concerns {_service(ask)} or its neighbours.")
    shown = [line for pair in sorted(told)[:MOST_TOLD] for line in pair]
    return Found(summary=f"{len(told)} other alarms{far} concern {_service(ask)} or its neighbours.", body="\n".join(shown))


def _ringing(ask: Ask) -> tuple[list[dict[str, Any]], bool]:
    """The alarms that ring, and whether there are more."""
    asked: dict[str, Any] = {"StateValue": "ALARM", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100}
    found: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        with in_our_words(PERMISSION, "the alarms that ring"):
            page = ask.client("cloudwatch", ask.incident.region or ask.region).describe_alarms(**asked)
        found += [one for kind in ("MetricAlarms", "CompositeAlarms") for one in page.get(kind, []) if one.get("StateValue") == "ALARM"]
        if not page.get("NextToken"):
            return found, False
        asked["NextToken"] = page["NextToken"]
    return found, True


def _concerns(ask: Ask) -> Iterator[Concern]:
    """The incident's service before its neighbours, those that it needs before those that need it."""
    trusted, name = tuple(one for one in ask.incident.resources if one.trusted), _service(ask)
    service = ask.service
    yield Concern(name, service.alarms if service else (), (*trusted, *(resources_of(service) if service else ())), _names(service))
    for needed in all_needed(ask)[1:]:
        yield _of(needed, f"{needed.name}, which {name} depends on")
    for caller in callers(ask):
        yield _of(caller, f"{caller.name}, which depends on {name}")


def _of(service: Service, says: str) -> Concern:
    return Concern(says, service.alarms, resources_of(service), _names(service))


def _names(service: Service | None) -> tuple[str, ...]:
    """What services.yaml gives it by id."""
    return tuple(name for name in service.resources if not name.startswith("arn:")) if service else ()


def _metrics(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The metric of a plain alarm, those of an expression, none of a composite one."""
    if alarm.get("MetricName"):
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]


def _pairs(metric: Mapping[str, Any]) -> dict[str, str]:
    return {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}


def _line(alarm: Mapping[str, Any], ask: Ask) -> str:
    since = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    when = stamp(since) if since else "an unknown time"
    watched = " and ".join(dict.fromkeys(_described(metric) for metric in _metrics(alarm))) or f"rule {alarm.get('AlarmRule', '')}"
    name, reason = alarm["AlarmName"], alarm.get("StateReason") or "no reason given"
    return f"alarm in ALARM since {when}: {ask.tidy(f'{name} on {watched}: {reason}')}"


def _described(metric: Mapping[str, Any]) -> str:
    dimensions = ", ".join(f"{key}={value}" for key, value in sorted(_pairs(metric).items()))
    return f"{metric.get('Namespace', '')} {metric.get('MetricName', '')} ({dimensions})"


def _service(ask: Ask) -> str:
    return ask.service.name if ask.service else ask.incident.service


COLLECTOR = Collector(
    name="other_alarms",
    order=26,
    provenance="the CloudWatch API; names and reasons were written by whoever made the alarms",
    applies=lambda ask: ask.service is not None or any(resource.trusted for resource in ask.incident.resources),
    asked=lambda ask: f"Which other alarms of {_service(ask)}, of what it depends on and of what calls it ring?",
    collect=collect,
    permissions=(PERMISSION,),
)
