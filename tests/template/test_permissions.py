"""Who may do what: no more than the code does, and nothing that mutates without a name."""

import re
from pathlib import Path

import pytest

from cli.catalogue.template import logical
from tests.fakes.template import ROOT
from tests.fakes.translated import translated
from tests.template.reading import (
    STAGES,
    WORKING_OFF,
    Statement,
    every_statement,
    granted,
    of_type,
    on_resources,
    properties,
    put_onto,
    references,
    target,
    trusts,
)
from watchkeeper.actions import runbooks

LOOKS = re.compile(r"^[a-z0-9-]+:(Describe|Get|List|Lookup|Filter|Query|BatchGet)|^logs:(Start|Stop)Query$|^iam:SimulatePrincipalPolicy$")
KNOWS_NO_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # a trace names nothing, and can be given to nothing else
OWN_KEY = "TopicKey"  # in a key's own policy `*` is this key
ALLOWED = [one for one in every_statement() if one.effect == "Allow"]
ROLES = tuple(f"{stage}Role" for stage in STAGES)
RUNBOOKS = tuple(f"{logical(name)}Role" for name in sorted(runbooks()))
# What a function keeps for itself; everything else that a role may reach is the world.
KEPT = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret")


@pytest.mark.parametrize("statement", ALLOWED, ids=str)
def test_every_action_is_spelled_out(statement: Statement) -> None:
    assert not [action for action in statement.actions if "*" in action]


@pytest.mark.parametrize("statement", ALLOWED, ids=str)
def test_what_mutates_names_what_it_mutates(statement: Statement) -> None:
    if statement.where == OWN_KEY:
        return
    if any(resource == "*" or resource == {"Fn::Sub": "*"} for resource in statement.resources):
        assert not [one for one in statement.actions if not LOOKS.match(one) and one not in KNOWS_NO_RESOURCES]


@pytest.mark.parametrize("statement", [one for one in ALLOWED if one.services], ids=str)
def test_a_service_acts_for_this_account_and_a_named_source_alone(statement: Statement) -> None:
    assert statement.requires("aws:SourceAccount") == {"Ref": "AWS::AccountId"}
    source = statement.requires("aws:SourceArn")
    assert source
    assert source != "*"
    assert set(statement.condition) <= {"StringEquals", "ArnEquals", "ArnLike"}


def test_who_may_invoke_a_function_is_named_with_its_account() -> None:
    """API Gateway sends no aws:SourceAccount with its calls; there the account stands in the ARN."""
    permissions = of_type("AWS::Lambda::Permission")
    assert {one["Principal"] for one in permissions.values()} == {
        "apigateway.amazonaws.com",
        "logs.amazonaws.com",
        "lambda.alarms.cloudwatch.amazonaws.com",
    }
    for name, one in permissions.items():
        by_account = one.get("SourceAccount") == {"Ref": "AWS::AccountId"}
        assert by_account or one["Principal"] == "apigateway.amazonaws.com", name
        assert "${AWS::AccountId}" in str(one["SourceArn"]), name


def test_nobody_is_trusted_but_services() -> None:
    assert {service for role in of_type("AWS::IAM::Role") for one in trusts(role) for service in one.services} == {
        "lambda.amazonaws.com",
        "ssm.amazonaws.com",
        "scheduler.amazonaws.com",
    }
    assert all(one.services for role in of_type("AWS::IAM::Role") for one in trusts(role))


def test_policies_are_written_here_by_hand() -> None:
    """AWS's managed policies and SAM's templates are wider than what is asked for, and change without us. Ours are what the catalogue
    writes: what remediation may start, and what stops it."""
    for name, role in of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
    assert not of_type("AWS::IAM::Policy")
    assert {target(one["Role"]) for one in of_type("AWS::Lambda::Function").values()} == set(ROLES)
    assert set(of_type("AWS::IAM::ManagedPolicy")) == {*put_onto("RemediationRole"), "StopPolicy"}
    assert all(name.startswith("MayRun") for name in put_onto("RemediationRole"))
    assert {role: found for role in of_type("AWS::IAM::Role") if (found := put_onto(role))}.keys() == {"RemediationRole"}
    assert not {"Roles", "Users", "Groups"} & set(properties("StopPolicy")), "it stops from the moment that somebody puts it onto a role"
    assert all(set(properties(name)) == {"Description", "Roles", "PolicyDocument"} for name in put_onto("RemediationRole"))


@pytest.mark.parametrize("stage", STAGES)
def test_each_function_has_a_role_of_its_own(stage: str) -> None:
    assert target(properties(f"{stage}Function")["Role"]) == f"{stage}Role"
    (trust,) = trusts(f"{stage}Role")
    assert f"function:${{AWS::StackName}}-{stage.lower()}" in str(trust.requires("aws:SourceArn"))
    assert properties(f"{stage}Function")["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{stage.lower()}"}


