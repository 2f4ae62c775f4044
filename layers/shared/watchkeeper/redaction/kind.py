"""What a kind of secret looks like, and the rule that keeps every one of them linear."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

ASSIGNED = r"[\"'\\]{0,4}\s{0,4}(?:=>|:=|[:=]|%3D)\s{0,4}[\"'\\]{0,4}"  # between a name and its value, in most notations
Holds = Callable[[re.Match[str]], bool]


@dataclass(frozen=True)
class Kind:
    """One kind of secret.

    `hints`: wherever `expression` matches, the lower-cased text holds one of these; without hints it is always tried. Most lines
    hold no hint, and then the expression is not even compiled. Where the expression has a group `secret`, only that part is
    replaced. `holds` has the last word on a match: a check digit, a value that only looks like one.

    An expression may not begin with an unbounded run, and what it repeats without bound it must either end with or keep
    (`++`): a hostile line of a megabyte would otherwise be read again from each of its characters.
    """

    name: str
    hints: tuple[str, ...]
    expression: str
    holds: Holds | None = None

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.expression)


@cache
def compiled(expression: str) -> re.Pattern[str]:
    """Compiled when it is first needed: most processes need few of these."""
    return re.compile(expression)


def own(prefix: str, body: str = "A-Za-z0-9") -> str:
    """The prefix where no character of a body stands right before it, unless as part of a percent-encoded one.

    What is looked for first is the prefix itself, and only then what precedes it: that lets the engine skip to it.
    """
    return rf"{prefix}(?:(?<![{body}]{prefix})|(?<=%[0-9A-Fa-f]{{2}}{prefix}))"


def words(text: str) -> frozenset[str]:
    """A table of single words, written as people write them."""
    return frozenset(text.split())
