"""The kill switch in two layers: what each command says and does where both work, and where one of them does not."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.stack import Stack
from tests.unit.cli.conftest import Automations, MotoStack, SimulatingIam, Terminal, publish
from watchkeeper.models import Status

ROLES = {"wk-remediation", "wk-runbook-ec2-restart", "wk-runbook-sqs-redrive"}


def stopped(stack: Stack) -> set[str]:
    """The roles that carry the policy."""
    found = stack.client("iam").list_entities_for_policy(PolicyArn=stack.output("StopPolicyArn"), EntityFilter="Role")
    return {role["RoleName"] for role in found["PolicyRoles"]}


class Denying(MotoStack):
    """A stack whose caller may not do some calls of IAM, on some roles."""

    denied: frozenset[tuple[str, str]] = frozenset()

    def __init__(self, *like: Any) -> None:
        super().__init__(*like)
        self.asked: list[tuple[str, str]] = []

    def client(self, service: str) -> Any:
        found = super().client(service)
        return DenyingIam(found.iam, self) if service == "iam" else found


class DenyingIam(SimulatingIam):
    def __init__(self, iam: Any, stack: Denying) -> None:
        super().__init__(iam)
        object.__setattr__(self, "stack", stack)

    def attach_role_policy(self, *, RoleName: str, PolicyArn: str) -> None:  # noqa: N803 - boto3's names
        self._may("attach", RoleName)
        self.iam.attach_role_policy(RoleName=RoleName, PolicyArn=PolicyArn)

    def detach_role_policy(self, *, RoleName: str, PolicyArn: str) -> None:  # noqa: N803 - boto3's names
        self._may("detach", RoleName)
        self.iam.detach_role_policy(RoleName=RoleName, PolicyArn=PolicyArn)

    def get_paginator(self, name: str) -> Any:
        self._may(name, "")
        return self.iam.get_paginator(name)

    def _may(self, call: str, role: str) -> None:
        self.stack.asked.append((call, role))
        if (call, role) in self.stack.denied:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, call)


@pytest.fixture
def denying(stack: Stack, terminal: Terminal) -> Denying:
    terminal.stack = Denying(stack._session, stack.outputs, stack.name)
    return terminal.stack


def test_stop_throws_both_and_go_releases_both(terminal: Terminal) -> None:
    assert terminal.run("stop", "--why", "a loop", "--as", "ada") == 0
    assert terminal.stack.switch.thrown() == "thrown by ada: a loop"
    assert stopped(terminal.stack) == ROLES
    assert "IAM: 3 of 3 roles are denied." in terminal.out
    assert terminal.run("status") == 0
    assert "IAM: denies all 3 roles" in terminal.out
    assert terminal.run("go") == 0
    assert (terminal.stack.switch.thrown(), stopped(terminal.stack)) == ("", set())
    assert terminal.run("status") == 0
    assert "IAM: lets all 3 roles act" in terminal.out


def test_twice_is_no_fault(terminal: Terminal) -> None:
    for command, now in ((("stop", "--why", "x"), ROLES), (("go",), set())):
        assert [terminal.run(*command), terminal.run(*command)] == [0, 0]
        assert stopped(terminal.stack) == now


def test_one_role_that_cannot_be_stopped_is_named_and_the_others_are_stopped(terminal: Terminal, denying: Denying) -> None:
    denying.denied = frozenset({("attach", "wk-remediation")})
    assert terminal.run("stop", "--why", "x") == 1
    assert stopped(denying) == ROLES - {"wk-remediation"}
    assert terminal.stack.switch.thrown()
    assert "The switch: thrown." in terminal.out
    assert "failed  wk-remediation: not allowed: iam:AttachRolePolicy on wk-remediation" in terminal.out
    assert "Stopped in part." in terminal.out
    assert "To do: try again" in terminal.out


def test_iam_is_stopped_though_the_switch_cannot_be_thrown(terminal: Terminal) -> None:
    terminal.stack.client("dynamodb").delete_table(TableName="incidents")
    assert terminal.run("stop", "--why", "x") == 1
    assert stopped(terminal.stack) == ROLES
    assert "The switch: NOT thrown" in terminal.out


def test_go_leaves_the_switch_thrown_where_iam_cannot_be_released(terminal: Terminal, denying: Denying) -> None:
    terminal.run("stop", "--why", "x")
    denying.denied = frozenset({("detach", "wk-runbook-ec2-restart")})
    assert terminal.run("go") == 1
    assert terminal.stack.switch.thrown()
    assert stopped(denying) == {"wk-runbook-ec2-restart"}
    assert "The switch stays thrown" in terminal.out


def test_status_says_that_iam_lets_act_what_is_stopped(terminal: Terminal) -> None:
    terminal.stack.switch.throw("ada", "x")
    assert terminal.run("status") == 1
    assert "The two layers disagree: IAM lets wk-remediation, wk-runbook-ec2-restart, wk-runbook-sqs-redrive act" in terminal.out


def test_status_says_that_iam_stops_what_may_act(terminal: Terminal) -> None:
    terminal.stack.client("iam").attach_role_policy(RoleName="wk-remediation", PolicyArn=terminal.stack.output("StopPolicyArn"))
    assert terminal.run("status") == 1
    assert "IAM: denies 1 of 3 roles" in terminal.out
    assert "The two layers disagree: IAM stops wk-remediation though the switch is not thrown" in terminal.out


def test_who_may_not_list_roles_stops_those_that_the_catalogue_knows(terminal: Terminal, denying: Denying) -> None:
    """A role that the account does not have is told, and counts as not stopped: nobody can say that nothing was forgotten."""
    denying.denied = frozenset({("list_roles", "")})
    assert terminal.run("stop", "--why", "x") == 1
    assert stopped(denying) >= {"wk-remediation", "wk-runbook-ec2-restart"}
    assert "wk-runbook-ecs-redeploy" in terminal.out


def test_an_older_stack_is_told_apart(terminal: Terminal) -> None:
    older = {name: value for name, value in terminal.stack.outputs.items() if name != "StopPolicyArn"}
    terminal.stack.outputs = older
    assert terminal.run("stop", "--why", "x") == 1
    assert terminal.stack.switch.thrown()
    assert "has no stop policy" in terminal.out
    assert terminal.run("status") == 0
    assert terminal.run("go") == 0
    assert terminal.run("drill") == 2


def test_a_further_account_is_stopped_by_iam_alone(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Its stack is made from spoke.yaml: it has the policy and no table."""
    hubs = ("IncidentsTableName", "AuditTableName", "BucketName")
    terminal.stack.outputs = {name: value for name, value in terminal.stack.outputs.items() if name not in hubs}
    assert terminal.run("stop", "--why", "x") == 0
    assert stopped(terminal.stack) == ROLES
    assert "here only IAM stops them" in terminal.out
    assert terminal.run("status") == 0
    assert "IAM: denies all 3 roles" in terminal.out
    terminal.stack.client("iam").detach_role_policy(RoleName="wk-remediation", PolicyArn=terminal.stack.output("StopPolicyArn"))
    assert terminal.run("status") == 1
    assert terminal.run("go") == 0
    assert stopped(terminal.stack) == set()
    assert terminal.run("drill") == 2
    assert "drill from the hub" in capsys.readouterr().err


