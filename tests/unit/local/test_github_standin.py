"""The GitHub stand-in refuses what GitHub would refuse, pages what is long, and remembers what was changed."""

import json
from datetime import timedelta
from typing import Any

import pytest
from requests import get

from local.standins.github import Changed, GithubStandIn
from local.standins.github_repository import Commit, File, PullRequest, Repository
from local.standins.http import Reply, Request, Server
from tests.fakes.words import NIGHT

MINUTE = timedelta(minutes=1)
SHA = "4f1c2a9b8d7e" + "0" * 28
PATCH = "@@ -1 +1,2 @@\n-size = 10\n+size = 5\n+wait = 30"
HEADERS = {
    "authorization": "Bearer t",
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "watchkeeper",
    "host": "127.0.0.1:4567",
}
REVERT = """
mutation($input: RevertPullRequestInput!) {
  revertPullRequest(input: $input) { revertPullRequest { number url isDraft headRefName } }
}
"""


def a_repository(commits: int = 1) -> Repository:
    older = [Commit(f"{n:040x}", f"Older {n}", "sam", NIGHT - n * MINUTE) for n in range(1, commits)]
    newest = Commit(SHA, "Smaller pool (#482)\n\nIt was too large.", "dana", NIGHT, (File("src/pool.py", PATCH),), ("a" * 40,))
    merged = PullRequest(482, "Smaller pool", "dana", NIGHT - MINUTE, "smaller-pool", merged_at=NIGHT, merge_commit=SHA)
    return Repository("acme/checkout", [*older, newest], [merged, PullRequest(481, "Not yet", "sam", NIGHT - 5 * MINUTE, "later")])


@pytest.fixture
def github() -> GithubStandIn:
    return GithubStandIn(a_repository(), token="t")


def ask(github: GithubStandIn, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    path, _, query = path.partition("?")
    pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    given = {name: value for name, value in {**HEADERS, **{k.replace("_", "-"): v for k, v in headers.items()}}.items() if value}
    return github(Request(method, path, pairs, given, b"" if body is None else json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/repos/acme/checkout", {}, 200, id="all is well"),
        pytest.param("/repos/acme/checkout", {"authorization": ""}, 401, id="no token"),
        pytest.param("/repos/acme/checkout", {"authorization": "Bearer other"}, 401, id="another token"),
        pytest.param("/repos/acme/checkout", {"authorization": "token t"}, 401, id="not a bearer"),
        pytest.param("/repos/acme/checkout", {"user_agent": ""}, 403, id="no user agent"),
        pytest.param("/repos/acme/checkout", {"accept": "text/html"}, 415, id="another media type"),
        pytest.param("/repos/acme/checkout", {"x_github_api_version": "2019-01-01"}, 400, id="an unknown version"),
        pytest.param("/repos/acme/checkout", {"x_github_api_version": ""}, 400, id="no version"),
        pytest.param("/repos/acme/other", {}, 404, id="an unknown repository"),
        pytest.param("/repos/acme/checkout/pulls/7", {}, 404, id="an unknown pull request"),
        pytest.param("/repos/acme/checkout/commits/ffff", {}, 422, id="an unknown commit"),
        pytest.param("/repos/acme/checkout/commits?sha=other", {}, 404, id="an unknown branch"),
        pytest.param("/repos/acme/checkout/pulls?state=merged", {}, 422, id="an unknown state"),
        pytest.param("/user", {}, 404, id="nothing that it knows"),
    ],
)
def test_it_refuses_what_github_refuses(github: GithubStandIn, path: str, headers: dict[str, str], status: int) -> None:
    reply = ask(github, "GET", path, **headers)
    assert reply.status == status
    if status != 200:
        assert reply.body["message"]


def test_a_repository_its_commits_and_their_patches(github: GithubStandIn) -> None:
    assert ask(github, "GET", "/repos/acme/checkout").body["default_branch"] == "main"
    (listed,) = ask(github, "GET", "/repos/acme/checkout/commits?sha=main").body
    assert (listed["sha"], listed["author"]["login"], listed["commit"]["committer"]["date"]) == (SHA, "dana", "2026-11-20T03:00:00Z")
    assert "files" not in listed
    one = ask(github, "GET", f"/repos/acme/checkout/commits/{SHA}").body
    (file,) = one["files"]
    assert file["patch"] == PATCH
    assert (file["filename"], file["status"], file["additions"], file["deletions"], file["changes"]) == ("src/pool.py", "modified", 2, 1, 3)
    assert [pull["number"] for pull in ask(github, "GET", f"/repos/acme/checkout/commits/{SHA}/pulls").body] == [482]


def test_commits_are_cut_by_time_and_paged() -> None:
    github = GithubStandIn(a_repository(commits=250), token="t", at="/gh")
    reply = ask(github, "GET", "/repos/acme/checkout/commits?per_page=500")
    assert len(reply.body) == 100
    assert reply.headers["link"] == (
        '<http://127.0.0.1:4567/gh/repos/acme/checkout/commits?per_page=500&page=2>; rel="next", '
        '<http://127.0.0.1:4567/gh/repos/acme/checkout/commits?per_page=500&page=3>; rel="last"'
    )
    last = ask(github, "GET", "/repos/acme/checkout/commits?per_page=100&page=3")
    assert (len(last.body), 'rel="next"' in last.headers["link"], 'rel="prev"' in last.headers["link"]) == (50, False, True)
    assert len(ask(github, "GET", "/repos/acme/checkout/commits").body) == 30
    cut = ask(github, "GET", "/repos/acme/checkout/commits?since=2026-11-20T02:58:00Z&until=2026-11-20T02:59:00Z")
    assert [one["commit"]["message"] for one in cut.body] == ["Older 1", "Older 2"]
    assert cut.headers == {}


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [481]),
        ("?state=closed", [482]),
        ("?state=all&sort=updated&direction=desc", [482, 481]),
        ("?state=all&sort=updated", [481, 482]),
        ("?state=all&head=acme:smaller-pool", [482]),
        ("?state=all&head=acme:none", []),
        ("?state=all&head=no-colon", [482, 481]),
        ("?state=all&base=other", []),
    ],
)
def test_pull_requests_are_listed_as_github_lists_them(github: GithubStandIn, query: str, numbers: list[int]) -> None:
    assert [pull["number"] for pull in ask(github, "GET", f"/repos/acme/checkout/pulls{query}").body] == numbers


