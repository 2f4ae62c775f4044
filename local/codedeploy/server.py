"""CodeDeploy's door on loopback: its protocol (JSON 1.1) for what a rollback needs; anything else it says that it does not know."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from local.aws import ACCOUNT, REGION
from local.codedeploy.deployments import RUNS, Deployment, Deployments, Group
from local.standins.http import Reply, Request, Server

CONTENT_TYPE = {"content-type": "application/x-amz-json-1.1"}
Asked = dict[str, Any]


class Refused(Exception):
    """`code` is AWS's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Door:
    """Answers for the deployments."""

    def __init__(self, deployments: Deployments) -> None:
        self._deployments = deployments
        self._operations: dict[str, Callable[[Asked], dict[str, Any]]] = {
            "GetDeploymentGroup": self._get_group,
            "GetDeployment": self._get,
            "ListDeployments": self._list,
            "StopDeployment": self._stop,
            "ListTagsForResource": self._tags,
        }

    def __call__(self, request: Request) -> Reply:
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in self._operations:
            message = f"the laptop's CodeDeploy does not know {name!r}"
            return Reply(400, {"__type": "UnknownOperationException", "message": message}, CONTENT_TYPE)
        try:
            return Reply(200, self._operations[name](request.json() or {}), CONTENT_TYPE)
        except Refused as error:
            return Reply(400, {"__type": error.code, "message": str(error)}, CONTENT_TYPE)
        except json.JSONDecodeError as error:
            return Reply(400, {"__type": "SerializationException", "message": str(error)}, CONTENT_TYPE)

    def _group(self, asked: Asked) -> Group:
        application, name = asked["applicationName"], asked["deploymentGroupName"]
        found = self._deployments.group(application, name)
        if found is None and not self._deployments.knows(application):
            raise Refused("ApplicationDoesNotExistException", f"No application found for name: {application}")
        if found is None:
            raise Refused("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
        return found

    def _deployment(self, asked: Asked) -> tuple[Group, Deployment]:
        found = self._deployments.find(asked["deploymentId"])
        if found is None:
            raise Refused("DeploymentDoesNotExistException", f"The deployment {asked['deploymentId']} could not be found")
        return found

    def _get_group(self, asked: Asked) -> dict[str, Any]:
        group = self._group(asked)
        last = {"lastAttemptedDeployment": _last(group.deployments[0])} if group.deployments else {}
        info = {"applicationName": group.application, "deploymentGroupName": group.name, "computePlatform": "Server", **last}
        return {"deploymentGroupInfo": info}

    def _get(self, asked: Asked) -> dict[str, Any]:
        group, deployment = self._deployment(asked)
        self._deployments.looked_at(group, deployment)
        back = {"rollbackInfo": {"rollbackDeploymentId": deployment.rolled_back_by}} if deployment.rolled_back_by else {}
        info = {"applicationName": group.application, "deploymentGroupName": group.name, "deploymentId": deployment.id,
                "status": deployment.status, "creator": deployment.creator, "computePlatform": "Server"}  # fmt: skip
        return {"deploymentInfo": info | back}

    def _list(self, asked: Asked) -> dict[str, Any]:
        group, wanted = self._group(asked), asked.get("includeOnlyStatuses")
        return {"deployments": [one.id for one in group.deployments if not wanted or one.status in wanted]}

    def _stop(self, asked: Asked) -> dict[str, Any]:
        group, deployment = self._deployment(asked)
        if deployment.status not in RUNS:
            raise Refused("DeploymentAlreadyCompletedException", f"The deployment {deployment.id} is already completed")
        self._deployments.stop(group, deployment, roll_back=bool(asked.get("autoRollbackEnabled")))
        return {"status": "Pending", "statusMessage": "The deployment is being stopped."}

    def _tags(self, asked: Asked) -> dict[str, Any]:
        application, _, name = asked["ResourceArn"].rpartition(":deploymentgroup:")[2].partition("/")
        group = self._deployments.group(application, name)
        if group is None:
            raise Refused("ResourceValidationException", f"no deployment group {asked['ResourceArn']}")
        return {"Tags": [{"Key": key, "Value": value} for key, value in group.tags.items()]}


def _last(deployment: Deployment) -> dict[str, str]:
    return {"deploymentId": deployment.id, "status": deployment.status}


def arn_of(group: Group) -> str:
    """The ARN of a group in the emulated account."""
    return f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:{group.application}/{group.name}"


@contextmanager
def serving() -> Iterator[tuple[Deployments, str]]:
    """The deployments, for a test or a story to begin, and the address at which CodeDeploy listens."""
    deployments = Deployments()
    with Server({"": Door(deployments)}) as server:
        yield deployments, server.url
