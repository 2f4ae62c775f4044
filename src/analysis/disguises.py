"""What a text says once its disguise is off: the other forms in which a reader, or a model, may read the same line."""

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

LONGEST_READ = 20_000
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}){20,}\b")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_LETTER_BY_LETTER = re.compile(r"(?:\b\w[ .*]{1,3}){8}")
_PARTED_WORD = re.compile(r"(?<!\w)\w(?:[ .*]\w)+(?!\w)")
_LEET = str.maketrans("4310", "aeio")
_LOOKS_LIKE = str.maketrans("аеорсхіѕјԁуАЕОРСХІТВМНКαοινρτ", "aeopcxisjdyAEOPCXITBMHKaoivpt")
_TAGS = range(0xE0020, 0xE007F)
_TELLING = ("instructions", "previous", "disregard", "evidence", "approve", "prompt", "incident", "propose")
_BACKWARDS = tuple(word[::-1] for word in _TELLING)
_TURNED = tuple(codecs.encode(word, "rot13") for word in _TELLING)
_SIGNS_OF_DISGUISE = re.compile(
    rf"[^\x00-\x7f]|[A-Za-z0-9+]{{24}}|%20|&#|\\u[0-9a-fA-F]{{4}}|(?:\b\w[ .*]{{1,3}}){{8}}|{'|'.join((*_BACKWARDS, *_TURNED))}"
)
_LEETED = ("ignore", "previous", "instruction", "disregard", "you are", "approve", "do not report", "severity", "propose", "prompt")
_JOINED = ("ignore all", "ignore prev", "disregard the", "you are now", "approve the", "do not report", "the severity", "system prompt")
_PARTED = str.maketrans("_-", "  ")


def disguised(text: str) -> Iterator[int]:
    """Where something stands that may be a disguise: worth a closer look, no more."""
    yield from (match.start() for match in _SIGNS_OF_DISGUISE.finditer(text))
    low = text.lower()
    for respelt, phrases in ((low.translate(_LEET), _LEETED), (low.translate(_PARTED), _JOINED)):
        for phrase in phrases:
            yield from _newly(phrase, respelt, low)


def _newly(phrase: str, respelt: str, low: str) -> Iterator[int]:
    """Where the phrase stands only since the text was spelt anew."""
    at = respelt.find(phrase)
    while at >= 0:
        if not low.startswith(phrase, at):
            yield at
        at = respelt.find(phrase, at + 1)


@lru_cache(maxsize=4_096)
def forms(text: str) -> tuple[str, ...]:
    """The text in lower case as it is read, and as it would be read without each disguise; decoded once, never twice."""
    read = text[:LONGEST_READ]
    if next(disguised(read), None) is None:
        return (read.lower(),)
    seen = _visible(read)
    found = [seen, _latin(seen), *_decoded(read), *_respelt(seen)]
    return tuple(dict.fromkeys(form.lower() for form in found))


def _visible(text: str) -> str:
    """Compatibility forms made plain, invisible characters gone, letters of the tag block made the letters they stand for."""
    shown = "".join(chr(ord(c) - 0xE0000) if ord(c) in _TAGS else c for c in text)
    return "".join(c for c in unicodedata.normalize("NFKC", shown) if unicodedata.category(c) not in {"Cf", "Cc"} or c in "\n\t")


def _latin(text: str) -> str:
    """Without accents, and with the letters of other scripts that look like Latin ones as those."""
    parted = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parted if unicodedata.category(c) != "Mn").translate(_LOOKS_LIKE)


def _respelt(text: str) -> Iterator[str]:
    yield text.translate(_LEET)
    if _LETTER_BY_LETTER.search(text):
        yield re.sub(" +", " ", _PARTED_WORD.sub(lambda match: re.sub(r"[ .*]", "", match[0]), text))
    yield text.translate(_PARTED)
    lowered = text.lower()
    if any(word in lowered for word in _BACKWARDS):
        yield text[::-1]
    if any(word in lowered for word in _TURNED):
        yield codecs.encode(text, "rot13")


def _decoded(text: str) -> Iterator[str]:
    if "%" in text:
        yield unquote(text)
    if "&#" in text:
        yield html.unescape(text)
    if "\\u" in text:
        yield _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    for match in _HEX.finditer(text):
        yield from _readable(bytes.fromhex(match[0]))
    for match in _BLOB.finditer(text):
        blob = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield from _readable(base64.b64decode(blob + "=" * (-len(blob) % 4)))
        except binascii.Error:
            continue


def _readable(raw: bytes) -> Iterator[str]:
    """The bytes as text, where they are words and not chance."""
    said = raw.decode(errors="replace")
    good = sum(1 for c in said if c.isprintable() and c != "\N{REPLACEMENT CHARACTER}")
    if said and good / len(said) > 0.95 and " " in said:
        yield said
