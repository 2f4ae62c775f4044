"""Who is told what. Each channel is told exactly what it is owed, once, from the newest story, and holds up no other."""

from collections.abc import Mapping, Sequence
from typing import Any

from distribution.channels import opened
from distribution.ledger import attempt, attempted
from distribution.place import Place, Post
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
        _pay(story, delivery, opened(channel, wiring.means), wiring)
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


def _pay(story: Story, delivery: Delivery, place: Place, wiring: Wiring) -> None:
    """First what is edited in place, then every message that is owed, then the row says that this version is shown."""
    standing = place.refresh(story, delivery.refs)
    if standing != delivery.refs:
        delivery = wiring.ledger.revise(delivery, refs=standing)
    posts = place.posts(story, delivery)
    for post in posts:
        if post.key not in delivery.refs:
            delivery = _post(post, delivery, place, wiring)
    told: dict[str, Any] = {"said": tuple(sorted({*delivery.said, *(seq for post in posts for seq in post.tells)}))}
    wiring.ledger.revise(delivery, shown_version=story.incident.version, status=DeliveryStatus.OWED, failure="", **told)


def _post(post: Post, delivery: Delivery, place: Place, wiring: Wiring) -> Delivery:
    """Out once: the row says `attempting` before it is sent, and whoever finds that set looks before sending."""
    refs = _look(post, delivery, place, wiring)
    if refs is None:
        delivery = wiring.ledger.revise(delivery, attempting=attempt(post.key, wiring.clock()))
        try:
            refs = place.send(post, delivery.refs)
        except (Throttled, ChannelRefused):
            wiring.ledger.revise(delivery, attempting="")
            raise
    said = tuple(sorted({*delivery.said, *post.tells}))
    return wiring.ledger.revise(delivery, attempting="", refs={**delivery.refs, **refs}, said=said)


def _look(post: Post, delivery: Delivery, place: Place, wiring: Wiring) -> dict[str, str] | None:
    """What an earlier attempt left in the channel. One that is still settling may yet appear, so its absence says nothing."""
    since = attempted(delivery, post.key)
    if since is None:
        return None
    refs = place.find(post, delivery.refs, since)
    settled = since + place.settling
    if refs is None and wiring.clock() < settled:
        raise NotYet(f"{post.key} may still be on its way", retry_after=(settled - wiring.clock()).total_seconds())
    return refs
