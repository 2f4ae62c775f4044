"""Recent error lines of the service's log groups.

The lines are picked here and not by a filter pattern: `?A ?B` patterns and regular expressions are not known to every
CloudWatch Logs that we meet (the laptop stack's), and a pattern that silently matches nothing is a lie. Reading starts at
the newest line and is bounded, and the evidence says how far it got.

The hour before is read as well, two pages of each group at most, to tell which kinds of line are news. If that read fails or comes
too late, the evidence stands without it and says so.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from analysis.evidence.ask import READ_OF_A_MESSAGE, Ask, Collector, Found, Nothing, stamp
from analysis.evidence.error_news import Stretch, Told, counted, told
from analysis.signals.templates import Line, Tokens, tokens_of
from watchkeeper.errors import WatchkeeperError
from watchkeeper.storage.aws import in_our_words

PERMISSION = "logs:FilterLogEvents"
BEFORE = timedelta(minutes=15)
MOST_GROUPS = 5
MOST_PAGES = 4
MOST_LINES = 200
BASELINE = timedelta(hours=1)
BASELINE_PAGES = 2  # CloudWatch Logs may answer an empty page and a token
MOST_MINED = 5_000  # of a group, so that a flood costs a fraction of a second
ERROR = re.compile(
    r"\b(?:error|err|exceptions?|traceback|fatal|panic|critical|severe|crash\w*|killed|segfault|segmentation fault|fail\w*|refused|"
    r"timed? ?out|unavailable|oom\w*|out of memory|outofmemory\w*|cannot allocate memory|abort\w*)\b"
    r"|\w(?:Error|Exception)\b|exit(?:ed)?(?: with)?(?: status| code)? [1-9]",
    re.IGNORECASE,
)


def groups_of(ask: Ask) -> tuple[str, ...]:
    """The log groups that services.yaml gives the service, and those that an authenticated field of an alert named."""
    of_service = ask.service.log_groups if ask.service else ()
    of_alert = tuple(resource.id for resource in ask.trusted("logs:log-group"))
    return tuple(dict.fromkeys((*of_alert, *of_service)))[:MOST_GROUPS]


@dataclass(frozen=True)
class Reading:
    """What was read of one group, the error lines among it in the order of time, and whether there would have been more."""

    events: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    cut: bool


def collect(ask: Ask) -> Found | Nothing:
    """The error lines of a quarter of an hour before the alarm until now, oldest first; before them, which kinds are news."""
    start, end = ask.incident.fired_at - BEFORE, max(ask.now, ask.incident.fired_at) + timedelta(minutes=1)
    window = {group: _reading(ask, group, start, end, MOST_PAGES) for group in groups_of(ask)}
    read, cut = sum(len(one.events) for one in window.values()), any(one.cut for one in window.values())
    far = f"{read} lines read since {stamp(start)}" + (", newest first, until the limit of pages" if cut else "")
    if not any(one.errors for one in window.values()):
        return Nothing(f"No error line in {', '.join(window)}: {far}.")
    now = {group: _stretch(ask, one, end - start) for group, one in window.items()}
    ask.so_far(_found(ask, window, far, counted(now, "the hour before was not read in time")))
    try:
        earlier = {group: _reading(ask, group, start - BASELINE, start, BASELINE_PAGES) for group in window}
    except WatchkeeperError as error:
        return _found(ask, window, far, counted(now, f"the hour before could not be read: {error}"))
    before = {group: _stretch(ask, one, BASELINE) for group, one in earlier.items()}
    return _found(ask, window, far, told(now, before))


def _reading(ask: Ask, group: str, start: datetime, end: datetime, pages: int) -> Reading:
    """Up to so many pages of the group, the newest first where CloudWatch Logs knows how to."""
    client = ask.client("logs", ask.incident.region or ask.region)
    first, last = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
    asked: dict[str, Any] = {"logGroupName": group, "startTime": first, "endTime": last, "startFromHead": False}
    events: list[dict[str, Any]] = []
    for _ in range(pages):
        with in_our_words(PERMISSION, group):
            page = client.filter_log_events(**asked)
        events += [event for event in page["events"] if first <= event["timestamp"] < last]
        if not page.get("nextToken"):
            break
        asked["nextToken"] = page["nextToken"]
    errors = sorted((event for event in events if ERROR.search(event["message"])), key=lambda event: event["timestamp"])
    return Reading(events, errors, cut=bool(page.get("nextToken")))


def _stretch(ask: Ask, reading: Reading, asked: timedelta) -> Stretch:
    """The newest error lines as they may be shown, and the time that they and what was read really span."""
    errors = reading.errors[-MOST_MINED:]
    seen = errors if len(errors) < len(reading.errors) else reading.events
    whole = seen is reading.events and not reading.cut
    times = [event["timestamp"] for event in seen]
    lasted = asked if whole else timedelta(milliseconds=max(times, default=0) - min(times, default=0))
    return Stretch(_redacted(ask, errors), lasted, len(reading.events))


def _redacted(ask: Ask, errors: list[dict[str, Any]]) -> list[Line]:
    """Each line as the first that differs from it in values alone: templates are all that is made of it, and redacting takes longest."""
    first: dict[Tokens, str] = {}
    lines = []
    for event in errors:
        kind = tokens_of(event["message"][:READ_OF_A_MESSAGE])
        if kind not in first:
            first[kind] = ask.tidy(event["message"])
        lines.append((_at(event), first[kind]))
    return lines


def _found(ask: Ask, window: dict[str, Reading], far: str, news: Told) -> Found:
    """The news, then the newest error lines letter by letter, and one line of each kind that is news in any case."""
    errors = sorted(((event["timestamp"], group, event) for group, one in window.items() for event in one.errors), key=lambda one: one[0])
    newest = errors[-MOST_LINES:]
    missed = news.examples - {(group, ask.tidy(event["message"])) for _, group, event in newest}
    older = _first_of_each(missed, [(group, event) for _, group, event in errors[:-MOST_LINES][-MOST_MINED:]], ask) if missed else []
    head = f"{len(errors)} error lines, {far}" + (f"; the newest {len(newest)} of them:" if len(newest) < len(errors) else ":")
    lines = [_line(ask, group, event) for group, event in (*older, *((group, event) for _, group, event in newest))]
    summary = f"{news.summary} {len(errors)} error lines in {', '.join(window)}; {far}.".lstrip()
    return Found(summary=summary, body="\n".join([*news.lines, head, *lines]))


def _first_of_each(
    wanted: frozenset[tuple[str, str]], errors: list[tuple[str, dict[str, Any]]], ask: Ask
) -> list[tuple[str, dict[str, Any]]]:
    left, found = set(wanted), []
    for group, event in errors:
        said = (group, ask.tidy(event["message"]))
        if said in left:
            left.remove(said)
            found.append((group, event))
        if not left:
            break
    return found


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def _line(ask: Ask, group: str, event: dict[str, Any]) -> str:
    return f"{stamp(_at(event))} {group} {event.get('logStreamName', '')}  {ask.tidy(event['message'])}"


COLLECTOR = Collector(
    name="logs",
    order=30,
    provenance="CloudWatch Logs, written by the application that is watched and by whoever can make it write: untrusted",
    applies=lambda ask: bool(groups_of(ask)),
    asked=lambda ask: f"Which error lines are in {', '.join(groups_of(ask))}?",
    collect=collect,
)
