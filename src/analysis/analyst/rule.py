"""What a rule is: a cause, a pure look at the case, and the sample that it must recognise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.case import Case
from watchkeeper.models import Cause, Citation

MOST_CITATIONS = 6


@dataclass(frozen=True)
class Finding:
    """What a rule saw. `confidence` follows from the rule's own table, never from how loud the evidence is."""

    confidence: float
    sentence: str
    citations: tuple[Citation, ...]
    contributing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """`look` answers none where the rule has nothing to say. `outranks` names the causes that are only its symptoms.

    `sample` is the text of each collector's evidence in a case that this rule must win.
    """

    cause: Cause
    look: Callable[[Case], Finding | None]
    sample: Mapping[str, str]
    impact: str
    steps: tuple[str, ...]
    prevention: tuple[str, ...]
    plain_words: str
    outranks: frozenset[Cause] = frozenset()


def few(*groups: list[Citation]) -> tuple[Citation, ...]:
    """The last of each group in turn, no more than a reader takes in, none twice."""
    each = max(1, MOST_CITATIONS // max(1, len([group for group in groups if group])))
    return tuple(dict.fromkeys(citation for group in groups for citation in group[-each:]))[:MOST_CITATIONS]
