"""Asks Claude for a second opinion: money is set aside first, the call has an end, and every way to get none has a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from analysis.case import Case
from analysis.opinion import Opinion
from analysis.prompt import question
from claude.errors import ClaudeFailed
from claude.prices import Price, at_worst, cost, price_of
from claude.question import Question, Said, T, Usage
from watchkeeper.errors import WatchkeeperError
from watchkeeper.ports import Budget
from watchkeeper.settings import AnalysisSettings
from watchkeeper.telemetry import logger

LEAST_SECONDS = 3.0


class Model(Protocol):
    """Claude, or a fake of it."""

    def ready(self) -> None:
        """Raises NotAsked when asking is pointless."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer within that time, or a ClaudeFailed."""


@dataclass(frozen=True)
class Second:
    """A second opinion, or `why` there is none; and what it took either way."""

    opinion: Opinion | None
    why: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    cost_usd: float = 0.0


@dataclass(frozen=True)
class Reasoner:
    model: Model
    budget: Budget
    settings: AnalysisSettings

    def __call__(self, case: Case, draft: Opinion, seconds_left: Callable[[], float]) -> Second:
        """Never raises for what Claude, the secret or the budget do; the rules' opinion stands then, and says why."""
        name = self.settings.claude_model
        try:
            self.model.ready()
            price = price_of(name)
            if price is None:
                return Second(None, f"Claude was not asked: the price of {name} is not known")
            return self._paid(question(case, draft, name), price, f"incident:{case.incident.id}", seconds_left)
        except ClaudeFailed as error:
            return Second(None, f"Claude was not asked: {error.why}")
        except WatchkeeperError as error:
            logger.warning("no second opinion", exc_info=True)
            return Second(None, f"Claude was not asked: {error}")

    def _paid(self, asked: Question[Opinion], price: Price, purse: str, seconds_left: Callable[[], float]) -> Second:
        """A crash between reserve and settle leaves the money reserved: the purse is then smaller, never larger."""
        worst = at_worst(price, asked.characters, asked.max_tokens)
        cap = self.settings.budget_per_incident_usd
        if not self.budget.reserve(purse, worst, cap):
            return Second(
                None, f"Claude was not asked: it could cost ${worst:.4f}, and the incident's budget of ${cap:.2f} has no room for it"
            )
        seconds = seconds_left()
        if seconds < LEAST_SECONDS:
            self.budget.settle(purse, worst, 0.0)
            return Second(None, "Claude was not asked: the time for this analysis was used up")
        try:
            said = self.model.ask(asked, seconds)
        except ClaudeFailed as error:
            spent = worst if error.usage is None else cost(price, error.usage)
            self._settle(purse, worst, spent)
            return Second(None, f"Claude gave no usable answer: {error.why}", asked.model, error.usage or Usage(), spent)
        spent = cost(price, said.usage)
        self._settle(purse, worst, spent)
        return Second(said.value, "", said.model, said.usage, spent)

    def _settle(self, purse: str, reserved: float, spent: float) -> None:
        """An answer that was paid for is not thrown away because the change could not be given back."""
        try:
            self.budget.settle(purse, reserved, spent)
        except WatchkeeperError:
            logger.warning("what was reserved for a model call stays reserved", exc_info=True)
