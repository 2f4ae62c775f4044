"""Which error lines are news against the hour before: pure, in lines for the evidence. Every line is redacted before it comes here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from analysis.evidence.ask import stamp
from analysis.signals.templates import Kind, Line, News, mine, news

MOST_TOLD = 10
LONGEST_TEMPLATE = 300
LONGEST_IN_SUMMARY = 120
LEAST_LASTED = timedelta(seconds=1)


@dataclass(frozen=True)
class Stretch:
    """The error lines of one log group over a stretch of time, and how many lines were read to find them."""

    errors: Sequence[Line]
    lasted: timedelta
    read: int


@dataclass(frozen=True)
class Told:
    """`lines` for the body; a sentence for the summary or nothing; one raw line of each kind, to stand among the quoted ones."""

    lines: tuple[str, ...]
    summary: str = ""
    examples: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def told(now: dict[str, Stretch], before: dict[str, Stretch]) -> Told:
    """By log group: new kinds of line first, then those that became more frequent, then how many are as they were."""
    found = [(group, one) for group, stretch in now.items() for one in _news(stretch, before[group])]
    found.sort(key=lambda pair: (pair[1].kind is Kind.MORE, -pair[1].template.count, pair[0], pair[1].template.text))
    errors, seen = sum(len(one.errors) for one in now.values()), sum(one.template.count for _, one in found)
    new = sum(one.kind is Kind.NEW for _, one in found)
    kinds = f"{new} kinds of error line are new, {len(found) - new} more frequent"
    head = f"against {_span(before)} before: {kinds}; of {errors} lines compared, {errors - seen} are as usual"
    shown = found[:MOST_TOLD]
    summary = f"{shown[0][1].kind.value.capitalize()}: {_short(shown[0][1].template.text, LONGEST_IN_SUMMARY)}." if shown else ""
    return Told((head, *(_line(group, one) for group, one in shown)), summary, _examples(shown))


def counted(now: dict[str, Stretch], why: str) -> Told:
    """The kinds of error line by how many there are, where there is nothing to compare them with."""
    found = [(group, template) for group, stretch in now.items() for template in mine(stretch.errors)]
    found.sort(key=lambda pair: (-pair[1].count, pair[0], pair[1].text))
    kinds = tuple(f"kind: {one.count} lines in {group}: {_short(one.text)}" for group, one in found[:MOST_TOLD])
    return Told((f"{len(found)} kinds of error line; whether they are new is not known: {why}", *kinds))


def _news(now: Stretch, before: Stretch) -> list[News]:
    """A kind is new only where the stretch before is long enough to have held one at today's rate."""
    lasted, baseline = max(now.lasted, LEAST_LASTED), max(before.lasted, LEAST_LASTED)
    found = news(now.errors, before.errors, lasted, baseline)
    return [one for one in found if one.kind is Kind.MORE or one.template.count * baseline >= lasted]


def _span(before: dict[str, Stretch]) -> str:
    """What was read of the time before; the shortest stretch where groups differ."""
    minutes = round(min(one.lasted for one in before.values()).total_seconds() / 60)
    return f"{sum(one.read for one in before.values())} lines of the {minutes} minutes"


def _line(group: str, one: News) -> str:
    expected = "" if one.kind is Kind.NEW else f", {one.expected:g} expected"
    template = one.template
    return f"{one.kind.value}: {template.count} lines{expected} since {stamp(template.first)} in {group}: {_short(template.text)}"


def _examples(shown: Sequence[tuple[str, News]]) -> frozenset[tuple[str, str]]:
    return frozenset((group, example) for group, one in shown for example in one.template.examples[:1])


def _short(text: str, most: int = LONGEST_TEMPLATE) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
