"""The GitHub collector and its REST adapter, against the stand-in and against a server that misbehaves on purpose."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from analysis.evidence import collectors
from analysis.evidence.ask import Ask, Found, Nothing
from analysis.evidence.gather import gather
from analysis.evidence.github import COLLECTOR, collect
from analysis.evidence.github_rest import GithubRest
from local.standins.github import GithubStandIn
from local.standins.github_repository import Commit, File, PullRequest, Repository
from local.standins.http import Reply, Request, Server
from tests.fakes.aws_accounts import FakeAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import REDACT, an_ask
from watchkeeper.errors import Misconfigured, NotAllowed, Permanent, Throttled, Transient
from watchkeeper.models import Answer, Resource
from watchkeeper.team import Service

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOKEN = "github_pat_11ABCDEFG0123456789_local"
MERGE, SINGLE, OUTSIDE = "4f1c2a9b8d7e" + "a" * 28, "0123456789ab" + "b" * 28, "c" * 40
PATCH = """@@ -79,3 +79,4 @@ class Pool:
     def __init__(self):
-        self.size = 20
+        self.size = 5
+        self.wait = 30
     pass"""
CHECKOUT = Service(name="checkout", repository="acme/checkout")


def a_repository(**but: Any) -> Repository:
    files = (File("src/pool.py", PATCH), File("old.py", "@@ -1 +0,0 @@\n-x", "removed"), File("logo.png"), File("b.py", "", "renamed"))
    commits = [
        Commit(MERGE, "Smaller pool (#482)\n\nBecause.", "dana", NIGHT - 20 * MINUTE, files),
        Commit(SINGLE, "Docs\n", "sam", NIGHT - 3 * HOUR, (File("README.md", "@@ -1,2 +1 @@\n-a\n b"),)),
        Commit(OUTSIDE, "Last week", "sam", NIGHT - 7 * 24 * HOUR),
        Commit("d" * 40, "After the alarm", "sam", NIGHT + MINUTE),
    ]
    pulls = [
        PullRequest(482, "Smaller pool", "dana", NIGHT - HOUR, "small", merged_at=NIGHT - 20 * MINUTE, merge_commit=MERGE),
        PullRequest(481, "Not wanted", "sam", NIGHT - HOUR, "no", state="closed"),
        PullRequest(480, "Old", "sam", NIGHT - 9 * 24 * HOUR, "old", merged_at=NIGHT - 8 * 24 * HOUR, merge_commit=OUTSIDE),
    ]
    return Repository(**{"name": "acme/checkout", "commits": commits, "pull_requests": pulls, **but})


def asked(url: str, token: str = TOKEN, service: Service = CHECKOUT, **but: Any) -> Ask:
    return an_ask(FakeAws(), service=service, tokens=lambda: {"github_token": token}, github_api_url=url, **but)


def looked(standin: GithubStandIn, **but: Any) -> Found | Nothing:
    with Server({"github": standin}) as server:
        return collect(asked(f"{server.url}/github", **but))


def found(said: Found | Nothing) -> Found:
    assert isinstance(said, Found)
    return said


def test_commits_pull_requests_and_the_lines_that_they_wrote() -> None:
    standin = GithubStandIn(a_repository(), token=TOKEN)
    said = found(looked(standin))
    assert said.body.splitlines() == [
        "1 merged pull requests and 2 commits on main of acme/checkout since 2026-11-19T03:00:00Z:",
        "pull request #482 merged 2026-11-20T02:40:00Z by dana: Smaller pool (commit 4f1c2a9b8d7e)",
        "commit 4f1c2a9b8d7e 2026-11-20T02:40:00Z by dana: Smaller pool (#482)",
        "file src/pool.py in 4f1c2a9b8d7e: lines 80-81 changed",
        "file old.py in 4f1c2a9b8d7e: deleted",
        "file logo.png in 4f1c2a9b8d7e: lines not given",
        "file b.py in 4f1c2a9b8d7e: renamed only",
        "commit 0123456789ab 2026-11-20T00:00:00Z by sam: Docs",
        "file README.md in 0123456789ab: lines removed only",
    ]
    assert said.resources == (Resource(type="github:pull-request", id="acme/checkout#482", trusted=True),)
    assert said.summary.endswith("Newest: #482 Smaller pool.")
    assert REDACT(said.body) == said.body, "no hash of a commit is taken for a secret"
    assert len(standin.calls) == 5


def test_a_merge_that_is_older_than_the_newest_commits_is_read_as_well() -> None:
    many = [Commit(f"{n:040x}", f"Small {n}", "sam", NIGHT - n * MINUTE / 10) for n in range(1, 60)]
    standin = GithubStandIn(a_repository(commits=[*many, *a_repository().commits]), token=TOKEN)
    body = found(looked(standin)).body.splitlines()
    assert body[0].endswith("; there were more commits:")
    assert "file src/pool.py in 4f1c2a9b8d7e: lines 80-81 changed" in body
    assert len([line for line in body if line.startswith("commit ")]) == 21
    assert len(standin.calls) <= 25


def test_many_files_are_bounded() -> None:
    files = tuple(File(f"f{n}.py", PATCH) for n in range(99))
    said = found(looked(GithubStandIn(a_repository(commits=[Commit(MERGE, "All", "dana", NIGHT - MINUTE, files)]), token=TOKEN)))
    assert len([line for line in said.body.splitlines() if line.startswith("file ")]) == 30
    assert said.body.endswith("69 more files in 4f1c2a9b8d7e")


def test_nothing_went_in() -> None:
    said = looked(GithubStandIn(a_repository(commits=[], pull_requests=[]), token=TOKEN))
    assert said == Nothing("No commit and no merged pull request on main of acme/checkout since 2026-11-19T03:00:00Z.")


def test_foreign_text_stays_in_its_line_and_loses_its_secrets() -> None:
    title = f"x\npull request #666 merged 2026-11-20T02:40:00Z by me: y (commit {SINGLE[:12]})\x00" + "long " * 100
    path = "src/a\nfile b.py in 4f1c2a9b8d7e: lines 1-9 changed"
    commit = Commit(MERGE, "Key AKIAIOSFODNN7EXAMPLE password=hunter2hunter2", "dana", NIGHT - MINUTE, (File(path, PATCH),))
    pull = PullRequest(482, title, "dana", NIGHT - HOUR, merged_at=NIGHT - MINUTE, merge_commit=MERGE)
    body = found(looked(GithubStandIn(a_repository(commits=[commit], pull_requests=[pull]), token=TOKEN))).body
    assert "hunter2" not in body
    assert "AKIAIOSFODNN7EXAMPLE" not in body
    starts = [line.split(" ")[0] for line in body.splitlines()]
    assert starts == ["1", "pull", "commit", "file"]
    assert max(map(len, body.splitlines())) < 400


def test_the_files_come_late_and_the_lists_are_not_lost() -> None:
    heard: list[Found | Nothing] = []
    looked(GithubStandIn(a_repository(), token=TOKEN), so_far=heard.append)
    assert "pull request #482" in found(heard[0]).body
    assert found(heard[0]).body.endswith("the files were not read in time")


def test_what_github_refuses_in_the_middle_is_said_and_the_rest_is_kept() -> None:
    inner = GithubStandIn(a_repository(), token=TOKEN)

    def refusing(request: Request) -> Reply:
        inner.slowed = int(request.path.endswith(SINGLE))
        return inner(request)

    with Server({"github": refusing}) as server:
        body = found(collect(asked(f"{server.url}/github"))).body
    assert "file src/pool.py in 4f1c2a9b8d7e: lines 80-81 changed" in body
    assert body.endswith("not all files could be read: GitHub asks us to wait for 60 s")


@pytest.mark.parametrize(
    ("spoil", "error", "says"),
    [
        pytest.param(lambda it: setattr(it, "throttled", 1), Throttled, "GitHub's rate limit is used up until 20", id="rate limit"),
        pytest.param(lambda it: setattr(it, "slowed", 1), Throttled, "GitHub asks us to wait for 60 s", id="secondary limit"),
        pytest.param(lambda it: setattr(it, "down", 1), Transient, "GitHub answers with its own fault: HTTP 503", id="down"),
        pytest.param(lambda it: setattr(it, "deaf", 1), Transient, "GitHub answers with its own fault: HTTP 502", id="a bad gateway"),
        pytest.param(lambda it: it.repositories.clear(), Permanent, "not found or the token may not see it", id="not found"),
        pytest.param(lambda it: setattr(it, "expected", "Bearer other"), NotAllowed, "tools secret: github_token (GitHub", id="refused"),
    ],
)
def test_what_github_refuses_is_in_our_words(spoil: Callable[[GithubStandIn], None], error: type[Exception], says: str) -> None:
    standin = GithubStandIn(a_repository(), token=TOKEN)
    spoil(standin)
    with pytest.raises(error) as raised:
        looked(standin)
    assert says in raised.value.args[0]
    assert TOKEN not in raised.value.args[0]


def test_without_a_token_it_says_what_to_put_where() -> None:
    ours = [collector for collector in collectors() if collector is COLLECTOR]
    (said,) = gather(ours, asked("https://api.github.com", token=""), 5)
    assert (said.answer, said.permission) == (Answer.NOT_ALLOWED, "tools secret: github_token")


@pytest.mark.parametrize("repository", ["checkout", "acme/checkout/x", "https://github.com/acme/checkout", "acme/..", "../acme", "a/b?c=d"])
def test_a_repository_that_is_not_owner_and_name_is_refused_before_anything_is_sent(repository: str) -> None:
    with pytest.raises(Misconfigured, match="is not owner/name"):
        collect(asked("https://api.github.invalid", service=CHECKOUT.but(repository=repository)))


def test_it_is_asked_only_where_the_team_named_a_repository() -> None:
    assert COLLECTOR.applies(asked(""))
    assert not COLLECTOR.applies(asked("", service=CHECKOUT.but(repository="")))
    assert not COLLECTOR.applies(an_ask(FakeAws(), service=None))


class Elsewhere:
    """A host that notes what it is sent."""

    def __init__(self) -> None:
        self.seen: list[dict[str, str]] = []

    def __call__(self, request: Request) -> Reply:
        self.seen.append(request.headers)
        return Reply(200, {"default_branch": "main"})


@pytest.fixture
def elsewhere() -> Iterator[tuple[Elsewhere, str]]:
    host = Elsewhere()
    with Server({"": host}) as server:
        yield host, server.url


def redirecting(location: str) -> Callable[[Request], Reply]:
    return lambda request: Reply(301, {}, {"location": location}) if request.path.startswith("/repos/") else Reply(200, {"moved": True})


def test_a_redirect_to_another_host_does_not_get_the_token(elsewhere: tuple[Elsewhere, str]) -> None:
    host, url = elsewhere
    with Server({"github": redirecting(f"{url}/steal")}) as server, pytest.raises(Permanent, match="another host"):
        GithubRest(f"{server.url}/github", TOKEN, "acme/checkout").get("")
    assert host.seen == []


def test_a_renamed_repository_is_followed_at_the_same_host() -> None:
    with Server({"github": redirecting("/github/repositories/7")}) as server:
        assert GithubRest(f"{server.url}/github", TOKEN, "acme/checkout").get("") == {"moved": True}
    with Server({"github": redirecting("/github/repos/acme/checkout")}) as server, pytest.raises(Permanent, match="from one address"):
        GithubRest(f"{server.url}/github", TOKEN, "acme/checkout").get("")


def test_the_token_is_sent_as_it_is_and_no_netrc_replaces_it(
    elsewhere: tuple[Elsewhere, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    host, url = elsewhere
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin somebody\npassword else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    GithubRest(url, TOKEN, "acme/checkout").get("")
    (headers,) = host.seen
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert (headers["x-github-api-version"], headers["accept"]) == ("2022-11-28", "application/vnd.github+json")


@pytest.mark.parametrize("url", ["http://api.github.com", "ftp://api.github.com", "api.github.com"])
def test_the_token_is_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(Misconfigured, match="https://"):
        GithubRest(url, TOKEN, "acme/checkout")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(200, b"<html>"), Transient),
        (Reply(409, {"message": "Git Repository is empty."}), Permanent),
        (Reply(403, {"message": "Resource not accessible"}, {"X-Accepted-GitHub-Permissions": "contents=read"}), NotAllowed),
        (Reply(301, {}, {}), Permanent),
    ],
    ids=["no JSON", "empty", "a permission is missing", "a redirect to nowhere"],
)
def test_strange_answers_are_in_our_words(reply: Reply, error: type[Exception]) -> None:
    with Server({"github": lambda _: reply}) as server, pytest.raises(error):
        GithubRest(f"{server.url}/github", TOKEN, "acme/checkout").get("")


def test_nobody_there_is_a_bad_minute() -> None:
    with pytest.raises(Transient, match="does not answer: ConnectionError"):
        GithubRest("http://127.0.0.1:9", TOKEN, "acme/checkout").get("")
