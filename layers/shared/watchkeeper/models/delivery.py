"""One channel's debt to one incident."""

from enum import StrEnum
from typing import ClassVar

from watchkeeper.models.word import Row, Time


class DeliveryStatus(StrEnum):
    OWED = "owed"
    PAID = "paid"
    REFUSED = "refused"


class Delivery(Row):
    """`said` holds the audit sequence numbers that this channel has been told; `refs` what it called our messages.

    `attempting` is set before a message that creates something is sent and cleared with its reference, so that
    the next worker knows to look for it before it sends another.
    """

    prefix: ClassVar[str] = "DELIVERY"

    incident_id: str
    channel: str
    revision: int = 0
    status: DeliveryStatus = DeliveryStatus.OWED
    wanted_version: int
    shown_version: int = 0
    said: tuple[int, ...] = ()
    refs: dict[str, str] = {}
    attempting: str = ""
    failure: str = ""
    updated_at: Time

    @property
    def key(self) -> str:
        return self.channel
