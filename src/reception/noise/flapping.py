"""Does it flap? What flaps is held, told once, and released when it has been quiet for long enough."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from watchkeeper.episodes import Episode
from watchkeeper.models import Alert, AlertKind

if TYPE_CHECKING:
    from watchkeeper.quiet import Flapping

MOST_TRANSITIONS = 20


class Flap(StrEnum):
    """STEADY: nothing to hold. HOLD: from now on, and say so once. HELD: go on holding, silently. RELEASE: the hold is over."""

    STEADY = "steady"
    HOLD = "hold"
    HELD = "held"
    RELEASE = "release"


@dataclass(frozen=True)
class Flapped:
    """The answer, with the episode as it is after it, and a sentence where people are to be told."""

    flap: Flap
    episode: Episode
    says: str = ""


def heard(episode: Episode, alert: Alert) -> Episode:
    """The episode that knows what the alert says of its state. Older news than the last, and information, change nothing."""
    firing = alert.kind is AlertKind.FIRING
    if alert.kind is AlertKind.INFO or (episode.heard_at and alert.occurred_at < episode.heard_at):
        return episode
    switched = firing is not episode.still_firing and (episode.heard_at is not None or firing)
    moment = alert.occurred_at.replace(microsecond=0)
    return episode.model_copy(
        update={
            "still_firing": firing,
            "heard_at": alert.occurred_at,
            "transitions": (*episode.transitions, moment)[-MOST_TRANSITIONS:] if switched else episode.transitions,
        }
    )


def flapping(before: Episode, after: Episode, at: datetime, rule: "Flapping") -> Flapped:
    """What an alert means for the hold; `before` and `after` are the episode around `heard`.

    A switch while it is held holds it for longer. The hold ends by time alone: with the first alert after it, or when
    somebody looks (`released`).
    """
    if before.held_until and at >= before.held_until:
        return released(after, at, rule)
    switched = after.transitions != before.transitions
    until = max(at, after.heard_at or at) + rule.quiet_for
    if before.held_until:
        held = {"held_count": after.held_count + 1, "held_until": max(until, before.held_until) if switched else before.held_until}
        return Flapped(Flap.HELD, after.model_copy(update=held))
    recent = switches(after, rule)
    if not switched or recent < rule.transitions:
        return Flapped(Flap.STEADY, after)
    says = f"It flaps: {recent} switches within {_minutes(rule.within)}. Held until it has been quiet for {_minutes(rule.quiet_for)}."
    return Flapped(Flap.HOLD, after.model_copy(update={"held_until": until, "held_count": 0}), says)


def released(episode: Episode, at: datetime, rule: "Flapping") -> Flapped:
    """The hold is over, if its time has come: what it held is told, and it starts anew, without the old switches."""
    if not episode.held_until or at < episode.held_until:
        return Flapped(Flap.HELD if episode.held_until else Flap.STEADY, episode)
    state = "still fires" if episode.still_firing else "is resolved"
    more = f"{episode.held_count} more alert{'' if episode.held_count == 1 else 's'} came while it flapped"
    says = f"Quiet for {_minutes(rule.quiet_for)} and {state}; {more}."
    free = {"held_until": None, "held_count": 0, "transitions": ()}
    return Flapped(Flap.RELEASE, episode.model_copy(update=free), says)


def switches(episode: Episode, rule: "Flapping") -> int:
    """How often it switched within the rule's time, up to its latest switch."""
    if not episode.transitions:
        return 0
    since = max(episode.transitions) - rule.within
    return sum(moment > since for moment in episode.transitions)


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} min"