# ---------------------------------------------------------------- the drill


@pytest.fixture
def quick(terminal: Terminal) -> Terminal:
    """A terminal whose pauses move the clock."""

    def pause(seconds: float) -> None:
        terminal.at += timedelta(seconds=seconds)

    terminal.pause = pause
    return terminal


def test_a_drill_proves_it_and_leaves_everything_as_it_was(quick: Terminal) -> None:
    assert quick.run("drill") == 0
    assert (quick.stack.switch.thrown(), stopped(quick.stack)) == ("", set())
    assert "holds  cannot: remediation starts wk-ec2-restart" in quick.out
    assert "holds  cannot: remediation lends wk-runbook-sqs-redrive" in quick.out
    assert "holds  cannot: wk-runbook-sqs-redrive calls sqs:SendMessage, sqs:StartMessageMoveTask" in quick.out
    assert "holds  no longer denied: remediation starts wk-ec2-restart" in quick.out
    assert "hold: stopped, nothing could act; released, as before." in quick.out


def test_a_drill_finds_a_call_that_the_policy_forgot(quick: Terminal) -> None:
    """Though IAM would not allow it on everything: what is merely not allowed is not denied."""
    allowed = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:TerminateInstances", '
    allowed += '"Resource": "arn:aws:ec2:eu-west-1:123456789012:instance/*"}]}'
    quick.stack.client("iam").put_role_policy(RoleName="wk-runbook-ec2-restart", PolicyName="more", PolicyDocument=allowed)
    assert quick.run("drill") == 1
    assert "not denied: ec2:TerminateInstances" in quick.out
    assert (quick.stack.switch.thrown(), stopped(quick.stack)) == ("", set())


def test_no_drill_while_an_action_runs(quick: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    publish(quick.stack, status=Status.REMEDIATING)
    assert quick.run("drill") == 1
    assert "is remediating" in capsys.readouterr().err
    assert stopped(quick.stack) == set()


class Busy(MotoStack):
    """A stack with an automation that our own record has forgotten, and a stranger's."""

    def client(self, service: str) -> Any:
        return BusyAutomations() if service == "ssm" else super().client(service)


class BusyAutomations(Automations):
    def running(self) -> list[dict[str, str]]:
        return [{"AutomationExecutionId": f"id-{name}", "DocumentName": name} for name in ("wk-ec2-restart", "other-document")]


def test_no_drill_while_an_automation_of_ours_runs(quick: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    quick.stack = Busy(quick.stack._session, quick.stack.outputs, quick.stack.name)
    assert quick.run("drill") == 1
    said = capsys.readouterr().err
    assert "the automation id-wk-ec2-restart of wk-ec2-restart runs" in said
    assert "other-document" not in said
    assert stopped(quick.stack) == set()


def test_no_drill_while_it_is_stopped_for_real(quick: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    quick.run("stop", "--why", "for real", "--as", "ada")
    assert quick.run("drill") == 1
    assert "thrown by ada: for real" in capsys.readouterr().err
    assert (quick.stack.switch.thrown(), stopped(quick.stack)) == ("thrown by ada: for real", ROLES)


def test_a_real_stop_in_the_middle_of_a_drill_stays(quick: Terminal, denying: Denying) -> None:
    """Somebody throws it while IAM is still being asked: the drill ends and releases nothing, not for a moment."""
    denying.denied = frozenset({("attach", "wk-remediation")})
    quick.stack = denying

    def pause(seconds: float) -> None:
        quick.at += timedelta(seconds=30)
        quick.stack.switch.throw("ada", "for real")

    quick.pause = pause
    assert quick.run("drill") == 1
    assert quick.stack.switch.thrown() == "thrown by ada: for real"
    assert "it stays: thrown by ada: for real" in quick.out
    assert not [call for call, _ in denying.asked if call == "detach"]


def test_a_drill_that_is_interrupted_is_released(quick: Terminal, denying: Denying) -> None:
    denying.denied = frozenset({("attach", "wk-remediation")})
    quick.stack = denying

    def pause(seconds: float) -> None:
        raise KeyboardInterrupt

    quick.pause = pause
    quick.run("drill")
    assert (quick.stack.switch.thrown(), stopped(quick.stack)) == ("", set())
