"""The plan as a row: bound by hashes to its arguments and to the state of its target, with all that a person is shown."""

from typing import Any

from remediation.gate import Case
from remediation.ports import Pinned
from watchkeeper.actions import Action
from watchkeeper.goals import BY
from watchkeeper.ids import token
from watchkeeper.models import Plan, Verdict

SHOWN_TAGS = 12


def make_plan(case: Case, verdict: Verdict, pinned: Pinned | None) -> Plan | None:
    """The plan; none without a target to plan for."""
    proposal, incident = case.proposal, case.incident
    if proposal.target is None:
        return None
    return Plan(
        id=token("plan", incident.id, str(incident.version)),
        incident_id=incident.id,
        action=proposal.name,
        target=proposal.target,
        parameters=dict(proposal.parameters or {}),
        args_hash=proposal.args_hash,
        state_hash=case.seen.state_hash,
        target_state=case.seen.state,
        given=dict(proposal.given or {}),
        rehearsed=case.rehearsed,
        undoes=case.undoing.id if case.undoing else "",
        proposer=case.labels.get("requested_by") or case.labels.get(BY, ""),
        why=proposal.why,
        verdict=verdict,
        made_at=case.at,
        **_shown(case),
        **_pinned(pinned),
    )


def _shown(case: Case) -> dict[str, Any]:
    """What the catalogue and the inventory say of it, for the person who decides."""
    action = case.proposal.action
    if action is None:
        return {}
    inverse = _inverse(action, case)
    return {
        "target_name": case.seen.name,
        "target_tags": dict(sorted(case.seen.tags.items())[:SHOWN_TAGS]),
        "calls": action.calls,
        "effect": action.expected_effect,
        "inverse": inverse,
        "inverse_says": _inverse_says(action, inverse, case),
    }


def _inverse(action: Action, case: Case) -> dict[str, Any]:
    if case.undoing or not action.reversible or case.proposal.parameters is None:
        return {}
    try:
        return action.undone(case.proposal.parameters, case.seen.state)
    except ValueError:
        return {}  # then `_inverse_says` tells the person so


def _inverse_says(action: Action, inverse: dict[str, Any], case: Case) -> str:
    if case.undoing:
        return f"This itself takes back {case.undoing.action}."
    if inverse:
        before = ", ".join(f"{fact} {case.seen.state.get(fact)}" for fact in action.facts(inverse).values())
        return f"Its own runbook puts back what was before: {before}."
    return action.inverse or action.why_irreversible or "What was before is not known, so nothing takes it back."


def _pinned(pinned: Pinned | None) -> dict[str, str]:
    if pinned is None:
        return {}
    return {"document": pinned.document, "document_version": pinned.version, "document_hash": pinned.hash}
