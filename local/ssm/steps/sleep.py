"""aws:sleep: a duration as ISO 8601 writes it, or until a moment."""

import re
from datetime import UTC, datetime
from typing import Any

from local.ssm.steps.action import Action, Done, Hands, StepFailed

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SECONDS = (86400, 3600, 60, 1)


def seconds(duration: str) -> float:
    """`PT1M30S` is 90."""
    found = _DURATION.fullmatch(duration)
    if not found or not any(found.groups()):
        raise StepFailed(f"{duration!r} is not a duration such as PT10S")
    return float(sum(int(part or 0) * unit for part, unit in zip(found.groups(), _SECONDS, strict=True)))


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    if "Timestamp" in inputs:
        until = datetime.fromisoformat(str(inputs["Timestamp"]).replace("Z", "+00:00"))
        hands.pause(max(0.0, (until - datetime.now(UTC)).total_seconds()))
    else:
        hands.pause(seconds(str(inputs.get("Duration", ""))))
    return Done()


ACTION = Action("aws:sleep", _run)
