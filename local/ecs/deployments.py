"""The deployments that were seen to pass, as ECS's own history tells them."""

from dataclasses import dataclass, field
from typing import Any

COMPLETED = "COMPLETED"


@dataclass(frozen=True)
class Passed:
    """One deployment, as it was when it was asked for. `at` is in seconds of the epoch."""

    service_arn: str
    own_id: str
    task_definition: str
    at: float

    @property
    def revision_arn(self) -> str:
        return f"{self.service_arn.replace(':service/', ':service-revision/')}/{self.own_id}"

    @property
    def deployment_arn(self) -> str:
        return f"{self.service_arn.replace(':service/', ':service-deployment/')}/{self.own_id}"


@dataclass
class History:
    """`failed` are the ids of deployments that came to nothing, for a story to name: the emulator fails none."""

    failed: set[str] = field(default_factory=set)
    _passed: dict[str, Passed] = field(default_factory=dict)

    def note(self, service: dict[str, Any], at: float) -> None:
        """The service as CreateService or UpdateService answered: its newest deployment is new, or is known."""
        primary = next((one for one in service.get("deployments", []) if one["status"] == "PRIMARY"), None)
        if primary:
            own_id = primary["id"].rpartition("/")[2]
            self._passed.setdefault(own_id, Passed(service["serviceArn"], own_id, primary["taskDefinition"], at))

    def of(self, service: dict[str, Any], statuses: list[str]) -> list[dict[str, Any]]:
        """As ListServiceDeployments tells them, newest first; all of them where no status is asked for."""
        mine = [one for one in self._passed.values() if one.service_arn == service["serviceArn"]]
        told = [_told(one, self._status(one, service, newest=one is mine[-1])) for one in mine]
        return [one for one in reversed(told) if not statuses or one["status"] in statuses]

    def revisions(self, arns: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        """As DescribeServiceRevisions tells them, and what it does not know."""
        known = {one.revision_arn: one for one in self._passed.values()}
        found = [
            {"serviceRevisionArn": arn, "serviceArn": known[arn].service_arn, "taskDefinition": known[arn].task_definition}
            for arn in arns
            if arn in known
        ]
        return found, [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]

    def _status(self, one: Passed, service: dict[str, Any], *, newest: bool) -> str:
        if one.own_id in self.failed:
            return "ROLLBACK_SUCCESSFUL"
        if not newest:
            return "SUCCESSFUL"
        states = {each["id"].rpartition("/")[2]: each.get("rolloutState") for each in service["deployments"]}
        return "SUCCESSFUL" if states.get(one.own_id) == COMPLETED else "IN_PROGRESS"


def _told(one: Passed, status: str) -> dict[str, Any]:
    return {
        "serviceDeploymentArn": one.deployment_arn,
        "serviceArn": one.service_arn,
        "targetServiceRevisionArn": one.revision_arn,
        "status": status,
        "createdAt": one.at,
    }
