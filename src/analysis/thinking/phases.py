"""The loop as a table, and whether it may go on: pure, so that every cap and every move can be tried alone.

PLAN ─ the first turn ─┬─ wants tools → EXECUTE_TOOL ─ used → EVALUATE ─ the next turn ─┬─ wants tools → EXECUTE_TOOL
                       │                └ would change something → NEEDS_APPROVAL ─ told → EVALUATE
                       └─ answers → DONE, breaks → FAILED; the same from EVALUATE       └─ answers → DONE, breaks → FAILED
"""

from dataclasses import dataclass
from enum import StrEnum

from claude.models import Caps
from watchkeeper.errors import IllegalMove
from watchkeeper.models import Phase

LEAST_SECONDS = 3.0
ECHO_TOKENS = 700  # the most that a turn's own words and the frames of its results add to the conversation
LEAST_RESULT = 200
PATIENCE = 2  # so many unknown tools, and there are no more tools


class Event(StrEnum):
    ANSWERED = "answered"
    WANTED = "wanted tools"
    USED = "used them"
    HELD = "held back what would change something"
    TOLD = "said so"
    BROKE = "broke"


MOVES = {
    (Phase.PLAN, Event.ANSWERED): Phase.DONE,
    (Phase.PLAN, Event.WANTED): Phase.EXECUTE_TOOL,
    (Phase.PLAN, Event.BROKE): Phase.FAILED,
    (Phase.EXECUTE_TOOL, Event.USED): Phase.EVALUATE,
    (Phase.EXECUTE_TOOL, Event.HELD): Phase.NEEDS_APPROVAL,
    (Phase.EXECUTE_TOOL, Event.BROKE): Phase.FAILED,
    (Phase.NEEDS_APPROVAL, Event.TOLD): Phase.EVALUATE,
    (Phase.EVALUATE, Event.ANSWERED): Phase.DONE,
    (Phase.EVALUATE, Event.WANTED): Phase.EXECUTE_TOOL,
    (Phase.EVALUATE, Event.BROKE): Phase.FAILED,
}


def after(phase: Phase, event: Event) -> Phase:
    """The next phase; IllegalMove where the table has none: DONE and FAILED are the end."""
    if (phase, event) not in MOVES:
        raise IllegalMove(f"a loop in {phase.value} cannot have {event.value}")
    return MOVES[phase, event]


class May(StrEnum):
    USE_TOOLS = "use tools"
    ANSWER_ONLY = "answer only"
    STOP = "stop"


@dataclass(frozen=True)
class Spent:
    """What the loop has taken so far. `unknown` counts tools that nobody offers."""

    turns: int = 0
    tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0
    unknown: int = 0


@dataclass(frozen=True)
class Ahead:
    """What the next turn would take at worst, and how many seconds the analysis has left."""

    tokens: int
    usd: float
    seconds_left: float


def may(spent: Spent, ahead: Ahead, caps: Caps) -> tuple[May, str]:
    """May there be another turn? With tools only if there is room for the turn after it, which has to answer; a reason otherwise."""
    fits = (
        (spent.turns + 1 <= caps.steps, f"its {caps.steps} steps are used up"),
        (spent.tokens + ahead.tokens <= caps.prompt_tokens, f"its {caps.prompt_tokens} prompt tokens are used up"),
        (spent.usd + ahead.usd <= caps.dollars, f"its ${caps.dollars:.2f} are used up"),
        (_seconds(spent, ahead, caps) >= LEAST_SECONDS, "the time for this analysis is used up"),
    )
    for holds, why in fits:
        if not holds:
            return May.STOP, why
    two = (
        (spent.turns + 2 <= caps.steps, "steps"),
        (spent.tokens + 2 * ahead.tokens + ECHO_TOKENS + LEAST_RESULT <= caps.prompt_tokens, "tokens"),
        (spent.usd + 2 * ahead.usd <= caps.dollars, "dollars"),
        (_seconds(spent, ahead, caps) >= 2 * LEAST_SECONDS, "seconds"),
        (spent.unknown < PATIENCE, "patience with tools that nobody offers"),
    )
    short = [what for holds, what in two if not holds]
    return (May.ANSWER_ONLY, f"not enough {short[0]} for more tools") if short else (May.USE_TOOLS, "")


def _seconds(spent: Spent, ahead: Ahead, caps: Caps) -> float:
    return min(caps.seconds - spent.seconds, ahead.seconds_left)
