"""Fail a Multi-AZ RDS database instance over to its standby, by a reboot that forces it.

The plan names the zone that it will run in, and the runbook asks for the failover only while the standby is in that zone: a second
run finds it elsewhere and does nothing. A member of an Aurora or Multi-AZ cluster has no standby of its own; its cluster is failed
over by rds-cluster-failover.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

NONE = "none"


class RdsFailover(Parameters):
    db_instance: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")
    zone: str = Field(pattern=r"^[a-z]{2}(-[a-z0-9]+)+$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    if state.get("cluster", NONE) != NONE:
        raise ValueError(f"the instance is one of the cluster {state['cluster']}: that is failed over by rds-cluster-failover")
    if state.get("multi_az") != "yes" or state.get("standby_zone", NONE) == NONE:
        raise ValueError("the instance has no standby to fail over to: it is not Multi-AZ")
    return RdsFailover(db_instance=target.id, zone=str(state["standby_zone"]))


ACTION = Action(
    name="rds-failover",
    says="Fail the database over to its standby in the other zone",
    target_type="rds:db",
    parameters=_parameters,
    helps_with=(Cause.DEPENDENCY_DOWN,),
    risk=Risk.HIGH,
    expected_effect="Every connection is cut; one to two minutes later the standby answers under the same name, in the other zone.",
    ready_when={"status": ("available",), "multi_az": ("yes",)},
    calls=("rds:RebootDBInstance",),
    proven_by={"database": ("available",)},
    needs=("the instance carries the tag AutoRemediate=true", "clients that look its name up anew when they connect again"),
    sets={"zone": "zone"},
    why_irreversible="both halves are alike: going back would cut every connection once more and mend nothing",
    seconds=900,
    takes_out=True,
)
