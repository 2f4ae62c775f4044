"""ECS services. The primary deployment is part of the state: a deployment in between makes a person's yes one for another thing."""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "ecs:service"


def see(clients: Any, target: Resource) -> Sighting:
    """The service with its tags; absent where ECS knows no such cluster or service."""
    client = clients("ecs")
    cluster, _, service = target.id.partition("/")
    try:
        with in_our_words("ecs:DescribeServices", target.id):
            answer = client.describe_services(cluster=cluster, services=[service], include=["TAGS"])
    except Permanent as error:
        if code_of(error.__cause__) == "ClusterNotFoundException":
            return Sighting()
        raise
    found = next(iter(answer["services"]), None)
    if found is None:
        return Sighting()
    arn = found.get("serviceArn", "").split(":")
    primary = next((d["id"] for d in found.get("deployments", []) if d.get("status") == "PRIMARY"), "")
    return Sighting(
        exists=True,
        account=arn[4] if len(arn) > 5 else "",
        region=client.meta.region_name,
        tags={tag["key"]: tag["value"] for tag in found.get("tags", [])},
        state={
            "status": found["status"],
            "task_definition": found.get("taskDefinition", ""),
            "desired_count": found.get("desiredCount", 0),
            "deployment": primary,
        },
    )
