"""CloudWatch alarms, metric and composite."""

from typing import Any

from remediation.ports import AlarmSaid
from watchkeeper.storage.aws import in_our_words

USUAL_PERIOD = 60


class CloudWatchAlarms:
    """The Alarms port."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def said(self, name: str) -> AlarmSaid | None:
        with in_our_words("cloudwatch:DescribeAlarms", name):
            answer = self._client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        found = next(iter([*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]), None)
        if found is None:
            return None
        # StateUpdatedTimestamp also moves when only the evaluation state changes; the transition is the moment that counts.
        since = found.get("StateTransitionedTimestamp") or found["StateUpdatedTimestamp"]
        return AlarmSaid(
            state=found["StateValue"],
            since=since,
            period_seconds=_period(found),
            evaluation_periods=found.get("EvaluationPeriods") or 1,
        )


def _period(alarm: dict[str, Any]) -> int:
    """Its own, the longest of its metrics where it is metric math, and a minute for a composite, which has none."""
    periods = [alarm.get("Period")]
    for query in alarm.get("Metrics", []):
        periods += [query.get("Period"), query.get("MetricStat", {}).get("Period")]
    return max((period for period in periods if period), default=USUAL_PERIOD)
