"""The lines of a case, cut once: every rule looks at the same cut, and what several rules ask is answered once.

Our own lines begin at column 0 with words of ours, so they are matched from their beginning. What others wrote is searched
for words first, in one pass over the whole text for each word, and only the lines that hold one are looked at closely.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from analysis.case import LONGEST_QUOTE, Case
from watchkeeper.models import Answer, Citation, Incident

MOST_HITS = 60

T = TypeVar("T")


@dataclass(frozen=True)
class Hit:
    """A line that a pattern matched: `hit["name"]` is a group of it, empty where the group took no part."""

    evidence_id: str
    number: int
    text: str
    match: "re.Match[str]"

    def __getitem__(self, name: str) -> str:
        return self.match[name] or ""

    @property
    def cited(self) -> Citation:
        return Citation(evidence_id=self.evidence_id, quote=self.text[:LONGEST_QUOTE])


@dataclass(frozen=True)
class Words:
    """What a program writes: each line of it holds one of the `needles`, which are in lower case; `pattern` then decides."""

    needles: tuple[str, ...]
    pattern: "re.Pattern[str]"


@dataclass(frozen=True)
class Sheet:
    """One piece of evidence, cut into lines."""

    evidence_id: str
    lines: tuple[str, ...]

    def hit(self, number: int, match: "re.Match[str]") -> Hit:
        return Hit(self.evidence_id, number, self.lines[number], match)

    def begin(self, pattern: "re.Pattern[str]") -> list[Hit]:
        """The lines that begin with the pattern."""
        return [self.hit(number, match) for number, line in enumerate(self.lines) if (match := pattern.match(line))]

    def hold(self, words: Words) -> list[Hit]:
        """The newest lines that say so, in their order, MOST_HITS at most: more of the same says no more."""
        numbers = sorted({number for needle in words.needles for number in self._with(needle)}, reverse=True)
        found: list[Hit] = []
        for number in numbers:
            match = words.pattern.search(self.lines[number])
            if match:
                found.append(self.hit(number, match))
            if len(found) == MOST_HITS:
                break
        return found[::-1]

    def _with(self, needle: str) -> list[int]:
        low, starts = self._low
        found, at = [], low.find(needle)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            found.append(number)
            at = low.find(needle, starts[number + 1]) if number + 1 < len(starts) else -1
        return found

    @cached_property
    def _low(self) -> tuple[str, list[int]]:
        """The text in lower case, and where each of its lines begins: some letters are longer in lower case."""
        low = [line.lower() for line in self.lines]
        starts, at = [], 0
        for line in low:
            starts.append(at)
            at += len(line) + 1
        return "\n".join(low), starts


class ReadCase:
    """A case with its lines at hand. It lives as long as one judgement of the case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._sheets: dict[str, list[Sheet]] = {}
        self._answers: dict[object, object] = {}
        for exhibit in case.exhibits:
            if exhibit.evidence.answer is Answer.FOUND:
                sheet = Sheet(exhibit.evidence.id, exhibit.lines)
                self._sheets.setdefault(exhibit.evidence.collector, []).append(sheet)

    @property
    def incident(self) -> Incident:
        return self.case.incident

    def sheets(self, collector: str) -> list[Sheet]:
        """What this collector found; nothing where it found nothing, failed, or was not asked."""
        return self._sheets.get(collector, [])

    def hits(self, collector: str, pattern: "re.Pattern[str]") -> list[Hit]:
        """The lines of this collector that begin with the pattern, in their order."""
        key = (collector, pattern)
        if key not in self._answers:
            self._answers[key] = [hit for sheet in self.sheets(collector) for hit in sheet.begin(pattern)]
        return cast("list[Hit]", self._answers[key])

    def once(self, look: "Callable[[ReadCase], T]") -> T:
        """What `look` makes of this case, made once however many rules ask."""
        if look not in self._answers:
            self._answers[look] = look(self)
        return cast("T", self._answers[look])
