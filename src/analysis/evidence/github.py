"""What went into the default branch of the service's repository in the day before the alarm, with the lines that it wrote.

The lines of the evidence, on which others rely; times are of the commit and of the merge:

    pull request #482 merged <t> by <author>: <title> (commit <12-hex sha>)
    commit <12-hex sha> <t> by <author>: <subject>
    file <path> in <12-hex sha>: lines 80-95, 102 changed
    file <path> in <12-hex sha>: lines removed only        (or: deleted, renamed only, lines not given)

The files of a commit are directly below it. Authors, titles, subjects and paths are foreign text, in one line each.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.github_rest import TOKEN, GithubRest
from analysis.signals.patches import shown, written_lines
from watchkeeper.errors import Misconfigured, NotAllowed, WatchkeeperError
from watchkeeper.models import Resource

BEFORE = timedelta(hours=24)
MOST_COMMITS = 20
MOST_PULL_REQUESTS = 10
READ_PULL_REQUESTS = 50  # the newest closed ones, of which some were not merged or not in the window
MOST_FILES = 30
MOST_RANGES = 60
AT_ONCE = 4
LONGEST = 200
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
SHA = re.compile(r"[0-9a-f]{40}")

Body = dict[str, Any]


@dataclass(frozen=True)
class Merged:
    """A pull request that is in the default branch."""

    number: int
    at: datetime
    author: str
    title: str
    sha: str


@dataclass(frozen=True)
class Window:
    """What was found between two times: whether there would have been more commits, and the files of each as far as they are read."""

    repository: str
    branch: str
    since: datetime
    merged: tuple[Merged, ...]
    commits: tuple[Body, ...]
    cut: bool


def collect(ask: Ask) -> Found | Nothing:
    """Commits and merged pull requests up to the alarm, newest first; then the files of each, as far as they come in time."""
    repository = _repository(ask)
    token = ask.tokens().get("github_token", "")
    if not token:
        raise NotAllowed(TOKEN, repository)
    rest = GithubRest(ask.github_api_url, token, repository)
    window = _window(rest, repository, ask.incident.fired_at)
    if not window.merged and not window.commits:
        return Nothing(f"No commit and no merged pull request on {window.branch} of {repository} since {stamp(window.since)}.")
    ask.so_far(_found(ask, window, {}, "the files were not read in time"))
    files, why = _files(rest, window.commits)
    return _found(ask, window, files, why)


def _repository(ask: Ask) -> str:
    repository = ask.service.repository if ask.service else ""
    if not REPOSITORY.fullmatch(repository) or {".", ".."} & set(repository.split("/")):
        raise Misconfigured(f"services.yaml: the repository {repository!r} is not owner/name")
    return repository


def _window(rest: GithubRest, repository: str, until: datetime) -> Window:
    since = until - BEFORE
    branch = str(rest.get("")["default_branch"])
    closed = rest.get("/pulls", state="closed", base=branch, sort="updated", direction="desc", per_page=READ_PULL_REQUESTS)
    merged = sorted(_merged(closed, since, until), key=lambda one: (one.at, one.number), reverse=True)[:MOST_PULL_REQUESTS]
    listed = rest.get("/commits", sha=branch, since=stamp(since), until=stamp(until), per_page=MOST_COMMITS + 1)
    newest = {commit["sha"]: commit for commit in listed[:MOST_COMMITS] if SHA.fullmatch(str(commit["sha"]))}
    unlisted = [rest.get(f"/commits/{one.sha}") for one in merged if one.sha not in newest]
    return Window(repository, branch, since, tuple(merged), (*newest.values(), *unlisted), cut=len(listed) > MOST_COMMITS)


def _merged(closed: Sequence[Body], since: datetime, until: datetime) -> list[Merged]:
    found = []
    for pull in closed:
        sha = str(pull.get("merge_commit_sha") or "")
        at = datetime.fromisoformat(pull["merged_at"]) if pull.get("merged_at") else None
        if at and since <= at <= until and SHA.fullmatch(sha):
            found.append(Merged(int(pull["number"]), at, str((pull.get("user") or {}).get("login", "somebody")), str(pull["title"]), sha))
    return found


def _files(rest: GithubRest, commits: Sequence[Body]) -> tuple[dict[str, list[Body]], str]:
    """The files by commit, and why some are missing. What is read before GitHub asks us to slow down is kept."""
    found: dict[str, list[Body]] = {commit["sha"]: commit["files"] for commit in commits if "files" in commit}
    why = ""
    with ThreadPoolExecutor(AT_ONCE, "github") as pool:
        coming = {sha: pool.submit(rest.get, f"/commits/{sha}") for sha in (commit["sha"] for commit in commits) if sha not in found}
        for sha, one in coming.items():
            try:
                found[sha] = one.result().get("files", [])
            except WatchkeeperError as error:
                why = f"not all files could be read: {error}"
    return found, why


def _found(ask: Ask, window: Window, files: dict[str, list[Body]], why: str) -> Found:
    counted = f"{len(window.merged)} merged pull requests and {len(window.commits)} commits"
    far = f"on {window.branch} of {window.repository} since {stamp(window.since)}" + ("; there were more commits" if window.cut else "")
    lines = [f"{counted} {far}:", *(_pull_request(ask, one) for one in window.merged)]
    for commit in window.commits:
        lines += [_commit(ask, commit), *_changed(ask, commit["sha"][:12], files.get(commit["sha"], []))]
    summary = f"{counted} {far}." + (f" Newest: #{window.merged[0].number} {_plain(ask, window.merged[0].title)}." if window.merged else "")
    resources = tuple(Resource(type="github:pull-request", id=f"{window.repository}#{one.number}", trusted=True) for one in window.merged)
    return Found(summary=summary, body="\n".join([*lines, *([why] if why else [])]), resources=resources)


def _pull_request(ask: Ask, one: Merged) -> str:
    return (
        f"pull request #{one.number} merged {stamp(one.at)} by {_plain(ask, one.author)}: {_plain(ask, one.title)} (commit {one.sha[:12]})"
    )


def _commit(ask: Ask, commit: Body) -> str:
    said = commit["commit"]
    who = (commit.get("author") or {}).get("login") or said["author"]["name"]
    at = stamp(datetime.fromisoformat(said["committer"]["date"]))
    return f"commit {commit['sha'][:12]} {at} by {_plain(ask, who)}: {_plain(ask, str(said['message']).partition(chr(10))[0])}"


def _changed(ask: Ask, sha: str, files: Sequence[Body]) -> list[str]:
    lines = [f"file {_plain(ask, file['filename'])} in {sha}: {_what(file)}" for file in files[:MOST_FILES]]
    return lines + ([f"{len(files) - MOST_FILES} more files in {sha}"] if len(files) > MOST_FILES else [])


def _what(file: Body) -> str:
    if file.get("status") == "removed":
        return "deleted"
    if not file.get("patch"):
        return "renamed only" if file.get("status") == "renamed" and not file.get("changes") else "lines not given"
    written = written_lines(file["patch"])
    return f"lines {shown(written[:MOST_RANGES])} changed" if written else "lines removed only"


def _plain(ask: Ask, text: str) -> str:
    """Foreign text in one line."""
    return " ".join(ask.tidy(str(text)).split())[:LONGEST]


COLLECTOR = Collector(
    name="github",
    order=70,
    provenance="GitHub's REST API; titles, subjects, names and paths were written by whoever may contribute",
    applies=lambda ask: bool(ask.service and ask.service.repository),
    asked=lambda ask: f"What went into {ask.service.repository if ask.service else ''} in the day before?",
    collect=collect,
)
