"""The gate's truth table: from a case that may run, each single fault flips the verdict, and names itself alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.gate import CHECKS, Case, judge
from remediation.planning import typed
from tests.fakes.remediation import ASKING, AUTO, READY, an_analysis
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import catalogue
from watchkeeper.models import Approval, Cause, Ruling
from watchkeeper.team import Mode, Order, StandingOrders, When

ORDERS = StandingOrders(version="v1", orders=(AUTO,))
YES = Approval(plan_id="p", args_hash="a", state_hash="s", approver="ada", approved=True, via="slack", at=NIGHT)


def a_case(**but: Any) -> Case:
    """One that may run."""
    case = Case(
        incident=an_incident(),
        analysis=an_analysis(),
        proposal=typed("ec2-restart", "", INSTANCE, catalogue()),
        seen=READY,
        orders=ORDERS,
        at=NIGHT,
        account="123456789012",
        region="eu-west-1",
    )
    return replace(case, **but)


def on(**but: object) -> dict[str, Any]:
    return {"proposal": typed("ec2-restart", "", INSTANCE.but(**but), catalogue())}


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
        pytest.param({"cooling": NIGHT + timedelta(minutes=1)}, "cooldown", Ruling.REFUSE, id="resting"),
        pytest.param({"drifted": "It changed."}, "unchanged", Ruling.ASK, id="changed since"),
        pytest.param(ordered(ASKING), "approval", Ruling.ASK, id="the order asks"),
    ],
)
def test_each_check_flips_the_verdict(fault: dict[str, Any], check: str, ruling: Ruling) -> None:
    """`approval` comes along where there is no order left that would let it run without asking."""
    case = a_case(**fault)
    assert judge(case).ruling is ruling
    assert against(case) - ({"approval"} if case.order is None else set()) == {check}


def test_nothing_there_at_all_is_refused_by_every_check_it_concerns() -> None:
    case = a_case(proposal=typed("rm-rf", "", None, catalogue()), seen=READY.but(exists=False, tags={}))
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
    assert judge(a_case(approval=YES, **ordered(ASKING))).ruling is Ruling.RUN
    assert judge(a_case(approval=YES, **ordered(ASKING), switch="thrown")).ruling is Ruling.REFUSE
    assert judge(a_case(approval=YES, **ordered())).ruling is Ruling.REFUSE


def test_a_rest_that_this_incident_took_for_nothing_is_not_in_its_way() -> None:
    assert judge(a_case(cooling=NIGHT + timedelta(minutes=1), rests_for_us=True)).ruling is Ruling.RUN


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
