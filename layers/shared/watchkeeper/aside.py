"""Alerts that were set aside: they opened nothing, and lie with their fingerprint until they do, or until their time is over."""

from datetime import UTC
from enum import StrEnum
from typing import ClassVar

from watchkeeper.models import Alert, Row, Time

PARTITION = "ASIDE#"


class Why(StrEnum):
    """Why it opened nothing."""

    LATE = "late"
    SUPPRESSED = "suppressed"
    HELD = "held"
    TOO_FEW = "too_few"


class Aside(Row):
    """One alert that is on record without an incident. Rows sort by when it occurred; the same alert is the same row."""

    prefix: ClassVar[str] = "ASIDE"

    alert: Alert
    why: Why
    says: str = ""
    set_at: Time

    @property
    def key(self) -> str:
        return _key(self.alert, self.alert.key)

    @property
    def place(self) -> tuple[str, str]:
        """Its partition and its sort key."""
        return place_of(self.alert, self.alert.key)


def partition_of(fingerprint: str) -> str:
    return f"{PARTITION}{fingerprint}"


def place_of(alert: Alert, key: str) -> tuple[str, str]:
    """Where this alert, whose key this is, lies if it was set aside."""
    return partition_of(alert.fingerprint), f"{Aside.prefix}#{_key(alert, key)}"


def _key(alert: Alert, key: str) -> str:
    return f"{alert.occurred_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}#{key}"
