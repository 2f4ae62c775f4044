"""CloudFormation: what happened to the stacks that own the incident's resources, and which of their resources changed.

deployment <t>: cloudformation <stack> UPDATE_COMPLETE
stack resource <t>: <logical id> <type> UPDATE_FAILED: <reason>       (directly below the stack's line)
"""

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from analysis.evidence.ask import Ask, stamp
from analysis.evidence.deployed.kind import Between, Happened, Kind, Tell, plain, region_of
from analysis.evidence.deployed.tagged import PERMISSION as TAGS
from analysis.evidence.deployed.tagged import stacks_by_tag, tagged_or_why
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

OWNER, EVENTS = "cloudformation:DescribeStackResources", "cloudformation:DescribeStackEvents"
STACK = "AWS::CloudFormation::Stack"
MOST_RESOURCES = 3
MOST_STACKS = 3
MOST_PAGES = 2
MOST_BELOW = 12
BY_ARN = {"ecs:service"}  # CloudFormation knows these by their ARN, the others by their id


def look(ask: Ask, between: Between, tell: Tell) -> None:
    by_tag, why = tagged_or_why(ask, "cloudformation:stack")
    for stack in _stacks(ask, by_tag)[:MOST_STACKS]:
        _stack(ask, _events(ask, stack, between), tell)
    if why:
        raise why


def _stack(ask: Ask, events: list[dict[str, Any]], tell: Tell) -> None:
    own = [event for event in events if event.get("ResourceType") == STACK and event.get("PhysicalResourceId") == event.get("StackId")]
    below = tuple(_below(ask, event) for event in events if event not in own and not _in_progress(event))
    for number, event in enumerate(own):
        line = f"deployment {stamp(event['Timestamp'])}: cloudformation {plain(ask, event['StackName'])} {event['ResourceStatus']}"
        newest = number == len(own) - 1
        tell(Happened(event["Timestamp"], line + _reason(ask, event), below[-MOST_BELOW:] if newest else ()))


def _stacks(ask: Ask, by_tag: tuple[Resource, ...]) -> tuple[str, ...]:
    """By the team's word, by the tags of the service, and by asking who owns the resources."""
    named = tuple(resource.id.partition("/")[0] for resource in (*ask.near("cloudformation:stack"), *by_tag))
    owned, orphans = [], []
    for resource in _resources(ask):
        stack = _owner(ask, resource)
        if stack:
            owned.append(stack)
        elif resource.arn:
            orphans.append(resource.arn)
    marked = stacks_by_tag(ask, tuple(orphans)) if orphans and not (named or owned) else ()
    return tuple(dict.fromkeys((*owned, *named, *marked)))


def _resources(ask: Ask) -> tuple[Resource, ...]:
    trusted = (one for one in ask.incident.resources if one.trusted and one.type not in {"cloudformation:stack", "logs:log-group"})
    return tuple(trusted)[:MOST_RESOURCES]


def _owner(ask: Ask, resource: Resource) -> str:
    """The stack's name; empty where no stack owns it, which CloudFormation calls a validation error."""
    physical = resource.arn if resource.type in BY_ARN and resource.arn else resource.id
    client = ask.client("cloudformation", region_of(ask, resource))
    try:
        with in_our_words(OWNER, physical):
            answer = client.describe_stack_resources(PhysicalResourceId=physical)
    except Permanent as error:
        if isinstance(error.__cause__, ClientError) and code_of(error.__cause__) == "ValidationError":
            return ""
        raise
    return next((str(one["StackName"]) for one in answer.get("StackResources", [])), "")


def _events(ask: Ask, stack: str, between: Between) -> list[dict[str, Any]]:
    """Those of the time, oldest first; the API gives the newest first, so reading ends where they are older."""
    client, asked = ask.client("cloudformation", region_of(ask)), {"StackName": stack}
    found: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        with in_our_words(EVENTS, stack):
            page = client.describe_stack_events(**asked)
        events = page.get("StackEvents", [])
        found += [event for event in events if between.holds(event["Timestamp"])]
        oldest: datetime | None = events[-1]["Timestamp"] if events else None
        if not page.get("NextToken") or (oldest and oldest < between.since):
            break
        asked["NextToken"] = page["NextToken"]
    return sorted(found, key=lambda event: (event["Timestamp"], str(event.get("EventId", ""))))


def _below(ask: Ask, event: dict[str, Any]) -> str:
    what = f"{plain(ask, event.get('LogicalResourceId', ''))} {event.get('ResourceType', '')} {event.get('ResourceStatus', '')}"
    return f"stack resource {stamp(event['Timestamp'])}: {what}{_reason(ask, event)}"


def _reason(ask: Ask, event: dict[str, Any]) -> str:
    """Why, where something failed; else the reason is CloudFormation's own small talk."""
    said = event.get("ResourceStatusReason") or ""
    return f": {plain(ask, said)}" if said and ("FAILED" in event["ResourceStatus"] or "ROLLBACK" in event["ResourceStatus"]) else ""


def _in_progress(event: dict[str, Any]) -> bool:
    return str(event.get("ResourceStatus", "")).endswith("IN_PROGRESS")


KIND = Kind(
    name="cloudformation",
    applies=lambda ask: bool(_resources(ask) or ask.near("cloudformation:stack") or (ask.service and ask.service.tags)),
    look=look,
    permissions=(OWNER, EVENTS, TAGS),
)
