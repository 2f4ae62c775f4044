"""What a program wrote is found again whatever it filled in, in any order; what is news is told apart from noise."""

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analysis.signals.templates import Kind, Line, mine, news, tokens_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
ROOT = Path(__file__).parents[3]


def timed(*texts: str) -> list[Line]:
    return [(NOON + n * SECOND, text) for n, text in enumerate(texts)]


def texts(*lines: str) -> list[str]:
    return [template.text for template in mine(timed(*lines))]


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("order 42 took 1.5s", "order <*> took <*>"),
        ("user=42, ip=10.0.0.1:80", "user=<*>, ip=<*>"),
        ("at 2026-11-20T03:00:00Z [0c9f4b1e-6f7a-4b54-9f4b-6c1d2e3f4a5b]", "at <*> [<*>]"),
        ("took 1 2 3 steps", "took <*> steps"),
        ("login [secret:0a1b2c3d] failed", "login <*> failed"),
        ('{"level":"error","msg":"job 7 failed","id":"x"}', "error job <*> failed"),
        ('{"b":1,"a":2}', "a b"),
        ("{not json 5", "{not json <*>"),
        ("ValueError: no 5\n  at f (x.py:3)\n  at g", "ValueError: no <*>"),
        ("", ""),
    ],
)
def test_obvious_values_are_masked(line: str, masked: str) -> None:
    assert " ".join(tokens_of(line)) == masked


def test_many_fillers_are_a_value_and_few_are_messages() -> None:
    assert texts("door opened", "door closed") == ["door closed", "door opened"]
    assert texts(*(f"login of {name} failed" for name in ("ada", "grace", "kay", "alan", "edsger"))) == ["login of <*> failed"]
    assert texts("worker db.internal is online", "worker web.internal is online") == ["worker <*> is online"]
    assert texts("session user=ada begins", "session user=grace begins") == ["session user=<*> begins"]


def test_what_begins_otherwise_is_another_message() -> None:
    names = ("cupsd", "klogd", "syslogd", "crond", "sshd", "ntpd")
    assert len(texts(*(f"{name} startup succeeded" for name in names))) == len(names)
    assert texts("eu.internal went away", "us.internal went away") == ["<*> went away"]


def test_long_messages_that_differ_in_few_tokens_are_one() -> None:
    """One token apart was judged by how many fill it; two or more apart are judged by how much is equal."""
    one, other = "could not reach the broker at home after waiting", "could not reach the broker near work after waiting"
    assert texts(one, other) == ["could not reach the broker <*> <*> after waiting"]
    assert len(texts("virtual machine state is now started for tenant", "virtual machine state is now stopped for tenant")) == 2


def test_a_template_knows_how_often_when_and_for_example() -> None:
    (template,) = mine(timed("job 1 done", "job 2 done", "job 3 done", "job 4 done"))
    assert (template.count, template.first, template.last) == (4, NOON, NOON + 3 * SECOND)
    assert template.examples == ("job 1 done", "job 2 done", "job 3 done")


def test_an_example_keeps_its_stack_trace_whole() -> None:
    trace = "ValueError: no 5\n  at f (x.py:3)\n  at g (y.py:4)"
    assert mine(timed(trace))[0].examples == (trace,)


def a_mixture() -> list[Line]:
    chance = random.Random(7)  # noqa: S311 - the same lines every time
    said = ("order {} placed", "user u{} logged in", "cache {} evicted by {}", "worker {}.internal is gone", "state is up", "state is down")
    return timed(*(chance.choice(said).format(chance.randint(1, 99), chance.choice("abcdefg")) for _ in range(400)))


def test_the_order_of_lines_changes_nothing() -> None:
    lines = a_mixture()
    shuffled = random.Random(1).sample(lines, len(lines))  # noqa: S311 - an order to test with, and the same each time
    assert mine(lines) == mine(lines[::-1]) == mine(shuffled)
    assert sum(template.count for template in mine(lines)) == len(lines)


def test_the_hash_seed_changes_nothing() -> None:
    script = "from tests.unit.analysis.test_templates import a_mixture, mine; print(mine(a_mixture()))"
    path = f"{ROOT}:{ROOT / 'src'}:{ROOT / 'layers/shared'}"
    said = []
    for seed in ("1", "2"):
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": path}
        command = [sys.executable, "-c", script]
        said.append(subprocess.run(command, env=env, capture_output=True, text=True, check=True))  # noqa: S603 - our own interpreter
    assert said[0].stdout == said[1].stdout != ""


def test_nothing_gives_nothing() -> None:
    assert mine([]) == []
    assert news([], [], HOUR, HOUR) == []


def test_news_is_what_was_never_said_and_what_is_said_far_more() -> None:
    """An hour's baseline against ten minutes: three lines a minute go on, one template comes new, one rises tenfold."""
    baseline = [(NOON + n * 20 * SECOND, f"served page {n}") for n in range(180)] + [
        (NOON + n * 10 * MINUTE, f"retry {n} of db") for n in range(6)
    ]
    later = NOON + HOUR
    window = [(later + n * 20 * SECOND, f"served page {n}") for n in range(30)]
    window += [(later + n * SECOND, f"retry {n} of db") for n in range(10)]
    window += [(later + n * SECOND, f"connection pool {n} exhausted") for n in range(2)]
    found = news(window, baseline, 10 * MINUTE, HOUR)
    assert [(one.kind, one.template.text, one.template.count, one.expected) for one in found] == [
        (Kind.NEW, "connection pool <*> exhausted", 2, 0.0),
        (Kind.MORE, "retry <*> of db", 10, 1.0),
    ]
    assert found[0].template.examples == ("connection pool 0 exhausted", "connection pool 1 exhausted")


@pytest.mark.parametrize(
    ("now", "before", "is_news"),
    [(1, 1, False), (3, 6, False), (4, 6, False), (10, 6, True), (25, 60, False), (30, 60, True), (60, 60, True)],
)
def test_chance_is_no_news(now: int, before: int, is_news: bool) -> None:
    window = [(NOON + HOUR + n * SECOND, f"retry {n}") for n in range(now)]
    baseline = [(NOON + n * SECOND, f"retry {n}") for n in range(before)]
    assert bool(news(window, baseline, 10 * MINUTE, HOUR)) is is_news
