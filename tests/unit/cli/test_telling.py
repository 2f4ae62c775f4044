"""What `show` says of a plan and of what came of it: everything that a person decides on, and what was taken back."""

import io
from typing import Any

from rich.console import Console

from cli.telling import show
from tests.fakes.words import NIGHT, an_incident
from tests.unit.cli.conftest import APPROVAL, EXECUTION, MINUTE, PLAN
from watchkeeper.models import (
    AuditRecord,
    ExecutionStatus,
    Reason,
    Rehearsed,
    Resource,
    Ruling,
    Status,
    StepResult,
    Verdict,
    Verification,
)
from watchkeeper.story import Story

SCALE = PLAN.but(
    action="ecs-scale",
    target=Resource(type="ecs:service", id="shop/orders", trusted=True),
    target_name="orders",
    target_tags={"AutoRemediate": "true"},
    parameters={"Cluster": ["shop"], "Service": ["orders"], "DesiredCount": ["6"]},
    target_state={"desired_count": 4},
    calls=("ecs:UpdateService",),
    effect="Six tasks share the load.",
    inverse={"DesiredCount": ["4"]},
    inverse_says="Its own runbook puts back what was before: desired_count 4.",
    document="watchkeeper-ecs-scale",
    document_version="3",
    proposer="rose",
    rehearsed=(Rehearsed(what="ecs:UpdateService", passed=False, says="It could not be tried."),),
    verdict=Verdict(
        ruling=Ruling.ASK,
        reasons=(Reason(check="guardian", ruling=Ruling.ASK, why="The guardian wants a person to look. It ran an hour ago."),),
        order="scale out",
        orders_version="abc123",
        mode="approve(2)",
        approvals=2,
        approvers=("shop",),
    ),
)
STEPS = (
    StepResult(name="scale", status="Success", started_at="2026-11-20T03:00:00+00:00", ended_at="2026-11-20T03:00:07+00:00"),
    StepResult(name="wait", status="InProgress", started_at="2026-11-20T03:00:08+00:00"),
)


def told(**parts: Any) -> str:
    out = io.StringIO()
    fields: dict[str, Any] = {"incident": an_incident(status=Status.REMEDIATING, plan_id=SCALE.id), "history": (), "plan": SCALE}
    show(Story(**(fields | parts)), Console(file=out, width=220))
    return out.getvalue()


def test_the_exact_plan_is_told() -> None:
    shown = told(incident=an_incident(status=Status.AWAITING_APPROVAL, plan_id=SCALE.id))
    for words in (
        "ecs-scale on shop/orders: ask under “scale out” of orders abc123, which lets it come to: approve(2)",
        "Set how many tasks the service runs", "orders, shop/orders", "AutoRemediate=true", "DesiredCount=6", "desired_count=4",
        "watchkeeper-ecs-scale version 3", "ecs:UpdateService", "Six tasks share the load.",
        "puts back what was before: desired_count 4. (the same runbook with DesiredCount=4)",
        "ecs:UpdateService: would fail It could not be tried.", "rose", "The guardian wants a person to look. It ran an hour ago.",
        "2 with the role approver of shop, until",
    ):  # fmt: skip
        assert words in shown, words


def test_nobody_is_waited_for_once_it_runs() -> None:
    assert "waits for" not in told()


def test_a_runbook_is_told_while_it_runs() -> None:
    shown = told(execution=EXECUTION.but(status=ExecutionStatus.STARTED, steps=STEPS))
    assert "scale: Success after 7s" in shown
    assert "wait: InProgress since 03:00:08" in shown


def test_what_was_taken_back_is_told_as_that() -> None:
    back = SCALE.but(undoes="PLAN-0", parameters={"DesiredCount": ["4"]}, inverse_says="This itself takes back ecs-scale.")
    proof = Verification(execution_id="exec-1", passed=True, alarm_state="NOT ASKED", why="The target is again as it was before.", at=NIGHT)
    earlier = APPROVAL.but(plan_id="PLAN-0")
    shown = told(plan=back, approvals=(earlier,), execution=EXECUTION, verification=proof)
    assert "ecs-scale of plan PLAN-0, by its own runbook" in shown
    assert "ada approved it through slack (plan PLAN-0, which is not the one above)" in shown
    assert "to take back what was done before" in shown
    assert "taken back: The target is again as it was before." in shown
    assert "NOT ASKED" not in shown
    assert "the same runbook with" not in shown
    assert "NOT proven to be taken back" in told(plan=back, verification=proof.but(passed=False))


def test_a_step_and_a_failed_proof_are_in_the_timeline() -> None:
    kinds = {"action.step": "Step scale: Success.", "verification.failed": "The alarm still says ALARM."}
    history = tuple(
        AuditRecord(
            incident_id="INC-1",
            seq=number,
            at=NIGHT + number * MINUTE,
            actor="remediation",
            kind=kind,
            says=says,
            previous="",
            hash="",
        )
        for number, (kind, says) in enumerate(kinds.items(), 1)
    )
    shown = told(history=history)
    for kind, says in kinds.items():
        assert kind in shown
        assert says in shown
