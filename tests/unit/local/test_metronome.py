"""The sweeper is woken again and again, whatever becomes of it, and no more when the stage is left."""

import threading
from typing import Any

from local.metronome import Metronome
from tests.unit.local.pretended import PretendedAccount, refused


def test_it_wakes_the_sweeper_until_it_is_left_and_survives_a_refusal() -> None:
    heard: list[dict[str, Any]] = []
    twice = threading.Event()

    def invoke(**asked: Any) -> None:
        heard.append(asked)
        if len(heard) == 1:
            raise refused("TooManyRequestsException", "Invoke")
        twice.set()

    account: Any = PretendedAccount({"lambda.invoke": invoke})
    with Metronome(account, "watchkeeper-sweeper", every=0.01):
        assert twice.wait(5)
    left = len(heard)
    assert [one.name for one in threading.enumerate() if one.name == "metronome"] == []
    assert heard[0] == {"FunctionName": "watchkeeper-sweeper", "InvocationType": "Event", "Payload": b"{}"}
    assert len(heard) == left
