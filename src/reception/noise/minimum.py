"""Has it come often enough to open an incident?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reception.noise.scopes import covers
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from watchkeeper.quiet import Minimum


@dataclass(frozen=True)
class Waiting:
    """Whether it is enough, what of the occurrences is still counted, and a sentence."""

    enough: bool
    occurrences: tuple[datetime, ...]
    says: str


def rule_for(alert: Alert, rules: Iterable["Minimum"]) -> "Minimum | None":
    """The first rule that speaks of this alert; none when one occurrence is enough."""
    return next((rule for rule in rules if covers(rule.scope, alert)), None)


def waited(before: tuple[datetime, ...], occurred_at: datetime, rule: "Minimum", times: int = 1) -> Waiting:
    """The waiting occurrences with `times` more; those further from the newest than the rule's time no longer count.

    Once it is enough nothing waits any more: the next time begins at nought.
    """
    known = sorted([*before, *[occurred_at.replace(microsecond=0)] * min(times, rule.count)])
    recent = tuple(moment for moment in known if known[-1] - moment < rule.within)[-rule.count :]
    of = f"{len(recent)} of {rule.count} within {rule.within.total_seconds() / 60:g} min"
    if len(recent) >= rule.count:
        return Waiting(enough=True, occurrences=(), says=f"Came {of}: enough to open an incident.")
    return Waiting(enough=False, occurrences=recent, says=f"Came {of}: not yet enough to open an incident.")
