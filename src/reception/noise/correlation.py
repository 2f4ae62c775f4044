"""Does this alert belong to an incident that is open already? By what they share, with the reasons on record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from reception.noise.dependencies import Dependencies
from reception.noise.exempt import exempt
from reception.noise.likeness import likeness
from watchkeeper.models import Alert, AlertKind, Incident

if TYPE_CHECKING:
    from watchkeeper.quiet import Correlation

SAME_RESOURCE, DIRECT_NEED, SAME_DEPLOYMENT, SAME_SERVICE, NEED_BETWEEN = 0.5, 0.35, 0.35, 0.3, 0.2
TEXT, TIME, SAME_ACCOUNT = 0.3, 0.2, 0.05
LEAST_LIKENESS = 0.2
DEPLOYMENT_LABELS = ("deployment", "deployment_id", "release", "version", "commit")


_SAID = {
    "resource": "the same resource, {}",
    "dependency": "{}",
    "service": "the same service, {}",
    "deployment": "the same deployment, {}",
    "time": "{:.0f} s apart",
    "text": "titles alike by {:.0%}",
    "account": "the same account and region, {}",
}


class Ground(NamedTuple):
    """One thing that they share, what it counts, and what it is about: in words only for the incident that is chosen."""

    what: str
    score: float
    about: str | float

    @property
    def says(self) -> str:
        return _SAID[self.what].format(self.about)


@dataclass(frozen=True)
class Match:
    """The incident that the alert joins, and why."""

    incident_id: str
    score: float
    grounds: tuple[Ground, ...]

    @property
    def says(self) -> str:
        """For the audit record, and for who wonders at three in the morning."""
        return f"Joined, scoring {self.score:.2f}: {'; '.join(ground.says for ground in self.grounds)}."

    @property
    def detail(self) -> dict[str, Any]:
        return {"score": self.score, "grounds": {ground.what: ground.score for ground in self.grounds}}


def correlate(alert: Alert, candidates: Iterable[Incident], dependencies: Dependencies, rule: "Correlation") -> Match | None:
    """The open incident most like the alert, if it is enough; the older one where two are alike. What informs joins nothing."""
    if alert.kind is not AlertKind.FIRING:
        return None
    best: tuple[tuple[float, float, str], tuple[Ground, ...]] | None = None
    for incident in candidates:
        grounds = grounds_for(alert, incident, dependencies, rule.within)
        score = round(sum([ground.score for ground in grounds]), 3)
        rank = (-score, incident.opened_at.timestamp(), incident.id) if score >= rule.threshold else None
        if rank and (best is None or rank < best[0]):
            best = (rank, grounds)
    return Match(best[0][2], -best[0][0], best[1]) if best else None


def grounds_for(alert: Alert, incident: Incident, dependencies: Dependencies, within: timedelta) -> tuple[Ground, ...]:
    """Why they may be one thing. Nothing, where it has ended, is long silent, or lies in another account or environment.

    A dependency may cross accounts: then the team itself has said that the two hang together. Time and text alone are
    no ground, because much happens at once: something that both are about has to be shared.
    """
    apart = abs(alert.occurred_at - incident.fired_at)
    if apart > within or incident.status.ended or exempt(alert) or exempt(incident):
        return ()
    path = dependencies.path(alert.service, incident.service)
    if _elsewhere(alert, incident, crosses=bool(path)):
        return ()
    asked = (_resource(alert, incident), _service(alert, incident, path), _deployment(alert, incident))
    shared = tuple(ground for ground in asked if ground)
    if not shared:
        return ()
    return (*shared, *_circumstances(alert, incident, apart, within))


def _elsewhere(alert: Alert, incident: Incident, *, crosses: bool) -> bool:
    """Where both say where they are, and it is not the same place."""
    other_account = bool(alert.account and incident.account and alert.account != incident.account)
    other_environment = bool(alert.environment and incident.environment and alert.environment != incident.environment)
    return other_environment or (other_account and not crosses)


def _resource(alert: Alert, incident: Incident) -> Ground | None:
    for resource in alert.resources:
        name = resource.arn or resource.id
        if name in incident.touched or any(name == (known.arn or known.id) for known in incident.resources):
            return Ground("resource", SAME_RESOURCE, name)
    return None


def _service(alert: Alert, incident: Incident, path: tuple[str, ...]) -> Ground | None:
    if path:
        score = DIRECT_NEED if len(path) == 2 else NEED_BETWEEN
        return Ground("dependency", score, " needs ".join(path))
    if alert.service == incident.service != "unknown":
        return Ground("service", SAME_SERVICE, alert.service)
    return None


def _deployment(alert: Alert, incident: Incident) -> Ground | None:
    deployed = deployment_of(alert) if incident.deployment else ""
    if deployed and deployed == incident.deployment:
        return Ground("deployment", SAME_DEPLOYMENT, deployed)
    return None


def _circumstances(alert: Alert, incident: Incident, apart: timedelta, within: timedelta) -> tuple[Ground, ...]:
    close = round(TIME * (1 - apart / within), 3)
    alike = likeness(alert.title, incident.title)
    found = [Ground("time", close, apart.total_seconds())]
    if alike >= LEAST_LIKENESS:
        found.append(Ground("text", round(TEXT * alike, 3), alike))
    if alert.account and (alert.account, alert.region) == (incident.account, incident.region):
        found.append(Ground("account", SAME_ACCOUNT, f"{alert.account} {alert.region}".rstrip()))
    return tuple(found)


def deployment_of(alert: Alert) -> str:
    """What the alert says was deployed: the first label of the kinds that name it, with its service."""
    named = next((value for label in DEPLOYMENT_LABELS if (value := alert.labels.get(label, ""))), "")
    return f"{alert.service}/{named}" if named else ""
