"""From what the analysis proposes to one typed plan: which action, on which target, with exactly which parameters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from remediation.ports import Sighting
from watchkeeper.actions import Action
from watchkeeper.ids import digest, token
from watchkeeper.models import Evidence, Incident, Plan, ProposedAction, Resource, Verdict

Catalogue = Mapping[str, Action]


@dataclass(frozen=True)
class Proposal:
    """What could be done. What is missing is none or empty, and `fault` says why there are no typed parameters."""

    name: str
    why: str = ""
    action: Action | None = None
    target: Resource | None = None
    parameters: Mapping[str, list[str]] | None = None
    fault: str = ""

    @property
    def args_hash(self) -> str:
        """Over everything that is handed to the runbook: a plan that was agreed to is this plan and no other."""
        return digest({"action": self.name, "target": self.target.id if self.target else "", "parameters": self.parameters})

    @property
    def rests_on(self) -> str:
        """What the cooldown is kept for: the target's name within its type, however the alert wrote the rest."""
        return f"{self.target.type}/{self.target.id}" if self.target else ""


def typed(name: str, why: str, target: Resource | None, catalogue: Catalogue) -> Proposal:
    """The action with its typed parameters for this target, or the fault that keeps them from being made."""
    action = catalogue.get(name)
    if action is None:
        return Proposal(name, why, target=target, fault=f"the catalogue has no action called {name[:80]!r}")
    if target is None:
        return Proposal(name, why, action, fault=f"the incident names no {action.target_type}, and {name} needs one")
    try:
        parameters = action.parameters(target, {}, {}).for_runbook()
    except ValidationError as error:
        first = error.errors()[0]
        return Proposal(name, why, action, target, fault=f"{'.'.join(map(str, first['loc']))} of {target.id[:80]!r}: {first['msg']}")
    except ValueError as error:
        return Proposal(name, why, action, target, fault=f"{target.id[:80]!r} does not fit: {error}")
    return Proposal(name, why, action, target, parameters)


def propose(
    proposed: Sequence[ProposedAction], incident: Incident, catalogue: Catalogue, evidence: Sequence[Evidence] = ()
) -> Proposal | None:
    """The first proposed action with a fitting trusted target.

    Where none fits, the first one as it is: the gate refuses it with its reasons. None where nothing is proposed.
    """
    candidates = [
        typed(wish.action, wish.why, target, catalogue)
        for wish in proposed
        for target in _targets(wish.action, incident, catalogue, evidence)
    ]
    fitting = (c for c in candidates if c.parameters is not None and c.target is not None and c.target.trusted)
    return next(fitting, candidates[0] if candidates else None)


def again(plan: Plan, catalogue: Catalogue) -> Proposal:
    """The same plan made anew, so that a catalogue that has changed since shows in its hash."""
    return typed(plan.action, plan.why, plan.target, catalogue)


def make_plan(incident: Incident, proposal: Proposal, seen: Sighting, verdict: Verdict, at: datetime) -> Plan | None:
    """The plan, bound by hashes to its arguments and to the state of its target; none without a target to plan for."""
    if proposal.target is None:
        return None
    return Plan(
        id=token("plan", incident.id, str(incident.version)),
        incident_id=incident.id,
        action=proposal.name,
        target=proposal.target,
        parameters=dict(proposal.parameters or {}),
        args_hash=proposal.args_hash,
        state_hash=seen.state_hash,
        target_state=seen.state,
        why=proposal.why,
        verdict=verdict,
        made_at=at,
    )


def _targets(name: str, incident: Incident, catalogue: Catalogue, evidence: Sequence[Evidence]) -> list[Resource | None]:
    """The incident's resources of the type that the action needs, trusted ones first; else the one that the evidence names;
    one none where there are none."""
    action = catalogue.get(name)
    if action is None:
        return [None]
    found = [resource for resource in incident.resources if resource.type == action.target_type]
    return [*sorted(found, key=lambda resource: not resource.trusted)] or [_in_evidence(action.target_type, evidence)]


def _in_evidence(kind: str, evidence: Sequence[Evidence]) -> Resource | None:
    """What an API named in fields of its own, in the most pieces of evidence: a join names again what it narrows down to.

    Where two are named alike nobody knows which one is meant, and none is. No text of the evidence is read for it.
    """
    named = Counter(one for piece in evidence for one in dict.fromkeys(piece.resources) if one.trusted and one.type == kind)
    most = [one for one, times in named.items() if times == max(named.values())]
    return most[0] if len(most) == 1 else None
