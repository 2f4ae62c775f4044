"""Logs Insights: the error lines of a group that is too large to be read page by page.

What it scans is paid for by the gigabyte, so it is asked only where pages were not enough, for the quarter of an hour around
the alarm alone, and a query that takes too long is stopped. It is asked for single lines and no statistics: those are made
here, in the same way for every group.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from analysis.evidence.ask import Ask
from analysis.evidence.log_reading import ERROR, Event, Reading, errors_of
from watchkeeper.errors import Transient, WatchkeeperError
from watchkeeper.storage.aws import in_our_words

START, RESULTS, STOP = "logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"
MOST_ROWS = 1_000
BETWEEN_LOOKS = 0.25
MOST_LOOKS = 12
FRAMES = r"|^\s+(?:at|File|from) |\.go:\d+"
QUERY = (
    f"fields @timestamp, @message, @logStream | filter @message like /(?i)(?:{ERROR.pattern}{FRAMES})/ "
    f"| sort @timestamp desc | limit {MOST_ROWS}"
)


def deepened(ask: Ask, group: str, start: datetime, end: datetime, reading: Reading) -> Reading:
    """The reading with what Insights finds besides; the reading as it was, with the reason, where Insights does not answer."""
    try:
        found = [_event(row) for row in _answer(ask, group, start, end)]
    except WatchkeeperError as error:
        return replace(reading, by=f"Logs Insights could not be used for {group}: {error}")
    except (KeyError, ValueError) as error:  # not as it is documented, as an imitation of CloudWatch Logs may answer
        return replace(reading, by=f"the answer of Logs Insights for {group} could not be read: {type(error).__name__}")
    events = _both(reading.events, (event for event in found if start <= _at(event) < end))
    limited = len(found) >= MOST_ROWS
    by = f"{group} by Logs Insights" + (f", its newest {MOST_ROWS} error lines" if limited else "")
    return Reading(events, errors_of(events), limited, by, deepened=True)


def _answer(ask: Ask, group: str, start: datetime, end: datetime) -> list[dict[str, str]]:
    client = ask.client("logs", ask.incident.region or ask.region)
    asked = {"logGroupName": group, "startTime": int(start.timestamp()), "endTime": int(end.timestamp()), "queryString": QUERY}
    with in_our_words(START, group):
        query = client.start_query(**asked).get("queryId", "")
    for _ in range(MOST_LOOKS if query else 0):
        with in_our_words(RESULTS, group):
            answer = client.get_query_results(queryId=query)
        status = answer.get("status", "Unknown")
        if status == "Complete":
            return [{cell["field"]: cell["value"] for cell in row} for row in answer.get("results", [])]
        if status not in {"Scheduled", "Running"}:
            raise Transient(f"the query ended as {status}")
        ask.pause(BETWEEN_LOOKS)
    if query:
        with in_our_words(STOP, group):
            client.stop_query(queryId=query)
    raise Transient("the query took too long" if query else "no query was started")


def _event(row: dict[str, str]) -> Event:
    at = datetime.fromisoformat(row["@timestamp"]).replace(tzinfo=UTC)
    return {"timestamp": round(at.timestamp() * 1000), "message": row.get("@message", ""), "logStreamName": row.get("@logStream", "")}


def _at(event: Event) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def _both(read: list[Event], found: Iterable[Event]) -> list[Event]:
    """Oldest first; what both have stands once."""
    seen = {_key(event) for event in read}
    return [*(event for event in reversed(list(found)) if _key(event) not in seen), *read]


def _key(event: Event) -> tuple[Any, ...]:
    return event["timestamp"], event.get("logStreamName", ""), event["message"].rstrip("\n")
