"""The steps that people may follow. What a model says or asks for is cut and cleaned before it stands there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from analysis.thought import untold
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Phase, Step
from watchkeeper.telemetry import logger

LONGEST_SENTENCE = 300
LONGEST_ARGUMENT = 120
MOST_ARGUMENTS = 6
LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+", re.IGNORECASE)


@dataclass
class Journal:
    """The steps of one analysis, numbered from 1. `redact` is what everything foreign goes through; `tell` hears of each at once."""

    analysis_id: str
    clock: Callable[[], datetime]
    redact: Callable[[str], str]
    tell: Callable[[Step], None] = untold
    steps: list[Step] = field(default_factory=list)

    def add(self, phase: Phase, says: str, **facts: Any) -> None:
        """`facts` are the other fields of a Step."""
        number, said = len(self.steps) + 1, self.clean(says)
        facts["arguments"] = self._arguments(facts.get("arguments", {}))
        facts["tool"] = self.clean(facts.get("tool", ""), 80)
        step = Step(analysis_id=self.analysis_id, number=number, phase=phase, says=said, at=self.clock(), **facts)
        self.steps.append(step)
        try:
            self.tell(step)
        except WatchkeeperError:
            logger.info("the step is told with the analysis", exc_info=True)

    def clean(self, text: str, most: int = LONGEST_SENTENCE) -> str:
        """One line, redacted, without links, no longer than that."""
        line = " ".join("".join(c if c.isprintable() else " " for c in text[: 20 * most]).split())
        safe = LINK.sub("[link]", self.redact(line))
        return safe if len(safe) <= most else f"{safe[: most - 1]}…"

    def _arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        cut = list(given.items())[:MOST_ARGUMENTS]
        return {self.clean(str(name), 40): value if _plain(value) else self.clean(str(value), LONGEST_ARGUMENT) for name, value in cut}


def _plain(value: object) -> bool:
    """A figure that fits into a row as it is."""
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10**12)
