"""Reboot one RDS database instance, without failing over."""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource


class RdsReboot(Parameters):
    db_instance: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    return RdsReboot(db_instance=target.id)


ACTION = Action(
    name="rds-reboot",
    says="Reboot the database instance",
    target_type="rds:db",
    parameters=_parameters,
    helps_with=(Cause.POOL_EXHAUSTED,),
    risk=Risk.HIGH,
    expected_effect="Every connection is cut and what was not committed is lost; the database answers nothing for a minute or more.",
    ready_when={"status": ("available",)},
    calls=("rds:RebootDBInstance",),
    proven_by={"database": ("available",)},
    needs=("the instance carries the tag AutoRemediate=true", "clients that connect again by themselves"),
    why_irreversible="a reboot cannot be taken back; every connection was cut",
    seconds=900,
    takes_out=True,
)
