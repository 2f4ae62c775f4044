"""What is done about an alert, noise considered: is it held, kept quiet, too rare, part of something open, or an incident?

Pure. The order is: does it flap; what would it do (`fold`); and if that opens an incident: is it kept quiet, has it come
often enough, does it belong to an incident that is open. What opens nothing is set aside, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reception.drafting import Step
from reception.folding import Situation, by_itself, fold, happening, over
from reception.noise.calendars import Calendar
from reception.noise.correlation import Match
from reception.noise.dependencies import Dependencies
from reception.noise.exempt import exempt
from reception.noise.flapping import Flap, Flapped, flapping, heard, released
from reception.noise.frequency import counted, frequency
from reception.noise.minimum import rule_for, waited
from reception.noise.quieting import quieting
from reception.noise.remembering import remembered
from reception.noise.severity import raised, size_of
from watchkeeper.aside import Aside, Why, place_of
from watchkeeper.episodes import Episode, Verdict
from watchkeeper.messages import look_again
from watchkeeper.models import Alert, AlertKind, Happening, Incident
from watchkeeper.states import Move, may

if TYPE_CHECKING:
    from watchkeeper.quiet import Mute, Noise

_ANEW: dict[str, object] = {"suppressed_by": "", "suppressed_until": None, "last_alert": None}
_OPENS = {Verdict.OPEN, Verdict.REOPEN}


@dataclass(frozen=True)
class Rules:
    """What is noise just now: the team's word, what people have muted, and what the change calendars say."""

    said: "Noise"
    mutes: Sequence["Mute"]
    calendars: Mapping[str, Calendar]
    dependencies: Dependencies


@dataclass(frozen=True)
class Look:
    """A fingerprint that somebody is to look at though no alert came, with its incident."""

    episode: Episode
    incident: Incident | None
    at: datetime
    settle: timedelta
    trace_id: str


@dataclass(frozen=True)
class Heard:
    """The fingerprint as it is now, and with it a step of an incident, or an alert set aside, or neither.

    `opens` is set where it would open something: then `admitted` has a word, and `opening` the last one.
    """

    verdict: Verdict
    episode: Episode
    step: Step | None = None
    aside: Aside | None = None
    opens: Situation | None = None
    told: tuple[Happening, ...] = ()


def hear(s: Situation, rules: Rules) -> Heard:
    """What a new alert does."""
    known = _counted(heard(s.episode, s.alert), s.alert)
    flapped = flapping(s.episode, known, s.at, rules.said.flapping)
    fired_before = s.episode.heard_at if s.episode.still_firing else None
    now = replace(s, episode=flapped.episode, fired_before=fired_before)
    if flapped.flap is Flap.HELD:
        return _held(now, ())
    if flapped.flap is Flap.HOLD and s.alert.kind is AlertKind.RESOLVED:
        return _held(now, (_told("incident.flapping", flapped.says),))
    found = decide(now, rules)
    kind = {Flap.HOLD: "incident.flapping", Flap.RELEASE: "incident.steady"}.get(flapped.flap)
    return _also(found, _told(kind, flapped.says)) if kind else found


def decide(s: Situation, rules: Rules) -> Heard:
    """What `fold` says, with what grows worse as it grows, and with a place for what changes nothing."""
    folded = fold(s)
    if folded.verdict in _OPENS:
        return Heard(folded.verdict, s.episode, folded.step, opens=s)
    if folded.step is None:
        episode = folded.episode or s.episode
        if s.alert.kind is AlertKind.RESOLVED and not episode.open_incident and not episode.still_firing:
            episode = episode.model_copy(update=_ANEW)
        return Heard(folded.verdict, episode, aside=_aside(s, Why.LATE, "It changed nothing: nothing was open for it, or it was late."))
    step = replace(folded.step, episode=folded.step.episode or s.episode)
    return Heard(folded.verdict, step.episode or s.episode, _grown(step, rules) if folded.verdict is Verdict.JOIN else step)


