"""Plans to show a guardian, and what it is put together from in a test."""

from dataclasses import dataclass, field
from typing import Any

from claude.errors import ClaudeFailed
from claude.question import Question, Said, T, Usage
from guardian.wiring import Wiring
from watchkeeper.models import PlanShown
from watchkeeper.settings import GuardianSettings

MODEL = "claude-opus-5-5"
USED = Usage(fresh=1_000, out=500)
COST = (1_000 * 4 + 500 * 20) / 1_000_000


def a_plan(**but: Any) -> PlanShown:
    return PlanShown.model_validate(
        {
            "action": "ec2-restart",
            "says": "Reboot the instance",
            "risk": "medium",
            "effect": "The instance answers nothing for one to three minutes.",
            "calls": ("ec2:RebootInstances",),
            "reversible": False,
            "target_type": "ec2:instance",
            "target_id": "i-0123456789abcdef0",
            "parameters": {"InstanceId": ["i-0123456789abcdef0"]},
            "state": {"state": "running", "launch_time": "2026-11-01T00:00:00+00:00"},
            "health": {"instance checks": "ok"},
            "fleet_size": 3,
            "fleet_healthy": 2,
            "cause": "cpu_saturation",
            "confidence": 0.9,
            "severity": "sev2",
            "recent": ("2026-11-20T02:10:00Z ec2-restart ec2:instance/i-0fedcba9876543210",),
            **but,
        }
    )


@dataclass
class FakeModel:
    """Claude, answering `says` in the shape that is asked for, or failing with `error`; what it was asked is kept."""

    says: object = field(default_factory=lambda: {"objection": "none", "reasons": []})
    error: ClaudeFailed | None = None
    not_ready: ClaudeFailed | None = None
    asked: list[Question[Any]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def ready(self) -> None:
        if self.not_ready:
            raise self.not_ready

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        self.asked.append(question)
        self.seconds.append(seconds)
        if self.error:
            raise self.error
        return Said(question.shape.model_validate(self.says), question.model, USED)


def a_wiring(model: Any, *, key: bool = True, **settings: Any) -> Wiring:
    return Wiring(GuardianSettings(**settings), model, lambda: key)
