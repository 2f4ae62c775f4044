"""An incident that grows becomes more severe, never less."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchkeeper.models import Alert, Incident, Severity

if TYPE_CHECKING:
    from watchkeeper.quiet import Growth

MOST_NAMED = 20


@dataclass(frozen=True)
class Size:
    """How large an incident is: its alerts, the distinct resources and services that they spoke of, up to twenty of each."""

    alerts: int
    touched: tuple[str, ...]
    services: tuple[str, ...]

    def with_alert(self, alert: Alert, times: int = 1) -> "Size":
        """One more alert, or several of the same."""
        services = (alert.service,) if alert.service != "unknown" else ()
        names = (resource.arn or resource.id for resource in alert.resources)
        return Size(self.alerts + times, _distinct((*self.touched, *names)), _distinct((*self.services, *services)))


def size_of(incident: Incident) -> Size:
    """As the incident carries it; one that was written before it did has at least its own resources and service."""
    touched = incident.touched or tuple(resource.arn or resource.id for resource in incident.resources)
    services = incident.services or ((incident.service,) if incident.service != "unknown" else ())
    return Size(incident.alert_count, _distinct(touched), _distinct(services))


@dataclass(frozen=True)
class Raised:
    severity: Severity
    says: str


def raised(severity: Severity, size: Size, rules: Iterable["Growth"]) -> Raised | None:
    """The worst severity of the rules that this size has reached, if it is worse than the incident's own."""
    reached = [rule for rule in rules if _reached(rule, size)]
    worst = min(reached, key=lambda rule: rule.to.value, default=None)
    if worst is None or severity.at_least(worst.to):
        return None
    grown = f"{_many(size.alerts, 'alert')}, {_many(len(size.touched), 'resource')}, {_many(len(size.services), 'service')}"
    return Raised(worst.to, f"Raised from {severity.value} to {worst.to.value}, because it has grown to {grown}.")


def _reached(rule: "Growth", size: Size) -> bool:
    pairs = ((rule.alerts, size.alerts), (rule.resources, len(size.touched)), (rule.services, len(size.services)))
    return all(wanted is None or there >= wanted for wanted, there in pairs)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:MOST_NAMED]


def _many(number: int, thing: str) -> str:
    more = "+" if thing != "alert" and number == MOST_NAMED else ""
    return f"{number}{more} {thing}{'' if number == 1 else 's'}"
