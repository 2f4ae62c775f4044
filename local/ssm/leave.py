"""What a script of a runbook is given for its run. What it does is not seen call by call: in the journal it is one call."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ScriptLeave:
    """The Leave of one script: the caller that it runs as, when it has to be over, and where its end is noted."""

    environment: dict[str, str]
    deadline: float
    note: Callable[..., None]

    @property
    def seconds(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def ended(self, outcome: str = "ok") -> None:
        self.note(outcome=outcome)
