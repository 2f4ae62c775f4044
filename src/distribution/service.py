"""Who is told what. Each channel is told exactly what it is owed, once, from the newest story, and holds up no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from distribution.channels import opened
from distribution.ledger import attempt, attempted
from distribution.place import Place, Post
from distribution.record import EDITED, POSTED, Overheard, Sent, content
from distribution.routing import routed, ticketed
from distribution.wiring import Wiring
from watchkeeper.errors import BadPayload, ChannelDown, ChannelRefused, Misconfigured, NotYet, Throttled
from watchkeeper.messages import DeliveryDue, IncidentChanged, Message, TicketAsked
from watchkeeper.models import Delivery, DeliveryStatus, Incident
from watchkeeper.story import Story, tell
from watchkeeper.team import Channel
from watchkeeper.telemetry import about, count, logger
from watchkeeper.tickets import was_asked


def handle(message: Message, wiring: Wiring) -> None:
    """Route a change, or pay one channel's debt. Safe to repeat: a row remembers what each channel has been told."""
    if isinstance(message, IncidentChanged):
        route(message, wiring)
    elif isinstance(message, TicketAsked):
        open_tickets(message, wiring)
    elif isinstance(message, DeliveryDue):
        deliver(message, wiring)
    else:
        raise BadPayload(f"distribution takes no {type(message).__name__}", field="kind")


def route(changed: IncidentChanged, wiring: Wiring) -> None:
    """Write down what each channel is owed, then wake it. Waking it again, after a crash in between, does no harm."""
    incident = _incident(changed, wiring)
    told = _told(incident, wiring)
    _owe(changed, routed(incident, wiring.channels, told), told, wiring)


def open_tickets(asked: TicketAsked, wiring: Wiring) -> None:
    """From now on the ticket channels owe this incident what they owe any other. The message alone opens nothing: what counts
    is a person's word in the audit record."""
    incident = _incident(asked, wiring)
    if not was_asked(wiring.incidents.history(incident.id)):
        raise BadPayload(f"nobody asked for a ticket of {incident.id}", field="incident_id")
    channels = ticketed(incident, wiring.channels)
    if not channels:
        logger.warning("a ticket was asked for, and no ticket channel is for this service", extra={"service": incident.service})
    _owe(asked, channels, _told(incident, wiring), wiring)


def _incident(message: IncidentChanged | TicketAsked, wiring: Wiring) -> Incident:
    about(message.incident_id, message.trace_id)
    incident = wiring.incidents.load(message.incident_id)
    if incident is None:
        raise NotYet(f"{message.incident_id} is not there")
    return incident


def _told(incident: Incident, wiring: Wiring) -> dict[str, Delivery]:
    return {delivery.channel: delivery for delivery in wiring.incidents.rows(incident.id, Delivery)}


def _owe(
    message: IncidentChanged | TicketAsked, channels: Sequence[Channel], told: Mapping[str, Delivery], wiring: Wiring
) -> None:  # fmt: skip
    for channel in channels:
        delivery = told.get(channel.id)
        if delivery is None or delivery.shown_version < message.version:
            wiring.ledger.want(message.incident_id, channel.id, message.version)
            due = DeliveryDue(incident_id=message.incident_id, channel=channel.id, version=message.version, trace_id=message.trace_id)
            wiring.outbox.send([due])


@dataclass(frozen=True)
class Telling:
    """One channel that is told of one incident, and what it was heard to send."""

    story: Story
    channel: Channel
    place: Place
    heard: Overheard
    wiring: Wiring

    def keep(self, kind: str, key: str, sha256: str, external_id: str = "") -> None:
        """Seal it onto this channel's chain; known already, it stays as it is."""
        incident = self.story.incident
        sent = Sent(kind, key, incident.version, sha256, external_id)
        self.wiring.record.keep(incident.id, self.channel.id, self.channel.kind.value, sent)