def test_only_tls_comes_in() -> None:
    denied = {one.where for one in on_resources() if one.effect == "Deny" and one.requires("aws:SecureTransport") == "false"}
    guarded = {target(queue) for name in denied for queue in properties(name).get("Queues", [])}
    assert guarded == set(of_type("AWS::SQS::Queue"))
    for one in on_resources():
        guards = [target(each) for kind in ("Queues", "Topics") for each in properties(one.where).get(kind, [])]
        if guards:
            assert [target(resource) for resource in one.resources] == guards, one
    assert {"BucketPolicy", "TopicPolicy", "OperationsTopicPolicy"} <= denied


# ---------------------------------------------------------------- what must never be


def actions_on(role: str, name: str) -> set[str]:
    """What this role may do to the resource with this logical id."""
    return {action for one in granted(role) if f'"{name}"' in one.reaches or f"${{{name}." in one.reaches for action in one.actions}


@pytest.mark.parametrize("role", ROLES)
def test_the_audit_trail_is_only_ever_added_to(role: str) -> None:
    assert actions_on(role, "AuditTable") <= {"dynamodb:PutItem", "dynamodb:Query"}


@pytest.mark.parametrize("role", ROLES)
def test_anchored_heads_are_written_and_never_taken_back(role: str) -> None:
    heads = {action for one in granted(role) if "/heads/" in one.reaches for action in one.actions}
    assert heads <= {"s3:PutObject", "s3:PutObjectRetention"}
    every = {action for one in granted(role) for action in one.actions}
    assert not {action for action in every if action.startswith("s3:Delete") or "Bypass" in action or "LegalHold" in action}


def outward(role: str) -> list[Statement]:
    """The statements that reach anything which this stack does not keep for itself."""
    kept = {name for kind in KEPT for name in of_type(kind)}
    return [one for one in granted(role) if not all(kept & set(references(resource)) for resource in one.resources)]


def reaches_out(role: str) -> set[str]:
    """What this role may call beyond its own tables, queues, bucket, log and secrets."""
    return {action for one in outward(role) if one.effect == "Allow" for action in one.actions} - KNOWS_NO_RESOURCES


def acts(role: str) -> set[str]:
    """What this role may do to the world outside of Watchkeeper."""
    return {action for action in reaches_out(role) if not LOOKS.match(action)}


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
    assert named == {"RemediationRole": {"GuardianFunction"}, "SweeperScheduleRole": {"SweeperFunction"}, "McpToolRole": {"ToolboxFunction"}}


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


def secrets_of(role: str) -> set[str]:
    return {target(r) for one in granted(role) if "secretsmanager:GetSecretValue" in one.actions for r in one.resources}


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


# ---------------------------------------------------------------- as much as the code does, and no more

CALLS = re.compile(r"\"((?:ec2|ecs|logs|cloudwatch|cloudtrail|ssm|ses):[A-Z][A-Za-z]+|tag:Get[A-Za-z]+|iam:List[A-Za-z]+)\"")
ON_THE_WAY = {"logs:CreateLogStream", "logs:PutLogEvents"}  # the runtime's
IN_OUR_WORDS = re.compile(r"in_our_words\(\s*\"([a-z0-9-]+:[A-Za-z]+)\"")
ASKED_WITH_IT = {"ssm:StartAutomationExecution": {"ssm:AddTagsToResource", "iam:PassRole"}}  # a start with tags and a role asks for all


def code_of(stage: str) -> str:
    return "\n".join(path.read_text() for path in sorted(Path(ROOT, "src", stage.lower()).rglob("*.py")))


def test_what_remediation_calls_is_granted_and_nothing_is_granted_that_it_does_not_call() -> None:
    """In every service, by the permission that is named around each call (test_looks: those are the calls). It names others besides,
    of calls that it asks IAM about and never makes."""
    called = set(IN_OUR_WORDS.findall(code_of("Remediation")))
    assert reaches_out("RemediationRole") == called | {more for call in called for more in ASKED_WITH_IT.get(call, set())}


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "Remediation"])
def test_what_the_code_calls_is_granted_and_nothing_is_granted_that_it_does_not_call(stage: str) -> None:
    """Code names the permission of each call, for its error messages; the role names the same."""
    called = set(CALLS.findall(code_of(stage)))
    may = {action for one in granted(f"{stage}Role") for action in one.actions if CALLS.match(f'"{action}"')} - ON_THE_WAY
    assert may == called


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_may_send_to_the_queues_that_it_is_wired_to(stage: str) -> None:
    wired = {f"{name.title()}Queue" for name in re.findall(r"Queue\.([A-Z]+): settings\.", code_of(stage))}
    sends = {target(r) for one in granted(f"{stage}Role") if "sqs:SendMessage" in one.actions for r in one.resources}
    assert sends - {"IntakeDeadLetters"} == wired


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in WORKING_OFF])
def test_who_works_off_no_queue_reads_none(stage: str) -> None:
    assert "sqs:ReceiveMessage" not in {action for one in granted(f"{stage}Role") for action in one.actions}


