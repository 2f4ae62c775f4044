"""GitHub Actions: a workflow run that failed, and the next one of the same workflow and branch that succeeded.

The run, its attempt and its conclusion have one time of completion, so that an event delivered again is the same alert.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reception.fields import Body, mapping, moment, text
from reception.proofs import Hmac
from reception.resources import distinct
from reception.sources.registry import Received, source
from reception.tags import links_of
from watchkeeper.ids import token
from watchkeeper.models import Alert, AlertKind, Resource, Severity

NOT_OVER = ("requested", "in_progress")
KINDS = {
    "success": AlertKind.RESOLVED,
    "neutral": AlertKind.INFO,
    "cancelled": AlertKind.INFO,
    "skipped": AlertKind.INFO,
    "stale": AlertKind.INFO,
    "action_required": AlertKind.INFO,
}
# A pull request that does not build is its author's business: it opens nothing.
OF_A_PROPOSAL = ("pull_request", "pull_request_target", "pull_request_review", "merge_group")
ENDED = {"failure": "failed", "timed_out": "timed out", "startup_failure": "could not start", "success": "succeeds again"}


def greeted(body: Body, headers: Mapping[str, str]) -> dict[str, Any] | None:
    """The ping that GitHub sends when a webhook is made."""
    return {"status": "ok"} if headers.get("x-github-event") == "ping" or {"zen", "hook_id"} <= body.keys() else None


@source(
    "github",
    samples=("events/github-workflow-failure.json", "events/github-workflow-success.json"),
    proof=Hmac("X-Hub-Signature-256", prefix="sha256="),
    handshake=greeted,
    vendor="GitHub Actions",
    docs="https://docs.github.com/en/webhooks/webhook-events-and-payloads#workflow_run",
    sends_key=False,
    passes_over="every event but a workflow run that is over",
)
def read_github(body: Body, received: Received) -> Iterator[Alert]:
    """A workflow run that is over; none for any other event of GitHub."""
    of_a_run = "workflow_run" in body or (body.get("action") == "completed" and isinstance(body.get("workflow"), Mapping))
    if of_a_run and text(body, "action") not in NOT_OVER:
        yield _read(body, received)


def _read(body: Body, received: Received) -> Alert:
    run, repository, workflow = (mapping(body.get(name)) for name in ("workflow_run", "repository", "workflow"))
    name = text(run, "name") or text(workflow, "name") or "A workflow"
    where, branch, conclusion = text(repository, "full_name", "name"), text(run, "head_branch"), text(run, "conclusion")
    which = text(run, "workflow_id") or text(workflow, "id") or name
    on = " of ".join(part for part in (f"on {branch}" if branch else "", where) if part)
    return Alert(
        source="github",
        kind=_kind(conclusion, text(run, "event")),
        title=f"Workflow {name} {ENDED.get(conclusion, 'ended: ' + (conclusion or 'nobody knows how'))} {on}".strip(),
        fingerprint=token("github", text(repository, "id") or where, which, branch),
        occurred_at=moment(run.get("updated_at"), received.at),
        severity=Severity.SEV4 if branch and branch != text(repository, "default_branch") else Severity.SEV3,
        vendor_severity=conclusion,
        service=text(repository, "name") or "unknown",
        account=received.home.account,
        region=received.home.region,
        description=_about(run),
        resources=distinct([Resource(type="github:repository", id=where, trusted=True)] if where else []),
        labels=_labels(run, name, branch),
        links=links_of(run, run="html_url") | _commit(run, repository),
    )


def _kind(conclusion: str, started_by: str) -> AlertKind:
    """A conclusion that we do not know counts as a failure: GitHub has added some before."""
    kind = KINDS.get(conclusion, AlertKind.FIRING)
    return AlertKind.INFO if started_by in OF_A_PROPOSAL else kind


def _about(run: Body) -> str:
    commit = mapping(run.get("head_commit"))
    subject, author = text(commit, "message").partition("\n")[0], text(mapping(commit.get("author")), "name")
    by = f" by {author}" if author else ""
    return f"At {text(run, 'head_sha')[:12]}{by}: {subject}" if subject else ""


def _commit(run: Body, repository: Body) -> dict[str, str]:
    sha, address = text(run, "head_sha"), links_of(repository, commit="html_url")
    return {name: f"{found}/commit/{sha}" for name, found in address.items() if sha}


def _labels(run: Body, name: str, branch: str) -> dict[str, str]:
    said = {
        "workflow": name,
        "branch": branch,
        "run_id": text(run, "id"),
        "run_attempt": text(run, "run_attempt"),
        "run_number": text(run, "run_number"),
        "commit": text(run, "head_sha"),
        "event": text(run, "event"),
        "conclusion": text(run, "conclusion"),
        "actor": text(mapping(run.get("triggering_actor")) or mapping(run.get("actor")), "login"),
    }
    return {name: value for name, value in said.items() if value}
