"""Evidence as a model gets to see it: JSON inside a tool result, with its provenance, in the lines that there is room for."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from analysis.case import Exhibit
from analysis.thinking.digest import digest, page, shares
from analysis.thinking.tokens import PER_BLOCK, bytes_for, size
from watchkeeper.models import Answer, Citation

Withheld = Callable[[str], tuple[str, int]]
LONGEST_PROVENANCE = 90
LEAST_TEXT = 120
WEIGHTS = {"alert": 3, "metric": 3, "logs": 4, "changes": 3, "onset": 3, "blame": 3, "past": 1, "guides": 1, "quotas": 1}
USUAL_WEIGHT, WHERE_CITED = 2, 5
MOST_NOT_FOUND = 12


def all_of_it(text: str) -> tuple[str, int]:
    """Where nothing is withheld."""
    return text, 0


@dataclass
class Showing:
    """`withhold` takes out lines that read as instructions and says how many; `cited` is what matters most; `count` adds up."""

    withhold: Withheld
    cited: tuple[Citation, ...] = ()
    count: int = 0

    def short(self, text: str, most: int) -> str:
        """A sentence that may hold foreign words, in one line."""
        told = self._safe(" ".join(text[:most].encode(errors="replace").decode().split()))
        return told if len(told) <= most else told[:most]

    def part(self, exhibit: Exhibit, text: str, room: int, first: int = 0) -> str:
        """One exhibit, or a piece of it, in `room` bytes of text."""
        evidence = exhibit.evidence
        quotes = tuple(one.quote for one in self.cited if one.evidence_id == evidence.id)
        cut = page(text, first, room) if first else digest(text, room, quotes)
        told = {**_head(exhibit), "text": self._within(cut, room)}
        if evidence.answer is not Answer.FOUND:
            told |= {"answer": evidence.answer.value, "why": self.short(evidence.why or evidence.summary, 160)}
        return json.dumps(told, ensure_ascii=False)

    def evidence(self, exhibits: Sequence[Exhibit], room: int) -> dict[str, str]:
        """What was found, by evidence id, in the order of the ids: as many as there is room for, the weightiest first, and
        the room shared out by weight."""
        left, chosen = bytes_for(room), list[Exhibit]()
        for exhibit in sorted((one for one in exhibits if one.text), key=lambda one: -self.weight(one)):
            frame = size(json.dumps(_head(exhibit), ensure_ascii=False)) + bytes_for(PER_BLOCK)
            if frame + LEAST_TEXT <= left:
                chosen.append(exhibit)
                left -= frame + LEAST_TEXT
        chosen = [one for one in exhibits if one in chosen]
        left += LEAST_TEXT * len(chosen)
        wanted = [max(LEAST_TEXT, _wanted(one.text)) for one in chosen]
        rooms = shares(wanted, [self.weight(one) for one in chosen], left)
        return {one.evidence.id: self.part(one, one.text, given) for one, given in zip(chosen, rooms, strict=True)}

    def weight(self, exhibit: Exhibit) -> int:
        cited = any(one.evidence_id == exhibit.evidence.id for one in self.cited)
        return WEIGHTS.get(exhibit.evidence.collector, USUAL_WEIGHT) + (WHERE_CITED if cited else 0)

    def not_found(self, exhibits: Iterable[Exhibit]) -> list[str]:
        """Who was asked and found nothing, failed or was not allowed, a short line each."""
        without = [one.evidence for one in exhibits if one.evidence.answer is not Answer.FOUND]
        lines = [f"{one.collector}: {one.answer.value}; {self.short(one.why or one.summary, 70)}" for one in without[:MOST_NOT_FOUND]]
        return [*lines, *([f"and {len(without) - len(lines)} more"] if len(without) > len(lines) else [])]

    def _within(self, text: str, room: int) -> str:
        told = self._safe(text)
        return told if size(told) <= room else digest(told, room)

    def _safe(self, text: str) -> str:
        told, count = self.withhold(text)
        self.count += count
        return told


def _head(exhibit: Exhibit) -> dict[str, str]:
    provenance = exhibit.provenance[:LONGEST_PROVENANCE] or "not known"
    return {"provenance": provenance, "evidence_id": exhibit.evidence.id, "collector": exhibit.evidence.collector[:60]}


def _wanted(text: str) -> int:
    """How much room a text can use; a long one is not measured to the letter."""
    return size(text) if len(text) < bytes_for(4_000) else len(text)
