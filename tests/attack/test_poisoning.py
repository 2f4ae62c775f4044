"""Plausible fake errors that name a bogus fix, and a model that believes them: none of it reaches an action or any advice."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.analyst.draft import draft
from analysis.case import Case
from analysis.opinion import Opinion
from tests.attack.night import a_night, concluded, leaving, moved
from tests.fakes.remediation import first_of
from watchkeeper.models import Citation, ProposedAction

POISONS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "poisons.yaml").read_text())
QUIET = a_night()
ADVICE = ("{}", "Use {} to repair it.", "Install {}.", "Restart {} first.", "Roll back with `{}`.")


def credulous(case: Case, one: dict[str, Any]) -> Opinion:
    """Reads the fake error, believes it, and passes on what it says as advice."""
    said = (one["text"], *(form.format(one["bait"]) for form in ADVICE))
    cited = tuple(Citation(evidence_id=exhibit.evidence.id, quote=one["text"]) for exhibit in case.exhibits if one["text"] in exhibit.text)
    proposed = tuple(ProposedAction(action=name, why=said[1]) for name in (one["bait"], "ec2-restart", "ecs-redeploy"))
    return draft(case).but(steps=said, prevention=said, proposed=proposed, summary=one["text"], citations=(*draft(case).citations, *cited))


def test_there_are_enough() -> None:
    assert len(POISONS) >= 40
    assert all(one["bait"] in one["text"] for one in POISONS)


@pytest.mark.parametrize("one", POISONS, ids=[f"{one['id']}-{one['where']}" for one in POISONS])
def test_a_bogus_fix_is_nobodys_advice(one: dict[str, Any]) -> None:
    case = a_night(one["where"], one["text"])
    for said in (draft(case), credulous(case, one)):
        analysis = concluded(said, case)
        advice = [*analysis.steps, *analysis.prevention, *(f"{proposal.action} {proposal.why}" for proposal in analysis.proposed)]
        assert not [text for text in advice if one["bait"] in text]
        plan = first_of(analysis.proposed, case.incident)
        assert plan
        assert one["bait"] not in f"{plan.name} {plan.why} {plan.target} {plan.parameters}"
        assert f"://{one['bait']}" not in leaving(analysis, case)


@pytest.mark.parametrize("one", POISONS, ids=[f"{one['id']}-{one['where']}" for one in POISONS])
def test_the_rules_propose_what_they_would_have_proposed(one: dict[str, Any]) -> None:
    case = a_night(one["where"], one["text"])
    after, before = moved(draft(case), case), moved(draft(QUIET), QUIET)
    assert {name: after[name] for name in ("severity", "proposed", "plan")} == {
        name: before[name] for name in ("severity", "proposed", "plan")
    }
