"""Pays promises that a worker died on, asks again for every look whose time has passed, and wakes what was kept quiet until now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sweeper.wiring import Wiring
from watchkeeper.change import Owed
from watchkeeper.episodes import Episode
from watchkeeper.messages import AnalysisAsked, EpisodeDue, Message, look_again
from watchkeeper.models import Due, DueKind, Incident
from watchkeeper.telemetry import count, logger

T = TypeVar("T")
AT_MOST = 500


@dataclass
class Tally:
    """What one sweep came to."""

    settled: int = 0
    asked: int = 0
    woken: int = 0
    failed: int = 0


def sweep(wiring: Wiring) -> Tally:
    """One pass over what is owed, what is due and what wakes, a bounded part of each, oldest first.

    One that fails stays owed or due and stops none of the others. When a list itself cannot be read, the others are
    still swept, and then the fault is raised: a sweeper that sees nothing must not look like one with nothing to do.
    """
    tally, at, blind = Tally(), wiring.clock(), None
    for part in (_settle_owed, _ask_for_due, _wake):
        try:
            part(wiring, at, tally)
        except Exception as error:  # noqa: BLE001 - raised below, after the other lists had their turn
            blind = blind or error
    for name in ("settled", "asked", "woken", "failed"):
        count("Swept", getattr(tally, name), what=name)
    if blind:
        raise blind
    return tally


def _settle_owed(wiring: Wiring, at: datetime, tally: Tally) -> None:
    def settle(debt: Owed) -> None:
        wiring.publisher.settle([debt])
        tally.settled += 1

    for debt in wiring.incidents.owed_before(at, AT_MOST):
        _apart(settle, debt, debt.incident_id, tally)


def _ask_for_due(wiring: Wiring, at: datetime, tally: Tally) -> None:
    def ask(found: tuple[str, Due]) -> None:
        incident = wiring.incidents.load(found[0])
        if incident is None or incident.due is None or incident.due.at > at:
            return  # the index lags behind the table: this look was had, or put off
        wiring.outbox.send([question(incident, incident.due, at)])
        tally.asked += 1

    for found in wiring.incidents.due_before(at, AT_MOST):
        _apart(ask, found, found[0], tally)


def _wake(wiring: Wiring, at: datetime, tally: Tally) -> None:
    """A hold or a window is over: reception looks whether it still fires. It reads the episode itself, so asking twice is no fault."""

    def wake(episode: Episode) -> None:
        wiring.outbox.send([EpisodeDue(fingerprint=episode.fingerprint, at=episode.wakes_at or at)])
        tally.woken += 1

    for episode in wiring.incidents.waking_before(at, AT_MOST):
        _apart(wake, episode, episode.open_incident, tally)


def question(incident: Incident, due: Due, at: datetime) -> Message:
    """What is asked for when this look is due: the analysis once more, or a look by remediation."""
    if due.kind is DueKind.ANALYSIS:
        return AnalysisAsked(incident_id=incident.id, version=incident.version, trace_id=incident.trace_id)
    return look_again(incident.id, incident.group, f"due: {due.kind.value}", at).but(trace_id=incident.trace_id)


def _apart(do: Callable[[T], None], item: T, incident_id: str, tally: Tally) -> None:
    """Each for itself."""
    try:
        do(item)
    except Exception as error:  # noqa: BLE001 - counted and logged; the item stays owed or due, and the next sweep finds it
        tally.failed += 1
        logger.exception("one item could not be swept and stays where it is", extra={"incident_id": incident_id})
        count("SweepFailed", error=type(error).__name__)
