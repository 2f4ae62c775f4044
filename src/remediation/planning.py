"""From what the analysis proposes to one typed plan: which action, on which target, with exactly which parameters."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from watchkeeper.actions import Action, Given, State
from watchkeeper.errors import Permanent
from watchkeeper.ids import digest
from watchkeeper.models import Evidence, Incident, Plan, ProposedAction, Resource

Catalogue = Mapping[str, Action]
ITSELF = "watchkeeper:incident"
Reach = Callable[[Action, Resource], Sequence[Resource]]


@dataclass(frozen=True)
class Proposal:
    """What could be done. What is missing is none or empty, and `fault` says why there are no typed parameters."""

    name: str
    why: str = ""
    action: Action | None = None
    target: Resource | None = None
    parameters: Mapping[str, list[str]] | None = None
    given: Mapping[str, object] | None = None
    fault: str = ""

    @property
    def args_hash(self) -> str:
        """Over everything that is handed to the runbook: a plan that was agreed to is this plan and no other."""
        return hash_of(self.name, self.target, self.parameters)

    @property
    def rests_on(self) -> str:
        """What the cooldown is kept for: the target's name within its type, however the alert wrote the rest."""
        return f"{self.target.type}/{self.target.id}" if self.target else ""

    def with_more(self, parameters: Mapping[str, list[str]]) -> "Proposal":
        """The same with these parameters more, where it has any."""
        return self if self.parameters is None else replace(self, parameters={**self.parameters, **parameters})


def hash_of(action: str, target: Resource | None, parameters: Mapping[str, list[str]] | None) -> str:
    return digest({"action": action, "target": target.id if target else "", "parameters": parameters})


def intact(plan: Plan) -> bool:
    """Is it what its own hash says? Whoever can write the row alone cannot make a plan that was agreed to into another."""
    return plan.args_hash == hash_of(plan.action, plan.target, plan.parameters)


def wishes(
    proposed: Sequence[ProposedAction], incident: Incident, catalogue: Catalogue, evidence: Sequence[Evidence], reach: Reach
) -> list[Proposal]:
    """Every proposed action with each target that it could have, without parameters yet; those with trusted targets first, then those
    whose target could not be asked for, with the permission that is missing as their fault."""
    found = [one for wish in proposed for one in _each(wish, catalogue.get(wish.action), incident, evidence, reach)]
    return sorted(found, key=lambda one: 0 if one.action and one.target and one.target.trusted else 1 if one.fault else 2)


def _each(
    wish: ProposedAction, action: Action | None, incident: Incident, evidence: Sequence[Evidence], reach: Reach
) -> list[Proposal]:  # fmt: skip
    bare = Proposal(wish.action, wish.why, action)
    try:
        return [replace(bare, target=target) for target in _targets(action, incident, evidence, reach)]
    except Permanent as error:
        return [replace(bare, fault=f"its target could not be asked for: {error}")]


def typed(wish: Proposal, state: State, given: Given) -> Proposal:
    """The wish with its typed parameters for the target as it is, or the fault that keeps them from being made."""
    action, target = wish.action, wish.target
    if action is None:
        return replace(wish, fault=f"the catalogue has no action called {wish.name[:80]!r}")
    if target is None:
        return replace(wish, fault=wish.fault or f"the incident names no {action.target_type}, and {wish.name} needs one")
    try:
        parameters = action.parameters(target, state, given).for_runbook()
    except ValidationError as error:
        first = error.errors()[0]
        return replace(wish, fault=f"{'.'.join(map(str, first['loc']))} of {target.id[:80]!r}: {first['msg']}")
    except (ValueError, TypeError, KeyError) as error:
        return replace(wish, fault=f"{target.id[:80]!r} does not fit: {error}")
    return replace(wish, parameters=parameters, given=dict(given))


def again(plan: Plan, catalogue: Catalogue) -> Proposal:
    """What a plan was made from, to be typed anew, so that a catalogue or an order that has changed since shows in its hash."""
    return Proposal(plan.action, plan.why, catalogue.get(plan.action), plan.target)


def taking_back(plan: Plan, catalogue: Catalogue) -> Proposal:
    """The plan's own runbook with what was before. What cannot be known is a fault, which the gate refuses."""
    wish = replace(again(plan, catalogue), why=f"{plan.action} is not proven to have helped")
    if wish.action is None:
        return typed(wish, {}, {})
    try:
        return replace(wish, parameters=wish.action.undone(plan.parameters, plan.target_state), given=plan.given)
    except ValueError as error:
        return replace(wish, fault=str(error))


def _targets(action: Action | None, incident: Incident, evidence: Sequence[Evidence], reach: Reach) -> Sequence[Resource | None]:
    """The incident's resources of the type that the action needs, trusted ones first; else the one that the evidence names; else the
    one that is reached from what it has; one none where there are none. Permanent where the inventory may not be asked."""
    if action is None:
        return [None]
    if action.target_type == ITSELF:
        return [Resource(type=ITSELF, id=incident.id, trusted=True)]
    found = [resource for resource in incident.resources if resource.type == action.target_type]
    if found:
        return sorted(found, key=lambda resource: not resource.trusted)
    named = _in_evidence(action.target_type, evidence)
    return [named or _reached(action, incident, reach)]


def _in_evidence(kind: str, evidence: Sequence[Evidence]) -> Resource | None:
    """What an API named in fields of its own, in the most pieces of evidence: a join names again what it narrows down to.

    Where two are named alike nobody knows which one is meant, and none is. No text of the evidence is read for it.
    """
    named = Counter(one for piece in evidence for one in dict.fromkeys(piece.resources) if one.trusted and one.type == kind)
    most = [one for one, times in named.items() if times == max(named.values())]
    return most[0] if len(most) == 1 else None


def _reached(action: Action, incident: Incident, reach: Reach) -> Resource | None:
    """What the inventory knows to belong to a trusted resource of the incident, where that is one and no more."""
    starts = [resource for resource in incident.resources if resource.trusted and resource.type in action.reached_from]
    found = {(one.type, one.id): one for start in starts for one in reach(action, start) if one.trusted}
    return next(iter(found.values())) if len(found) == 1 else None
