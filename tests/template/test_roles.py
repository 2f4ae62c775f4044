"""What each role may do to the world, one by one: functions hardly anything, a runbook's role what its one action does."""

import pytest

from cli.catalogue.template import BY_AN_ALARM, logical
from tests.fakes.translated import translated
from tests.template.reach import KEPT, LOOKS, ROLES, RUNBOOKS, actions_on, acts, outward, secrets_of
from tests.template.reading import granted, in_policy, of_type, properties, references, target, trusts
from watchkeeper.actions import runbooks

START = {"ssm:StartAutomationExecution", "ssm:AddTagsToResource", "iam:PassRole"}
THINK = {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}
MOVE = {"sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:SendMessage"}
MAY: dict[str, set[str]] = {
    "ReceptionRole": set(),
    "AnalysisRole": THINK,
    "RemediationRole": {*START, "lambda:InvokeFunction", "sts:AssumeRole"},
    "DistributionRole": {"ses:SendRawEmail"},
    "SweeperRole": set(),
    "SweeperScheduleRole": {"lambda:InvokeFunction"},
    "GuardianRole": THINK,
    "ToolboxRole": set(),
    "ConsoleRole": {"iam:AttachRolePolicy"},
    "AlbDeregisterTargetRole": {"elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"},
    "AsgInstanceRefreshRole": {"autoscaling:StartInstanceRefresh"},
    "AsgReplaceInstanceRole": {"autoscaling:TerminateInstanceInAutoScalingGroup"},
    "AsgSetCapacityRole": {"autoscaling:SetDesiredCapacity"},
    "CloudformationRollbackRole": {"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback"},
    "CodedeployRollbackRole": {"codedeploy:StopDeployment"},
    "DynamodbCapacityRole": {"dynamodb:UpdateTable"},
    "Ec2CleanTempRole": {"ssm:SendCommand"},
    "Ec2GrowVolumeRole": {"ec2:ModifyVolume"},
    "Ec2RestartRole": {"ec2:RebootInstances"},
    "Ec2RestartServiceRole": {"ssm:SendCommand"},
    "Ec2StopStartRole": {"ec2:StopInstances", "ec2:StartInstances"},
    "EcsRedeployRole": {"ecs:UpdateService"},
    "EcsRollbackRole": {"ecs:UpdateService"},
    "EcsScaleRole": {"ecs:UpdateService"},
    "EcsStopTaskRole": {"ecs:StopTask"},
    "EventbridgeRuleRole": {"events:DisableRule", "events:EnableRule"},
    "GithubRevertRole": set(),
    "LambdaAliasRollbackRole": {"lambda:UpdateAlias"},
    "LambdaConcurrencyRole": {"lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"},
    "LambdaCustomRole": {"lambda:InvokeFunction"},
    "LambdaRedriveRole": MOVE,
    "McpToolRole": {"lambda:InvokeFunction"},
    "RdsClusterFailoverRole": {"rds:FailoverDBCluster"},
    "RdsFailoverRole": {"rds:RebootDBInstance"},
    "RdsGrowStorageRole": {"rds:ModifyDBInstance"},
    "RdsRebootRole": {"rds:RebootDBInstance"},
    "SqsRedriveRole": MOVE,
    "TicketCreateRole": set(),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_can_do_this_to_the_world_and_nothing_else(role: str) -> None:
    assert acts(role) == MAY[role]


def test_every_role_was_looked_at() -> None:
    assert set(of_type("AWS::IAM::Role")) == set(MAY) == {*ROLES, *RUNBOOKS, "SweeperScheduleRole"}


def invoked_by(role: str) -> set[str]:
    """The functions of this stack that it may invoke; another one's name where it may invoke more."""
    return {target(r) or str(r) for one in granted(role) if "lambda:InvokeFunction" in one.actions for r in one.resources}


def test_a_function_of_ours_is_invoked_by_the_one_that_is_there_for_it() -> None:
    """The guardian by who asks it, the toolbox by the runbook of the one action and not by who starts that."""
    named = {role: invoked_by(role) for role in MAY if "lambda:InvokeFunction" in acts(role)}
    (registered,) = named.pop("LambdaCustomRole")
    assert "${AWS::AccountId}:function:*" in registered, "what a team registers is held by its tag"
    assert named == {
        "RemediationRole": {"GuardianFunction"},
        "SweeperScheduleRole": {"SweeperFunction"},
        "McpToolRole": {"ToolboxFunction"},
    }


def test_of_the_runbooks_one_speaks_to_a_queue_of_ours_and_none_to_a_table() -> None:
    ours = [name for kind in KEPT for name in of_type(kind)]
    assert {(role, name): found for role in RUNBOOKS for name in ours if (found := actions_on(role, name))} == {
        ("TicketCreateRole", "DistributionQueue"): {"sqs:GetQueueAttributes", "sqs:SendMessage"},
        ("GithubRevertRole", "RunbookSecret"): {"secretsmanager:GetSecretValue"},
    }


def test_the_console_can_put_on_the_one_policy_that_denies_and_take_none_off() -> None:
    (stop,) = outward("ConsoleRole")[1:]
    assert stop.actions == ("iam:AttachRolePolicy",)
    assert stop.condition == {"ArnEquals": {"iam:PolicyARN": {"Ref": "StopPolicy"}}}
    assert [target(one) for one in stop.resources] == ["RemediationRole", ""]
    assert str(stop.resources[1]["Fn::Sub"]).endswith(":role/${AWS::StackName}-runbook-*")


def test_the_console_throws_the_switch_and_can_never_release_it() -> None:
    (never,) = [one for one in granted("ConsoleRole") if one.effect == "Deny"]
    assert (never.actions, [target(one) for one in never.resources]) == (("dynamodb:DeleteItem",), ["IncidentsTable"])
    assert never.condition == {"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": "SWITCH"}}


