"""From an incident to its case: everything that can be asked is asked at once, and what follows from several answers is joined."""

from collections.abc import Callable, Sequence

from analysis.case import Case, Exhibit
from analysis.evidence import collectors
from analysis.evidence.ask import Ask, Past, service_of
from analysis.evidence.gather import Answered, gather, said
from analysis.evidence.keep import keep
from analysis.evidence.neighbourhood import resources_of
from analysis.joins import joins
from analysis.joins.join import Brought, Join
from analysis.recall import earlier
from analysis.requested import meant
from analysis.wiring import Wiring
from watchkeeper.goals import is_goal
from watchkeeper.models import Alert, Answer, Evidence, Incident
from watchkeeper.team import Service


def unasked(_: Ask) -> None:
    """Where nobody wants to know what will be asked."""


def case_of(incident: Incident, wiring: Wiring, name: str, begin: Callable[[Ask], None] = unasked) -> tuple[Case, Ask]:
    """The case, and how more could be asked; `begin` hears of it before anybody is.

    Evidence is numbered on from what an earlier analysis left, and never written over.
    """
    ask = asking(incident, tuple(wiring.incidents.rows(incident.id, Alert)), wiring)
    begin(ask)
    answers = gather(collectors(), ask, wiring.settings.collector_seconds, wiring.ticks)
    first = 1 + len(wiring.incidents.rows(incident.id, Evidence))
    at, place = wiring.clock(), f"{incident.id}/{name}"
    exhibits: list[Exhibit] = keep(answers, place, first, at, wiring.redact, wiring.blobs)
    joined = keep(joined_from(exhibits, incident), place, first + len(exhibits), at, wiring.redact, wiring.blobs)
    return Case(incident, ask.alerts, (*exhibits, *joined)), ask


def asking(incident: Incident, alerts: tuple[Alert, ...], wiring: Wiring) -> Ask:
    """The incident as collectors see it."""
    team = wiring.services()
    service = service_of(incident, team)

    def past() -> Sequence[Past]:
        return earlier(incident, wiring.incidents, wiring.clock())

    return Ask(
        incident=about(incident, service),
        alerts=alerts,
        service=service,
        now=wiring.clock(),
        region=wiring.settings.aws_region,
        client=wiring.client,
        redact=wiring.redact,
        pause=wiring.pause,
        services=team.services,
        tokens=wiring.tokens,
        github_api_url=wiring.settings.github_api_url,
        past=past,
        mcp=wiring.mcp,
        meant=lambda labels: meant(wiring.orders(), labels),
    )


def about(incident: Incident, service: Service | None) -> Incident:
    """As collectors see it. A question names no resource, so it is about those that the team's own word gives the service."""
    if not is_goal(incident) or service is None:
        return incident
    return incident.but(resources=tuple(dict.fromkeys((*incident.resources, *resources_of(service)))))


def joined_from(exhibits: Sequence[Exhibit], incident: Incident) -> list[Answered]:
    """What each join makes of the redacted texts, in their order; a later join sees what an earlier one found."""
    found = {one.evidence.collector: one.text for one in exhibits if one.evidence.answer is Answer.FOUND}
    resources = tuple(dict.fromkeys(thing for one in exhibits for thing in one.evidence.resources))
    until = incident.opened_at if is_goal(incident) else None
    answers = []
    for join in joins():
        if all(name in found for name in join.needs):
            answered = _joined(join, Brought(found, incident.fired_at, resources, until))
            answers.append(answered)
            found |= {join.name: answered.body} if answered.answer is Answer.FOUND else {}
    return answers


def _joined(join: Join, brought: Brought) -> Answered:
    try:
        return said(join, join.asked, join.join(brought), 0)
    except Exception as error:  # noqa: BLE001 - a join that trips over strange text must not take the analysis down; the evidence says so
        why = f"{type(error).__name__}: {error}"
        return Answered(join, join.asked, Answer.FAILED, "The answers could not be joined.", why=why)
