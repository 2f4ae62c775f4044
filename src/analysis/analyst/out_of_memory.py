"""Killed for using more memory than there is. Replacing the task would only start the same climb again."""

import re

from analysis.analyst.crash_signs import crash_signs, written
from analysis.analyst.rule import Finding, Rule, few
from analysis.case import Case
from watchkeeper.models import Cause

KILLED = re.compile(r"^stopped (?:task|container) .*(?:OutOfMemory|exit code 137\b|memory usage)", re.IGNORECASE)
LOGGED = re.compile(r"OutOfMemory|out of memory|oom-?kill|cannot allocate memory|heap limit|MemoryError", re.IGNORECASE)


def look(case: Case) -> Finding | None:
    """0.85 when AWS says that tasks were killed for it, 0.75 for log lines beside a measured crash, 0.6 for log lines alone."""
    killed = case.lines("ecs", KILLED)
    logged = written(case, LOGGED)
    if not killed and not logged:
        return None
    signs = crash_signs(case)
    confidence = 0.85 if killed else (0.75 if signs.kinds else 0.6)
    seen = few(killed, logged, signs.too_few)
    return Finding(confidence, "Tasks are killed because they use more memory than they are given.", seen)


RULE = Rule(
    cause=Cause.OUT_OF_MEMORY,
    look=look,
    outranks=frozenset({Cause.CRASH_LOOP, Cause.ERROR_BURST}),
    sample={
        "ecs": "ecs:service shop/storefront: status ACTIVE, desired 2, running 1, pending 0\n"
        "stopped task 4f2a at 2026-11-20T02:58:00Z: Essential container in task exited\n"
        "stopped container web of 4f2a: exit code 137: OutOfMemoryError: Container killed due to memory usage",
    },
    impact="Each task that is killed drops the requests that it was working on.",
    steps=(
        "Compare the memory that the tasks use with their limit, and since when it climbs.",
        "If it climbs since a change, revert the change; if it follows traffic, raise the limit or add tasks.",
        "Do not just replace the tasks: they would climb again.",
    ),
    prevention=("Alarm on memory at 80 % of the limit, and test for leaks under load.",),
    plain_words="The programs behind this service need more memory than they have and are stopped for it.",
)
