"""Alerts that go from one incident to another, as a person ordered: as many transactions as it takes, the first with all that counts.

Safe to end anywhere: the first transaction changes both incidents, their audit records and the fingerprints' pointers together
with the first alerts; the rest of the alerts follow, each either here or there. The same merge once more takes what was left.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cli.stack import Stack
from cli.trouble import CANNOT, Trouble
from reception.folding import ANALYSIS_BY
from reception.noise.splitting import Moved
from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode
from watchkeeper.messages import AnalysisAsked
from watchkeeper.models import Alert, Due, DueKind, Incident
from watchkeeper.publish import Publisher

MOST_EPISODES = 40
AT_ONCE = 20


def episodes_of(stack: Stack, incident: Incident, alerts: Sequence[Alert]) -> list[Episode]:
    """What is known of every fingerprint of the incident; Trouble where they are too many to move together."""
    prints = {alert.fingerprint for alert in alerts} | {incident.fingerprint}
    if len(prints) > MOST_EPISODES:
        means = "their pointers would not fit into one transaction, and half of them moved would be worse than none"
        raise Trouble(
            f"{incident.id} has alerts of {len(prints)} fingerprints", means, f"split it first; at most {MOST_EPISODES} move", CANNOT
        )
    return list(stack.incidents.episodes(prints).values())


def carry_out(moved: Moved, stack: Stack, at: datetime, *, analyse: bool) -> Incident:
    """Write and tell it; the taker as it is then."""
    publisher = Publisher(stack.incidents, stack.outbox, stack.anchors)
    first, rest = moved.alerts[:AT_ONCE], moved.alerts[AT_ONCE:]
    gone, come = _first(_counting(moved), first, at, analyse=analyse)
    publisher.publish(gone, come)
    return hand_over(gone.incident, come.incident, rest, publisher, at)


def hand_over(giver: Incident, taker: Incident, alerts: Sequence[Alert], publisher: Publisher, at: datetime) -> Incident:
    """Alerts that lie with the one and belong to the other."""
    for start in range(0, len(alerts), AT_ONCE):
        part = alerts[start : start + AT_ONCE]
        gone = change(giver, [], at, gone=_places(giver, part), quiet=True)
        come = change(taker, [], at, new=part, quiet=True)
        publisher.publish(gone, come)
        giver, taker = gone.incident, come.incident
    return taker


def _first(moved: Moved, alerts: Sequence[Alert], at: datetime, *, analyse: bool) -> tuple[Change, Change]:
    giver, taker = moved.giver, moved.taker
    asked = [AnalysisAsked(incident_id=taker.incident.id, version=taker.incident.version + 1, trace_id=taker.incident.trace_id)]
    fields = taker.fields | ({"due": Due(kind=DueKind.ANALYSIS, at=at + ANALYSIS_BY)} if analyse else {})
    return (
        change(giver.incident, giver.happenings, at, gone=_places(giver.incident, alerts), **giver.fields),
        change(taker.incident, taker.happenings, at, new=alerts, pointers=moved.episodes, owed=asked if analyse else (), **fields),
    )


def _counting(moved: Moved) -> Moved:
    """With what fires in each from now on: a fingerprint fires where its pointer leads."""
    moving = [episode.fingerprint for episode in moved.episodes if episode.open_incident == moved.taker.incident.id]
    giver, taker = moved.giver.incident, moved.taker.incident
    left = tuple(name for name in giver.firing if name not in moving)
    there = tuple(dict.fromkeys((*taker.firing, *moving)))
    return replace(
        moved,
        giver=replace(moved.giver, fields=moved.giver.fields | {"firing": left}),
        taker=replace(moved.taker, fields=moved.taker.fields | {"firing": there}),
    )


def _places(incident: Incident, alerts: Sequence[Alert]) -> list[tuple[str, str]]:
    return [(incident.id, alert.sort_key) for alert in alerts]
