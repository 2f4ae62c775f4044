"""Which services stand around the incident's one, by the team's own word in services.yaml, and what belongs to each."""

from collections.abc import Iterable

from analysis.evidence.ask import Ask
from watchkeeper.arns import from_arn
from watchkeeper.models import Resource
from watchkeeper.team import Service


def resources_of(service: Service) -> tuple[Resource, ...]:
    """What services.yaml gives the service by ARN; an id alone does not say of what type it is, and a star names nothing."""
    named = (from_arn(arn, trusted=True) for arn in service.resources if not arn.endswith("*"))
    return tuple(resource for resource in named if resource)


def around(ask: Ask) -> tuple[Resource, ...]:
    """The trusted resources of the incident, and those of its service."""
    own = resources_of(ask.service) if ask.service else ()
    return _distinct((*(resource for resource in ask.incident.resources if resource.trusted), *own))


def needed(ask: Ask) -> tuple[Resource, ...]:
    """The resources of the services that the incident's one depends on directly, in the order of services.yaml."""
    return _distinct(resource for service in ask.dependencies() for resource in resources_of(service))


def all_needed(ask: Ask) -> tuple[Service, ...]:
    """The incident's service and all that it depends on, directly or not, nearest first; a ring ends as well as a leaf."""
    by_name = {service.name: service for service in ask.services}
    found = {ask.service.name: ask.service} if ask.service else {}
    ahead = list(found.values())
    for service in ahead:  # it grows while it is walked
        fresh = {name: by_name[name] for name in service.depends_on if name in by_name and name not in found}
        found |= fresh
        ahead += fresh.values()
    return tuple(ahead)


def callers(ask: Ask) -> tuple[Service, ...]:
    """The services that depend on the incident's one directly."""
    name = ask.service.name if ask.service else ""
    return tuple(service for service in ask.services if name and name != service.name and name in service.depends_on)


def _distinct(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Each once, whether it is known by its ARN or by its id alone; the first word of it counts."""
    found: dict[tuple[str, str], Resource] = {}
    for resource in resources:
        found.setdefault((resource.type, resource.id), resource)
    return tuple(found.values())
