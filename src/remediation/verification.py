"""Did it help? The alarm that fired says so, and nobody else.

The rule: it is proof when the alarm turned OK after the action was started and has held OK since the action ended for
as many of its periods as the order asks. An alarm that turned OK before the action was started and holds OK proves
nothing for the action, yet the trouble is over: the incident resolves as cleared by itself and the verification is
recorded as not passed. An alarm that no longer exists proves nothing and goes to a person. Whatever is not OK when the
time is up goes to a person. An OK that is still being held when the time is up is waited out, because it ends by itself.

The action's named checks have to hold as well: an alarm that is OK while the tasks do not run is no proof.

An incident without a CloudWatch alarm is judged by its source's resolved alert, which is one signal and need not hold.

What else joined the incident has to clear too: an incident is not over while one of its alarms fires, whatever its own
alarm says. Reception wakes us when the last of them clears; one that still fires when the time is up is a person's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from remediation.ports import AlarmSaid
from watchkeeper.actions import Action
from watchkeeper.models import Execution, Incident

SHORTEST = timedelta(minutes=5)  # unless the settings say otherwise
GONE, CLEARED, NOT_CLEARED = "GONE", "CLEARED", "NOT CLEARED"


class Finding(StrEnum):
    PASSED = "passed"
    SUBSIDED = "subsided"
    FAILED = "failed"
    WAIT = "wait"


@dataclass(frozen=True)
class Found:
    """What we conclude and why; `ok_since` where it is OK; `until` is when to look next, where we wait."""

    finding: Finding
    alarm_state: str
    why: str
    until: datetime
    ok_since: datetime | None = None


@dataclass(frozen=True)
class Proof:
    """What proof is asked for: so many periods of OK, judged for so long at least, and the named checks, of which `unmet` do not hold."""

    ok_periods: int
    shortest: timedelta = SHORTEST
    unmet: str = ""


def deadline(ended: datetime, said: AlarmSaid | None, proof: Proof) -> datetime:
    """When an alarm that is not OK has failed: twice the periods that it needs to be judged, and the shortest time at least."""
    if said is None:
        return ended + proof.shortest
    return ended + max(proof.shortest, timedelta(seconds=(proof.ok_periods + said.evaluation_periods) * said.period_seconds * 2))


def verify(incident: Incident, execution: Execution, said: AlarmSaid | None, proof: Proof, at: datetime) -> Found:
    """What the alarm's word, or its absence, says of the action."""
    started = execution.started_at or execution.claimed_at
    ended = execution.ended_at or started
    until = deadline(ended, said if incident.alarm_name else None, proof)
    if not incident.alarm_name:
        return _by_source(incident, started, until, at, proof.unmet)
    if said is None:
        return Found(Finding.FAILED, GONE, f"{_alarm(incident)} no longer exists, so nothing can prove that it helped.", at)
    if said.state != "OK":
        return _not_ok(f"{_alarm(incident)} still says {said.state}.", said.state, until, at)
    held = max(said.since, ended) + timedelta(seconds=proof.ok_periods * said.period_seconds)
    if at < held:
        return Found(Finding.WAIT, said.state, "It is OK and has to hold.", held, said.since)
    others = sum(name != incident.fingerprint for name in incident.firing)
    if others:
        return _not_ok(f"{_alarm(incident)} is OK, but {others} more that joined this incident still fire.", said.state, until, at)
    if proof.unmet:
        return _not_ok(f"{_alarm(incident)} is OK, but not all is well: {proof.unmet}.", said.state, until, at)
    return _over(f"{_alarm(incident)} is OK", said.state, said.since, started, at)


def _alarm(incident: Incident) -> str:
    return f"The alarm {incident.alarm_name}"


def _by_source(incident: Incident, started: datetime, deadline: datetime, at: datetime, unmet: str) -> Found:
    if incident.cleared_at is None:
        return _not_ok(f"{incident.source} has not said that it is over.", NOT_CLEARED, deadline, at)
    if unmet:
        return _not_ok(f"{incident.source} says it is over, but not all is well: {unmet}.", CLEARED, deadline, at)
    return _over(f"{incident.source} says it is over", CLEARED, incident.cleared_at, started, at)


def _not_ok(says: str, state: str, deadline: datetime, at: datetime) -> Found:
    return Found(Finding.FAILED if at >= deadline else Finding.WAIT, state, says, deadline)


def _over(says: str, state: str, since: datetime, started: datetime, at: datetime) -> Found:
    if since < started:
        why = f"{says} since {since:%H:%M:%S} UTC, before the action was started: it cleared by itself."
        return Found(Finding.SUBSIDED, state, why, at, since)
    return Found(Finding.PASSED, state, f"{says} since {since:%H:%M:%S} UTC, after the action was started.", at, since)


def unmet(action: Action, health: Mapping[str, str]) -> str:
    """The named checks that do not hold, with what was found instead; empty when all hold."""
    wrong = {name: good for name, good in action.proven_by.items() if health.get(name) not in good}
    return ", ".join(f"{name}: {health.get(name) or 'not known'}, not {' or '.join(good)}" for name, good in wrong.items())


def verify_back(execution: Execution, shortest: timedelta, at: datetime, *, holds: bool) -> Found:
    """Is the target again as it was? The alarm has no say: it fired before the action, too."""
    ended = execution.ended_at or execution.claimed_at
    until = ended + shortest
    if holds:
        return Found(Finding.PASSED, "NOT ASKED", "The target is again as it was before.", at)
    return Found(Finding.FAILED if at >= until else Finding.WAIT, "NOT ASKED", "The target is not as it was before.", until)
