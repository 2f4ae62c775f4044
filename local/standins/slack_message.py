"""One message as the stand-in keeps it."""

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass
class Message:
    """One message; `edits` holds what it said before, `replies` its thread."""

    channel: str
    ts: str
    text: str
    blocks: list[Body]
    metadata: Body
    thread_ts: str = ""
    via: str = "bot"
    edits: list[tuple[str, list[Body]]] = field(default_factory=list)
    replies: list["Message"] = field(default_factory=list)

    def shown(self, *, metadata: bool) -> Body:
        """As conversations.history gives it."""
        body: Body = {"type": "message", "ts": self.ts, "text": self.text, "blocks": self.blocks}
        if self.thread_ts or self.replies:
            body["thread_ts"] = self.thread_ts or self.ts
        if metadata and self.metadata:
            body["metadata"] = self.metadata
        return body
