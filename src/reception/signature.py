"""Watchkeeper's own signature, and how a shell makes one. What the proofs are made of lies in the layer, where the console finds it too."""

from dataclasses import dataclass

from watchkeeper.signatures import WINDOW_SECONDS, among, mac, moment_of, told_at

__all__ = ["SIGNATURE", "TIMESTAMP", "WINDOW_SECONDS", "Shell", "among", "mac", "moment_of", "sign", "told_at"]

SIGNATURE = "X-Watchkeeper-Signature"
TIMESTAMP = "X-Watchkeeper-Timestamp"


@dataclass(frozen=True)
class Shell:
    """How a shell proves itself: lines to run before, and arguments for curl. They read $secret and $body."""

    before: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    query: str = ""


def sign(raw: bytes, timestamp: str, secret: str) -> str:
    """Watchkeeper's own signature of these bytes at this time, in hex."""
    return mac(timestamp.encode() + b":" + raw, secret)
