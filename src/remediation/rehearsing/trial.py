"""What is tried, what it is tried with, and a way of trying it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from remediation.ports import Sighting
from watchkeeper.actions import Action
from watchkeeper.models import Rehearsed, Resource


@dataclass(frozen=True)
class Trial:
    """One plan: the action with its parameters, on a target as the inventory saw it."""

    action: Action
    parameters: Mapping[str, list[str]]
    target: Resource
    seen: Sighting


@dataclass(frozen=True)
class Means:
    """`clients` makes an AWS client by the name of its service; the prefixes are those of the runbooks and of their roles;
    `from_stack` are the parameters that the stack fills in, by action, and `region` is where it lies."""

    clients: Callable[[str], Any]
    document_prefix: str
    role_prefix: str
    ticks: Callable[[], float]
    pause: Callable[[float], None]
    from_stack: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    region: str = ""

    def role(self, action: Action) -> str:
        """The ARN of the role that this action's runbook assumes."""
        return f"{self.role_prefix}-{action.document}"


@dataclass(frozen=True)
class Way:
    """`what` names it for people; `tries` may raise any error of ours."""

    what: str
    tries: Callable[[Trial, Means], tuple[Rehearsed, ...]]
