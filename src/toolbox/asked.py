"""What the runbook asks for, and what it is answered."""

from typing import Annotated

from pydantic import Field

from watchkeeper.ids import digest
from watchkeeper.models import Word


class Asked(Word):
    """One call of one tool. The token is the automation's own id, so that the same execution asks under the same one."""

    server: str = Field(min_length=1, max_length=20)
    tool: str = Field(min_length=1, max_length=64)
    arguments: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Annotated[str, Field(max_length=200)]] = {}
    token: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

    @property
    def digest(self) -> str:
        """The same for the same call, whatever its token."""
        return digest({"server": self.server, "tool": self.tool, "arguments": self.arguments})


class Answer(Word):
    """What the tool said, bounded and without secrets, and whether it says that it failed."""

    text: str
    failed: bool = False
    again: bool = Field(default=False, description="this was answered before, and the tool was not called again")
