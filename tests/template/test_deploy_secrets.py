"""deploy.sh and secrets: they reach their place, and nobody sees them on the way."""

import json

import pytest

from console import proven
from distribution.channels import pagerduty
from tests.template.desk import HOOK, KEY, SECRETS, Desk, said_anywhere, stored


def test_secrets_from_the_environment_and_from_a_file_reach_their_place_and_nobody_else(desk: Desk) -> None:
    desk.env = {"MY_KEY": KEY}
    (desk.home / "hook").write_text(HOOK + "\n")
    done = desk.deploy("--anthropic-key", "env:MY_KEY", "--slack-webhook", f"file:{desk.home}/hook")
    assert done.returncode == 0, done.stderr
    assert stored(desk) == {
        "arn:claude": {"anthropic_api_key": KEY},
        "arn:channels": {"jira_email": "ops@example.com", "slack_webhook_url": HOOK},
    }
    assert not [secret for secret in SECRETS if secret in said_anywhere(desk, done)]


def test_secrets_are_asked_for_one_line_each(desk: Desk) -> None:
    desk.stdin = f"{KEY}\n{HOOK}\n"
    done = desk.deploy("--anthropic-key", "-", "--slack-webhook=-")
    assert done.returncode == 0, done.stderr
    assert (stored(desk)["arn:claude"]["anthropic_api_key"], stored(desk)["arn:channels"]["slack_webhook_url"]) == (KEY, HOOK)
    assert not [secret for secret in SECRETS if secret in said_anywhere(desk, done)]


@pytest.mark.parametrize(
    ("option", "arn", "key"),
    [
        ("--anthropic-key", "arn:claude", "anthropic_api_key"),
        ("--slack-webhook", "arn:channels", "slack_webhook_url"),
        ("--slack-token", "arn:channels", "slack_bot_token"),
        ("--slack-signing-secret", "arn:console", "slack_signing_secret"),
        ("--jira-email", "arn:channels", "jira_email"),
        ("--jira-token", "arn:channels", "jira_api_token"),
        ("--pagerduty-key", "arn:channels", "pagerduty_routing_key"),
        ("--pagerduty-token", "arn:channels", "pagerduty_api_token"),
        ("--pagerduty-from", "arn:channels", "pagerduty_from"),
        ("--github-token", "arn:tools", "github_token"),
        ("--github-write-token", "arn:runbooks", "github_write_token"),
    ],
)
def test_a_secret_goes_where_its_reader_looks(desk: Desk, option: str, arn: str, key: str) -> None:
    desk.env = {"IT": HOOK}
    done = desk.deploy(option, "env:IT")
    assert done.returncode == 0, done.stderr
    assert {where: held[key] for where, held in stored(desk).items()} == {arn: HOOK}
    assert HOOK not in said_anywhere(desk, done)
    assert option in desk.deploy("--help").stdout


def test_keys_are_called_as_their_readers_call_them() -> None:
    assert (pagerduty.ROUTING_KEY, pagerduty.TOKEN, pagerduty.SENDER) == ("pagerduty_routing_key", "pagerduty_api_token", "pagerduty_from")
    assert proven.SIGNING == "slack_signing_secret"


def test_what_people_prove_themselves_with_stays_beside_the_signing_secret(desk: Desk) -> None:
    desk.env = {"SIGNS": "signing"}
    desk.deploy("--slack-signing-secret", "env:SIGNS")
    assert stored(desk) == {"arn:console": {"api_token_ann": "kept", "slack_signing_secret": "signing"}}


def test_a_tool_has_one_token_to_look_with_and_one_to_act_with_under_the_same_name(desk: Desk) -> None:
    desk.env = {"READS": "lookout-reads"}
    (desk.home / "acts").write_text("lookout-acts\n")
    done = desk.deploy("--tools-secret", "lookout_token=env:READS", f"--toolbox-secret=lookout_token=file:{desk.home}/acts")
    assert done.returncode == 0, done.stderr
    assert stored(desk) == {"arn:tools": {"lookout_token": "lookout-reads"}, "arn:a-box": {"lookout_token": "lookout-acts"}}
    assert "lookout-" not in said_anywhere(desk, done)


@pytest.mark.parametrize("given", [f"lookout_token={KEY}", KEY, f"={KEY}", "Not A Key=-"])
@pytest.mark.parametrize("option", ["--tools-secret", "--toolbox-secret"])
def test_a_tools_secret_itself_is_refused_and_not_repeated(desk: Desk, option: str, given: str) -> None:
    done = desk.deploy(option, given)
    assert done.returncode == 2
    assert "is KEY=FROM" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert desk.calls == []


def test_several_secrets_of_one_place_stand_beside_each_other(desk: Desk) -> None:
    for number, option in enumerate(("--slack-token", "--jira-email", "--jira-token")):
        desk.env |= {f"S{number}": f"value{number}"}
        assert desk.deploy(option, f"env:S{number}").returncode == 0
    puts = [json.loads(call["stdin"]) for call in desk.asked("aws", "secretsmanager", "put-secret-value")]
    assert [set(put) - {"jira_email"} for put in puts] == [{"slack_bot_token"}, set(), {"jira_api_token"}]
    assert puts[1]["jira_email"] == "value1"


def test_the_token_that_reads_and_the_one_that_writes_lie_in_two_secrets(desk: Desk) -> None:
    desk.env = {"READS": "github_pat_reads", "WRITES": "github_pat_writes"}
    done = desk.deploy("--github-token", "env:READS", "--github-write-token=env:WRITES")
    assert done.returncode == 0, done.stderr
    assert stored(desk) == {"arn:tools": {"github_token": "github_pat_reads"}, "arn:runbooks": {"github_write_token": "github_pat_writes"}}
    assert "github_pat" not in said_anywhere(desk, done)


def test_nothing_is_stored_where_nothing_is_given(desk: Desk) -> None:
    desk.deploy()
    assert stored(desk) == {}


def test_a_trace_of_the_shell_shows_no_secret(desk: Desk) -> None:
    desk.env = {"MY_KEY": KEY, "SHELLOPTS": "xtrace"}
    done = desk.deploy("--anthropic-key", "env:MY_KEY")
    assert done.returncode == 0
    assert not [secret for secret in SECRETS if secret in done.stderr + done.stdout]


@pytest.mark.parametrize(
    "given", [("--anthropic-key", KEY), (f"--anthropic-key={KEY}",), ("--slack-webhook", HOOK), (f"--slack-webhook={HOOK}",)]
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["for real", "dry"])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(desk: Desk, given: tuple[str, ...], dry: tuple[str, ...]) -> None:
    done = desk.deploy(*given, *dry)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "not the secret itself" in done.stderr
    assert not [secret for secret in SECRETS if secret in done.stdout + done.stderr]
    assert desk.calls == []


def test_a_secret_that_lost_its_option_is_not_repeated(desk: Desk) -> None:
    done = desk.deploy(KEY)
    assert done.returncode == 2
    assert KEY not in done.stdout + done.stderr
