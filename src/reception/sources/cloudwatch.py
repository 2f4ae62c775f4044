"""A CloudWatch alarm as it comes through SNS: on one metric, on metric math, on an anomaly band, or on other alarms.

Takes the JSON that AWS publishes and the emulator's, which has no AlarmArn, writes dimensions as `Name` and `Value`,
and has a region's code where AWS has its name for people.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from reception.fields import Body, moment, text
from reception.resources import Place, distinct, from_dimensions
from reception.sources.cloudwatch_metric import Watched, watched
from reception.sources.registry import Received, source
from reception.vocabulary import severity_said_in
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

KINDS = {"OK": AlertKind.RESOLVED, "INSUFFICIENT_DATA": AlertKind.INFO}
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ALARM_ARN = re.compile(r"arn:aws[\w-]*:cloudwatch:(?P<region>[^:]*):(?P<account>[^:]*):alarm:(?P<name>.+)", re.DOTALL)
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
SAMPLES = (
    "events/cloudwatch-alarm-sns.json",
    "events/cloudwatch-alarm-sns-ok.json",
    "events/cloudwatch-alarm-raw.json",
    "events/cloudwatch-alarm-metric-math.json",
    "events/cloudwatch-alarm-composite.json",
    "events/cloudwatch-alarm-emulator.json",
)


def is_alarm(body: Body) -> bool:
    return "NewStateValue" in body and ("AlarmName" in body or "AlarmArn" in body)


@source("cloudwatch", samples=SAMPLES, recognises=is_alarm)
def read_alarm(body: Body, received: Received) -> Iterator[Alert]:
    """One alarm that changed its state is one alert."""
    name, place = _named(body), _placed(body, received.home)
    state, reason, about = text(body, "NewStateValue"), text(body, "NewStateReason"), text(body, "AlarmDescription")
    kind = KINDS.get(state, AlertKind.FIRING)
    what = watched(body)
    severity, word = severity_said_in(name, about)
    yield Alert(
        source="cloudwatch",
        kind=kind,
        title=title(kind, name, what, reason),
        fingerprint=token("cloudwatch", place.account, place.region, name),
        occurred_at=moment(body.get("StateChangeTime"), _told_at(body, received)),
        severity=severity or Severity.SEV3,
        vendor_severity=word,
        account=place.account,
        region=place.region,
        description="\n".join(part for part in (about, reason, text(body, "AlarmRule")) if part),
        resources=distinct(r for dimensions in what.dimensions for r in from_dimensions(dimensions, place)),
        metric=what.metric,
        alarm_name=name,
        labels={"state": state, "was": text(body, "OldStateValue")},
        links={"alarm": _console(name, place)} if place.region else {},
    )


def title(kind: AlertKind, name: str, what: Watched, reason: str) -> str:
    """One line that a person would write."""
    if not what.says:
        return f"Alarm {name} " + {AlertKind.FIRING: "fires", AlertKind.RESOLVED: "is OK again"}.get(kind, "has no data to judge by")
    if kind is AlertKind.INFO:
        return f"{what.says} sends no data to judge by"
    if kind is AlertKind.RESOLVED:
        return f"{what.says} is no longer {what.line}"
    if "no datapoints were received" in reason:
        return f"{what.says} sends no data"
    value = _value(reason)
    return f"{what.says} is {what.line}" + (f" ({value})" if value else "")


def _value(reason: str) -> str:
    """The last datapoint, from AWS's sentence or from the emulator's."""
    said = re.search(r"datapoints? \[([-+\d.Ee]+) \(", reason) or re.search(r"^Threshold Crossed: \S+ ([-+\d.Ee]+) [A-Z]\w+ ", reason)
    try:
        return f"{float(said[1]):.4g}" if said else ""
    except ValueError:
        return ""


def _named(body: Body) -> str:
    arn = _ALARM_ARN.fullmatch(text(body, "AlarmArn"))
    return text(body, "AlarmName") or (arn["name"] if arn else "without a name")


def _placed(body: Body, home: Place) -> Place:
    """The ARN's word first; `Region` is a name for people in AWS's JSON, so it counts only where it is a code."""
    arn = _ALARM_ARN.fullmatch(text(body, "AlarmArn"))
    account, region = text(body, "AWSAccountId"), text(body, "Region")
    said = region if _REGION.fullmatch(region) else home.region
    return Place(
        account=account if re.fullmatch(r"\d{12}", account) else (arn["account"] if arn else home.account),
        region=arn["region"] if arn else said,
    )


def _told_at(body: Body, received: Received) -> datetime:
    return moment(body.get("Timestamp"), received.at)


def _console(name: str, place: Place) -> str:
    host = f"{place.region}.{_CONSOLES.get(place.partition, 'console.aws.amazon.com')}"
    return f"https://{host}/cloudwatch/home?region={place.region}#alarmsV2:alarm/{quote(name, safe='')}"
