"""What the settings say of remediation's patience."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Terms:
    """How long a person has, how soon to look again, how documents are named, and how long a fix is given at least to show."""

    approval: timedelta
    observe: timedelta
    runbook_prefix: str
    verify: timedelta = timedelta(minutes=5)
