"""What changed in the alarm's window, against all that was read from before it: pure, in lines for the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from analysis.evidence.ask import figure, stamp
from analysis.signals.changepoints import Change, Sensitivity, Shape, changes

LEAST_LEARNT, MOST_LEARNT = 12, 288
LEARNT_SHARE = 4  # a quarter of the past is learnt again after a change of regime; more, and the window itself would be missed
LONG_PAST = 250
BEFORE_IT = 30
MOST_TOLD = 3

Points = Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Told:
    """One change: when it began, and from what to what."""

    at: datetime
    says: str

    @property
    def clause(self) -> str:
        return f"{stamp(self.at)}: {self.says}"


@dataclass(frozen=True)
class Changed:
    """`lines` are for the body, at least one; `first` is a clause for the summary, empty where nothing changed."""

    lines: tuple[str, ...]
    told: tuple[Told, ...] = ()

    @property
    def first(self) -> str:
        return self.told[0].clause if self.told else ""


def changed(points: Points, start: datetime) -> Changed:
    """The changes that were seen from `start` on. `points` are in the order of time and may begin long before."""
    past = [value for at, value in points if at < start]
    rule = sensitivity(len(past))
    if len(points) <= rule.learn:
        return Changed((f"no change can be told: {len(points)} points are too few to know what is usual",))
    seen = [change for change in changes(points, rule) if change.seen >= start][:MOST_TOLD]
    if not seen:
        known = f"the {len(past)} points since {stamp(points[0][0])}" if past else "its own beginning"
        return Changed((f"no change: nothing in this window is news against {known}",))
    told = tuple(_told(change, points) for change in seen)
    return Changed(tuple(f"change at {one.clause}" for one in told), told)


def sensitivity(past: int) -> Sensitivity:
    """The detector's own hours are made for weeks; here they follow from how many samples of the past there are.

    A short past has seen few extremes, so a sample must go as far again beyond them, not a third.
    """
    learn = min(MOST_LEARNT, max(LEAST_LEARNT, past // LEARNT_SHARE))
    if past < LONG_PAST:
        return Sensitivity(margin=1.0, learn=learn, quiet=5, level=5, settle=10)
    return Sensitivity(learn=learn, quiet=12, level=12, settle=24)


def _told(change: Change, points: Points) -> Told:
    """A level is told by its median since it began, a single value as it was."""
    before = [value for at, value in points if at < change.started][-BEFORE_IT:]
    since = [value for at, value in points if change.started <= at <= change.seen]
    now = f"about {figure(median(since))}" if change.shape is Shape.LEVEL else figure(change.value)
    return Told(change.started, f"{change.direction} from about {figure(median(before))} to {now}")
