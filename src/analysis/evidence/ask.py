"""What a collector is given, and what it may answer. Two of the four answers are values, the other two are errors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mcp_client.servers import Servers
from watchkeeper.arns import from_arn
from watchkeeper.matching import named
from watchkeeper.models import Alert, AlertKind, Analysis, Feedback, Incident, Plan, Resource, Verification
from watchkeeper.team import Service, Services

Clients = Callable[[str, str], Any]
LONGEST_MESSAGE = 2_000
READ_OF_A_MESSAGE = 20_000


@dataclass(frozen=True)
class Found:
    """Something came back. Citations are looked up in `body`.

    `resources` are things that an API named in its own fields, trusted as those of an authenticated alert are; never from text.
    """

    summary: str
    body: str
    link: str = ""
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Nothing:
    """The question was answered, and there is nothing."""

    summary: str


def unheard(_: Found | Nothing) -> None:
    """Where nobody listens before the end."""


def nothing_meant(_: Mapping[str, str]) -> Mapping[str, str]:
    """Where nobody knows the standing orders: a request means nothing."""
    return {}


@dataclass(frozen=True)
class Past:
    """An earlier incident of the same fingerprint or service, with how it was explained, what was done, and what people said."""

    incident: Incident
    analysis: Analysis | None
    plan: Plan | None
    verification: Verification | None
    feedback: tuple[Feedback, ...] = ()


@dataclass(frozen=True)
class Ask:
    """The incident as a collector sees it. `client` makes an AWS client for a service and a region; `pause` waits.

    What a collector tells `so_far` is its answer if it does not come back in time. `meant` says which actions a request with such
    labels means, each with how that is known.
    """

    incident: Incident
    alerts: tuple[Alert, ...]
    service: Service | None
    now: datetime
    region: str
    client: Clients
    redact: Callable[[str], str]
    pause: Callable[[float], None]
    so_far: Callable[[Found | Nothing], None] = unheard
    services: tuple[Service, ...] = ()
    tokens: Callable[[], dict[str, str]] = dict
    github_api_url: str = "https://api.github.com"
    past: Callable[[], Sequence[Past]] = tuple
    mcp: Servers = field(default_factory=Servers)
    meant: Callable[[Mapping[str, str]], Mapping[str, str]] = nothing_meant

    @property
    def alert(self) -> Alert | None:
        """The newest alert that says that something is wrong."""
        firing = [alert for alert in self.alerts if alert.kind is not AlertKind.RESOLVED]
        return max(firing, key=lambda alert: alert.occurred_at, default=None)

    def trusted(self, kind: str) -> tuple[Resource, ...]:
        """The resources of this type that an authenticated field named; what free text names is not looked at."""
        return tuple(resource for resource in self.incident.resources if resource.trusted and resource.type == kind)

    def near(self, kind: str) -> tuple[Resource, ...]:
        """The trusted resources of this type, and those that services.yaml gives the incident's service by ARN: the team's
        own word, so as good as an authenticated field to look at."""
        of_team = (from_arn(arn, trusted=True) for arn in (self.service.resources if self.service else ()) if not arn.endswith("*"))
        return tuple(dict.fromkeys((*self.trusted(kind), *(one for one in of_team if one and one.type == kind))))

    def dependencies(self) -> tuple[Service, ...]:
        """The services that the incident's one cannot do without, as services.yaml has them, nearest first."""
        wanted = self.service.depends_on if self.service else ()
        return tuple(service for name in wanted for service in self.services if service.name == name)

    def region_of(self, resource: Resource) -> str:
        return resource.region or self.incident.region or self.region

    def tidy(self, text: str, most: int = LONGEST_MESSAGE) -> str:
        """Foreign text for a body: redacted before it is cut, so that no half of a secret slips through; its further
        lines are indented, so that it cannot pass for a line of ours."""
        safe = self.redact(text[:READ_OF_A_MESSAGE])
        cut = safe if len(safe) <= most else f"{safe[:most]} … ({len(text) - most} more characters)"
        lines = ("".join(c if c.isprintable() else " " for c in line).rstrip() for line in cut.splitlines())
        return "\n      ".join(line for line in lines if line)


@dataclass(frozen=True)
class Collector:
    """One question. `collect` raises NotAllowed where a permission is missing, and any other error of ours where it failed.

    `permissions` are the IAM actions that it may use; the template grants the function these and no others.
    """

    name: str
    order: int
    provenance: str
    applies: Callable[[Ask], bool]
    asked: Callable[[Ask], str]
    collect: Callable[[Ask], Found | Nothing]
    permissions: tuple[str, ...] = ()


def service_of(incident: Incident, services: Services) -> Service | None:
    """The service of services.yaml that this incident is about: by name, else by alarm, else by a trusted resource."""
    by_name = [service for service in services.services if service.name == incident.service]
    by_alarm = [service for service in services.services if incident.alarm_name and named(incident.alarm_name, service.alarms)]
    by_resource = [
        service
        for service in services.services
        for resource in incident.resources
        if resource.trusted and (named(resource.id, service.resources) or named(resource.arn, service.resources))
    ]
    return next(iter(by_name + by_alarm + by_resource), None)


def stamp(at: datetime) -> str:
    """A time as evidence writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def figure(value: float) -> str:
    """A number without a tail of zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
