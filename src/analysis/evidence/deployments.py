"""What was put in place in the hour before the alarm and since: by CodeDeploy, CloudFormation, ECS, Lambda and Parameter Store.

Each kind is a file in `deployed`, where its lines are written down. They stand in the order of time. A kind that may not look
or fails leaves the others, and says so in a line of its own at the end: `not allowed: <permission>` or `failed: <kind>: <why>`.
"""

from collections.abc import Sequence
from datetime import timedelta

from analysis.evidence.ask import Ask, Collector, Found, Nothing, stamp
from analysis.evidence.deployed import kinds
from analysis.evidence.deployed.kind import Between, Happened, Kind
from watchkeeper.errors import NotAllowed, Permanent, WatchkeeperError

BEFORE = timedelta(hours=1)
MOST = 40


def collect(ask: Ask) -> Found | Nothing:
    """Every kind after the other; what is known so far is told after each."""
    between = Between(ask.incident.fired_at - BEFORE, max(ask.now, ask.incident.fired_at))
    asked = [kind for kind in kinds() if kind.applies(ask)]
    happened: list[Happened] = []
    lost: list[WatchkeeperError] = []
    notes: list[str] = []
    for number, kind in enumerate(asked, start=1):
        error = _looked(kind, ask, between, happened)
        if error:
            lost.append(error)
            notes = list(dict.fromkeys((*notes, _note(kind, error))))
        left = [f"not read in time: {kind.name}" for kind in asked[number:]]
        if happened and left:
            ask.so_far(_found(happened, [*notes, *left], between))
    if happened:
        return _found(happened, notes, between)
    if lost and len(lost) == len(asked):
        raise lost[0]
    return Nothing(" ".join([f"No deployment since {stamp(between.since)}.", *(f"{note}." for note in notes)]))


def _looked(kind: Kind, ask: Ask, between: Between, happened: list[Happened]) -> WatchkeeperError | None:
    """Adds what this kind tells; the error that ended it, if one did."""
    try:
        kind.look(ask, between, happened.append)
    except WatchkeeperError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one kind that trips over a strange answer must not take the others down; its line says so
        return Permanent(f"{type(error).__name__}: {error}")
    return None


def _note(kind: Kind, error: WatchkeeperError) -> str:
    if isinstance(error, NotAllowed):
        return f"not allowed: {error.permission}"
    return f"failed: {kind.name}: {error}"


def _found(happened: Sequence[Happened], notes: Sequence[str], between: Between) -> Found:
    told = sorted(happened, key=lambda one: (one.at, one.line))
    shown = told[-MOST:]
    head = f"{len(told)} deployments and changes of parameters since {stamp(between.since)}"
    lines = [line for one in shown for line in (one.line, *one.below)]
    newest = f"{head}; the newest {len(shown)} of them:" if len(shown) < len(told) else f"{head}:"
    summary = f"{head}. Newest: {shown[-1].line}." + "".join(f" {note}." for note in notes)
    return Found(summary=summary, body="\n".join([newest, *lines, *notes]))


COLLECTOR = Collector(
    name="deployments",
    order=61,
    provenance="the APIs of what deploys, measured; names, revisions and reasons were written by whoever may deploy",
    applies=lambda ask: any(kind.applies(ask) for kind in kinds()),
    asked=lambda ask: f"What was deployed or reconfigured in the hour before {ask.incident.id}?",
    collect=collect,
    permissions=tuple(dict.fromkeys(permission for kind in kinds() for permission in kind.permissions)),
)
