"""What a call costs. The one table of prices; a model that is not in it is not called."""

from dataclasses import dataclass
from datetime import date

from claude.question import Usage

AS_OF = date(2026, 11, 20)
MILLION = 1_000_000
CACHE_WRITE, CACHE_READ = 1.25, 0.1
CHARACTERS_PER_TOKEN = 2.0


@dataclass(frozen=True)
class Price:
    """Dollars for a million tokens in and out. From `long_from` prompt tokens on, the long prices hold for the whole call."""

    into: float
    out: float
    long_from: int | None = None
    long_into: float = 0.0
    long_out: float = 0.0

    def of(self, prompt_tokens: int) -> tuple[float, float]:
        if self.long_from is not None and prompt_tokens > self.long_from:
            return self.long_into, self.long_out
        return self.into, self.out


PRICES = {
    "claude-haiku-5-5": Price(0.10, 0.50, long_from=100_000, long_into=0.50, long_out=2.50),
    "claude-sonnet-5-5": Price(2.0, 10.0),
    "claude-opus-5-5": Price(4.0, 20.0),
}


def price_of(model: str) -> Price | None:
    """The price of a model by its name; Bedrock writes a region and a vendor before it and a version behind it."""
    return next((price for name, price in PRICES.items() if name in model), None)


def cost(price: Price, usage: Usage) -> float:
    """What this call cost, in dollars."""
    into, out = price.of(usage.prompt)
    prompt = usage.fresh + usage.cache_written * CACHE_WRITE + usage.cache_read * CACHE_READ
    return (prompt * into + usage.out * out) / MILLION


def at_worst(price: Price, characters: int, max_tokens: int) -> float:
    """What it can cost: two characters a token, all of it written to the cache, and an answer as long as allowed."""
    return cost(price, Usage(cache_written=round(characters / CHARACTERS_PER_TOKEN), out=max_tokens))
