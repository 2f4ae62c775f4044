"""Taking alerts out of an incident into a new one, and putting one incident into another: what moves, and what is recorded."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reception.noise.correlation import deployment_of
from reception.noise.severity import Size, size_of
from watchkeeper.episodes import Episode
from watchkeeper.errors import Refused
from watchkeeper.models import Alert, AlertKind, Happening, Incident, Severity, Status
from watchkeeper.states import Move, move

AT_WORK = frozenset({Status.REMEDIATING, Status.VERIFYING})
_DONE = {"split": "split", "merge": "merged"}


@dataclass(frozen=True)
class Side:
    """One of the two incidents: as it was read (version 0: it is new), its fields to change and what to record."""

    incident: Incident
    fields: dict[str, Any]
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class Moved:
    """`alerts` lie with `giver` now and belong to `taker`; `episodes` are the pointers to write, one revision on."""

    giver: Side
    taker: Side
    alerts: tuple[Alert, ...]
    episodes: tuple[Episode, ...]


def split(
    incident: Incident, alerts: Sequence[Alert], chosen: Collection[str], episodes: Iterable[Episode], by: str, at: datetime, new_id: str
) -> Moved:
    """The alerts with these keys, and all others of their fingerprints, become an incident of their own.

    A fingerprint stays whole, because its next alert can go to one incident only. Refused while something is being
    done about the incident and after it has ended, for a key that it does not have, and for what opened it: its title,
    its resources and what was planned for them are that alert's.
    """
    _refuse(incident, "split")
    unknown = sorted(set(chosen) - {alert.key for alert in alerts})
    if unknown:
        raise Refused(f"{incident.id} has no alert {', '.join(unknown)}; `watchkeeper show {incident.id}` lists those that it has")
    prints = {alert.fingerprint for alert in alerts if alert.key in chosen}
    going = tuple(alert for alert in alerts if alert.fingerprint in prints)
    staying = tuple(alert for alert in alerts if alert.fingerprint not in prints)
    if not going or incident.fingerprint in prints:
        raise Refused(f"name alerts of {incident.id} to split off; those of {incident.fingerprint}, which opened it, stay")
    taker = _new(incident, going, at, new_id)
    detail = {"by": by, "alerts": len(going), "from": incident.id, "to": new_id}
    said = f"{_alerts(going)} of {incident.id} were split off into {new_id} by {by}."
    return Moved(
        Side(incident, _left(incident, staying, len(going)), (_told("incident.split", by, said, detail),)),
        Side(taker, {}, (_told("incident.opened", by, said, detail),)),
        going,
        _pointing(episodes, prints, incident.id, new_id),
    )


def merge(giver: Incident, taker: Incident, alerts: Sequence[Alert], episodes: Iterable[Episode], by: str, at: datetime) -> Moved:
    """All alerts of `giver` go over to `taker`, and `giver` is over. `alerts` are the giver's.

    Refused while something is being done about either, into itself, and where one of them has ended.
    """
    if giver.id == taker.id:
        raise Refused(f"{giver.id} cannot be merged into itself")
    for incident in (giver, taker):
        _refuse(incident, "merge")
    size = size_of(taker)
    for alert in alerts:
        size = size.with_alert(alert)
    fields = {
        "alert_count": taker.alert_count + giver.alert_count,
        "touched": size.touched,
        "services": size.services,
        "severity": min(giver.severity, taker.severity, key=lambda severity: severity.value),
        "fired_at": max(giver.fired_at, taker.fired_at),
        "cleared_at": None if giver.cleared_at is None or taker.cleared_at is None else max(giver.cleared_at, taker.cleared_at),
    }
    over = {"status": move(giver.status, Move.MERGED), "resolved_at": at, "due": None, "plan_id": "", "analysis_claim": ""}
    detail = {"by": by, "alerts": len(alerts), "from": giver.id, "to": taker.id}
    gone = _told("incident.merged", by, f"Merged into {taker.id} by {by}; it goes on there.", detail)
    come = _told("incident.merged", by, f"{giver.id} with {_alerts(alerts)} was merged into this by {by}.", detail)
    prints = {alert.fingerprint for alert in alerts} | {giver.fingerprint}
    return Moved(Side(giver, over, (gone,)), Side(taker, fields, (come,)), tuple(alerts), _pointing(episodes, prints, giver.id, taker.id))


def _refuse(incident: Incident, what: str) -> None:
    if incident.status in AT_WORK:
        raise Refused(f"{incident.id} is {incident.status.value}: {what} it when the action is over, for its outcome belongs to its cause")
    if incident.status.ended:
        raise Refused(f"{incident.id} is {incident.status.value}; only incidents that go on can be {_DONE[what]}")


def _left(incident: Incident, staying: Sequence[Alert], gone: int) -> dict[str, Any]:
    """The incident without what went; exact duplicates that were only counted stay with it."""
    fired_at = _fired_at(staying, incident)
    return _size(staying) | {"alert_count": max(len(staying), incident.alert_count - gone), "fired_at": fired_at}


def _new(incident: Incident, alerts: Sequence[Alert], at: datetime, new_id: str) -> Incident:
    """The incident that the alerts would have opened."""
    first = min((a for a in alerts if a.kind is AlertKind.FIRING), key=lambda a: (a.occurred_at, a.key), default=alerts[0])
    return Incident(
        id=new_id,
        version=0,
        status=Status.OPEN,
        title=first.title,
        severity=_worst(alerts),
        service=first.service,
        environment=first.environment,
        account=first.account,
        region=first.region,
        source=first.source,
        fingerprint=first.fingerprint,
        alarm_name=first.alarm_name,
        resources=first.resources,
        opened_at=at,
        updated_at=at,
        fired_at=_fired_at(alerts, incident),
        deployment=deployment_of(first),
        trace_id=incident.trace_id,
        **_size(alerts),
    )


def _size(alerts: Sequence[Alert]) -> dict[str, Any]:
    """Counted from the alerts alone."""
    size = Size(0, (), ())
    for alert in alerts:
        size = size.with_alert(alert)
    return {"alert_count": size.alerts, "touched": size.touched, "services": size.services}


def _worst(alerts: Sequence[Alert]) -> Severity:
    return min((alert.severity for alert in alerts), key=lambda severity: severity.value)


def _fired_at(alerts: Sequence[Alert], incident: Incident) -> datetime:
    return max((alert.occurred_at for alert in alerts if alert.kind is AlertKind.FIRING), default=incident.fired_at)


def _pointing(episodes: Iterable[Episode], prints: Collection[str], old: str, new: str) -> tuple[Episode, ...]:
    """The pointers of these fingerprints that named the old incident, naming the new one."""
    return tuple(
        episode.but(
            revision=episode.revision + 1,
            open_incident=new if episode.open_incident == old else episode.open_incident,
            last_incident=new if episode.last_incident == old else episode.last_incident,
        )
        for episode in episodes
        if episode.fingerprint in prints and old in {episode.open_incident, episode.last_incident}
    )


def _alerts(alerts: Sequence[Alert]) -> str:
    return "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"


def _told(kind: str, by: str, says: str, detail: dict[str, Any]) -> Happening:
    return Happening(actor=f"person:{by}", kind=kind, says=says, detail=detail)
