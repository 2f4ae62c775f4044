"""The gate's truth table: from a case that may run, each single fault flips the verdict, and names itself alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.gate import CHECKS, Case, judge
from remediation.gate.case import Lately
from remediation.planning import Proposal, typed
from tests.fakes.remediation import ASKING, AUTO, READY, an_analysis
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import catalogue
from watchkeeper.models import Approval, Cause, Claimed, Fleet, Objection, Opinion, Rehearsed, Resource, Ruling, Standing, Track
from watchkeeper.team import GuardianTerms, Hours, Keyless, Ladder, Mode, Order, StandingOrders, When

AT_NOON = Hours(start="12:00", end="13:00", days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
ORDERS = StandingOrders(version="v1", orders=(AUTO,))
YES = Approval(plan_id="p", args_hash="a", state_hash="s", approver="ada", approved=True, via="slack", at=NIGHT)
NO_OBJECTION = Opinion(objection=Objection.NONE)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_case(**but: Any) -> Case:
    """One that may run."""
    case = Case(
        incident=an_incident(),
        analysis=an_analysis(),
        proposal=a_proposal(),
        seen=READY,
        orders=ORDERS,
        at=NIGHT,
        accounts=frozenset({"123456789012"}),
        region="eu-west-1",
        opinion=NO_OBJECTION,
    )
    return replace(case, **but)


def a_proposal(name: str = "ec2-restart", target: Resource | None = INSTANCE) -> Proposal:
    return typed(Proposal(name, "", catalogue().get(name), target), READY.state, {})


def on(**but: object) -> dict[str, Any]:
    return {"proposal": a_proposal(target=INSTANCE.but(**but))}


def claims(*ago: timedelta, **but: object) -> tuple[Claimed, ...]:
    """So long ago our action was claimed on this very target, for this alarm, in other incidents."""
    said = {"action": "ec2-restart", "target": f"ec2:instance/{INSTANCE.id}", "fingerprint": "fp-cpu", "incident_id": "INC-EARLIER", **but}
    return tuple(Claimed.model_validate({"at": NIGHT - one, **said}) for one in ago)


def lately(where: str, *, claimed: tuple[Claimed, ...] = (), failed: tuple[Claimed, ...] = ()) -> dict[str, Any]:
    return {"lately": replace(Lately(), **{where: Track(name=where, claimed=claimed, failed=failed)})}


def fleet(**but: object) -> dict[str, Any]:
    said = {"name": "autoscaling:group/web", "size": 6, "healthy": 5, "zone": "eu-west-1a", "size_in_zone": 2, **but}
    return {"seen": READY.but(fleet=Fleet.model_validate(said))}


def opined(objection: Objection) -> dict[str, Any]:
    return {"opinion": Opinion(objection=objection, reasons=("It looks odd.",))}


def seen(**but: object) -> dict[str, Any]:
    return {"seen": READY.but(**but)}


def ordered(*orders: Order) -> dict[str, Any]:
    return {"orders": StandingOrders(orders=orders)}


def against(case: Case) -> set[str]:
    return {reason.check for reason in judge(case).reasons if reason.ruling is not Ruling.RUN}


def test_what_passes_every_check_runs() -> None:
    verdict = judge(a_case())
    assert verdict.ruling is Ruling.RUN
    assert [reason.check for reason in verdict.reasons] == [name for name, _ in CHECKS]
    assert (verdict.order, verdict.orders_version, verdict.cooldown_seconds, verdict.ok_periods) == (AUTO.name, "v1", 1800, 1)


@pytest.mark.parametrize(
    ("fault", "check", "ruling"),
    [
        pytest.param({"switch": "thrown by ada: storm"}, "kill switch", Ruling.REFUSE, id="switch thrown"),
        pytest.param(on(id="i-nonsense"), "known action", Ruling.REFUSE, id="a parameter not of its type"),
        pytest.param(on(trusted=False), "trusted target", Ruling.REFUSE, id="target named by text"),
        pytest.param(seen(exists=False, tags={}, state={}), "trusted target", Ruling.REFUSE, id="target does not exist"),
        pytest.param(seen(tags={}), "trusted target", Ruling.REFUSE, id="no tag"),
        pytest.param(seen(tags={"AutoRemediate": "false"}), "trusted target", Ruling.REFUSE, id="tag says no"),
        pytest.param(seen(state={"state": "stopped"}), "trusted target", Ruling.REFUSE, id="wrong state"),
        pytest.param(seen(account="999999999999"), "trusted target", Ruling.REFUSE, id="of another account"),
        pytest.param(on(region="us-east-1"), "trusted target", Ruling.REFUSE, id="of another region"),
        pytest.param(seen(exists=False, unseen="not allowed: x on y"), "trusted target", Ruling.REFUSE, id="unseen"),
        pytest.param({"orders": StandingOrders(orders=())}, "standing order", Ruling.REFUSE, id="no orders at all"),
        pytest.param({"orders_fault": "line 3"}, "standing order", Ruling.REFUSE, id="orders unreadable"),
        pytest.param({"analysis": an_analysis(confidence=0.69)}, "confidence", Ruling.REFUSE, id="not sure enough"),
        pytest.param({"analysis": an_analysis(citations=())}, "confidence", Ruling.REFUSE, id="no surviving citation"),
        pytest.param({"unpinned": "there is no such document"}, "known action", Ruling.REFUSE, id="no runbook to pin"),
        pytest.param(ordered(AUTO.but(mode=Mode.OBSERVE)), "standing order", Ruling.REFUSE, id="only observed"),
        pytest.param(ordered(AUTO.but(mode=Mode.SUGGEST)), "standing order", Ruling.REFUSE, id="only suggested"),
        pytest.param({"frozen": "The freeze holds."}, "freeze", Ruling.REFUSE, id="frozen"),
        pytest.param(ordered(AUTO.but(hours=AT_NOON)), "hours", Ruling.ASK, id="outside of its hours"),
        pytest.param(ordered(AUTO.but(hours=AT_NOON.but(outside="refuse"))), "hours", Ruling.REFUSE, id="refused outside of its hours"),
        pytest.param(fleet(healthy=1), "blast radius", Ruling.REFUSE, id="the last healthy one"),
        pytest.param(fleet(healthy=0, target_healthy=False), "blast radius", Ruling.REFUSE, id="none is healthy"),
        pytest.param(
            {**fleet(size=3), **lately("fleet", claimed=claims(MINUTE, target="ec2:instance/i-0other", zone="eu-west-1b"))},
            "blast radius",
            Ruling.REFUSE,
            id="more than a share of the fleet",
        ),
        pytest.param(
            {**fleet(), **lately("fleet", claimed=claims(MINUTE, target="ec2:instance/i-0other", zone="eu-west-1a"))},
            "blast radius",
            Ruling.REFUSE,
            id="two in a zone",
        ),
        pytest.param({"cooling": NIGHT + timedelta(minutes=1)}, "cooldown", Ruling.REFUSE, id="resting"),
        pytest.param(lately("target", failed=claims(2 * HOUR, 3 * HOUR)), "breaker", Ruling.REFUSE, id="it failed twice here"),
        pytest.param(
            lately("account", failed=claims(*[HOUR * n for n in range(2, 7)], action="ecs-redeploy", target="x")),
            "breaker",
            Ruling.REFUSE,
            id="too much failed",
        ),
        pytest.param(lately("target", claimed=claims(MINUTE, 2 * MINUTE, action="x")), "rate", Ruling.REFUSE, id="twice within an hour"),
        pytest.param(
            lately("account", claimed=claims(*[MINUTE * n for n in range(10)], target="x")), "rate", Ruling.REFUSE, id="ten in all"
        ),
        pytest.param(lately("target", claimed=claims(2 * HOUR, 4 * HOUR)), "loop", Ruling.REFUSE, id="the alarm came back twice"),
        pytest.param(
            {"rehearsed": (Rehearsed(what="ec2:RebootInstances", passed=False, says="denied"),)},
            "rehearsal",
            Ruling.ASK,
            id="not let through",
        ),
        pytest.param(opined(Objection.REFUSE), "guardian", Ruling.REFUSE, id="the guardian refuses"),
        pytest.param(opined(Objection.ASK), "guardian", Ruling.ASK, id="the guardian asks"),
        pytest.param(opined(Objection.DOWN), "guardian", Ruling.ASK, id="the guardian is down"),
        pytest.param(opined(Objection.ABSENT), "guardian", Ruling.ASK, id="there is no guardian"),
        pytest.param({"opinion": None}, "guardian", Ruling.ASK, id="the guardian was not asked"),
        pytest.param(ordered(ASKING.but(mode=Mode.APPROVE_TWO)), "approval", Ruling.ASK, id="the order asks two"),
        pytest.param({"drifted": "It changed."}, "unchanged", Ruling.ASK, id="changed since"),
        pytest.param(ordered(ASKING), "approval", Ruling.ASK, id="the order asks"),
    ],
)
def test_each_check_flips_the_verdict(fault: dict[str, Any], check: str, ruling: Ruling) -> None:
    """`approval` comes along where there is no order left that would let it run without asking."""
    case = a_case(**fault)
    assert judge(case).ruling is ruling
    silent = case.mode in {Mode.NEVER, Mode.OBSERVE, Mode.SUGGEST}
    assert against(case) - ({"approval"} if silent else set()) == {check}


def test_nothing_there_at_all_is_refused_by_every_check_it_concerns() -> None:
    case = a_case(proposal=a_proposal("rm-rf", None), seen=READY.but(exists=False, tags={}))
    assert judge(case).ruling is Ruling.REFUSE
    assert against(case) == {"known action", "trusted target", "standing order", "blast radius", "approval"}


def test_an_unknown_cause_is_refused_even_where_an_order_takes_any() -> None:
    case = a_case(analysis=an_analysis(cause=Cause.UNKNOWN), **ordered(AUTO.but(when=When())))
    assert against(case) == {"confidence"}


def test_all_reasons_are_there_at_once() -> None:
    case = a_case(switch="thrown", drifted="It changed.", cooling=NIGHT, analysis=an_analysis(confidence=0.1), **seen(tags={}))
    assert against(case) == {"kill switch", "trusted target", "confidence", "cooldown", "unchanged"}
    assert judge(case).ruling is Ruling.REFUSE


def test_a_yes_answers_the_question_and_nothing_else() -> None:
    assert judge(a_case(approvals=(YES,), **ordered(ASKING))).ruling is Ruling.RUN
    assert judge(a_case(approvals=(YES,), **ordered(ASKING), switch="thrown")).ruling is Ruling.REFUSE
    assert judge(a_case(approvals=(YES,), **ordered())).ruling is Ruling.REFUSE


def test_a_rest_that_this_incident_took_for_nothing_is_not_in_its_way() -> None:
    assert judge(a_case(cooling=NIGHT + timedelta(minutes=1), rests_for_us=True)).ruling is Ruling.RUN


@pytest.mark.parametrize(
    "fine",
    [
        pytest.param(fleet(healthy=2), id="another one is healthy"),
        pytest.param(fleet(healthy=1, target_healthy=False), id="the healthy one is another"),
        pytest.param({**fleet(), **lately("fleet", claimed=claims(MINUTE, target="o", zone="eu-west-1b"))}, id="one more, in another zone"),
        pytest.param({**fleet(), **lately("fleet", claimed=claims(2 * HOUR, target="o", zone="eu-west-1a"))}, id="an hour is over"),
        pytest.param(lately("target", failed=claims(HOUR)), id="one failure"),
        pytest.param(lately("target", failed=claims(DAY, DAY + HOUR)), id="failures of yesterday"),
        pytest.param(lately("target", claimed=claims(MINUTE, fingerprint="another")), id="once within the hour"),
        pytest.param(lately("target", claimed=claims(HOUR, 2 * HOUR, fingerprint="another")), id="for another alarm"),
        pytest.param(lately("target", claimed=claims(2 * HOUR)), id="the alarm came back once"),
        pytest.param(lately("account", claimed=claims(*[MINUTE * n for n in range(9)], target="x")), id="nine in all"),
        pytest.param({"rehearsed": (Rehearsed(what="x", passed=True),)}, id="let through"),
    ],
)
def test_what_is_within_the_limits_runs(fine: dict[str, Any]) -> None:
    assert against(a_case(**fine)) == set()


@pytest.mark.parametrize("objection", [Objection.DOWN, Objection.ABSENT])
def test_where_the_risk_is_low_a_silent_guardian_holds_nothing_up(objection: Objection) -> None:
    target = Resource(type="ecs:service", id="shop/storefront", trusted=True)
    redeploy = typed(Proposal("ecs-redeploy", "", catalogue()["ecs-redeploy"], target), {}, {})
    case = a_case(
        proposal=redeploy, seen=READY.but(state={"status": "ACTIVE"}), **ordered(AUTO.but(action="ecs-redeploy")), **opined(objection)
    )
    assert against(case) == set()


def test_a_team_may_let_it_run_without_a_guardian_but_not_past_one_that_is_down() -> None:
    orders = {"orders": ORDERS.but(guardian=GuardianTerms(without_key=Keyless.RUN))}
    assert against(a_case(**orders, **opined(Objection.ABSENT))) == set()
    assert against(a_case(**orders, **opined(Objection.DOWN))) == {"guardian"}


def test_two_have_to_be_two() -> None:
    two = ordered(ASKING.but(mode=Mode.APPROVE_TWO))
    assert judge(a_case(approvals=(YES,), **two)).ruling is Ruling.ASK
    assert judge(a_case(approvals=(YES, YES.but(via="slack")), **two)).ruling is Ruling.ASK
    assert judge(a_case(approvals=(YES, YES.but(approver="bob")), **two)).ruling is Ruling.RUN


def test_no_yes_lets_a_refusal_or_a_drift_pass() -> None:
    refusals: list[dict[str, Any]] = [
        {"frozen": "It holds."},
        lately("target", claimed=claims(2 * HOUR, 4 * HOUR)),
        opined(Objection.REFUSE),
    ]
    assert {judge(a_case(approvals=(YES,), **one)).ruling for one in refusals} == {Ruling.REFUSE}
    assert judge(a_case(approvals=(YES,), drifted="It changed.")).ruling is Ruling.ASK


def test_a_rung_that_is_not_earned_yet_is_all_that_it_may() -> None:
    earning = ordered(AUTO.but(ladder=Ladder()))
    assert judge(a_case(**earning)).mode == "observe"
    assert judge(a_case(standing=Standing(name=AUTO.name, rung="approve(1)"), **earning)).ruling is Ruling.ASK
    assert judge(a_case(standing=Standing(name=AUTO.name, rung="auto"), **earning)).ruling is Ruling.RUN


NEVER = Order(name="hands off", action="*", mode=Mode.NEVER, when=When(services=("check*",)))


@pytest.mark.parametrize(
    ("orders", "ruling"),
    [
        pytest.param((AUTO, NEVER), Ruling.REFUSE, id="never beats an earlier auto"),
        pytest.param((NEVER.but(when=When(services=("storefront",))), AUTO), Ruling.RUN, id="a never for others does not"),
        pytest.param((AUTO, ASKING), Ruling.RUN, id="the first that fits counts"),
        pytest.param((ASKING, AUTO), Ruling.ASK, id="whatever comes after"),
        pytest.param((AUTO.but(action="ecs-redeploy"),), Ruling.REFUSE, id="another action"),
        pytest.param((AUTO.but(min_confidence=0.95),), Ruling.REFUSE, id="the order is stricter"),
    ],
)
def test_which_order_counts(orders: tuple[Order, ...], ruling: Ruling) -> None:
    assert judge(a_case(**ordered(*orders))).ruling is ruling


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        pytest.param({}, True, id="says nothing, so all"),
        pytest.param({"services": ("checkout",)}, True, id="service"),
        pytest.param({"services": ("check*",)}, True, id="service by its beginning"),
        pytest.param({"services": ("storefront",)}, False, id="another service"),
        pytest.param({"environments": ("production",)}, False, id="environment unknown"),
        pytest.param({"sources": ("cloudwatch",)}, True, id="source"),
        pytest.param({"sources": ("generic",)}, False, id="another source"),
        pytest.param({"severities": ("sev2",)}, True, id="severity"),
        pytest.param({"severities": ("sev1", "sev3")}, False, id="another severity"),
        pytest.param({"alarms": ("checkout-cpu-*",)}, True, id="alarm"),
        pytest.param({"alarms": ("checkout-cpu",)}, False, id="an alarm that only begins alike"),
        pytest.param({"causes": ("cpu_saturation",)}, True, id="cause"),
        pytest.param({"causes": ("bad_deploy",)}, False, id="another cause"),
        pytest.param({"services": ("checkout",), "causes": ("bad_deploy",)}, False, id="all of them have to fit"),
    ],
)
def test_what_an_order_speaks_of(when: dict[str, Any], speaks: bool) -> None:
    order = AUTO.but(when=When.model_validate(when))
    assert (a_case(**ordered(order)).order is not None) is speaks


def test_a_model_cannot_lower_the_severity_that_an_order_goes_by() -> None:
    order = AUTO.but(when=When.model_validate({"severities": ("sev4",)}))
    assert judge(a_case(analysis=an_analysis(severity="sev4"), **ordered(order))).ruling is Ruling.REFUSE
