"""Which task definition an ECS service ran before the one that it has: an earlier revision of the same family, or `none`.

Two places know. While a deployment is under way, the one that it replaces stands beside it in the service. Afterwards it is in
the history of the service's deployments, which ECS keeps for ninety days: there the newest that succeeded counts. Later revisions
do not: a service that somebody has brought back from 7 to 5 is not to be rolled "back" to 7.
"""

import re
from collections.abc import Iterator
from typing import Any

from watchkeeper.errors import Permanent
from watchkeeper.storage.aws import code_of, in_our_words

NONE = "none"
AT_ONCE = 20  # revisions that DescribeServiceRevisions takes in one call
_REVISION = re.compile(r"(?P<family>arn:[^:]+:ecs:[^:]*:\d*:task-definition/[A-Za-z0-9_-]+):(?P<number>[1-9][0-9]*)")


def former_revision(client: Any, name: str, service: dict[str, Any]) -> str:
    """Its ARN; `none` where none is known, or where it is no longer active and could not be deployed."""
    now = _REVISION.fullmatch(service.get("taskDefinition", ""))
    if now is None or int(now["number"]) == 1 or not service.get("deployments"):
        return NONE
    ran_before = (one for one in _ran(client, name, service) if _earlier(one, now))
    found = next(ran_before, NONE)
    return found if found != NONE and _active(client, found) else NONE


def _ran(client: Any, name: str, service: dict[str, Any]) -> Iterator[str]:
    """What the service ran, newest first."""
    for deployment in service["deployments"]:
        if deployment.get("status") == "ACTIVE" and deployment.get("rolloutState") == "COMPLETED":
            yield deployment["taskDefinition"]
    cluster, _, own_name = name.partition("/")
    with in_our_words("ecs:ListServiceDeployments", name):
        listed = client.list_service_deployments(cluster=cluster, service=own_name, status=["SUCCESSFUL"])["serviceDeployments"]
    newest_first = sorted(listed, key=lambda one: one["createdAt"], reverse=True)
    revisions = list(dict.fromkeys(one["targetServiceRevisionArn"] for one in newest_first))
    for start in range(0, len(revisions), AT_ONCE):
        page = revisions[start : start + AT_ONCE]
        with in_our_words("ecs:DescribeServiceRevisions", name):
            told = client.describe_service_revisions(serviceRevisionArns=page)["serviceRevisions"]
        defined = {one["serviceRevisionArn"]: one.get("taskDefinition", "") for one in told}
        yield from (defined.get(revision, "") for revision in page)


def _earlier(task_definition: str, now: re.Match[str]) -> bool:
    found = _REVISION.fullmatch(task_definition)
    return found is not None and found["family"] == now["family"] and int(found["number"]) < int(now["number"])


def _active(client: Any, task_definition: str) -> bool:
    try:
        with in_our_words("ecs:DescribeTaskDefinition", task_definition):
            found = client.describe_task_definition(taskDefinition=task_definition)["taskDefinition"]
    except Permanent as error:
        if code_of(error.__cause__) == "ClientException":
            return False
        raise
    return bool(found.get("status") == "ACTIVE")
