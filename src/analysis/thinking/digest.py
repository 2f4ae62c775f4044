"""Long evidence in the few lines that tell most, letter by letter and in their order. What is left out is said where it was.

First come the lines that the rules cite, then the head, then the first line of each kind that tells of a change, then the
tail, then more of the same kinds, then the rest, newest first. Nothing here is random, so the same evidence is the same prompt.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from analysis.thinking.tokens import size

TELLING = (
    "first crossing", "change at ", " crosses", "new: ", "more: ", "suspect 1", "suspect 2", "first bad minute", "min before:",
    "stopped task", "exit code", "updateservice", "createdeployment", "updatefunctioncode", "updatestack", "executechangeset",
    "deployment ", "commit ", "pull request", "stack frame", "in alarm", "unhealthy", "failed", "quota:", "throttled", "renewal",
    "add this record", "dead letters", "max connections", "error", "exception", "fatal", "denied", "refused", "timed out", "timeout",
    "exhausted", "out of memory", "outofmemory", "killed",
)  # fmt: skip
VARYING = re.compile(r"[0-9a-f]{8,}|\d+")
HEAD, TAIL = 2, 3
OF_EACH = 8  # lines with the same telling word that are weighed; kinds that come later are like enough to these
SHORT_LINE = 16  # so many lines of the end may fill the room, if they are as short as that
LONGEST_LINE = 300
MARKER_ROOM = 28
NEWEST_FIRST_FROM = 4


def digest(text: str, room: int, cited: Sequence[str] = ()) -> str:
    """At most `room` bytes of JSON of this text. `cited` are quotes whose lines matter most."""
    if len(text) <= room and size(text) <= room:
        return text
    lines = text.splitlines()
    left, kept = room - 2 - MARKER_ROOM, dict[int, str]()
    for number in _by_weight(lines, text, room, cited):
        line = _cut(lines[number], cited)
        takes = size(line) + MARKER_ROOM
        if line.strip() and takes <= left:
            kept[number] = line
            left -= takes
        if left < MARKER_ROOM:
            break
    return _joined(kept, len(lines)) if room > MARKER_ROOM else ""


def page(text: str, first: int, room: int) -> str:
    """The lines from number `first` on, as far as there is room, and where to read on."""
    lines = text.splitlines()
    shown: list[str] = []
    left = room - 2 * MARKER_ROOM
    for line in lines[first - 1 :]:
        cut = line[:LONGEST_LINE]
        if size(cut) > left:
            break
        left -= size(cut)
        shown.append(cut)
    rest = len(lines) - (first - 1) - len(shown)
    return "\n".join([*shown, *([f"[{rest} more from line {first + len(shown)}]"] if rest > 0 else [])])


def shares(wanted: Sequence[int], weights: Sequence[int], room: int) -> list[int]:
    """The room of each: by weight, and what one does not need goes to the others."""
    given = [0] * len(wanted)
    open_ = [n for n, want in enumerate(wanted) if want > 0]
    while open_ and room > 0:
        whole = sum(weights[n] for n in open_)
        fair = {n: room * weights[n] // whole for n in open_}
        sated = [n for n in open_ if wanted[n] <= fair[n]]
        for n in sated or open_:
            given[n] = min(wanted[n], fair[n])
        if not sated:
            break
        room -= sum(given[n] for n in sated)
        open_ = [n for n in open_ if n not in sated]
    return given


def _by_weight(lines: Sequence[str], text: str, room: int, cited: Sequence[str]) -> list[int]:
    """The numbers of the lines, the most telling first."""
    count = len(lines)
    quoted = [n for n, line in enumerate(lines) if any(quote in line for quote in cited)] if cited else []
    ranks, seen = dict.fromkeys(quoted, 0), set[str]()
    telling = set(_telling(text))
    fill = range(max(0, count - TAIL - room // SHORT_LINE), count)
    for number in sorted({*range(min(HEAD, count)), *telling, *fill}):
        kind = VARYING.sub("#", lines[number][:LONGEST_LINE])
        tells, again = number in telling, kind in seen
        seen.add(kind)
        rank = 1 if number < HEAD else 2 if tells and not again else 3 if number >= count - TAIL else 4 if tells else 6 if again else 5
        ranks.setdefault(number, rank)
    return sorted(ranks, key=lambda number: (ranks[number], -number if ranks[number] >= NEWEST_FIRST_FROM else number))


def _telling(text: str) -> Iterator[int]:
    """The numbers of lines with telling words: of each word the first few and the last. Words are looked for in the whole text at
    once, because a pattern tried on each line takes a hundred times as long."""
    small = text.lower()
    starts = [0, *accumulate(len(line) for line in small.splitlines(keepends=True))]
    for word in TELLING:
        at = small.find(word)
        for _ in range(OF_EACH):
            if at < 0:
                break
            number = bisect_right(starts, at) - 1
            yield number
            at = small.find(word, starts[number + 1]) if number + 1 < len(starts) else -1
        if at >= 0:
            yield bisect_right(starts, small.rfind(word)) - 1


def _cut(line: str, cited: Sequence[str]) -> str:
    """A long line from where it is cited or begins to tell: still letter by letter a piece of it."""
    if len(line) <= LONGEST_LINE:
        return line
    places = [line.find(quote) for quote in cited if quote in line]
    if not places:
        small = line.lower()
        places = [at for word in TELLING if (at := small.find(word)) >= 0]
    at = min(places, default=0)
    at = at if at > LONGEST_LINE // 2 else 0
    return line[at : at + LONGEST_LINE]


def _joined(kept: dict[int, str], count: int) -> str:
    """The kept lines in their order, with how many are missing in between."""
    told, expected = [], 0
    for number in sorted(kept):
        if number > expected:
            told.append(f"[{number - expected} lines left out]")
        told.append(kept[number])
        expected = number + 1
    if expected < count:
        told.append(f"[{count - expected} lines left out]")
    return "\n".join(told)
