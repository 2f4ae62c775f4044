"""What a person asks for through PagerDuty, and what that means here: an action of the catalogue by its own name, or one that the
standing orders mean by the word.

asked for through PagerDuty: scale-group
means asg-set-capacity, by the order “scale the workers when somebody asks for it”
"""

from collections.abc import Sequence

from analysis.evidence.ask import Ask, Collector, Found, Nothing
from analysis.requested import REQUESTED_ACTION, SOURCE
from watchkeeper.models import Alert, AlertKind

LONGEST_WISH = 200


def wishes(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """The requests that nobody has withdrawn, oldest first."""
    newest: dict[str, Alert] = {}
    for alert in sorted((one for one in alerts if one.source == SOURCE), key=lambda one: one.occurred_at):
        newest[alert.fingerprint] = alert
    return tuple(one for one in newest.values() if one.kind is AlertKind.FIRING and one.labels.get(REQUESTED_ACTION))


def collect(ask: Ask) -> Found | Nothing:
    """The word of each request, and what it means; a request grants nothing, so what it means is only proposed."""
    asked = wishes(ask.alerts)
    if not asked:
        return Nothing("Every request was withdrawn.")
    lines = [line for alert in asked for line in _lines(ask, alert)]
    return Found(
        summary=f"{len(asked)} requests: {'; '.join(line for line in lines if line.startswith('means '))[:400]}", body="\n".join(lines)
    )


def _lines(ask: Ask, alert: Alert) -> list[str]:
    meant = ask.meant(alert.labels)
    word = ask.tidy(alert.labels[REQUESTED_ACTION], LONGEST_WISH)
    nothing = "means nothing here: no action of the catalogue has that name, and no standing order speaks of it"
    return [f"asked for through PagerDuty: {word}", *(f"means {name}, {why}" for name, why in meant.items())] + ([] if meant else [nothing])


COLLECTOR = Collector(
    name="request",
    order=28,
    provenance="a request through PagerDuty whose sender proved itself, read against the catalogue and the standing orders",
    applies=lambda ask: any(alert.source == SOURCE for alert in ask.alerts),
    asked=lambda ask: f"What does somebody ask for on {ask.incident.id}, and what does it mean here?",
    collect=collect,
)
