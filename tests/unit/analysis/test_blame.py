"""Stack frames against the lines that commits wrote: by truth table, and never a claim that one of the texts does not hold."""

import random
import re
from collections.abc import Sequence
from datetime import timedelta

import pytest

from analysis.evidence import error_lines
from analysis.evidence.ask import Found, Nothing
from analysis.evidence.github import collect
from analysis.joins import joins
from analysis.joins.blame import JOIN, join
from analysis.joins.join import Brought
from local.standins.github import GithubStandIn
from local.standins.github_repository import Commit, File, PullRequest, Repository
from local.standins.http import Server
from tests.fakes.aws_accounts import FakeAws
from tests.fakes.words import NIGHT
from tests.unit.analysis.stories import REDACT, an_ask, log_page
from watchkeeper.team import Service

MINUTE = timedelta(minutes=1)
NEW, OLD = "4f1c2a9b8d7e", "aaaa2a9b8d7e"
HEAD = "1 merged pull requests and 2 commits on main of acme/checkout since 2026-11-19T03:00:00Z:"
PULL = f"pull request #482 merged 2026-11-20T02:40:00Z by dana: Smaller pool (commit {NEW})"
COMMIT = f"commit {NEW} 2026-11-20T02:40:00Z by dana: Smaller pool (#482)"
OLDER = f"commit {OLD} 2026-11-20T01:00:00Z by sam: Waits"


def file(path: str, ranges: str, sha: str = NEW) -> str:
    return f"file {path} in {sha}: lines {ranges} changed"


def github(*files: str) -> str:
    return "\n".join([HEAD, PULL, COMMIT, *(f for f in files if NEW in f), OLDER, *(f for f in files if OLD in f)])


def logs(*frames: str) -> str:
    first = "2026-11-20T02:58:00Z /checkout/app app/1  Traceback (most recent call last):"
    return "\n".join(["1 error lines, 1 lines read since 2026-11-20T02:45:00Z:", first, *(f"      {frame}" for frame in frames)])


def python(path: str, line: int, function: str = "take") -> str:
    return f'  File "{path}", line {line}, in {function}'


def blamed(changes: str, text: str) -> list[str]:
    said = join(Brought({"github": changes, "logs": text}, NIGHT))
    return said.body.splitlines() if isinstance(said, Found) else []


STRONG = f"stack frame src/pool.py:81 in take is in a line that {NEW} changed (pull request #482)"


@pytest.mark.parametrize(
    ("files", "frames", "told"),
    [
        pytest.param([file("src/pool.py", "80-82")], [python("/app/src/pool.py", 81)], [STRONG], id="a changed line"),
        pytest.param([file("src/pool.py", "7, 81")], [python("/app/src/pool.py", 81)], [STRONG], id="a range of one line"),
        pytest.param(
            [file("src/pool.py", "80-82")],
            [python("/app/src/pool.py", 83)],
            [f"stack frame src/pool.py:83 in take: file changed by {NEW}, other lines (pull request #482)"],
            id="the line after",
        ),
        pytest.param(
            [f"file src/pool.py in {NEW}: lines removed only"],
            [python("/app/src/pool.py", 9)],
            [f"stack frame src/pool.py:9 in take: file changed by {NEW}, other lines (pull request #482)"],
            id="lines removed only",
        ),
        pytest.param([f"file src/pool.py in {NEW}: deleted"], [python("/app/src/pool.py", 9)], [], id="a file that is gone"),
        pytest.param([file("src/other.py", "1-99")], [python("/app/src/pool.py", 81)], [], id="another file"),
        pytest.param(
            [file("src/pool.py", "80-82", OLD)],
            [python("/app/src/pool.py", 81)],
            [f"stack frame src/pool.py:81 in take is in a line that {OLD} changed"],
            id="a commit without a pull request",
        ),
        pytest.param(
            [file("src/pool.py", "1-9"), file("src/pool.py", "80-82", OLD)],
            [python("/app/src/pool.py", 81)],
            [f"stack frame src/pool.py:81 in take is in a line that {OLD} changed"],
            id="the line before the file",
        ),
        pytest.param(
            [file("src/pool.py", "80-82"), file("src/pool.py", "80-82", OLD)], [python("/app/src/pool.py", 81)], [STRONG], id="the newest"
        ),
        pytest.param(
            [file("src/pool.py", "80-82")],
            [python("/app/src/pool.py", 7, "open"), python("/app/src/pool.py", 81)],
            [STRONG, f"stack frame src/pool.py:7 in open: file changed by {NEW}, other lines (pull request #482)"],
            id="strong ones first",
        ),
    ],
)
def test_a_frame_is_held_against_what_commits_wrote(files: list[str], frames: list[str], told: list[str]) -> None:
    assert blamed(github(*files), logs(*frames)) == told


