"""Change points and news among error lines, as the evidence states them: from the collectors' answers, by truth tables."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from analysis.analyst.draft import draft
from analysis.case import Case
from analysis.check import check
from analysis.evidence import collectors, error_lines, metric_reading, metric_window
from analysis.evidence.ask import Ask, Collector, Found
from analysis.evidence.gather import gather
from analysis.evidence.keep import keep
from tests.fakes.aws_accounts import FakeAws, refused
from tests.fakes.memory import MemoryBlobs
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import (
    CPU,
    REDACT,
    SERVICES,
    an_ask,
    cpu_alert,
    cpu_incident,
    cpu_night,
    crash_alert,
    crash_incident,
    crash_night,
    series,
)
from watchkeeper.models import Alert, Answer, Cause, Incident

MINUTE = timedelta(minutes=1)
WINDOW, DAY = 30, 1_440
START = NIGHT - error_lines.BEFORE
WAVE = [20.0 + n % 3 for n in range(DAY)]
SAW = [20.0 + (70.0 if n % 120 == 0 else n % 3) for n in range(DAY)]


def metric(values: Sequence[float], period: int = 60) -> Found:
    alert = cpu_alert(metric=CPU.but(period_seconds=period))
    said = metric_window.collect(an_ask(FakeAws({"get_metric_data": spaced(values, period)}), None, alert))
    assert isinstance(said, Found)
    return said


def spaced(values: Sequence[float], period: int) -> dict[str, Any]:
    times = [NIGHT - timedelta(seconds=period * (len(values) - 1 - n)) for n in range(len(values))]
    return {"MetricDataResults": [{"Id": "alarm", "Timestamps": times, "Values": list(values), "StatusCode": "Complete"}]}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param([21.0] * 20 + [91.5, 97.0], ["change at 2026-11-20T02:59:00Z: up from about 21 to 91.5"], id="a short flat past"),
        pytest.param([*WAVE, *WAVE[:28], 96.7, 97.0], ["change at 2026-11-20T02:59:00Z: up from about 21 to 96.7"], id="a day before"),
        pytest.param([*WAVE, *WAVE[:28], 2.0, 1.0], ["change at 2026-11-20T02:59:00Z: down from about 21 to 2"], id="down"),
        pytest.param([*WAVE, *WAVE[:30]], ["no change: nothing in this window is news against the 1439 points since "], id="as always"),
        pytest.param([*SAW, *WAVE[:29], 91.0], ["no change: nothing in this window is news against the 1439 "], id="seen before"),
        pytest.param([20.0] * 9 + [97.0], ["no change can be told: 10 points are too few"], id="too few points"),
        pytest.param(
            [2.0] * 20 + [1.0, 0.0], ["change at 2026-11-20T02:59:00Z: down from about 2 to 1"], id="the tasks of the crash night"
        ),
    ],
)
def test_what_changed_is_stated_before_the_table(values: list[float], told: list[str]) -> None:
    body = metric(values).body.splitlines()
    lines = body[3 : 3 + len(told)]
    assert [line.startswith(one) for line, one in zip(lines, told, strict=True)] == [True] * len(told), lines
    assert body[3 + len(told)].startswith("2026-11-2"), "the table follows"


def test_the_past_is_judged_by_and_not_shown() -> None:
    said = metric([*WAVE, *WAVE[:28], 96.7, 97.0])
    assert len([line for line in said.body.splitlines() if line.startswith("2026-11-20T0")]) == WINDOW + 1
    assert said.summary.endswith("Change at 2026-11-20T02:59:00Z: up from about 21 to 96.7.")


@pytest.mark.parametrize(("period", "past"), [(1, 1_440), (10, 2.83 * 3600 - 0), (60, 86_400), (300, 86_400), (3_600, 86_400)])
def test_the_past_is_a_day_at_most_and_what_cloudwatch_has(period: int, past: float) -> None:
    aws = FakeAws()
    metric_window.collect(an_ask(aws, None, cpu_alert(metric=CPU.but(period_seconds=period))))
    start = NIGHT - WINDOW * timedelta(seconds=period)
    asked = start - aws.asked("get_metric_data")[0]["StartTime"]
    assert asked.total_seconds() == pytest.approx(past, abs=20)
    assert asked.total_seconds() / period <= metric_reading.MOST_OF_THE_PAST


def written(*lines: tuple[timedelta, str]) -> Callable[..., dict[str, Any]]:
    """A log group that answers by time, as CloudWatch Logs does; times are from the start of the window."""
    events = [{"timestamp": int((START + at).timestamp() * 1000), "message": text, "logStreamName": "app/1"} for at, text in lines]
    return lambda startTime, endTime, **_: {"events": [one for one in events if startTime <= one["timestamp"] <= endTime]}  # noqa: N803 - boto3's names


def logs(*lines: tuple[timedelta, str]) -> Found:
    said = error_lines.collect(an_ask(FakeAws({"filter_log_events": written(*lines)})))
    assert isinstance(said, Found)
    return said


def every(step: timedelta, text: str, first: timedelta, last: timedelta) -> list[tuple[timedelta, str]]:
    return [(first + n * step, f"{text} after {n} ms") for n in range(int((last - first) / step))]


HOUR = -timedelta(hours=1)
USUAL = every(5 * MINUTE, "ERROR upstream timed out", HOUR, 15 * MINUTE)
RARE = every(20 * MINUTE, "ERROR upstream timed out", HOUR, timedelta(0))
BURST = every(MINUTE / 4, "ERROR upstream timed out", 5 * MINUTE, 15 * MINUTE)
POOL = every(MINUTE, "FATAL connection pool of orders exhausted", 10 * MINUTE, 14 * MINUTE)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(USUAL, ["0 kinds of error line are new, 0 more frequent; of 3 lines compared, 3 are as usual"], id="as usual"),
        pytest.param([*USUAL, *POOL], ["1 kinds of error line are new, 0 more", "new: 4 lines since 2026-11-20T02:55:00Z"], id="new"),
        pytest.param([*RARE, *BURST], ["0 kinds of error line are new, 1 more", "more: 40 lines, 0.8 expected"], id="more"),
        pytest.param([*RARE, *BURST, *POOL], ["1 kinds of error line are new, 1", "new: 4 lines", "more: 40 "], id="new before more"),
        pytest.param([*POOL], ["against 0 lines of the 60 minutes before: 1 kinds", "new: 4 lines"], id="a silent hour"),
    ],
)  # fmt: skip  # a truth table reads by the row
def test_news_come_first_and_raw_lines_after(lines: list[tuple[timedelta, str]], told: list[str]) -> None:
    body = logs(*lines).body.splitlines()
    assert [one in line for line, one in zip(body, told, strict=False)] == [True] * len(told), body
    assert body[len(told)].endswith(":")
    raw = [text for at, text in sorted(lines) if at >= timedelta(0)]
    assert [line.partition("  ")[2] for line in body[len(told) + 1 :]] == raw


def test_the_order_in_which_pages_come_changes_nothing() -> None:
    lines = [*RARE, *BURST, *POOL]
    one, other = logs(*lines), logs(*reversed(lines))
    assert (one.summary, one.body.splitlines()[:3]) == (other.summary, other.body.splitlines()[:3])
    assert sorted(one.body.splitlines()) == sorted(other.body.splitlines()), "lines of one millisecond stay as they came"


def test_a_kind_is_named_in_the_summary_and_no_secret_is_in_it() -> None:
    said = logs(*every(MINUTE, "ERROR login with password=hunter2hunter2 refused", timedelta(0), 5 * MINUTE))
    assert said.summary.startswith("New: ERROR login with password=")
    assert "hunter" not in said.summary + said.body


def test_the_line_of_a_new_kind_is_quoted_however_old() -> None:
    flood = [(10 * MINUTE + n * MINUTE / 100, f"ERROR upstream timed out after {n} ms") for n in range(300)]
    said = logs((MINUTE, "FATAL disk of orders is full"), *RARE, *flood)
    assert "2026-11-20T02:46:00Z /checkout/app app/1  FATAL disk of orders is full" in said.body


def test_a_baseline_that_fails_leaves_the_rest() -> None:
    answer = written(*POOL)
    aws = FakeAws({"filter_log_events": lambda **asked: answer(**asked) if asked["endTime"] > START.timestamp() * 1000 else throttled()})
    body = found(error_lines.collect(an_ask(aws))).body.splitlines()
    assert body[0].startswith("1 kinds of error line; whether they are new is not known: the hour before could not be read: ")
    assert body[1] == "kind: 4 lines in /checkout/app: FATAL connection pool of orders exhausted after <*> ms"
    assert len(body) == 3 + len(POOL)


def test_an_empty_page_with_a_token_is_no_silent_hour() -> None:
    answer = written(*POOL)
    empty = {"events": [], "nextToken": "more"}
    aws = FakeAws({"filter_log_events": lambda **asked: answer(**asked) if asked["endTime"] > START.timestamp() * 1000 else empty})
    assert "against 0 lines of the 0 minutes before: 0 kinds" in found(error_lines.collect(an_ask(aws))).body


def test_a_baseline_that_is_late_leaves_the_rest_within_the_deadline() -> None:
    answer = written(*POOL)

    def slow(**asked: Any) -> dict[str, Any]:
        if asked["endTime"] <= START.timestamp() * 1000:
            time.sleep(3.0)
        return answer(**asked)

    began = time.monotonic()
    ours = [collector for collector in collectors() if collector.name == "logs"]
    (said,) = gather(ours, an_ask(FakeAws({"filter_log_events": slow})), 0.4)
    assert time.monotonic() - began < 2.5
    assert said.answer is Answer.FOUND
    assert "the hour before was not read in time" in said.body
    assert POOL[0][1] in said.body


def throttled() -> dict[str, Any]:
    raise refused("ThrottlingException")


def found(said: object) -> Found:
    assert isinstance(said, Found)
    return said


def test_a_collector_that_said_nothing_yet_is_late_as_before() -> None:
    def slow(_: Ask) -> Found:
        time.sleep(0.5)
        return Found("late", "late")

    (said,) = gather([Collector("a", 1, "a test", lambda _: True, lambda _: "?", slow)], an_ask(FakeAws()), 0.1)
    assert said.answer is Answer.FAILED


def looked_at(aws: FakeAws, incident: Incident, alert: Alert) -> Case:
    service = SERVICES.services[1 if incident.service == "storefront" else 0]
    answers = gather(collectors(), an_ask(aws, incident, alert, service=service), 5)
    return Case(incident, (alert,), tuple(keep(answers, incident.id, 1, NIGHT, REDACT, MemoryBlobs())))


@pytest.mark.parametrize(
    ("aws", "incident", "alert", "cause", "line"),
    [
        pytest.param(cpu_night(), cpu_incident(), cpu_alert(), Cause.CPU_SATURATION, "up from about 21 to 91.5", id="cpu"),
        pytest.param(crash_night(), crash_incident(), crash_alert(), Cause.CRASH_LOOP, "down from about 2 to 1", id="crash"),
    ],
)
def test_the_demo_nights_conclude_as_before_and_cite_the_change(
    aws: FakeAws, incident: Incident, alert: Alert, cause: Cause, line: str
) -> None:
    night = looked_at(aws, incident, alert)
    opinion = draft(night)
    checked = check(opinion, night, opinion)
    assert (opinion.cause, checked.dropped) == (cause, 0)
    assert checked.opinion.confidence >= 0.7
    assert any(line in citation.quote for citation in checked.opinion.citations)


@pytest.mark.parametrize(
    ("times", "cause"), [(2, Cause.UNKNOWN), (3, Cause.CRASH_LOOP)], ids=["two lines are two", "three lines are three"]
)
def test_our_count_of_a_kind_is_not_one_more_line(times: int, cause: Cause) -> None:
    answer = written(*[(n * MINUTE, "FATAL Unhandled exception in worker") for n in range(times)])
    aws = FakeAws({"filter_log_events": answer, "get_metric_data": series([2.0, 2.0])})
    assert draft(looked_at(aws, crash_incident(), crash_alert(metric=None))).cause is cause
