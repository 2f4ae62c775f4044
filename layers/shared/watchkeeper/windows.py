"""When something holds, and of what: at a recurrence, once, or by an AWS Change Calendar. Quiet windows and freezes are such."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from watchkeeper.models import Severity, Word
from watchkeeper.team_files import Duration

LONGEST_WINDOW = timedelta(days=31)
FIVE_FIELDS = r"^\s*\S+(\s+\S+){4}\s*$"


class Scope(Word):
    """Which alerts. An empty list says nothing; every list that is there must name the alert; a `*` at the end stands for the rest."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    alarms: tuple[str, ...] = Field(default=(), description="names of alarms, or titles where the tool has no such name")
    fingerprints: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default={}, description="labels of the alert, or tags of its resources; all must match")

    @property
    def says_nothing(self) -> bool:
        return not any(dict(self).values())


class CalendarState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


def editors_rules(state_field: str) -> dict[str, Any]:
    """What a JSON Schema says of a window besides its fields, so that an editor knows it too: one kind, and a scope or everything."""
    kinds = [["cron", "lasts"], ["start", "end"], ["calendar", state_field]]
    scoped = {"required": ["scope"], "properties": {"scope": {"minProperties": 1}}}
    everything = {"required": ["everything"], "properties": {"everything": {"const": True}}}
    return {"allOf": [{"oneOf": [{"required": kind} for kind in kinds]}, {"oneOf": [scoped, everything]}]}


class Timed(Word):
    """A stretch of time, and of what it is said. A kind of it names in `STATE_FIELD` the state in which its calendar counts."""

    STATE_FIELD: ClassVar[str]
    SAYS: ClassVar[str]

    id: str = Field(min_length=1, max_length=80)
    reason: str = ""
    scope: Scope = Field(default_factory=Scope)
    everything: bool = Field(default=False, description="must be said where the scope says nothing")
    zone: str = Field(default="UTC", description="an IANA time zone, such as Europe/Berlin")
    cron: str = Field(
        default="",
        description="when it begins: minute hour day-of-month month day-of-week, by the clock of the zone",
        json_schema_extra={"pattern": FIVE_FIELDS},
    )
    lasts: Duration | None = Field(default=None, description="how long, in time that passes, whatever the clocks do")
    start: datetime | None = Field(default=None, description="one window only; without an offset by the clock of the zone")
    end: datetime | None = None
    calendar: str = Field(default="", description="name or ARN of an AWS Change Calendar")

    @field_validator("cron")
    @classmethod
    def _cron(cls, value: str) -> str:
        if value:
            from watchkeeper.cron import read_cron  # zones and calendars are loaded where there are any

            read_cron(value)
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        from watchkeeper.cron import zone  # as above

        zone(value)
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        """A window is of one kind, and complete."""
        kinds = [name for name in ("cron", "start", "calendar") if getattr(self, name)]
        if len(kinds) != 1:
            raise ValueError(f"a window has one of cron, start or calendar; this one has {' and '.join(kinds) or 'none'}")
        if self.cron and not (self.lasts and timedelta() < self.lasts <= LONGEST_WINDOW):
            raise ValueError("a window with cron needs lasts, e.g. 2h, at most 31d")
        if self.start and not (self.end and self._at(self.end) > self._at(self.start)):
            raise ValueError("a window with start needs an end after it")
        if self.calendar and self.counts_while is None:
            raise ValueError(f"a window by calendar needs {self.STATE_FIELD}: open or closed")
        if self.scope.says_nothing is not self.everything:
            raise ValueError(f"say in scope what is {self.SAYS}, or everything: true; not both and not neither")
        return self

    @property
    def counts_while(self) -> CalendarState | None:
        """In which state of its calendar it holds."""
        found: CalendarState | None = getattr(self, self.STATE_FIELD)
        return found

    @property
    def once(self) -> tuple[datetime, datetime] | None:
        """Begin and end of a window that comes once."""
        return (self._at(self.start), self._at(self.end)) if self.start and self.end else None

    def ends(self, at: datetime) -> datetime | None:
        """When the stretch that `at` lies in ends, by the clock alone; none where it lies in none, and where a calendar is asked.

        Its first moment is within, its last is not.
        """
        if self.cron and self.lasts:
            from watchkeeper.cron import latest_start  # as above

            start = latest_start(self.cron, self.zone, at, self.lasts)
            return start + self.lasts if start else None
        begin, end = self.once or (None, None)
        return end if begin and end and begin <= at < end else None

    def _at(self, local: datetime) -> datetime:
        if local.tzinfo:
            return local
        from watchkeeper.cron import zone  # as above

        return local.replace(tzinfo=zone(self.zone))


class Window(Timed):
    """When alerts of a scope are kept quiet."""

    STATE_FIELD: ClassVar[str] = "quiet_while"
    SAYS: ClassVar[str] = "kept quiet"
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, json_schema_extra=editors_rules("quiet_while"))

    quiet_while: CalendarState | None = Field(default=None, description="which state of the calendar keeps alerts quiet")
