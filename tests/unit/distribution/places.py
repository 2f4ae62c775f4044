"""Distribution put together for a test: the ports in memory, the channels' services as stand-ins over real HTTP."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from botocore.exceptions import ClientError

from distribution.place import Means
from distribution.service import handle
from distribution.web import Web
from distribution.wiring import Wiring
from local.standins.http import Server
from local.standins.jira import JiraSite
from local.standins.pagerduty import PagerDutyAccount
from local.standins.slack import SlackWorkspace
from tests.fakes.memory import MemoryAnchors, MemoryBlobs, MemoryIncidents, MemoryOutbox, MemorySecrets, TickingClock
from tests.unit.distribution.stories import ID, Night
from watchkeeper.change import Change
from watchkeeper.errors import Transient
from watchkeeper.messages import DeliveryDue, IncidentChanged, Message
from watchkeeper.models import Delivery
from watchkeeper.settings import DistributionSettings
from watchkeeper.team import Channel, ChannelKind, Channels, Service, Services

SLACK = Channel(id="slack-incidents", kind=ChannelKind.SLACK, where={"channel": "C0INCIDENTS"})
JIRA = Channel(
    id="jira-ops",
    kind=ChannelKind.JIRA,
    where={"project": "OPS", "issue_type": "Task", "resolve_transition": "Done", "reopen_transition": "To Do"},
)
MAIL = Channel(id="mail-oncall", kind=ChannelKind.EMAIL, where={"to": ["oncall@example.com"]})
PAGER = Channel(id="pagerduty-oncall", kind=ChannelKind.PAGERDUTY)
ALL = (SLACK, JIRA, MAIL)
CREDENTIALS = {"slack_bot_token": "xoxb-local", "jira_email": "watchkeeper@example.com", "jira_api_token": "local"}
PAGER_CREDENTIALS = {
    "pagerduty_routing_key": "0123456789abcdef0123456789abcdef",
    "pagerduty_api_token": "local-rest-token",
    "pagerduty_from": "watchkeeper@example.com",
}


def _nothing() -> None:
    """What happens at a write when a test wants nothing to happen."""


class LockedIncidents(MemoryIncidents):
    """As DynamoDB: each write is one, whoever writes beside it. `before` and `after` see each write of a delivery."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()
        self.before: Callable[[], None] = _nothing
        self.after: Callable[[], None] = _nothing

    def put_delivery(self, delivery: Delivery) -> None:
        self.before()
        with self.lock:
            super().put_delivery(delivery)
        self.after()

    def write(self, *changes: Change) -> None:
        with self.lock:
            super().write(*changes)


@dataclass
class Mailbox:
    """SES, as far as it goes: the mails it took, read as a mail program reads them. `fails` is the error of the next call."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[dict[str, Any]] = field(default_factory=list)
    fails: Exception | None = None

    def send_raw_email(self, **envelope: Any) -> dict[str, str]:
        if self.fails:
            error, self.fails = self.fails, None
            raise error
        mail = message_from_bytes(envelope["RawMessage"]["Data"], policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(envelope)
        return {"MessageId": f"0100-{len(self.mails)}"}


def ses_error(code: str, message: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendRawEmail")


@dataclass
class NoInbox:
    postponed: list[int] = field(default_factory=list)

    def postpone(self, _receipt_handle: str, seconds: int) -> None:
        self.postponed.append(seconds)


@dataclass
class House:
    """The stage with everybody it talks to. `night` is the incident; `settle` works the queue until nothing is left to do."""

    wiring: Wiring
    incidents: LockedIncidents
    slack: SlackWorkspace
    jira: JiraSite
    mailbox: Mailbox
    secrets: MemorySecrets
    clock: TickingClock
    outbox: MemoryOutbox
    night: Night
    pagerduty: PagerDutyAccount

    def changed(self) -> IncidentChanged:
        incident = self.night.story.incident
        return IncidentChanged(incident_id=incident.id, version=incident.version)

    def due(self, channel: Channel) -> DeliveryDue:
        return DeliveryDue(incident_id=ID, channel=channel.id, version=self.night.story.incident.version)

    def tell(self) -> list[Transient]:
        """Route the newest change and deliver, each message once. What asked for patience comes back."""
        handle(self.changed(), self.wiring)
        wanted = self.outbox.take(DeliveryDue)
        self.outbox.sent.clear()
        return [error for message in wanted for error in self.try_once(message)]

    def try_once(self, message: Message) -> list[Transient]:
        try:
            handle(message, self.wiring)
        except Transient as error:
            return [error]
        return []

    def settle(self, message: Message, tries: int = 20) -> None:
        """As the queue does: again and again, each time after the wait that was asked for."""
        for _ in range(tries):
            errors = self.try_once(message)
            if not errors:
                return
            self.clock.tick((errors[0].retry_after or 30) + 1)
        raise AssertionError(f"still not settled: {errors[0]!r}")

    def delivery(self, channel: Channel) -> Delivery:
        found = self.wiring.incidents.row(ID, Delivery, channel.id)
        assert found
        return found


@contextmanager
def house(*channels: Channel, credentials: dict[str, str] | None = None, **settings: str) -> Iterator[House]:
    clock = TickingClock()
    slack, jira, mailbox = SlackWorkspace(clock=lambda: clock().timestamp()), JiraSite(), Mailbox()
    pagerduty = PagerDutyAccount()
    secrets, outbox, incidents = (
        MemorySecrets({"channels": CREDENTIALS if credentials is None else credentials}),
        MemoryOutbox(),
        LockedIncidents(),
    )
    with Server({"slack": slack, "jira": jira, "pagerduty": pagerduty}) as server:
        known = {
            "incidents_table": "i", "audit_table": "a", "bucket": "b", "distribution_queue_url": "q", "channels_secret_id": "channels",
            "slack_api_url": f"{server.url}/slack/api", "jira_url": f"{server.url}/jira", "mail_from": "watch@example.com",
            "pagerduty_api_url": f"{server.url}/pagerduty/api", "pagerduty_events_url": f"{server.url}/pagerduty/events",
            "aws_region": "eu-west-1", **settings,
        }  # fmt: skip
        if "slack_webhook_url" in secrets.lying["channels"]:
            secrets.lying["channels"] = secrets.lying["channels"] | {"slack_webhook_url": f"{server.url}/slack{slack.webhook}"}
        means = Means(
            settings=DistributionSettings.model_validate(known), secrets=secrets,
            services=Services(services=(Service(name="checkout", owner="payments"),)), web=Web(clock), mail=lambda: mailbox,
        )  # fmt: skip
        wiring = Wiring(
            incidents=incidents, outbox=outbox, inbox=NoInbox(), blobs=MemoryBlobs(), channels=Channels(channels=channels or ALL),
            means=means, anchors=MemoryAnchors(), clock=clock,
        )  # fmt: skip
        yield House(wiring, incidents, slack, jira, mailbox, secrets, clock, outbox, Night(incidents), pagerduty)
