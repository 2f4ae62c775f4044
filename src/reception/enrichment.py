"""Whose account and whose resources an alert speaks of: the account's alias and the resources' tags.

Asked for an alert that opens an incident and for no other, so that a storm asks nothing. What is not known in time is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from reception.tidying import LABEL, LABEL_NAME, LIMITS, Redact, cut, placed
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from watchkeeper.team import Services

SERVICE_TAGS = ("service", "app", "application", "component")
ENVIRONMENT_TAGS = ("environment", "env", "stage")
OWNER_TAGS = ("owner", "team")
MOST_TAGS = 15
Tags = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What the account says of itself, and of these resources by ARN. Either may be empty: not said, or not known in time."""

    alias: str = ""
    tags: Mapping[str, Tags] = field(default_factory=dict)


class Directory(Protocol):
    """The account's own word on what is in it."""

    def look_up(self, account: str, arns: Sequence[str]) -> Known:
        """What is known of the account and of these ARNs. Within its own bound of time, and without ever failing."""


def enriched(alert: Alert, directory: Directory, services: "Services", redact: Redact) -> Alert:
    """The alert with tags and alias as labels, and placed anew: what the sender and services.yaml said stays before what tags say."""
    known = directory.look_up(alert.account, [r.arn for r in alert.resources if r.arn])
    tags = _merged(known, [r.arn for r in alert.resources])
    said = {f"tag:{name}": value for name, value in _kept(tags, services).items()}
    labels = {"account_alias": known.alias, **said} if known.alias else said
    if not labels:
        return alert
    tidy = {cut(redact(name), LABEL_NAME): cut(redact(value), LABEL) for name, value in labels.items()}
    service, environment = redact(_first(tags, SERVICE_TAGS)), redact(_first(tags, ENVIRONMENT_TAGS))
    found = placed(alert.but(labels={**tidy, **alert.labels}), services)
    return found.but(
        service=cut(service, LIMITS["service"]) if service and found.service == "unknown" else found.service,
        environment=found.environment or cut(environment, LIMITS["environment"]),
    )


def _merged(known: Known, arns: Sequence[str]) -> dict[str, str]:
    """All tags under their names; where two resources differ, that of the one named first counts."""
    merged: dict[str, str] = {}
    for arn in reversed(arns):
        merged |= known.tags.get(arn, {})
    return merged


def _kept(tags: Tags, services: "Services") -> dict[str, str]:
    """The tags that say whose it is, and those that services.yaml asks for. The rest would be noise on every incident."""
    asked = {name for service in services.services for name in service.tags}
    usual = {*SERVICE_TAGS, *ENVIRONMENT_TAGS, *OWNER_TAGS}
    kept = {name: value for name, value in tags.items() if name in asked or name.lower() in usual}
    return dict(sorted(kept.items(), key=lambda one: one[0] not in asked)[:MOST_TAGS])


def _first(tags: Tags, names: Sequence[str]) -> str:
    lower = {name.lower(): value for name, value in tags.items()}
    return next((lower[name] for name in names if lower.get(name)), "")
