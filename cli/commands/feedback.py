"""A person's word on an analysis, so that the next one of its kind is better."""

from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.finding import story_of
from cli.screen import plain
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.errors import Stale
from watchkeeper.feedback import given
from watchkeeper.models import Analysis, Cause, Feedback
from watchkeeper.publish import Publisher
from watchkeeper.story import Story

TRIES = 5
LONGEST = 1_000


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("verdict", choices=("right", "wrong"), help="was the analysis right?")
    parser.add_argument("--cause", choices=[cause.value for cause in Cause], metavar="CAUSE", help="what it really was")
    parser.add_argument("--because", default="", metavar="TEXT", help="in your words")
    parser.add_argument("--as", dest="who", metavar="NAME", help="who says it (else: the AWS identity)")


def run(desk: Desk) -> int:
    said = desk.said
    if len(said.because) > LONGEST:
        raise Trouble(f"that is {len(said.because)} characters", f"{LONGEST} are kept", "say it shorter", CANNOT)
    story = story_of(desk.stack, said.incident)
    analysis = story.analysis
    if analysis is None:
        raise Trouble(f"{story.incident.id} has no analysis", "there is nothing to be right or wrong about", code=NO)
    _write(desk, story, analysis)
    if said.verdict == "wrong" and analysis.signature:
        desk.stack.analyses.forget(analysis.signature)
    desk.out.print(plain(f"Noted: the analysis was {said.verdict}. {_means(said.verdict)}"))
    desk.out.print(plain(f"Make it a test of every later analyst: ./watchkeeper learn {story.incident.id}"))
    return DONE


def _write(desk: Desk, story: Story, analysis: Analysis) -> None:
    """Under the incident's version, which others may raise meanwhile."""
    said, incident = desk.said, story.incident
    feedback = Feedback(
        analysis_id=analysis.id,
        by=said.who or desk.stack.who(),
        right=said.verdict == "right",
        true_cause=Cause(said.cause) if said.cause else None,
        says=said.because,
        at=desk.clock(),
    )
    publisher = Publisher(desk.stack.incidents, desk.stack.outbox, desk.stack.anchors)
    for attempt in range(TRIES):
        try:
            publisher.publish(given(incident, analysis, feedback, "cli", desk.clock()))
        except Stale:
            incident = desk.stack.incidents.load(incident.id) or incident
            if attempt == TRIES - 1:
                raise
            continue
        return


def _means(verdict: str) -> str:
    if verdict == "wrong":
        return "It will not be taken from the cache again, and is not recalled for the next incident of its kind."
    return "It is recalled first for the next incident of its kind."


COMMANDS = (Command("feedback", "say whether an analysis was right, and what it really was", run, arguments),)