@pytest.mark.parametrize("stage", WORKING_OFF)
def test_a_function_reads_its_own_queue_alone(stage: str) -> None:
    own = {"Reception": "IntakeQueue"}.get(stage, f"{stage}Queue")
    (receive,) = [one for one in granted(f"{stage}Role") if "sqs:ReceiveMessage" in one.actions]
    assert [target(one) for one in receive.resources] == [own]
    assert {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"} < set(receive.actions)


TABLE_CALLS = {
    "load": "dynamodb:GetItem", "row": "dynamodb:GetItem", "episode": "dynamodb:GetItem", "linked": "dynamodb:GetItem",
    "cooling": "dynamodb:GetItem", "rows": "dynamodb:Query", "owed": "dynamodb:Query", "put_delivery": "dynamodb:PutItem",
    "episodes": "dynamodb:BatchGetItem", "look_up": "dynamodb:BatchGetItem", "aside": "dynamodb:Query", "tally": "dynamodb:UpdateItem",
    "on_resource": "dynamodb:Query", "of_service": "dynamodb:Query",
    "put_episode": "dynamodb:PutItem", "publish": "dynamodb:PutItem", "settle": "dynamodb:DeleteItem",
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_what_the_code_asks_of_the_tables_is_granted_and_no_more(stage: str) -> None:
    code = code_of(stage)
    if "watchkeeper.story import" in code:  # the layer's own reading, for those who tell the whole story
        code += Path(ROOT, "layers/shared/watchkeeper/story.py").read_text()
    said = set(re.findall(r"(?:incidents|publisher)\.([a-z_]+)\(", code))
    needed = {TABLE_CALLS[call] for call in said if call in TABLE_CALLS} | ({"dynamodb:DeleteItem"} if "publish" in said else set())
    needed |= {call for call in IN_OUR_WORDS.findall(code) if call.startswith("dynamodb:") and stage == "Toolbox"}  # its own journal
    assert actions_on(f"{stage}Role", "IncidentsTable") - ({"dynamodb:Query"} if stage == "Sweeper" else set()) == needed
    assert ("dynamodb:PutItem" in actions_on(f"{stage}Role", "AuditTable")) is bool({"publish", "append"} & said)
    assert ("dynamodb:Query" in actions_on(f"{stage}Role", "AuditTable")) is ("history" in said)


PURSE_AND_CACHE = {
    "DynamoAnalyses(": {"dynamodb:UpdateItem", "dynamodb:PutItem"}, "DynamoBudget(": {"dynamodb:UpdateItem"}, ".forget,": {"dynamodb:DeleteItem"},
}  # fmt: skip


@pytest.mark.parametrize("stage", STAGES)
def test_who_remembers_analyses_or_pays_from_a_purse_may_do_that_there(stage: str) -> None:
    """Whoever only forgets neither finds nor keeps."""
    code = code_of(stage)
    used = {what for what in PURSE_AND_CACHE if what in code}
    used -= {"DynamoAnalyses("} if ".forget," in used else set()
    assert actions_on(f"{stage}Role", "AnalysesTable") == {call for what in used for call in PURSE_AND_CACHE[what]}


def test_the_sweeper_reads_the_index_of_what_is_due_and_no_other() -> None:
    (due,) = [one for one in granted("SweeperRole") if one.actions == ("dynamodb:Query",)]
    assert due.resources == ({"Fn::Sub": "${IncidentsTable.Arn}/index/due"},)


@pytest.mark.parametrize("stage", STAGES)
def test_bytes_are_put_only_under_the_prefixes_that_the_code_uses(stage: str) -> None:
    """Long messages and anchored heads are in the layer; what else a stage stores is in its own code."""
    own = set(re.findall(r"blobs\.put\(\s*f\"([a-z]+)/", code_of(stage)))
    puts = {str(r["Fn::Sub"]).split("/")[1] for one in granted(f"{stage}Role") if "s3:PutObject" in one.actions for r in one.resources}
    heads = {"heads"} if "S3Anchors(" in code_of(stage) else set()
    messages = {"messages"} if "SqsOutbox(" in code_of(stage) else set()
    assert puts == own | messages | heads
