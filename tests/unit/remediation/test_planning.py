"""From proposal to plan: the first that fits, trusted before untrusted, bound by hashes."""

from remediation.planning import again, make_plan, propose, typed
from tests.fakes.remediation import READY
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import catalogue
from watchkeeper.models import ProposedAction, Resource, Ruling, Verdict

RESTART, REDEPLOY = ProposedAction(action="ec2-restart"), ProposedAction(action="ecs-redeploy")
RAN = Verdict(ruling=Ruling.RUN, reasons=())


def test_the_first_proposal_with_a_fitting_trusted_target_is_taken() -> None:
    found = propose([ProposedAction(action="rm-rf"), REDEPLOY, RESTART], an_incident(), catalogue())
    assert found is not None
    assert (found.name, found.parameters) == ("ec2-restart", {"InstanceId": [INSTANCE.id]})


def test_a_trusted_target_goes_before_an_untrusted_one() -> None:
    text = INSTANCE.but(id="i-0fffffffffffffff0", trusted=False)
    found = propose([RESTART], an_incident(resources=(text, INSTANCE)), catalogue())
    assert found
    assert found.target == INSTANCE


def test_where_none_fits_the_first_one_is_handed_to_the_gate_with_its_fault() -> None:
    unknown = propose([ProposedAction(action="rm-rf"), REDEPLOY], an_incident(), catalogue())
    assert unknown
    assert unknown.fault == "the catalogue has no action called 'rm-rf'"
    targetless = propose([REDEPLOY], an_incident(), catalogue())
    assert targetless
    assert "names no ecs:service" in targetless.fault
    untrusted = propose([RESTART], an_incident(resources=(INSTANCE.but(trusted=False),)), catalogue())
    assert untrusted
    assert untrusted.target == INSTANCE.but(trusted=False)
    assert propose([], an_incident(), catalogue()) is None


def test_a_target_that_does_not_fit_its_type_has_no_parameters() -> None:
    found = typed("ecs-redeploy", "", Resource(type="ecs:service", id="no-slash", trusted=True), catalogue())
    assert found.parameters is None
    assert "service of 'no-slash'" in found.fault


def test_a_plan_is_bound_to_its_arguments_and_to_the_state_of_its_target() -> None:
    proposal = typed("ec2-restart", "", INSTANCE, catalogue())
    plan = make_plan(an_incident(), proposal, READY, RAN, NIGHT)
    assert plan
    assert again(plan, catalogue()).args_hash == plan.args_hash
    other = typed("ec2-restart", "", INSTANCE.but(id="i-0fffffffffffffff0"), catalogue())
    assert other.args_hash != plan.args_hash
    assert READY.but(state={"state": "stopped"}).state_hash != plan.state_hash
    assert again(plan, {}).args_hash != plan.args_hash


def test_a_plan_without_a_target_is_none() -> None:
    assert make_plan(an_incident(), typed("rm-rf", "", None, catalogue()), READY, RAN, NIGHT) is None
