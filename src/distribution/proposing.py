"""The plan in words: what it is, and all that a person has to know before they decide on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from distribution.briefing import Detail, Proposal
from distribution.wording import one_line
from watchkeeper.actions import catalogue
from watchkeeper.actions.action import Action
from watchkeeper.models import Plan, Ruling, Status
from watchkeeper.story import Story

VERDICTS = {Ruling.RUN: "runs by itself", Ruling.ASK: "needs a person's approval", Ruling.REFUSE: "will not be done"}
NUMBERS = {1: "One person", 2: "Two people"}


def proposal(story: Story) -> Proposal | None:
    """The plan; of the gate's reasons those that decided. None where nothing was planned."""
    plan = story.plan
    if plan is None:
        return None
    action, verdict = catalogue().get(plan.action), plan.verdict
    by_order = verdict.ruling is Ruling.RUN and verdict.order
    asked = story.incident.status is Status.AWAITING_APPROVAL
    return Proposal(
        action=(action.says if action else plan.action) + (", to take back what did not help" if plan.undoes else ""),
        target=plan.target.id,
        verdict=f"allowed by the order “{verdict.order}”" if by_order else VERDICTS[verdict.ruling],
        reasons=tuple(reason.why for reason in verdict.reasons if reason.ruling is verdict.ruling is not Ruling.RUN),
        effect=plan.effect or (action.expected_effect if action else ""),
        caution=action.why_irreversible if action else "",
        details=tuple(Detail(label, text) for label, text in _details(story, plan, action, asked=asked) if text),
        checks=tuple(f"{reason.check}: {reason.why}" for reason in verdict.reasons),
        ask_id=plan.ask_id if asked else "",
    )


def _details(story: Story, plan: Plan, action: Action | None, *, asked: bool) -> Iterator[tuple[str, str]]:
    """The plan as it would be carried out, nothing of it left out; then who is asked, while somebody is."""
    yield "Action", f"{plan.action}: {action.says}" if action else plan.action
    name = f"{one_line(plan.target_name)}, " if plan.target_name and plan.target_name != plan.target.id else ""
    yield "Target", name + (plan.target.arn or plan.target.id)
    yield "Tags", _pairs(plan.target_tags)
    yield "With", _pairs(plan.parameters)
    yield "State now", _pairs(plan.target_state)
    yield "Calls", ", ".join(plan.calls or (action.calls if action else ()))
    yield "Effect", plan.effect or (action.expected_effect if action else "")
    yield "Undo", _undo(plan, action)
    yield "Tried without doing it", "; ".join(_tried(plan))
    if plan.why != plan.effect:
        yield "Because", one_line(plan.why)
    if plan.verdict.ruling is Ruling.ASK:
        yield "Asked because", " ".join(reason.why for reason in plan.verdict.reasons if reason.ruling is Ruling.ASK)
    if asked:
        yield "Who may answer", _who(plan)
        yield "Agreed so far", ", ".join(_agreed(story, plan))
        yield "Until", f"{plan.expires_at:%H:%M:%S} UTC; without an answer nothing is done" if plan.expires_at else ""


def _pairs(values: Mapping[str, Any]) -> str:
    """Lists of one, as a runbook takes its parameters, read as what is in them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in values.items())


def _value(value: Any) -> str:
    return one_line(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _undo(plan: Plan, action: Action | None) -> str:
    if plan.inverse_says:
        return plan.inverse_says
    if plan.inverse:
        return f"the same runbook with {_pairs(plan.inverse)}"
    if action and action.why_irreversible:
        return f"cannot be undone: {action.why_irreversible}"
    return action.inverse if action else ""


def _tried(plan: Plan) -> Iterator[str]:
    for one in plan.rehearsed:
        yield f"{one.what} {'would be let through' if one.passed else 'would fail'}" + (f" ({one_line(one.says)})" if one.says else "")


def _who(plan: Plan) -> str:
    count, teams = plan.verdict.approvals, plan.verdict.approvers
    number = NUMBERS.get(count, f"{count} people")
    of = f" of {' or '.join(teams)}" if teams else ""
    return f"{number}{of} with the role approver in people.yaml" + (", not the same one twice" if count > 1 else "")


def _agreed(story: Story, plan: Plan) -> Iterator[str]:
    """Whose yes is for this plan as it is now."""
    shown = (plan.id, plan.args_hash, plan.state_hash)
    for one in story.approvals:
        if one.approved and (one.plan_id, one.args_hash, one.state_hash) == shown:
            yield f"{one.approver} ({one.via})"
