"""How much, how often: what one action may take down, and when enough has been done."""

from collections.abc import Iterable
from datetime import timedelta

from remediation.gate.case import Case
from watchkeeper.models import Claimed, Fleet, Ruling, Track

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A_LOOP = 2


def blast_radius(case: Case) -> tuple[Ruling, str]:
    """One target by the type of a plan; of a fleet no more than a share and no more in one zone than ordered, and never the last."""
    target, fleet = case.proposal.target, case.seen.fleet
    if target is None:
        return Ruling.REFUSE, "There is no target to count."
    if fleet is None:
        return Ruling.RUN, f"It touches one target, {target.id}, which is not one of a fleet that we know."
    action = case.proposal.action
    others = fleet.healthy - fleet.target_healthy
    if action and action.takes_out and not case.undoing and others < 1:
        return Ruling.REFUSE, f"No other of {fleet.name} is healthy: the last one is never taken."
    if not case.undoing and (against := _beyond(case, fleet)):
        return Ruling.REFUSE, against
    return Ruling.RUN, f"It touches one of {fleet.size} in {fleet.name}; {others} other(s) are healthy."


def _beyond(case: Case, fleet: Fleet) -> str:
    """The share of the fleet, or of its zone, that was touched within an hour and would be with this one; empty while it is within."""
    caps, ours = case.order_or_none.caps, case.proposal.rests_on
    touched = {one.target: one.zone for one in _since(case.lately.fleet, case, HOUR)} | {ours: fleet.zone}
    most = max(1, int(caps.share_of_fleet * fleet.size))
    if len(touched) > most:
        return f"{len(touched)} of {fleet.size} in {fleet.name} would be touched within an hour; {most} may be."
    in_zone = sum(zone == fleet.zone for zone in touched.values())
    if fleet.zone and in_zone > caps.per_zone:
        return f"{in_zone} in {fleet.zone} would be touched within an hour; {caps.per_zone} may be."
    return ""


def cooldown(case: Case) -> tuple[Ruling, str]:
    if case.undoing:
        return Ruling.RUN, "What takes an action back need not wait for its rest."
    if case.cooling and not case.rests_for_us:
        return Ruling.REFUSE, f"{case.proposal.name} must leave this target alone until {case.cooling:%Y-%m-%d %H:%M:%S} UTC."
    return Ruling.RUN, "The target is not resting from an earlier action."


def breaker(case: Case) -> tuple[Ruling, str]:
    """Open for a day after so many failures of this action on this target, or of all actions together."""
    limits, name = case.orders.limits, case.proposal.name
    if case.undoing:
        return Ruling.RUN, "What takes an action back is not held up by its failure."
    here = [one for one in _failed(case.lately.target, case) if one.action == name]
    if len(here) >= limits.failures:
        return Ruling.REFUSE, f"{name} failed {len(here)} times on this target within a day: the breaker is open until {_until(here)}."
    everywhere = _failed(case.lately.account, case)
    if len(everywhere) >= limits.failures_in_all:
        return Ruling.REFUSE, f"{len(everywhere)} actions failed within a day: the breaker for all is open until {_until(everywhere)}."
    return Ruling.RUN, "The breaker is closed."


def rate(case: Case) -> tuple[Ruling, str]:
    """So many within any hour, to this target and in all. What takes an action back counts, and is held back like any other."""
    here, everywhere = _since(case.lately.target, case, HOUR), _since(case.lately.account, case, HOUR)
    caps = case.order_or_none.caps
    if len(here) >= caps.per_target:
        return Ruling.REFUSE, f"This target was acted on {len(here)} times within an hour; {caps.per_target} is the most."
    if len(everywhere) >= case.orders.limits.per_hour:
        return Ruling.REFUSE, f"{len(everywhere)} actions ran within an hour; {case.orders.limits.per_hour} is the most for all together."
    return Ruling.RUN, f"{len(here)} action(s) on this target and {len(everywhere)} in all within an hour."


def loop(case: Case) -> tuple[Ruling, str]:
    """The alarm that asks for the action came back after the action, again: then it does not help, or it is what brings the alarm back."""
    if case.undoing:
        return Ruling.RUN, "It takes an action back."
    again = [
        one
        for one in _since(case.lately.target, case, DAY)
        if (one.action, one.fingerprint) == (case.proposal.name, case.incident.fingerprint) and one.incident_id != case.incident.id
    ]
    if len(again) >= A_LOOP:
        times = " and ".join(f"{one.at:%H:%M}" for one in again[-A_LOOP:])
        return Ruling.REFUSE, f"A loop: {case.proposal.name} ran on this target at {times} UTC, and the same alarm fired after each."
    return Ruling.RUN, "This alarm does not follow from our own actions."


def _since(track: Track | None, case: Case, long: timedelta) -> list[Claimed]:
    return _within(track.claimed if track else (), case, long)


def _failed(track: Track, case: Case) -> list[Claimed]:
    return _within(track.failed, case, DAY)


def _within(those: Iterable[Claimed], case: Case, long: timedelta) -> list[Claimed]:
    return [one for one in those if one.at > case.at - long]


def _until(failed: list[Claimed]) -> str:
    return f"{min(one.at for one in failed) + DAY:%Y-%m-%d %H:%M} UTC"
