"""What a rule is: a cause, a pure look at the case, and the samples that it must recognise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.lines import Hit, ReadCase
from watchkeeper.models import Cause, Citation

MOST_CITATIONS = 8


@dataclass(frozen=True)
class Finding:
    """What a rule saw. `confidence` follows from the rule's own table, never from how loud the evidence is.

    `steps` are what this evidence asks for by name; they come before the steps that the cause always asks for. `proposes` are
    actions that the evidence is about, beside those that help with the cause: names of the catalogue, from a line of ours.
    """

    confidence: float
    sentence: str
    citations: tuple[Citation, ...]
    contributing: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    proposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """`look` answers none where the rule has nothing to say. `outranks` names the causes that are only its symptoms.

    `sample` is the text of each collector's evidence in a case that this rule must win; `more_samples` are further such cases.
    """

    cause: Cause
    look: Callable[[ReadCase], Finding | None]
    sample: Mapping[str, str]
    impact: str
    steps: tuple[str, ...]
    prevention: tuple[str, ...]
    plain_words: str
    outranks: frozenset[Cause] = frozenset()
    more_samples: tuple[Mapping[str, str], ...] = ()


def few(*groups: Sequence[Hit]) -> tuple[Citation, ...]:
    """The last of each group in turn, no more than a reader takes in, none twice."""
    return cite((), *groups)


def cite(facts: Iterable[Hit | None], *more: Sequence[Hit]) -> tuple[Citation, ...]:
    """Every line that the sentence takes a fact from, and then the last of each further group, none twice."""
    named = tuple(dict.fromkeys(fact.cited for fact in facts if fact))
    room = max(0, MOST_CITATIONS - len(named))
    each = max(1, room // max(1, len([group for group in more if group])))
    further = tuple(hit.cited for group in more for hit in group[-each:])
    return tuple(dict.fromkeys((*named, *further)))[: max(MOST_CITATIONS, len(named))]
