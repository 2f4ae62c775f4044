"""What somebody changed in the hour before the alarm, from CloudTrail.

Many events list no resources, so asking by resource name is not enough: every write event of the hour is read too, a few
pages of it, and kept where its raw text names the resource. LookupEvents answers two requests a second per account and
region, so there is a pause between requests and they are few.
"""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from watchkeeper.models import Resource
from watchkeeper.storage.aws import in_our_words

PERMISSION = "cloudtrail:LookupEvents"
BEFORE = timedelta(hours=1)
BETWEEN_REQUESTS = 0.55
MOST_RESOURCES = 3
MOST_PAGES = 3
MOST_EVENTS = 40
LONGEST_PARAMETERS = 600
READS = re.compile(r"(?:BatchGet|Describe|Filter|Get|Head|List|Lookup|Query|Scan|Search)(?:[A-Z]|$)")
NOT_A_CHANGE = {
    "PutMetricData", "PutLogEvents", "SetAlarmState", "UpdateInstanceInformation", "SubmitTaskStateChange",
    "SubmitContainerStateChange", "CreateLogStream", "SendMessage", "ConsoleLogin", "AssumeRole",
}  # fmt: skip


def collect(ask: Ask) -> Found | Nothing:
    """The changes that name a resource of the incident, oldest first, each with who, from where and with what."""
    resources = tuple(resource for resource in ask.incident.resources if resource.trusted)[:MOST_RESOURCES]
    start, end = ask.incident.fired_at - BEFORE, max(ask.now, ask.incident.fired_at)
    found, cut = _looked_up(ask, resources, start, end)
    changes = sorted(found.values(), key=lambda event: (event["EventTime"], str(event["EventId"])))
    far = f"since {stamp(start)}" + ("; only the newest write events were read, there were too many" if cut else "")
    if not changes:
        return Nothing(f"No change to {_names(resources)} {far}.")
    lines = [_line(event, ask) for event in changes[-MOST_EVENTS:]]
    return Found(
        summary=f"{len(changes)} changes to {_names(resources)} {far}.", body="\n".join([f"{len(changes)} changes {far}:", *lines])
    )


def _looked_up(ask: Ask, resources: tuple[Resource, ...], start: datetime, end: datetime) -> tuple[dict[str, Any], bool]:
    """The events by id, and whether there would have been more write events to read."""
    found: dict[str, Any] = {}
    for resource in resources:
        by_name, _ = _pages(ask, resource, {"AttributeKey": "ResourceName", "AttributeValue": _own_name(resource)}, start, end, pages=1)
        found |= {event["EventId"]: event for event in by_name if _is_change(event)}
        ask.pause(BETWEEN_REQUESTS)
    writes, cut = _pages(ask, resources[0], {"AttributeKey": "ReadOnly", "AttributeValue": "false"}, start, end, pages=MOST_PAGES)
    naming = [re.compile(rf"(?<![\w-]){re.escape(_own_name(resource))}(?![\w-])") for resource in resources]
    found |= {e["EventId"]: e for e in writes if _is_change(e) and any(name.search(e.get("CloudTrailEvent", "")) for name in naming)}
    return found, cut


def _pages(
    ask: Ask, where: Resource, attribute: dict[str, str], start: datetime, end: datetime, pages: int
) -> tuple[list[dict[str, Any]], bool]:
    client = ask.client("cloudtrail", ask.region_of(where))
    asked: dict[str, Any] = {"LookupAttributes": [attribute], "StartTime": start, "EndTime": end, "MaxResults": 50}
    events: list[dict[str, Any]] = []
    for page in range(pages):
        if page:
            ask.pause(BETWEEN_REQUESTS)
        with in_our_words(PERMISSION, where.id):
            answer = client.lookup_events(**asked)
        events += answer.get("Events", [])
        if not answer.get("NextToken"):
            return events, False
        asked["NextToken"] = answer["NextToken"]
    return events, True


def _is_change(event: dict[str, Any]) -> bool:
    """A read is none, also where the trail does not say that it is one, such as our own query for a service by its name."""
    name = str(event.get("EventName", ""))
    return name not in NOT_A_CHANGE and not READS.match(name) and str(event.get("ReadOnly", "false")).lower() != "true"


def _line(event: dict[str, Any], ask: Ask) -> str:
    raw = json.loads(event.get("CloudTrailEvent") or "{}")
    refused = f" REFUSED {raw['errorCode']}" if raw.get("errorCode") else ""
    who = event.get("Username") or raw.get("userIdentity", {}).get("arn", "somebody")
    parameters = json.dumps(raw.get("requestParameters") or {}, sort_keys=True)
    what = f"{event.get('EventSource', '')} {event['EventName']}{refused}"
    return f"{stamp(event['EventTime'])} {what} by {ask.tidy(who)} {ask.tidy(parameters)[:LONGEST_PARAMETERS]}"


def _own_name(resource: Resource) -> str:
    """What CloudTrail calls it: the id without the parent that we write before it."""
    return resource.id.rsplit("/", 1)[-1] if resource.type == "ecs:service" else resource.id


def _names(resources: tuple[Resource, ...]) -> str:
    return ", ".join(resource.id for resource in resources)


COLLECTOR = Collector(
    name="changes",
    order=60,
    provenance="CloudTrail; the parameters were written by whoever made the call",
    applies=lambda ask: any(resource.trusted for resource in ask.incident.resources),
    asked=lambda ask: f"Who changed {_names(tuple(r for r in ask.incident.resources if r.trusted))} in the hour before?",
    collect=collect,
    permissions=(PERMISSION,),
)
