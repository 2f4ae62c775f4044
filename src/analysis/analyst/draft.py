"""Makes an opinion of what comes first in the ranking: the local default, the fallback and the first draft."""

from analysis.analyst.answer import answer
from analysis.analyst.ranking import best
from analysis.analyst.rule import Finding, Rule
from analysis.analyst.seen_before import told
from analysis.case import Case
from analysis.opinion import Opinion
from watchkeeper.goals import is_goal
from watchkeeper.models import Cause, ProposedAction


def draft(case: Case) -> Opinion:
    """The opinion of the best rule. Text in the evidence can change which rule wins, never what a rule proposes:
    the actions are those that the catalogue lists for the cause, or that a person has asked for, and that fit a trusted resource."""
    rule, finding = best(case)
    known = rule.cause is not Cause.UNKNOWN
    opinion = Opinion(
        summary=f"{finding.sentence} {rule.impact}" if known else f"{finding.sentence} A person has to look.",
        root_cause=finding.sentence,
        cause=rule.cause,
        confidence=finding.confidence,
        severity=case.incident.severity,
        severity_why="as the alert was rated when it came in",
        impact=rule.impact,
        contributing=(*finding.contributing, *told(case, rule.cause)),
        citations=finding.citations,
        missing=case.missing,
        steps=(*finding.steps, *rule.steps),
        proposed=_proposed(rule, finding, case),
        prevention=rule.prevention,
        plain_words=rule.plain_words,
    )
    return answer(opinion, case) if is_goal(case.incident) else opinion


def _proposed(rule: Rule, finding: Finding, case: Case) -> tuple[ProposedAction, ...]:
    helping = [one for name, one in case.fitting().items() if rule.cause in one.helps_with or name in finding.proposes]
    return tuple(ProposedAction(action=action.name, why=action.expected_effect) for action in helping)
