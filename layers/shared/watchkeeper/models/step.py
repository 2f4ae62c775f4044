"""One step of an investigation, so that people can follow how a conclusion was reached."""

from enum import StrEnum
from typing import Any, ClassVar

from watchkeeper.models.word import Row, Time


class Phase(StrEnum):
    PLAN = "plan"
    EXECUTE_TOOL = "execute_tool"
    EVALUATE = "evaluate"
    NEEDS_APPROVAL = "needs_approval"
    DONE = "done"
    FAILED = "failed"


class Step(Row):
    """`says` is a sentence for people, checked like everything that a model writes; `evidence_id` is what a tool brought back."""

    prefix: ClassVar[str] = "STEP"

    analysis_id: str
    number: int
    phase: Phase
    says: str
    tool: str = ""
    arguments: dict[str, Any] = {}
    evidence_id: str = ""
    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    took_ms: int = 0
    at: Time

    @property
    def key(self) -> str:
        return f"{self.analysis_id}#{self.number:03d}"
