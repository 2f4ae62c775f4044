"""Which of what the rules see comes first, what is explained away, and when nothing carries: pure, the same for the same case."""

from collections.abc import Collection
from dataclasses import dataclass

from analysis.analyst import rules
from analysis.analyst.rule import Finding, Rule
from analysis.analyst.seen_before import recalled
from analysis.case import MEASURED, Case
from analysis.lines import ReadCase
from watchkeeper.models import Cause, Citation, Hypothesis

CARRIES = 0.4
OUTRANKS_FROM = 0.6
MOST_HYPOTHESES = 5
SPECIFICITY = (
    Cause.REQUESTED, Cause.CERTIFICATE_EXPIRING, Cause.DISK_FULL, Cause.QUOTA_REACHED, Cause.OUT_OF_MEMORY, Cause.POOL_EXHAUSTED,
    Cause.POISON_MESSAGE, Cause.PERMISSION_DENIED, Cause.THROTTLED, Cause.NAME_NOT_RESOLVED, Cause.DEPENDENCY_DOWN, Cause.BAD_DEPLOY,
    Cause.TIMEOUTS, Cause.CPU_SATURATION, Cause.CRASH_LOOP, Cause.HEALTHY, Cause.ERROR_BURST, Cause.UNKNOWN,
)  # fmt: skip  # what names one thing before what names a kind of trouble: the order in which draws end


@dataclass(frozen=True)
class Judged:
    """A rule and what it saw. `measured` says whether any line that it cites was measured by AWS."""

    rule: Rule
    finding: Finding
    measured: bool

    @property
    def cause(self) -> Cause:
        return self.rule.cause

    def place(self, before: Collection[str]) -> tuple[float, bool, int]:
        """Sorted by this, the likeliest comes first; a draw goes to a cause that was seen `before`, then to the more specific."""
        return -self.finding.confidence, self.cause.value not in before, SPECIFICITY.index(self.cause)


def judged(case: Case) -> tuple[Judged, ...]:
    """What is not explained away, the likeliest first; cannot_tell is the first where nothing carries, and else not there."""
    seen, before = _seen(case), recalled(case)
    left = sorted((one for one in seen if not _explained(one, seen)), key=lambda one: one.place(before))
    unknown = [one for one in left if one.cause is Cause.UNKNOWN]
    told = [one for one in left if one.cause is not Cause.UNKNOWN]
    if told and told[0].finding.confidence >= CARRIES and not _undecided(told):
        return tuple(told[:MOST_HYPOTHESES])
    return tuple((*unknown, *told)[:MOST_HYPOTHESES])


def ranked(case: Case) -> tuple[Hypothesis, ...]:
    """The same as hypotheses: five at most, the first is the draft's opinion. What the draft could not choose between follows it."""
    return tuple(Hypothesis(cause=one.cause, confidence=one.finding.confidence, sentence=one.finding.sentence) for one in judged(case))


def best(case: Case) -> tuple[Rule, Finding]:
    """The rule that comes first, and what it saw."""
    first = judged(case)[0]
    return first.rule, first.finding


def _seen(case: Case) -> list[Judged]:
    read = ReadCase(case)
    collectors = {exhibit.evidence.id: exhibit.evidence.collector for exhibit in case.exhibits}

    def measured(citations: tuple[Citation, ...]) -> bool:
        return any(collectors.get(citation.evidence_id) in MEASURED for citation in citations)

    found = ((rule, rule.look(read)) for rule in rules())
    return [Judged(rule, finding, measured(finding.citations)) for rule, finding in found if finding]


def _explained(one: Judged, seen: list[Judged]) -> bool:
    """Is it the symptom of another that is sure enough? What anybody may have written explains nothing that was measured."""
    return any(
        one.cause in other.rule.outranks and other.finding.confidence >= OUTRANKS_FROM and (other.measured or not one.measured)
        for other in seen
    )


def _undecided(told: list[Judged]) -> bool:
    """Do log lines alone speak for two causes alike, each by lines of its own? Then nothing decides, and to choose were to guess."""
    first, *others = told
    rivals = [one for one in others if one.finding.confidence == first.finding.confidence and not _compatible(first, one)]
    return not first.measured and bool(rivals)


def _compatible(one: Judged, other: Judged) -> bool:
    """A burst of errors goes with everything; what is measured decides; what the same lines say is one thing said twice."""
    symptom = Cause.ERROR_BURST in {one.cause, other.cause} or one.cause in other.rule.outranks or other.cause in one.rule.outranks
    return symptom or other.measured or bool(set(one.finding.citations) & set(other.finding.citations))
