"""Killed for using more memory than there is. Replacing the task would only start the same climb again."""

import re

from analysis.analyst.crash_signs import crash_signs
from analysis.analyst.rule import Finding, Rule, cite
from analysis.analyst.series import Series, series
from analysis.analyst.written import written
from analysis.lines import Hit, ReadCase, Words
from watchkeeper.models import Cause

SAID = re.compile(r"stopped (?:task|container) .*(?:OutOfMemory|memory usage)", re.IGNORECASE)
KILLED = re.compile(
    r"stopped (?:task|container) (?:\S+ of )?(?P<task>[^\s:]+).*(?:OutOfMemory|exit code 137\b|memory usage)", re.IGNORECASE
)
BLAMED = re.compile(
    r"stack frame (?P<path>\S+):(?P<line>\d{1,7}) in (?P<function>\S+) is in a line that (?P<commit>[0-9a-f]{7,40}) changed"
    r"(?: \((?P<request>pull request #\d{1,9})\))?"
)
LOGGED = Words(
    needles=(
        "outofmemory", "out of memory", "oom-kill", "oomkill", "cannot allocate memory", "heap limit", "memoryerror",
        "error: signal: killed",
    ),
    pattern=re.compile(
        r"OutOfMemory|out of memory|oom-?kill|cannot allocate memory|heap limit|MemoryError|error: signal: killed", re.IGNORECASE
    ),
)  # fmt: skip  # the words are read together
FULL, PLENTY = 95.0, 60.0
IN_WORDS = {1: "one was", 2: "two were", 3: "three were", 4: "four were", 5: "five were", 6: "six were", 7: "seven were", 8: "eight were"}


def look(case: ReadCase) -> Finding | None:
    """0.85 when AWS says that tasks were killed for it, 0.05 more when the stack trace lies in a line that was just changed;
    0.8 for log lines beside memory measured to be full, 0.75 beside a measured crash, 0.6 for log lines alone.
    Where memory was measured and there was plenty, exit code 137 alone is worth 0.6 and log lines 0.4."""
    killed, said, logged = case.hits("ecs", KILLED), case.hits("ecs", SAID), written(case, LOGGED)
    if not killed and not logged:
        return None
    signs, memory = crash_signs(case), next(iter(series(case, "MemoryUtilization", "mem_used_percent")), None)
    blamed = case.hits("blame", BLAMED)
    plenty = memory is not None and memory.high < PLENTY and not said
    confidence = _killed(blamed, plenty=plenty) if killed else _logged(memory, crashed=bool(signs.kinds))
    seen = cite((*blamed[:1], *(memory.facts if memory else ())), _one_of_each(killed), logged, signs.too_few, [] if killed else signs.died)
    against = ("its memory was measured and there was plenty",) if plenty else ()
    return Finding(confidence, _sentence(killed, blamed), seen, against)


def _killed(blamed: list[Hit], *, plenty: bool) -> float:
    if plenty:
        return 0.6
    return 0.9 if blamed else 0.85


def _logged(memory: Series | None, *, crashed: bool) -> float:
    if memory and memory.high < PLENTY:
        return 0.4
    if memory and memory.high >= FULL:
        return 0.8
    return 0.75 if crashed else 0.6


def _one_of_each(killed: list[Hit]) -> list[Hit]:
    """One line for each task: its own line and its container's say the same."""
    return list({hit["task"]: hit for hit in killed}.values())


def _sentence(killed: list[Hit], blamed: list[Hit]) -> str:
    times = len(_one_of_each(killed))
    counted = f" ({IN_WORDS.get(times, 'many were')} killed)" if times > 1 else ""
    base = f"Tasks are killed because they use more memory than they are given{counted}."
    if not blamed:
        return base
    frame = blamed[0]
    request = f" of {frame['request']}" if frame["request"] else ""
    place = f"{frame['path']}:{frame['line']} in {frame['function']}"
    return f"{base} The stack trace points at {place}, a line that commit {frame['commit']}{request} changed."


RULE = Rule(
    cause=Cause.OUT_OF_MEMORY,
    look=look,
    outranks=frozenset({Cause.CRASH_LOOP, Cause.ERROR_BURST}),
    sample={
        "ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 1, pending 0\n"
        "stopped task 4f2a at 2026-11-20T02:58:00Z: Essential container in task exited\n"
        "stopped container web of 4f2a: exit code 137: OutOfMemoryError: Container killed due to memory usage",
    },
    more_samples=(
        {
            "ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 1, pending 1\n"
            + "\n".join(f"stopped container web of 4f2{n}: exit code 137: OutOfMemoryError: Container killed" for n in "abc"),
            "blame": "stack frame src/cart/cache.py:88 in remember is in a line that 4be1a09c77d2 changed (pull request #482)",
        },
    ),
    impact="Each task that is killed drops the requests that it was working on.",
    steps=(
        "Compare the memory that the tasks use with their limit, and since when it climbs.",
        "If it climbs since a change, revert the change; if it follows traffic, raise the limit or add tasks.",
        "Do not just replace the tasks: they would climb again.",
    ),
    prevention=("Alarm on memory at 80 % of the limit, and test for leaks under load.",),
    plain_words="The programs behind this service need more memory than they have and are stopped for it.",
)
