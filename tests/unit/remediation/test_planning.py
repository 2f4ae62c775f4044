"""From proposal to plan: every wish with its targets, trusted before untrusted, typed, bound by hashes, and how it is taken back."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field

from remediation.drafting import make_plan
from remediation.gate import Case, judge
from remediation.planning import Proposal, again, taking_back, typed, wishes
from remediation.ports import Pinned
from tests.fakes.remediation import READY, an_analysis
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import Action, Given, Parameters, Risk, State, catalogue
from watchkeeper.models import Evidence, ProposedAction, Resource
from watchkeeper.team import StandingOrders

RESTART, REDEPLOY = ProposedAction(action="ec2-restart"), ProposedAction(action="ecs-redeploy")
GROUP = Resource(type="autoscaling:group", id="web", trusted=True)


class Size(Parameters):
    group: str
    desired_capacity: int = Field(ge=0, le=10)


def _size(target: Resource, state: State, given: Given) -> Parameters:
    return Size(group=target.id, desired_capacity=given.get("desired", state["desired"] + 1))


SCALE = Action(
    name="scale",
    says="Scale",
    target_type="autoscaling:group",
    parameters=_size,
    helps_with=(),
    risk=Risk.LOW,
    expected_effect="More.",
    ready_when={},
    calls=("autoscaling:SetDesiredCapacity",),
    reached_from=("ec2:instance",),
    sets={"desired_capacity": "desired"},
)


def nowhere(action: Action, start: Resource) -> Sequence[Resource]:
    return ()


def found(*proposed: ProposedAction, resources: tuple[Resource, ...] = (INSTANCE,)) -> list[Proposal]:
    return wishes(proposed, an_incident(resources=resources), catalogue(), (), nowhere)


def a_wish(name: str = "ec2-restart", target: Resource | None = INSTANCE) -> Proposal:
    return Proposal(name, "", {**catalogue(), "scale": SCALE}.get(name), target)


def a_case(proposal: Proposal, **but: object) -> Case:
    case = Case(incident=an_incident(), analysis=an_analysis(), proposal=proposal, seen=READY, orders=StandingOrders(orders=()), at=NIGHT)
    return replace(case, **but)  # type: ignore[arg-type]  # a test's own fields


def test_what_could_be_done_goes_before_what_could_not() -> None:
    names = [(wish.name, wish.target) for wish in found(ProposedAction(action="rm-rf"), REDEPLOY, RESTART)]
    assert names == [("ec2-restart", INSTANCE), ("rm-rf", None), ("ecs-redeploy", None)]


def test_a_trusted_target_goes_before_an_untrusted_one() -> None:
    text = INSTANCE.but(id="i-0fffffffffffffff0", trusted=False)
    assert [wish.target for wish in found(RESTART, resources=(text, INSTANCE))] == [INSTANCE, text]


def test_what_does_not_fit_says_why() -> None:
    assert typed(a_wish("rm-rf", None), {}, {}).fault == "the catalogue has no action called 'rm-rf'"
    assert "names no ecs:service" in typed(a_wish("ecs-redeploy", None), {}, {}).fault
    nameless = typed(a_wish("ecs-redeploy", Resource(type="ecs:service", id="no-slash", trusted=True)), {}, {})
    assert (nameless.parameters, "service of 'no-slash'" in nameless.fault) == (None, True)
    assert "desired" in typed(a_wish("scale", GROUP), {}, {}).fault
    assert "desired_capacity" in typed(a_wish("scale", GROUP), {"desired": 10}, {}).fault


def test_a_target_is_reached_from_what_the_incident_names_where_that_is_one_and_no_more() -> None:
    def reach(action: Action, start: Resource) -> Sequence[Resource]:
        return [GROUP.but(id=name) for name in groups] if (action.target_type, start) == ("autoscaling:group", INSTANCE) else ()

    reached = {}
    for groups in ((), ("web",), ("web", "web"), ("web", "api")):
        [wish] = wishes([ProposedAction(action="scale")], an_incident(), {"scale": SCALE}, (), reach)
        reached[groups] = wish.target.id if wish.target else ""
    assert reached == {(): "", ("web",): "web", ("web", "web"): "web", ("web", "api"): ""}


def test_nothing_is_reached_from_what_text_has_named() -> None:
    incident = an_incident(resources=(INSTANCE.but(trusted=False),))
    [wish] = wishes([ProposedAction(action="scale")], incident, {"scale": SCALE}, (), lambda _kind, _start: [GROUP])
    assert wish.target is None


def test_evidence_names_a_target_in_fields_and_never_in_text() -> None:
    seen = Evidence.model_validate(
        {
            "id": "E1",
            "collector": "asg",
            "answer": "found",
            "asked": "?",
            "summary": "a group",
            "body": "autoscaling:group other",
            "collected_at": NIGHT,
            "resources": (GROUP,),
        }
    )
    [wish] = wishes([ProposedAction(action="scale")], an_incident(), {"scale": SCALE}, [seen], nowhere)
    assert wish.target == GROUP


def test_a_number_is_absolute_wherever_it_comes_from() -> None:
    wish = a_wish("scale", GROUP)
    assert typed(wish, {"desired": 3}, {}).parameters == {"Group": ["web"], "DesiredCapacity": ["4"]}
    assert typed(wish, {"desired": 3}, {"desired": 8}).parameters == {"Group": ["web"], "DesiredCapacity": ["8"]}


def test_a_plan_is_bound_to_its_arguments_and_to_the_state_of_its_target() -> None:
    proposal = typed(a_wish(), READY.state, {})
    case = a_case(proposal)
    plan = make_plan(case, judge(case), Pinned(document="watchkeeper-ec2-restart", version="3", hash="abc"))
    assert plan
    assert (plan.document_version, plan.calls) == ("3", ("ec2:RebootInstances",))
    assert typed(again(plan, catalogue()), READY.state, {}).args_hash == plan.args_hash
    assert typed(a_wish(target=INSTANCE.but(id="i-0fffffffffffffff0")), READY.state, {}).args_hash != plan.args_hash
    assert READY.but(state={"state": "stopped"}).state_hash != plan.state_hash
    assert typed(again(plan, {}), READY.state, {}).args_hash != plan.args_hash
    assert (plan.inverse, "cannot be taken back" in plan.inverse_says) == ({}, True)


def test_a_question_has_its_own_id_for_every_plan_and_hash() -> None:
    case = a_case(typed(a_wish(), READY.state, {}))
    plan = make_plan(case, judge(case), None)
    assert plan
    others = [plan.but(id="another"), plan.but(args_hash="x"), plan.but(state_hash="x"), plan.but(incident_id="INC-2")]
    assert len({plan.ask_id, *(other.ask_id for other in others)}) == 5


def test_a_plan_without_a_target_is_none() -> None:
    case = a_case(typed(a_wish("rm-rf", None), {}, {}))
    assert make_plan(case, judge(case), None) is None


def test_what_sets_something_is_taken_back_by_its_own_runbook() -> None:
    proposal = typed(a_wish("scale", GROUP), {"desired": 3}, {"desired": 8})
    case = a_case(proposal, seen=READY.but(state={"desired": 3}))
    plan = make_plan(case, judge(case), None)
    assert plan
    assert (plan.inverse, plan.inverse_says) == (
        {"Group": ["web"], "DesiredCapacity": ["3"]},
        "Its own runbook puts back what was before: desired 3.",
    )
    assert taking_back(plan, {"scale": SCALE}).parameters == plan.inverse
    assert "not known" in taking_back(plan.but(target_state={}), {"scale": SCALE}).fault
    assert SCALE.holds(plan.parameters, {"desired": 8})
    assert not SCALE.holds(plan.parameters, {"desired": 7})