def test_a_pull_request_by_itself(github: GithubStandIn) -> None:
    pull = ask(github, "GET", "/repos/acme/checkout/pulls/482").body
    assert (pull["merged"], pull["merge_commit_sha"], pull["head"]["ref"], pull["base"]["ref"]) == (True, SHA, "smaller-pool", "main")
    assert pull["node_id"].startswith("PR_")


def revert(github: GithubStandIn, query: str = REVERT, **given: Any) -> Any:
    node = ask(github, "GET", "/repos/acme/checkout/pulls/482").body["node_id"]
    return ask(github, "POST", "/graphql", {"query": query, "variables": {"input": {"pullRequestId": node, **given}}}).body


def test_a_revert_is_a_new_pull_request_and_is_remembered(github: GithubStandIn) -> None:
    made = revert(github, title="Revert: smaller pool", body="INC-1", draft=True)["data"]["revertPullRequest"]["revertPullRequest"]
    url = "https://github.com/acme/checkout/pull/483"
    assert made == {"number": 483, "url": url, "isDraft": True, "headRefName": "revert-482-smaller-pool"}
    (found,) = ask(github, "GET", "/repos/acme/checkout/pulls?head=acme:revert-482-smaller-pool&state=all").body
    assert (found["title"], found["body"], found["draft"], found["state"]) == ("Revert: smaller pool", "INC-1", True, "open")
    assert github.changed == [Changed("draft pull request acme/checkout#483 opened: Revert: smaller pool (reverts #482)", url)]
    again = revert(github)["data"]["revertPullRequest"]["revertPullRequest"]
    assert (again["number"], again["headRefName"]) == (484, "revert-482-smaller-pool-1")


@pytest.mark.parametrize(
    ("query", "given", "message"),
    [
        pytest.param("{ viewer { login } }", {}, "must be one mutation", id="no mutation"),
        pytest.param(REVERT.replace("revertPullRequest(", "mergePullRequest("), {}, "doesn't exist on type 'Mutation'", id="another one"),
        pytest.param(REVERT.replace("RevertPullRequestInput", "String"), {}, "isn't a defined input type", id="another type"),
        pytest.param(REVERT.replace("input: $input", "input: $other"), {}, "used but not declared", id="another variable"),
        pytest.param(REVERT, {"reason": "x"}, "Field is not defined on RevertPullRequestInput", id="an unknown input"),
        pytest.param(REVERT.replace("isDraft", "draft"), {}, "Field 'draft' doesn't exist on type 'PullRequest'", id="an unknown field"),
        pytest.param(REVERT, {"pullRequestId": "PR_x"}, "Could not resolve to a node with the global id of 'PR_x'", id="an unknown node"),
    ],
)
def test_graphql_says_what_is_wrong_and_does_nothing(github: GithubStandIn, query: str, given: dict[str, str], message: str) -> None:
    assert message in revert(github, query, **given)["errors"][0]["message"]
    assert github.changed == []


def test_what_is_not_merged_is_not_reverted_and_a_reader_writes_nothing(github: GithubStandIn) -> None:
    node = ask(github, "GET", "/repos/acme/checkout/pulls/481").body["node_id"]
    assert revert(github, pullRequestId=node)["errors"][0]["message"] == "Pull request is not merged"
    github.may_write = False
    assert revert(github)["errors"][0]["type"] == "FORBIDDEN"
    assert ask(github, "PATCH", "/repos/acme/checkout/pulls/481", {"state": "closed"}).status == 403
    assert github.changed == []


def test_what_was_opened_can_be_closed(github: GithubStandIn) -> None:
    revert(github)
    assert ask(github, "PATCH", "/repos/acme/checkout/pulls/483", {"state": "closed"}).body["state"] == "closed"
    assert github.changed[-1].what == "acme/checkout#483 is closed"
    assert ask(github, "PATCH", "/repos/acme/checkout/pulls/482", {"state": "open"}).status == 422, "a merged one stays as it is"
    assert ask(github, "PATCH", "/repos/acme/checkout/pulls/483", {"title": "x"}).status == 422


def test_mishaps_are_githubs_own(github: GithubStandIn) -> None:
    github.throttled = github.slowed = github.down = 1
    replies = [ask(github, "GET", "/repos/acme/checkout") for _ in range(4)]
    assert [reply.status for reply in replies] == [403, 429, 503, 200]
    assert replies[0].headers["x-ratelimit-remaining"] == "0"
    assert replies[1].headers["retry-after"] == "60"
    github.deaf = 1
    assert ask(github, "POST", "/graphql", None).status == 502
    assert ask(github, "POST", "/graphql", [1]).status == 400


def test_it_is_served_like_the_others() -> None:
    with Server({"github": GithubStandIn(a_repository(commits=40), token="t")}) as server:
        headers = {name: value for name, value in HEADERS.items() if name != "host"}
        first = get(f"{server.url}/github/repos/acme/checkout/commits", headers=headers, timeout=5)
        assert len(first.json()) == 30
        assert len(get(first.links["next"]["url"], headers=headers, timeout=5).json()) == 10
