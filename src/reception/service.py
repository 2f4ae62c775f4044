"""What reception does with a delivery. Every step may be done twice: rows are written by condition, messages carry repeatable ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reception.envelopes import of_event, opened
from reception.item import Item
from reception.sources.registry import AutomationChanged, Received
from reception.understanding import only_alerts, understand
from reception.wiring import Wiring
from watchkeeper.errors import NotYet
from watchkeeper.messages import AlertsReceived, EpisodeDue, look_again, read_message
from watchkeeper.models import Alert
from watchkeeper.storage.queues import redeem
from watchkeeper.telemetry import about, count, logger

STRANGER_AFTER_SECONDS = 15
_OURS = {"alerts_received", "episode_due"}


@dataclass(frozen=True)
class Delivery:
    """A record of the intake queue. `sent_at` is the same at every delivery; `again` says that there was one before."""

    body: str
    sent_at: datetime
    again: bool = False


def receive(deliveries: Sequence[Delivery], wiring: Wiring) -> list[Exception | None]:
    """A batch of the intake queue: its alerts are folded all together. For each record none, or why it has to come again.

    A record fails where it cannot be read, or where one of the fingerprints in it failed. A crash in between is made
    good by the next delivery: what was folded is found folded, and what it owed is sent.
    """
    from reception.batch import fold_in  # what comes through the door is queued and not folded: its cold start is shorter without

    outcomes: list[Exception | None] = []
    items: list[list[Item]] = []
    for delivery in deliveries:
        read: list[Item] = []
        try:
            read = _items(delivery, wiring)
            outcomes.append(None)
        except Exception as error:  # noqa: BLE001 - it is this record's outcome: logged where records are answered, and redelivered
            outcomes.append(error)
        items.append(read)
    failed = fold_in([item for read in items for item in read], wiring)
    return [
        outcome or next((failed[item.fingerprint] for item in read if item.fingerprint in failed), None)
        for outcome, read in zip(outcomes, items, strict=True)
    ]


def _items(delivery: Delivery, wiring: Wiring) -> list[Item]:
    """What a record has to be folded. An automation that went on is passed on at once."""
    inside = opened(redeem(delivery.body, wiring.blobs))
    if inside.body.get("kind") in _OURS:
        message = read_message(inside.text)
        trace_id = message.trace_id or wiring.trace()
        if isinstance(message, EpisodeDue):
            return [Item(message.fingerprint, None, trace_id, delivery.again)]
        alerts = message.alerts if isinstance(message, AlertsReceived) else ()
        return [Item(alert.fingerprint, alert, trace_id, delivery.again) for alert in alerts]
    readings = understand(inside, Received(at=delivery.sent_at, home=wiring.home), wiring)
    trace_id = wiring.trace()
    items = [Item(reading.fingerprint, reading, trace_id, delivery.again) for reading in readings if isinstance(reading, Alert)]
    for reading in readings:
        if isinstance(reading, AutomationChanged):
            pass_on(reading, wiring)
    return items


def take_in(event: dict[str, Any], wiring: Wiring) -> dict[str, Any]:
    """An event that invoked us directly, such as a log subscription's: its alerts go to the intake queue, which keeps them."""
    received = Received(at=wiring.clock(), home=wiring.home, door="invocation")
    return hand_on(only_alerts(understand(of_event(event), received, wiring)), wiring)


def hand_on(alerts: tuple[Alert, ...], wiring: Wiring) -> dict[str, Any]:
    """Put the alerts on the intake queue; from there on nothing loses them."""
    if alerts:
        wiring.outbox.send([AlertsReceived(alerts=alerts, trace_id=wiring.trace())])
    return {
        "accepted": len(alerts),
        "alert_ids": [alert.key for alert in alerts],
        "fingerprints": list(dict.fromkeys(alert.fingerprint for alert in alerts)),
    }


def pass_on(automation: AutomationChanged, wiring: Wiring) -> None:
    """Ask remediation to look. An execution that nobody links after a while is somebody else's: no news for us."""
    incident_of = wiring.incidents.linked(f"automation/{automation.execution_id}")
    incident = wiring.incidents.load(incident_of) if incident_of else None
    if incident:
        about(incident.id, incident.trace_id)
        because = f"automation {automation.execution_id} has gone on"  # the same for all steps of a second, so that one look is for all
        look = look_again(incident.id, incident.group, because, automation.at)
        return wiring.outbox.send([look.but(trace_id=incident.trace_id)])
    age = (wiring.clock() - automation.at).total_seconds()
    if age < STRANGER_AFTER_SECONDS:
        raise NotYet(f"automation {automation.execution_id} is not linked to an incident", retry_after=max(2.0, age))
    count("AutomationsNotOurs")
    logger.info("an automation that no incident started", extra={"execution": automation.execution_id})
    return None
