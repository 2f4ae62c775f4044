"""What PagerDuty shows at each stage, snapshot by snapshot; and that nothing of a hostile text is more than text there."""

import re

import pytest

from distribution.layout import pagerduty
from distribution.moments import Medium, owed
from distribution.reading import brief
from local.standins.pagerduty import event_faults
from tests.unit.distribution.stories import STAGES, hostile
from tests.unit.distribution.test_templates import PAGE, as_json, same
from watchkeeper.story import Story


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> tuple[str, Story]:
    return request.param, STAGES[request.param]().story


def pages(story: Story) -> list[pagerduty.Page]:
    told = brief(story, "payments", PAGE)
    return [one for record in owed(story, (), Medium.PAGER) for one in pagerduty.page(told, story, record)]


def notes(story: Story) -> list[str]:
    told = brief(story, "payments", PAGE)
    return [text for record in owed(story, (), Medium.NOTE) for text in pagerduty.note(told, record)]


def test_pagerduty_shows_this(stage: tuple[str, Story]) -> None:
    name, story = stage
    last = pages(story)[-1]
    event = {"event_action": last.action, "dedup_key": last.dedup_key, **last.body}
    same(f"pagerduty-{name}.json", as_json({"event": event, "notes": [text.splitlines() for text in notes(story)]}))


def test_pagerduty_would_take_every_event(stage: tuple[str, Story]) -> None:
    for one in pages(stage[1]):
        event = {"routing_key": "0" * 32, "event_action": one.action, "dedup_key": one.dedup_key, **one.body}
        assert event_faults(event, len(as_json(event))) == []


def test_nothing_internal_and_no_address_of_theirs_is_shown() -> None:
    story = hostile().story
    shown = as_json([one.body for one in pages(story)]) + "".join(notes(story))
    assert not re.search(r"\b[0-9a-f]{40,}\b", shown)
    assert not re.search(r"https?://(?!eu-west-1\.console\.aws\.amazon\.com/|127\.0\.0\.1)|evil\.example", shown)
    assert not any(bad in shown for bad in ("\x1b", "\u202e"))
    links = [link["href"] for one in pages(story) for link in one.body.get("links", ())]
    assert links
    assert all(link.startswith(("https://eu-west-1.console.aws.amazon.com/", PAGE)) for link in links)
