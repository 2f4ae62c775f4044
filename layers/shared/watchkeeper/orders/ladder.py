"""How an order earns its mode, and loses it: observe, suggest, approve, auto."""

from math import sqrt

from watchkeeper.models import Run, Standing
from watchkeeper.orders.model import Mode, Order

KEPT = 100
Z = 1.959963984540054  # of a normal distribution 95 % lie within so many deviations


def lower_bound(right: int, runs: int) -> float:
    """The least share that may well be true when `right` of `runs` were: the lower end of Wilson's interval, 95 %. None says nothing: 0."""
    if runs <= 0:
        return 0.0
    share, spread = right / runs, Z * Z / runs
    middle = share + spread / 2
    return max(0.0, (middle - sqrt(spread * (share * (1 - share) + spread / 4))) / (1 + spread))


def rungs(order: Order) -> tuple[Mode, ...]:
    """The rungs up to the order's mode. Two people are a rung only where the order says so, as its start or its mode."""
    said = {order.mode, order.ladder.start if order.ladder else order.mode}
    return tuple(
        mode
        for mode in (Mode.OBSERVE, Mode.SUGGEST, Mode.APPROVE_TWO, Mode.APPROVE, Mode.AUTO)
        if mode.dares <= order.mode.dares and (mode is not Mode.APPROVE_TWO or mode in said)
    )


def mode_now(order: Order, standing: Standing) -> Mode:
    """What it may do now: the lower of its mode and the rung that it has earned; without a ladder its mode."""
    if order.ladder is None:
        return order.mode
    known = next((mode for mode in Mode if mode.value == standing.rung and mode is not Mode.NEVER), order.ladder.start)
    return min(order.mode, known, key=lambda mode: mode.dares)


def counted(order: Order, standing: Standing) -> tuple[int, int]:
    """How many of the runs on its present rung, since it came there, were right, and how many there were."""
    rung, since = mode_now(order, standing).value, standing.since
    on_it = [run.right for run in standing.runs if run.rung == rung and (since is None or run.at > since)]
    return sum(on_it), len(on_it)


def after_run(order: Order, standing: Standing, run: Run) -> Standing:
    """The next revision of the standing. A run that was wrong takes it down a rung at once, and the count begins anew; on the lowest
    one it stays in the count instead. A run that is already among them changes nothing, so that telling it twice is safe.
    """
    if run in standing.runs:
        return standing
    before = mode_now(order, standing)
    added = standing.next(rung=before.value, runs=(*standing.runs, run)[-KEPT:])
    after = _climbed(order, added) if run.right else _fallen(order, before)
    return added if after is before else added.but(rung=after.value, since=max(run.at, standing.since or run.at))


def _fallen(order: Order, present: Mode) -> Mode:
    below = [mode for mode in rungs(order) if mode.dares < present.dares]
    return below[-1] if below and order.ladder else present


def _climbed(order: Order, standing: Standing) -> Mode:
    present = mode_now(order, standing)
    above = [mode for mode in rungs(order) if mode.dares > present.dares]
    right, runs = counted(order, standing)
    earned = order.ladder and runs >= order.ladder.runs and lower_bound(right, runs) >= order.ladder.precision
    return above[0] if above and earned else present
