"""Who may do what: every statement is narrow, whoever it is for, and nothing that mutates goes without a name."""

import pytest

from tests.template.reach import KNOWS_NO_RESOURCES, LOOKS, ROLES, actions_on
from tests.template.reading import STAGES, Statement, every_statement, granted, of_type, on_resources, properties, put_onto, target, trusts

OWN_KEY = "TopicKey"  # in a key's own policy `*` is this key
ALLOWED = [one for one in every_statement() if one.effect == "Allow"]


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


@pytest.mark.parametrize("role", ROLES)
def test_the_audit_trail_is_only_ever_added_to(role: str) -> None:
    assert actions_on(role, "AuditTable") <= {"dynamodb:PutItem", "dynamodb:Query"}


@pytest.mark.parametrize("role", ROLES)
def test_anchored_heads_are_written_and_never_taken_back(role: str) -> None:
    heads = {action for one in granted(role) if "/heads/" in one.reaches for action in one.actions}
    assert heads <= {"s3:PutObject", "s3:PutObjectRetention"}
    every = {action for one in granted(role) for action in one.actions}
    assert not {action for action in every if action.startswith("s3:Delete") or "Bypass" in action or "LegalHold" in action}
