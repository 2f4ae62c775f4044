"""Who may do what: no more than the code does, and nothing that mutates without a name."""

import re
from pathlib import Path

import pytest

from tests.fakes.template import ROOT
from tests.template.reading import STAGES, Statement, every_statement, granted, of_type, on_resources, properties, target, trusts

LOOKS = re.compile(r"^[a-z0-9-]+:(Describe|Get|List|Lookup|Filter|Query|BatchGet)|^logs:(Start|Stop)Query$")
KNOWS_NO_RESOURCES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}  # a trace names nothing, and can be given to nothing else
OWN_KEY = "TopicKey"  # in a key's own policy `*` is this key
ALLOWED = [one for one in every_statement() if one.effect == "Allow"]
ROLES = tuple(f"{stage}Role" for stage in STAGES)


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
    """A managed policy and SAM's templates are wider than what is asked for, and change without us."""
    for name, role in of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
    assert not of_type("AWS::IAM::ManagedPolicy")
    assert not of_type("AWS::IAM::Policy")
    assert {target(one["Role"]) for one in of_type("AWS::Lambda::Function").values()} == set(ROLES)


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


def acts(role: str) -> set[str]:
    """What this role may do to the world outside of Watchkeeper."""
    ours = ("dynamodb:", "sqs:", "s3:", "logs:CreateLogStream", "logs:PutLogEvents", "xray:", "secretsmanager:GetSecretValue")
    return {action for one in granted(role) for action in one.actions if not LOOKS.match(action) and not action.startswith(ours)}


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("ReceptionRole", set()),
        ("AnalysisRole", {"bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"}),
        ("RemediationRole", {"ssm:StartAutomationExecution", "ssm:AddTagsToResource", "iam:PassRole"}),
        ("DistributionRole", {"ses:SendRawEmail"}),
        ("SweeperRole", set()),
        ("SweeperScheduleRole", {"lambda:InvokeFunction"}),
        ("Ec2RestartRole", {"ec2:RebootInstances"}),
        ("EcsRedeployRole", {"ecs:UpdateService"}),
        ("GithubRevertRole", set()),
    ],
)
def test_each_role_can_do_this_to_the_world_and_nothing_else(role: str, may: set[str]) -> None:
    assert acts(role) == may


def test_every_role_was_looked_at() -> None:
    assert set(of_type("AWS::IAM::Role")) == {*ROLES, "SweeperScheduleRole", "Ec2RestartRole", "EcsRedeployRole", "GithubRevertRole"}


def secrets_of(role: str) -> set[str]:
    return {target(r) for one in granted(role) if "secretsmanager:GetSecretValue" in one.actions for r in one.resources}


def test_secrets_are_read_by_those_who_need_them() -> None:
    assert {role: found for role in of_type("AWS::IAM::Role") if (found := secrets_of(role))} == {
        "ReceptionRole": {"WebhookSecret"},
        "AnalysisRole": {"ClaudeSecret", "ToolsSecret"},
        "RemediationRole": {"ToolsSecret"},
        "DistributionRole": {"ChannelsSecret"},
        "GithubRevertRole": {"RunbookSecret"},
    }


def test_what_runbooks_act_with_is_read_by_a_runbooks_role_and_by_no_function() -> None:
    """The promise that no model holds a write credential: not the function that thinks, nor any other."""
    readers = {role for role in of_type("AWS::IAM::Role") if "RunbookSecret" in secrets_of(role)}
    assert readers
    assert not readers & set(ROLES)
    assert {one.services for role in readers for one in trusts(role)} == {("ssm.amazonaws.com",)}


def test_remediation_starts_our_runbooks_and_lends_their_roles() -> None:
    (start,) = [one for one in granted("RemediationRole") if "ssm:StartAutomationExecution" in one.actions]
    documents = {f"{kind}/${{{name}}}{end}" for name in of_type("AWS::SSM::Document")
                 for kind, end in (("document", ""), ("automation-definition", ":*"))}  # fmt: skip
    assert {one["Fn::Sub"].split("${AWS::AccountId}:")[1] for one in start.resources} == documents | {"automation-execution/*"}
    (lend,) = [one for one in granted("RemediationRole") if "iam:PassRole" in one.actions]
    assert {target(one) for one in lend.resources} == {"Ec2RestartRole", "EcsRedeployRole", "GithubRevertRole"}
    assert lend.condition == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}


