"""Marks over raw bytes, times that may be told, and comparing that takes the same time whatever was sent."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from watchkeeper.errors import BadSignature

WINDOW_SECONDS = 300


def mac(content: bytes, secret: str, algorithm: str = "sha256", encoding: str = "hex") -> str:
    """The HMAC of these bytes, as a header carries it."""
    made = hmac.new(secret.encode(errors="surrogatepass"), content, getattr(hashlib, algorithm))
    return made.hexdigest() if encoding == "hex" else base64.b64encode(made.digest()).decode()


def told_at(headers: Mapping[str, str], header: str, now: datetime) -> str:
    """The time of signing as it was sent: whole seconds since 1970, no further from now than the window."""
    said = headers.get(header.lower(), "").strip()
    # No more than 12 digits, and only ASCII ones: int() would also read other scripts' digits, and as many as there are.
    if not (said.isascii() and said.isdigit() and len(said) <= 12):
        raise BadSignature(f"send {header}: the time of signing as whole seconds since 1970", field=header.lower())
    away = abs(now.timestamp() - int(said))
    if away > WINDOW_SECONDS:
        raise BadSignature(
            f"signed {away:.0f} s away from now; at most {WINDOW_SECONDS} s are taken: check the clock", field=header.lower()
        )
    return said


def moment_of(said: str) -> datetime:
    """The time that `told_at` gave, as one."""
    return datetime.fromtimestamp(int(said), UTC)


def among(sent: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether one that was sent is one that is wanted. All are compared, so that the time taken does not tell which."""
    ours = [one.encode(errors="surrogatepass") for one in wanted]
    theirs = [one.encode(errors="replace") for one in sent]
    return any([hmac.compare_digest(one, other) for one in theirs for other in ours])  # noqa: C419 - a list: any() of a generator would stop at the first


def slack_mark(raw: bytes, timestamp: str, secret: str) -> str:
    """What Slack signs a request with: `v0=` and the HMAC of version, time and the raw body."""
    return "v0=" + mac(f"v0:{timestamp}:".encode() + raw, secret)
