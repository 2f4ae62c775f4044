"""Who can be judged: the fixed rules, and Claude as production asks it, from the evidence of the case alone and a purse of its own."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.analyst.draft import draft
from analysis.analyst.ranking import ranked
from analysis.case import Case, Exhibit
from analysis.deciding import Inputs, decide
from analysis.evidence.ask import Ask
from analysis.evidence.gather import Answered
from analysis.instructions import withheld
from analysis.thinking.built_in import BuiltIn
from analysis.thinking.thinker import Thinker
from analysis.thinking.tools import Shelf, Toolboxes
from analysis.thought import Matter, Thought
from claude.client import Claude
from cli.trouble import CANNOT, Trouble
from watchkeeper.errors import NotAllowed
from watchkeeper.models import Analysis
from watchkeeper.settings import AnalysisSettings, EvalSettings

Engine = Callable[[Case], Analysis]
SECONDS = 60.0
NO_STACK = {"incidents_table": "-", "audit_table": "-", "bucket": "-", "remediation_queue_url": "-", "analyses_table": "-"}


def deterministic(case: Case) -> Analysis:
    """What the rules say. Nobody else is asked."""
    return _decided(case, Thought(None, "the fixed rules were judged alone"))


@dataclass
class Purse:
    """A Budget of this run, whatever purses are named: `left` is all there is."""

    left: float
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, purses: Mapping[str, float], usd: float) -> str:
        with self.lock:
            if usd > self.left:
                return next(iter(purses), "eval")
            self.left -= usd
            return ""

    def settle(self, purses: Collection[str], reserved_usd: float, spent_usd: float) -> None:  # noqa: ARG002 - the port has it
        with self.lock:
            self.left += reserved_usd - spent_usd


def claude(most_usd: float) -> Engine:
    """Claude, routed as in production, with the tools that read evidence; it reaches no AWS. Trouble where there is no key."""
    key = EvalSettings.from_env().anthropic_api_key
    if not key:
        raise Trouble("ANTHROPIC_API_KEY is not set", "Claude cannot be asked", "export it, or judge --engine deterministic", CANNOT)
    settings = AnalysisSettings.model_validate(NO_STACK)
    thinker = Thinker(Claude("anthropic", lambda: key, settings.aws_region), Purse(most_usd), settings, str, withhold=withheld)

    def engine(case: Case) -> Analysis:
        ends = time.monotonic() + SECONDS
        matter = Matter(case, _asking_nobody(case), draft(case), ranked(case), "eval")
        tools = Toolboxes((BuiltIn(Shelf(case.exhibits, _nothing_new), matter.ask, ()),))
        return _decided(case, thinker(matter, tools, {"eval": most_usd}, lambda: ends - time.monotonic()))

    return engine


def timed(engine: Engine, case: Case) -> tuple[Analysis, float]:
    """The answer and how long it took, in seconds."""
    began = time.perf_counter()
    analysis = engine(case)
    return analysis, time.perf_counter() - began


def _decided(case: Case, thought: Thought) -> Analysis:
    return decide(Inputs(case, "eval", case.incident.fired_at, signature="eval", thought=thought))


def _asking_nobody(case: Case) -> Ask:
    def no_aws(service: str, region: str) -> Any:
        raise NotAllowed(service, f"an eval case in {region}")

    return Ask(
        incident=case.incident, alerts=case.alerts, service=None, now=case.incident.fired_at, region="us-east-1", client=no_aws,
        redact=str, pause=time.sleep,
    )  # fmt: skip


def _nothing_new(_: Answered, __: int) -> Exhibit:
    raise NotAllowed("collect", "an eval case, which has all the evidence there is")
