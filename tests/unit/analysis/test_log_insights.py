"""When a log group is too large to be read page by page, Logs Insights is asked, and the evidence says so."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from analysis.evidence import error_lines, log_insights
from analysis.evidence.ask import Ask, Found, Nothing
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask
from watchkeeper.errors import Throttled

MINUTE = timedelta(minutes=1)


def page(*messages: str, more: bool = True) -> Any:
    """The first page has these, the others are empty and have more behind them, as CloudWatch Logs may answer."""
    at = int((NIGHT - MINUTE).timestamp() * 1000)
    events = [{"timestamp": at, "message": message, "logStreamName": "app/1"} for message in messages]
    onward = {"nextToken": "more"} if more else {}
    return lambda nextToken="", **_: {"events": [] if nextToken else events, **onward}  # noqa: N803 - boto3's name


def row(at: datetime, message: str) -> list[dict[str, str]]:
    cells = {"@timestamp": at.strftime("%Y-%m-%d %H:%M:%S.000"), "@message": message, "@logStream": "app/1", "@ptr": "x"}
    return [{"field": name, "value": value} for name, value in cells.items()]


def answered(*rows: list[dict[str, str]], status: str = "Complete") -> dict[str, Any]:
    return {"status": status, "results": list(rows)}


def large(results: Any, *messages: str, **answers: Any) -> FakeAws:
    known = {"filter_log_events": page(*messages), "start_query": {"queryId": "q-1"}, "get_query_results": results}
    return FakeAws({**known, **answers})


def found(said: Found | Nothing) -> Found:
    assert isinstance(said, Found)
    return said


EARLY = row(NIGHT - 14 * MINUTE, "FATAL pool of orders exhausted")


def test_a_large_group_is_asked_by_insights_and_both_stand_in_order() -> None:
    aws = large(answered(row(NIGHT - MINUTE, "ERROR timed out"), EARLY), "ERROR timed out")
    body = found(error_lines.collect(an_ask(aws))).body
    assert body.splitlines()[-3:] == [
        "2 error lines, 2 lines read since 2026-11-20T02:45:00Z; /checkout/app by Logs Insights:",
        "2026-11-20T02:46:00Z /checkout/app app/1  FATAL pool of orders exhausted",
        "2026-11-20T02:59:00Z /checkout/app app/1  ERROR timed out",
    ]
    (asked,) = aws.asked("start_query")
    assert (asked["logGroupName"], asked["endTime"] - asked["startTime"]) == ("/checkout/app", 16 * 60)


def test_a_group_that_pages_hold_is_not_asked() -> None:
    aws = FakeAws({"filter_log_events": page("ERROR timed out", more=False)})
    assert "Insights" not in found(error_lines.collect(an_ask(aws))).body
    assert aws.asked("start_query") == []


def test_errors_that_only_insights_sees_are_found() -> None:
    said = found(error_lines.collect(an_ask(large(answered(EARLY), "INFO fine"))))
    assert "FATAL pool of orders exhausted" in said.body
    nothing = error_lines.collect(an_ask(large(answered(), "INFO fine")))
    assert nothing.summary.endswith("; /checkout/app by Logs Insights.")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"start_query": refused()}, "not allowed: logs:StartQuery on /checkout/app"),
        ({"get_query_results": refused()}, "not allowed: logs:GetQueryResults on /checkout/app"),
        ({"start_query": refused("LimitExceededException")}, "logs:StartQuery on /checkout/app: refused"),
        ({"start_query": {}}, "no query was started"),
        ({"get_query_results": {"status": "Failed"}}, "the query ended as Failed"),
        ({"get_query_results": {}}, "the query ended as Unknown"),
        ({"get_query_results": {"status": "Running"}}, "the query took too long"),
        ({"get_query_results": answered([{"field": "@message", "value": "x"}])}, "could not be read: KeyError"),
        ({"get_query_results": answered([{"field": "@timestamp", "value": "yesterday"}])}, "could not be read: ValueError"),
    ],
)
def test_where_insights_does_not_answer_the_pages_stand_and_it_is_said(answers: dict[str, Any], why: str) -> None:
    aws = large(answered(), "ERROR timed out", **answers)
    body = found(error_lines.collect(an_ask(aws))).body
    assert why in body
    assert "newest first, until the limit of pages; " in body
    assert "ERROR timed out" in body


def test_a_query_that_takes_too_long_is_stopped() -> None:
    pauses: list[float] = []
    aws = large(answered(status="Running"), "ERROR timed out")
    error_lines.collect(an_ask(aws, pause=pauses.append))
    assert sum(pauses) == 3.0
    assert aws.asked("stop_query") == [{"queryId": "q-1"}]


def test_a_query_that_is_done_after_a_while_is_heard() -> None:
    answers = iter([{"status": "Scheduled"}, {"status": "Running"}, answered(EARLY)])
    aws = large(lambda **_: next(answers), "ERROR timed out")
    assert "FATAL pool of orders exhausted" in found(error_lines.collect(an_ask(aws))).body
    assert aws.asked("stop_query") == []


def test_the_pages_are_told_before_insights_is_waited_for() -> None:
    heard: list[Found | Nothing] = []

    def results(**_: Any) -> dict[str, Any]:
        assert "the large log groups were not read in time" in found(heard[0]).body
        return answered(EARLY)

    error_lines.collect(an_ask(large(results, "ERROR timed out"), so_far=heard.append))
    assert len(heard) == 2


def test_a_limit_of_rows_is_said() -> None:
    rows = [row(NIGHT - MINUTE - timedelta(seconds=n % 600), f"ERROR {n}") for n in range(log_insights.MOST_ROWS)]
    body = found(error_lines.collect(an_ask(large(answered(*rows), "INFO fine")))).body
    assert "/checkout/app by Logs Insights, its newest 1000 error lines" in body


def test_frames_that_insights_finds_stand_below_their_error() -> None:
    rows = [row(NIGHT - MINUTE, "\tat com.acme.Pool.take(Pool.java:42)"), row(NIGHT - MINUTE, "IllegalStateException: exhausted")]
    lines = found(error_lines.collect(an_ask(large(answered(*rows), "INFO fine")))).body.splitlines()
    assert lines[-2].endswith("IllegalStateException: exhausted")
    assert lines[-1].strip() == "at com.acme.Pool.take(Pool.java:42)"
    assert lines[-1].startswith("      ")


def test_only_two_groups_are_asked() -> None:
    ask: Ask = an_ask(large(answered(EARLY), "ERROR x"))
    assert ask.service is not None
    many = ask.service.but(log_groups=("/a", "/b", "/c"))
    aws = large(answered(EARLY), "ERROR x")
    error_lines.collect(an_ask(aws, service=many))
    assert [asked["logGroupName"] for asked in aws.asked("start_query")] == ["/a", "/b"]


def test_its_permissions_are_named() -> None:
    assert set(error_lines.COLLECTOR.permissions) == {"logs:FilterLogEvents", "logs:StartQuery", "logs:GetQueryResults", "logs:StopQuery"}


def test_a_throttled_start_is_a_reason_like_any_other() -> None:
    aws = large(answered(), "ERROR x", start_query=Throttled("slow"))
    assert "Logs Insights could not be used for /checkout/app: slow" in found(error_lines.collect(an_ask(aws))).body