@pytest.mark.parametrize(
    ("frame", "path", "same"),
    [
        pytest.param(python("/app/src/pool.py", 81), "services/checkout/src/pool.py", True, id="only a folder of the repository is in it"),
        pytest.param(python("/usr/src/app/checkout/pool.py", 81), "checkout/pool.py", True, id="another root"),
        pytest.param(python("/var/task/handler.py", 81), "handler.py", True, id="a name alone at the root"),
        pytest.param(python("src/pool.py", 81), "src/pool.py", True, id="relative"),
        pytest.param(python("/app/lib/tasks/handler.py", 81), "handler.py", False, id="a name alone elsewhere"),
        pytest.param(python("/app/pool.py", 81), "src/db/pool.py", False, id="too little to tell"),
        pytest.param(python("/app/src/db/pool.py", 81), "src/web/pool.py", False, id="the same name in another folder"),
        pytest.param(python("/app/xsrc/pool.py", 81), "src/pool.py", False, id="half a folder"),
        pytest.param(python("/usr/lib/python3/dist-packages/src/pool.py", 81), "src/pool.py", False, id="a library"),
        pytest.param("at com.acme.Pool.take(Pool.java:81)", "src/main/java/com/acme/Pool.java", True, id="java"),
        pytest.param("at com.acme.db.PoolKt.take(Pool.kt:81)", "app/src/main/kotlin/db/Pool.kt", True, id="kotlin without its root"),
        pytest.param("at com.acme.web.Pool.take(Pool.java:81)", "src/main/java/com/acme/db/Pool.java", False, id="another package"),
        pytest.param("at Pool.take (/app/src/pool.js:81:4)", "src/pool.js", True, id="node"),
        pytest.param("/src/internal/pool/pool.go:81 +0x1d", "internal/pool/pool.go", True, id="go"),
        pytest.param("github.com/acme/checkout/internal/pool.go:81 +0x1d", "internal/pool.go", True, id="go, trimmed"),
        pytest.param("from /app/lib/pool.rb:81:in `take'", "lib/pool.rb", True, id="ruby"),
        pytest.param("at Acme.Pool.Take() in C:\\build\\src\\Pool.cs:line 81", "src/Pool.cs", True, id=".net"),
    ],
)
def test_which_file_of_the_repository_a_frame_is_in(frame: str, path: str, same: bool) -> None:
    told = blamed(github(file(path, "81")), logs(frame))
    assert [line.split(" in ")[0] for line in told] == ([f"stack frame {path}:81"] if same else [])


def test_where_two_files_could_be_meant_nothing_is_said() -> None:
    both = github(file("a/src/pool.py", "81"), file("b/src/pool.py", "1-9", OLD))
    assert blamed(both, logs(python("/app/src/pool.py", 81))) == []


def test_a_frame_is_told_once_and_there_are_not_too_many() -> None:
    assert blamed(github(file("src/pool.py", "80-82")), logs(*[python("/app/src/pool.py", 81)] * 9)) == [STRONG]
    many = logs(*(python("/app/src/pool.py", line) for line in range(500)))
    assert len(blamed(github(file("src/pool.py", "1-600")), many)) == 20


def test_logs_without_a_frame_say_so() -> None:
    said = join(Brought({"github": github(file("src/pool.py", "81")), "logs": "ERROR it broke"}, NIGHT))
    assert isinstance(said, Nothing)
    assert "no stack frame" in said.summary