@pytest.mark.parametrize("role", ["Ec2RestartRole", "EcsRedeployRole"])
def test_a_runbook_touches_only_what_its_owner_has_marked(role: str) -> None:
    for one in granted(role):
        if not all(LOOKS.match(action) for action in one.actions):
            assert one.condition == {"StringEquals": {"aws:ResourceTag/AutoRemediate": "true"}}, one.sid
            assert "${AWS::AccountId}" in one.reaches


def test_mail_goes_out_under_one_name() -> None:
    (mail,) = [one for one in granted("DistributionRole") if "ses:SendRawEmail" in one.actions]
    assert mail.requires("ses:FromAddress") == {"Ref": "MailFrom"}


# ---------------------------------------------------------------- as much as the code does, and no more

CALLS = re.compile(r"\"((?:ec2|ecs|logs|cloudwatch|cloudtrail|ssm|ses):[A-Z][A-Za-z]+|tag:Get[A-Za-z]+|iam:List[A-Za-z]+)\"")
ON_THE_WAY = {"logs:CreateLogStream", "logs:PutLogEvents"}  # the runtime's
ASKED_WITH_IT = {"ssm:StartAutomationExecution": {"ssm:AddTagsToResource"}}  # a start with tags asks for both


def code_of(stage: str) -> str:
    return "\n".join(path.read_text() for path in sorted(Path(ROOT, "src", stage.lower()).rglob("*.py")))


@pytest.mark.parametrize("stage", STAGES)
def test_what_the_code_calls_is_granted_and_nothing_is_granted_that_it_does_not_call(stage: str) -> None:
    """Code names the permission of each call, for its error messages; the role names the same."""
    called = set(CALLS.findall(code_of(stage)))
    called |= {more for call in called for more in ASKED_WITH_IT.get(call, set())}
    may = {action for one in granted(f"{stage}Role") for action in one.actions if CALLS.match(f'"{action}"')} - ON_THE_WAY
    assert may == called


@pytest.mark.parametrize("stage", STAGES)
def test_a_function_may_send_to_the_queues_that_it_is_wired_to(stage: str) -> None:
    wired = {f"{name.title()}Queue" for name in re.findall(r"Queue\.([A-Z]+): settings\.", code_of(stage))}
    sends = {target(r) for one in granted(f"{stage}Role") if "sqs:SendMessage" in one.actions for r in one.resources}
    assert sends - {"IntakeDeadLetters"} == wired


@pytest.mark.parametrize("stage", STAGES[:-1])
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
    assert actions_on(f"{stage}Role", "IncidentsTable") - ({"dynamodb:Query"} if stage == "Sweeper" else set()) == needed
    assert ("dynamodb:PutItem" in actions_on(f"{stage}Role", "AuditTable")) is ("publish" in said)
    assert ("dynamodb:Query" in actions_on(f"{stage}Role", "AuditTable")) is ("history" in said)


def test_the_sweeper_reads_the_index_of_what_is_due_and_no_other() -> None:
    (due,) = [one for one in granted("SweeperRole") if one.actions == ("dynamodb:Query",)]
    assert due.resources == ({"Fn::Sub": "${IncidentsTable.Arn}/index/due"},)


@pytest.mark.parametrize("stage", STAGES)
def test_bytes_are_put_only_under_the_prefixes_that_the_code_uses(stage: str) -> None:
    """Long messages and anchored heads are in the layer; what else a stage stores is in its own code."""
    own = set(re.findall(r"blobs\.put\(\s*f\"([a-z]+)/", code_of(stage)))
    puts = {str(r["Fn::Sub"]).split("/")[1] for one in granted(f"{stage}Role") if "s3:PutObject" in one.actions for r in one.resources}
    heads = {"heads"} if re.search(r"publisher", code_of(stage)) else set()
    assert puts == own | {"messages"} | heads
