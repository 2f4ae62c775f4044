"""The second model, in a function of its own: paid for beforehand, asked once, and its answer read as if an enemy had written it."""

import json
from datetime import datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from watchkeeper.errors import Permanent, Throttled, WatchkeeperError
from watchkeeper.ids import Clock
from watchkeeper.links import defanged
from watchkeeper.models import Objection, Opinion, PlanShown
from watchkeeper.ports import Budget
from watchkeeper.storage.aws import in_our_words
from watchkeeper.telemetry import logger

# Asked once: a second try could cost a second answer, and the message has its own time.
ONCE = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 1})
MOST_REASONS, LONGEST_REASON, LONGEST_MODEL = 5, 200, 80
LONGEST_ANSWER = 20_000


class LambdaGuardian:
    """The Guardian port. Never raises. `ask_usd` is what one answer costs at worst, `cap_usd` what a day's may cost together."""

    def __init__(self, client: Any, function_name: str, budget: Budget, cap_usd: float, clock: Clock, ask_usd: float = 0.12) -> None:
        self._client, self._function, self._budget, self._clock = client, function_name, budget, clock
        self._cap, self._worst = cap_usd, ask_usd

    def ask(self, shown: PlanShown) -> Opinion:
        if not self._function:
            return Opinion(objection=Objection.ABSENT, reasons=("There is no guardian.",))
        purse = purse_of(self._clock())
        try:
            plan = shown.model_dump_json().encode()
            full = self._budget.reserve({purse: self._cap}, self._worst)
        except WatchkeeperError as error:
            return _down(f"Its purse cannot be opened: {error}.")
        except ValueError:
            return _down("The plan has letters that no JSON can hold.")
        if full:
            return _down(f"It is over budget: ${self._cap:.2f} a day has no room for ${self._worst:.2f} more.")
        opinion = self._answered(plan)
        self._settle(purse, opinion.usd)
        return opinion

    def _answered(self, plan: bytes) -> Opinion:
        """Its opinion with what it cost; where nobody can say that, the worst."""
        try:
            with in_our_words("lambda:InvokeFunction", self._function):
                answer = self._client.invoke(FunctionName=self._function, InvocationType="RequestResponse", Payload=plan)
                said: bytes = answer["Payload"].read(LONGEST_ANSWER + 1)
        except WatchkeeperError as error:
            return _down(f"{error}.", 0.0 if _never_ran(error) else self._worst)
        if answer.get("FunctionError"):
            return _down("Its function failed.", self._worst)
        opinion = opinion_of(said)
        if opinion is None:
            return _down("Its answer is no opinion.", self._worst)
        return opinion if 0 <= opinion.usd <= self._worst else opinion.but(usd=self._worst)

    def _settle(self, purse: str, spent: float) -> None:
        """An answer that was paid for is not thrown away because the change could not be given back."""
        try:
            self._budget.settle((purse,), self._worst, spent)
        except WatchkeeperError:
            logger.warning("what was reserved for the guardian stays reserved", exc_info=True)


def purse_of(at: datetime) -> str:
    """The day's purse."""
    return f"guardian-{at:%Y-%m-%d}"


def opinion_of(said: bytes) -> Opinion | None:
    """What the guardian's function answered, tidied; none where it is no opinion."""
    try:
        opinion = Opinion.model_validate(json.loads(said)) if len(said) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        return None
    if opinion is None:
        return None
    reasons = tuple(filter(None, map(_tidy, opinion.reasons[:MOST_REASONS])))
    if opinion.objection is not Objection.NONE and not reasons:
        reasons = ("It gave no reason.",)
    return opinion.but(reasons=reasons, model=_tidy(opinion.model)[:LONGEST_MODEL])


def _tidy(text: str) -> str:
    """One printable line of bounded length, with its addresses taken apart."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST_REASON]).split())
    return defanged(line)[:LONGEST_REASON]


def _never_ran(error: WatchkeeperError) -> bool:
    """Did AWS itself refuse the call, so that nothing was asked and nothing is owed?"""
    return isinstance(error, Permanent | Throttled) and isinstance(error.__cause__, ClientError)


def _down(why: str, usd: float = 0.0) -> Opinion:
    return Opinion(objection=Objection.DOWN, reasons=(_tidy(why),), usd=usd)
