"""What an incident needs next, from where it stands: which of the world's answers to get, and when to give up waiting.

Pure. One look leads to one decision and one change; then the incident is read again and asked the same question, until
there is nothing left to do but wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from remediation.planning import intact
from watchkeeper.actions import Action
from watchkeeper.change import Change
from watchkeeper.models import DueKind, Execution, ExecutionStatus, Incident, Plan, Status

TRIES = 5
STEPS_AT_MOST = 12
LONGEST_WAIT = timedelta(minutes=5)
SHOWS_WITHIN = timedelta(seconds=30)


class Look(StrEnum):
    """What has to be found out before the next decision."""

    PLAN = "what the analysis proposes and what the gate says of it"
    ANSWER = "whether a person has agreed"
    DISPATCH = "whether the claimed action was started, and may be"
    OBSERVE = "how the automation stands"
    VERIFY = "what the alarm says"


@dataclass(frozen=True)
class Hold:
    """A claim that this very worker has in hand. As long as no other hand took it, nobody else has started anything for it.

    `fresh` says that it wrote the claim itself; one that it took over may have been started by a worker who died.
    """

    execution_id: str = ""
    hands: int = 0
    fresh: bool = False

    def covers(self, claim: Execution) -> bool:
        return (self.execution_id, self.hands) == (claim.id, claim.hands)


@dataclass(frozen=True)
class Step:
    """One decision: a change to write, or none.

    `goes_on` says that the incident is to be asked again at once; `wait` that it is to be asked again then, and why.
    """

    change: Change | None = None
    goes_on: bool = True
    wait: timedelta | None = None
    why: str = ""
    hold: Hold = Hold()


REST = Step(goes_on=False)


def look_for(incident: Incident, execution: Execution | None) -> Look | None:
    """None where remediation has nothing to do: before an analysis, while another one runs, and once it is over."""
    match incident.status:
        case Status.INVESTIGATING:
            pending = incident.due is not None and incident.due.kind is DueKind.ANALYSIS
            return Look.PLAN if incident.analysis_id and not pending else None
        case Status.AWAITING_APPROVAL:
            return Look.ANSWER
        case Status.REMEDIATING:
            started = execution is not None and execution.status is ExecutionStatus.STARTED
            return Look.OBSERVE if started else Look.DISPATCH
        case Status.VERIFYING:
            return Look.VERIFY
        case _:
            return None


class Bar(StrEnum):
    """Why a claimed action is not started after all."""

    TOO_OLD = "the claim is older than the action may take"
    CLEARED = "the alarm cleared first"
    SWITCHED_OFF = "the kill switch is thrown"
    UNSEEN = "the target cannot be looked at"
    DRIFTED = "the target is not as it was when this was planned"
    EDITED = "the plan is not the one that was ruled on"


@dataclass(frozen=True)
class Moment:
    """The world right before the start. `target_hash` is of the target's state now, `stop_alarms` what would stop the runbook."""

    at: datetime
    unseen: str = ""
    target_hash: str = ""
    stop_alarms: tuple[str, ...] = ()
    switch: str = ""


def barred(incident: Incident, execution: Execution, plan: Plan, action: Action | None, moment: Moment) -> Bar | None:
    """The first thing that keeps a claimed action from being started now; none when it may start."""
    bars = (
        (Bar.EDITED, not intact(plan)),
        (Bar.TOO_OLD, overdue(execution, action, moment.at)),
        (Bar.CLEARED, cleared_first(incident, plan)),
        (Bar.SWITCHED_OFF, bool(moment.switch)),
        (Bar.UNSEEN, bool(moment.unseen)),
        (Bar.DRIFTED, moment.target_hash != plan.state_hash),
    )
    return next((bar for bar, holds in bars if holds), None)


def cleared_first(incident: Incident, plan: Plan) -> bool:
    """Did the alarm clear before this was started? What takes an action back may have been planned on an alarm that is OK, where the
    named checks do not hold: then only what cleared after that counts."""
    if incident.cleared_at is None:
        return False
    return not plan.undoes or incident.cleared_at > plan.made_at


def overdue(execution: Execution, action: Action | None, at: datetime) -> bool:
    """Has it had longer than its action may take? One whose action has left the catalogue has."""
    since = execution.started_at or execution.claimed_at
    return action is None or at - since > timedelta(seconds=action.seconds)


def may_still_show(execution: Execution, at: datetime) -> timedelta | None:
    """How long to give SSM's list to show what a dead worker may have started; none when it has had its time."""
    left = execution.claimed_at + SHOWS_WITHIN - at
    return left if left > timedelta() else None


def is_put_off(incident: Incident, at: datetime) -> bool:
    """Is the next look still to come? One that has passed is set anew, so that the sweeper's work stays in turn."""
    return incident.due is not None and incident.due.at > at
