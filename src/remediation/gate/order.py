"""What the team has ordered: for which incidents, when, and how sure we have to be."""

from remediation.gate.case import Case, asks_unless_agreed
from watchkeeper.models import Cause, Ruling
from watchkeeper.orders.times import outside_hours
from watchkeeper.team import Mode, Outside

ONLY_SAID = {
    Mode.OBSERVE: "It is only observed so far: nothing is done, and what would have been done is on record.",
    Mode.SUGGEST: "It is only suggested so far: a person may do it by hand.",
}


def standing_order(case: Case) -> tuple[Ruling, str]:
    if case.orders_fault:
        return Ruling.REFUSE, f"The standing orders cannot be read: {case.orders_fault}."
    if case.order is None:
        return Ruling.REFUSE, f"No standing order names {case.proposal.name} for such an incident."
    if case.mode is Mode.NEVER:
        return Ruling.REFUSE, f'The order "{case.order.name}" forbids it.'
    if case.mode in ONLY_SAID:
        return Ruling.REFUSE, f'The order "{case.order.name}" speaks of it. {ONLY_SAID[case.mode]}'
    earned = f", as far as it has earned on its way to {case.order.mode.value}" if case.mode is not case.order.mode else ""
    return Ruling.RUN, f'The order "{case.order.name}" speaks of it: {case.mode.value}{earned}.'


def freeze(case: Case) -> tuple[Ruling, str]:
    return (Ruling.REFUSE, case.frozen) if case.frozen else (Ruling.RUN, "No freeze window is open.")


def hours(case: Case) -> tuple[Ruling, str]:
    """Outside of its hours an order asks, or refuses, as it says itself."""
    order = case.order_or_none
    outside = outside_hours(order, case.at)
    if not outside:
        return Ruling.RUN, "The order is in force at this hour."
    if order.hours and order.hours.outside is Outside.REFUSE:
        return Ruling.REFUSE, outside
    return asks_unless_agreed(case, outside)


def confidence(case: Case) -> tuple[Ruling, str]:
    """Sure enough, and on evidence that was looked up. Without an order the default threshold is named.

    What takes an action back rests on the verification that failed, and on no analysis.
    """
    order, analysis = case.order_or_none, case.analysis
    if case.undoing:
        return Ruling.RUN, f"{case.undoing.action} was done and is not proven to have helped; this takes it back."
    if analysis.cause is Cause.UNKNOWN:
        return Ruling.REFUSE, "The cause is unknown."
    if not analysis.citations:
        return Ruling.REFUSE, "No citation was found in the stored evidence."
    if analysis.confidence < order.min_confidence:
        return Ruling.REFUSE, f"Confidence is {analysis.confidence:.2f}; {order.min_confidence:.2f} is needed."
    return Ruling.RUN, f"Confidence {analysis.confidence:.2f} on {len(analysis.citations)} checked citation(s)."