def admitted(s: Situation, found: Heard, rules: Rules) -> Heard:
    """May it open something? `s` has the alert with all that is known of it. Else it is set aside with the reason."""
    if exempt(s.alert):
        return replace(found, opens=s)
    quiet = quieting(s.alert, rules.said.windows, rules.mutes, s.at, rules.calendars)
    if quiet:
        later = {"suppressed_by": quiet.by, "suppressed_until": quiet.until, "last_alert": remembered(s.alert)}
        return _set_aside(s, s.episode.model_copy(update=later), Why.SUPPRESSED, quiet.says)
    held = {"last_alert": remembered(s.alert)} if s.episode.held_until else {}
    episode = s.episode.model_copy(update=_ANEW | held)
    rule = rule_for(s.alert, rules.said.minimum) if found.verdict is Verdict.OPEN else None
    if rule:
        waiting = waited(episode.occurrences_waiting, s.alert.occurred_at, rule)
        if not waiting.enough:
            waiting_on = episode.model_copy(update={"occurrences_waiting": waiting.occurrences})
            return _set_aside(s, waiting_on, Why.TOO_FEW, waiting.says)
    episode = episode.model_copy(update={"occurrences_waiting": ()})
    return replace(found, episode=episode, opens=replace(s, episode=episode))


def opening(found: Heard, waiting: Sequence[Aside], match: Match | None, other: Incident | None, rules: Rules) -> Heard:
    """It opens its incident, or joins the `other` that it matches; what was set aside of it before comes along."""
    s = found.opens
    if s is None:
        raise ValueError("only what opens can be opened")
    if match and other:
        joined = decide(replace(s, incident=other, episode=s.episode.model_copy(update={"open_incident": other.id})), rules).step
        told = happening(s.alert, "alert.joined", match.says, **match.detail)
        step = replace(joined, happenings=(told, *joined.happenings[1:]), loud=True) if joined else None
    else:
        step = fold(s).step
        often = frequency(s.episode.seen, s.at)
        if step and often.says:
            first = step.happenings[0]
            step = replace(step, happenings=(first.but(detail=first.detail | {"frequency": often.says}), *step.happenings[1:]))
    if step is None:
        return Heard(Verdict.IGNORE, s.episode)
    step = _with(replace(step, happenings=(*step.happenings, *found.told)), s.alert, waiting)
    verdict = Verdict.JOIN if match else found.verdict
    return Heard(verdict, step.episode or s.episode, step)


def wake(look: Look, rules: Rules) -> Heard:
    """No alert came, but a hold or a window is over: what still fires fires once, what is over is over.

    A look that comes too early, or a second time, changes nothing.
    """
    episode = look.episode
    flapped = released(episode, look.at, rules.said.flapping)
    if flapped.flap is Flap.RELEASE:
        return _released(replace(look, episode=flapped.episode), flapped, rules)
    if not episode.suppressed_until or look.at < episode.suppressed_until:
        return Heard(Verdict.IGNORE, episode)
    return _fired_again(look, rules)


def _released(look: Look, flapped: Flapped, rules: Rules) -> Heard:
    """The hold is over: its incident goes on or has ended; without one it fires now, if it still does."""
    episode, incident, told = look.episode, _going_on(look.episode, look.incident), _told("incident.steady", flapped.says)
    if incident is None:
        return _fired_again(look, rules)
    if episode.still_firing:
        return Heard(Verdict.JOIN, episode, Step(incident, incident, look.at, (told,), (), episode, loud=True))
    ended = episode.heard_at or look.at
    left = tuple(name for name in incident.firing if name != episode.fingerprint)
    closed = episode.model_copy(update={"open_incident": "", "last_incident": incident.id, "resolved_at": ended})
    if left:
        return Heard(Verdict.RESOLVE, closed, Step(incident, incident.but(firing=left), look.at, (told,), (), closed))
    if not may(incident.status, Move.CLEARED):
        looks = look_again(incident.id, incident.group, "the alarm cleared", ended)
        step = Step(incident, incident.but(cleared_at=ended), look.at, (told,), (), episode, looks=looks)
        return Heard(Verdict.RESOLVE, episode, step)
    return Heard(Verdict.RESOLVE, closed, Step(incident, over(incident, ended), look.at, (told, by_itself()), (), closed, loud=True))


