"""Who can be judged: the fixed rules, and Claude by the same way as in production, with a budget of its own."""

import time
from collections.abc import Callable

from analysis.case import Case
from analysis.deciding import Inputs, decide
from analysis.thought import Thought
from watchkeeper.models import Analysis

Engine = Callable[[Case], Analysis]


def deterministic(case: Case) -> Analysis:
    """What the rules say. Nobody else is asked."""
    thought = Thought(None, "the fixed rules were judged alone")
    return decide(Inputs(case, "eval", case.incident.fired_at, signature="eval", thought=thought))


def timed(engine: Engine, case: Case) -> tuple[Analysis, float]:
    """The answer and how long it took, in seconds."""
    began = time.perf_counter()
    analysis = engine(case)
    return analysis, time.perf_counter() - began
