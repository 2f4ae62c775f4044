"""What a person said of an analysis, once it was known better."""

from typing import ClassVar

from pydantic import Field

from watchkeeper.models.analysis import Cause
from watchkeeper.models.word import Row, Time


class Feedback(Row):
    """The last word of each person on each analysis counts."""

    prefix: ClassVar[str] = "FEEDBACK"

    analysis_id: str
    by: str
    right: bool
    true_cause: Cause | None = None
    says: str = Field(default="", max_length=1_000)
    at: Time

    @property
    def key(self) -> str:
        return f"{self.analysis_id}#{self.by}"
