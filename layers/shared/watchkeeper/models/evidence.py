"""What was asked, what came back, stored byte for byte."""

from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from watchkeeper.models.alert import Resource
from watchkeeper.models.word import Row, Time


class Answer(StrEnum):
    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_ALLOWED = "not_allowed"


class Evidence(Row):
    """One collector's answer. `body` is the redacted text that citations are looked up in; `sha256` is of its bytes.

    A body too long for a row lies in the bucket under `stored_key`, and `body` holds its beginning.
    """

    prefix: ClassVar[str] = "EVIDENCE"

    id: str
    collector: str
    answer: Answer
    asked: str
    summary: str
    body: str = ""
    sha256: str = ""
    stored_key: str = ""
    why: str = ""
    permission: str = ""
    link: str = ""
    resources: tuple[Resource, ...] = Field(default=(), description="what an API named in its own fields: an action may be aimed at these")
    collected_at: Time
    took_ms: int = 0

    @property
    def key(self) -> str:
        """With zeros, so that E2 lies before E10."""
        return f"{self.id[:1]}{self.id[1:]:0>4}"
