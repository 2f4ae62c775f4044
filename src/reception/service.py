"""What reception does with a delivery. Every step may be done twice: rows are written by condition, messages carry repeatable ids."""

from datetime import datetime
from typing import Any

from reception.envelopes import of_event, opened
from reception.folding import Situation, fold
from reception.sources.registry import AutomationChanged, Received
from reception.understanding import only_alerts, understand
from reception.wiring import Wiring
from watchkeeper.errors import AlreadyWritten, NotYet, Stale
from watchkeeper.ids import incident_id
from watchkeeper.messages import AlertsReceived, look_again, read_message
from watchkeeper.models import Alert
from watchkeeper.storage.queues import redeem
from watchkeeper.telemetry import about, count, logger

TRIES = 5
STRANGER_AFTER_SECONDS = 15


def receive(body: str, sent_at: datetime, wiring: Wiring) -> None:
    """One record of the intake queue: fold its alerts one after the other, or pass on that an automation went on.

    A crash in between is made good by the next delivery: what was folded is found folded, and what it owed is sent.
    """
    inside = opened(redeem(body, wiring.blobs))
    if inside.body.get("kind") == "alerts_received":
        message = read_message(inside.text)
        if isinstance(message, AlertsReceived):
            for alert in message.alerts:
                fold_in(alert, message.trace_id or wiring.trace(), wiring)
        return
    for reading in understand(inside, Received(at=sent_at, home=wiring.home), wiring):
        if isinstance(reading, AutomationChanged):
            pass_on(reading, wiring)
        else:
            fold_in(reading, wiring.trace(), wiring)


def take_in(event: dict[str, Any], wiring: Wiring) -> dict[str, Any]:
    """An event that invoked us directly, such as a log subscription's: its alerts go to the intake queue, which keeps them."""
    received = Received(at=wiring.clock(), home=wiring.home, door="invocation")
    return hand_on(only_alerts(understand(of_event(event), received, wiring)), wiring)


def hand_on(alerts: tuple[Alert, ...], wiring: Wiring) -> dict[str, Any]:
    """Put the alerts on the intake queue; from there on nothing loses them."""
    if alerts:
        wiring.outbox.send([AlertsReceived(alerts=alerts, trace_id=wiring.trace())])
    return {"accepted": len(alerts), "alert_ids": [alert.key for alert in alerts]}


def fold_in(alert: Alert, trace_id: str, wiring: Wiring, tries: int = TRIES) -> None:
    """Let the alert open, join, reopen or close its incident. When others change it at the same time, decide again."""
    try:
        _fold_once(alert, trace_id, wiring)
    except Stale:
        if tries == 1:
            raise
        fold_in(alert, trace_id, wiring, tries - 1)


def _fold_once(alert: Alert, trace_id: str, wiring: Wiring) -> None:
    """An alert that is on record costs reads only: whoever recorded it may have died before sending what it owed."""
    episode = wiring.incidents.episode(alert.fingerprint)
    concerned = episode.open_incident or episode.last_incident
    if concerned and wiring.incidents.row(concerned, Alert, alert.key):
        return _settle(concerned, wiring)
    at = wiring.clock()
    incident = wiring.incidents.load(concerned) if concerned else None
    folded = fold(Situation(alert, episode, incident, at, wiring.settle, incident_id(at), trace_id))
    if folded.change:
        about(folded.change.incident.id, folded.change.incident.trace_id)
        try:
            wiring.publisher.publish(folded.change)
        except AlreadyWritten:
            return _settle(folded.change.incident.id, wiring)
    elif folded.episode:
        wiring.incidents.put_episode(folded.episode)
    count("AlertsFolded", verdict=folded.verdict.value)
    logger.info("folded", extra={"alert": alert.key, "verdict": folded.verdict.value, "source": alert.source})
    return None


def _settle(concerned: str, wiring: Wiring) -> None:
    about(concerned)
    wiring.publisher.settle(wiring.incidents.owed(concerned))
    count("AlertsFolded", verdict="duplicate")


def pass_on(automation: AutomationChanged, wiring: Wiring) -> None:
    """Ask remediation to look. An execution that nobody links after a while is somebody else's: no news for us."""
    incident_of = wiring.incidents.linked(f"automation/{automation.execution_id}")
    incident = wiring.incidents.load(incident_of) if incident_of else None
    if incident:
        about(incident.id, incident.trace_id)
        because = f"automation {automation.execution_id} is {automation.status}"
        look = look_again(incident.id, incident.group, because, automation.at)
        return wiring.outbox.send([look.but(trace_id=incident.trace_id)])
    age = (wiring.clock() - automation.at).total_seconds()
    if age < STRANGER_AFTER_SECONDS:
        raise NotYet(f"automation {automation.execution_id} is not linked to an incident", retry_after=max(2.0, age))
    count("AutomationsNotOurs")
    logger.info("an automation that no incident started", extra={"execution": automation.execution_id})
    return None
