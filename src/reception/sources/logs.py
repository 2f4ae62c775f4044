"""A CloudWatch Logs subscription: the errors of one delivery. A stack trace is an alert of its exception, wherever its lines lie;
the other error lines of the delivery are one alert of their log group.

What no line of looks like an error only informs: it joins an open incident of its group and opens none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import quote

from reception.fields import Body, listing, mapping, text
from reception.resources import Place, distinct, log_group
from reception.sources.log_lines import Entry, entries
from reception.sources.registry import Received, source
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Severity

MOST_TEXT = 100_000
LONGEST_LINE = 20_000
MOST_EXCEPTIONS = 10
_BEFORE_THE_POINT = re.compile(r"^[\s\d:.,TZ/+\[\]-]*(?:(?:ERROR|FATAL|CRITICAL|WARN(?:ING)?)\b[\s:\]|-]*)?")
SAMPLES = (
    "events/logs-subscription.json",
    "events/logs-control-message.json",
    "events/logs-java-trace.json",
    "events/logs-python-trace.json",
    "events/logs-json-lines.json",
)


def is_log_delivery(body: Body) -> bool:
    return "logGroup" in body and "logEvents" in body


@dataclass(frozen=True)
class Delivery:
    """Where the lines come from."""

    group: str
    place: Place
    stream: str
    rules: tuple[str, ...]


@source(
    "logs",
    samples=SAMPLES,
    recognises=is_log_delivery,
    vendor="Amazon CloudWatch Logs",
    docs="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
    passes_over="CloudWatch's own checks that a subscription's target can be reached",
)
def read_lines(body: Body, received: Received) -> Iterator[Alert]:
    """One alert for each exception, and one for the other errors. CloudWatch's own reachability checks are no news."""
    if body.get("messageType") == "CONTROL_MESSAGE":
        return
    owner = text(body, "owner")
    whence = Delivery(
        group=text(body, "logGroup") or "unknown",
        place=Place(account=owner if re.fullmatch(r"\d{12}", owner) else received.home.account, region=received.home.region),
        stream=text(body, "logStream"),
        rules=tuple(sorted(rule for rule in listing(body.get("subscriptionFilters")) if isinstance(rule, str))),
    )
    found = entries([mapping(event) for event in listing(body.get("logEvents"))], received.at)
    thrown = sorted((e for e in found if e.trace and e.error), key=lambda e: e.trace.same if e.trace else ("", ""))
    exceptions = [list(same) for _, same in groupby(thrown, key=lambda e: e.trace.same if e.trace else ("", ""))][:MOST_EXCEPTIONS]
    told = {id(entry) for group in exceptions for entry in group}
    for group in exceptions:
        yield _exception(group, whence)
    others = [entry for entry in found if entry.error and id(entry) not in told]
    if others or not exceptions:
        yield _lines(others, others or found, whence, received.at)


def _exception(same: list[Entry], whence: Delivery) -> Alert:
    """One exception, as often as this delivery holds it: the same whatever its message, its line and its time are."""
    trace = same[0].trace
    if trace is None:
        raise ValueError("only what has a trace is an exception")
    point = re.sub(r"\s+", " ", trace.message)[:120]
    return _alert(
        whence,
        AlertKind.FIRING,
        f"{trace} of {whence.group}" + (f": {point}" if point else ""),
        ("trace", *trace.same),
        same,
        max(entry.at for entry in same),
        {"exception": trace.type, "frame": trace.frame.whole if trace.frame else "", "times": str(len(same))},
    )


def _lines(errors: list[Entry], shown: list[Entry], whence: Delivery, at: datetime) -> Alert:
    kind = AlertKind.FIRING if errors else AlertKind.INFO
    title = _title(len(errors), whence.group, shown[0].says if shown else "")
    return _alert(
        whence, kind, title, whence.rules, shown, max((e.at for e in shown), default=at), {"lines": str(sum(e.lines for e in shown))}
    )


def _alert(
    whence: Delivery, kind: AlertKind, title: str, about: tuple[str, ...], shown: list[Entry], at: datetime, labels: dict[str, str]
) -> Alert:
    place = whence.place
    return Alert(
        source="logs",
        kind=kind,
        title=title,
        fingerprint=token("logs", place.account, place.region, whence.group, *about),
        occurred_at=at,
        severity=Severity.SEV3,
        account=place.account,
        region=place.region,
        resources=distinct(log_group(whence.group, place)),
        log_excerpt="\n".join(entry.text[:LONGEST_LINE] for entry in shown)[:MOST_TEXT],
        labels={"log_stream": whence.stream, "filter": ", ".join(whence.rules), **labels},
        links={"log_group": _console(whence.group, place)} if place.region else {},
    )


def _title(errors: int, group: str, line: str) -> str:
    point = _BEFORE_THE_POINT.sub("", line.partition("\n")[0][:500]).strip()[:120]
    how_many = {0: "Log lines", 1: "An error"}.get(errors, f"{errors} errors")
    return f"{how_many} in {group}" + (f": {point}" if point else "")


def _console(group: str, place: Place) -> str:
    twice = quote(quote(group, safe=""), safe="").replace("%", "$")
    return f"{place.console}/cloudwatch/home?region={place.region}#logsV2:log-groups/log-group/{twice}"
