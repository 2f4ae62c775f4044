"""The story of orders, gone on with: a person presses Approve in Slack, and one pull request is opened, however often it is asked."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from local.places import ROOT
from local.stage import Stage
from local.standins.github_repository import PullRequest
from local.world.repositories import ORDERS
from tests.e2e.conftest import Played, direct
from watchkeeper.buttons import Button
from watchkeeper.messages import ApprovalAnswered
from watchkeeper.models import Approval, ExecutionStatus, Status
from watchkeeper.story import Story, tell

pytestmark = pytest.mark.stack
WITHIN_SECONDS = 60.0
BRANCH = "revert-482-pool-of-its-own"


@dataclass(frozen=True)
class Pressed:
    """What the card's buttons came to: those who have no say, those who have, and whoever says it again elsewhere."""

    stranger: str
    forged: int
    early: bool
    seconds: float
    status: int
    again: "subprocess.CompletedProcess[str]"


@pytest.fixture(scope="module")
def pressed(played: Played) -> Pressed:
    """A stranger, a forger, then Ada; and Ada once more on the command line."""
    slack, story = played.stage.standins.slack, _story(played)
    card = next(delivery.refs["card"] for delivery in story.deliveries if delivery.channel == "slack-incidents")
    slack.press(card, Button.APPROVE, "U0MALLORY")
    stranger = slack.interactivity.ephemerals[-1].text if slack.interactivity.ephemerals else ""
    forged = slack.press(card, Button.APPROVE, "U0ADA", team={"id": "T0EVIL", "domain": "evil"}).status
    early = bool(_story(played).execution) or bool(played.stage.standins.github.changed)
    began = time.monotonic()
    answered = slack.press(card, Button.APPROVE, "U0ADA")
    took = time.monotonic() - began
    _soon(played.stage, story.incident.id)
    again = _command(played.stage, "approve", story.incident.id, "--yes", "--as", "ada")
    return Pressed(stranger, forged, early, took, answered.status, again)


@pytest.fixture(scope="module")
def agreed(played: Played, pressed: Pressed) -> Story:
    """The incident when the pull request is there and a person has it."""
    assert pressed.status == 200
    return _soon(played.stage, _story(played).incident.id)


def test_only_who_may_decide_is_heard_and_slack_has_its_answer_in_time(pressed: Pressed) -> None:
    assert "people.yaml" in pressed.stranger
    assert (pressed.forged, pressed.early) == (403, False)
    assert pressed.seconds < 3
    assert pressed.again.returncode != 0, "the command line reaches the same service, and the question is over"


def test_the_yes_is_on_record_with_the_person_and_the_place(agreed: Story) -> None:
    [given] = [record for record in agreed.history if record.kind == "approval.given"]
    assert given.actor == "person:ada"
    assert (given.detail["person"], given.detail["via"]) == ("ada", "slack")
    assert given.detail["args_hash"] == (agreed.plan.args_hash if agreed.plan else "")


def test_one_pull_request_is_opened_and_nothing_is_merged(played: Played, agreed: Story) -> None:
    [revert] = _reverts(played.stage)
    assert (revert.branch, revert.state, revert.merged) == (BRANCH, "open", False)
    assert len(played.stage.standins.github.changed) == 1
    assert agreed.execution is not None
    assert (agreed.execution.document, agreed.execution.status) == ("watchkeeper-github-revert", ExecutionStatus.SUCCEEDED)


def test_it_ends_with_a_person_and_its_address(played: Played, agreed: Story) -> None:
    """The alarm still fires, so nothing is claimed to be verified."""
    [revert] = _reverts(played.stage)
    assert (agreed.incident.status, agreed.verification) == (Status.ESCALATED, None)
    assert f"https://github.com/{ORDERS}/pull/{revert.number}" in agreed.history[-1].says
    assert "Review and merge it" in agreed.history[-1].says


def test_the_same_answer_delivered_again_opens_no_second_one(played: Played, agreed: Story) -> None:
    stage, plan = played.stage, agreed.plan
    [approval] = stage.incidents.rows(agreed.incident.id, Approval)
    assert plan is not None
    again = ApprovalAnswered(
        incident_id=agreed.incident.id, resource_group=agreed.incident.group, plan_id=plan.id, args_hash=plan.args_hash,
        state_hash=plan.state_hash, approver=approval.approver, person_id=approval.person_id, approved=True,
        via=approval.via, at=approval.at,
    )  # fmt: skip
    url, sqs = stage.stack.outputs["RemediationQueueUrl"], stage.stack.client("sqs")
    sqs.send_message(
        QueueUrl=url, MessageBody=again.model_dump_json(), MessageGroupId=again.resource_group, MessageDeduplicationId=str(uuid.uuid4())
    )
    _until_empty(stage, url)
    assert len(_reverts(stage)) == 1
    assert len([one for one in stage.simulator.executions if one.document.name == "watchkeeper-github-revert"]) == 1


def test_the_runbook_started_again_finds_what_it_opened(played: Played, agreed: Story) -> None:
    """As if somebody started it by hand, with a client token of their own."""
    stage = played.stage
    [first] = [one for one in stage.simulator.executions if one.document.name == "watchkeeper-github-revert"]
    started = stage.simulator.start_automation_execution({"DocumentName": first.document.name, "Parameters": dict(first.parameters)})
    second = next(one for one in stage.simulator.executions if one.id == started["AutomationExecutionId"])
    _wait(lambda: second.ended_at is not None)
    assert second.status == "Success", second.failure
    assert (second.outputs["openRevert.Opened"], second.outputs["openRevert.Url"]) == (["already"], first.outputs["openRevert.Url"])
    assert len(_reverts(stage)) == 1
    assert agreed.execution is not None


def test_the_page_shows_the_pull_request(played: Played, agreed: Story) -> None:
    [revert] = _reverts(played.stage)
    with direct() as session:
        page = session.get(played.stage.standins.url, timeout=10).text
    assert f"{ORDERS}#{revert.number}" in page
    assert agreed.incident.id in page


def _command(stage: Stage, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`./watchkeeper` without its setup, on this very stack: another test's demo may have announced itself since."""
    here = ("--stack", "watchkeeper", "--region", "us-east-1", "--endpoint-url", stage.account.url)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**clean, **stage.account.environment(), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    command = [sys.executable, "-m", "cli", *here, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own command line


def _story(played: Played) -> Story:
    [ending] = [ending for ending in played.endings if ending.name == "orders"]
    assert ending.story is not None
    found = tell(played.stage.incidents, ending.story.incident.id)
    assert found is not None
    return found


def _reverts(stage: Stage) -> list[PullRequest]:
    return [pull for pull in stage.standins.github.repositories[ORDERS].pull_requests if pull.branch.startswith("revert-482-")]


def _soon(stage: Stage, incident: str) -> Story:
    found: list[Story] = []

    def over() -> bool:
        story = tell(stage.incidents, incident)
        found[:] = [story] if story else []
        return bool(story and story.incident.status in {Status.ESCALATED, Status.RESOLVED})

    _wait(over)
    return found[0]


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WITHIN_SECONDS:g} s")
        time.sleep(0.2)


def _until_empty(stage: Stage, url: str) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def empty() -> bool:
        waiting = stage.stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return not any(int(count) for count in waiting.values())

    _wait(empty)
