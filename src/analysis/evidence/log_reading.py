"""Reads log groups by FilterLogEvents, page by page, and picks the error lines with the stack traces that follow them.

The lines are picked here and not by a filter pattern: `?A ?B` patterns and regular expressions are not known to every
CloudWatch Logs that we meet (the laptop stack's), and a pattern that silently matches nothing is a lie.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analysis.evidence.ask import Ask
from analysis.signals.traces import runs_on
from watchkeeper.storage.aws import in_our_words

PERMISSION = "logs:FilterLogEvents"
MOST_OF_A_TRACE = 300  # events that follow one error line
ERROR = re.compile(
    r"\b(?:error|err|exceptions?|traceback|fatal|panic|critical|severe|crash\w*|killed|segfault|segmentation fault|fail\w*|refused|"
    r"timed? ?out|unavailable|oom\w*|out of memory|outofmemory\w*|cannot allocate memory|abort\w*)\b"
    r"|\w(?:Error|Exception)\b|exit(?:ed)?(?: with)?(?: status| code)? [1-9]",
    re.IGNORECASE,
)

Event = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What was read of one group, the error lines among it in the order of time, and whether there would have been more.

    An error line is an event whose message holds, below its own text, the events that are its stack trace. `by` says what
    Logs Insights had to do with it, and `deepened` that it answered.
    """

    events: list[Event]
    errors: list[Event]
    cut: bool
    by: str = ""
    deepened: bool = False


def read(ask: Ask, group: str, start: datetime, end: datetime, pages: int) -> Reading:
    """Up to so many pages of the group, the newest first where CloudWatch Logs knows how to."""
    client = ask.client("logs", ask.incident.region or ask.region)
    first, last = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
    asked: dict[str, Any] = {"logGroupName": group, "startTime": first, "endTime": last, "startFromHead": False}
    events: list[Event] = []
    for _ in range(pages):
        with in_our_words(PERMISSION, group):
            page = client.filter_log_events(**asked)
        listed = [event for event in page["events"] if first <= event["timestamp"] < last]
        newest_first = bool(listed) and listed[0]["timestamp"] > listed[-1]["timestamp"]
        events = [*reversed(listed), *events] if newest_first else [*events, *listed]
        if not page.get("nextToken"):
            break
        asked["nextToken"] = page["nextToken"]
    return Reading(events, errors_of(events), cut=bool(page.get("nextToken")))


def errors_of(events: Iterable[Event]) -> list[Event]:
    """The error lines in the order of time; those of one millisecond as they came."""
    streams: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for place, event in enumerate(sorted(events, key=lambda event: int(event["timestamp"]))):
        streams[event.get("logStreamName", "")].append((place, event))
    found = [one for stream in streams.values() for one in _of_stream(stream)]
    return [event for _, event in sorted(found, key=lambda one: one[0])]


def _of_stream(events: list[tuple[int, Event]]) -> Iterable[tuple[int, Event]]:
    trace: list[str] = []
    found: list[tuple[int, Event, list[str]]] = []
    for place, event in events:
        message = event["message"]
        if 0 < len(trace) <= MOST_OF_A_TRACE and runs_on(message, trace):
            trace.append(message)
        elif ERROR.search(message):
            trace = [message]
            found.append((place, event, trace))
        else:
            trace = []
    return ((place, event if len(trace) == 1 else {**event, "message": "\n".join(trace)}) for place, event, trace in found)
