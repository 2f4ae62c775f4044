"""GitHub: a workflow that fails and the run that makes it whole, by workflow and branch."""

from typing import Any

import pytest

from reception.sources.registry import sources
from tests.unit.reception.sources.vendors import body_of, gist, read_by, the_one

REPOSITORY = ["github:repository/acme/checkout"]


def ended(**run: Any) -> dict[str, Any]:
    """The sample of a failure with other fields of the run."""
    body = body_of("github-workflow-failure")
    return {**body, "workflow_run": {**body["workflow_run"], **run}}


def test_a_run_that_failed() -> None:
    alert = the_one("github", ended())
    assert gist(alert) == ("firing", "Workflow Deploy failed on main of acme/checkout", "sev3", "failure", "checkout", REPOSITORY)
    assert alert.description == "At 4c2f1e0d9b8a by Ines Karlsson: Use the new payment client"
    assert alert.occurred_at.isoformat() == "2026-11-20T02:58:51+00:00"
    assert (alert.labels["run_id"], alert.labels["run_attempt"], alert.labels["conclusion"]) == ("18834519027", "1", "failure")
    assert alert.links == {
        "run": "https://github.com/acme/checkout/actions/runs/18834519027",
        "commit": "https://github.com/acme/checkout/commit/4c2f1e0d9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d",
    }


def test_the_next_run_that_succeeds_pairs_with_it() -> None:
    alert = the_one("github", body_of("github-workflow-success"))
    assert gist(alert)[:2] == ("resolved", "Workflow Deploy succeeds again on main of acme/checkout")
    assert alert.fingerprint == the_one("github", ended()).fingerprint


def test_delivered_again_it_is_the_same_and_another_attempt_is_not() -> None:
    assert the_one("github", ended()).key == the_one("github", ended()).key
    again = the_one("github", ended(run_attempt=2, updated_at="2026-11-20T02:59:30Z"))
    assert again.key != the_one("github", ended()).key
    assert again.fingerprint == the_one("github", ended()).fingerprint


@pytest.mark.parametrize("other", [{"head_branch": "release"}, {"workflow_id": 1}])
def test_another_branch_or_workflow_is_another_thing(other: dict[str, Any]) -> None:
    assert the_one("github", ended(**other)).fingerprint != the_one("github", ended()).fingerprint


@pytest.mark.parametrize(
    ("conclusion", "kind", "says"),
    [
        ("timed_out", "firing", "timed out"),
        ("startup_failure", "firing", "could not start"),
        ("cancelled", "info", "ended: cancelled"),
        ("skipped", "info", "ended: skipped"),
        ("action_required", "info", "ended: action_required"),
        ("exploded", "firing", "ended: exploded"),
        (None, "firing", "ended: nobody knows how"),
    ],
)
def test_conclusions(conclusion: str | None, kind: str, says: str) -> None:
    alert = the_one("github", ended(conclusion=conclusion))
    assert (alert.kind.value, alert.title) == (kind, f"Workflow Deploy {says} on main of acme/checkout")


@pytest.mark.parametrize("started_by", ["pull_request", "pull_request_target", "merge_group"])
@pytest.mark.parametrize("conclusion", ["failure", "success"])
def test_a_proposal_that_does_not_build_opens_nothing(started_by: str, conclusion: str) -> None:
    assert the_one("github", ended(event=started_by, conclusion=conclusion)).kind.value == "info"


def test_a_side_branch_is_less_severe() -> None:
    assert the_one("github", ended(head_branch="try")).severity.value == "sev4"


@pytest.mark.parametrize("action", ["requested", "in_progress"])
def test_a_run_that_is_not_over_says_nothing(action: str) -> None:
    assert read_by("github", {**ended(conclusion=None), "action": action}) == []


@pytest.mark.parametrize(
    "body", [{"ref": "refs/heads/main", "commits": []}, {"action": "completed", "check_run": {}}, {"inputs": {}, "workflow": "x.yml"}, {}]
)
def test_other_events_of_github_say_nothing(body: dict[str, Any]) -> None:
    assert read_by("github", body) == []


def test_a_ping_is_answered_and_nothing_else() -> None:
    greet = sources()["github"].handshake
    assert greet
    assert greet({"zen": "Keep it logically awesome.", "hook_id": 1, "hook": {}}, {}) == {"status": "ok"}
    assert greet({}, {"x-github-event": "ping"}) == {"status": "ok"}
    assert greet(ended(), {"x-github-event": "workflow_run"}) is None
