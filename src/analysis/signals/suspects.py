"""Which node of the service map most likely started it?

The rule. Trouble is counted in what callers feel: seconds of latency beyond the usual times requests, and requests that failed
beyond the usual. Whatever a node's callees lost, the node lost too, so its own share is its excess less the excess of those it
calls; where nothing is left it only passes on. The root is the node with most of its own. There is no training, no correlation
and no name in it: what flows along the edges is conserved.

The usual of a node is the `usual` quantile of its history, latency with a `slack` on top, and never less than in the sample just
before the trouble. Only the excess of `in_a_row` periods one after another counts (a period without a figure neither makes nor
breaks a row), and only when it is worth a part of what the alarming node does anyway: `least_time` of the time it usually spends on
as many requests, `least_failed` of its requests. Where nothing passes these, nobody is suspected.

Ties fall to the greater excess, then to the name. Sums are exact, so that no order of a set or dict can show.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from statistics import median

Samples = Sequence[float | None]


class Kind(StrEnum):
    LATENCY = "latency"
    ERRORS = "errors"


@dataclass(frozen=True)
class Metrics:
    """One node over equal periods: seconds, failed share of requests (0 to 1), requests. None is a period without a figure.

    A node without any count of requests has one in each period.
    """

    latency: Samples = ()
    errors: Samples = ()
    requests: Samples = ()

    def of(self, kind: Kind) -> Samples:
        return self.latency if kind is Kind.LATENCY else self.errors

    def weights(self, periods: int) -> list[float]:
        return [count or 0.0 for count in self.requests][:periods] if self.requests else [1.0] * periods


@dataclass(frozen=True)
class Node:
    """What was usual (history, the latest sample last) and what is since the trouble began."""

    before: Metrics
    during: Metrics


@dataclass(frozen=True)
class Judgement:
    """The few figures of the rule. `history` is how many samples make a usual; a node with fewer is not judged."""

    usual: float = 0.95
    slack: float = 0.10
    in_a_row: int = 2
    least_time: float = 0.05
    least_failed: float = 0.001
    history: int = 30

    def least(self, kind: Kind) -> float:
        return self.least_time if kind is Kind.LATENCY else self.least_failed


@dataclass(frozen=True)
class Suspect:
    """`own` is the part of the excess that no callee accounts for; both in parts of what the alarming node does anyway."""

    node: str
    kind: Kind
    own: float
    excess: float


def availability(percent: Samples) -> list[float | None]:
    """The share of requests that failed, of an availability in percent."""
    return [None if value is None else min(1.0, max(0.0, 1 - value / 100)) for value in percent]


def suspects(
    calls: Mapping[str, Collection[str]],
    nodes: Mapping[str, Node],
    alarming: str,
    kind: Kind | None = None,
    judgement: Judgement | None = None,
) -> list[Suspect]:
    """The likely roots of what `alarming` shows, likeliest first, among it and all that it calls, directly or not.

    `kind` is what the alarm is about; none weighs both, each node by the one that it owns more of. Nothing wrong: an empty list.
    """
    rule = judgement or Judgement()
    near = {name: nodes[name] for name in reachable(calls, alarming) if name in nodes}
    found = dict[str, Suspect]()
    for one in Kind if kind is None else (kind,):
        for suspect in _of_one_kind(calls, near, alarming, one, rule):
            found[suspect.node] = min(found.get(suspect.node, suspect), suspect, key=_order)
    return sorted(found.values(), key=_order)


def reachable(calls: Mapping[str, Collection[str]], start: str) -> set[str]:
    """The start and everything it calls, directly or not; a ring of callers ends it as well as a leaf."""
    seen, ahead = {start}, [start]
    while ahead:
        fresh = set(calls.get(ahead.pop(), ())) - seen
        seen |= fresh
        ahead += fresh
    return seen


def _order(suspect: Suspect) -> tuple[float, float, str, str]:
    return (-suspect.own, -suspect.excess, suspect.node, suspect.kind)


def _of_one_kind(
    calls: Mapping[str, Collection[str]], near: Mapping[str, Node], alarming: str, kind: Kind, rule: Judgement
) -> Iterable[Suspect]:
    load = _load(near[alarming], kind) if alarming in near else 0.0
    load = load or max((_load(node, kind) for node in near.values()), default=0.0)
    if not load:
        return
    excess = {name: _excess(node, kind, rule) / load for name, node in near.items()}
    for name, mine in excess.items():
        if mine > 0 and mine >= rule.least(kind):
            passed_on = fsum(excess.get(callee, 0.0) for callee in set(calls.get(name, ())) - {name})
            yield Suspect(name, kind, round(mine - passed_on, 9), round(mine, 9))


def _load(node: Node, kind: Kind) -> float:
    """What the node does anyway while the trouble lasts: requests, or the seconds that so many usually take it."""
    requests = fsum(node.during.weights(len(node.during.of(kind))))
    if kind is Kind.ERRORS:
        return requests
    known = [value for value in node.before.latency if value is not None]
    return requests * median(known) if known else 0.0


def _excess(node: Node, kind: Kind, rule: Judgement) -> float:
    """Seconds, or failed requests, beyond the usual, in rows of periods that are long enough; 0 where no usual is known."""
    known = sorted(value for value in node.before.of(kind) if value is not None)
    samples = node.during.of(kind)
    if len(known) < max(rule.history, 1):
        return 0.0
    slack = 1 + rule.slack if kind is Kind.LATENCY else 1.0
    line = known[min(len(known) - 1, int(rule.usual * len(known)))] * slack
    line = max(line, node.before.of(kind)[-1] or 0.0)
    beyond = [
        max(0.0, value - line) * weight
        for value, weight in zip(samples, node.during.weights(len(samples)), strict=False)
        if value is not None and weight
    ]
    return fsum(_in_rows(beyond, rule.in_a_row))


def _in_rows(beyond: Sequence[float], least: int) -> Iterable[float]:
    """The positive figures that stand in a row of at least so many."""
    row: list[float] = []
    for value in [*beyond, 0.0]:
        if value > 0:
            row.append(value)
            continue
        if len(row) >= least:
            yield from row
        row = []