def _fired_again(look: Look, rules: Rules) -> Heard:
    """With what it last fired with, if it still fires and nothing is open for it."""
    anew = Heard(Verdict.IGNORE, look.episode.model_copy(update=_ANEW))
    last = look.episode.last_alert
    if last is None or not look.episode.still_firing or _going_on(look.episode, look.incident):
        return anew
    found = decide(Situation(last, look.episode, look.incident, look.at, look.settle, "", look.trace_id), rules)
    return found if found.opens else anew


def _held(s: Situation, told: tuple[Happening, ...]) -> Heard:
    """While it flaps its incident stays as it is, and its alerts lie with it; without one they are set aside."""
    incident, fires = _going_on(s.episode, s.incident), s.alert.kind is AlertKind.FIRING
    episode = s.episode.model_copy(update={"last_alert": remembered(s.alert)}) if fires else s.episode
    if incident is None:
        return _set_aside(s, episode, Why.HELD, "It flaps and is held.")
    fired_at = max(incident.fired_at, s.alert.occurred_at) if fires else incident.fired_at
    after = incident.but(alert_count=incident.alert_count + fires, fired_at=fired_at)
    return Heard(Verdict.JOIN, episode, Step(incident, after, s.at, told, (s.alert,), episode, loud=bool(told)))


def _going_on(episode: Episode, incident: Incident | None) -> Incident | None:
    return incident if episode.open_incident and incident and not incident.status.ended else None


def _with(step: Step, alert: Alert, waiting: Sequence[Aside]) -> Step:
    """The step with what was set aside of the fingerprint, each alert once."""
    if not waiting:
        return step
    others = {aside.place: aside.alert for aside in waiting}
    own = place_of(alert, alert.key)
    others.pop(own, None)
    firing = sum(other.kind is AlertKind.FIRING for other in others.values())
    after = step.after.but(alert_count=step.after.alert_count + firing)
    return replace(step, after=after, alerts=(*step.alerts, *others.values()), gone=(own, *others))


def _grown(step: Step, rules: Rules) -> Step:
    worse = raised(step.after.severity, size_of(step.after), rules.said.growth)
    if worse is None:
        return step
    grown = step.after.but(severity=worse.severity)
    return replace(step, after=grown, happenings=(*step.happenings, _told("incident.grew", worse.says)), loud=True)


def _counted(episode: Episode, alert: Alert) -> Episode:
    if alert.kind is not AlertKind.FIRING or exempt(alert):
        return episode
    return episode.model_copy(update={"seen": counted(episode.seen, alert.occurred_at)})


def _also(found: Heard, told: Happening) -> Heard:
    """With one thing more to tell, also where it is still to be opened."""
    if found.opens or found.step is None:
        return replace(found, told=(told,))
    return replace(found, step=replace(found.step, happenings=(*found.step.happenings, told), loud=True))


def _told(kind: str, says: str) -> Happening:
    return Happening(actor="reception", kind=kind, says=says)


def _set_aside(s: Situation, episode: Episode, why: Why, says: str) -> Heard:
    return Heard(Verdict.IGNORE, episode, aside=_aside(s, why, says))


def _aside(s: Situation, why: Why, says: str) -> Aside:
    return Aside(alert=s.alert, why=why, says=says, set_at=s.at)


def waits(episode: Episode) -> bool:
    """Do alerts of it lie aside that belong to what it opens next?"""
    return bool(episode.occurrences_waiting or episode.suppressed_by or episode.last_alert)
