"""From a delivery to alerts that may be stored: find the source, read, place, redact, cut, keep what was cut."""

import hashlib

from reception.envelopes import Opened
from reception.sources.registry import AutomationChanged, Reading, Received, Source, sources
from reception.tidying import LONGEST_SECRET, not_ahead, placed, tidied
from reception.wiring import Wiring
from watchkeeper.errors import BadPayload, WatchkeeperError
from watchkeeper.models import Alert, StoredPayload
from watchkeeper.telemetry import count, logger

MOST_KEPT = 1_000_000


def understand(opened: Opened, received: Received, wiring: Wiring, known: Source | None = None) -> list[Reading]:
    """What this delivery says, ready to be stored or sent. Only a known source may refuse it, with BadPayload.

    The raw text is kept where the alert does not hold all that matters: it was cut, or nobody here could read it. A put
    costs as much as four writes to the table and most alarms are nothing but their fields, so the others go without.
    """
    alerts, readings = [], []
    for reading in _readings(opened, received, known):
        if isinstance(reading, AutomationChanged):
            readings.append(reading)
        else:
            alerts.append(tidied(placed(not_ahead(reading, received.at), wiring.services()), wiring.redact))
    lacking = [alert for alert, short in alerts if short or alert.source == "unrecognised"]
    kept = _kept(opened, lacking[0].source, wiring) if lacking else None
    for alert, _ in alerts:
        count("AlertsReceived", source=alert.source, kind=alert.kind.value)
    return [*readings, *(alert.but(raw=kept) if alert in lacking else alert for alert, _ in alerts)]


def _readings(opened: Opened, received: Received, known: Source | None) -> list[Reading]:
    table = sources()
    found = known or next((s for s in table.values() if s.recognises and s.recognises(opened.body)), table["unrecognised"])
    try:
        return list(found.read(opened.body, received))
    except BadPayload:
        raise
    except Exception:  # noqa: BLE001 - a mistake in a reader must not cost an alert: logged, and it comes out as unrecognised
        logger.exception("a source failed to read its own", extra={"source": found.name})
        return list(table["unrecognised"].read(opened.body, received))


def _kept(opened: Opened, source: str, wiring: Wiring) -> StoredPayload | None:
    """The redacted raw text, under its own hash, so that a second delivery is the same object. An outage keeps no alert up."""
    text = wiring.redact(opened.text[:MOST_KEPT])
    if len(opened.text) > MOST_KEPT:
        text = text[:-LONGEST_SECRET]
    body = text.encode(errors="replace")
    try:
        return wiring.blobs.put(f"raw/{source}/{hashlib.sha256(body).hexdigest()}", body)
    except WatchkeeperError:
        logger.exception("the raw text of an alert could not be kept; the alert goes on without it", extra={"source": source})
        return None


def only_alerts(readings: list[Reading]) -> tuple[Alert, ...]:
    """Without what is no alert."""
    return tuple(reading for reading in readings if isinstance(reading, Alert))
