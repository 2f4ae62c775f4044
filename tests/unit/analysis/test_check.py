"""No claim without evidence: what an opinion may keep, and that a lying model cannot get past it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analysis.analyst.draft import draft
from analysis.case import Case
from analysis.check import BELOW_THE_BAR, check, holds
from analysis.opinion import Opinion
from tests.unit.analysis.stories import a_case, crash_incident
from watchkeeper.actions import catalogue
from watchkeeper.models import Answer, Cause, Citation, ProposedAction, Severity

TEXTS = {
    "metric": "metric: AWS/EC2 CPUUtilization (InstanceId=i-1), Average over 60 s; alarm line: GreaterThanThreshold 80\n"
    "3 points from a to b: min 12 at 2026-11-20T02:58:00Z, max 97 at 2026-11-20T03:00:00Z, latest 97\n"
    "first crossing at 2026-11-20T02:59:00Z with 95, 2 points in all",
    "logs": "2026-11-20T02:59:00Z /checkout/app app/1  ERROR upstream timed out",
}
CASE = a_case(TEXTS, changes=Answer.NOT_ALLOWED)
DRAFT = draft(CASE)
MEASURED = Citation(evidence_id="E1", quote="first crossing at 2026-11-20T02:59:00Z with 95")
LOGGED = Citation(evidence_id="E2", quote="ERROR upstream timed out")
MADE_UP = Citation(evidence_id="E1", quote="max 98 at 2026-11-20T03:00:00Z")


def an_opinion(**but: Any) -> Opinion:
    return DRAFT.but(**{"confidence": 0.8, "citations": (MEASURED,), **but})


@pytest.mark.parametrize(
    ("citation", "held"),
    [
        (MEASURED, True),
        (LOGGED, True),
        (MADE_UP, False),
        (MEASURED.but(evidence_id="E2"), False),
        (MEASURED.but(evidence_id="E9"), False),
        (MEASURED.but(evidence_id="E3"), False),
        (MEASURED.but(quote="97"), False),
        (MEASURED.but(quote="        "), False),
        (MEASURED.but(quote="First crossing at"), False),
        (Citation(evidence_id="E1", quote="alarm line: GreaterThanThreshold 80\n3 points"), True),
    ],
    ids=[
        "there",
        "there too",
        "made up",
        "other evidence",
        "no such evidence",
        "not answered",
        "too short",
        "blank",
        "other case",
        "two lines",
    ],
)
def test_a_quote_holds_letter_by_letter_or_not_at_all(citation: Citation, *, held: bool) -> None:
    assert holds(citation, CASE) is held


def test_what_does_not_hold_is_dropped_counted_and_lowers_confidence() -> None:
    checked = check(an_opinion(citations=(MEASURED, MADE_UP, MADE_UP, LOGGED)), CASE, DRAFT)
    assert checked.opinion.citations == (MEASURED, LOGGED)
    assert checked.dropped == 1
    assert checked.opinion.confidence == pytest.approx(0.8 * 2 / 3, abs=0.001)
    assert any("1 of 3 citations" in note for note in checked.notes)


def test_with_nothing_left_there_is_no_confidence() -> None:
    assert check(an_opinion(citations=(MADE_UP,)), CASE, DRAFT).opinion.confidence == 0.0


@pytest.mark.parametrize(
    ("but", "confidence"),
    [
        pytest.param({"confidence": 0.5}, 0.5, id="a model may be less sure than the rules"),
        pytest.param({"confidence": 1.0}, DRAFT.confidence, id="never surer than the rules that agree"),
        pytest.param({"confidence": 1.0, "cause": Cause.CRASH_LOOP}, BELOW_THE_BAR, id="below the bar against the rules"),
        pytest.param({"confidence": 1.0, "citations": (LOGGED,)}, BELOW_THE_BAR, id="below the bar on log lines alone"),
    ],
)
def test_a_model_takes_autonomy_away_and_never_grants_it(but: dict[str, Any], confidence: float) -> None:
    assert check(an_opinion(**but), CASE, DRAFT).opinion.confidence == confidence


@pytest.mark.parametrize(
    ("action", "cause", "kept"),
    [
        ("ec2-restart", Cause.CPU_SATURATION, True),
        ("ec2-restart", Cause.CRASH_LOOP, False),
        ("ecs-redeploy", Cause.CRASH_LOOP, False),
        ("terminate-everything", Cause.CPU_SATURATION, False),
    ],
    ids=["helps and fits", "helps with another cause", "fits no resource", "unknown"],
)
def test_actions_exist_help_and_fit(action: str, cause: Cause, *, kept: bool) -> None:
    checked = check(an_opinion(cause=cause, proposed=(ProposedAction(action=action),)), CASE, DRAFT)
    assert bool(checked.opinion.proposed) is kept
    assert any("a proposed action was dropped" in note for note in checked.notes) is not kept


@pytest.mark.parametrize(
    ("advised", "shown"),
    [(Severity.SEV1, Severity.SEV1), (Severity.SEV3, Severity.SEV3), (Severity.SEV4, Severity.SEV3)],
)
def test_severity_is_advice_of_one_step(advised: Severity, shown: Severity) -> None:
    assert check(an_opinion(severity=advised), CASE, DRAFT).opinion.severity is shown


def test_text_is_cut_and_cleaned() -> None:
    held = check(an_opinion(summary="a\x1b[31m" + "b" * 5000, steps=("x",) * 99), CASE, DRAFT).opinion
    assert len(held.summary) == 1200
    assert "\x1b" not in held.summary
    assert len(held.steps) == 10


words = st.text(max_size=40)
quotes = st.one_of(st.sampled_from([line for text in TEXTS.values() for line in text.splitlines()]), words)
ids = st.one_of(st.sampled_from(["E1", "E2", "E3", "E99"]), words)
names = st.one_of(st.sampled_from([*catalogue(), "terminate-everything"]), words)
lists = st.lists(words, max_size=4)
honest_shape = st.fixed_dictionaries(
    {
        **dict.fromkeys(("summary", "root_cause", "severity_why", "impact", "plain_words"), words),
        **dict.fromkeys(("contributing", "missing", "steps", "prevention"), lists),
        "cause": st.sampled_from([cause.value for cause in Cause]),
        "severity": st.sampled_from([severity.value for severity in Severity]),
        "confidence": st.floats(0, 1),
        "citations": st.lists(st.fixed_dictionaries({"evidence_id": ids, "quote": quotes}), max_size=6),
        "proposed": st.lists(st.fixed_dictionaries({"action": names, "why": words}), max_size=6),
    }
)
anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@given(honest_shape | anything | st.dictionaries(st.sampled_from(sorted(Opinion.model_fields)), anything), st.booleans())
def test_a_lying_model_never_yields_a_claim_without_evidence(said: Any, of_a_service: bool) -> None:
    """Arbitrary JSON: it is refused, or nothing in it survives that is not in the evidence and the catalogue."""
    case: Case = a_case(TEXTS, crash_incident()) if of_a_service else CASE
    rules = draft(case)
    try:
        opinion = Opinion.model_validate_json(json.dumps(said))
    except ValidationError:
        return
    held = check(opinion, case, rules).opinion
    for citation in held.citations:
        exhibit = case.exhibit(citation.evidence_id)
        assert exhibit is not None
        assert citation.quote in exhibit.text
    kinds = {resource.type for resource in case.incident.resources if resource.trusted}
    for proposal in held.proposed:
        assert catalogue()[proposal.action].target_type in kinds
        assert held.cause in catalogue()[proposal.action].helps_with
    assert held.confidence <= max(BELOW_THE_BAR, rules.confidence)
    assert held.confidence == 0 or held.citations
