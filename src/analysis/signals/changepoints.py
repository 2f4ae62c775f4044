"""When did a metric start to do what it had never done?

The rule. A sample is news when it lies beyond everything seen since the last change of regime, by more than `margin` of the
reach: the distance from the median to the far extreme on that side. Extremes are their own season and their own noise: what a
nightly backup or a heavy tail does every day is in the memory already, so that it repeats in silence, while the first time that
it goes a third further is said. The same is asked of the median of the last `level` samples, against all such medians, so that a
lasting shift is heard that no single sample betrays.

Repeats keep silent for `quiet` samples after each change. When `settle` samples in a row lie outside of what was usual before
them, the series has a new regime: the memory starts afresh, and nothing is said until it holds `learn` samples again.

Every word depends on the past alone: the changes of a prefix are a prefix of the changes.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median

USUAL = 0.005  # the share at either end of the memory that does not count as usual
LEAST_SIDE = 0.1  # a side that has hardly moved yet still reaches a tenth of the whole range,
LEAST_REACH = 0.01  # and a flat series a hundredth of its median, so that rounding is no news
MOST_STRENGTH = 99.0


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


class Shape(StrEnum):
    VALUE = "value"
    LEVEL = "level"


@dataclass(frozen=True)
class Sensitivity:
    """All counts are samples. At five minutes these are a day to learn, a day of quiet, an hour of level, two hours to settle."""

    margin: float = 0.35
    learn: int = 288
    quiet: int = 288
    level: int = 12
    settle: int = 24


@dataclass(frozen=True)
class Change:
    """`started` is the first sample of the change, `seen` the one that told it. `strength` is how far beyond, in reaches."""

    started: datetime
    seen: datetime
    direction: Direction
    shape: Shape
    strength: float
    value: float


@dataclass
class _Memory:
    """What was seen in this regime, in order of size."""

    values: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    usual: deque[tuple[float, float]] = field(default_factory=deque)

    def learn(self, value: float, level: float | None, settle: int) -> None:
        insort(self.values, value)
        if level is not None:
            insort(self.levels, level)
        last = len(self.values) - 1
        self.usual.append((self.values[int(USUAL * last)], self.values[int((1 - USUAL) * last)]))
        if len(self.usual) > settle:
            self.usual.popleft()

    def reach(self, direction: Direction) -> float:
        low, middle, high = self.values[0], self.values[len(self.values) // 2], self.values[-1]
        side = high - middle if direction is Direction.UP else middle - low
        return max(side, LEAST_SIDE * (high - low), LEAST_REACH * abs(middle))

    def strength(self, shape: Shape, value: float | None, direction: Direction) -> float:
        """How far this lies beyond the extreme on that side, in reaches; negative within, and where nothing is known."""
        known = self.values if shape is Shape.VALUE else self.levels
        if value is None or not known:
            return -1.0
        beyond = value - known[-1] if direction is Direction.UP else known[0] - value
        reach = self.reach(direction)
        if beyond <= 0:
            return -1.0
        return min(beyond / reach, MOST_STRENGTH) if reach else MOST_STRENGTH

    def moved(self, tail: list[float], settle: int) -> bool:
        """Whether a whole tail lies on one side of what was usual before it began."""
        if len(self.usual) < settle or len(tail) < settle:
            return False
        low, high = self.usual[0]
        return min(tail) > high or max(tail) < low


def changes(points: Iterable[tuple[datetime, float]], sensitivity: Sensitivity | None = None) -> list[Change]:
    """Points in any order in, changes in the order of time out. Of two points at one time the later given counts; NaN is no point."""
    rule = sensitivity or Sensitivity()
    series = sorted({at: value for at, value in points if math.isfinite(value)}.items())
    memory, found, silent_until = _Memory(), list[Change](), 0
    for now, (_, value) in enumerate(series):
        window = series[max(0, now - rule.level + 1) : now + 1]
        whole = len(memory.values) + 1 >= rule.level  # half an hour is no hour, and one of two regimes is neither's
        level = median(value for _, value in window) if whole else None
        if len(memory.values) >= max(rule.learn, 1):
            change = _news(memory, window, level, rule.margin) if now >= silent_until else None
            if change:
                found.append(change)
                silent_until = now + rule.quiet + 1
            if memory.moved([v for _, v in series[now - rule.settle + 1 : now + 1]], rule.settle):
                memory = _Memory()
                continue
        memory.learn(value, level, rule.settle)
    return found


def _news(memory: _Memory, window: list[tuple[datetime, float]], level: float | None, margin: float) -> Change | None:
    """The last sample itself before the level that it is part of; up before down, though only one of them can hold."""
    seen, value = window[-1]
    for shape, measure in ((Shape.VALUE, value), (Shape.LEVEL, level)):
        for direction in Direction:
            strength = memory.strength(shape, measure, direction)
            if strength > margin:
                started = seen if shape is Shape.VALUE else _first_beyond(memory, window, direction)
                return Change(started, seen, direction, shape, round(strength, 3), value)
    return None


def _first_beyond(memory: _Memory, window: list[tuple[datetime, float]], direction: Direction) -> datetime:
    """The first sample of the window beyond every level known so far: the median that is news has one at the least."""
    if direction is Direction.UP:
        return next(at for at, value in window if value > memory.levels[-1])
    return next(at for at, value in window if value < memory.levels[0])
