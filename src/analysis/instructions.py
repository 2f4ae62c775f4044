"""Lines that speak to whoever reads them instead of about the system. They are withheld from models and from the rules.

What is caught is a precaution and no promise: what a model may move does not rest on it (see check.py). Ordinary lines must
stay, because a withheld line is evidence that nobody sees; so a sign wants a word of steering and the thing that is steered.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache

from analysis.disguises import disguised, forms
from analysis.instruction_sign import Sign
from analysis.instruction_signs import signs

WITHHELD = "[a line was withheld: it reads as an instruction to a model]"
MOST_TOGETHER = 3
SHORT = 300
_LINE = re.compile(r"\r\n|\r|\n|\v|\f|\x1c|\x1d|\x1e|\x85|\u2028|\u2029")
_OURS = re.compile(
    r"^(?:severity: sev[1-4]$|past incident INC-\S+: \S+, cause \w+ \(\d+ ?%\)|people said: (?:right|wrong)(?:, true cause \w+)?|"
    r"recalled INC-\S+: \d+ of \d+ lines that it cited are there again, cause \w+|"
    r"\d{4}-\d\d-\d\dT\S+Z (?=[/\w])\S+ \S+  |(?:title|says|alarm|source): )"
)


def withheld(text: str) -> tuple[str, int]:
    """The text with each line that tries to instruct replaced by WITHHELD, and how many there were. What was said is lost
    to the reader, that it was said is not."""
    found = instructing(text)
    if not found:
        return text, 0
    lines = text.splitlines(keepends=True)
    ends = [line[len(line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")) :] for line in lines]
    return "".join(WITHHELD + ends[n] if n in found else line for n, line in enumerate(lines)), len(found)


@lru_cache(maxsize=256)
def instructing(text: str) -> frozenset[int]:
    """The numbers of the lines that try to instruct, alone or together with their neighbours."""
    lines = [_OURS.sub("", line, count=1) for line in text.splitlines()]
    found: set[int] = set()
    for number in _worth_a_look(text):
        if number in found:
            continue
        for window in _windows(number, lines):
            if not found & set(window) and _instructs(" ".join(lines[n].strip() for n in window)):
                found |= set(window)
                break
    return frozenset(found)


def _windows(number: int, lines: list[str]) -> Iterator[range]:
    """The line alone first, then with its neighbours, if they are short enough to be one sentence that was parted."""
    yield range(number, number + 1)
    for together in range(2, MOST_TOGETHER + 1):
        for first in range(max(0, number - together + 1), number + 1):
            window = range(first, first + together)
            if window.stop <= len(lines) and all(0 < len(lines[n]) <= SHORT for n in window) and _goes_on(window, lines):
                yield window


def _goes_on(window: range, lines: list[str]) -> bool:
    """Each line but the last breaks off: no end of a sentence, and what follows begins small."""
    pairs = [(lines[n].strip(), lines[n + 1].strip()) for n in window[:-1]]
    return all(one and other and one[-1] not in ".!?:;,)}]\"'" and not other[0].isupper() and other[0].isalpha() for one, other in pairs)


def _worth_a_look(text: str) -> list[int]:
    """The numbers of the lines that hold a needle of any sign, or something that may be a disguise."""
    starts = [0, *(match.end() for match in _LINE.finditer(text))]
    low = text.lower()
    if len(low) != len(text):
        return list(range(len(starts)))
    places = {at for needle in _needles() for at in _every(needle, low)}
    return sorted({bisect_right(starts, at) - 1 for at in (*places, *disguised(text))})


def _every(needle: str, text: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))


def _instructs(line: str) -> bool:
    return any(_signed(form) for form in forms(line))


def _signed(form: str) -> bool:
    return any(any(needle in form for needle in sign.needles) and sign.pattern.search(form) for sign in _signs())


@cache
def _signs() -> tuple[Sign, ...]:
    return signs()


@cache
def _needles() -> tuple[str, ...]:
    return tuple(dict.fromkeys(needle for sign in _signs() for needle in sign.needles if needle not in {"_", "<", "### "}))
