"""How people are turned away: each with the status that their program understands, and a sentence that they do."""

from watchkeeper.answering import Refusal, Turned
from watchkeeper.errors import Refused

_STATUS = {Turned.OVER: 409, Turned.TWICE: 409}


class NoSuchDoor(Refused):
    """Nothing answers under this path."""

    status = 404


class NoSuchMethod(Refused):
    """The path is right, the method is not."""

    status = 405


class WrongType(Refused):
    """The body is of a kind that this address does not take."""

    status = 415


class NotEnabled(Refused):
    """This stack has no secret to know the caller by."""

    status = 404


class TurnedAway(Refused):
    """We know what was asked, and it is not done. Those who came too late get 409, those who may not 403."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.says, field="")
        self.status = _STATUS.get(refusal.why, 403)
        self.why = refusal.why.value


def stranger(says: str) -> TurnedAway:
    """Somebody whom people.yaml does not know, or knows to have no say in this."""
    return TurnedAway(Refusal(Turned.STRANGER, says))


def not_theirs(says: str) -> TurnedAway:
    return TurnedAway(Refusal(Turned.NOT_THEIRS, says))