def test_the_toolbox_writes_its_own_journal_and_nothing_else_of_the_table() -> None:
    (journal,) = [one for one in granted("ToolboxRole") if "IncidentsTable" in one.reaches]
    assert journal.condition == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["TOOL#*"]}}


def test_secrets_are_read_by_those_who_need_them() -> None:
    assert {role: found for role in of_type("AWS::IAM::Role") if (found := secrets_of(role))} == {
        "ReceptionRole": {"WebhookSecret"},
        "AnalysisRole": {"ClaudeSecret", "ToolsSecret"},
        "RemediationRole": {"ToolsSecret", "SpokeSecret"},
        "DistributionRole": {"ChannelsSecret"},
        "GuardianRole": {"ClaudeSecret"},
        "ToolboxRole": {"ToolboxSecret"},
        "ConsoleRole": {"ConsoleSecret"},
        "GithubRevertRole": {"RunbookSecret"},
    }


def test_what_runbooks_act_with_is_read_by_a_runbooks_role_and_by_no_function() -> None:
    """The promise that no model holds a write credential: not the function that thinks, nor any other."""
    readers = {role for role in of_type("AWS::IAM::Role") if "RunbookSecret" in secrets_of(role)}
    assert readers
    assert not readers & set(ROLES)
    assert {one.services for role in readers for one in trusts(role)} == {("ssm.amazonaws.com",)}


def test_what_tools_act_with_is_read_where_no_model_is_and_by_nobody_else() -> None:
    readers = {role for role in of_type("AWS::IAM::Role") if "ToolboxSecret" in secrets_of(role)}
    assert readers == {"ToolboxRole"}
    assert "ClaudeLayer" not in str(properties("ToolboxFunction")["Layers"])


def test_remediation_starts_our_runbooks_and_lends_their_roles() -> None:
    """Besides them the rehearsal, which is no action: under a runbook's role it makes nothing but dry runs."""
    starts = [one for one in granted("RemediationRole") if "ssm:StartAutomationExecution" in one.actions]
    started = {f"{logical(name)}Document" for name in runbooks()} | {"RehearseEc2Document"}
    wanted = {f"{kind}/${{{name}}}{end}" for name in started for kind, end in (("document", ""), ("automation-definition", ":*"))}
    reached = {resource["Fn::Sub"].split("${AWS::AccountId}:")[1] for one in starts for resource in one.resources}
    assert reached == wanted | {"automation-execution/*"}
    assert all(one.actions == ("ssm:StartAutomationExecution",) for one in starts)
    lends = [one for one in granted("RemediationRole") if "iam:PassRole" in one.actions]
    assert sorted(target(resource) for one in lends for resource in one.resources) == sorted(RUNBOOKS)
    assert all(one.condition == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}} for one in lends)


def test_remediation_goes_to_the_accounts_that_are_named_and_to_one_role_there() -> None:
    (go,) = [one for one in granted("RemediationRole") if "sts:AssumeRole" in one.actions]
    assert go.condition == {"StringEquals": {"aws:ResourceAccount": {"Fn::Split": [",", {"Ref": "SpokeAccounts"}]}}}
    assert go.resources == ({"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/${AWS::StackName}-acts-here"},)


TAGS = ("aws:ResourceTag/AutoRemediate", "ssm:resourceTag/AutoRemediate")  # SSM knows an instance's tags by a key of its own
OURS_TO_USE = {"CleanTempCommand", "RestartServiceCommand", "ToolboxFunction", "DistributionQueue", "RunbookSecret"}


@pytest.mark.parametrize("role", RUNBOOKS)
def test_a_runbook_touches_only_what_its_owner_has_marked(role: str) -> None:
    """But for what is this stack's own: the text of its commands, the toolbox, and what its distribution and its tokens lie in."""
    for one in granted(role):
        of_the_stack = {name for resource in one.resources for name in references(resource) if name in translated()}
        if all(LOOKS.match(action) for action in one.actions) or (of_the_stack and of_the_stack <= OURS_TO_USE):
            continue
        assert one.condition["StringEquals"] in [{tag: "true"} for tag in TAGS], one.sid
        assert set(one.condition) <= {"StringEquals", "Null"}, one.sid
        assert all("${AWS::AccountId}" in str(resource) for resource in one.resources)


def test_mail_goes_out_under_one_name() -> None:
    (mail,) = [one for one in granted("DistributionRole") if "ses:SendRawEmail" in one.actions]
    assert mail.requires("ses:FromAddress") == {"Ref": "MailFrom"}


@pytest.mark.parametrize("name", sorted(runbooks()))
def test_an_alarm_can_stop_a_runbook_and_that_is_all_that_this_policy_does(name: str) -> None:
    """SSM asks the alarm and stops the execution with the runbook's own role (docs/decisions/0022)."""
    own, stopped = properties(f"{logical(name)}Role")["Policies"]
    assert (own["PolicyName"], stopped["PolicyName"]) == (name, BY_AN_ALARM)
    said = [(list(one.actions), len(one.resources)) for one in in_policy(name, stopped["PolicyDocument"])]
    assert said == [(["cloudwatch:DescribeAlarms"], 1), (["ssm:StopAutomationExecution"], 1)]
    arns = [one["Resource"]["Fn::Sub"].rpartition("}:")[2] for one in stopped["PolicyDocument"]["Statement"]]
    assert arns == ["alarm:*", "automation-execution/*"]
