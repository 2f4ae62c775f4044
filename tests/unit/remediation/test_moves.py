"""The table of moves, written a second time by hand: a new row is a decision and not an accident."""

from watchkeeper.models import Status
from watchkeeper.states import TABLE, Move

OPEN, LOOKING, ASKED, ACTING, PROVING = (
    Status.OPEN,
    Status.INVESTIGATING,
    Status.AWAITING_APPROVAL,
    Status.REMEDIATING,
    Status.VERIFYING,
)
OVER, HANDED, QUIET = Status.RESOLVED, Status.ESCALATED, Status.SUPPRESSED


def test_the_table_is_this_one() -> None:
    assert TABLE == {
        Move.ANALYSIS_BEGAN: {OPEN: LOOKING, LOOKING: LOOKING},
        Move.APPROVAL_ASKED: {LOOKING: ASKED, ASKED: ASKED, ACTING: ASKED, PROVING: ASKED},
        Move.ACTION_CLAIMED: {LOOKING: ACTING, ASKED: ACTING, ACTING: ACTING, PROVING: ACTING},
        Move.ACTION_DONE: {ACTING: PROVING},
        Move.VERIFIED: {PROVING: OVER},
        Move.CLEARED: {OPEN: OVER, LOOKING: OVER, ASKED: OVER, HANDED: OVER, QUIET: OVER},
        Move.SUBSIDED: {ACTING: OVER, PROVING: OVER},
        Move.HANDED_OVER: {OPEN: HANDED, LOOKING: HANDED, ASKED: HANDED, ACTING: HANDED, PROVING: HANDED},
        Move.ANSWERED: {LOOKING: OVER, ASKED: OVER},
        Move.FIRED_AGAIN: {OVER: OPEN},
        Move.SUPPRESSED: {OPEN: QUIET, LOOKING: QUIET, ASKED: QUIET, HANDED: QUIET},
        Move.RELEASED: {QUIET: OPEN},
        Move.MERGED: {OPEN: OVER, LOOKING: OVER, ASKED: OVER, HANDED: OVER, QUIET: OVER},
    }
