"""Raise the storage of an RDS database instance to an absolute size in GiB. It can never be made smaller again.

The size is the standing order's word, `with: {size_gib: 500}`, or a fifth more than now, rounded up. RDS takes no less than a tenth
more, so neither does this. `max_gib` of the order bounds what is computed, and 16384 GiB bounds everything: what would need more is a
person's. Aurora's storage grows by itself. RDS changes storage once in six hours, and not while it still optimizes what it changed.
"""

from datetime import timedelta
from math import ceil

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

MOST = 16_384


class RdsGrowStorage(Parameters):
    db_instance: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")
    size_gib: str = Field(pattern=r"^[1-9][0-9]{1,4}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    if state.get("storage_type") == "aurora" or str(state.get("engine", "")).startswith("aurora"):
        raise ValueError("the storage of Aurora grows by itself")
    now = int(state["storage_gib"])
    least = ceil(now * 11 / 10)
    bound = min(_number(given, "max_gib"), MOST)
    wanted = _number(given, "size_gib") if "size_gib" in given else min(ceil(now * 12 / 10), bound)
    if wanted < least:
        raise ValueError(f"the database has {now} GiB, and RDS takes no less than {least}, a tenth more; {wanted} was to be set")
    if wanted > bound:
        raise ValueError(f"{wanted} GiB are more than the {bound} that may be set")
    return RdsGrowStorage(db_instance=target.id, size_gib=str(wanted))


def _number(given: Given, name: str) -> int:
    """What the order gives under this name; the hard bound where it gives nothing."""
    value = given.get(name, MOST)
    if not isinstance(value, int) or isinstance(value, bool) or not 20 <= value <= MOST:
        raise ValueError(f"`{name}` of the standing order has to be a number from 20 to {MOST}, not {value!r}")
    return value


ACTION = Action(
    name="rds-grow-storage",
    says="Raise the storage of the database instance",
    target_type="rds:db",
    parameters=_parameters,
    takes=("size_gib", "max_gib"),
    helps_with=(Cause.DISK_FULL,),
    risk=Risk.MEDIUM,
    expected_effect="The database goes on serving with more storage, somewhat slower for hours; the storage is paid for from then on.",
    ready_when={"status": ("available",)},
    calls=("rds:ModifyDBInstance",),
    proven_by={"database": ("available", "storage-optimization")},
    needs=("the instance carries the tag AutoRemediate=true", "no change of its storage within the last six hours"),
    sets={"size_gib": "storage_gib"},
    why_irreversible="RDS never makes storage smaller; to get back means a new instance and moving the data",
    cooldown=timedelta(hours=6),
    seconds=3000,
)
