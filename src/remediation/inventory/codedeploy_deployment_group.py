"""CodeDeploy's deployment groups, as application/group. The deployment that runs is state: a person's yes is for that one."""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.errors import Permanent
from watchkeeper.models import Resource
from watchkeeper.storage.aws import code_of, in_our_words

TYPE = "codedeploy:deploymentgroup"
RUNS = ["Created", "Queued", "InProgress", "Ready", "Baking"]
_ABSENT = {"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"}


def see(clients: Any, target: Resource) -> Sighting:
    """The group with its tags; absent where CodeDeploy knows no such application or group."""
    client, (application, _, group) = clients("codedeploy"), target.id.partition("/")
    asked = {"applicationName": application, "deploymentGroupName": group}
    try:
        with in_our_words("codedeploy:GetDeploymentGroup", target.id):
            found = client.get_deployment_group(**asked)["deploymentGroupInfo"]
    except Permanent as error:
        if code_of(error.__cause__) in _ABSENT:
            return Sighting()
        raise
    with in_our_words("codedeploy:ListDeployments", target.id):
        running = client.list_deployments(**asked, includeOnlyStatuses=RUNS)["deployments"]
    return Sighting(
        exists=True,
        account=target.account,
        region=client.meta.region_name,
        name=group,
        tags=_tags(client, target),
        state={"deployment": ", ".join(running) or "none", "platform": found.get("computePlatform", "")},
        health={"last deployment": found.get("lastAttemptedDeployment", {}).get("status", "none")},
    )


def _tags(client: Any, target: Resource) -> dict[str, str]:
    """By ARN, which is all that CodeDeploy takes for it; a group that was named without one has none that count."""
    if not target.arn:
        return {}
    with in_our_words("codedeploy:ListTagsForResource", target.id):
        tags = client.list_tags_for_resource(ResourceArn=target.arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}
