"""The health of what stands behind the load balancers near the incident.

target group shop-web: healthy 1 of 4
target i-0abc:8080: unhealthy, Target.ResponseCodeMismatch: Health checks failed with these codes: [503]
health check: HTTP /healthz, every 30 s, timeout 5 s, expects 200
"""

from collections.abc import Iterator
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.evidence.each_resource import also, answer, each, names
from watchkeeper.models import Resource

GROUPS, HEALTH = "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"
GROUP, BALANCER = "elasticloadbalancing:targetgroup", "elasticloadbalancing:loadbalancer"
ABSENT = ("TargetGroupNotFound", "LoadBalancerNotFound")
MOST_GROUPS = 5  # of a load balancer
MOST_TARGETS = 15


def things_of(ask: Ask) -> tuple[Resource, ...]:
    """Target groups by themselves; a load balancer, for all of its groups, only where none of them is named."""
    return ask.near(GROUP) or ask.near(BALANCER)


def collect(ask: Ask) -> Found | Nothing:
    """DescribeTargetGroups and DescribeTargetHealth for each target group."""
    return each(ask, things_of(ask), _thing, f"Not there: {names(things_of(ask))}.")


def _thing(ask: Ask, resource: Resource) -> Iterator[str]:
    client = ask.client("elbv2", ask.region_of(resource))
    if resource.type == GROUP and resource.arn:
        health = _health(ask, client, resource.arn)
        yield from health
        if health:
            yield from also(ask, lambda: [_checked(group) for group in _groups(client, resource)])
        return
    for group in _groups(client, resource)[:MOST_GROUPS]:
        health = _health(ask, client, group["TargetGroupArn"])
        yield from [*health, _checked(group)] if health else []


def _groups(client: Any, resource: Resource) -> list[dict[str, Any]]:
    """The target groups that this resource is or has. Without an ARN a group is found by its name, and a load balancer is not."""
    if resource.type == GROUP:
        asked = {"TargetGroupArns": [resource.arn]} if resource.arn else {"Names": [_name(resource.id)]}
    elif resource.arn:
        asked = {"LoadBalancerArn": resource.arn}  # type: ignore[dict-item]  # boto3 takes one as text, the others as lists
    else:
        return []
    said = answer(GROUPS, resource.id, ABSENT, client.describe_target_groups, **asked)
    groups: list[dict[str, Any]] = said["TargetGroups"] if said else []
    return groups


def _health(ask: Ask, client: Any, arn: str) -> list[str]:
    said = answer(HEALTH, _name(arn), ABSENT, client.describe_target_health, TargetGroupArn=arn)
    if said is None:
        return []
    targets = said["TargetHealthDescriptions"]
    unwell = [one for one in targets if one["TargetHealth"]["State"] != "healthy"]
    head = f"target group {_name(arn)}: healthy {len(targets) - len(unwell)} of {len(targets)}"
    return [head, *(_target(ask, one) for one in unwell[:MOST_TARGETS])]


def _target(ask: Ask, described: dict[str, Any]) -> str:
    target, health = described["Target"], described["TargetHealth"]
    port = f":{target['Port']}" if "Port" in target else ""  # a function has none
    reason = f", {health['Reason']}" if health.get("Reason") else ""
    why = f": {ask.tidy(health['Description'])}" if health.get("Description") else ""
    return f"target {target['Id']}{port}: {health['State']}{reason}{why}"


def _checked(group: dict[str, Any]) -> str:
    codes = group.get("Matcher", {})
    wanted = codes.get("HttpCode") or codes.get("GrpcCode")
    return (
        f"health check: {group.get('HealthCheckProtocol', 'none')} {group.get('HealthCheckPath', '')}".rstrip()
        + f", every {group.get('HealthCheckIntervalSeconds', 0)} s, timeout {group.get('HealthCheckTimeoutSeconds', 0)} s"
        + (f", expects {wanted}" if wanted else "")
    )


def _name(text: str) -> str:
    """The name in `…targetgroup/<name>/<id>`, or `<name>/<id>`, or the name alone."""
    return text.rsplit("targetgroup/", 1)[-1].split("/")[0]


COLLECTOR = Collector(
    name="targets",
    order=62,
    provenance="the Elastic Load Balancing API, measured",
    applies=lambda ask: bool(things_of(ask)),
    asked=lambda ask: f"Which targets of {names(things_of(ask))} are healthy, and what do the others fail?",
    collect=collect,
    permissions=(GROUPS, HEALTH),
)
