"""What would be done, exactly, and what the gate said of it."""

from enum import StrEnum
from typing import Any, ClassVar

from watchkeeper.models.alert import Resource
from watchkeeper.models.word import Row, Time, Word


class Ruling(StrEnum):
    RUN = "run"
    ASK = "ask"
    REFUSE = "refuse"


class Reason(Word):
    """One check of the gate: its name, what it ruled, and why, in a sentence."""

    check: str
    ruling: Ruling
    why: str


class Verdict(Word):
    """The harshest ruling of all checks, with every reason."""

    ruling: Ruling
    reasons: tuple[Reason, ...]
    order: str = ""
    orders_version: str = ""
    cooldown_seconds: int = 0
    ok_periods: int = 1


class Plan(Row):
    prefix: ClassVar[str] = "PLAN"

    id: str
    incident_id: str
    action: str
    target: Resource
    parameters: dict[str, Any]
    args_hash: str
    state_hash: str
    target_state: dict[str, Any] = {}
    why: str = ""
    verdict: Verdict
    made_at: Time
    expires_at: Time | None = None

    @property
    def key(self) -> str:
        return self.id


class Approval(Row):
    """A person's answer, bound to what they saw."""

    prefix: ClassVar[str] = "APPROVAL"

    plan_id: str
    args_hash: str
    state_hash: str
    approver: str
    approved: bool
    via: str
    at: Time

    @property
    def key(self) -> str:
        return f"{self.plan_id}#{self.approver}"
