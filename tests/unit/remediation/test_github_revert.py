"""Reverting a pull request: where its target comes from, how it is looked at, and how it ends."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.standins.github import GithubStandIn
from local.standins.github_repository import PullRequest, Repository
from local.standins.http import Reply, Request, Server
from remediation.github import GitHub
from remediation.inventory import AwsInventory
from remediation.planning import Proposal, typed
from remediation.ports import Sighting
from remediation.wiring import from_stack
from tests.fakes.remediation import World, an_analysis, first_of
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.actions import catalogue
from watchkeeper.errors import NotAllowed, Permanent, Throttled, Transient
from watchkeeper.models import Answer, Cause, Evidence, ExecutionStatus, ProposedAction, Resource, Ruling, Status, Verification
from watchkeeper.settings import RemediationSettings
from watchkeeper.team import Mode, Order, StandingOrders, When

PULL = Resource(type="github:pull-request", id="acme/orders#482", trusted=True)
OTHER = PULL.but(id="acme/orders#481")
REVERT = ProposedAction(action="github-revert", why="it began with it")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:RunbookSecret-a1B2c3"
ORDER = Order(name="ask before a revert", when=When(causes=(Cause.POOL_EXHAUSTED,)), action="github-revert", mode=Mode.APPROVE)
MERGED = Sighting(
    exists=True, tags={"AutoRemediate": "true"}, state={"state": "merged", "merge_commit": "9c41", "base": "main", "reverted": "no"}
)
ADDRESS = "https://github.com/acme/orders/pull/483"


def evidence(name: str, *resources: Resource) -> Evidence:
    return Evidence(id=name, collector="github", answer=Answer.FOUND, asked="?", summary="!", resources=resources, collected_at=NIGHT)


# ---------------------------------------------------------------- the target


@pytest.mark.parametrize(
    ("pieces", "target"),
    [
        pytest.param([evidence("E1", PULL)], "acme/orders#482", id="the only one"),
        pytest.param([evidence("E1", OTHER, PULL), evidence("E2", PULL)], "acme/orders#482", id="one that a join names again"),
        pytest.param([evidence("E1", PULL, PULL, OTHER)], "", id="two alike, and nobody knows which"),
        pytest.param([evidence("E1", PULL.but(trusted=False))], "", id="named by text alone"),
        pytest.param([evidence("E1", INSTANCE)], "", id="of another type"),
        pytest.param([], "", id="no evidence"),
    ],
)
def test_a_target_is_what_an_api_named_in_fields_of_its_own(pieces: list[Evidence], target: str) -> None:
    found = first_of([REVERT], an_incident(), pieces)
    assert found
    assert (found.target.id if found.target else "") == target
    assert (found.parameters is not None) is bool(target)


def test_what_the_incident_itself_names_goes_before_the_evidence() -> None:
    elsewhere = INSTANCE.but(id="i-0fffffffffffffff0", trusted=True)
    found = first_of([ProposedAction(action="ec2-restart")], an_incident(), [evidence("E1", elsewhere)])
    assert found
    assert found.target == INSTANCE


@pytest.mark.parametrize("name", ["acme/orders", "acme#1", "acme/orders#0", "acme/orders#1#2", "../x#1", "acme/orders#1?x=y", "a/b#x"])
def test_what_is_no_pull_request_makes_no_plan(name: str) -> None:
    assert typed(Proposal("github-revert", "", catalogue()["github-revert"], PULL.but(id=name)), {}, {}).parameters is None


def test_its_parameters_are_the_repository_and_the_number_alone() -> None:
    assert typed(Proposal("github-revert", "", catalogue()["github-revert"], PULL), {}, {}).parameters == {
        "Repository": ["acme/orders"],
        "Number": ["482"],
    }


def test_where_its_secret_lies_is_the_stacks_word() -> None:
    settings = RemediationSettings.from_env(
        {"INCIDENTS_TABLE": "i", "AUDIT_TABLE": "a", "BUCKET": "b", "RUNBOOK_PREFIX": "w", "RUNBOOK_ROLE_PREFIX": "r",
         "GITHUB_API_URL": "https://ghe.example.com/api/v3", "RUNBOOK_SECRET_ID": SECRET}
    )  # fmt: skip
    assert from_stack(catalogue(), settings) == {
        "github-revert": {
            "GithubApiUrl": "https://ghe.example.com/api/v3",
            "SecretId": SECRET,
        }
    }
    assert from_stack(catalogue(), settings.model_copy(update={"runbook_secret_id": ""}))["github-revert"].keys() == {"GithubApiUrl"}


# ---------------------------------------------------------------- the look


def a_pull(**but: Any) -> PullRequest:
    at = datetime(2026, 11, 20, 2, tzinfo=UTC)
    given = {"created_at": at, "branch": "pool", "merged_at": at, "merge_commit": "9c41" + "0" * 36, "labels": ("AutoRemediate",)}
    return PullRequest(482, "A pool for each", "mira", **{**given, **but})


class Scene:
    """A repository with this pull request, and the inventory that looks at it."""

    def __init__(self, url: str, standin: GithubStandIn, *, known: bool = True) -> None:
        self.standin = standin
        github = GitHub(f"{url}/github", lambda: "reads" if known else "")
        self.inventory = AwsInventory({"github": github}.__getitem__)

    def see(self) -> Sighting:
        return self.inventory.see(PULL)


@pytest.fixture
def scene() -> Iterator[Callable[..., Scene]]:
    servers: list[Server] = []

    def make(pull: PullRequest, *more: PullRequest, known: bool = True) -> Scene:
        standin = GithubStandIn(Repository("acme/orders", pull_requests=[pull, *more]), token="reads")
        servers.append(Server({"github": standin}).__enter__())
        return Scene(servers[0].url, standin, known=known)

    yield make
    for server in servers:
        server.__exit__()


def test_a_merged_pull_request_is_seen_with_its_labels_as_tags(scene: Callable[..., Scene]) -> None:
    seen = scene(a_pull()).see()
    assert (seen.exists, seen.tags) == (True, {"AutoRemediate": "true"})
    assert seen.state == {"state": "merged", "merge_commit": "9c41" + "0" * 36, "base": "main", "reverted": "no"}


def _revert(**but: Any) -> PullRequest:
    at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    return PullRequest(483, "Revert", "somebody", at, "revert-482-pool", **but)


@pytest.mark.parametrize(
    ("other", "reverted"),
    [
        pytest.param(_revert(), "by #483", id="open"),
        pytest.param(_revert(merged_at=NIGHT), "by #483", id="merged"),
        pytest.param(_revert(state="closed"), "no", id="closed, so that nothing was reverted"),
    ],
)
def test_a_revert_that_lives_is_seen(scene: Callable[..., Scene], other: PullRequest, reverted: str) -> None:
    assert scene(a_pull(), other).see().state["reverted"] == reverted


def test_what_only_says_that_it_is_a_revert_is_none(scene: Callable[..., Scene]) -> None:
    said = PullRequest(483, 'Revert "A pool for each"', "mallory", NIGHT, "elsewhere", body="Reverts acme/orders#482")
    assert scene(a_pull(), said).see().state["reverted"] == "no"


def test_one_that_is_not_merged_or_not_there(scene: Callable[..., Scene]) -> None:
    assert scene(a_pull(merged_at=None, merge_commit="")).see().state["state"] == "open"
    assert scene(a_pull()).inventory.see(PULL.but(id="acme/orders#999")).exists is False


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        pytest.param({"down": 1}, Transient, id="down"),
        pytest.param({"throttled": 1}, Throttled, id="nothing left of its rate"),
        pytest.param({"slowed": 1}, Throttled, id="too many requests"),
        pytest.param({"expected": "Bearer another"}, NotAllowed, id="a token that it does not know"),
    ],
)
def test_a_refusal_is_in_our_words(scene: Callable[..., Scene], spoil: dict[str, Any], error: type[Exception]) -> None:
    found = scene(a_pull())
    vars(found.standin).update(spoil)
    with pytest.raises(error):
        found.see()


def test_without_a_token_nothing_is_asked_and_the_secret_is_named(scene: Callable[..., Scene]) -> None:
    found = scene(a_pull(), known=False)
    with pytest.raises(NotAllowed, match="github_token"):
        found.see()
    assert found.standin.calls == []


@pytest.mark.parametrize(("status", "error"), [(302, Permanent), (418, Permanent)])
def test_a_redirect_is_not_followed_so_that_the_token_stays_here(status: int, error: type[Exception]) -> None:
    asked: list[str] = []

    def elsewhere(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(status, b"", {"location": "/elsewhere"})

    with Server({"": elsewhere}) as server, pytest.raises(error):
        GitHub(server.url, lambda: "t").get("/repos/a/b/pulls/1")
    assert asked == ["/repos/a/b/pulls/1"]


def test_nobody_there_is_a_bad_minute() -> None:
    with pytest.raises(Transient):
        GitHub("http://127.0.0.1:1", lambda: "t").get("/repos/a/b/pulls/1")


# ---------------------------------------------------------------- the way


@pytest.fixture
def world() -> World:
    """An incident whose evidence names the pull request, and that waits for a person."""
    world = World(orders=StandingOrders(version="v1", orders=(ORDER,)))
    world.inventory.seen = MERGED
    world.from_stack = {
        "github-revert": {
            "GithubApiUrl": "https://api.github.com",
            "SecretId": SECRET,
        }
    }
    world.opened(an_analysis(cause=Cause.POOL_EXHAUSTED, proposed=(REVERT,)), rows=(evidence("E9", PULL),))
    world.plan()
    return world


def test_a_person_is_asked_first(world: World) -> None:
    assert (world.incident.status, world.the_plan.verdict.ruling, world.runs) == (Status.AWAITING_APPROVAL, Ruling.ASK, 0)
    assert "May github-revert run on acme/orders#482?" in world.last_words


@pytest.mark.parametrize(
    ("but", "why"),
    [
        pytest.param({"tags": {}}, "does not carry the tag AutoRemediate=true", id="without the label"),
        pytest.param({"state": {**MERGED.state, "reverted": "by #483"}}, "reverted is by #483, not no", id="reverted already"),
        pytest.param({"state": {**MERGED.state, "state": "open"}}, "state is open, not merged", id="not merged"),
        pytest.param({"exists": False}, "does not exist", id="not there"),
    ],
)
def test_it_is_refused(but: dict[str, Any], why: str) -> None:
    world = World(orders=StandingOrders(version="v1", orders=(ORDER,)))
    world.inventory.seen = MERGED.but(**but)
    world.opened(an_analysis(cause=Cause.POOL_EXHAUSTED, proposed=(REVERT,)), rows=(evidence("E9", PULL),))
    world.plan()
    assert (world.incident.status, why in world.last_words) == (Status.ESCALATED, True), world.last_words


def test_agreed_to_it_runs_once_with_what_the_stack_adds_and_ends_with_a_person(world: World) -> None:
    answer = world.answer()
    world.handle(answer, answer)
    [(automation_id, started)] = world.ssm.started.items()
    assert {name: value for name, [value] in started["Parameters"].items() if name != "AutomationAssumeRole"} == {
        "Repository": "acme/orders", "Number": "482", "GithubApiUrl": "https://api.github.com", "SecretId": SECRET,
    }  # fmt: skip
    world.clock.tick(20)
    world.ssm.finish()
    world.ssm.started[automation_id]["Outputs"] = {"openRevert.Url": [ADDRESS], "openRevert.Opened": ["now"]}
    world.look()
    assert (world.incident.status, world.execution.status) == (Status.ESCALATED, ExecutionStatus.SUCCEEDED)
    assert ADDRESS in world.last_words
    assert "Review and merge it" in world.last_words
    assert world.incidents.row(world.incident.id, Verification, world.execution.id) is None, "no alarm was asked, so none has proved it"
    assert world.kinds[-2:] == ["action.succeeded", "incident.escalated"]


def test_what_a_runbook_tells_is_one_printable_line(world: World) -> None:
    world.handle(world.answer())
    [automation_id] = world.ssm.started
    world.ssm.finish()
    world.ssm.started[automation_id]["Outputs"] = {"openRevert.Url": ["https://x\n\x1b[2Jy" + "z" * 9000]}
    world.clock.tick(timedelta(seconds=20).seconds)
    world.look()
    said = world.last_words
    assert ("\n" in said, "\x1b" in said, len(said) < 1_000) == (False, False, True)
