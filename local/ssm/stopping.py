"""The alarm that stops an automation: asked before each step, as the runbook's own role. One that fires already stops it at once."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.aws import Caller
from local.ssm.faults import ValidationException


def alarm_of(asked: Mapping[str, Any]) -> tuple[str, bool]:
    """Its name, empty for none, and whether one that cannot be asked lets the runbook go on."""
    configured = asked.get("AlarmConfiguration") or {}
    alarms = configured.get("Alarms") or []
    if configured and len(alarms) != 1:
        raise ValidationException("AlarmConfiguration takes exactly one alarm")
    return (str(alarms[0]["Name"]) if alarms else "", bool(configured.get("IgnorePollAlarmFailure", False)))


def stopped_by(alarm: tuple[str, bool], account: Caller) -> str:
    """Why it may not go on; empty where it may."""
    name, regardless = alarm
    if not name:
        return ""
    try:
        found = account.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    except ClientError as error:
        return "" if regardless else f"the alarm {name} cannot be asked: {error}"
    if not found:
        return "" if regardless else f"there is no alarm {name}"
    return f"the alarm {name} is in ALARM" if found[0]["StateValue"] == "ALARM" else ""