def deliver(due: DeliveryDue, wiring: Wiring) -> None:
    """Tell this channel what it is owed.

    What it refuses is recorded and not tried again until the incident changes. What it cannot take now is recorded
    and raised, so that the queue tries again.
    """
    about(due.incident_id, due.trace_id)
    delivery, story = wiring.ledger.read(due.incident_id, due.channel), tell(wiring.incidents, due.incident_id)
    if delivery is None or story is None:
        raise NotYet(f"{due.channel} of {due.incident_id} is not written yet", retry_after=2)
    if delivery.status is DeliveryStatus.PAID and delivery.shown_version >= due.version:
        return
    kind = "unknown"
    try:
        channel = _channel(due.channel, wiring)
        kind = channel.kind.value
        heard = Overheard(wiring.means.web)
        _pay(delivery, Telling(story, channel, opened(channel, replace(wiring.means, web=heard)), heard, wiring))
    except ChannelRefused as error:
        _refused(delivery, str(error), kind, wiring)
    except (Throttled, ChannelDown, Misconfigured) as error:
        wiring.ledger.note(delivery, failure=str(error))
        count("DeliveriesDelayed", channel=kind)
        raise
    else:
        count("DeliveriesPaid", channel=kind)


def _channel(channel_id: str, wiring: Wiring) -> Channel:
    for channel in wiring.channels.channels:
        if channel.id == channel_id:
            return channel
    raise ChannelRefused(f"{channel_id} is no longer in channels.yaml")


def _refused(delivery: Delivery, why: str, kind: str, wiring: Wiring) -> None:
    """Said aloud once for each incident, counted each time."""
    if delivery.failure != why:
        logger.warning("a channel refuses what it is owed", extra={"channel": delivery.channel, "why": why})
    wiring.ledger.note(delivery, status=DeliveryStatus.REFUSED, failure=why)
    count("DeliveriesRefused", channel=kind)


def _pay(delivery: Delivery, telling: Telling) -> None:
    """First what is edited in place, then every message that is owed, then the row says that this version is shown."""
    ledger, story = telling.wiring.ledger, telling.story
    standing = telling.place.refresh(story, delivery.refs)
    if standing != delivery.refs:
        delivery = ledger.revise(delivery, refs=standing)
    else:
        for body in telling.heard.bodies:
            telling.keep(EDITED, "edited in place", body)
    posts = telling.place.posts(story, delivery)
    for post in posts:
        if post.key not in delivery.refs:
            delivery = _post(post, delivery, telling)
    told: dict[str, Any] = {"said": tuple(sorted({*delivery.said, *(seq for post in posts for seq in post.tells)}))}
    ledger.revise(delivery, shown_version=story.incident.version, status=DeliveryStatus.OWED, failure="", **told)


def _post(post: Post, delivery: Delivery, telling: Telling) -> Delivery:
    """Out once: the row says `attempting` before it is sent, and whoever finds that set looks before sending. On the record before
    the row says that it is out."""
    ledger, begun, sha256 = telling.wiring.ledger, attempted(delivery, post.key), content(post.body)
    refs = _look(post, delivery, telling)
    if refs is None:
        delivery = ledger.revise(delivery, attempting=attempt(post.key, telling.wiring.clock(), sha256))
        try:
            refs = telling.place.send(post, delivery.refs)
        except (Throttled, ChannelRefused):
            ledger.revise(delivery, attempting="")
            raise
    elif begun:
        sha256 = begun.sha256
    telling.keep(POSTED, post.key, sha256, refs.get(post.key, ""))
    said = tuple(sorted({*delivery.said, *post.tells}))
    return ledger.revise(delivery, attempting="", refs={**delivery.refs, **refs}, said=said)


def _look(post: Post, delivery: Delivery, telling: Telling) -> dict[str, str] | None:
    """What an earlier attempt left in the channel. One that is still settling may yet appear, so its absence says nothing."""
    begun = attempted(delivery, post.key)
    if begun is None:
        return None
    refs = telling.place.find(post, delivery.refs, begun.at)
    settled, now = begun.at + telling.place.settling, telling.wiring.clock()
    if refs is None and now < settled:
        raise NotYet(f"{post.key} may still be on its way", retry_after=(settled - now).total_seconds())
    return refs
