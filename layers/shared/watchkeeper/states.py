"""Where an incident can go from where it is. The whole table; nothing else may change a status."""

from enum import StrEnum

from watchkeeper.errors import IllegalMove
from watchkeeper.models import Status


class Move(StrEnum):
    """What happened to an incident."""

    ANALYSIS_BEGAN = "analysis began"
    APPROVAL_ASKED = "approval asked"
    ACTION_CLAIMED = "action claimed"
    ACTION_DONE = "action done"
    VERIFIED = "verified"
    CLEARED = "cleared by itself"
    SUBSIDED = "cleared by itself around an action"
    HANDED_OVER = "handed over to a person"
    ANSWERED = "the question is answered"
    FIRED_AGAIN = "fired again"
    SUPPRESSED = "suppressed"
    RELEASED = "released"
    MERGED = "merged into another incident"


_O, _I, _A, _R, _V = Status.OPEN, Status.INVESTIGATING, Status.AWAITING_APPROVAL, Status.REMEDIATING, Status.VERIFYING
_D, _E, _S = Status.RESOLVED, Status.ESCALATED, Status.SUPPRESSED

TABLE: dict[Move, dict[Status, Status]] = {
    Move.ANALYSIS_BEGAN: {_O: _I, _I: _I},
    Move.APPROVAL_ASKED: {_I: _A, _A: _A, _R: _A, _V: _A},
    Move.ACTION_CLAIMED: {_I: _R, _A: _R, _R: _R, _V: _R},
    Move.ACTION_DONE: {_R: _V},
    Move.VERIFIED: {_V: _D},
    Move.CLEARED: {_O: _D, _I: _D, _A: _D, _E: _D, _S: _D},
    Move.SUBSIDED: {_R: _D, _V: _D},
    Move.HANDED_OVER: {_O: _E, _I: _E, _A: _E, _R: _E, _V: _E},
    Move.ANSWERED: {_I: _D, _A: _D},
    Move.FIRED_AGAIN: {_D: _O},
    Move.SUPPRESSED: {_O: _S, _I: _S, _A: _S, _E: _S},
    Move.RELEASED: {_S: _O},
    Move.MERGED: {_O: _D, _I: _D, _A: _D, _E: _D, _S: _D},
}


def move(status: Status, happened: Move) -> Status:
    """The status after this happened; IllegalMove where the table has no answer."""
    try:
        return TABLE[happened][status]
    except KeyError:
        raise IllegalMove(f"an incident that is {status.value} cannot be moved by: {happened.value}") from None


def may(status: Status, happened: Move) -> bool:
    """Does the table have an answer?"""
    return status in TABLE[happened]
