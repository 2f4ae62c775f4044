"""Does a request prove that it comes from who it says? Every answer but yes is BadSignature, whatever was sent."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from watchkeeper.errors import BadSignature

SIGNATURE = "x-watchkeeper-signature"
TIMESTAMP = "x-watchkeeper-timestamp"
WINDOW_SECONDS = 300


def verify_timestamped(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> datetime:
    """The time that was signed, if one `v1=` value is the HMAC-SHA256 of `{timestamp}:` and the raw bytes, under one secret.

    Header names are in lower case. The same request again within the window is taken again; it folds into itself,
    because what it says and the time that was signed are the same.
    """
    said = headers.get(TIMESTAMP, "").strip()
    # No more than 12 digits, and only ASCII ones: int() would also read other scripts' digits, and as many as there are.
    if not (said.isascii() and said.isdigit() and len(said) <= 12):
        raise BadSignature(f"send {TIMESTAMP}: the time of signing as whole seconds since 1970", field=TIMESTAMP)
    away = abs(now.timestamp() - int(said))
    if away > WINDOW_SECONDS:
        raise BadSignature(f"signed {away:.0f} s away from now; at most {WINDOW_SECONDS} s are taken: check the clock", field=TIMESTAMP)
    sent = [part.strip()[3:].encode(errors="replace") for part in headers.get(SIGNATURE, "").split(",") if part.strip().startswith("v1=")]
    wanted = [sign(raw, said, secret).encode() for secret in secrets if secret]
    if not any([hmac.compare_digest(one, other) for one in sent for other in wanted]):  # noqa: C419 - a list, so that the time taken does not tell which matched
        raise BadSignature(f'send {SIGNATURE}: v1=<hex HMAC-SHA256 of "{{timestamp}}:" and the body as sent>', field=SIGNATURE)
    return datetime.fromtimestamp(int(said), UTC)


def sign(raw: bytes, timestamp: str, secret: str) -> str:
    """The hex signature of these bytes at this time."""
    return hmac.new(secret.encode(), timestamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
