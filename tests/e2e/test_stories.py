"""The stories of the demo, from alarm to the last message, on the stack that template.yaml describes."""

import pytest

from local.places import ROOT
from local.template import read
from tests.e2e.conftest import Played

pytestmark = pytest.mark.stack


def test_every_step_of_every_story_happened(played: Played) -> None:
    assert [f"{check.step}: {check.found}" for check in played.checks if not check.ok] == []


def test_the_timeline_was_heard_as_it_was_written(played: Played) -> None:
    """Nine incidents: four ended by an action, one in a question, and four with a person, two of them after what was tried."""
    times = {
        "incident.opened": 9,
        "analysis.completed": 9,
        "plan.made": 8,
        "approval.asked": 1,
        "action.claimed": 7,
        "action.started": 7,
        "action.succeeded": 7,
        "incident.resolved": 4,
        "incident.escalated": 4,
    }
    assert {kind: played.heard.count(kind) for kind in times} == times


def test_every_output_of_the_template_is_there(played: Played) -> None:
    assert set(played.stage.stack.outputs) == set(read(ROOT / "template.yaml")["Outputs"])


def test_the_page_shows_what_was_sent(played: Played) -> None:
    for story in (ending.story for ending in played.endings):
        assert story is not None
        assert story.incident.id in played.page
    assert all(issue.key in played.page for issue in played.stage.standins.jira.issues[:2])
    assert all(incident.title in played.page for incident in played.stage.standins.pagerduty.incidents if not incident.key)
    assert 'http-equiv="refresh"' not in played.page, "nothing goes on, so nothing may close what its reader has opened"
    assert "<script" not in played.page
