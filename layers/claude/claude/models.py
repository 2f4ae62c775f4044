"""The one table of models, prices and caps. A model that is not in it is not called."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from claude.question import Effort, Usage

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


@dataclass(frozen=True)
class Model:
    """`context` is how many tokens fit into one call, prompt and answer together."""

    name: str
    price: Price
    context: int = MILLION


MODELS = (
    Model("claude-haiku-5-5", Price(0.10, 0.50, long_from=100_000, long_into=0.50, long_out=2.50)),
    Model("claude-sonnet-5-5", Price(2.0, 10.0)),
    Model("claude-opus-5-5", Price(4.0, 20.0)),
)
_NOT_ANOTHER = r"(?!-?\d{1,4}(\D|$)|\.\d)"
PRICES = {model.name: model.price for model in MODELS}


class Role(StrEnum):
    """What a model is asked for."""

    TRIAGE = "triage"
    DEEP = "deep"
    ORDERED = "ordered"
    READER = "reader"


@dataclass(frozen=True)
class Caps:
    """The most that one analysis may take in a role. Prompt tokens, steps, seconds and dollars are for the whole loop, answer
    tokens for each call; the models think before they answer, and what they think counts as answer tokens."""

    steps: int
    prompt_tokens: int
    answer_tokens: int
    seconds: float
    dollars: float
    effort: Effort = Effort.LOW


CAPS = {
    Role.TRIAGE: Caps(steps=1, prompt_tokens=4_000, answer_tokens=2_500, seconds=20, dollars=0.005),
    Role.DEEP: Caps(steps=5, prompt_tokens=12_000, answer_tokens=4_000, seconds=40, dollars=0.15, effort=Effort.MEDIUM),
    Role.ORDERED: Caps(steps=5, prompt_tokens=12_000, answer_tokens=6_000, seconds=45, dollars=0.25, effort=Effort.MEDIUM),
    Role.READER: Caps(steps=1, prompt_tokens=4_000, answer_tokens=1_500, seconds=15, dollars=0.005),
}


def model_of(name: str) -> Model | None:
    """The model of this id. Bedrock writes a region and a vendor before the name, both write a date or a version behind it; but
    another number behind it is another model."""
    return next((model for model in MODELS if re.search(rf"(^|[./]){model.name}{_NOT_ANOTHER}", name)), None)


def price_of(name: str) -> Price | None:
    """What this model costs; none when nobody has looked it up."""
    model = model_of(name)
    return model.price if model else None


def cost(price: Price, usage: Usage) -> float:
    """What this call cost, in dollars."""
    into, out = price.of(usage.prompt)
    prompt = usage.fresh + usage.cache_written * CACHE_WRITE + usage.cache_read * CACHE_READ
    return (prompt * into + usage.out * out) / MILLION


def at_worst(price: Price, characters: int, max_tokens: int) -> float:
    """What it can cost: two characters a token, all of it written to the cache, and an answer as long as allowed."""
    return cost(price, Usage(cache_written=round(characters / CHARACTERS_PER_TOKEN), out=max_tokens))
