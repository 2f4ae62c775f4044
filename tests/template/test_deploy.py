"""deploy.sh, run for real against programs that only write down what they are asked."""

import pytest

from tests.fakes.template import template
from tests.template.desk import KEY, SECRETS, Desk, said_anywhere


def test_it_checks_then_builds_then_deploys_then_asks_whether_it_answers(desk: Desk) -> None:
    done = desk.deploy()
    assert done.returncode == 0, done.stderr
    assert desk.order == [
        "aws configure get",
        "aws sts get-caller-identity",
        "make build",
        "sam deploy",
        "aws cloudformation describe-stacks",
        "aws apigateway get-api-key",
        "aws secretsmanager get-secret-value",
    ]
    assert desk.door.seen == [("GET /health", 200), ("POST /webhooks/generic", 202), ("POST /webhooks/generic", 401)]
    assert "arn:aws:sns:eu-west-1:123456789012:alerts" in done.stdout


def test_it_deploys_what_was_asked_for_where_it_was_asked_for(desk: Desk) -> None:
    done = desk.deploy("--environment", "prod", "--region=us-east-2", "--profile", "ops", "--bucket", "my-builds", "--yes")
    assert done.returncode == 0, done.stderr
    (sam,) = desk.asked("sam", "deploy")
    assert sam["args"] == [
        "deploy", "--config-file", f"{desk.home}/samconfig.toml", "--config-env", "prod",
        "--template-file", f"{desk.home}/.aws-sam/build/template.yaml", "--s3-bucket", "my-builds", "--no-resolve-s3",
        "--no-confirm-changeset", "--region", "us-east-2", "--profile", "ops",
    ]  # fmt: skip
    (stack,) = desk.asked("aws", "cloudformation")
    assert "watchkeeper-prod" in stack["args"]
    for call in desk.calls:
        if call["name"] == "aws":
            assert call["args"][-4:] == ["--region", "us-east-2", "--profile", "ops"]
    (bucket,) = desk.asked("aws", "s3api", "head-bucket")
    assert "my-builds" in bucket["args"]


def test_parameters_stand_beside_those_of_the_environment_and_win(desk: Desk) -> None:
    accounts = "SpokeAccounts=111111111111,222222222222"
    more = ("--parameter=GuardianModel=claude-opus-5-5", "--parameter", "AnchorDays=90")
    done = desk.deploy("--environment", "staging", "--parameter", accounts, *more)
    assert done.returncode == 0, done.stderr
    (sam,) = desk.asked("sam", "deploy")
    at = sam["args"].index("--parameter-overrides")
    assert sam["args"][at + 1 : sam["args"].index("--region")] == [
        "Environment=staging", "LogRetentionDays=30", "EvidenceDays=90", "AnchorDays=90", accounts, "GuardianModel=claude-opus-5-5",
    ]  # fmt: skip


def test_the_parameters_that_the_help_names_exist(desk: Desk) -> None:
    named = {pair.split("=")[0] for pair in desk.deploy("--help").stdout.split() if "=" in pair} - {"NAME", "KEY"}
    assert named == {"SpokeAccounts", "GuardianModel"}
    assert named <= set(template()["Parameters"])


# ---------------------------------------------------------------- the dry run


def test_a_dry_run_runs_nothing_and_shows_everything(desk: Desk) -> None:
    desk.env = {"MY_KEY": KEY}
    done = desk.deploy("--dry-run", "--anthropic-key", "env:MY_KEY", "--slack-webhook", "-", "--bucket", "my-builds")
    assert done.returncode == 0, done.stderr
    assert desk.calls == []
    shown = [line.removeprefix("would run: ") for line in done.stdout.splitlines() if line.startswith("would run: ")]
    started = [" ".join(line.split()[:3]) for line in shown]
    assert started == [
        "aws sts get-caller-identity",
        "aws s3api head-bucket",
        "make build",
        "sam deploy --config-file",
        "aws cloudformation describe-stacks",
        "aws secretsmanager get-secret-value",
        "aws secretsmanager put-secret-value",
        "aws secretsmanager get-secret-value",
        "aws secretsmanager put-secret-value",
        "aws apigateway get-api-key",
        "aws secretsmanager get-secret-value",
    ]
    assert desk.door.seen == []
    assert KEY not in done.stdout + done.stderr


def test_a_dry_run_needs_no_aws_no_account_and_no_sam(desk: Desk) -> None:
    for name in ("aws", "sam", "make"):
        (desk.home / "bin" / name).unlink()
    done = desk.deploy("--dry-run")
    assert done.returncode == 0, done.stderr
    assert "note: aws is not installed" in done.stdout


