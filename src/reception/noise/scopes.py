"""Is this alert one of those that a window, a mute or a rule speaks of?"""

from typing import TYPE_CHECKING

from watchkeeper.matching import named
from watchkeeper.models import Alert

if TYPE_CHECKING:
    from watchkeeper.quiet import Scope


def covers(scope: "Scope", alert: Alert) -> bool:
    """Every list of the scope that is not empty names the alert; a scope that says nothing covers all."""
    return (
        (not scope.services or named(alert.service, scope.services))
        and (not scope.alarms or named(alert.alarm_name or alert.title, scope.alarms))
        and (not scope.severities or alert.severity in scope.severities)
        and (not scope.environments or named(alert.environment, scope.environments))
        and (not scope.accounts or named(alert.account, scope.accounts))
        and (not scope.sources or named(alert.source, scope.sources))
        and (not scope.fingerprints or named(alert.fingerprint, scope.fingerprints))
        and (not scope.tags or all(tagged(alert, name, value) for name, value in scope.tags.items()))
    )


def tagged(alert: Alert, name: str, value: str) -> bool:
    """A label of this name, or a tag of a resource, which lies among the labels as `tag:<name>`."""
    return any(key in alert.labels and named(alert.labels[key], (value,)) for key in (name, f"tag:{name}"))
