"""A fix that did not help: the card says plainly what became of it, as remediation really leaves the incident."""

from distribution.layout import slack
from distribution.reading import brief
from tests.fakes.effects import Effects, a_group_world, too_small
from tests.fakes.remediation import World
from watchkeeper.models import Status
from watchkeeper.story import tell


def in_vain() -> tuple[World, Effects]:
    """The group has six, and the alarm still fires when the time is up."""
    world, effects = a_group_world()
    too_small(world)
    world.plan()
    effects.happen()
    world.look()
    world.clock.tick(600)
    return world, effects


def card(world: World) -> str:
    story = tell(world.incidents, world.incident.id)
    assert story is not None
    assert story.incident.status is Status.ESCALATED
    return str(slack.card(brief(story, "payments", "https://example.com/")))


def test_what_was_taken_back_is_said_so() -> None:
    world, effects = in_vain()
    world.look()
    effects.happen()
    world.look()
    said = card(world)
    assert "the fix was carried out and did not help. It was taken back, and everything is as it was before." in said
    assert "to take back what did not help" in said


def test_what_may_not_be_taken_back_is_said_so() -> None:
    world, _ = in_vain()
    world.switch.why = "thrown by ada: storm"
    world.look()
    assert "It could not be taken back: the gate refused." in card(world)


def test_what_is_not_proven_to_be_back_is_said_so() -> None:
    world, effects = in_vain()
    world.look()
    effects.happen(acts=False)
    world.look()
    world.clock.tick(600)
    world.look()
    assert "Whether it was taken back is not proven." in card(world)
