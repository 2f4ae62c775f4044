"""Has a second model an objection to this typed plan? Whatever happens to it, the answer is an opinion, and no opinion lets more run.

Nothing is stored and nothing is done here, so that running twice costs money and changes nothing.
"""

from collections.abc import Callable

from claude.errors import ClaudeFailed
from claude.models import Price, at_worst, cost, price_of
from guardian.presentable import unfit
from guardian.question import MOST_REASONS, question
from guardian.wiring import Wiring
from watchkeeper.errors import WatchkeeperError
from watchkeeper.models import Objection, Opinion, PlanShown

LONGEST_REASON = 200


def judge(plan: PlanShown, wiring: Wiring, seconds_left: Callable[[], float]) -> Opinion:
    """Its opinion; ABSENT where no key is set, DOWN with a sentence where there is no usable answer in time."""
    fault = unfit(plan)
    if fault:
        return Opinion(objection=Objection.ASK, reasons=(fault,))
    try:
        if not wiring.has_key():
            return Opinion(objection=Objection.ABSENT, reasons=("No key of a model is set.",))
        return _asked(plan, wiring, seconds_left)
    except WatchkeeperError as error:
        return _down(f"{error}.")


def _asked(plan: PlanShown, wiring: Wiring, seconds_left: Callable[[], float]) -> Opinion:
    asked, model = question(plan, wiring.settings.guardian_model), wiring.settings.guardian_model
    price = price_of(model)
    if price is None:
        return _down(f"The price of {model} is not known.")
    worst = at_worst(price, asked.characters, asked.max_tokens)
    if worst > wiring.settings.guardian_ask_usd:
        return _down(f"To ask could cost ${worst:.4f}, and ${wiring.settings.guardian_ask_usd:.4f} is the most that it may.")
    wiring.claude.ready()
    seconds = seconds_left()
    if seconds <= 0:
        return _down("There is no time left to ask.")
    try:
        said = wiring.claude.ask(asked, seconds)
    except ClaudeFailed as error:
        return _down(f"{error.why}.", model, _billed(price, error, worst))
    reasons = tuple(reason[:LONGEST_REASON] for reason in said.value.reasons[:MOST_REASONS])
    return Opinion(objection=Objection(said.value.objection), reasons=reasons, model=model, usd=cost(price, said.usage))


def _billed(price: Price, error: ClaudeFailed, worst: float) -> float:
    """Where it is not known what was billed, it was the worst."""
    return worst if error.usage is None else cost(price, error.usage)


def _down(why: str, model: str = "", usd: float = 0.0) -> Opinion:
    return Opinion(objection=Objection.DOWN, reasons=(why[:LONGEST_REASON],), model=model, usd=usd)
