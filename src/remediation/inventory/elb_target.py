"""Targets of a load balancer's target groups. The id of one is `<name of the target group>/<id of the target>/<port>`, such as
`shop-web/i-0123456789abcdef0/8080`; names of target groups are unique within an account and region.

The tags are those of the target group, because it is the target group that a deregistration changes. The other targets of the group
are its fleet. A target is reached from an instance that is registered in one target group, under one port.
"""

from collections.abc import Iterator
from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Fleet, Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "elb:target"
MOST_GROUPS = 50
_GONE = {"unused", "draining"}
_NOT_IN_IT = {"Target.NotRegistered", "Target.DeregistrationInProgress"}
Health = dict[str, Any]


def see(clients: Any, target: Resource) -> Sighting:
    """The target as its group has it, registered or not; absent where there is no such target group."""
    client = clients("elbv2")
    name, _, rest = target.id.partition("/")
    which, _, port = rest.partition("/")
    group = _group(client, name)
    if group is None:
        return Sighting()
    arn = group["TargetGroupArn"]
    members = [one for one in _members(client, arn) if _registered(one)]
    ours = next((one for one in members if (one["Target"]["Id"], str(one["Target"].get("Port", ""))) == (which, port)), None)
    with in_our_words("elasticloadbalancing:DescribeTags", arn):
        described = client.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    return Sighting(
        exists=True,
        account=arn.split(":")[4],
        region=client.meta.region_name,
        name=f"{which} in {name}",
        tags={tag["Key"]: tag["Value"] for one in described for tag in one["Tags"]},
        state={
            "target_group": arn,
            "registered": "yes" if ours else "no",
            "zone": (ours["Target"].get("AvailabilityZone") if ours else "") or "none",
        },
        health={"target": ours["TargetHealth"]["State"] if ours else "not registered"},
        fleet=_fleet(name, members, ours),
    )


def reach(clients: Any, start: Resource) -> list[Resource]:
    """Where this instance is registered, if that is one place. An account with very many target groups is not searched."""
    if start.type != "ec2:instance":
        return []
    client = clients("elbv2")
    with in_our_words("elasticloadbalancing:DescribeTargetGroups", "*"):
        page = client.describe_target_groups(PageSize=MOST_GROUPS)
    if page.get("NextMarker"):
        return []
    found = [place for group in page["TargetGroups"] if group.get("TargetType") == "instance" for place in _places(client, group, start)]
    return found if len(found) == 1 else []


def _places(client: Any, group: dict[str, Any], start: Resource) -> Iterator[Resource]:
    for one in _members(client, group["TargetGroupArn"]):
        if one["Target"]["Id"] == start.id and _registered(one):
            place = f"{group['TargetGroupName']}/{start.id}/{one['Target'].get('Port', '')}"
            yield Resource(type=TYPE, id=place, account=start.account, region=start.region, trusted=start.trusted)


def _group(client: Any, name: str) -> dict[str, Any] | None:
    try:
        with in_our_words("elasticloadbalancing:DescribeTargetGroups", name):
            found: list[dict[str, Any]] = client.describe_target_groups(Names=[name])["TargetGroups"]
    except Permanent as error:
        if code_of(error.__cause__) in {"TargetGroupNotFound", "TargetGroupNotFoundException", "ValidationError"}:
            return None
        raise
    return found[0] if found else None


def _members(client: Any, arn: str) -> list[Health]:
    with in_our_words("elasticloadbalancing:DescribeTargetHealth", arn):
        found: list[Health] = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return found


def _registered(one: Health) -> bool:
    """What is being taken out is out; `unused` may also mean that no load balancer uses the group, and then it is in."""
    health = one["TargetHealth"]
    return not (health["State"] in _GONE and health.get("Reason", "Target.NotRegistered") in _NOT_IN_IT)


def _fleet(name: str, members: list[Health], ours: Health | None) -> Fleet:
    return Fleet(
        name=f"elb:target-group/{name}",
        size=len(members),
        healthy=sum(one["TargetHealth"]["State"] == "healthy" for one in members),
        target_healthy=ours is not None and ours["TargetHealth"]["State"] == "healthy",
    )
