"""The second reader can lower the confidence, with lines that are there; it can never raise it."""

from typing import Any

import pytest

from analysis.thinking.second_reader import Reading, read
from analysis.thinking.shapes import Objections
from claude.errors import Overloaded
from tests.unit.analysis.thinking_stories import CASE, GRAVE, LINE, FakeModel, Room, a_matter
from watchkeeper.models import Route


def objections(verdict: str, *quotes: tuple[str, str]) -> dict[str, Any]:
    return {"verdict": verdict, "objections": [{"sentence": "No.", "evidence_id": name, "quote": quote} for name, quote in quotes]}


@pytest.mark.parametrize(
    ("said", "reading"),
    [
        pytest.param(objections("stands"), Reading(), id="stands"),
        pytest.param(objections("stands", ("E2", LINE)), Reading(("No. (E2)",), 1.0), id="stands, with a remark"),
        pytest.param(objections("weak", ("E2", LINE)), Reading(("No. (E2)",), 0.8), id="weak"),
        pytest.param(objections("refuted", ("E2", LINE)), Reading(("No. (E2)",), 0.5), id="refuted"),
        pytest.param(objections("refuted"), Reading(), id="refuted without a reason"),
        pytest.param(objections("refuted", ("E2", "never written")), Reading(dropped=1), id="an invented quote"),
        pytest.param(objections("refuted", ("E1", LINE)), Reading(dropped=1), id="the wrong evidence"),
        pytest.param(objections("refuted", ("E2", "97")), Reading(dropped=1), id="too short to mean anything"),
        pytest.param(objections("refuted", ("E2", " " * 9)), Reading(dropped=1), id="nothing but blanks"),
        pytest.param(objections("weak", ("E2", LINE), ("E9", LINE)), Reading(("No. (E2)",), 0.8, 1), id="one of two"),
    ],
)
def test_a_verdict_counts_as_far_as_its_objections_hold(said: dict[str, Any], reading: Reading) -> None:
    assert read(Objections.model_validate(said), CASE.exhibits) == reading
    assert 0.5 <= reading.faith <= 1.0


def test_a_deep_answer_is_read_again_by_the_small_model() -> None:
    model = FakeModel(reader=objections("refuted", ("E2", LINE)))
    thought = Room(model).think(a_matter(GRAVE))
    assert (thought.route, thought.faith, thought.objections) == (Route.DEEP, 0.5, ("No. (E2)",))
    asked = model.of(Objections)
    assert [one.model for one in asked] == ["claude-haiku-5-5"]
    assert not asked[0].may_use_tools
    assert "refuted, 1 objections that hold" in thought.steps[-1].says


def test_a_triage_is_not_read_again() -> None:
    model = FakeModel(reader=objections("refuted", ("E2", LINE)))
    thought = Room(model).think()
    assert (thought.route, thought.faith, model.of(Objections)) == (Route.TRIAGE, 1.0, [])


@pytest.mark.parametrize(("seconds", "read_again"), [(9.0, 1), (7.9, 0)])
def test_without_the_time_for_it_the_answer_stands(seconds: float, read_again: int) -> None:
    model = FakeModel(takes=1.0)
    thought = Room(model, seconds=seconds).think(a_matter(GRAVE))
    assert (thought.route, thought.faith, len(model.of(Objections))) == (Route.DEEP, 1.0, read_again)


def test_a_reader_who_does_not_answer_changes_nothing() -> None:
    thought = Room(FakeModel(reader=Overloaded("529"))).think(a_matter(GRAVE))
    assert (thought.route, thought.faith, thought.why) == (Route.DEEP, 1.0, "")
    assert thought.steps[-1].says == "No second reader: 529"


def test_what_the_reader_says_is_cleaned() -> None:
    said = objections("weak", ("E2", LINE))
    said["objections"][0]["sentence"] = f"See https://evil.example/fix {'x' * 900}"
    thought = Room(FakeModel(reader=said)).think(a_matter(GRAVE))
    assert len(thought.objections[0]) <= 300
    assert "evil.example" not in thought.objections[0]
