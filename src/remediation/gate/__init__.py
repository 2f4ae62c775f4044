"""May this run? Denied unless every check lets it pass; the harshest ruling wins, and every check leaves its reason.

In order: kill switch, known action, trusted target, standing order, freeze and hours, confidence, blast radius, cooldown, breaker,
rate, loop, unchanged, question, rehearsal, guardian, approval. All of them always run, so that the person who is asked sees all
there is to see. The guardian costs money and is asked only where nothing refuses: `judge` is then called once more with its word,
and counts it as silent until then.
"""

from remediation.gate import limits, order, people, subject
from remediation.gate.case import Case, Check
from watchkeeper.models import Reason, Ruling, Verdict
from watchkeeper.team import Mode

__all__ = ["CHECKS", "Case", "Check", "judge"]

_HARSH = {Ruling.RUN: 0, Ruling.ASK: 1, Ruling.REFUSE: 2}

CHECKS: tuple[tuple[str, Check], ...] = (
    ("kill switch", subject.kill_switch),
    ("known action", subject.known_action),
    ("trusted target", subject.trusted_target),
    ("standing order", order.standing_order),
    ("freeze", order.freeze),
    ("hours", order.hours),
    ("confidence", order.confidence),
    ("blast radius", limits.blast_radius),
    ("cooldown", limits.cooldown),
    ("breaker", limits.breaker),
    ("rate", limits.rate),
    ("loop", limits.loop),
    ("unchanged", people.unchanged),
    ("question", people.question),
    ("rehearsal", people.rehearsal),
    ("guardian", people.guardian),
    ("approval", people.approval),
)


def judge(case: Case) -> Verdict:
    """Every check's word, and the harshest of them."""
    reasons = []
    for name, check in CHECKS:
        ruling, why = check(case)
        reasons.append(Reason(check=name, ruling=ruling, why=why))
    spoken = case.order_or_none
    return Verdict(
        ruling=max((reason.ruling for reason in reasons), key=_HARSH.__getitem__),
        reasons=tuple(reasons),
        order=case.order.name if case.order else "",
        orders_version=case.orders.version,
        mode=case.mode.value,
        approvals=2 if case.mode is Mode.APPROVE_TWO else 1,
        approvers=spoken.approvers,
        cooldown_seconds=int(case.cooldown.total_seconds()),
        ok_periods=spoken.ok_periods,
    )
