"""Is anything allowed at all, is this an action that we know, and is its target one that is ours to touch?"""

from remediation.gate.case import Case
from watchkeeper.models import Ruling

TAG = "AutoRemediate"


def kill_switch(case: Case) -> tuple[Ruling, str]:
    return (Ruling.REFUSE, f"The kill switch: {case.switch}.") if case.switch else (Ruling.RUN, "The kill switch is not thrown.")


def known_action(case: Case) -> tuple[Ruling, str]:
    """Of the catalogue, with parameters of their types, and with a runbook whose version is known."""
    if case.proposal.action is None or case.proposal.parameters is None:
        return Ruling.REFUSE, f"Not a typed action: {case.proposal.fault}."
    if case.unpinned:
        return Ruling.REFUSE, f"Its runbook cannot be pinned: {case.unpinned}."
    return Ruling.RUN, f"{case.proposal.name} is in the catalogue and its parameters are of their types."


def trusted_target(case: Case) -> tuple[Ruling, str]:
    """Named by an authenticated field, there, ours, tagged, and in the state that the action needs."""
    target, seen = case.proposal.target, case.seen
    if target is None:
        return Ruling.REFUSE, "There is no target."
    faults = [
        (not target.trusted, f"{target.id} was named by text and not by an authenticated field."),
        (bool(seen.unseen), f"{target.id} could not be looked at: {seen.unseen}."),
        (not seen.unseen and not seen.exists, f"{target.id} does not exist in {case.region or 'this region'}."),
        (_elsewhere(case), f"{target.id} is of account {target.account or '?'} in {target.region or '?'}, where this stack does not act."),
        (seen.exists and seen.tags.get(TAG, "").lower() != "true", f"{target.id} does not carry the tag {TAG}=true."),
        (seen.exists and not case.undoing and bool(_unready(case)), f"{target.id} is not ready: {_unready(case)}."),
    ]
    found = [says for wrong, says in faults if wrong]
    return (Ruling.REFUSE, " ".join(found)) if found else (Ruling.RUN, f"{target.id} is there, tagged {TAG}=true and ready.")


def _elsewhere(case: Case) -> bool:
    """What says nothing of account or region is ours; what says it has to say one and the same, and one where we act."""
    target, seen = case.proposal.target, case.seen
    accounts = {a for a in (target.account if target else "", seen.account) if a}
    regions = {r for r in (case.region, target.region if target else "", seen.region) if r}
    foreign = bool(case.accounts) and not accounts <= case.accounts
    return len(accounts) > 1 or len(regions) > 1 or foreign


def _unready(case: Case) -> str:
    wanted = case.proposal.action.ready_when if case.proposal.action else {}
    wrong = [f"{name} is {case.seen.state.get(name)!s}, not {' or '.join(good)}" for name, good in wanted.items()
             if case.seen.state.get(name) not in good]  # fmt: skip
    return ", ".join(wrong)
