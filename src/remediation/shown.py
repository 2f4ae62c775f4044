"""What the guardian is shown of a case: typed facts, and no word that the sender of an alert has written."""

from datetime import timedelta

from remediation.gate import Case
from watchkeeper.models import PlanShown

RECENT = 20
DAY = timedelta(days=1)


def as_shown(case: Case) -> PlanShown:
    """The plan for the second model. The case has an action and a target, or the gate would have refused it before."""
    action, target, fleet = case.proposal.action, case.proposal.target, case.seen.fleet
    if action is None or target is None:
        raise ValueError("a case without an action and a target is refused before anybody is asked")
    claimed = [one for one in case.lately.account.claimed if one.at > case.at - DAY]
    return PlanShown(
        action=action.name,
        says=action.says,
        risk=action.risk.value,
        effect=action.expected_effect,
        calls=action.calls,
        reversible=action.reversible,
        target_type=target.type,
        target_id=target.id,
        parameters=dict(case.proposal.parameters or {}),
        state=case.seen.state,
        health=case.seen.health,
        fleet_size=fleet.size if fleet else 0,
        fleet_healthy=fleet.healthy if fleet else 0,
        cause=case.analysis.cause.value,
        confidence=case.analysis.confidence,
        severity=case.incident.severity.value,
        recent=tuple(f"{one.at:%Y-%m-%dT%H:%M:%SZ} {one.action} {one.target}" for one in claimed[: -RECENT - 1 : -1]),
        undoes=case.undoing.action if case.undoing else "",
    )
