"""One alert and its fingerprint's episode go in; the change to be written comes out. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.change import Change, change
from watchkeeper.episodes import Episode, Verdict, judge
from watchkeeper.messages import AnalysisAsked, look_again
from watchkeeper.models import Alert, AlertKind, Due, DueKind, Happening, Incident, Status
from watchkeeper.states import Move, may, move

ACTOR = "reception"
ANALYSIS_BY = timedelta(minutes=15)


@dataclass(frozen=True)
class Situation:
    """All that is known: the alert, its fingerprint's episode and that episode's incident, read just now."""

    alert: Alert
    episode: Episode
    incident: Incident | None
    at: datetime
    settle: timedelta
    new_id: str
    trace_id: str


@dataclass(frozen=True)
class Fold:
    """What to write: a change, or only the episode, or nothing."""

    verdict: Verdict
    change: Change | None = None
    episode: Episode | None = None


def fold(s: Situation) -> Fold:
    """Open, join, reopen, resolve or ignore."""
    verdict = judge(s.alert.kind, s.alert.occurred_at, _as_it_stands(s), s.settle)
    if verdict is Verdict.IGNORE:
        return Fold(verdict, episode=_remembered(s))
    if verdict is Verdict.REOPEN and not may(_known(s).status, Move.FIRED_AGAIN):
        verdict = Verdict.OPEN
    if verdict is Verdict.RESOLVE and s.incident and s.alert.occurred_at < s.incident.fired_at:
        return Fold(Verdict.IGNORE)  # an OK that was overtaken by the firing after it
    return Fold(verdict, change=_ANSWERS[verdict](s))


def _as_it_stands(s: Situation) -> Episode:
    """The episode, closed where its incident ended by another hand than ours, and unknown where that is gone."""
    if s.incident is None:
        return s.episode.but(open_incident="", last_incident="")
    if not (s.episode.open_incident and s.incident.status is Status.RESOLVED):
        return s.episode
    over = s.incident.resolved_at or s.incident.updated_at
    return s.episode.but(open_incident="", last_incident=s.incident.id, resolved_at=over)


def _remembered(s: Situation) -> Episode | None:
    """An OK that came before its alarm is remembered, so that the alarm, when it comes late, is known to be over."""
    known = s.episode
    if s.alert.kind is not AlertKind.RESOLVED or known.open_incident or (known.resolved_at and s.alert.occurred_at <= known.resolved_at):
        return None
    return known.but(revision=known.revision + 1, resolved_at=s.alert.occurred_at)


def _open(s: Situation) -> Change:
    a = s.alert
    incident = Incident(
        id=s.new_id,
        version=0,
        status=Status.OPEN,
        title=a.title,
        severity=a.severity,
        service=a.service,
        environment=a.environment,
        account=a.account,
        region=a.region,
        source=a.source,
        fingerprint=a.fingerprint,
        alarm_name=a.alarm_name,
        resources=a.resources,
        opened_at=s.at,
        updated_at=s.at,
        fired_at=a.occurred_at,
        trace_id=s.trace_id,
        due=_due(s),
    )
    return change(
        incident,
        [_happening(a, "incident.opened", f"Opened by {a.source}: {a.title}")],
        s.at,
        new=[a],
        episode=s.episode.but(revision=s.episode.revision + 1, open_incident=s.new_id),
        owed=[AnalysisAsked(incident_id=s.new_id, version=1, trace_id=s.trace_id)],
    )


def _join(s: Situation) -> Change:
    """One more of the same. People hear of it where it is worse than before, or fires again after it had cleared."""
    incident, a = _known(s), s.alert
    fires = a.kind is AlertKind.FIRING
    worse = fires and not incident.severity.at_least(a.severity)
    again = fires and incident.cleared_at is not None and a.occurred_at > incident.cleared_at
    return change(
        incident,
        [_happening(a, "alert.joined", f"Joined by {a.source}: {a.title}")],
        s.at,
        new=[a],
        quiet=not (worse or again),
        alert_count=incident.alert_count + 1,
        severity=a.severity if worse else incident.severity,
        fired_at=max(incident.fired_at, a.occurred_at) if fires else incident.fired_at,
        cleared_at=None if again else incident.cleared_at,
    )


def _reopen(s: Situation) -> Change:
    """It is back within the settling time: the same incident, to be analysed anew; what was tried stays on record."""
    incident, a = _known(s), s.alert
    return change(
        incident,
        [_happening(a, "incident.reopened", f"Fired again {_ago(incident, a)} after it was resolved: {a.title}")],
        s.at,
        new=[a],
        episode=s.episode.but(revision=s.episode.revision + 1, open_incident=incident.id),
        owed=[AnalysisAsked(incident_id=incident.id, version=incident.version + 1, trace_id=incident.trace_id)],
        status=move(incident.status, Move.FIRED_AGAIN),
        alert_count=incident.alert_count + 1,
        severity=incident.severity if incident.severity.at_least(a.severity) else a.severity,
        fired_at=a.occurred_at,
        resolved_at=None,
        cleared_at=None,
        analysis_claim="",
        analysis_id="",
        plan_id="",
        execution_id="",
        due=_due(s),
    )


def _resolve(s: Situation) -> Change:
    """It cleared by itself; while we are at work on it, remediation is told to look whether that was its doing."""
    incident, a = _known(s), s.alert
    cleared = _happening(a, "alert.cleared", f"Cleared: {a.title}")
    if not may(incident.status, Move.CLEARED):
        looked = look_again(incident.id, incident.group, "the alarm cleared", a.occurred_at)
        return change(incident, [cleared], s.at, new=[a], quiet=True, cleared_at=a.occurred_at, owed=[looked])
    return change(
        incident,
        [cleared, Happening(actor=ACTOR, kind="incident.resolved", says="It cleared by itself.", detail={"by": "itself"})],
        s.at,
        new=[a],
        episode=s.episode.but(revision=s.episode.revision + 1, open_incident="", last_incident=incident.id, resolved_at=a.occurred_at),
        status=move(incident.status, Move.CLEARED),
        cleared_at=a.occurred_at,
        resolved_at=a.occurred_at,
        due=None,
    )


_ANSWERS: dict[Verdict, Callable[[Situation], Change]] = {
    Verdict.OPEN: _open,
    Verdict.JOIN: _join,
    Verdict.REOPEN: _reopen,
    Verdict.RESOLVE: _resolve,
}


def _known(s: Situation) -> Incident:
    if s.incident is None:
        raise ValueError("only what opens has no incident yet")
    return s.incident


def _due(s: Situation) -> Due:
    """By then somebody has begun to analyse, or the sweeper asks once more."""
    return Due(kind=DueKind.ANALYSIS, at=s.at + ANALYSIS_BY)


def _happening(alert: Alert, kind: str, says: str) -> Happening:
    detail = {"alert": alert.key, "source": alert.source, "severity": alert.severity.value, "occurred_at": alert.occurred_at.isoformat()}
    return Happening(actor=ACTOR, kind=kind, says=says, detail=detail)


def _ago(incident: Incident, alert: Alert) -> str:
    seconds = (alert.occurred_at - (incident.resolved_at or incident.updated_at)).total_seconds()
    return f"{max(0, seconds) / 60:.0f} min" if seconds >= 60 else f"{max(0, seconds):.0f} s"
