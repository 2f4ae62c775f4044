"""One step that must have happened."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """`found` says what was found where it did not happen."""

    step: str
    ok: bool
    found: str = ""
