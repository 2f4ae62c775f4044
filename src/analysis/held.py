"""What may be named at all, and what may be named in advice: held letter by letter, in a few normal forms.

A word holds where it stands with no letter, digit, underscore or hyphen beside it; at the start of a sentence its capital may
be a small one; a hyphen between plain words may be a blank. A commit may be cut to its first seven figures or more, a version
may carry a `v`. A number holds where the same value stands by itself or before a unit (97 is 97.0, 80 % is 80%, a share of 0.83
is 83 %), or where rounding a figure that has more decimals gives it. A time holds where it is written, or is a part of a longer
one that is (03:00 of 2026-11-20T03:00:00Z). The figures of a time or an id are no numbers of their own.
"""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property

from analysis.naming import Kind, Name, names, plain

_TIMES = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?|\b\d{1,2}:\d\d(?::\d\d)?\b")
_NUMBERS = re.compile(r"(?<![\w.-])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?=%|[a-zA-Zµ]{0,4}(?![\w-]))(?!\.\d)")
_RANGES = re.compile(r"(?<![\w.-])(\d+)-(\d+)(?![\w-])")
_VALUE = re.compile(r"-?[\d,]+(?:\.\d+)?")
_HEX = re.compile(r"[0-9a-f]{7,64}")
_BESIDE = re.compile(r"[\w-]")
_PLAIN_PARTS = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")


class Held:
    """Some text, and what it holds. What was asked once is remembered."""

    def __init__(self, text: str) -> None:
        self._text = plain(text)
        self._known: dict[Name, bool] = {}

    def unheld(self, text: str) -> tuple[str, ...]:
        """The names in this text that do not hold, none twice."""
        return tuple(dict.fromkeys(name.text for name in names(text) if not self.holds(name)))

    def says(self, word: str) -> bool:
        """Is this word, in small letters, anywhere in it?"""
        return word in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(re.findall(r"[a-z]+", self._text.lower()))

    def holds(self, name: Name) -> bool:
        if name not in self._known:
            self._known[name] = {Kind.NUMBER: self._number, Kind.TIME: self._time, Kind.QUOTED: self._quoted, Kind.WORD: self._word}[
                name.kind
            ](name.text)
        return self._known[name]

    def _quoted(self, text: str) -> bool:
        return self._stands(text) or (" " in text and f" {' '.join(text.split())} " in f" {self._one_line} ")

    def _time(self, text: str) -> bool:
        padded = f"0{text}" if text[1:2] == ":" else text
        wanted = padded.rstrip("Z").replace(" ", "T")
        return any(wanted == time or wanted in _parts(time) for time in self._times)

    def _number(self, text: str) -> bool:
        found = _VALUE.search(text)
        value = _decimal(found[0]) if found else None
        if value is None:
            return False
        if self._rounded(value):
            return True
        return text.endswith("%") and self._rounded(value / 100, at_most=1)

    def _rounded(self, value: Decimal, at_most: int | None = None) -> bool:
        if value in self._numbers and (at_most is None or abs(value) <= at_most):
            return True
        decimals = int(value.as_tuple().exponent)
        finer = (n for n in self._numbers if int(n.as_tuple().exponent) < decimals)
        return any(
            n.quantize(Decimal(1).scaleb(decimals), ROUND_HALF_UP) == value and (at_most is None or abs(n) <= at_most) for n in finer
        )

    def _word(self, text: str) -> bool:
        forms = [text, text[:1].lower() + text[1:]]
        if re.fullmatch(r"v\d[\w.-]*", text):
            forms.append(text[1:])
        if _PLAIN_PARTS.fullmatch(text):
            forms += [text.replace("-", " "), text.lower().replace("-", " ")]
        if any(self._stands(form) for form in forms):
            return True
        return bool(_HEX.fullmatch(text)) and any(one.startswith(text) for one in self._hexes)

    def _stands(self, text: str) -> bool:
        """Is it there, with nothing beside it that would make it a part of another name?"""
        at = self._text.find(text)
        while at >= 0:
            after = at + len(text)
            if not self._joined(at - 1, text[0]) and not self._joined(after, text[-1]) and not self._parted_figure(at, after):
                return True
            at = self._text.find(text, at + 1)
        return False

    def _joined(self, at: int, edge: str) -> bool:
        return 0 <= at < len(self._text) and bool(_BESIDE.match(self._text[at])) and (edge.isalnum() or edge in "_-")

    def _parted_figure(self, at: int, after: int) -> bool:
        """A dot with a figure beyond it: 1.4 is no name of 1.4.2, and 83 none of 0.83."""
        before, behind = self._text[max(0, at - 2) : at], self._text[after : after + 2]
        ahead = before[-1:] == "." and before[:1].isdigit() and self._text[at].isdigit()
        return ahead or (behind[:1] == "." and behind[1:].isdigit())

    @cached_property
    def _one_line(self) -> str:
        return " ".join(self._text.split())

    @cached_property
    def _times(self) -> frozenset[str]:
        return frozenset(match[0].rstrip("Z").replace(" ", "T") for match in _TIMES.finditer(self._text))

    @cached_property
    def _numbers(self) -> frozenset[Decimal]:
        rest = _RANGES.sub(r"\1 \2", _TIMES.sub(" ", self._text))
        found = (_decimal(value[0]) for match in _NUMBERS.finditer(rest) if (value := _VALUE.search(match[0])))
        return frozenset(value for value in found if value is not None)

    @cached_property
    def _hexes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(re.findall(r"(?<![\w-])[0-9a-f]{7,64}(?![\w-])", self._text)))


def _parts(time: str) -> tuple[str, ...]:
    """The parts by which a time may be named: its date, its clock with and without seconds, and both to the minute."""
    date, _, clock = time.rpartition("T") if "T" in time else ("", "", time) if ":" in time else (time, "", "")
    clock = f"0{clock}" if clock[1:2] == ":" else clock
    minute = clock[:5]
    whole = clock.split(".")[0]
    together = (f"{date}T{minute}", f"{date}T{whole}") if date and clock else ()
    return tuple(part for part in (date, clock, whole, minute, *together) if part)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
