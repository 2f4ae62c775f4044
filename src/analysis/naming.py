"""Every name in a sentence: what it says by letters and figures that somebody could look up, and that must therefore be true.

A name is: a number, with or without a unit; a time; #123; whatever stands in quotes or backticks; an address; a word that is
not plain English by its looks, because it holds a digit, a dot, a slash, an underscore, a colon, an @, an inner capital, only
capitals, letters beyond ASCII, or a hyphen outside the usual compounds; a capitalised word within a sentence; and the plain
word that a cue makes a name of ("npm install leftpad", "merged by ada"). Plain words and words of counting (one, first, twice)
are none.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from analysis.plain_english import COMPOUNDS, KINDS_OF_THINGS, NO_NAMES


class Kind(StrEnum):
    QUOTED = "quoted"
    TIME = "time"
    NUMBER = "number"
    WORD = "word"


@dataclass(frozen=True)
class Name:
    """One name as it was written, without what surrounds it."""

    kind: Kind
    text: str


_SCAN = re.compile(
    r"(?P<url>[A-Za-z][A-Za-z0-9+.-]*://\S+)"
    r"|(?P<quoted>`[^`\n]+`|\"[^\"\n]+\"|“[^”\n]+”|«[^»\n]+»|(?<!\w)'[^'\n]+'(?!\w)|\u2018[^\u2019\n]+\u2019(?!\w))"
    r"|(?P<time>(?<![\w.-])(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?)?|\d{1,2}:\d\d(?::\d\d)?)(?:Z|\b)(?![\w-]))"
    r"|(?P<thousands>(?<![\w.,-])[$€]?\d{1,3}(?:,\d{3})+(?:\.\d+)?%?(?![\w,]))"
    r"|(?P<word>[^\s,;()\[\]{}<>\"“”«»`|=!?…•·→—\u2013]+)"
)
_NUMBER = re.compile(r"[~≈±+$€-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:%|[a-zA-Zµ]{0,4})?")
_UNSEEN = frozenset({"Cf", "Cc", "Co", "Cn", "Cs"})
_ENUMERATOR = re.compile(r"^\s*\d{1,2}[.)]\s")
_SHARE = re.compile(r"(?<=\d)[ \u00a0]%")
_PLAIN = re.compile(r"[A-Za-z]+(?:['\u2019](?:s|t|re|ve|ll|d|m)?)?")
_COMMIT = re.compile(r"[a-f]{7,40}")
_EDGES = ".:'\u2019\u2018*~^/\\-"
_CUES = re.compile(
    r"\b(?:npm|pip3?|yarn|pnpm|gem|cargo|apt|apt-get|brew|yum|dnf|go|docker|helm|kubectl)\s+(?:-\S+\s+)*(?:install|add|i|get|pull|run|apply)"
    r"\s+(?:-\S+\s+)*(?P<a>[\w@./-]+)"
    r"|\b(?:[Ii]nstall|[Ii]mport|[Dd]ownload|[Cc]lone|[Uu]pgrade to|[Ss]witch to|[Cc]url|[Ww]get)\s+(?:the\s+|a\s+|an\s+)?"
    r"(?:package\s+|library\s+|module\s+)?(?P<b>[\w@./-]+)"
    r"|\b(?:called|named|titled|known as)\s+(?P<c>[\w@./-]+)"
    r"|\b(?:package|library|module|plugin)\s+(?P<d>[\w@./-]+)"
    r"|\b(?:deployed|pushed|merged|committed|approved|authored|written|reverted|released|triggered|owned)\s+by\s+(?P<e>[\w@./-]+)"
    r"|\b(?P<f>[A-Z][a-z]+)(?=\s+(?:deployed|pushed|merged|committed|approved|authored|reverted|released)\b)"
)


def plain(text: str) -> str:
    """The text as it is read: compatibility forms made plain, and nothing invisible in it."""
    made = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(c for c in made if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)


def names(text: str) -> Iterator[Name]:
    """Every name, in order of sight; some may come twice."""
    said = _SHARE.sub("%", _ENUMERATOR.sub("", plain(text)))
    yield from (Name(Kind.WORD, word.strip(_EDGES)) for match in _CUES.finditer(said) for word in match.groups() if word and _named(word))
    for match in _SCAN.finditer(said):
        kind, found = match.lastgroup, match[0]
        if kind == "quoted":
            yield Name(Kind.QUOTED, found[1:-1].strip())
        elif kind == "time":
            yield Name(Kind.TIME, found)
        else:
            yield from _of_word(found, begins=_begins(said, match.start()))


def _named(word: str) -> bool:
    return word.strip(_EDGES).lower() not in NO_NAMES


def _of_word(raw: str, *, begins: bool) -> Iterator[Name]:
    word = raw.strip(_EDGES)
    if word in KINDS_OF_THINGS or not any(c.isalnum() for c in word):
        return
    if raw.startswith("-") and word[:1].isdigit():
        word = f"-{word}"
    bare = word.removesuffix("'s").removesuffix("\u2019s")
    if bare in KINDS_OF_THINGS or bare.lower() in COMPOUNDS:
        return
    if _NUMBER.fullmatch(bare):
        yield Name(Kind.NUMBER, bare)
    elif not _is_plain(bare, begins=begins):
        yield Name(Kind.WORD, bare)


def _is_plain(word: str, *, begins: bool) -> bool:
    """A word of small letters, with a capital only where a sentence begins."""
    if not _PLAIN.fullmatch(word) or _COMMIT.fullmatch(word):
        return False
    return word.islower() or len(word) == 1 or (begins and word[1:].islower())


def _begins(text: str, at: int) -> bool:
    """Does a sentence begin here?"""
    before = text[:at].rstrip(" \t\"'“\u2018(*")
    return not before or before[-1] in ".!?:\n•-\u2013—"
