"""Ranks what the rules see and makes an opinion of the best: the local default, the fallback and the first draft."""

from analysis.analyst import rules
from analysis.analyst.rule import Finding, Rule
from analysis.case import Case
from analysis.opinion import Opinion
from watchkeeper.models import Cause, ProposedAction

CARRIES = 0.4
OUTRANKS_FROM = 0.6


def draft(case: Case) -> Opinion:
    """The opinion of the best rule. Text in the evidence can change which rule wins, never what a rule proposes:
    the actions are those that the catalogue lists for the cause and that fit a trusted resource."""
    rule, finding = best(case)
    known = rule.cause is not Cause.UNKNOWN
    return Opinion(
        summary=f"{finding.sentence} {rule.impact}" if known else f"{finding.sentence} A person has to look.",
        root_cause=finding.sentence,
        cause=rule.cause,
        confidence=finding.confidence,
        severity=case.incident.severity,
        severity_why="as the alert was rated when it came in",
        impact=rule.impact,
        contributing=finding.contributing,
        citations=finding.citations,
        missing=case.missing,
        steps=rule.steps,
        proposed=_proposed(rule, case),
        prevention=rule.prevention,
        plain_words=rule.plain_words,
    )


def best(case: Case) -> tuple[Rule, Finding]:
    """The most confident finding that no other explains away; cannot_tell below CARRIES."""
    seen = [(rule, finding) for rule in rules() if (finding := rule.look(case))]
    explained = {cause for rule, finding in seen if finding.confidence >= OUTRANKS_FROM for cause in rule.outranks}
    ranked = [(rule, finding) for rule, finding in seen if rule.cause not in explained]
    carrying = [one for one in ranked if one[1].confidence >= CARRIES]
    unknown = [one for one in seen if one[0].cause is Cause.UNKNOWN]
    return max(carrying or unknown, key=lambda one: one[1].confidence)


def _proposed(rule: Rule, case: Case) -> tuple[ProposedAction, ...]:
    helping = [action for action in case.fitting().values() if rule.cause in action.helps_with]
    return tuple(ProposedAction(action=action.name, why=action.expected_effect) for action in helping)