@pytest.mark.parametrize(
    "options", [(), ("--environment", "prod", "--yes", "--region", "eu-west-1", "--profile", "ops", "--bucket", "my-builds")]
)
def test_a_real_run_does_what_the_dry_run_showed(desk: Desk, options: tuple[str, ...]) -> None:
    desk.env = {"AWS_REGION": "eu-west-1"}
    dry = desk.deploy("--dry-run", *options)
    shown = [line.removeprefix("would run: ").split()[:3] for line in dry.stdout.splitlines() if line.startswith("would run: ")]
    assert desk.deploy(*options).returncode == 0
    assert [[call["name"], *call["args"][:2]] for call in desk.calls] == shown


# ---------------------------------------------------------------- what can go wrong


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--environment", "production"), "--environment is dev, staging or prod"),
        (("--region", "Frankfurt"), "--region: that is no region's name"),
        (("--bucket", "No Bucket"), "--bucket: that is no bucket's name"),
        (("--region",), "--region needs a value"),
        (("--force",), "unknown option --force"),
        (("--parameter", "SpokeAccounts"), "--parameter is NAME=VALUE"),
        (("--parameter", "PageUrl=a b"), "--parameter is NAME=VALUE"),
        (("--dry-run=yes",), "unknown option --dry-run"),
        (("--anthropic-key", "env:NOT_SET"), "the environment variable NOT_SET is not set or empty"),
        (("--anthropic-key", "env:a b"), "needs the name of an environment variable"),
        (("--anthropic-key", "file:/nowhere"), "cannot read the file /nowhere"),
        (("--anthropic-key", "-"), "nothing was given"),
        (("--environment", "prod"), "prod asks before it changes anything"),
    ],
)
def test_a_mistake_is_told_in_one_line_before_anything_is_done(desk: Desk, args: tuple[str, ...], said: str) -> None:
    done = desk.deploy(*args)
    assert done.returncode in (1, 2)
    assert done.stderr.startswith("deploy.sh: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert {"make build", "sam deploy"}.isdisjoint(desk.order)


@pytest.mark.parametrize(
    ("broken", "said", "stops_before"),
    [
        ("aws configure get region", "no region", "aws sts get-caller-identity"),
        ("aws sts get-caller-identity", "AWS does not know you", "make build"),
        ("aws s3api head-bucket", "does not exist, or you may not use it", "make build"),
        ("make build", "", "sam deploy"),
        ("sam deploy", "", "aws cloudformation describe-stacks"),
        ("aws cloudformation describe-stacks", "cannot be read", "aws apigateway get-api-key"),
        ("aws secretsmanager get-secret-value --secret-id arn:claude", "cannot read the secret that holds", "aws apigateway get-api-key"),
        ("aws secretsmanager put-secret-value", "cannot write the secret that holds", "aws apigateway get-api-key"),
        ("aws apigateway get-api-key", "cannot read the API key", "nothing"),
    ],
)  # fmt: skip
def test_it_stops_at_the_first_failure(desk: Desk, broken: str, said: str, stops_before: str) -> None:
    desk.answers = {broken: ("", 1), **{wanted: answer for wanted, answer in desk.answers.items() if wanted != broken}}
    desk.env = {"MY_KEY": KEY}
    done = desk.deploy("--anthropic-key", "env:MY_KEY", "--bucket", "my-builds")
    assert done.returncode != 0
    assert said in done.stderr
    assert stops_before not in desk.order
    assert desk.door.seen == []
    assert not [secret for secret in SECRETS if secret in said_anywhere(desk, done)]


def test_a_stack_that_does_not_answer_is_a_failed_deployment(desk: Desk) -> None:
    desk.door.broken = True
    done = desk.deploy()
    assert done.returncode == 1
    assert "GET /health answers 500 instead of 200" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_tool_is_named(desk: Desk) -> None:
    (desk.home / "bin" / "aws").unlink()
    done = desk.deploy()
    assert done.returncode == 1
    assert done.stderr == "deploy.sh: aws is not installed, and this needs it\n"


def test_it_says_how_it_is_used(desk: Desk) -> None:
    done = desk.deploy("--help")
    assert done.returncode == 0
    for option in ("--environment", "--bucket", "--region", "--profile", "--slack-webhook", "--anthropic-key", "--dry-run", "--help"):
        assert option in done.stdout
