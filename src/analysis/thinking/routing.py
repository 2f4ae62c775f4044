"""Who thinks about an incident: pure, from what is known of it.

The small model triages everything that no cache answered. The larger one looks deeper when the severity is high, when the rules
cannot decide between two explanations, when the triage leaves a doubt, or when a person asked. The largest is asked only
where the standing orders say so.

sev1 is always worth a deep look. sev2 in production is where the rules are not sure enough to carry an order: where they are, and
the triage agrees, a deep look could not lift the confidence any further (see check.py) and costs a hundred times the triage.
"""

from dataclasses import dataclass
from itertools import pairwise

from analysis.opinion import Opinion
from watchkeeper.goals import is_goal
from watchkeeper.matching import unsaid_or_named
from watchkeeper.models import Cause, Hypothesis, Incident, Route, Severity
from watchkeeper.team import Thinking, When

TIE = 0.1
DOUBT_BELOW = 0.6
SURE_FROM = 0.7
PRODUCTION = frozenset({"production", "prod", "prd", "live"})


@dataclass(frozen=True)
class Known:
    """What the routing looks at. `triage` is none before there is one, and where it gave no usable answer."""

    incident: Incident
    draft: Opinion
    hypotheses: tuple[Hypothesis, ...]
    thinking: tuple[Thinking, ...] = ()
    triage: Opinion | None = None


@dataclass(frozen=True)
class Chosen:
    """The route, and the reason in words that end the sentence `A deeper look, because …`."""

    route: Route
    why: str = ""


def choose(known: Known) -> Chosen:
    """TRIAGE where that is enough, DEEP or ORDERED where it is not."""
    order = next((one for one in known.thinking if speaks_of(one.when, known.incident, known.draft.cause)), None)
    if order is not None:
        return Chosen(Route.ORDERED, f"the standing orders ask for it ({order.name})")
    why = _asked(known) or _severe(known) or _tied(known.hypotheses) or _doubted(known)
    return Chosen(Route.DEEP, why) if why else Chosen(Route.TRIAGE)


def speaks_of(when: When, incident: Incident, cause: Cause) -> bool:
    """Does an order with this `when` speak of this incident? The severity is the incident's own, the cause the rules': no
    model's word makes an order fit."""
    return (
        unsaid_or_named(incident.service, when.services)
        and unsaid_or_named(incident.environment, when.environments)
        and unsaid_or_named(incident.source, when.sources)
        and unsaid_or_named(incident.alarm_name, when.alarms)
        and (not when.severities or incident.severity in when.severities)
        and (not when.causes or cause in when.causes)
    )


def _asked(known: Known) -> str:
    """A question is rare, and whoever asks it has looked already."""
    return "a person asked" if is_goal(known.incident) else ""


def _severe(known: Known) -> str:
    severity, environment = known.incident.severity, known.incident.environment.strip().lower()
    if severity is Severity.SEV1:
        return "it is sev1"
    unsure = known.draft.confidence < SURE_FROM or known.draft.cause is Cause.UNKNOWN
    if severity is Severity.SEV2 and environment in PRODUCTION and unsure:
        return "it is sev2 in production and the rules are not sure"
    return ""


def _tied(hypotheses: tuple[Hypothesis, ...]) -> str:
    best = sorted((one for one in hypotheses if one.cause is not Cause.UNKNOWN), key=lambda one: -one.confidence)
    for first, second in pairwise(best[:2]):
        if first.confidence - second.confidence <= TIE + 1e-9:
            return f"the rules cannot decide between {first.cause.value} and {second.cause.value}"
    return ""


def _doubted(known: Known) -> str:
    triage = known.triage
    if triage is None:
        return ""
    if triage.cause is Cause.UNKNOWN:
        return "the triage found no cause"
    if triage.cause is not known.draft.cause:
        return f"the triage says {triage.cause.value} and the rules say {known.draft.cause.value}"
    return f"the triage is only {triage.confidence:.0%} sure" if triage.confidence < DOUBT_BELOW else ""
