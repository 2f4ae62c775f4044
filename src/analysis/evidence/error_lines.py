"""Recent error lines of the service's log groups.

The lines are picked here and not by a filter pattern: `?A ?B` patterns and regular expressions are not known to every
CloudWatch Logs that we meet (the laptop stack's), and a pattern that silently matches nothing is a lie. Reading starts at
the newest line and is bounded, and the evidence says how far it got.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from watchkeeper.storage.aws import in_our_words

PERMISSION = "logs:FilterLogEvents"
BEFORE = timedelta(minutes=15)
MOST_GROUPS = 5
MOST_PAGES = 4
MOST_LINES = 200
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


def collect(ask: Ask) -> Found | Nothing:
    """The error lines of a quarter of an hour before the alarm until now, oldest first."""
    start = ask.incident.fired_at - BEFORE
    read, cut, errors = 0, False, []
    for group in groups_of(ask):
        events, more = _events(ask, group, start)
        read, cut = read + len(events), cut or more
        errors += [(event["timestamp"], group, event) for event in events if ERROR.search(event["message"])]
    far = f"{read} lines read since {stamp(start)}" + (", newest first, until the limit of pages" if cut else "")
    if not errors:
        return Nothing(f"No error line in {', '.join(groups_of(ask))}: {far}.")
    errors.sort(key=lambda found: found[0])
    kept = errors[-MOST_LINES:]
    head = f"{len(errors)} error lines, {far}" + (f"; the newest {len(kept)} of them:" if len(kept) < len(errors) else ":")
    body = "\n".join([head, *(_line(ask, group, event) for _, group, event in kept)])
    return Found(summary=f"{len(errors)} error lines in {', '.join(groups_of(ask))}; {far}.", body=body)


def _events(ask: Ask, group: str, start: datetime) -> tuple[list[dict[str, Any]], bool]:
    """Up to MOST_PAGES pages of the group, and whether there would have been more."""
    client = ask.client("logs", ask.incident.region or ask.region)
    asked: dict[str, Any] = {
        "logGroupName": group,
        "startTime": int(start.timestamp() * 1000),
        "endTime": int(max(ask.now, ask.incident.fired_at).timestamp() * 1000) + 60_000,
        "startFromHead": False,
    }
    events: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        with in_our_words(PERMISSION, group):
            page = client.filter_log_events(**asked)
        events += page["events"]
        if not page.get("nextToken"):
            return events, False
        asked["nextToken"] = page["nextToken"]
    return events, True


def _line(ask: Ask, group: str, event: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{stamp(at)} {group} {event.get('logStreamName', '')}  {ask.tidy(event['message'])}"


COLLECTOR = Collector(
    name="logs",
    order=30,
    provenance="CloudWatch Logs, written by the application that is watched and by whoever can make it write: untrusted",
    applies=lambda ask: bool(groups_of(ask)),
    asked=lambda ask: f"Which error lines are in {', '.join(groups_of(ask))}?",
    collect=collect,
)
