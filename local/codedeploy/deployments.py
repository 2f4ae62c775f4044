"""Deployment groups and their deployments, as CodeDeploy tells of them. What runs ends by being looked at, a few looks later."""

import itertools
import threading
from dataclasses import dataclass, field

RUNS = ("Created", "Queued", "InProgress", "Ready", "Baking")
LOOKS = 2


@dataclass
class Deployment:
    """One deployment of one revision. It goes on for so many looks, and comes then to `ends_as`; none goes on for ever."""

    id: str
    revision: str
    status: str = "InProgress"
    creator: str = "user"
    looks_left: int | None = None
    ends_as: str = "Succeeded"
    rolled_back_by: str = ""


@dataclass
class Group:
    """One deployment group: the revision that runs, and its deployments, the newest first."""

    application: str
    name: str
    revision: str
    tags: dict[str, str] = field(default_factory=dict)
    rollback_ends_as: str = "Succeeded"
    deployments: list[Deployment] = field(default_factory=list)


class Deployments:
    """What one account has. Thread-safe."""

    def __init__(self) -> None:
        self._groups, self._lock, self._numbers = dict[tuple[str, str], Group](), threading.Lock(), itertools.count(1)

    def add(self, group: Group) -> Group:
        with self._lock:
            self._groups[group.application, group.name] = group
        return group

    def begin(self, group: Group, revision: str) -> Deployment:
        """A deployment under way, which goes on until it is stopped."""
        with self._lock:
            made = Deployment(f"d-{next(self._numbers):09d}", revision)
            group.deployments.insert(0, made)
        return made

    def group(self, application: str, name: str) -> Group | None:
        return self._groups.get((application, name))

    def knows(self, application: str) -> bool:
        return any(one == application for one, _ in self._groups)

    def find(self, deployment_id: str) -> tuple[Group, Deployment] | None:
        pairs = ((group, one) for group in self._groups.values() for one in group.deployments)
        return next((pair for pair in pairs if pair[1].id == deployment_id), None)

    def looked_at(self, group: Group, deployment: Deployment) -> None:
        """One look more: what was to end by now has ended."""
        with self._lock:
            if deployment.looks_left is None or deployment.status not in RUNS:
                return
            deployment.looks_left -= 1
            if deployment.looks_left <= 0:
                deployment.status = deployment.ends_as
                if deployment.ends_as == "Succeeded":
                    group.revision = deployment.revision

    def stop(self, group: Group, deployment: Deployment, *, roll_back: bool) -> None:
        """It stops, and where that is asked for the revision from before is deployed again."""
        deployment.status = "Stopped"
        if roll_back:
            back = self.begin(group, group.revision)
            back.creator, back.ends_as, back.looks_left = "codeDeployRollback", group.rollback_ends_as, LOOKS
            deployment.rolled_back_by = back.id
