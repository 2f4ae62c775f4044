"""What the settings say of remediation's patience."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Terms:
    """How long a person has, how soon to look again, how documents are named."""

    approval: timedelta
    observe: timedelta
    runbook_prefix: str
