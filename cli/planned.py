"""A plan in words: what would be done, to what, and what is known of it, in the order in which somebody asks for it."""

from collections.abc import Mapping
from typing import Any

from watchkeeper.actions.action import Action
from watchkeeper.models import Plan, Rehearsed


def what(plan: Plan, action: Action | None) -> list[tuple[str, str]]:
    """Name and words of everything that the plan says; the catalogue, where it knows the action, fills in for older plans."""
    named = f"{plan.target_name}, " if plan.target_name and plan.target_name != plan.target.id else ""
    rows = [
        ("action", f"{plan.action}: {action.says}" if action else plan.action),
        ("takes back", f"{plan.action} of plan {plan.undoes}, by its own runbook" if plan.undoes else ""),
        ("target", named + (plan.target.arn or plan.target.id)),
        ("its tags", pairs(plan.target_tags)),
        ("parameters", pairs(plan.parameters)),
        ("its state", pairs(plan.target_state)),
        ("runbook", _runbook(plan)),
        ("calls", ", ".join(plan.calls or (action.calls if action else ()))),
        ("effect", plan.effect or (action.expected_effect if action else "")),
        ("undo", _undo(plan, action)),
        ("tried", "; ".join(map(tried, plan.rehearsed))),
        ("asked for by", plan.proposer),
    ]
    return [(name, words) for name, words in rows if words]


def tried(one: Rehearsed) -> str:
    """What trying it without doing it said."""
    return f"{one.what}: {'would be let through' if one.passed else 'would fail'} {one.says}".strip()


def pairs(values: Mapping[str, Any]) -> str:
    """Lists of one, as a runbook takes its parameters, read as what is in them."""
    read = ((name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else value) for name, value in values.items())
    return ", ".join(f"{name}={value}" for name, value in read)


def _runbook(plan: Plan) -> str:
    pinned = f" version {plan.document_version}" if plan.document_version else ""
    return f"{plan.document}{pinned}" if plan.document else ""


def _undo(plan: Plan, action: Action | None) -> str:
    """The sentence that the plan was made with, and the very parameters that would put back what was before. Where it takes an action
    back itself, the way ends with it."""
    by = f"the same runbook with {pairs(plan.inverse)}" if plan.inverse and not plan.undoes else ""
    said = plan.inverse_says or (action.inverse if action and not by else "")
    return f"{said} ({by})" if said and by else said or by
