"""Thinks about one case: a triage by the small model, a deeper look where that is worth it, and a second reader of what came of it.

Whatever Claude, the secret or the budget do, a Thought comes back, and says why where it holds no opinion. The triage is also how
a dead Claude is noticed: it waits only so long, and where it got no answer nobody else is asked.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from analysis.case import Exhibit
from analysis.opinion import Opinion
from analysis.thinking import conversation
from analysis.thinking.conversation import READER_PROMPT, Told
from analysis.thinking.inquiry import Came, Inquiry
from analysis.thinking.journal import Journal
from analysis.thinking.phases import LEAST_SECONDS
from analysis.thinking.purses import Model, Till
from analysis.thinking.routing import Chosen, Known, choose
from analysis.thinking.second_reader import Reading, read
from analysis.thinking.shapes import from_deep, from_triage
from analysis.thinking.showing import Showing, Withheld, all_of_it
from analysis.thinking.tools import Toolbox
from analysis.thought import Matter, Thought
from claude.errors import ClaudeFailed, Declined, TooLong, Truncated, Unusable
from claude.models import CAPS, Role
from claude.question import Said, T
from watchkeeper.errors import WatchkeeperError
from watchkeeper.ids import now
from watchkeeper.models import Phase, Route
from watchkeeper.ports import Budget
from watchkeeper.settings import AnalysisSettings
from watchkeeper.team import Thinking
from watchkeeper.telemetry import logger

FIRST_WORD_SECONDS = 9.0  # an incident is analysed within ten even where nobody answers
READER_SECONDS = 6.0
ALIVE = (Declined, TooLong, Truncated, Unusable)  # it answered, only not usably
_ROLES = {Route.DEEP: Role.DEEP, Route.ORDERED: Role.ORDERED}


@dataclass(frozen=True)
class Thinker:
    """`withhold` takes out lines that read as instructions; `redact` is what a model's sentences go through for the steps."""

    model: Model
    budget: Budget
    settings: AnalysisSettings
    redact: Callable[[str], str]
    thinking: Callable[[], tuple[Thinking, ...]] = tuple
    withhold: Withheld = all_of_it
    clock: Callable[[], datetime] = now
    ticks: Callable[[], float] = time.monotonic

    def __call__(self, matter: Matter, tools: Toolbox, purses: Mapping[str, float], seconds_left: Callable[[], float]) -> Thought:
        """The answer is only an opinion: nothing of it is believed or done before check.py has seen it."""
        told = Told(matter.case, matter.draft, matter.hypotheses, Showing(self.withhold, matter.draft.citations))
        journal = Journal(matter.name, self.clock, self.redact, matter.tell, list(matter.steps))
        return _Run(self, told, tools, Till(self.model, self.budget, purses), journal, seconds_left).thought()


