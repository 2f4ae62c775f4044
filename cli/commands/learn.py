"""An incident that people know the truth of becomes a case that every later analyst is judged by."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from analysis.case_file import opened
from analysis.deciding import Inputs
from analysis.joins import joins
from cli.command import Command, Desk
from cli.commands.eval import CASES
from cli.finding import story_of
from cli.judging.cases import EvalCase
from cli.screen import plain
from cli.trouble import CANNOT, DONE, NO, Trouble
from watchkeeper.models import Analysis, Answer, Cause, Feedback, StoredPayload
from watchkeeper.story import Story


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("incident", metavar="INC", help="its id, the end of its id, or: latest")
    parser.add_argument("--name", default="", metavar="NAME", help="the case's name (else: from cause and incident)")
    parser.add_argument("--into", type=Path, default=CASES, metavar="FOLDER", help="where it is written (evals/incidents)")
    parser.add_argument("--herring", default="", metavar="TEXT", help="what misleads in it, if anything does")


def run(desk: Desk) -> int:
    story = story_of(desk.stack, desk.said.incident)
    analysis = story.analysis
    if analysis is None or not analysis.case_key:
        raise Trouble(f"{story.incident.id} has no analysis with a case", todo="wait until it is analysed", code=NO)
    truth = _truth(story, analysis, desk)
    stored = StoredPayload(bucket=desk.stack.settings.bucket, key=analysis.case_key, sha256=analysis.case_sha256, size=0)
    inputs = opened(desk.stack.blobs.get(stored))
    name = desk.said.name or f"{truth.value.replace('_', '-')}-{story.incident.id[-6:].lower()}"
    path = desk.said.into / f"{name}.yaml"
    if path.exists():
        raise Trouble(f"{path} is there already", "it would be written over", "give it another name: --name", CANNOT)
    _write(path, _case(story, inputs, truth, desk.said.herring))
    desk.out.print(
        plain(f"Written: {path}. Read it, and take out what should not lie in a repository; then: ./watchkeeper eval --case {name}")
    )
    return DONE


def _truth(story: Story, analysis: Analysis, desk: Desk) -> Cause:
    """What people say that it was: their last word on this analysis."""
    words = [one for one in desk.stack.incidents.rows(story.incident.id, Feedback) if one.analysis_id == analysis.id]
    last = max(words, key=lambda one: one.at, default=None)
    if last is None:
        todo = f"say it first: ./watchkeeper feedback {story.incident.id} right"
        raise Trouble("nobody has said what it really was", "a case without a known truth judges nobody", todo, NO)
    if last.true_cause is None and not last.right:
        todo = f"name it: ./watchkeeper feedback {story.incident.id} wrong --cause CAUSE"
        raise Trouble("people said that it was wrong, and not what it was", todo=todo, code=NO)
    return last.true_cause or analysis.cause


def _case(story: Story, inputs: Inputs, truth: Cause, herring: str) -> EvalCase:
    incident = inputs.case.incident
    derived = {join.name for join in joins()}
    evidence: dict[str, Any] = {}
    for one in inputs.case.exhibits:
        row = one.evidence
        if row.collector in derived:
            continue
        if row.answer is Answer.FOUND:
            evidence[row.collector] = one.text
        elif row.answer is Answer.NOT_ALLOWED:
            evidence[row.collector] = {"not_allowed": row.permission or row.why}
        else:
            evidence[row.collector] = {"nothing" if row.answer is Answer.NOTHING else "failed": row.summary or row.why}
    about = {name: getattr(incident, name) for name in ("title", "service", "environment", "severity", "source", "alarm_name", "fired_at")}
    about |= {"alerts": incident.alert_count, "resources": incident.resources}
    return EvalCase.model_validate(
        {
            "about": f"{story.incident.id}: {incident.title}",
            "herring": herring,
            "origin": f"{story.incident.id}, by the word of people",
            "incident": about,
            "evidence": evidence,
            "expect": {"cause": [truth]},
        }
    )


def _write(path: Path, case: EvalCase) -> None:
    import yaml  # only when a case is written

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(case.model_dump(mode="json", exclude={"name"}, exclude_defaults=True), sort_keys=False, width=140))


COMMANDS = (Command("learn", "make an eval case of an incident whose true cause people have told", run, arguments),)
