"""What the team has ordered: config/standing-orders.yaml as types."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from watchkeeper.models import Cause, Severity, Word
from watchkeeper.team_files import Duration
from watchkeeper.windows import CalendarState, Timed, editors_rules

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Mode(StrEnum):
    """What an order lets an action do. In the order of the ladder: each rung dares more than the one before it."""

    NEVER = "never"
    OBSERVE = "observe"
    SUGGEST = "suggest"
    APPROVE_TWO = "approve(2)"
    APPROVE = "approve(1)"
    AUTO = "auto"

    @property
    def dares(self) -> int:
        return list(Mode).index(self)


def _mode(value: object) -> object:
    return "approve(1)" if value == "approve" else value


def _clock(value: object) -> object:
    """YAML reads 10:00 as the number 600, and 09:00 as text."""
    return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) and 600 <= value < 1440 else value


AnyMode = Annotated[Mode, BeforeValidator(_mode, json_schema_input_type=Mode | Literal["approve"])]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), BeforeValidator(_clock)]


class When(Word):
    """Which incidents an order speaks of. An empty list says nothing; a `*` at the end of a name stands for the rest."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    accounts: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()
    labels: dict[str, str] = Field(default={}, description="labels that the alerts carry; all must match")
    causes: tuple[Cause, ...] = ()


class Ladder(Word):
    """How an order earns its mode: it begins at `start` and climbs one rung when, over at least `runs` runs on its present rung, the
    lower bound of the share that was right (Wilson, 95 %) reaches `precision`. One failure takes it down a rung at once."""

    start: AnyMode = Mode.OBSERVE
    runs: int = Field(default=20, ge=5, le=100)
    precision: float = Field(default=0.8, gt=0, lt=1)


class Caps(Word):
    """How much may be done within an hour under an order: to one target, to a share of a fleet, in one zone."""

    per_target: int = Field(default=2, ge=1, le=2)
    share_of_fleet: float = Field(default=0.34, gt=0, le=1)
    per_zone: int = Field(default=1, ge=1, le=10)


class Outside(StrEnum):
    ASK = "ask"
    REFUSE = "refuse"


class Hours(Word):
    """When an order is in force, by the clock of its zone; outside of it a person is asked, or it is refused. Hours that end before they
    begin, or when they begin, run into the next day."""

    zone: str = Field(default="UTC", description="an IANA time zone, such as Europe/Berlin")
    days: tuple[Day, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="the days on which they begin")
    start: Clock = "09:00"
    end: Clock = "17:00"
    outside: Outside = Outside.ASK

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from watchkeeper.cron import zone  # zones are loaded where there are any

        zone(value)
        return value


class Freeze(Timed):
    """When nothing is done for the incidents of a scope, whatever an order says."""

    STATE_FIELD: ClassVar[str] = "frozen_while"
    SAYS: ClassVar[str] = "frozen"
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, json_schema_extra=editors_rules("frozen_while"))

    frozen_while: CalendarState | None = Field(default=None, description="which state of the calendar freezes")


class Order(Word):
    """One rule of the standing orders: for these incidents, this action, in this mode, within these limits. `with` is what it gives
    the action to reach, such as a capacity. `approvers` are teams of people.yaml; empty is anybody there who may approve."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    name: str = Field(min_length=1, max_length=120)
    when: When = Field(default_factory=When)
    action: str = Field(min_length=1, description="of the catalogue; a `*` at the end stands for the rest")
    mode: AnyMode
    given: dict[str, Any] = Field(default={}, alias="with")
    min_confidence: float = Field(default=0.7, ge=0, le=1)
    cooldown: Duration = Field(default=timedelta(minutes=30), ge=timedelta())
    ok_periods: int = Field(default=1, ge=1, le=60)
    caps: Caps = Field(default_factory=Caps)
    hours: Hours | None = None
    ladder: Ladder | None = None
    approvers: tuple[str, ...] = ()
    stop_alarms: tuple[str, ...] = Field(default=(), max_length=1, description="CloudWatch alarms that stop the runbook when they fire")


class Thinking(Word):
    """For these incidents the largest model is worth its price."""

    name: str
    when: When = Field(default_factory=When)


class Limits(Word):
    """For everything that is done in the account, whatever the orders say. A breaker opens after so many failures within a day."""

    per_hour: int = Field(default=10, ge=0, le=10)
    failures: int = Field(default=2, ge=1, le=10, description="of one action on one target")
    failures_in_all: int = Field(default=5, ge=1, le=50)


class Keyless(StrEnum):
    """What happens to a plan above low risk where no model key is set, so that there is no guardian."""

    ASK = "ask"
    RUN = "run"


class GuardianTerms(Word):
    without_key: Keyless = Keyless.ASK


class StandingOrders(Word):
    """What may be done without asking, what only after asking, what never. Nothing that no order names is ever done."""

    version: str = Field(default="", description="the hash of the file; not written by hand")
    orders: tuple[Order, ...]
    freeze: tuple[Freeze, ...] = ()
    limits: Limits = Field(default_factory=Limits)
    guardian: GuardianTerms = Field(default_factory=GuardianTerms)
    thinking: tuple[Thinking, ...] = ()

    @field_validator("orders")
    @classmethod
    def _names(cls, value: tuple[Order, ...]) -> tuple[Order, ...]:
        """An order's ladder is kept under its name."""
        return _each_its_own(value, "order", "name")

    @field_validator("freeze")
    @classmethod
    def _ids(cls, value: tuple[Freeze, ...]) -> tuple[Freeze, ...]:
        return _each_its_own(value, "freeze", "id")


W = TypeVar("W", bound=Word)


def _each_its_own(words: tuple[W, ...], kind: str, field: str) -> tuple[W, ...]:
    seen: dict[str, int] = {}
    for at, word in enumerate(words):
        name = getattr(word, field)
        if name in seen:
            raise ValueError(f"{name!r} is the {field} of {kind} {seen[name]} and of {at}; each needs its own")
        seen[name] = at
    return words
