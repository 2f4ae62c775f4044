"""runbooks/github-revert.yaml, run as it stands: its script against the GitHub stand-in, with the runbook's secret behind it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from local.aws import Account
from local.ssm import documents
from local.ssm.execution import Execution, Surroundings, run
from local.ssm.faults import InvalidAutomationExecutionParametersException
from local.ssm.journal import Journal
from local.ssm.mishaps import Mishaps
from local.standins.github import GithubStandIn
from local.standins.github_repository import PullRequest, Repository
from local.standins.http import Reply, Request, Server
from tests.fakes.template import ROOT
from tests.unit.local.pretended import QUICK

AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:RunbookSecret-a1b2c3"
ROLE = "arn:aws:iam::123456789012:role/watchkeeper-runbook-github-revert"


@dataclass
class Desk:
    """GitHub, Secrets Manager and the runbook. `tokens` is what the secret holds; `loses_answers` those to mutations."""

    github: GithubStandIn
    tokens: dict[str, str]
    url: str = ""
    loses_answers: bool = False

    def github_door(self, request: Request) -> Reply:
        self.github.deaf = 1 if self.loses_answers and request.path == "/graphql" else 0
        return self.github(request)

    def secrets(self, request: Request) -> Reply:
        assert (request.headers["x-amz-target"], request.json()) == ("secretsmanager.GetSecretValue", {"SecretId": SECRET})
        return Reply(200, {"ARN": SECRET, "Name": "RunbookSecret", "SecretString": json.dumps(self.tokens)})

    def run(self, **but: str) -> Execution:
        """One execution of the runbook, to its end."""
        document = documents.read("watchkeeper-github-revert", (ROOT / "runbooks" / "github-revert.yaml").read_text())
        given = {"Repository": "acme/orders", "Number": "482", "GithubApiUrl": f"{self.url}/github", "SecretId": SECRET, **but}
        parameters = {name: [value] for name, value in {**given, "AutomationAssumeRole": ROLE}.items()}
        execution = Execution("exec-1", document, parameters, {}, Account(f"{self.url}/aws"), "somebody")
        run(execution, Surroundings(Journal(), Mishaps(), {}, QUICK, lambda *_: None))
        return execution

    @property
    def reverts(self) -> list[PullRequest]:
        return [pull for pull in self.github.repositories["acme/orders"].pull_requests if pull.author == "watchkeeper[bot]"]


def merged(**but: Any) -> PullRequest:
    given = {"branch": "pool-of-its-own", "merged_at": AT, "merge_commit": "9c41" + "0" * 36}
    return PullRequest(482, "Give every worker its own connection pool", "mira", AT, **{**given, **but})


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk(GithubStandIn(Repository("acme/orders", pull_requests=[merged()]), token="reads", write_token="writes"),
                {"github_write_token": "writes"})  # fmt: skip
    with Server({"github": made.github_door, "aws": made.secrets}) as server:
        made.url = server.url
        yield made


def test_it_opens_one_pull_request_and_tells_its_address(desk: Desk) -> None:
    execution = desk.run()
    assert execution.status == "Success", execution.failure
    [revert] = desk.reverts
    assert execution.outputs == {
        "openRevert.Url": [f"https://github.com/acme/orders/pull/{revert.number}"],
        "openRevert.Number": [str(revert.number)],
        "openRevert.Opened": ["now"],
    }
    assert (revert.merged, revert.state, revert.draft) == (False, "open", False)
    assert revert.body.startswith("Reverts acme/orders#482\n")
    assert "exec-1" in revert.body


def test_run_again_it_opens_no_second_one_and_tells_the_first(desk: Desk) -> None:
    first, second = desk.run(), desk.run()
    assert len(desk.reverts) == 1
    assert second.outputs == {**first.outputs, "openRevert.Opened": ["already"]}


def test_an_answer_that_was_lost_is_looked_for_by_the_next(desk: Desk) -> None:
    """GitHub did it and said nothing of it: the step failed, and whoever starts it again finds what is there."""
    desk.loses_answers = True
    lost = desk.run()
    assert (lost.status, len(desk.reverts)) == ("Failed", 1)
    desk.loses_answers = False
    assert desk.run().outputs["openRevert.Opened"] == ["already"]
    assert len(desk.reverts) == 1


def test_one_that_was_closed_unmerged_is_no_revert_and_a_new_one_is_found_again(desk: Desk) -> None:
    desk.run()
    desk.reverts[0].state = "closed"
    assert desk.run().outputs["openRevert.Opened"] == ["now"]
    assert [pull.branch for pull in desk.reverts] == ["revert-482-pool-of-its-own", "revert-482-pool-of-its-own-1"]
    assert desk.run().outputs["openRevert.Opened"] == ["already"]


def test_what_only_says_that_it_is_a_revert_does_not_stand_in_its_way(desk: Desk) -> None:
    fake = PullRequest(490, 'Revert "Give every worker its own connection pool"', "mallory", AT, "mine", body="Reverts acme/orders#482")
    other = PullRequest(491, "Revert", "mallory", AT, "revert-482-pool-of-its-own-and-more")
    desk.github.repositories["acme/orders"].pull_requests += [fake, other]
    assert desk.run().outputs["openRevert.Opened"] == ["now"]


def test_it_finds_one_among_more_than_a_page(desk: Desk) -> None:
    desk.run()
    pulls = desk.github.repositories["acme/orders"].pull_requests
    pulls += [PullRequest(1000 + n, "Newer", "jonas", AT.replace(year=2027), f"branch-{n}") for n in range(150)]
    assert desk.run().outputs["openRevert.Opened"] == ["already"]


@pytest.mark.parametrize(
    ("pull", "tokens", "why"),
    [
        pytest.param(merged(merged_at=None), {"github_write_token": "writes"}, "acme/orders#482 is not merged", id="not merged"),
        pytest.param(merged(), {}, "holds no github_write_token", id="no token"),
        pytest.param(merged(), {"github_write_token": "reads"}, "GitHub refuses the mutation: Resource not accessible", id="may not write"),
        pytest.param(merged(), {"github_write_token": "old-one"}, "with HTTP 401", id="revoked"),
    ],
)
def test_it_fails_and_says_why_without_the_token(desk: Desk, pull: PullRequest, tokens: dict[str, str], why: str) -> None:
    desk.github.repositories["acme/orders"].pull_requests[:] = [pull]
    desk.tokens = tokens
    execution = desk.run()
    assert (execution.status, why in execution.failure) == ("Failed", True), execution.failure
    assert not [token for token in tokens.values() if token in execution.failure]
    assert desk.reverts == []


def test_it_merges_nothing_and_asks_nothing_else_of_github(desk: Desk) -> None:
    desk.run()
    assert {call for call in desk.github.calls if not call.startswith("GET ")} == {"POST /graphql"}
    assert "merge" not in str(desk.github.changed[0].what).lower().replace("merges nothing", "")


@pytest.mark.parametrize(
    "url", ["http://api.github.com", "https://api.github.com/", "https://x y", "http://127.0.0.1.evil.example:80", "file:///etc/passwd"]
)
def test_the_token_goes_nowhere_in_the_clear(desk: Desk, url: str) -> None:
    with pytest.raises(InvalidAutomationExecutionParametersException):
        desk.run(GithubApiUrl=url)
