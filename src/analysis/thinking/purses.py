"""Where the money for a question comes from: every purse has room for the worst case before anything is sent.

A crash between reserving and settling leaves the money reserved: a purse is then smaller, never larger.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from analysis.thinking.tokens import tokens_of
from claude.errors import ClaudeFailed
from claude.models import CHARACTERS_PER_TOKEN, Price, at_worst, cost, price_of
from claude.question import Question, Said, T, Turn, Usage
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Incident
from watchkeeper.ports import Budget
from watchkeeper.settings import AnalysisSettings
from watchkeeper.team import Service
from watchkeeper.telemetry import logger

EVERYONE = "everyone"
_WHOSE = {"incident": "the incident's budget", "day": "the day's budget of {}", "month": "the month's budget of {}"}


class Model(Protocol):
    """Claude, or a fake of it."""

    def ready(self) -> None:
        """Raises NotAsked when asking is pointless."""

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer within that time, or a ClaudeFailed."""

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:
        """The next turn of a conversation within that time, or a ClaudeFailed."""


def purses(incident: Incident, service: Service | None, at: datetime, settings: AnalysisSettings) -> dict[str, float]:
    """What this incident's questions are paid from, each with its cap in dollars: the incident's own purse, and its team's for
    the day and the month. The team is the owner that services.yaml gives the service."""
    team = (service.owner if service else "") or EVERYONE
    return {
        f"incident:{incident.id}": settings.budget_per_incident_usd,
        f"day:{team}:{at:%Y-%m-%d}": settings.budget_per_day_usd,
        f"month:{team}:{at:%Y-%m}": settings.budget_per_month_usd,
    }


class NoRoom(WatchkeeperError):
    """Nothing was asked, because it could cost more than a purse or a cap has left."""


@dataclass(frozen=True)
class Paid:
    """What has been used and paid so far."""

    usage: Usage = field(default_factory=Usage)
    usd: float = 0.0

    def and_(self, usage: Usage, usd: float) -> "Paid":
        mine = self.usage
        both = Usage(
            mine.fresh + usage.fresh, mine.cache_written + usage.cache_written, mine.cache_read + usage.cache_read, mine.out + usage.out
        )
        return Paid(both, self.usd + usd)


@dataclass
class Till:
    """One incident's questions, paid one by one. `paid` counts also what failed."""

    model: Model
    budget: Budget
    purses: Mapping[str, float]
    paid: Paid = field(default_factory=Paid)

    def ask(self, question: Question[T], seconds: float) -> Said[T]:
        """The answer, paid for. NoRoom or another error of ours before it is asked, a ClaudeFailed after."""
        price, worst = self._reserved(question)
        try:
            said = self.model.ask(question, seconds)
        except ClaudeFailed as error:
            self._settle(price, worst, error.usage)
            raise
        self._settle(price, worst, said.usage)
        return said

    def turn(self, question: Question[T], seconds: float) -> Turn[T]:
        """The same for a turn that may want tools."""
        price, worst = self._reserved(question)
        try:
            turn = self.model.turn(question, seconds)
        except ClaudeFailed as error:
            self._settle(price, worst, error.usage)
            raise
        self._settle(price, worst, turn.usage)
        return turn

    def _reserved(self, question: Question[Any]) -> tuple[Price, float]:
        """The worst case is set aside in every purse or in none."""
        self.model.ready()
        price = price_of(question.model)
        if price is None:
            raise NoRoom(f"the price of {question.model} is not known")
        worst = worst_of(question, price)
        full = self.budget.reserve(self.purses, worst)
        if full:
            raise NoRoom(f"it could cost ${worst:.4f}, and {whose(full)} of ${self.purses.get(full, 0.0):.2f} has no room for it")
        return price, worst

    def _settle(self, price: Price, worst: float, usage: Usage | None) -> None:
        """Where it is not known what was billed, it was the worst. An answer that was paid for is not thrown away because the
        change could not be given back."""
        spent = worst if usage is None else cost(price, usage)
        self.paid = self.paid.and_(usage or Usage(), spent)
        names: Collection[str] = tuple(self.purses)
        try:
            self.budget.settle(names, worst, spent)
        except WatchkeeperError:
            logger.warning("what was reserved for a model call stays reserved", exc_info=True)


def worst_of(question: Question[Any], price: Price) -> float:
    """The most that this question can cost. Letters of other scripts are counted by their tokens, which are more than half of them."""
    characters = max(question.characters, round(tokens_of(question) * CHARACTERS_PER_TOKEN))
    return at_worst(price, characters, question.max_tokens)


def whose(purse: str) -> str:
    """The purse by its name, as a reader knows it."""
    kind, _, rest = purse.partition(":")
    return _WHOSE.get(kind, f"the purse {kind} of {{}}").format(rest.rpartition(":")[0] or rest)
