"""What the second model is asked about a plan, and what it may answer. Nothing in here was written by whoever sent the alert."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from watchkeeper.models.word import Word


class Objection(StrEnum):
    """In the order of their harshness; `absent` is no model at all, which is the team's own choice, `down` one that does not answer."""

    NONE = "none"
    ABSENT = "absent"
    DOWN = "down"
    ASK = "ask"
    REFUSE = "refuse"


class PlanShown(Word):
    """The typed plan, what the catalogue says of the action, trusted facts of the inventory, and what was done lately.

    Names of targets are ids; tags, titles, logs and anything else that somebody may write are not in it.
    """

    action: str
    says: str
    risk: str
    effect: str
    calls: tuple[str, ...]
    reversible: bool
    target_type: str
    target_id: str
    parameters: dict[str, list[str]]
    state: dict[str, Any]
    health: dict[str, str] = {}
    fleet_size: int = 0
    fleet_healthy: int = 0
    cause: str
    confidence: float
    severity: str
    recent: tuple[str, ...] = Field(default=(), description="`<time> <action> <target id>`, newest first, twenty at most")
    undoes: str = ""


class Opinion(Word):
    """`reasons` are for people, tidied and bounded by who received them; `usd` is what it cost."""

    objection: Objection
    reasons: tuple[str, ...] = ()
    model: str = ""
    usd: float = 0.0
