"""Is it the same as then? What an earlier incident cited is looked for in the evidence of today."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from analysis.evidence.ask import Found, Nothing
from analysis.joins.join import Brought, Join
from analysis.memory import alike

HEAD = re.compile(r"^past incident (?P<id>\S+): \S+, cause (?P<cause>\w+) \(\d+ ?%\), (?P<fixed>.+), strength (?P<worth>[\d.]+)$")
TRUE_CAUSE = re.compile(r"^people said: right, true cause (?P<cause>\w+)")
CITED = re.compile(r"^cited then, (?P<collector>[\w-]+): (?P<quote>.{8,})$")
WORTH_RECALLING = 0.2


@dataclass
class _Then:
    """One earlier incident as the evidence tells it."""

    id: str
    cause: str
    fixed: str
    worth: float
    quotes: list[tuple[str, str]] = field(default_factory=list)


def join(brought: Brought) -> Found | Nothing:
    """`recalled INC-…: 3 of 4 lines that it cited are there again, cause crash_loop, fixed by ecs-redeploy, strength 0.5`,
    the strongest first. One of which nothing is there again is not recalled."""
    found = [line for then in _told(brought.texts["past"]) if (line := _again(then, brought))]
    if not found:
        return Nothing("No earlier incident is seen again in the evidence of today.")
    found.sort(key=lambda pair: (-pair[0], pair[1]))
    return Found(summary=found[0][1], body="\n".join(line for _, line in found))


def _told(text: str) -> Iterator[_Then]:
    then: _Then | None = None
    for line in text.splitlines():
        if head := HEAD.match(line):
            if then:
                yield then
            then = _Then(head["id"], head["cause"], head["fixed"], float(head["worth"]))
        elif then and (cited := CITED.match(line)):
            then.quotes.append((cited["collector"], cited["quote"]))
        elif then and (true := TRUE_CAUSE.match(line)):
            then.cause = true["cause"]
    if then:
        yield then


def _again(then: _Then, brought: Brought) -> tuple[float, str] | None:
    there = sum(1 for collector, quote in then.quotes if alike(quote, brought.texts.get(collector, "")))
    worth = round(then.worth * there / len(then.quotes), 2) if then.quotes else 0.0
    if worth < WORTH_RECALLING:
        return None
    counted = f"{there} of {len(then.quotes)} lines that it cited are there again"
    return worth, f"recalled {then.id}: {counted}, cause {then.cause}, {then.fixed}, strength {worth:g}"


JOIN = Join(
    name="recalled",
    order=120,
    provenance="Watchkeeper's own record of earlier incidents, looked up in the evidence of today",
    needs=("past",),
    asked="Is it the same as an earlier incident?",
    join=join,
)
