"""What the evidence says, and how sure we may be."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from watchkeeper.models.alert import Severity
from watchkeeper.models.word import Row, Time, Word


class Engine(StrEnum):
    DETERMINISTIC = "deterministic"
    CLAUDE = "claude"
    CACHE = "cache"


class Cause(StrEnum):
    """Categories that standing orders may match on."""

    CPU_SATURATION = "cpu_saturation"
    CRASH_LOOP = "crash_loop"
    OUT_OF_MEMORY = "out_of_memory"
    BAD_DEPLOY = "bad_deploy"
    POOL_EXHAUSTED = "pool_exhausted"
    DISK_FULL = "disk_full"
    THROTTLED = "throttled"
    DEPENDENCY_DOWN = "dependency_down"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    NAME_NOT_RESOLVED = "name_not_resolved"
    PERMISSION_DENIED = "permission_denied"
    QUOTA_REACHED = "quota_reached"
    POISON_MESSAGE = "poison_message"
    TIMEOUTS = "timeouts"
    HEALTHY = "healthy"
    ERROR_BURST = "error_burst"
    REQUESTED = "requested"
    UNKNOWN = "unknown"


class Citation(Word):
    """A quote that code has found, letter by letter, in the stored body of the evidence it names."""

    evidence_id: str
    quote: str


class ProposedAction(Word):
    """A catalogue action that would help. It names no target: targets come from the incident's trusted resources."""

    action: str
    why: str = ""


class Hypothesis(Word):
    """One explanation that the fixed rules see, the likeliest first in an analysis. No model adds to these or moves them."""

    cause: Cause
    confidence: float = Field(ge=0, le=1)
    sentence: str


class Route(StrEnum):
    """Who thought about it, from the cheapest to the dearest."""

    RULES = "rules"
    CACHE = "cache"
    TRIAGE = "triage"
    DEEP = "deep"
    ORDERED = "ordered"


class Analysis(Row):
    prefix: ClassVar[str] = "ANALYSIS"

    id: str
    engine: Engine
    model: str = ""
    summary: str
    root_cause: str
    cause: Cause = Cause.UNKNOWN
    confidence: float = Field(ge=0, le=1)
    severity: Severity
    severity_why: str = ""
    impact: str = ""
    contributing: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    dropped_citations: int = 0
    missing: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    proposed: tuple[ProposedAction, ...] = ()
    prevention: tuple[str, ...] = ()
    plain_words: str = ""
    notes: tuple[str, ...] = Field(default=(), description="why this engine and not the better one; what was left out")
    signature: str = ""
    route: Route = Route.RULES
    hypotheses: tuple[Hypothesis, ...] = ()
    sources: dict[str, str] = Field(default={}, description="whose each cited piece of evidence was, by its id")
    case_key: str = Field(default="", description="where everything that it was made from is kept, for a replay")
    case_sha256: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    made_at: Time

    @property
    def key(self) -> str:
        return self.id
