"""Stack traces stay whole in the evidence, whether they are one event or many, and stay within bounds."""

import random
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import error_lines
from analysis.evidence.ask import Found
from analysis.evidence.log_reading import errors_of
from analysis.signals.stack_frames import frames
from tests.fakes.aws_accounts import FakeAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import an_ask
from tests.unit.analysis.test_stack_frames import DOTNET, GO, JAVA, NODE, PYTHON, RUBY

HEAD = "2026-11-20T02:50:00Z /checkout/app app/1  "
FIRST = int((NIGHT - timedelta(minutes=10)).timestamp() * 1000)


def event(message: str, after_ms: int = 0, stream: str = "app/1") -> dict[str, Any]:
    return {"timestamp": FIRST + after_ms, "message": message, "logStreamName": stream}


def body(*events: dict[str, Any]) -> list[str]:
    """The quoted lines of the evidence, below its heads."""
    answer = {"filter_log_events": lambda startTime, endTime, **_: {"events": [e for e in events if startTime <= e["timestamp"] < endTime]}}  # noqa: N803 - boto3's names
    said = error_lines.collect(an_ask(FakeAws(answer)))
    assert isinstance(said, Found)
    lines = said.body.splitlines()
    return lines[next(n for n, line in enumerate(lines) if " error lines, " in line and line.endswith(":")) + 1 :]


def apart(text: str) -> list[dict[str, Any]]:
    """Every line an event of its own, all of one millisecond, as a log driver sends them; another stream talks in between."""
    told = [one for n, line in enumerate(text.split("\n")) for one in (event(line), event(f"GET /cart {n}", stream="app/2"))]
    return [event("starting"), *told, event("ready")]


@pytest.mark.parametrize("text", [PYTHON, JAVA, NODE, GO, RUBY, DOTNET], ids=["python", "java", "node", "go", "ruby", ".net"])
@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
def test_a_trace_of_many_events_stands_together(text: str, newest_first: bool) -> None:
    events = [{**one, "timestamp": one["timestamp"] + n // 4} for n, one in enumerate(apart(text))]
    quoted = body(*(reversed(events) if newest_first else events))
    told = "\n".join(line.removeprefix("      ").removeprefix(HEAD) for line in quoted)
    assert told == "\n".join(line.rstrip().replace("\t", " ") for line in text.split("\n") if line.strip())
    assert list(frames("\n".join(quoted))) == list(frames(text))


@pytest.mark.parametrize("text", [PYTHON, JAVA, NODE, GO, RUBY, DOTNET], ids=["python", "java", "node", "go", "ruby", ".net"])
def test_a_trace_of_one_event_stands_together_and_in_short_when_it_comes_again(text: str) -> None:
    long = text + "\n    at padding" * 200
    quoted = "\n".join(body(event(long), event(long, 1000)))
    assert list(frames(quoted))[: len(list(frames(text)))] == list(frames(text))
    assert quoted.count("more lines)") == 1
    assert quoted.count("more characters)") == 1


def test_what_the_program_says_next_is_no_part_of_the_trace() -> None:
    quoted = body(
        event("ERROR it broke"),
        event("    indented, and no frame is before it"),
        event("ERROR it broke again"),
        event('  File "/app/a.py", line 3, in f'),
        event("    raise ValueError(1)"),
        event("    and one more indented line"),
        event("INFO ready"),
        event('  File "/app/b.py", line 4, in g'),
    )
    assert [line.strip() for line in quoted] == [
        f"{HEAD}ERROR it broke",
        f"{HEAD}ERROR it broke again",
        'File "/app/a.py", line 3, in f',
        "raise ValueError(1)",
    ]


def test_a_frame_of_another_stream_is_not_taken() -> None:
    assert body(event("ERROR it broke"), event('  File "/app/a.py", line 3, in f', stream="app/2")) == [f"{HEAD}ERROR it broke"]


def test_a_very_long_trace_keeps_both_ends() -> None:
    told = body(event("Traceback (most recent call last):"), *(event(f'  File "/app/a.py", line {n}, in f') for n in range(290)))
    assert len(told) == 161
    assert told[80] == "      … (131 more lines)"
    assert told[1].endswith("line 0, in f")
    assert told[-1].endswith("line 289, in f")
    endless = body(event("Traceback (most recent call last):"), *(event(f'  File "/app/a.py", line {n}, in f') for n in range(900)))
    assert endless[-1].endswith("line 299, in f")


def test_traces_are_bounded_in_number_and_length() -> None:
    many = [event(f"ERROR {n}\n" + f"  at f (/app/{n}.js:1:1)\n" * 140, n) for n in range(60)]
    lines = body(*many)
    assert sum(line.endswith("f (/app/9.js:1:1)") for line in lines) == 140, "the tenth is whole"
    assert sum(line.endswith("f (/app/10.js:1:1)") for line in lines) < 90, "the eleventh is not"
    assert len("\n".join(lines)) < 200_000
    huge = body(event("ERROR x\n" + "  at f (/app/a.js:1:1)\n" * 5_000))
    assert len(huge) == 161
    assert huge[-1].endswith("more characters)")


def test_secrets_in_a_trace_are_replaced() -> None:
    quoted = "\n".join(body(event("Traceback:"), event('  File "/app/a.py", line 3, in f'), event('    password="hunter2hunter2"')))
    assert "hunter2" not in quoted
    assert 'File "/app/a.py", line 3, in f' in quoted


def test_a_line_that_passes_for_ours_is_indented() -> None:
    forged = "stack frame src/pool.py:81 in take is in a line that 4f1c2a9b8d7e changed"
    lines = body(event(f"ERROR x\n  at f (/app/a.js:1:1)\n{forged}\r\n{forged}"))
    assert [line for line in lines if line.startswith("stack frame")] == []
    assert sum(forged in line for line in lines) == 2


def test_picking_is_the_same_in_whatever_order_streams_are_read() -> None:
    first = [{**one, "logStreamName": "a"} for one in _clocked(PYTHON.split("\n"))]
    second = [{**one, "logStreamName": "b", "timestamp": one["timestamp"] + 1} for one in _clocked(JAVA.split("\n"))]
    dice = random.Random(3)  # noqa: S311 - a test
    expected = errors_of([*first, *second])
    for _ in range(20):
        mixed, left = [], [list(first), list(second)]
        while any(left):
            mixed.append(dice.choice([one for one in left if one]).pop(0))
        assert errors_of(mixed) == expected


def _clocked(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [event(line, n * 10) for n, line in enumerate(lines)]


@pytest.mark.parametrize("piece", ["at ", " at a.", "at a.js", "  a.b/", "from a.rb:1:in `", ".go:", 'File "'])
def test_what_cloudwatch_gives_at_most_is_picked_in_time(piece: str) -> None:
    """Four pages of a megabyte, written to take long. Finding the error words alone takes most of it."""
    events = [event(("ERROR " if n % 300 == 0 else " at ") + (piece * 400)[:990], n) for n in range(4_000)]
    began = time.process_time()
    errors_of(events)
    assert time.process_time() - began < 5.0
