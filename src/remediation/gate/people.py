"""What somebody has to agree to: what has changed, what a question wants, what trying it said, what the second model said, and the plan."""

from remediation.gate.case import Case, asks_unless_agreed
from watchkeeper.actions import Risk
from watchkeeper.goals import is_goal
from watchkeeper.models import Objection, Opinion, Ruling
from watchkeeper.team import Keyless, Mode


def unchanged(case: Case) -> tuple[Ruling, str]:
    """Drift voids a yes, so that a person's word lets nothing pass here."""
    return (Ruling.ASK, case.drifted) if case.drifted else (Ruling.RUN, "The target is as it was when this was planned.")


def question(case: Case) -> tuple[Ruling, str]:
    """Who asks a question gets an answer: no order lets anything run for it without a person's word on exactly that."""
    if is_goal(case.incident):
        return asks_unless_agreed(case, "A person asked a question; nothing is done for it without asking.")
    return Ruling.RUN, "It is an alert, and not a question."


def rehearsal(case: Case) -> tuple[Ruling, str]:
    against = [f"{one.what}: {one.says}" for one in case.rehearsed if not one.passed]
    if against:
        return asks_unless_agreed(case, f"Trying it without doing it said no. {' '.join(against)}")
    return Ruling.RUN, "Trying it without doing it found nothing against it." if case.rehearsed else "It was not tried beforehand."


def guardian(case: Case) -> tuple[Ruling, str]:
    """The second model can only lower: refuse, or ask a person. Where it cannot be asked, anything above low risk needs a person."""
    opinion, risk = (
        case.opinion or Opinion(objection=Objection.DOWN, reasons=("It was not asked.",)),
        case.proposal.action.risk if case.proposal.action else Risk.HIGH,
    )
    said = " ".join(opinion.reasons)
    match opinion.objection:
        case Objection.REFUSE:
            return Ruling.REFUSE, f"The guardian refuses. {said}".strip()
        case Objection.ASK:
            return asks_unless_agreed(case, f"The guardian wants a person to look. {said}".strip())
        case Objection.NONE:
            return Ruling.RUN, "The guardian has no objection."
        case Objection.ABSENT if case.orders.guardian.without_key is Keyless.RUN:
            return Ruling.RUN, "There is no guardian, and the standing orders let it run without one."
        case _ if risk is Risk.LOW:
            return Ruling.RUN, f"The guardian cannot be asked, and the risk is low. {said}".strip()
        case _:
            return asks_unless_agreed(case, f"The guardian cannot be asked, and the risk is {risk.value}. {said}".strip())


def approval(case: Case) -> tuple[Ruling, str]:
    if case.agreed:
        exactly = "its inverse, which was shown with it" if case.undoing else "exactly this"
        return Ruling.RUN, f"{case.who_agreed} agreed to {exactly}."
    if case.unproven:
        return Ruling.ASK, f"Nothing shows that it failed: {case.unproven} A person has to say whether it is taken back."
    if case.mode is Mode.AUTO:
        return Ruling.RUN, "The order lets it run without asking."
    if case.mode is Mode.APPROVE_TWO:
        return Ruling.ASK, f"Two people have to agree first{f'; {case.who_agreed} did' if case.approvals else ''}."
    return Ruling.ASK, "A person has to agree first."
