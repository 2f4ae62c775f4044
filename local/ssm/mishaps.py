"""What a step has been told to suffer: to fail, before its call or after it, to hang, or to be slow."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum


class How(StrEnum):
    FAIL = "fail"
    FAIL_AFTER = "fail_after"
    HANG = "hang"
    SLOW = "slow"


@dataclass(frozen=True)
class Mishap:
    """`document` is the end of a document's name, or empty for all. `seconds` is how much longer a slow step takes; it then goes
    on as if nothing had been, unless its own time is over first."""

    step: str
    how: How
    document: str = ""
    message: str = "told to fail"
    seconds: float = 1.0


@dataclass
class Mishaps:
    """The mishaps to come. Each is used up by happening, so that a second attempt goes well."""

    _waiting: list[Mishap] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, mishap: Mishap) -> None:
        with self._lock:
            self._waiting.append(mishap)

    def due(self, document: str, step: str, *kinds: How) -> Mishap | None:
        """The next mishap of these kinds for this step, taken off the list."""
        with self._lock:
            for mishap in self._waiting:
                if mishap.step == step and document.endswith(mishap.document) and mishap.how in kinds:
                    self._waiting.remove(mishap)
                    return mishap
        return None

    def forget(self) -> None:
        """Nothing more happens, and what hangs goes on."""
        with self._lock:
            self._waiting.clear()
