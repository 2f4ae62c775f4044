"""A repository of the GitHub stand-in, described in data, and how GitHub's REST API would show its parts.

    Repository(
        "acme/checkout",
        commits=[Commit("4f1c" + "0" * 36, "Pool: 5 connections", "dana", NOON, files=(File("src/pool.py", PATCH),))],
        pull_requests=[PullRequest(482, "Smaller pool", "dana", created_at=NOON, merged_at=NOON, merge_commit="4f1c" + "0" * 36)],
    )

A patch is what `git diff` prints of one file from its first `@@` on, as GitHub gives it. `commits` are those of the default
branch, in any order. A `sha` is forty hex digits.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class File:
    """What a commit did to a file. GitHub leaves the patch out where it is too large or binary: then it is empty here."""

    path: str
    patch: str = ""
    status: str = "modified"

    def shown(self) -> Body:
        lines = self.patch.splitlines()
        added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
        patch = {"patch": self.patch} if self.patch else {}
        return {"filename": self.path, "status": self.status, "additions": added, "deletions": removed, "changes": added + removed, **patch}


@dataclass(frozen=True)
class Commit:
    """`author` is the GitHub login; `parents` are the commits before it: two for a merge."""

    sha: str
    message: str
    author: str
    at: datetime
    files: tuple[File, ...] = ()
    parents: tuple[str, ...] = ()


@dataclass
class PullRequest:
    """One into the default branch. `merged_at` and `merge_commit` are those of a merged one; else it is open or closed."""

    number: int
    title: str
    author: str
    created_at: datetime
    branch: str = "change"
    body: str = ""
    merged_at: datetime | None = None
    merge_commit: str = ""
    state: str = ""
    draft: bool = False
    base: str = "main"
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.state = self.state or ("closed" if self.merged_at else "open")

    @property
    def merged(self) -> bool:
        return self.merged_at is not None

    @property
    def updated_at(self) -> datetime:
        return self.merged_at or self.created_at

    def node_id(self, repository: str) -> str:
        return "PR_" + base64.urlsafe_b64encode(f"{repository}#{self.number}".encode()).decode().rstrip("=")


@dataclass
class Repository:
    """`name` is owner/name."""

    name: str
    commits: list[Commit] = field(default_factory=list)
    pull_requests: list[PullRequest] = field(default_factory=list)
    default_branch: str = "main"

    @property
    def url(self) -> str:
        return f"https://github.com/{self.name}"

    def open(self, title: str, branch: str, body: str, *, draft: bool) -> PullRequest:
        """A new pull request of Watchkeeper's, a second after all that is there: the stand-in has no clock of its own."""
        number = max((pull.number for pull in self.pull_requests), default=0) + 1
        taken = sum(pull.branch == branch or pull.branch.startswith(f"{branch}-") for pull in self.pull_requests)
        after = max(pull.updated_at for pull in self.pull_requests) + timedelta(seconds=1)
        own = f"{branch}-{taken}" if taken else branch
        made = PullRequest(number, title, "watchkeeper[bot]", after, own, body, draft=draft, base=self.default_branch)
        self.pull_requests.append(made)
        return made


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown_commit(repository: Repository, commit: Commit, *, files: bool = False) -> Body:
    person = {"name": commit.author, "email": f"{commit.author}@users.noreply.github.com", "date": _stamp(commit.at)}
    shown: Body = {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha}",
        "html_url": f"{repository.url}/commit/{commit.sha}",
        "commit": {"message": commit.message, "author": person, "committer": person},
        "author": {"login": commit.author},
        "parents": [{"sha": parent} for parent in commit.parents],
    }
    return {**shown, "files": [file.shown() for file in commit.files]} if files else shown


def shown_pull_request(repository: Repository, pull: PullRequest) -> Body:
    """As in a list; only the single one says `merged` in a word of its own."""
    owner = repository.name.split("/")[0]
    return {
        "number": pull.number,
        "node_id": pull.node_id(repository.name),
        "html_url": f"{repository.url}/pull/{pull.number}",
        "title": pull.title,
        "body": pull.body,
        "state": pull.state,
        "draft": pull.draft,
        "labels": [{"name": label} for label in pull.labels],
        "user": {"login": pull.author},
        "created_at": _stamp(pull.created_at),
        "updated_at": _stamp(pull.updated_at),
        "merged_at": _stamp(pull.merged_at) if pull.merged_at else None,
        "merge_commit_sha": pull.merge_commit or None,
        "head": {"ref": pull.branch, "label": f"{owner}:{pull.branch}"},
        "base": {"ref": pull.base, "label": f"{owner}:{pull.base}", "repo": {"full_name": repository.name}},
    }


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
