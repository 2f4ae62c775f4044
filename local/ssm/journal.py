"""Every AWS call that a runbook made, in order. Whether something was done, and how often, is read here."""

import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

_LOOKS = ("Describe", "List", "Get", "describe_", "list_", "get_")


@dataclass(frozen=True)
class Call:
    """One call as it went out, and what became of it."""

    at: str
    execution_id: str
    document: str
    step: str
    service: str
    api: str
    parameters: dict[str, Any]
    outcome: str = "ok"

    @property
    def changes_something(self) -> bool:
        return not self.api.startswith(_LOOKS)


@dataclass
class Journal:
    """Append-only and safe between threads."""

    _calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, **what: Any) -> None:
        with self._lock:
            self._calls.append(Call(at=datetime.now(UTC).isoformat(), **what))

    @property
    def calls(self) -> tuple[Call, ...]:
        with self._lock:
            return tuple(self._calls)

    @property
    def effects(self) -> tuple[Call, ...]:
        """The calls that changed something and were not refused."""
        return tuple(call for call in self.calls if call.changes_something and call.outcome == "ok")

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(call) | {"changes_something": call.changes_something} for call in self.calls]
