"""Replaces what is secret by placeholders: once, wherever kinds overlap, and so that doing it again changes nothing."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from watchkeeper.redaction.cloud import CLOUD
from watchkeeper.redaction.headers import HEADERS
from watchkeeper.redaction.kind import Kind
from watchkeeper.redaction.pairs import PAIRS
from watchkeeper.redaction.people import OPTIONAL, PEOPLE
from watchkeeper.redaction.services import SERVICES

KINDS = (*HEADERS, *CLOUD, *SERVICES, *PAIRS, *PEOPLE)
PLACEHOLDER = re.compile(r"\[[a-z][a-z-]{1,24}:[0-9a-f]{8}\]")
_NAMES = frozenset(kind.name for kind in (*KINDS, *OPTIONAL))
_ROUNDS = 4
_BLACK = "\0"
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}


class Span(NamedTuple):
    """From where to where, and what it is; a placeholder that is there already has no name."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Redactor:
    """Replaces with `[kind:digest]`. The same key and the same secret give the same placeholder, whatever stands around it.

    `also` names kinds of OPTIONAL: `ip`, `phone`.
    """

    key: bytes
    also: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        """What a placeholder replaced may have kept its neighbour from standing alone: again, until nothing changes."""
        for _ in range(_ROUNDS):
            clean = self._once(text)
            if clean == text:
                break
            text = clean
        return text

    @cached_property
    def _kinds(self) -> tuple[Kind, ...]:
        return (*KINDS, *(kind for kind in OPTIONAL if kind.name in self.also))

    @cached_property
    def _hinted(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        hints = dict.fromkeys(hint for kind in self._kinds for hint in kind.hints)
        return tuple((hint, tuple(n for n, kind in enumerate(self._kinds) if hint in kind.hints)) for hint in hints)

    @cached_property
    def _always(self) -> tuple[int, ...]:
        return tuple(number for number, kind in enumerate(self._kinds) if not kind.hints)

    def _once(self, text: str) -> str:
        lowered = text.lower()
        likely = sorted({*self._always, *[number for hint, numbers in self._hinted if hint in lowered for number in numbers]})
        covered, there = _covered(text)
        found = [span for number in likely for span in _spans(self._kinds[number], covered)]
        if not found:
            return text
        made: dict[tuple[str, str], str] = {}
        parts: list[str] = []
        done = 0
        for span in _apart(sorted([*there, *found], key=lambda span: (span.start, -span.end))):
            secret = text[span.start : span.end]
            known = (span.name, secret)
            if known not in made:
                made[known] = self._placeholder(span.name, secret) if span.name else secret
            parts += (text[done : span.start], made[known])
            done = span.end
        return "".join([*parts, text[done:]])

    def _placeholder(self, name: str, secret: str) -> str:
        return f"[{name}:{hmac.digest(self.key, secret.encode(errors='surrogatepass'), 'sha256').hex()[:8]}]"


def _covered(text: str) -> tuple[str, list[Span]]:
    """The text with the placeholders in it blackened, because their names look like secrets to the patterns, and where they are."""
    if "[" not in text:
        return text, []
    there = [Span(match.start(), match.end(), "") for match in PLACEHOLDER.finditer(text) if match.group()[1:-10] in _NAMES]
    parts: list[str] = []
    done = 0
    for start, end, _ in there:
        parts += (text[done:start], _BLACK * (end - start))
        done = end
    return "".join([*parts, text[done:]]), there


def _spans(kind: Kind, text: str) -> Iterator[Span]:
    group = "secret" if "secret" in kind.pattern.groupindex else 0
    for match in kind.pattern.finditer(text):
        start, end = match.span(group)
        if start < 0:
            start, end = match.span()
        if text[start] == _BLACK and not text[start:end].strip(_BLACK):
            continue
        if kind.holds is None or kind.holds(match):
            if text[end - 1] in _CLOSERS:
                end = _unclosed(text, start, end)
            if start < end:
                yield Span(start, end, kind.name)


def _unclosed(text: str, start: int, end: int) -> int:
    """A bracket that closes behind the secret, and opened before it, belongs to what stands around: `Login(password=x)`."""
    while end > start and text[end - 1] in _CLOSERS:
        closer = text[end - 1]
        if text.count(closer, start, end) <= text.count(_CLOSERS[closer], start, end):
            break
        end -= 1
    return end


def _apart(spans: list[Span]) -> Iterator[Span]:
    """Overlapping spans become one, so that no rest of either stays. The wider names it; of two equal ones, the first kind."""
    current: Span | None = None
    for span in spans:
        if current is None:
            current = span
        elif span.start >= current.end:
            yield current
            current = span
        elif span.end > current.end:
            current = Span(current.start, span.end, current.name or span.name)
    if current is not None:
        yield current
