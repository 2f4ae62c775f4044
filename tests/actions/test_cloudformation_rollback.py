"""cloudformation-rollback, performed on stacks of the emulated account.

An update is held open by a wait condition that nobody fulfils; a rollback fails because what is to be put back was deleted by hand.
The emulator does not tell a stack's service role, so the branch that continues a rollback is run with parameters of its own.
"""

import json
import time
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

CANCEL, CONTINUE = "cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback"
BEFORE, AFTER = "s3:GetObject", "s3:PutObject"
MAY = ["CAPABILITY_IAM"]
STACK = Resource(type="cloudformation:stack", id="shop", trusted=True)


def a_stack(theatre: Theatre, name: str) -> Resource:
    tags = [{"Key": "AutoRemediate", "Value": "true"}]
    a_role(theatre, name)
    theatre.client("cloudformation").create_stack(StackName=name, TemplateBody=template(name, BEFORE), Tags=tags, Capabilities=MAY)
    reached(theatre, name, "CREATE_COMPLETE")
    return STACK.but(id=name)


def a_role(theatre: Theatre, name: str) -> None:
    theatre.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))


def template(name: str, allowed: str, held: int = 0) -> str:
    """A policy on a role that is not the stack's; with `held` a condition after it that nobody fulfils in so many seconds."""
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "may", "Roles": [name], "PolicyDocument": document}}
    waits = {"Handle": {"Ref": "Handle"}, "Timeout": str(held), "Count": 1}
    held_open = {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {"Type": "AWS::CloudFormation::WaitCondition", "DependsOn": "Policy", "Properties": waits},
    }
    return json.dumps({"Resources": {"Policy": policy, **(held_open if held else {})}})


def updating(theatre: Theatre, name: str, held: int = 2) -> Resource:
    """A stack in the middle of an update that has changed its policy already."""
    stack = a_stack(theatre, name)
    theatre.client("cloudformation").update_stack(StackName=name, TemplateBody=template(name, AFTER, held), Capabilities=MAY)
    until(lambda: allowed(theatre, name) == AFTER)
    return stack


def remove_role(theatre: Theatre, name: str) -> None:
    """By hand, so that its policy cannot be put back."""
    theatre.client("iam").delete_role_policy(RoleName=name, PolicyName="may")
    theatre.client("iam").delete_role(RoleName=name)


def until(so: Any) -> None:
    deadline = time.monotonic() + 10
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def reached(theatre: Theatre, name: str, status: str) -> None:
    until(lambda: theatre.see(STACK.but(id=name)).state["status"] == status)


def allowed(theatre: Theatre, name: str) -> str:
    document = theatre.client("iam").get_role_policy(RoleName=name, PolicyName="may")["PolicyDocument"]
    found: str = document["Statement"][0]["Action"]
    return found


def test_an_update_that_runs_is_cancelled_and_everything_is_as_before(theatre: Theatre) -> None:
    done = theatre.perform("cloudformation-rollback", updating(theatre, "updating"))
    assert (done.status, done.effects, done.failure) == ("Success", (CANCEL,), "")
    assert (done.before.state["status"], done.after.state["status"]) == ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    assert allowed(theatre, "updating") == BEFORE
    assert (done.before.health, done.after.health) == ({"stack": "unsettled"}, {"stack": "settled"})
    assert done.proven
    with pytest.raises(ValueError, match="made anew"):
        theatre.undo(done)
    [call] = [call for call in theatre.simulator.journal.effects if call.execution_id == done.execution.id]
    assert call.parameters["ClientRequestToken"] == done.execution.id


def test_a_rollback_that_failed_is_continued(theatre: Theatre) -> None:
    stack = updating(theatre, "stuck", held=1)
    remove_role(theatre, "stuck")
    reached(theatre, "stuck", "UPDATE_ROLLBACK_FAILED")
    a_role(theatre, "stuck")
    done = theatre.run("cloudformation-rollback", stack, {"StackName": ["stuck"]})
    assert (done.status, done.effects, done.failure) == ("Success", (CONTINUE,), "")
    assert (done.before.state["status"], done.after.state["status"]) == ("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")
    assert allowed(theatre, "stuck") == BEFORE


def test_a_rollback_that_fails_is_told(theatre: Theatre) -> None:
    stack = updating(theatre, "fails")
    remove_role(theatre, "fails")
    done = theatre.perform("cloudformation-rollback", stack)
    assert (done.status, done.effects, done.after.state["status"]) == ("Failed", (CANCEL,), "UPDATE_ROLLBACK_FAILED")
    assert "assertRolledBack" in done.failure
    assert not done.proven


def test_nothing_is_done_to_a_stack_that_rests(theatre: Theatre) -> None:
    done = theatre.run("cloudformation-rollback", a_stack(theatre, "rests"), {"StackName": ["rests"]})
    assert (done.status, done.effects, done.after.state) == ("Failed", (), done.before.state)


def test_a_failure_before_the_call_changes_nothing(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("cancel", How.FAIL, "cloudformation-rollback", "no answer"))
    done = theatre.perform("cloudformation-rollback", updating(theatre, "left-alone", held=2))
    assert (done.status, done.effects, done.after.state["status"]) == ("Failed", (), "UPDATE_IN_PROGRESS")


def test_one_that_is_not_there_is_absent(theatre: Theatre) -> None:
    assert not theatre.see(STACK.but(id="nobody-knows-it")).exists


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"status": "UPDATE_COMPLETE"}, "no update runs"),
        ({}, "no update runs"),
        ({"status": "UPDATE_ROLLBACK_FAILED", "service_role": "none"}, "no service role"),
    ],
)
def test_what_it_refuses(state: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["cloudformation-rollback"].parameters(STACK, state, {})


def test_a_stack_is_taken_by_its_arns_name_too() -> None:
    stuck = {"status": "UPDATE_ROLLBACK_FAILED", "service_role": "yes"}
    planned = catalogue()["cloudformation-rollback"].parameters(STACK.but(id="shop/5f3c"), stuck, {})
    assert planned.for_runbook() == {"StackName": ["shop"]}
