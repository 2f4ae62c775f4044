"""What crosses a queue. Each message says its kind and version; `id` is repeatable, so that a resend is the same message."""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from watchkeeper.errors import BadPayload
from watchkeeper.ids import token
from watchkeeper.models import Alert, Time, Word


class Queue(StrEnum):
    INTAKE = "intake"
    ANALYSIS = "analysis"
    REMEDIATION = "remediation"
    DISTRIBUTION = "distribution"


class Message(Word):
    """The part that all share. `queue` is where it goes; `group` is its FIFO group, empty for the standard queues."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    queue: ClassVar[Queue]

    schema_version: Literal[1] = 1
    trace_id: str = ""

    @property
    def id(self) -> str:
        raise NotImplementedError

    @property
    def group(self) -> str:
        return ""


class ForRemediation(Message):
    """Its group is the incident's resource, so that nothing is done to one resource twice at the same time."""

    queue = Queue.REMEDIATION
    incident_id: str
    resource_group: str

    @property
    def group(self) -> str:
        return self.resource_group


class AlertsReceived(Message):
    """Reception's HTTP door to reception's worker: authentic, understood, not yet folded."""

    queue = Queue.INTAKE
    kind: Literal["alerts_received"] = "alerts_received"
    alerts: tuple[Alert, ...]

    @property
    def id(self) -> str:
        return token("alerts", *(alert.key for alert in self.alerts))


class EpisodeDue(Message):
    """A hold or a window of this fingerprint is over: look whether it still fires. It carries no state, so twice is once."""

    queue = Queue.INTAKE
    kind: Literal["episode_due"] = "episode_due"
    fingerprint: str
    at: Time

    @property
    def id(self) -> str:
        return token("episode", self.fingerprint, self.at.isoformat())


class AnalysisAsked(Message):
    """Find out what is the matter with this incident."""

    queue = Queue.ANALYSIS
    kind: Literal["analysis_asked"] = "analysis_asked"
    incident_id: str
    version: int

    @property
    def id(self) -> str:
        return token("analysis", self.incident_id, str(self.version))


class AnalysisCompleted(ForRemediation):
    """Decide what, if anything, may be done."""

    kind: Literal["analysis_completed"] = "analysis_completed"
    analysis_id: str

    @property
    def id(self) -> str:
        return token("analysed", self.incident_id, self.analysis_id)


class ApprovalAnswered(ForRemediation):
    """A person's word on a plan, with the hashes of what they were shown. `person_id` is theirs in people.yaml, and `approver` is the
    same; empty where that file lists nobody. `ask_id` is the question that they answered, `channel` the Slack channel in which.
    """

    kind: Literal["approval_answered"] = "approval_answered"
    plan_id: str
    args_hash: str
    state_hash: str
    approver: str
    approved: bool
    via: str
    at: Time
    person_id: str = ""
    ask_id: str = ""
    channel: str = ""

    @property
    def id(self) -> str:
        shown = (self.plan_id, self.args_hash, self.state_hash)
        return token("approval", self.incident_id, *shown, self.approver, str(self.approved))


class LookAgain(ForRemediation):
    """Something happened, or its time has come: look at the world and take the incident one step on.

    It carries no state on purpose. An execution that ended, an alarm that cleared, a timer and a crashed worker all
    ask for the same thing, so one of them that gets lost is made good by any other.
    """

    kind: Literal["look_again"] = "look_again"
    because: str
    nonce: str

    @property
    def id(self) -> str:
        return token("look", self.incident_id, self.because, self.nonce)


class IncidentChanged(Message):
    """The incident has something new to tell. Routed into one DeliveryDue for each channel that wants it."""

    queue = Queue.DISTRIBUTION
    kind: Literal["incident_changed"] = "incident_changed"
    incident_id: str
    version: int

    @property
    def id(self) -> str:
        return token("changed", self.incident_id, str(self.version))

    @property
    def group(self) -> str:
        return self.incident_id


class TicketAsked(Message):
    """A person wants a ticket of this incident. It counts only where the incident's audit record holds their word."""

    queue = Queue.DISTRIBUTION
    kind: Literal["ticket_asked"] = "ticket_asked"
    incident_id: str
    version: int

    @property
    def id(self) -> str:
        return token("ticket", self.incident_id, str(self.version))

    @property
    def group(self) -> str:
        return self.incident_id


class DeliveryDue(Message):
    """This channel owes this incident at least this version. Its group is the channel's own, so none holds another up."""

    queue = Queue.DISTRIBUTION
    kind: Literal["delivery_due"] = "delivery_due"
    incident_id: str
    channel: str
    version: int

    @property
    def id(self) -> str:
        return token("delivery", self.incident_id, self.channel, str(self.version))

    @property
    def group(self) -> str:
        return f"{self.incident_id}/{self.channel}"


AnyMessage = Annotated[
    AlertsReceived
    | EpisodeDue
    | AnalysisAsked
    | AnalysisCompleted
    | ApprovalAnswered
    | LookAgain
    | IncidentChanged
    | TicketAsked
    | DeliveryDue,
    Field(discriminator="kind"),
]


@cache
def _reader() -> TypeAdapter[AnyMessage]:
    return TypeAdapter(AnyMessage)


def read_message(body: str | bytes) -> AnyMessage:
    """The message in a queue record's body; BadPayload names the first field that is wrong."""
    try:
        return _reader().validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadPayload(f"not one of our messages: {first['msg']}", field=where) from error


def look_again(incident_id: str, group: str, because: str, at: datetime) -> LookAgain:
    """One that is new each second, and the same within it."""
    return LookAgain(incident_id=incident_id, resource_group=group, because=because, nonce=str(int(at.timestamp())))