@pytest.mark.parametrize(
    "forged",
    [
        f"      pull request #666 merged 2026-11-20T02:40:00Z by x: y (commit {NEW})",
        f"      file src/pool.py in {NEW}: lines 1-999 changed",
        "file src/pool.py in bbbbbbbbbbbb: lines 1-999 changed",
        f"commit {OLD} 2026-11-20T02:00:00Z by x: file src/pool.py in {OLD}: lines 1-999 changed",
    ],
    ids=["a pull request on a foreign line", "a file on a foreign line", "a file of no commit", "a file in a subject"],
)
def test_what_github_did_not_say_is_not_blamed(forged: str) -> None:
    assert blamed(f"{github(file('src/other.py', '1'))}\n{forged}", logs(python("/app/src/pool.py", 81))) == []


def test_a_title_cannot_name_another_commit() -> None:
    title = f"pull request #9 merged 2026-11-20T02:40:00Z by dana: x (commit {OLD}) (commit {NEW})"
    text = "\n".join([title, COMMIT, file("src/pool.py", "81")])
    assert blamed(text, logs(python("/app/src/pool.py", 81))) == [STRONG.replace("#482", "#9")]


PIECES = [
    "src/pool.py", "/app/", NEW, OLD, ":", " ", "\n", "      ", "81", "80-82", 'File "', '", line ', ", in take", "at a.B.c(", ")", "{",
    "\\n", "file ", " in ", ": lines ", " changed", "commit ", "pull request #", "482", "\x00", "é", "…",
]  # fmt: skip


def _words(random_: random.Random, of: Sequence[str]) -> str:
    return "".join(random_.choice(of) for _ in range(random_.randrange(60)))


def test_strange_text_never_fails_and_what_is_claimed_is_in_both() -> None:
    claimed = re.compile(r"^stack frame (\S+):(\d+) in .+ is in a line that ([0-9a-f]{12}) changed")
    dice, strong = random.Random(7), 0  # noqa: S311 - a test
    for _ in range(3_000):
        ranges = f"{dice.randrange(1, 90)}-{dice.randrange(90, 99)}"
        changes = "\n".join([github(file("src/pool.py", ranges), file("src/web.py", "5", OLD)), _words(dice, PIECES)])
        text = logs(_words(dice, PIECES), python("/app/src/pool.py", dice.randrange(100)), _words(dice, PIECES))
        for line in blamed(changes, text):
            if match := claimed.match(line):
                strong += 1
                assert match[2] in text
                assert f"file {match[1]} in {match[3]}: lines " in changes
    assert strong > 500


def test_it_is_found_among_the_joins() -> None:
    assert JOIN in joins()
    assert (JOIN.name, JOIN.order, JOIN.needs) == ("blame", 110, ("logs", "github"))


def test_from_the_log_and_the_repository_to_the_line() -> None:
    """What the collectors really write, redacted as it is stored, is what the join reads."""
    sha = NEW + "0" * 28
    patch = "@@ -80,2 +80,2 @@\n     def take(self):\n-        return self.wait()\n+        return self.free.pop()"
    merged = PullRequest(482, "Smaller pool", "dana", NIGHT, merged_at=NIGHT - MINUTE, merge_commit=sha)
    commit = Commit(sha, "Smaller pool (#482)", "dana", NIGHT - MINUTE, (File("src/checkout/pool.py", patch),))
    trace = [
        "ERROR order refused",
        python("/app/src/checkout/pool.py", 81),
        "    return self.free.pop()",
        "IndexError: pop from empty list",
    ]
    service = Service(name="checkout", log_groups=("/checkout/app",), repository="acme/checkout")
    with Server({"github": GithubStandIn(Repository("acme/checkout", [commit], [merged]))}) as server:
        aws = FakeAws({"filter_log_events": log_page(*trace)})
        asked = an_ask(aws, service=service, tokens=lambda: {"github_token": "local"}, github_api_url=f"{server.url}/github")
        said = {"logs": error_lines.collect(asked), "github": collect(asked)}
    texts = {name: REDACT(one.body) for name, one in said.items() if isinstance(one, Found)}
    blame = join(Brought(texts, NIGHT))
    assert isinstance(blame, Found)
    assert blame.body == f"stack frame src/checkout/pool.py:81 in take is in a line that {NEW} changed (pull request #482)"
