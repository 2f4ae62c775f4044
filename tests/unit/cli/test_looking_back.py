"""Feedback, replay and learning: what people say of an analysis, the analysis once more, and a case made of both."""

import json
from pathlib import Path

import pytest

from analysis.analyst.draft import draft
from analysis.case import Case, Exhibit
from analysis.case_file import filed, opened, stamped
from analysis.deciding import Inputs, decide
from analysis.memory import to_keep
from analysis.thought import Thought
from claude.question import Usage
from cli.judging.cases import read_cases
from tests.fakes.words import NIGHT, an_alert, an_incident
from tests.unit.cli.conftest import Terminal, publish
from watchkeeper.change import change
from watchkeeper.models import Analysis, Answer, Citation, Evidence, Feedback, Incident, Route
from watchkeeper.publish import Publisher

METRIC = (
    "metric: AWS/EC2 CPUUtilization (InstanceId=i-0123456789abcdef0), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
    "3 points from 2026-11-20T02:58:00Z to 2026-11-20T03:00:00Z: "
    "min 12 at 2026-11-20T02:58:00Z, max 97 at 2026-11-20T03:00:00Z, latest 97\n"
    "first crossing at 2026-11-20T02:59:00Z with 95, 2 points in all"
)


def a_case(incident: Incident) -> Case:
    def exhibit(number: int, name: str, text: str, answer: Answer = Answer.FOUND) -> Exhibit:
        row = {"id": f"E{number}", "collector": name, "asked": "?", "summary": text[:60] or "none", "collected_at": NIGHT}
        return Exhibit(Evidence.model_validate({**row, "answer": answer, "body": text, "permission": "a:B"}), text, "measured")

    return Case(incident, (an_alert(),), (exhibit(1, "metric", METRIC), exhibit(2, "logs", "", Answer.NOT_ALLOWED)))


def an_opinion(case: Case) -> Thought:
    """What a model said, that can be checked."""
    quote = Citation(evidence_id="E1", quote="first crossing at 2026-11-20T02:59:00Z with 95")
    opinion = draft(case).but(summary="The processor is busy.", citations=(quote,))
    return Thought(opinion, route=Route.TRIAGE, model="claude-haiku-5-5", usage=Usage(fresh=900, out=80), cost_usd=0.0002)


def analysed(terminal: Terminal, thought: Thought | None = None) -> Incident:
    """An incident with an analysis that was made by the real decision and filed as the service files it."""
    stack = terminal.stack
    incident = publish(stack)
    case = a_case(incident)
    inputs = Inputs(case, "AN-2", NIGHT, "sig-2", thought=thought or Thought(None, "nobody was asked"))
    raw = filed(inputs).model_dump_json().encode()
    analysis = decide(inputs)
    stored = stack.blobs.put("cases/a-case", raw)
    analysis = stamped(analysis, stored.key, raw)
    stack.analyses.keep(to_keep(analysis, case))
    done = change(incident, [], NIGHT, new=[analysis], analysis_id="AN-2", quiet=True)
    Publisher(stack.incidents, stack.outbox, stack.anchors).publish(done)
    return done.incident


def test_a_file_opens_as_the_inputs_it_was_made_of(waiting: Incident) -> None:
    case = a_case(waiting)
    inputs = Inputs(case, "A", NIGHT, "sig", thought=an_opinion(case), notes=("the cache did not answer",))
    again = opened(filed(inputs).model_dump_json())
    assert decide(again).model_dump_json() == decide(inputs).model_dump_json()
    assert filed(again).model_dump_json() == filed(inputs).model_dump_json()


def test_a_replay_is_the_same_byte_for_byte_for_the_rules_and_for_what_claude_said(terminal: Terminal) -> None:
    analysed(terminal)
    assert terminal.run("replay", "latest") == 0
    assert "The same, byte for byte." in terminal.out


def test_what_claude_said_is_replayed_without_asking_it(terminal: Terminal) -> None:
    analysed(terminal, an_opinion(a_case(an_incident())))
    assert terminal.run("replay", "latest") == 0
    assert "claude then, claude now" in terminal.out
    assert terminal.run("replay", "latest", "--engine", "deterministic") == 1
    assert "claude then, deterministic now" in terminal.out


