"""A CloudWatch alarm: on one metric, on metric math, on an anomaly band, or on other alarms.

Takes the JSON that SNS publishes, what EventBridge and a direct invocation say instead, and the emulator's, which has no
AlarmArn, writes dimensions as `Name` and `Value`, and has a region's code where AWS has its name for people.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from reception.fields import Body, listing, mapping, moment, text
from reception.resources import Place, distinct, from_dimensions
from reception.sources.cloudwatch_event import as_published, is_alarm_event
from reception.sources.cloudwatch_metric import Watched, watched
from reception.sources.registry import Received, source
from reception.vocabulary import severity_said_in
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

KINDS = {"OK": AlertKind.RESOLVED, "INSUFFICIENT_DATA": AlertKind.INFO}
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ALARM_ARN = re.compile(r"arn:aws[\w-]*:cloudwatch:(?P<region>[^:]*):(?P<account>[^:]*):alarm:(?P<name>.+)", re.DOTALL)
SAMPLES = (
    "events/cloudwatch-alarm-sns.json",
    "events/cloudwatch-alarm-sns-ok.json",
    "events/cloudwatch-alarm-raw.json",
    "events/cloudwatch-alarm-metric-math.json",
    "events/cloudwatch-alarm-composite.json",
    "events/cloudwatch-alarm-emulator.json",
    "events/cloudwatch-alarm-anomaly-band.json",
    "events/cloudwatch-alarm-no-data.json",
    "events/cloudwatch-alarm-eventbridge.json",
    "events/cloudwatch-alarm-eventbridge-composite.json",
    "events/cloudwatch-alarm-direct.json",
    "events/cloudwatch-alarm-direct-ok.json",
    "events/cloudwatch-alarm-sns-to-lambda.json",
)


def is_alarm(body: Body) -> bool:
    return is_alarm_event(body) or ("NewStateValue" in body and ("AlarmName" in body or "AlarmArn" in body))


@source(
    "cloudwatch",
    samples=SAMPLES,
    recognises=is_alarm,
    vendor="Amazon CloudWatch alarms",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
)
def read_alarm(body: Body, received: Received) -> Iterator[Alert]:
    """One alarm that changed its state is one alert, the same whichever way it was told."""
    alarm = as_published(body)
    name, place, what = _named(alarm), _placed(alarm, received.home), watched(alarm)
    reason, about = text(alarm, "NewStateReason"), text(alarm, "AlarmDescription")
    severity, word = severity_said_in(name, about)
    stated, children = KINDS.get(text(alarm, "NewStateValue"), AlertKind.FIRING), _children(alarm)
    # What the team lets a suppressor hold back opens nothing here either; that it cleared is told all the same.
    held = stated is AlertKind.FIRING and bool(text(alarm, "ActionsSuppressedBy"))
    kind = AlertKind.INFO if held else stated
    yield Alert(
        source="cloudwatch",
        kind=kind,
        title=f"Alarm {name} fires, its actions are suppressed" if held else title(kind, name, what, reason, children),
        fingerprint=token("cloudwatch", place.account, place.region, name),
        occurred_at=moment(alarm.get("StateChangeTime"), _told_at(alarm, received)),
        severity=severity or Severity.SEV3,
        vendor_severity=word,
        account=place.account,
        region=place.region,
        description="\n".join(part for part in (about, reason, text(alarm, "AlarmRule")) if part),
        resources=distinct(r for s in what.series for r in from_dimensions(s.dimensions, place.of(s.account))),
        metric=what.metric,
        alarm_name=name,
        labels=_labels(alarm, children),
        links={"alarm": _console(name, place)} if place.region else {},
    )


def _labels(alarm: Body, children: list[str]) -> dict[str, str]:
    suppressed = text(alarm, "ActionsSuppressedBy")
    labels = {
        "state": text(alarm, "NewStateValue"),
        "was": text(alarm, "OldStateValue"),
        "children": ", ".join(children),
        "suppressed_by": suppressed,
        "suppressor": text(alarm, "ActionsSuppressor") if suppressed else "",
    }
    return {name: value for name, value in labels.items() if value}


def title(kind: AlertKind, name: str, what: Watched, reason: str, children: list[str]) -> str:
    """One line that a person would write."""
    if not what.says:
        fires = "fires" + (f": {', '.join(children[:3])}" if children else "")
        return f"Alarm {name} " + {AlertKind.FIRING: fires, AlertKind.RESOLVED: "is OK again"}.get(kind, "has no data to judge by")
    if kind is AlertKind.INFO:
        return f"{what.says} sends no data to judge by"
    if kind is AlertKind.RESOLVED:
        return f"{what.says} is no longer {what.line}"
    if "no datapoints were received" in reason:
        return f"{what.says} sends no data"
    value = _value(reason)
    return f"{what.says} is {what.line}" + (f" ({value})" if value else "")


def _children(alarm: Body) -> list[str]:
    """The names of the alarms that set off a composite one."""
    arns = (_ALARM_ARN.fullmatch(text(mapping(one), "Arn")) for one in listing(alarm.get("TriggeringChildren")))
    return [arn["name"] for arn in arns if arn]


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
    return f"{place.console}/cloudwatch/home?region={place.region}#alarmsV2:alarm/{quote(name, safe='')}"
