"""Which lines of the new file a patch wrote, from its hunks as git prints them."""

import re
from collections.abc import Iterable

HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")

Range = tuple[int, int]


def written_lines(patch: str) -> tuple[Range, ...]:
    """First and last line of each run of added or rewritten lines, in the order of the file. Empty where lines were only removed."""
    written: list[int] = []
    at = 0
    for line in patch.split("\n"):  # not splitlines: a line of source may hold a form feed
        hunk = HUNK.match(line)
        if hunk:
            at = int(hunk[1])
        elif at and line.startswith("+"):
            written.append(at)
            at += 1
        elif at and not line.startswith(("-", "\\")):
            at += 1
    return _runs(written)


def _runs(numbers: Iterable[int]) -> tuple[Range, ...]:
    runs: list[Range] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return tuple(runs)


def shown(ranges: Iterable[Range]) -> str:
    """`80-95, 102`"""
    return ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in ranges)
