"""Keeping count: what was claimed and what failed, in the account, on the target and in its fleet. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from remediation.gate import Case
from watchkeeper.models import Claimed, Plan, Track

KEPT = timedelta(days=1)
MOST = 200


def claimed(case: Case, plan: Plan) -> list[Track]:
    """The next revision of every track that this claim is counted in: the condition that nobody claimed since they were read."""
    ours = Claimed(
        at=case.at,
        action=plan.action,
        target=case.proposal.rests_on,
        fingerprint=case.incident.fingerprint,
        incident_id=case.incident.id,
        zone=case.seen.fleet.zone if case.seen.fleet else "",
    )
    tracks = [case.lately.account, case.lately.target, *([case.lately.fleet] if case.lately.fleet else [])]
    return [track.next(claimed=_kept((*track.claimed, ours), case.at), failed=_kept(track.failed, case.at)) for track in tracks]


def failed(account: Track, target: Track, plan: Plan, at: datetime) -> list[Track]:
    """A failure in the account's and in the target's track; what follows from it is the breaker's to say."""
    ours = Claimed(at=at, action=plan.action, target=rests_on(plan), incident_id=plan.incident_id)
    return [track.next(claimed=_kept(track.claimed, at), failed=_kept((*track.failed, ours), at)) for track in (account, target)]


def rests_on(plan: Plan) -> str:
    return f"{plan.target.type}/{plan.target.id}"


def _kept(those: Iterable[Claimed], at: datetime) -> tuple[Claimed, ...]:
    """The last day's, the newest ones where there are too many."""
    return tuple(one for one in those if one.at > at - KEPT)[-MOST:]
