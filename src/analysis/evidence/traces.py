"""What X-Ray saw of who calls whom. Its names are the traced applications' own words: they are tidied, and only read by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask
from analysis.evidence.neighbourhood import resources_of
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

PERMISSION = "xray:GetServiceGraph"
BEFORE = timedelta(minutes=30)
LONGEST = timedelta(hours=6)  # X-Ray draws no longer one
MOST_PAGES = 3
LONGEST_NAME = 100
TYPES = {"AWS::Lambda::Function": "lambda:function", "AWS::Lambda": "lambda:function", "AWS::DynamoDB::Table": "dynamodb:table"}


@dataclass(frozen=True)
class Edge:
    """What went from one to the other; seconds are of one request, `faults` is the share of them that failed."""

    caller: str
    callee: str
    requests: int = 0
    seconds: float = 0.0
    faults: float = 0.0


@dataclass(frozen=True)
class Traced:
    """The edges by our names, since when, and the resource of a name where X-Ray tells its type."""

    edges: tuple[Edge, ...] = ()
    since: datetime | None = None
    resources: Mapping[str, Resource] = field(default_factory=dict)


def traced(ask: Ask) -> Traced:
    """GetServiceGraph of the half hour before the alarm until now."""
    end = max(ask.now, ask.incident.fired_at)
    start = max(ask.incident.fired_at - BEFORE, end - LONGEST)
    services = [service for page in _pages(ask, start, end) for service in page.get("Services", [])]
    names = {service["ReferenceId"]: _name(ask, service) for service in services}
    edges: dict[tuple[str, str], Edge] = {}
    for edge in (edge for service in services for edge in _edges(service, names)):
        edges[edge.caller, edge.callee] = _joined(edges.get((edge.caller, edge.callee)), edge)
    kinds = {names[service["ReferenceId"]]: (TYPES.get(service.get("Type", ""), ""), str(service.get("Name", ""))) for service in services}
    resources = {name: Resource(type=kind, id=own, trusted=True) for name, (kind, own) in sorted(kinds.items()) if kind and own}
    return Traced(tuple(edges[pair] for pair in sorted(edges)), start, resources)


def _pages(ask: Ask, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"StartTime": start, "EndTime": end}
    for _ in range(MOST_PAGES):
        with in_our_words(PERMISSION, "the service graph"):
            page = ask.client("xray", ask.incident.region or ask.region).get_service_graph(**asked)
        yield page
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _name(ask: Ask, service: Mapping[str, Any]) -> str:
    """The name of services.yaml where X-Ray's is it, or is that of one of its resources; else what X-Ray says."""
    said = str(service.get("Name") or "unnamed")
    for known in ask.services:
        own = {part for resource in resources_of(known) for part in (resource.id, resource.id.rpartition("/")[2])}
        if said == known.name or said in own:
            return known.name
    return " ".join(ask.tidy(said).split())[:LONGEST_NAME]


def _edges(service: Mapping[str, Any], names: Mapping[int, str]) -> Iterator[Edge]:
    caller = names[service["ReferenceId"]]
    for edge in service.get("Edges", []):
        callee = names.get(edge.get("ReferenceId"))
        if callee is None or callee == caller:
            continue
        counted = edge.get("SummaryStatistics", {})
        requests = int(counted.get("TotalCount", 0))
        faults = int(counted.get("FaultStatistics", {}).get("TotalCount", 0))
        spent = float(counted.get("TotalResponseTime", 0.0))
        yield Edge(caller, callee, requests, spent / requests if requests else 0.0, faults / requests if requests else 0.0)


def _joined(one: Edge | None, other: Edge) -> Edge:
    """Two nodes of X-Ray may be one of ours: the function, and the service that runs it."""
    if one is None or not one.requests + other.requests:
        return other
    requests = one.requests + other.requests

    def mean(mine: float, its: float) -> float:
        return (mine * one.requests + its * other.requests) / requests

    return Edge(one.caller, one.callee, requests, mean(one.seconds, other.seconds), mean(one.faults, other.faults))
