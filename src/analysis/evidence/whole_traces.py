"""Quotes log messages for the evidence: a stack trace whole the first time that it is seen, everything else in short."""

from analysis.evidence.ask import READ_OF_A_MESSAGE, Ask
from analysis.signals.stack_frames import frames

MOST_WHOLE = 10  # different traces; there is no end of them in a bad night
MOST_FRAMES = 3  # by which a trace is known again: the same fault throws at the same places
MOST_LINES = 160
FOREIGN = "\n      "


class Quoting:
    """One body's quotes, in their order."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._seen: set[tuple[tuple[str, int], ...]] = set()

    def quoted(self, message: str) -> str:
        """As it may be shown: redacted, its further lines indented. Of a very long trace the middle is left out."""
        places = [(frame.path, frame.line) for frame in frames(message[:READ_OF_A_MESSAGE])] if "\n" in message or "\\n" in message else []
        known = tuple(places[:MOST_FRAMES] + places[-MOST_FRAMES:])
        if not places or known in self._seen or len(self._seen) >= MOST_WHOLE:
            return self._ask.tidy(message)
        self._seen.add(known)
        lines = self._ask.tidy(message, READ_OF_A_MESSAGE).split(FOREIGN)
        if len(message) > READ_OF_A_MESSAGE:
            lines.append(f"… ({len(message) - READ_OF_A_MESSAGE} more characters)")
        half = MOST_LINES // 2
        left = len(lines) - 2 * half
        return FOREIGN.join(lines if left <= 0 else [*lines[:half], f"… ({left} more lines)", *lines[-half:]])
