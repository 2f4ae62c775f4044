"""EventBridge rules, by name on the default bus and as bus/name on another. Whether one is enabled is all that is ever changed of it."""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.arns import from_arn
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "events:rule"
DEFAULT_BUS = "default"
STARTS = {"lambda:function", "sqs:queue"}
MOST_PAGES = 10


def see(clients: Any, target: Resource) -> Sighting:
    """The rule with its tags; absent where EventBridge knows no such rule or bus."""
    client, (bus, name) = clients("events"), parted(target.id)
    try:
        with in_our_words("events:DescribeRule", target.id):
            found = client.describe_rule(Name=name, EventBusName=bus)
    except Permanent as error:
        if code_of(error.__cause__) == "ResourceNotFoundException":
            return Sighting()
        raise
    with in_our_words("events:ListTagsForResource", target.id):
        tags = client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    return Sighting(
        exists=True,
        account=found["Arn"].split(":")[4],
        region=client.meta.region_name,
        name=name,
        tags={tag["Key"]: tag["Value"] for tag in tags},
        state={"state": found["State"], "managed_by": found.get("ManagedBy") or "none"},
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """The rules of the default bus that send events to this function or queue."""
    if start.type not in STARTS or not start.arn:
        return []
    client, names = clients("events"), list[str]()
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        with in_our_words("events:ListRuleNamesByTarget", start.id):
            page = client.list_rule_names_by_target(TargetArn=start.arn, **more)
        names += page.get("RuleNames", [])
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
    place = ":".join(start.arn.split(":")[:2])
    found = (from_arn(f"{place}:events:{start.region}:{start.account}:rule/{name}", trusted=True) for name in names)
    return [one for one in found if one]


def parted(own_id: str) -> tuple[str, str]:
    """Bus and name of a rule's id."""
    bus, slash, name = own_id.rpartition("/")
    return (bus, name) if slash else (DEFAULT_BUS, own_id)