def test_a_replay_works_offline_and_sees_what_was_changed(terminal: Terminal, tmp_path: Path) -> None:
    analysed(terminal)
    assert terminal.run("replay", "latest", "--save", str(tmp_path)) == 0
    terminal.named.clear()
    assert terminal.run("replay", "--from", str(tmp_path)) == 0
    assert terminal.named == [], "no stack was asked"
    case = (tmp_path / "case.json").read_text()
    (tmp_path / "case.json").write_text(case.replace("max 97", "max 20"))
    assert terminal.run("replay", "--from", str(tmp_path)) == 1
    assert "It comes out differently." in terminal.out


def test_an_analysis_without_a_case_cannot_be_replayed(
    terminal: Terminal, waiting: Incident, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal.run("replay", "latest") == 1
    assert terminal.run("replay", "--from", str(tmp_path / "nowhere")) == 2
    assert "holds no case" in capsys.readouterr().err


def words(terminal: Terminal, incident: Incident) -> list[Feedback]:
    return terminal.stack.incidents.rows(incident.id, Feedback)


def test_a_word_is_kept_told_and_makes_the_cache_forget_what_was_wrong(terminal: Terminal) -> None:
    incident = analysed(terminal)
    assert terminal.stack.analyses.find("sig-2") is not None
    assert terminal.run("feedback", "latest", "right", "--as", "ada") == 0
    assert terminal.stack.analyses.find("sig-2") is not None
    said = ("feedback", "latest", "wrong", "--cause", "disk_full", "--because", "The disk was full.", "--as", "ada")
    assert terminal.run(*said) == 0
    (word,) = words(terminal, incident)
    assert (word.right, word.true_cause, word.says, word.by) == (False, "disk_full", "The disk was full.", "ada")
    assert terminal.stack.analyses.find("sig-2") is None
    told = [record.says for record in terminal.stack.incidents.history(incident.id) if record.kind == "feedback.given"]
    assert told[-1] == "ada says that the analysis was wrong; it was disk_full: The disk was full."


def test_two_people_have_a_word_each(terminal: Terminal) -> None:
    incident = analysed(terminal)
    terminal.run("feedback", "latest", "right", "--as", "ada")
    terminal.run("feedback", "latest", "wrong", "--as", "bob")
    assert sorted((word.by, word.right) for word in words(terminal, incident)) == [("ada", True), ("bob", False)]


def test_a_word_that_is_too_long_or_on_nothing_is_refused(terminal: Terminal) -> None:
    publish(terminal.stack, analysis_id="")
    assert terminal.run("feedback", "latest", "right") == 1
    assert terminal.run("feedback", "latest", "right", "--because", "x" * 1001) == 2


def test_an_incident_becomes_a_case_by_one_command(terminal: Terminal, tmp_path: Path) -> None:
    incident = analysed(terminal)
    assert terminal.run("learn", "latest", "--into", str(tmp_path)) == 1, "nobody has said what it was"
    terminal.run("feedback", "latest", "wrong", "--as", "ada")
    assert terminal.run("learn", "latest", "--into", str(tmp_path)) == 1, "nor what it was instead"
    terminal.run("feedback", "latest", "right", "--as", "ada")
    terminal.at = terminal.at.replace(hour=4)
    terminal.run("feedback", "latest", "right", "--as", "ada")
    assert terminal.run("learn", "latest", "--into", str(tmp_path), "--name", "busy", "--herring", "a job") == 0
    (case,) = read_cases(tmp_path)
    assert (case.name, case.herring, case.expect.cause, case.incident.title) == ("busy", "a job", ("cpu_saturation",), incident.title)
    assert case.evidence["metric"] == METRIC
    assert terminal.run("eval", "--cases", str(tmp_path), "--json") == 0
    assert json.loads(terminal.out)["right"] == 1
    assert terminal.run("learn", "latest", "--into", str(tmp_path), "--name", "busy") == 2, "nothing is written over"


def test_the_stored_analysis_is_bound_to_its_file(terminal: Terminal) -> None:
    incident = analysed(terminal)
    analysis = terminal.stack.incidents.row(incident.id, Analysis, "AN-2")
    assert analysis is not None
    terminal.stack.blobs.put(analysis.case_key, b"{}")
    assert terminal.run("replay", "latest") == 2, "its sha256 is in the analysis, and the analysis in the audit chain"
