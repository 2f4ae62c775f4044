"""The team's word: config/*.yaml, read strictly, versioned by the hash of its bytes."""

import hashlib
import os
import sys
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from watchkeeper.errors import Misconfigured
from watchkeeper.models import Cause, Severity, Word

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    if isinstance(value, str) and value[:-1].isdigit() and value[-1] in _UNITS:
        return timedelta(seconds=int(value[:-1]) * _UNITS[value[-1]])
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]


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


AnyMode = Annotated[Mode, BeforeValidator(_mode)]


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
    """When an order is in force, by the clock of its zone; outside of it a person is asked, or it is refused."""

    zone: str = "UTC"
    days: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: str = Field(default="09:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    end: str = Field(default="17:00", pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
    outside: Outside = Outside.ASK


class Order(Word):
    """One rule of the standing orders: for these incidents, this action, in this mode, within these limits. `with` is what it gives
    the action to reach, such as a capacity. `approvers` are teams of people.yaml; empty is anybody there who may approve."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    name: str
    when: When = Field(default_factory=When)
    action: str
    mode: AnyMode
    given: dict[str, Any] = Field(default={}, alias="with")
    min_confidence: float = Field(default=0.7, ge=0, le=1)
    cooldown: Duration = timedelta(minutes=30)
    ok_periods: int = Field(default=1, ge=1, le=60)
    caps: Caps = Field(default_factory=Caps)
    hours: Hours | None = None
    ladder: Ladder | None = None
    approvers: tuple[str, ...] = ()
    stop_alarms: tuple[str, ...] = Field(default=(), max_length=5, description="CloudWatch alarms that stop the runbook when they fire")


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
    limits: Limits = Field(default_factory=Limits)
    guardian: GuardianTerms = Field(default_factory=GuardianTerms)
    thinking: tuple[Thinking, ...] = ()


class Service(Word):
    """What belongs to a service, and whose it is."""

    name: str
    owner: str = ""
    environment: str = ""
    resources: tuple[str, ...] = Field(default=(), description="ids or ARNs; a `*` at the end stands for the rest")
    alarms: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default={}, description="tags or labels that all of its resources carry, where no name tells")
    repository: str = ""
    depends_on: tuple[str, ...] = Field(default=(), description="names of the services that this one cannot do without")


class Services(Word):
    services: tuple[Service, ...] = ()


class ChannelKind(StrEnum):
    SLACK = "slack"
    JIRA = "jira"
    EMAIL = "email"


class Channel(Word):
    """One place where people are told. `where` is the kind's own: a channel, a project key, addresses."""

    id: str
    kind: ChannelKind
    where: dict[str, Any] = {}
    services: tuple[str, ...] = ()
    at_least: Severity = Severity.SEV4


class Channels(Word):
    channels: tuple[Channel, ...] = ()


W = TypeVar("W", bound=Word)


def config_dir() -> Path:
    """Where config/ is: WATCHKEEPER_CONFIG, the layer's /opt, or a layer folder on the import path (the emulator's)."""
    for place in (os.environ.get("WATCHKEEPER_CONFIG", ""), "/opt", *sys.path):
        if place and Path(place, "standing-orders.yaml").is_file():
            return Path(place)
    raise Misconfigured("config/standing-orders.yaml is in no layer; set WATCHKEEPER_CONFIG to the folder it lies in")


def read_yaml(path: Path, kind: type[W]) -> W:
    """The file as this type; Misconfigured names file, field and what is wrong, one line for each."""
    import yaml  # only when a file is read, so that nobody pays for it by importing an Order

    try:
        raw = path.read_bytes()
        return kind.model_validate(yaml.safe_load(raw) or {})
    except FileNotFoundError as error:
        raise Misconfigured(f"{path.name}: not found in {path.parent}") from error
    except yaml.YAMLError as error:
        raise Misconfigured(f"{path.name}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        faults = [f"{path.name}: {'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()]
        raise Misconfigured("\n".join(faults)) from error


def read_orders(folder: Path) -> StandingOrders:
    """The standing orders, with the hash of their bytes as version."""
    path = folder / "standing-orders.yaml"
    orders = read_yaml(path, StandingOrders)
    return orders.but(version=hashlib.sha256(path.read_bytes()).hexdigest()[:12])


@cache
def standing_orders() -> StandingOrders:
    return read_orders(config_dir())


@cache
def services() -> Services:
    return read_yaml(config_dir() / "services.yaml", Services)


@cache
def channels() -> Channels:
    return read_yaml(config_dir() / "channels.yaml", Channels)
