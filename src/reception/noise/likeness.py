"""How alike are two titles? By the words that they share, without the numbers and ids in which the same fault differs."""

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]{2,}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMING = re.compile(r"\b(?=[\w-]*\d)[\w-]{8,}\b")  # an id: long, with digits in it
_EMPTY = frozenset({"above", "alarm", "alert", "an", "and", "at", "below", "by", "for", "from", "has", "in", "is", "it", "of", "on", "or"})
_EMPTY |= {"over", "than", "the", "to", "under", "was", "with"}


def likeness(one: str, other: str) -> float:
    """0 for nothing in common, 1 for the same words."""
    these, those = words(one), words(other)
    return len(these & those) / len(these | those) if these and those else 0.0


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """What a text is about."""
    spaced = _CAMEL.sub(" ", _NAMING.sub(" ", text[:500]))
    return frozenset(_WORD.findall(spaced.lower())) - _EMPTY
