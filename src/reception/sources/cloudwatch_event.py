"""An alarm as EventBridge tells it, and as CloudWatch hands it to a function directly, in the words in which SNS publishes it.

Both say less than SNS: no threshold, no comparison, no number of periods. Those stand in the reason, and are read from there.
"""

import json
import re
from typing import Any

from reception.fields import Body, listing, mapping, number, text

_WORDS = {
    "greater than or equal to the threshold": "GreaterThanOrEqualToThreshold",
    "greater than the threshold": "GreaterThanThreshold",
    "less than or equal to the threshold": "LessThanOrEqualToThreshold",
    "less than the threshold": "LessThanThreshold",
    "less than the lower thresholds": "LessThanLowerThreshold",
    "greater than the upper thresholds": "GreaterThanUpperThreshold",
}
_OUTSIDE = re.compile(r"less than the lower thresholds.{1,2000} or greater than the upper thresholds", re.DOTALL)
_PERIODS = re.compile(r"out of the last (\d{1,5}) datapoints?")


def is_alarm_event(body: Body) -> bool:
    """EventBridge's, or the one of a direct invocation."""
    return body.get("source") == "aws.cloudwatch" and (
        text(body, "detail-type") == "CloudWatch Alarm State Change" or isinstance(body.get("alarmData"), dict)
    )


def as_published(body: Body) -> Body:
    """The same alarm in SNS's words; what is not such an event comes back as it is."""
    if not is_alarm_event(body):
        return body
    alarm = mapping(body.get("alarmData")) or mapping(body.get("detail"))
    state, configuration = mapping(alarm.get("state")), mapping(alarm.get("configuration"))
    arns = [arn for arn in (text(body, "alarmArn"), *listing(body.get("resources"))) if isinstance(arn, str)]
    data = _data(state)
    return {
        "AlarmName": text(alarm, "alarmName"),
        "AlarmArn": next(iter(arns), ""),
        "AlarmDescription": text(configuration, "description"),
        "AWSAccountId": text(body, "accountId", "account"),
        "Region": text(body, "region"),
        "NewStateValue": text(state, "value"),
        "NewStateReason": text(state, "reason"),
        "StateChangeTime": state.get("timestamp") or body.get("time"),
        "OldStateValue": text(mapping(alarm.get("previousState")), "value"),
        "AlarmRule": text(configuration, "alarmRule"),
        "TriggeringChildren": [{"Arn": text(one, "arn")} for one in map(mapping, listing(data.get("triggeringAlarms")))],
        "ActionsSuppressedBy": text(state, "actionsSuppressedBy"),
        "ActionsSuppressor": text(configuration, "actionsSuppressor"),
        "Trigger": _trigger(configuration, data, text(state, "reason") or text(mapping(alarm.get("previousState")), "reason")),
    }


def _data(state: Body) -> Body:
    """`reasonData` is JSON in a text; anything else says nothing."""
    try:
        return mapping(json.loads(text(state, "reasonData")))
    except (ValueError, RecursionError):
        return {}


def _trigger(configuration: Body, data: Body, reason: str) -> dict[str, Any]:
    metrics = [_metric(member) for member in map(mapping, listing(configuration.get("metrics")))]
    bands = [m["Id"] for m in metrics if m["Expression"].startswith("ANOMALY_DETECTION_BAND")]
    periods = _PERIODS.search(reason)
    return {
        "Metrics": metrics,
        "Threshold": number(data.get("threshold")),
        "ThresholdMetricId": bands[0] if bands else "",
        "ComparisonOperator": _comparison(reason),
        "EvaluationPeriods": int(periods[1]) if periods else 1,
    }


def _metric(member: Body) -> dict[str, Any]:
    stat = mapping(member.get("metricStat"))
    metric = mapping(stat.get("metric"))
    return {
        "Id": text(member, "id"),
        "AccountId": text(member, "accountId"),
        "Expression": text(member, "expression"),
        "Label": text(member, "label"),
        "ReturnData": member.get("returnData"),
        "MetricStat": {
            "Period": stat.get("period"),
            "Stat": text(stat, "stat"),
            "Metric": {
                "Namespace": text(metric, "namespace"),
                "MetricName": text(metric, "name"),
                "Dimensions": [{"name": name, "value": value} for name, value in mapping(metric.get("dimensions")).items()],
            },
        },
    }


def _comparison(reason: str) -> str:
    """Which line, as the reason words it: "[97.3 (…)] was greater than the threshold (80.0)"."""
    if _OUTSIDE.search(reason):
        return "LessThanLowerOrGreaterThanUpperThreshold"
    return next((operator for words, operator in _WORDS.items() if words in reason), "")
