"""Who calls whom, and which of them most likely started it.

The edges are `depends_on` of services.yaml, from the incident's service on, and what X-Ray saw, where reading it is permitted. The
figures are the golden signals of each service over a day before the alarm and since. Lines:

    calls: checkout -> orders
    traced: checkout -> orders: 1200 requests, 0.42 s each, 3.2 % faults since 2026-11-20T02:30:00Z
    judged: checkout, orders; without enough figures: mailer
    suspect 1: orders (latency): owns 0.83 of the excess 0.91
    no suspect: nothing in the map is beyond its usual
    not allowed: xray:GetServiceGraph

Both figures of a suspect are in parts of what the incident's service does anyway in that time. Soon after an alarm there are too few
periods of five minutes to be sure of anything, so periods are of a minute then, and three in a row must be beyond the usual.
"""

from collections.abc import Mapping, Sequence

from analysis.evidence.ask import Ask, Collector, Found, Nothing, figure, stamp
from analysis.evidence.map_figures import Figures, Span, figures, span
from analysis.evidence.metric_reading import LIST_PERMISSION, PERMISSION
from analysis.evidence.metric_window import with_metric
from analysis.evidence.neighbourhood import all_needed, resources_of
from analysis.evidence.traces import PERMISSION as XRAY
from analysis.evidence.traces import Traced, traced
from analysis.signals.suspects import Kind, Node, Suspect, suspects
from watchkeeper.errors import NotAllowed, WatchkeeperError
from watchkeeper.models import Resource

MOST_SERVICES = 15
MOST_EDGES = 40
MOST_SUSPECTS = 5
SLOW = ("latency", "duration", "responsetime")
FAILING = ("5xx", "error", "fault", "throttle", "failed")

Calls = Mapping[str, set[str]]


def collect(ask: Ask) -> Found | Nothing:
    """GetServiceGraph, then the figures of the services in the map. A map of one service is none."""
    if ask.service is None:
        return Nothing("The incident's service is not in services.yaml.")
    seen, refused, note = _traced(ask)
    calls = _calls(ask, seen)
    near = _nearest_first(calls, ask.service.name)[:MOST_SERVICES]
    if len(near) == 1:
        if refused:
            raise refused
        why = f"; {note}" if note else ", and X-Ray saw it call nothing"
        return Nothing(f"services.yaml has no depends_on for {ask.service.name}{why}.")
    over = span(ask)
    found = figures(ask, {name: _resources(ask, name, seen) for name in near}, over)
    ranked = suspects(calls, found.nodes, ask.service.name, _kind(ask), over.judgement)
    return _told(_map_lines(calls, near, seen), near, found, over, ranked, (note,) if note else ())


def _traced(ask: Ask) -> tuple[Traced, NotAllowed | None, str]:
    """What X-Ray saw. Where it says nothing the rest goes on, with a line that says why."""
    try:
        return traced(ask), None, ""
    except NotAllowed as error:
        return Traced(), error, f"not allowed: {error.permission}"
    except WatchkeeperError as error:
        return Traced(), None, f"failed: {ask.tidy(str(error))}"


def _calls(ask: Ask, seen: Traced) -> Calls:
    calls = {service.name: set(service.depends_on) - {service.name} for service in all_needed(ask)}
    for edge in seen.edges:
        calls.setdefault(edge.caller, set()).add(edge.callee)
    return calls


def _nearest_first(calls: Calls, start: str) -> list[str]:
    """The start and all that it calls, directly or not; equally near ones by name."""
    found, ring = list[str](), {start}
    while ring:
        found += sorted(ring)
        ring = {callee for name in ring for callee in calls.get(name, ())} - set(found)
    return found


def _resources(ask: Ask, name: str, seen: Traced) -> tuple[Resource, ...]:
    """What services.yaml gives the service, the incident's own where it is the incident's, and what X-Ray knows it as."""
    own = [one for one in ask.incident.resources if one.trusted] if ask.service and name == ask.service.name else []
    of_team = [one for service in ask.services if service.name == name for one in resources_of(service)]
    known = [seen.resources[name]] if name in seen.resources else []
    return tuple({(one.type, one.id): one for one in (*known, *own, *of_team)}.values())


def _kind(ask: Ask) -> Kind | None:
    """What the alarm is about, by the name of its metric; none where the name does not say."""
    alert = with_metric(ask)
    name = alert.metric.name.lower() if alert and alert.metric else ""
    if any(word in name for word in FAILING):
        return Kind.ERRORS
    return Kind.LATENCY if any(word in name for word in SLOW) else None


def _map_lines(calls: Calls, near: Sequence[str], seen: Traced) -> list[str]:
    edges = [f"calls: {name} -> {callee}" for name in near for callee in sorted(calls.get(name, ()))]
    since = f" since {stamp(seen.since)}" if seen.since else ""
    traced = [
        f"traced: {edge.caller} -> {edge.callee}: {edge.requests} requests, {figure(edge.seconds)} s each, "
        f"{figure(round(100 * edge.faults, 1))} % faults{since}"
        for edge in seen.edges
        if edge.requests and edge.caller in near
    ]
    return [*edges[:MOST_EDGES], *traced[:MOST_EDGES]]


def _told(lines: list[str], near: Sequence[str], found: Figures, over: Span, ranked: Sequence[Suspect], notes: tuple[str, ...]) -> Found:
    judged = [name for name in near if name in found.nodes and _is_judged(found.nodes[name], over)]
    unknown = [name for name in near if name not in judged]
    without = f"; without enough figures: {', '.join(unknown)}" if unknown else ""
    verdict = _verdict(ranked) if judged else ["no suspect can be told: no service in the map has enough figures"]
    notes = (*notes, *found.notes)
    summary = f"{len(near)} services in the map, {len(judged)} judged: {verdict[0]}{''.join(f'; {note}' for note in notes)}."
    return Found(summary=summary, body="\n".join([*lines, f"judged: {', '.join(judged) or 'none'}{without}", *verdict, *notes]))


def _is_judged(node: Node, over: Span) -> bool:
    """Whether there is a usual to hold it against, in either kind."""
    return any(sum(value is not None for value in node.before.of(kind)) >= over.judgement.history for kind in Kind)


def _verdict(ranked: Sequence[Suspect]) -> list[str]:
    """Those with a share of their own; what only passes on the trouble of its callees is none."""
    own = [suspect for suspect in ranked if suspect.own > 0] or ranked[:1]
    if not own:
        return ["no suspect: nothing in the map is beyond its usual"]
    return [
        f"suspect {place}: {one.node} ({one.kind}): owns {figure(round(one.own, 2))} of the excess {figure(round(one.excess, 2))}"
        for place, one in enumerate(own[:MOST_SUSPECTS], start=1)
    ]


COLLECTOR = Collector(
    name="service_map",
    order=24,
    provenance="services.yaml, CloudWatch metrics, measured, and X-Ray, whose names are the applications' own",
    applies=lambda ask: ask.service is not None,
    asked=lambda ask: f"What does {ask.service.name if ask.service else 'the service'} call, and which of them most likely started it?",
    collect=collect,
    permissions=(PERMISSION, LIST_PERMISSION, XRAY),
)
