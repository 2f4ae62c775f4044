"""What is to be done, and whether somebody has to agree: the looks before anything is claimed. Nothing is written here."""

from functools import partial

from remediation import approvals, journal, planning
from remediation.at_hand import analysis_of, plan_of, there
from remediation.cases import NOTHING, Circumstances, chosen, judged, see
from remediation.journal import ALONE, Along
from remediation.next_step import Hold, Step, cleared_first, is_put_off
from remediation.planning import Proposal
from remediation.wiring import Wiring
from watchkeeper.change import Change
from watchkeeper.models import Approval, DueKind, Evidence, Incident, Plan, Ruling


def decide(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """What the analysis proposes, through the gate; a person's where it proposes nothing."""
    at = wiring.clock()
    if incident.cleared_at:
        return Step(journal.cleared(incident, wiring.incidents.episode(incident.fingerprint), at))
    analysis = analysis_of(incident, wiring)
    evidence = wiring.incidents.rows(incident.id, Evidence)
    wishes = planning.wishes(analysis.proposed, incident, wiring.catalogue(), evidence, partial(wiring.reach, incident))
    if not wishes:
        return Step(journal.nothing_proposed(incident, analysis, at))
    return rule(incident, chosen(wishes, incident, analysis, wiring), wiring)


def await_answer(incident: Incident, wiring: Wiring, hold: Hold) -> Step:  # noqa: ARG001 - every look has the same three arguments
    """Enough yeses in time go through the gate once more, on the world as it is now; too few in time are a no."""
    at, plan = wiring.clock(), plan_of(incident, wiring)
    if cleared_first(incident, plan):
        return Step(journal.cleared(incident, wiring.incidents.episode(incident.fingerprint), at))
    if not approvals.in_time(plan, at):
        return Step(journal.expired(incident, plan, at))
    agreed = approvals.standing(plan, wiring.incidents.rows(incident.id, Approval), at)
    if len(agreed) < plan.verdict.approvals:
        return _waiting(incident, plan, wiring)
    seen, wish = see(plan.target, there(incident, plan, wiring)), planning.again(plan, wiring.catalogue())
    undoing = wiring.incidents.row(incident.id, Plan, plan.undoes) if plan.undoes else None
    if undoing:
        wish = planning.taking_back(undoing, wiring.catalogue())
    around = Circumstances(seen=seen, approvals=agreed, undoing=undoing, again=plan)
    ruled = judged(incident, analysis_of(incident, wiring), wish, wiring, at, around)
    same = (ruled.case.proposal.args_hash, seen.state_hash) == (plan.args_hash, plan.state_hash)
    if same and planning.intact(plan):
        return _as_step(journal.ruled(ruled, wiring.terms, plan), ruled.verdict.ruling)
    who = " and ".join(sorted(approval.approver for approval in agreed))
    drifted = f"{plan.target.id}, or what would be done to it, has changed since {who} agreed, so a person has to look again."
    return rule(incident, wish, wiring, Circumstances(seen=seen, drifted=drifted, undoing=undoing))


def rule(incident: Incident, wish: Proposal, wiring: Wiring, around: Circumstances = NOTHING, along: Along = ALONE) -> Step:
    """The gate's verdict as a change; the worker that writes a claim holds it."""
    ruled = judged(incident, analysis_of(incident, wiring), wish, wiring, wiring.clock(), around)
    return _as_step(journal.ruled(ruled, wiring.terms, along=along), ruled.verdict.ruling)


def _as_step(written: Change, ruling: Ruling) -> Step:
    claimed = Hold(written.incident.execution_id, hands=1, fresh=True)
    return Step(written, hold=claimed if ruling is Ruling.RUN else Hold())


def _waiting(incident: Incident, plan: Plan, wiring: Wiring) -> Step:
    """For the answers that are missing, until the question's time is over."""
    at = wiring.clock()
    if plan.expires_at is None or is_put_off(incident, at):
        return Step(goes_on=False)
    return Step(journal.put_off(incident, DueKind.APPROVAL, plan.expires_at, at), goes_on=False)
