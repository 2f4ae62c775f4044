"""Small words of text: times, durations, clean lines. Nothing here knows a channel."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from watchkeeper.links import defanged

Text = Callable[[str], str]
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_HOST = re.compile(r"([A-Za-z0-9.-]+)(?::\d+)?")
_LOOPBACK = {"127.0.0.1", "localhost"}


def clean(text: str) -> str:
    """Without control characters and the marks that turn text around: what is read is what is there. Addresses are taken apart,
    whoever wrote them: what may be clicked is a Link, which code of ours has made, and nothing else is."""
    return defanged(_visible(text))


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")).strip()


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def cut(text: str, longest: int) -> str:
    """At most this many characters; an ellipsis says that there was more. Never half of an escaped character."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    start = kept.rfind("&", longest - 6)
    return (kept[:start] if start != -1 and ";" not in kept[start:] else kept).rstrip() + "…"


def pieces(text: str, longest: int) -> list[str]:
    """All of the text in pieces that are short enough, parted at a line or a word where there is one near the end."""
    found = []
    while len(text) > longest:
        at = max(text.rfind("\n", longest // 2, longest), text.rfind(" ", longest * 3 // 4, longest))
        if at == -1:
            at = longest
            entity = text.rfind("&", at - 5, at)
            at = entity if entity != -1 and ";" not in text[entity:at] else at
        found.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*found, text] if text else found


def clock_time(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def day_and_time(at: datetime) -> str:
    return f"{at:%-d %b %Y %H:%M} UTC"


def duration(span: timedelta) -> str:
    """As people say it: `45 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, smaller, size, part in (("d", "h", 86400, 3600), ("h", "min", 3600, 60), ("min", "s", 60, 1)):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds} s"


def safe_url(url: str) -> str:
    """The address where a click may lead: https without a user's name, or http to this very machine; anything else is none."""
    address = quote(_visible(url), safe=":/?#@!$&()*+,;=%-._~")
    parts = urlsplit(address)
    host = _HOST.fullmatch(parts.netloc)
    local = parts.scheme == "http" and host and host.group(1) in _LOOPBACK
    return address if host and (parts.scheme == "https" or local) else ""
