"""The table of moves: what it answers is allowed, everything else is refused by name."""

import pytest

from watchkeeper.errors import IllegalMove
from watchkeeper.models import Status
from watchkeeper.states import TABLE, Move, may, move


def test_every_move_is_in_the_table() -> None:
    assert set(TABLE) == set(Move)


@pytest.mark.parametrize("happened", Move, ids=lambda happened: happened.value)
@pytest.mark.parametrize("status", Status, ids=lambda status: status.value)
def test_a_move_is_in_the_table_or_refused(status: Status, happened: Move) -> None:
    if status in TABLE[happened]:
        assert may(status, happened)
        assert move(status, happened) is TABLE[happened][status]
        return
    assert not may(status, happened)
    with pytest.raises(IllegalMove, match=f"{status.value} cannot be moved by: {happened.value}"):
        move(status, happened)


@pytest.mark.parametrize("status", [s for s in Status if not s.ended and s is not Status.ESCALATED], ids=lambda s: s.value)
def test_whatever_has_not_ended_can_be_handed_to_a_person(status: Status) -> None:
    assert move(status, Move.HANDED_OVER) is Status.ESCALATED


def test_nothing_is_a_dead_end() -> None:
    left = {status for answers in TABLE.values() for status in answers}
    assert left == set(Status)


def test_only_an_action_that_ended_leads_to_verification_and_only_that_to_verified() -> None:
    assert TABLE[Move.ACTION_DONE] == {Status.REMEDIATING: Status.VERIFYING}
    assert TABLE[Move.VERIFIED] == {Status.VERIFYING: Status.RESOLVED}
