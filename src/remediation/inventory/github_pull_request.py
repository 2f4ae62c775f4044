"""Pull requests on GitHub. Labels are their tags: one that may be reverted for the asking carries the label AutoRemediate.

A revert that is open or merged is part of the state, and is known by the branch that GitHub gives it in the same repository;
its title and text do not count, since anybody may write those.
"""

from typing import Any
from urllib.parse import quote

from remediation.ports import Sighting
from watchkeeper.models import Resource

TYPE = "github:pull-request"


def see(clients: Any, target: Resource) -> Sighting:
    """The pull request with its labels; absent where GitHub knows none of that number, or does not show it to this token."""
    repository, _, number = target.id.partition("#")
    github = clients("github")
    pull = github.get(f"/repos/{quote(repository)}/pulls/{quote(number)}")
    if pull is None:
        return Sighting()
    merged = bool(pull.get("merged"))
    return Sighting(
        exists=True,
        tags={label["name"]: "true" for label in pull.get("labels", [])},
        state={
            "state": "merged" if merged else pull["state"],
            "merge_commit": pull.get("merge_commit_sha") or "" if merged else "",
            "base": pull["base"]["ref"],
            "reverted": _reverted(github, repository, number, pull["head"]["ref"]),
        },
    )


def _reverted(github: Any, repository: str, number: str, branch: str) -> str:
    """`no`, or the pull request that reverts it. One that was closed without being merged reverts nothing."""
    head = f"{repository.partition('/')[0]}:revert-{number}-{branch}"
    found = github.get(f"/repos/{quote(repository)}/pulls?state=all&per_page=100&head={quote(head)}") or []
    live = [pull for pull in found if pull["state"] == "open" or pull.get("merged_at")]
    return f"by #{live[0]['number']}" if live else "no"
