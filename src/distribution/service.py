"""Who is told what. Each channel is told exactly what it is owed, once, from the newest story, and holds up no other."""

from typing import Any

from distribution.channels import opened
from distribution.ledger import attempt, attempted
from distribution.place import Place, Post
from distribution.routing import routed
from distribution.wiring import Wiring
from watchkeeper.errors import BadPayload, ChannelDown, ChannelRefused, Misconfigured, NotYet, Throttled
from watchkeeper.messages import DeliveryDue, IncidentChanged, Message
from watchkeeper.models import Delivery, DeliveryStatus
from watchkeeper.story import Story, tell
from watchkeeper.team import Channel
from watchkeeper.telemetry import about, count, logger


def handle(message: Message, wiring: Wiring) -> None:
    """Route a change, or pay one channel's debt. Safe to repeat: a row remembers what each channel has been told."""
    if isinstance(message, IncidentChanged):
        route(message, wiring)
    elif isinstance(message, DeliveryDue):
        deliver(message, wiring)
    else:
        raise BadPayload(f"distribution takes no {type(message).__name__}", field="kind")


def route(changed: IncidentChanged, wiring: Wiring) -> None:
    """Write down what each channel is owed, then wake it. Waking it again, after a crash in between, does no harm."""
    about(changed.incident_id, changed.trace_id)
    incident = wiring.incidents.load(changed.incident_id)
    if incident is None:
        raise NotYet(f"{changed.incident_id} is not there")
    told = {delivery.channel: delivery for delivery in wiring.incidents.rows(incident.id, Delivery)}
    for channel in routed(incident, wiring.channels, told):
        delivery = told.get(channel.id)
        if delivery is None or delivery.shown_version < changed.version:
            wiring.ledger.want(incident.id, channel.id, changed.version)
            wiring.outbox.send(
                [DeliveryDue(incident_id=incident.id, channel=channel.id, version=changed.version, trace_id=changed.trace_id)]
            )


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