@dataclass
class _Run:
    """One case on its way. `triage` is the small model's opinion, `why` why there is none or why nobody looked deeper."""

    of: Thinker
    told: Told
    tools: Toolbox
    till: Till
    journal: Journal
    seconds_left: Callable[[], float]
    triage: Opinion | None = None
    model: str = ""
    why: str = ""
    alive: bool = True
    brought: tuple[Exhibit, ...] = ()
    reading: Reading = field(default_factory=Reading)

    def thought(self) -> Thought:
        self._triage()
        if not self.alive:
            return self._made(None, Route.RULES)
        chosen = self._chosen()
        if chosen.route is Route.TRIAGE:
            return self._made(self.triage, Route.TRIAGE if self.triage else Route.RULES)
        came = self._deeper(chosen)
        self.brought = came.exhibits
        if came.said is None:
            self.why = "; ".join(why for why in (self.why, came.why) if why)
            return self._made(self.triage, Route.TRIAGE if self.triage else Route.RULES)
        opinion = from_deep(came.said)
        self.model, self.why = came.model, ""
        self._second_reader(opinion, came.tokens)
        return self._made(opinion, chosen.route)

    def _triage(self) -> None:
        asked = conversation.triage(self.told, self.of.settings.claude_triage_model)
        withheld = self.told.showing.count
        began, before = self.of.ticks(), self.till.paid
        try:
            said = self._said(lambda seconds: self.till.ask(asked, seconds), min(CAPS[Role.TRIAGE].seconds, FIRST_WORD_SECONDS))
        except ClaudeFailed as error:
            self.alive = isinstance(error, ALIVE)
            sent = self.till.paid is not before
            self.why = f"Claude gave no usable answer: {error.why}" if sent else f"Claude was not asked: {error.why}"
        except WatchkeeperError as error:
            logger.warning("nobody was asked", exc_info=True)
            self.alive, self.why = False, f"Claude was not asked: {error}"
        else:
            self.model = said.model
            self.triage = from_triage(said.value, self.told.draft)
        taken = round((self.of.ticks() - began) * 1000)
        self._noted_triage(taken, withheld)

    def _noted_triage(self, took_ms: int, withheld: int) -> None:
        if not self.till.paid.usage.prompt and self.triage is None:
            self.journal.add(Phase.FAILED, self.why, took_ms=took_ms)
            return
        out = f" {withheld} lines that read as instructions were withheld." if withheld else ""
        says = f"Triage: {self.triage.root_cause}" if self.triage else self.why
        usage, usd = self.till.paid.usage, round(self.till.paid.usd, 6)
        facts = {"model": self.model, "tokens_in": usage.prompt, "tokens_out": usage.out, "cost_usd": usd}
        self.journal.add(Phase.EVALUATE if self.triage else Phase.FAILED, f"{self.journal.clean(says, 220)}{out}", **facts, took_ms=took_ms)

    def _said(self, ask: "Callable[[float], Said[T]]", most: float) -> Said[T]:
        seconds = min(most, self.seconds_left())
        if seconds < LEAST_SECONDS:
            raise OutOfTime("the time for this analysis was used up")
        return ask(seconds)

    def _chosen(self) -> Chosen:
        """Orders that cannot be read ask for nothing."""
        try:
            orders = self.of.thinking()
        except WatchkeeperError:
            logger.warning("the standing orders cannot be read, so none asks for the largest model", exc_info=True)
            orders = ()
        return choose(Known(self.told.case.incident, self.told.draft, self.told.hypotheses, orders, self.triage))

    def _deeper(self, chosen: Chosen) -> Came:
        """The loop, with enough of its tokens kept back for the second reader."""
        role, settings = _ROLES[chosen.route], self.of.settings
        model = settings.claude_ordered_model if role is Role.ORDERED else settings.claude_deep_model
        self.journal.add(Phase.PLAN, f"A deeper look, because {chosen.why}.")
        caps = replace(CAPS[role], prompt_tokens=CAPS[role].prompt_tokens - READER_PROMPT)
        question = conversation.deep(self.told, model, role, self.tools.offered())
        known = frozenset(one.evidence.id for one in self.told.case.exhibits)
        showing, ticks = self.told.showing, self.of.ticks
        return Inquiry(self.till, self.tools, showing, self.journal, caps, self.seconds_left, ticks, known=known).run(question)

    def _second_reader(self, opinion: Opinion, taken: int) -> None:
        """Only where its tokens, its time and its money are there; without it the answer stands as it is."""
        if taken + READER_PROMPT > CAPS[Role.DEEP].prompt_tokens or self.seconds_left() < READER_SECONDS:
            return
        exhibits = (*self.told.case.exhibits, *self.brought)
        asked = conversation.second_reading(
            opinion, exhibits, Showing(self.of.withhold, opinion.citations), self.of.settings.claude_triage_model
        )
        began, before = self.of.ticks(), self.till.paid
        try:
            said = self._said(lambda seconds: self.till.ask(asked, seconds), CAPS[Role.READER].seconds)
        except WatchkeeperError as error:
            self.journal.add(Phase.EVALUATE, f"No second reader: {error}")
            return
        self.reading = read(said.value, exhibits)
        dropped = f" {self.reading.dropped} objections quote nothing that is there." if self.reading.dropped else ""
        says = f"A second reader: {said.value.verdict.value}, {len(self.reading.objections)} objections that hold.{dropped}"
        facts = {"model": said.model, "tokens_in": said.usage.prompt, "tokens_out": said.usage.out}
        usd, took_ms = round(self.till.paid.usd - before.usd, 6), round((self.of.ticks() - began) * 1000)
        self.journal.add(Phase.EVALUATE, says, **facts, cost_usd=usd, took_ms=took_ms)

    def _made(self, opinion: Opinion | None, route: Route) -> Thought:
        return Thought(
            opinion=opinion,
            why=self.why,
            route=route,
            model=self.model,
            usage=self.till.paid.usage,
            cost_usd=self.till.paid.usd,
            steps=tuple(self.journal.steps),
            exhibits=self.brought,
            objections=tuple(self.journal.clean(one) for one in self.reading.objections),
            faith=self.reading.faith,
        )


class OutOfTime(WatchkeeperError):
    """There is too little of it left for another question."""
