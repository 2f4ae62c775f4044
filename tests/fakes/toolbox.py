"""The toolbox's journal in memory."""

from dataclasses import dataclass, field

from toolbox.journal import Entry


@dataclass
class MemoryJournal:
    """The Journal port."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def begin(self, token: str, digest: str) -> Entry | None:
        if token in self.entries:
            return self.entries[token]
        self.entries[token] = Entry(digest)
        return None

    def end(self, token: str, answer: str) -> None:
        self.entries[token] = Entry(self.entries[token].digest, answer)
