"""One alert and its fingerprint's episode go in; the step that its incident takes comes out. No I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reception.drafting import ACTOR, Step, as_change
from reception.noise.correlation import deployment_of
from reception.noise.severity import Size, size_of
from watchkeeper.change import Change
from watchkeeper.episodes import Episode, Verdict, judge
from watchkeeper.messages import look_again
from watchkeeper.models import Alert, AlertKind, Due, DueKind, Happening, Incident, Status
from watchkeeper.states import Move, may, move

ANALYSIS_BY = timedelta(minutes=15)
MOST_FIRING = 50


@dataclass(frozen=True)
class Situation:
    """All that is known: the alert, its fingerprint's episode and that episode's incident, read just now.

    `fired_before` is when this fingerprint last fired, where that is known: an older OK speaks of what is past.
    """

    alert: Alert
    episode: Episode
    incident: Incident | None
    at: datetime
    settle: timedelta
    new_id: str
    trace_id: str
    fired_before: datetime | None = None

    @property
    def known(self) -> Incident:
        if self.incident is None:
            raise ValueError("only what opens has no incident yet")
        return self.incident


@dataclass(frozen=True)
class Fold:
    """What to write: a step of an incident, or only the episode, or nothing."""

    verdict: Verdict
    step: Step | None = None
    episode: Episode | None = None

    @property
    def change(self) -> Change | None:
        """The step alone, as a change."""
        return as_change(self.step.before, [self.step]) if self.step else None


def fold(s: Situation) -> Fold:
    """Open, join, reopen, resolve or ignore."""
    verdict = judge(s.alert.kind, s.alert.occurred_at, _as_it_stands(s), s.settle)
    if verdict is Verdict.IGNORE:
        return Fold(verdict, episode=_remembered(s))
    if verdict is Verdict.REOPEN and not may(s.known.status, Move.FIRED_AGAIN):
        verdict = Verdict.JOIN if s.known.firing else Verdict.OPEN  # others of it still fire, or a person has it
    if verdict is Verdict.RESOLVE and s.incident and s.alert.occurred_at < (s.fired_before or s.incident.fired_at):
        return Fold(Verdict.IGNORE)  # an OK that was overtaken by the firing after it
    return Fold(verdict, _ANSWERS[verdict](s))


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


def _open(s: Situation) -> Step:
    a = s.alert
    size = Size(0, (), ()).with_alert(a)
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
        firing=(a.fingerprint,),
        touched=size.touched,
        services=size.services,
        deployment=deployment_of(a),
        trace_id=s.trace_id,
        due=_due(s),
    )
    said = happening(a, "incident.opened", f"Opened by {a.source}: {a.title}")
    pointer = s.episode.but(open_incident=s.new_id)
    return Step(incident, incident, s.at, (said,), (a,), pointer, asks=True, loud=True)


def _join(s: Situation) -> Step:
    """One more of the same. People hear of it where it is worse than before, or fires again after it had cleared."""
    incident, a = s.known, s.alert
    fires = a.kind is AlertKind.FIRING
    worse = fires and not incident.severity.at_least(a.severity)
    again = fires and incident.cleared_at is not None and a.occurred_at > incident.cleared_at
    size = size_of(incident).with_alert(a)
    after = incident.but(
        alert_count=size.alerts,
        touched=size.touched,
        services=size.services,
        severity=a.severity if worse else incident.severity,
        fired_at=max(incident.fired_at, a.occurred_at) if fires else incident.fired_at,
        cleared_at=None if again else incident.cleared_at,
        firing=_and(incident, a.fingerprint) if fires else incident.firing,
    )
    said = happening(a, "alert.joined", f"Joined by {a.source}: {a.title}")
    pointer = None if s.episode.open_incident == incident.id else s.episode.but(open_incident=incident.id)
    return Step(incident, after, s.at, (said,), (a,), pointer, loud=worse or again)


def _reopen(s: Situation) -> Step:
    """It is back within the settling time: the same incident, to be analysed anew; what was tried stays on record."""
    incident, a = s.known, s.alert
    after = incident.but(
        status=move(incident.status, Move.FIRED_AGAIN),
        alert_count=incident.alert_count + 1,
        severity=incident.severity if incident.severity.at_least(a.severity) else a.severity,
        fired_at=a.occurred_at,
        firing=(a.fingerprint,),
        resolved_at=None,
        cleared_at=None,
        analysis_claim="",
        analysis_id="",
        plan_id="",
        execution_id="",
        due=_due(s),
    )
    said = happening(a, "incident.reopened", f"Fired again {_ago(incident, a)} after it was resolved: {a.title}")
    return Step(incident, after, s.at, (said,), (a,), s.episode.but(open_incident=incident.id), asks=True, loud=True)


def _resolve(s: Situation) -> Step:
    """It cleared; when nothing else fires in it, it is over, unless we are at work on it: then remediation is told to look."""
    incident, a = s.known, s.alert
    cleared = happening(a, "alert.cleared", f"Cleared: {a.title}")
    left = tuple(name for name in incident.firing if name != a.fingerprint)
    closed = s.episode.but(open_incident="", last_incident=incident.id, resolved_at=a.occurred_at)
    if left:
        return Step(incident, incident.but(firing=left), s.at, (cleared,), (a,), closed)
    if not may(incident.status, Move.CLEARED):
        looked = look_again(incident.id, incident.group, "the alarm cleared", a.occurred_at)
        return Step(incident, incident.but(cleared_at=a.occurred_at), s.at, (cleared,), (a,), None, looks=looked)
    return Step(incident, over(incident, a.occurred_at), s.at, (cleared, by_itself()), (a,), closed, loud=True)


_ANSWERS: dict[Verdict, Callable[[Situation], Step]] = {
    Verdict.OPEN: _open,
    Verdict.JOIN: _join,
    Verdict.REOPEN: _reopen,
    Verdict.RESOLVE: _resolve,
}


def over(incident: Incident, at: datetime) -> Incident:
    """The incident, cleared by itself at this time."""
    return incident.but(status=move(incident.status, Move.CLEARED), cleared_at=at, resolved_at=at, due=None, firing=())


def by_itself(says: str = "It cleared by itself.") -> Happening:
    return Happening(actor=ACTOR, kind="incident.resolved", says=says, detail={"by": "itself"})


def happening(alert: Alert, kind: str, says: str, **more: object) -> Happening:
    """What an alert did, as it goes on record."""
    detail = {"alert": alert.key, "source": alert.source, "severity": alert.severity.value, "occurred_at": alert.occurred_at.isoformat()}
    return Happening(actor=ACTOR, kind=kind, says=says, detail=detail | more)


def _and(incident: Incident, fingerprint: str) -> tuple[str, ...]:
    return incident.firing if fingerprint in incident.firing else (*incident.firing, fingerprint)[-MOST_FIRING:]


def _due(s: Situation) -> Due:
    """By then somebody has begun to analyse, or the sweeper asks once more."""
    return Due(kind=DueKind.ANALYSIS, at=s.at + ANALYSIS_BY)


def _ago(incident: Incident, alert: Alert) -> str:
    seconds = (alert.occurred_at - (incident.resolved_at or incident.updated_at)).total_seconds()
    return f"{max(0, seconds) / 60:.0f} min" if seconds >= 60 else f"{max(0, seconds):.0f} s"
