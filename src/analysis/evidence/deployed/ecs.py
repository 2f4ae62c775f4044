"""ECS: which task definition a service was given, and which images are in it and in the one before.

    deployment <t>: ecs shop/storefront task definition storefront:43 (was storefront:42), image storefront:1.43.0 (was storefront:1.42.0)

Once a deployment is over, ECS no longer says what ran before: then it is the revision before, and the line says
`(the revision before is …)`. A deployment of the same definition says `(as before)`.
"""

from typing import Any

from analysis.evidence.ask import Ask, stamp
from analysis.evidence.deployed.kind import Between, Happened, Kind, Tell, near, plain
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

SERVICES, DEFINITION = "ecs:DescribeServices", "ecs:DescribeTaskDefinition"
MOST_SERVICES = 3


def look(ask: Ask, between: Between, tell: Tell) -> None:
    for resource in near(ask, "ecs:service", MOST_SERVICES):
        cluster, _, name = resource.id.partition("/")
        with in_our_words(SERVICES, resource.id):
            answer = ask.client("ecs", ask.region_of(resource)).describe_services(cluster=cluster, services=[name])
        for service in answer.get("services", []):
            _told(ask, resource, service.get("deployments", []), between, tell)


def _told(ask: Ask, resource: Resource, deployments: list[dict[str, Any]], between: Between, tell: Tell) -> None:
    """Each deployment of the time, beside the one that it takes the place of."""
    known = sorted((one for one in deployments if "createdAt" in one), key=lambda one: one["createdAt"])
    for number, one in enumerate(known):
        if between.holds(one["createdAt"]):
            before = known[number - 1].get("taskDefinition", "") if number else ""
            head = f"deployment {stamp(one['createdAt'])}: ecs {plain(ask, resource.id)} task definition "
            tell(Happened(one["createdAt"], head + _definition(ask, resource, one.get("taskDefinition", ""), before)))


def _definition(ask: Ask, resource: Resource, now: str, before: str) -> str:
    image = _images(ask, resource, now)
    if before == now:
        return f"{_last(now)} (as before), image {image}"
    was, of = ("was", before) if before else ("the revision before is", _revision_before(now))
    try:
        old = _images(ask, resource, of) if of else ""
    except Permanent:  # it was deregistered and deleted, or may not be read: the new one is told all the same
        old = ""
    same = f" ({was} {old})" if old and old != image else ""
    return f"{_last(now)}{f' ({was} {_last(of)})' if of else ''}, image {image}{same}"


def _images(ask: Ask, resource: Resource, definition: str) -> str:
    with in_our_words(DEFINITION, definition):
        answer = ask.client("ecs", ask.region_of(resource)).describe_task_definition(taskDefinition=definition)
    containers = answer.get("taskDefinition", {}).get("containerDefinitions", [])
    return " + ".join(plain(ask, container.get("image", "")) for container in containers) or "not told"


def _revision_before(definition: str) -> str:
    family, _, revision = definition.rpartition(":")
    return f"{family}:{int(revision) - 1}" if revision.isdecimal() and int(revision) > 1 else ""


def _last(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


KIND = Kind(name="ecs", applies=lambda ask: bool(ask.near("ecs:service")), look=look, permissions=(SERVICES, DEFINITION))
