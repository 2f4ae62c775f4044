"""What an answer is worth, and what many are worth together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from cli.judging.cases import EvalCase
from watchkeeper.models import Analysis, Cause

SURE = 0.7
Z95 = 1.959964
BINS = 5


class Verdict(StrEnum):
    RIGHT = "right"
    ABSTAINED = "abstained"
    WRONG = "wrong"
    SURE_AND_WRONG = "sure and wrong"


@dataclass(frozen=True)
class Judged:
    """One case, what was answered, the verdict, and a sentence for each thing that is not as it should be."""

    case: EvalCase
    analysis: Analysis
    verdict: Verdict
    faults: tuple[str, ...]
    seconds: float = 0.0


@dataclass(frozen=True)
class Summary:
    """`low` and `high` are Wilson's interval for the share of right answers, at 95 %. `brier` is the mean squared distance
    between the confidence of an answer and whether it was right; `calibration` the mean distance between what was promised and
    what came true, over fifths of confidence, weighted. Both are over the answers that name a cause."""

    cases: int
    right: int
    abstained: int
    wrong: int
    sure_and_wrong: int
    accuracy: float
    low: float
    high: float
    brier: float
    calibration: float
    tokens: int
    usd: float
    seconds: float


def judge(case: EvalCase, analysis: Analysis, seconds: float = 0.0) -> Judged:
    """Right is the whole of it: cause, words, proposals and confidence. An answer that abstains where it need not is not wrong."""
    expect = case.expect
    faults = tuple(_faults(case, analysis))
    if analysis.cause is Cause.UNKNOWN and not expect.abstains:
        verdict = Verdict.ABSTAINED
    elif not faults:
        verdict = Verdict.RIGHT
    elif analysis.confidence >= SURE and analysis.cause not in expect.cause:
        verdict = Verdict.SURE_AND_WRONG
    else:
        verdict = Verdict.WRONG
    return Judged(case, analysis, verdict, faults, seconds)


def _faults(case: EvalCase, analysis: Analysis) -> list[str]:
    expect, told = case.expect, spoken(analysis)
    proposed = tuple(one.action for one in analysis.proposed)
    wanted = " or ".join(cause.value for cause in expect.cause)
    checks = [
        (analysis.cause not in expect.cause, f"the cause is {analysis.cause.value}, not {wanted}"),
        (expect.proposes is not None and set(proposed) != set(expect.proposes or ()), f"proposes {', '.join(proposed) or 'nothing'}"),
        (not expect.at_least <= analysis.confidence <= expect.at_most, f"confidence {analysis.confidence:.2f}"),
        *((text not in told, f"does not say {text!r}") for text in expect.says),
        *((text in told, f"says {text!r}") for text in expect.never_says),
        *((action in proposed, f"proposes {action}") for action in expect.never_proposes),
    ]
    return [says for wrong, says in checks if wrong]


def spoken(analysis: Analysis) -> str:
    """Everything that a person is told as the analyst's own word; quotes and what is missing are not."""
    texts = (analysis.summary, analysis.root_cause, analysis.impact, analysis.plain_words, analysis.severity_why)
    return "\n".join((*texts, *analysis.contributing, *analysis.steps, *analysis.prevention))


def summed(judged: Sequence[Judged]) -> Summary:
    """All cases together."""
    count = {verdict: sum(1 for one in judged if one.verdict is verdict) for verdict in Verdict}
    low, high = wilson(count[Verdict.RIGHT], len(judged))
    said = [
        (one.analysis.confidence, one.analysis.cause in one.case.expect.cause) for one in judged if one.analysis.cause is not Cause.UNKNOWN
    ]
    return Summary(
        cases=len(judged),
        right=count[Verdict.RIGHT],
        abstained=count[Verdict.ABSTAINED],
        wrong=count[Verdict.WRONG] + count[Verdict.SURE_AND_WRONG],
        sure_and_wrong=count[Verdict.SURE_AND_WRONG],
        accuracy=count[Verdict.RIGHT] / len(judged) if judged else 0.0,
        low=low,
        high=high,
        brier=sum((confidence - right) ** 2 for confidence, right in said) / len(said) if said else 0.0,
        calibration=calibration(said),
        tokens=sum(one.analysis.tokens_in + one.analysis.tokens_out for one in judged),
        usd=sum(one.analysis.cost_usd for one in judged),
        seconds=sum(one.seconds for one in judged),
    )


def wilson(right: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, at 95 %, however few cases there are."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, Z95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z95 * sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def calibration(said: Sequence[tuple[float, bool]]) -> float:
    """The expected calibration error over fifths."""
    error = 0.0
    for number in range(BINS):
        inside = [one for one in said if min(BINS - 1, int(one[0] * BINS)) == number]
        if inside:
            promised = sum(confidence for confidence, _ in inside) / len(inside)
            came_true = sum(right for _, right in inside) / len(inside)
            error += abs(promised - came_true) * len(inside) / len(said)
    return error
