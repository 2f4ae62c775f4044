"""When it began, and what was changed just before: the first bad minute, and the changes in the hour that ends with it.

Signs of a beginning: a change of the alarm's metric, its first crossing of the alarm line, a change of a neighbour's metric, new
kinds of error lines. The earliest credible one is it. The alarm's own metric is believed, in the direction of its line. Among sixty
neighbours one changes by chance now and then, and a single strange line is soon written: a neighbour or a kind of error line is
believed where it is no more than a quarter of an hour older than what the metric itself says, or than the alarm where the metric
says nothing; one line alone only where there is no other sign. Lines:

    first bad minute: 2026-11-20T02:58:00Z, by a change of the alarm's metric
    also at 2026-11-20T02:59:00Z: new error lines
    change 7 min before: 2026-11-20T02:51:00Z ecs.amazonaws.com UpdateService by deployer {"service": "orders"}
    change 1 min after: deployment 2026-11-20T02:59:00Z: ...

A change line is the beginning of a line of another piece of evidence, letter by letter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.evidence.ask import Found, Nothing, stamp
from analysis.joins.join import Brought, Join
from watchkeeper.models import Resource

BEFORE = timedelta(minutes=60)
AFTER = timedelta(minutes=2)
CREDIBLE = timedelta(minutes=15)
MOST_SIGNS = 6
MOST_CHANGES = 10
LONGEST_QUOTE = 300

_AT = r"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
METRIC_CHANGE = re.compile(rf"change at {_AT}: (?P<direction>up|down) from ")
ALARM_LINE = re.compile(r"metric: .*; alarm line: (?P<side>Greater|Less)Than")
TOWARDS = {"Greater": ("up",), "Less": ("down",)}
CROSSING = re.compile(rf"first crossing at {_AT} with ")
NEIGHBOUR = re.compile(rf"neighbour change at {_AT}: (?P<what>.+) (?:up|down) from about ")
NEW_LINES = re.compile(rf"new: (?P<count>\d+) lines since {_AT} in (?P<group>\S+): ")
CHANGES = {
    "changes": re.compile(rf"{_AT} \S+ \w+ by "),  # a refused call has REFUSED before `by`, and changed nothing
    "deployments": re.compile(rf"(?:deployment|parameter changed) {_AT}: "),
    "github": re.compile(rf"pull request #\d+ merged {_AT} by "),
}


MERGED = re.compile(r"pull request #(?P<number>\d+) merged ")


@dataclass(frozen=True)
class Sign:
    """Something began at that minute. A `weak` one is believed where nothing else is."""

    at: datetime
    by: str
    own: bool = False
    weak: bool = False


@dataclass(frozen=True)
class Changed:
    """A change and its line in the evidence, no longer than a quotation may be."""

    at: datetime
    line: str


def join(brought: Brought) -> Found | Nothing:
    """The first bad minute and what was changed around it, nearest first; nothing where no minute can be told."""
    latest = max(brought.until or brought.fired_at, brought.fired_at) + AFTER
    credible = _credible([sign for sign in _signs(brought) if sign.at <= latest], brought.fired_at)
    if not credible:
        return Nothing("No metric and no error line tells when it began.")
    first = credible[0]
    others = [f"also at {stamp(sign.at)}: {sign.by}" for sign in credible[1:MOST_SIGNS]]
    near = [one for one in _changes(brought) if first.at - BEFORE <= one.at <= first.at + AFTER]
    near.sort(key=lambda one: (abs(first.at - one.at), one.at, one.line))
    lines = [f"change {_distance(first.at - one.at)}: {one.line}" for one in near[:MOST_CHANGES]]
    head = f"first bad minute: {stamp(first.at)}, by {first.by}"
    what = f"{len(near)} changes in the hour before it" if near else "no change is known in the hour before it"
    body = "\n".join([head, *others, *(lines or [what])])
    return Found(summary=f"{head}; {what}.", body=body, resources=_suspected(near, first, brought))


def _suspected(near: list[Changed], first: Sign, brought: Brought) -> tuple[Resource, ...]:
    """The pull request that was merged last before it began, as GitHub's API named it: the one that a revert would be of."""
    numbers = (match["number"] for one in near if one.at <= first.at and (match := MERGED.match(one.line)))
    number = next(numbers, None)
    pulls = [thing for thing in brought.resources if thing.type == "github:pull-request" and thing.id.endswith(f"#{number}")]
    return tuple(pulls) if len(pulls) == 1 else ()


def _signs(brought: Brought) -> Iterator[Sign]:
    line = next((match for text in brought.texts.get("metric", "").splitlines() if (match := ALARM_LINE.match(text))), None)
    towards = TOWARDS[line["side"]] if line else ("up", "down")
    for match in _matches(METRIC_CHANGE, brought, "metric"):
        if match["direction"] in towards:
            yield Sign(_time(match["at"]), "a change of the alarm's metric", own=True)
    for match in _matches(CROSSING, brought, "metric"):
        yield Sign(_time(match["at"]), "the first crossing of the alarm line", own=True)
    for match in _matches(NEIGHBOUR, brought, "neighbours"):
        yield Sign(_time(match["at"]), f"a change of {match['what']}")
    for match in _matches(NEW_LINES, brought, "logs"):
        yield Sign(_time(match["at"]), f"new error lines in {match['group']}", weak=int(match["count"]) == 1)


def _credible(signs: list[Sign], fired_at: datetime) -> list[Sign]:
    """In the order of time; of two at one time the metric's own first."""
    surely = min((sign.at for sign in signs if sign.own), default=fired_at)
    near = [sign for sign in signs if sign.own or sign.at >= surely - CREDIBLE]
    strong = [sign for sign in near if not sign.weak]
    return sorted(strong or near, key=lambda sign: (sign.at, not sign.own, sign.by))


def _changes(brought: Brought) -> Iterator[Changed]:
    for name, pattern in CHANGES.items():
        for match in _matches(pattern, brought, name):
            yield Changed(_time(match["at"]), match.string[:LONGEST_QUOTE])


def _matches(pattern: "re.Pattern[str]", brought: Brought, name: str) -> Iterator["re.Match[str]"]:
    """At the beginning of a line alone: what is indented was written by others. A date that is none is passed over."""
    for line in brought.texts.get(name, "").splitlines():
        match = pattern.match(line)
        if match and _is_a_time(match["at"]):
            yield match


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_a_time(text: str) -> bool:
    try:
        _time(text)
    except ValueError:
        return False
    return True


def _distance(between: timedelta) -> str:
    """In whole minutes, to the nearest."""
    minutes = round(abs(between).total_seconds() / 60)
    return f"{minutes} min {'after' if between < timedelta(0) else 'before'}"


JOIN = Join(
    name="onset",
    order=100,
    provenance="worked out from other evidence; what it quotes was written by whoever wrote it there",
    needs=(),
    asked="Which was the first bad minute, and what was changed just before it?",
    join=join,
)
