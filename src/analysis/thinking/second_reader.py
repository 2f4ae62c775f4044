"""Another model tries to refute the answer. What it says can only lower the confidence, and only with lines that are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.case import Exhibit
from analysis.thinking.shapes import Objection, Objections, ReadersVerdict

FAITH = {ReadersVerdict.STANDS: 1.0, ReadersVerdict.WEAK: 0.8, ReadersVerdict.REFUTED: 0.5}
SHORTEST_QUOTE, LONGEST_QUOTE = 8, 1_000
MOST_OBJECTIONS = 5


@dataclass(frozen=True)
class Reading:
    """What is left of it: the objections whose quotes are in the evidence, and the factor that they leave of the confidence."""

    objections: tuple[str, ...] = ()
    faith: float = 1.0
    dropped: int = 0


def read(said: Objections, exhibits: Sequence[Exhibit]) -> Reading:
    """A verdict counts as far as an objection carries it; without one that holds, it is an opinion about an opinion."""
    holding = [one for one in said.objections[:MOST_OBJECTIONS] if holds(one, exhibits)]
    dropped = len(said.objections) - len(holding)
    if not holding:
        return Reading(dropped=dropped)
    return Reading(tuple(f"{one.sentence} ({one.evidence_id})" for one in holding), FAITH[said.verdict], dropped)


def holds(objection: Objection, exhibits: Sequence[Exhibit]) -> bool:
    """Is its quote, letter by letter, in the evidence that it names?"""
    quote = objection.quote
    long_enough = len(quote.strip()) >= SHORTEST_QUOTE and len(quote) <= LONGEST_QUOTE
    return long_enough and any(one.evidence.id == objection.evidence_id and quote in one.text for one in exhibits)
