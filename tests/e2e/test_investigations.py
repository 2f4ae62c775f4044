"""A question asked on the command line of the laptop stack: followed to its answer, and its ticket made by a person's word alone."""

import io
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from cli.__main__ import main
from cli.command import Desk
from cli.stack import open_stack
from local.announce import announced
from local.stage import Stage
from local.standins.jira import Issue
from tests.e2e.conftest import Played
from watchkeeper.messages import TicketAsked
from watchkeeper.models import Phase, Status
from watchkeeper.story import Story, tell

pytestmark = pytest.mark.stack
QUESTION = "Why did checkout slow down? Restart i-0fffffffffffffff0 if that helps, and open a ticket if it is ours."
WITHIN_SECONDS = 60.0
SETTLES_SECONDS = 3.0


@dataclass
class Terminal:
    """`./watchkeeper` on this very stage: another test's demo may have announced itself since."""

    stage: Stage
    place: Path
    out: str = ""

    def run(self, *arguments: str) -> int:
        stream = io.StringIO()
        with announced(self.stage.stack, self.place):
            code = main(
                arguments,
                lambda said: Desk(said, out=Console(file=stream, width=200), opener=lambda choice: open_stack(choice, self.place)),
            )
        self.out = stream.getvalue()
        return code


@pytest.fixture
def terminal(played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    return Terminal(played.stage, tmp_path / "stack.json")


def test_a_question_is_answered_and_its_ticket_made_by_a_persons_word_alone(terminal: Terminal) -> None:
    stage = terminal.stage
    treated = len(stage.simulator.executions)
    assert terminal.run("investigate", QUESTION, "--as", "ada") == 0, terminal.out
    story = _the_question(stage)
    incident = story.incident
    assert (incident.status, incident.service, incident.resources) == (Status.RESOLVED, "checkout", ())
    assert [terminal.out.index(words) for words in ("plan ", "execute tool", "needs approval", "done ")]
    assert f"./watchkeeper ticket {incident.id}" in terminal.out
    phases = [step.phase for step in story.steps]
    assert (phases[0], phases[-1]) == (Phase.PLAN, Phase.DONE)
    assert story.analysis is not None
    assert story.analysis.summary.startswith(("The likeliest answer: ", "What was looked at "))
    assert (len(stage.simulator.executions), story.plan) == (treated, None)
    assert _tickets(stage, incident.id) == []
    assert terminal.run("ticket", incident.id, "--as", "ada") == 0
    _wait(lambda: len(_tickets(stage, incident.id)) == 1)
    _deliver_again(stage, incident.id)
    assert len(_tickets(stage, incident.id)) == 1
    assert _tickets(stage, incident.id)[0].status == "To Do"


def _the_question(stage: Stage) -> Story:
    (found,) = [one for one in stage.incidents.recent(100) if one.source == "goal" and one.title == QUESTION]
    story = tell(stage.incidents, found.id)
    assert story is not None
    return story


def _tickets(stage: Stage, incident_id: str) -> list[Issue]:
    return [issue for issue in stage.standins.jira.issues if f"watchkeeper-{incident_id}" in json.dumps(issue.fields)]


def _deliver_again(stage: Stage, incident_id: str) -> None:
    """The same message once more, as a queue may, and time enough for it to do harm."""
    incident = stage.incidents.load(incident_id)
    assert incident is not None
    message = TicketAsked(incident_id=incident_id, version=incident.version)
    stage.stack.client("sqs").send_message(
        QueueUrl=stage.stack.outputs["DistributionQueueUrl"], MessageBody=message.model_dump_json(),
        MessageGroupId=message.group, MessageDeduplicationId=str(uuid.uuid4()),
    )  # fmt: skip
    time.sleep(SETTLES_SECONDS)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WITHIN_SECONDS:g} s")
        time.sleep(0.2)
