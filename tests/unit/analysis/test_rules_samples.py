"""Every sample of every rule: its own rule wins, nothing else does, and every fact of its sentence is in a line that it cites."""

import re
from collections.abc import Mapping

import pytest

from analysis.analyst import rules
from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.analyst.rule import Rule
from analysis.case import MEASURED, Case
from tests.unit.analysis.stories import a_case, cpu_incident, crash_incident
from watchkeeper.models import Cause

FACT = re.compile(r"#?[\w/.:-]*\d[\w/.:-]*|[\w-]+(?:[./:][\w-]+)+")
SAMPLES = [
    pytest.param(rule, sample, id=f"{rule.cause.value}-{number}")
    for rule in rules()
    for number, sample in enumerate((rule.sample, *rule.more_samples))
]


def case_of(sample: Mapping[str, str]) -> Case:
    return a_case(dict(sample), crash_incident() if "ecs" in sample else cpu_incident())


@pytest.mark.parametrize(("rule", "sample"), SAMPLES)
def test_a_sample_is_won_by_its_own_rule_and_no_other_comes_near(rule: Rule, sample: Mapping[str, str]) -> None:
    first, *others = ranked(case_of(sample))
    assert first.cause is rule.cause
    assert all(other.confidence < first.confidence for other in others)


@pytest.mark.parametrize(("rule", "sample"), SAMPLES)
def test_every_fact_of_a_sentence_is_cited(rule: Rule, sample: Mapping[str, str]) -> None:
    case = case_of(sample)
    opinion = draft(case)
    quotes = " ".join(citation.quote for citation in opinion.citations)
    facts = [fact.rstrip(".:") for fact in FACT.findall(opinion.root_cause)]
    assert [fact for fact in facts if fact not in quotes] == []
    texts = {exhibit.evidence.id: exhibit.text for exhibit in case.exhibits}
    assert all(citation.quote in texts[citation.evidence_id] for citation in opinion.citations)


@pytest.mark.parametrize(("rule", "sample"), SAMPLES)
def test_without_a_measurement_no_sample_is_worth_acting_on(rule: Rule, sample: Mapping[str, str]) -> None:
    told = {name: text for name, text in sample.items() if name not in MEASURED}
    assert draft(a_case(told)).confidence < 0.7


@pytest.mark.parametrize(
    ("cause", "number", "said"),
    [
        (Cause.POOL_EXHAUSTED, 0, "Database connections ran out 4 minutes after pull request #482 was merged and deployed"),
        (Cause.BAD_DEPLOY, 1, "It broke 4 minutes after pull request #482 was merged and deployed"),
        (
            Cause.OUT_OF_MEMORY,
            1,
            "(three were killed). The stack trace points at src/cart/cache.py:88 in remember, a line that commit 4be1a",
        ),
        (Cause.CERTIFICATE_EXPIRING, 0, "shop.example.com expires in 14 days, and its renewal waits for a DNS record"),
        (Cause.THROTTLED, 1, "Throttles reached 52, with a reserved concurrency of 10"),
        (Cause.PERMISSION_DENIED, 0, "may not do s3:PutObject on arn:aws:s3:::receipts/2026, after PutRolePolicy"),
        (Cause.NAME_NOT_RESOLVED, 0, "The name orders.shop.internal cannot be resolved"),
        (Cause.DEPENDENCY_DOWN, 0, "The trouble begins at orders, not here"),
    ],
)
def test_a_sentence_names_what_the_evidence_holds(cause: Cause, number: int, said: str) -> None:
    rule = next(rule for rule in rules() if rule.cause is cause)
    assert said in draft(case_of((rule.sample, *rule.more_samples)[number])).root_cause


def test_the_exact_record_is_the_first_step() -> None:
    rule = next(rule for rule in rules() if rule.cause is Cause.CERTIFICATE_EXPIRING)
    record = "_a79865eb4cd1a6ab990a45779b4e0b96.shop.example.com. CNAME _424c7224e9b0146f9a8808af955727d0.acm-validations.aws."
    assert draft(case_of(rule.sample)).steps[0] == f"Add the DNS record {record}"


def test_the_records_of_another_certificate_are_not_asked_for() -> None:
    rule = next(rule for rule in rules() if rule.cause is Cause.CERTIFICATE_EXPIRING)
    other = "\nacm:certificate 99 for b.example.com: status ISSUED, expires 2027-12-04T00:00:00Z (in 379 days), in use by 1 resources\n"
    other += "add this record: _b.b.example.com. CNAME _c.acm-validations.aws."
    steps = draft(case_of({**rule.sample, "acm": rule.sample["acm"] + other})).steps
    assert len([step for step in steps if step.startswith("Add the DNS record")]) == 1
    assert not any("b.example.com" in step for step in steps)
