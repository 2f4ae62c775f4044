"""By what a line is known that tries to instruct its reader: needles to find it quickly, and a pattern to decide."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Sign:
    """`needles` are in lower case, and one of them is in every text that `pattern` matches."""

    needles: tuple[str, ...]
    pattern: "re.Pattern[str]"


def sign(needles: str, *patterns: str) -> Sign:
    return Sign(tuple(needles.split("|")), re.compile("|".join(patterns)))
