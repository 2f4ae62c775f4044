"""What would be done, exactly, and what the gate said of it."""

from enum import StrEnum
from typing import Any, ClassVar

from watchkeeper.ids import token
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
    mode: str = ""
    approvals: int = 1
    approvers: tuple[str, ...] = ()
    cooldown_seconds: int = 0
    ok_periods: int = 1


class Fleet(Word):
    """What a target is one of, as the inventory counts it. `zone` and what is counted in it are of the target's own zone."""

    name: str
    size: int
    healthy: int
    zone: str = ""
    size_in_zone: int = 0
    target_healthy: bool = True


class Rehearsed(Word):
    """What trying it without doing it said: of which call, and whether it would have been let through."""

    what: str
    passed: bool
    says: str = ""


class Plan(Row):
    """`inverse` are the runbook's parameters that put back what was before, empty where nothing does; `undoes` is the id of the plan
    that this one takes back; `proposer` who asked for it, where somebody did: they may not agree to it. `document_version` and its
    hash pin the runbook. What a person is shown is all in here, and nothing of it is asked for again.
    """

    prefix: ClassVar[str] = "PLAN"

    id: str
    incident_id: str
    action: str
    target: Resource
    parameters: dict[str, Any]
    args_hash: str
    state_hash: str
    target_state: dict[str, Any] = {}
    target_name: str = ""
    target_tags: dict[str, str] = {}
    calls: tuple[str, ...] = ()
    effect: str = ""
    inverse: dict[str, Any] = {}
    inverse_says: str = ""
    undoes: str = ""
    proposer: str = ""
    given: dict[str, Any] = {}
    document: str = ""
    document_version: str = ""
    document_hash: str = ""
    rehearsed: tuple[Rehearsed, ...] = ()
    why: str = ""
    verdict: Verdict
    made_at: Time
    expires_at: Time | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def ask_id(self) -> str:
        """What a button carries: it names this plan as it is now, and says nothing. Another plan, or other hashes, is another id."""
        return token("ask", self.incident_id, self.id, self.args_hash, self.state_hash)


class Approval(Row):
    """A person's answer, bound to what they saw."""

    prefix: ClassVar[str] = "APPROVAL"

    plan_id: str
    args_hash: str
    state_hash: str
    approver: str
    person_id: str = ""
    approved: bool
    via: str
    at: Time

    @property
    def key(self) -> str:
        return f"{self.plan_id}#{self.who}"

    @property
    def who(self) -> str:
        """The person, through whatever they said it: by their id where the team's list knows them."""
        return self.person_id or self.approver
