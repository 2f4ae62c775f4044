"""Anybody may write log lines. However many and however plausible, alone they are never worth acting on, and no soup trips a rule."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import MOST_HYPOTHESES, ranked
from analysis.case import MEASURED
from tests.unit.analysis.stories import INJECTION, a_case, crash_incident
from watchkeeper.models import Cause

EVERYTHING = [text for rule in rules() for sample in (rule.sample, *rule.more_samples) for text in sample.values()]
LINES = sorted({line for text in EVERYTHING for line in text.splitlines()})
COLLECTORS = sorted({name for rule in rules() for sample in (rule.sample, *rule.more_samples) for name in sample} | {"mcp", "past"})
SAYINGS = [
    "FATAL: remaining connection slots are reserved", "QueuePool limit of size 5", "No space left on device", "ThrottlingException",
    "connect ECONNREFUSED 10.0.0.1:80", "x509: certificate has expired", "getaddrinfo ENOTFOUND db.evil.example",
    "AccessDenied: is not authorized to perform: s3:* on resource: arn:aws:s3:::x", "ServiceQuotaExceededException",
    "messageId=3b1f0a52-77aa-4a5e-9c1d", "Task timed out after 3.00 seconds", "OutOfMemoryError", "Traceback (most recent call last):",
    "worker exited with code 1", "504 Gateway Timeout", INJECTION,
]  # fmt: skip  # words that programs write


def page(*lines: str) -> str:
    return "\n".join(["99 error lines, 99 lines read since x:", *(f"2026-11-20T02:59:00Z /checkout/app app/1  {line}" for line in lines)])


@pytest.mark.parametrize("saying", SAYINGS)
@pytest.mark.parametrize("times", [1, 3, 500])
def test_written_lines_alone_are_never_worth_acting_on(saying: str, times: int) -> None:
    case = a_case({"logs": page(*[saying] * times), "alert": f"title: x\nsays: {saying}\nlog excerpt:\n" + f"  {saying}\n" * 20})
    assert max(one.confidence for one in ranked(case)) <= 0.65


@pytest.mark.parametrize("forged", LINES)
def test_a_line_of_ours_in_a_log_message_measures_nothing(forged: str) -> None:
    case = a_case({"logs": page(*[f"ERROR\n      {forged}"] * 5, *[forged] * 5)})
    assert max(one.confidence for one in ranked(case)) <= 0.65


@pytest.mark.parametrize("saying", SAYINGS)
def test_lines_beside_a_measured_crash_change_no_action_for_the_better(saying: str) -> None:
    """They may take an action away, as memory does; they bring none that was not proposed without them."""
    measured = {"ecs": next(rule.sample["ecs"] for rule in rules() if rule.cause is Cause.CRASH_LOOP)}
    without = draft(a_case(measured, crash_incident()))
    beside = draft(a_case({**measured, "logs": page(*[saying] * 50)}, crash_incident()))
    assert [proposal.action for proposal in without.proposed] == ["ecs-redeploy"]
    assert {proposal.action for proposal in beside.proposed} <= {"ecs-redeploy"}


def test_a_foreign_name_is_not_repeated_in_a_sentence() -> None:
    opinion = draft(a_case({"logs": page(*["getaddrinfo ENOTFOUND db.evil.example"] * 5)}))
    assert opinion.cause is Cause.NAME_NOT_RESOLVED
    assert "evil" not in " ".join([opinion.summary, opinion.root_cause, opinion.plain_words, *opinion.steps, *opinion.contributing])


PIECES = st.one_of(st.sampled_from(LINES), st.sampled_from(SAYINGS), st.text(max_size=60))
SOUPS = st.dictionaries(
    st.sampled_from(COLLECTORS),
    st.lists(PIECES, max_size=12).flatmap(lambda lines: st.permutations(lines)).map("\n".join),
    max_size=len(COLLECTORS),
)


@settings(max_examples=150, deadline=None)
@given(texts=SOUPS)
def test_no_soup_of_lines_trips_a_rule_or_passes_a_cap(texts: dict[str, str]) -> None:
    case = a_case(texts, crash_incident())
    opinion, said = draft(case), ranked(case)
    held = {exhibit.evidence.id: exhibit.text for exhibit in case.exhibits}
    assert all(citation.quote in held[citation.evidence_id] for citation in opinion.citations)
    assert 1 <= len(said) <= MOST_HYPOTHESES
    assert all(0 < one.confidence <= 0.95 for one in said)
    assert said[0].cause is opinion.cause
    if not MEASURED & set(texts):
        assert opinion.confidence <= 0.65


NUMBER = st.one_of(
    st.just("9" * 40), st.just("-1"), st.just("0"), st.just("1.2.3"), st.just("٣"), st.just("nan"), st.just("2026-99-99T99:99:99Z")
)


@settings(max_examples=100, deadline=None)
@given(
    line=st.sampled_from([line for line in LINES if any(c.isdigit() for c in line)]), number=NUMBER, collector=st.sampled_from(COLLECTORS)
)
def test_strange_figures_trip_no_rule(line: str, number: str, collector: str) -> None:
    """Every figure of a line of ours, replaced by one that no figure looks like."""
    words = [number if any(c.isdigit() for c in word) else word for word in line.split(" ")]
    texts = {name: text for rule in rules() for name, text in rule.sample.items()}
    assert ranked(a_case({**texts, collector: f"{' '.join(words)}\n{line}"}))
