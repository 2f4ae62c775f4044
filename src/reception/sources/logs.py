"""A CloudWatch Logs subscription: the error lines of one delivery, as one alert of their log group.

What no line of looks like an error only informs: it joins an open incident of its group and opens none.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

from reception.fields import Body, listing, mapping, moment, text
from reception.resources import Place, distinct, log_group
from reception.sources.registry import Received, source
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

MOST_TEXT = 100_000
LONGEST_LINE = 20_000
_ERROR = re.compile(
    r"error|exception|traceback|fatal|critical|panic|\bfail(?:ed|ure|ing)\b|timed? ?out|out ?of ?memory|oomkill|segfault|\bkilled\b",
    re.IGNORECASE,
)
_BEFORE_THE_POINT = re.compile(r"^[\s\d:.,TZ/+\[\]-]*(?:(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?)\b[\s:\]|-]*)?")


def is_log_delivery(body: Body) -> bool:
    return "logGroup" in body and "logEvents" in body


@source("logs", samples=("events/logs-subscription.json", "events/logs-control-message.json"), recognises=is_log_delivery)
def read_lines(body: Body, received: Received) -> Iterator[Alert]:
    """The lines of one log group, as one alert. CloudWatch's own reachability checks are no news."""
    if body.get("messageType") == "CONTROL_MESSAGE":
        return
    group, owner = text(body, "logGroup") or "unknown", text(body, "owner")
    place = Place(account=owner if re.fullmatch(r"\d{12}", owner) else received.home.account, region=received.home.region)
    events = [mapping(event) for event in listing(body.get("logEvents"))]
    errors = [event for event in events if _ERROR.search(text(event, "message")[:LONGEST_LINE])]
    shown = errors or events
    rules = sorted(rule for rule in listing(body.get("subscriptionFilters")) if isinstance(rule, str))
    yield Alert(
        source="logs",
        kind=AlertKind.FIRING if errors else AlertKind.INFO,
        title=_title(len(errors), group, text(shown[0], "message") if shown else ""),
        fingerprint=token("logs", place.account, place.region, group, *rules),
        occurred_at=max((moment(event.get("timestamp"), received.at) for event in shown), default=received.at),
        severity=Severity.SEV3,
        account=place.account,
        region=place.region,
        resources=distinct(log_group(group, place)),
        log_excerpt="\n".join(text(event, "message")[:LONGEST_LINE] for event in shown)[:MOST_TEXT],
        labels={"log_stream": text(body, "logStream"), "filter": ", ".join(rules), "lines": str(len(shown))},
        links={"log_group": _console(group, place.region)} if place.region else {},
    )


def _title(errors: int, group: str, line: str) -> str:
    point = _BEFORE_THE_POINT.sub("", line.partition("\n")[0][:500]).strip()[:120]
    how_many = {0: "Log lines", 1: "An error"}.get(errors, f"{errors} errors")
    return f"{how_many} in {group}" + (f": {point}" if point else "")


def _console(group: str, region: str) -> str:
    twice = quote(quote(group, safe=""), safe="").replace("%", "$")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{twice}"
