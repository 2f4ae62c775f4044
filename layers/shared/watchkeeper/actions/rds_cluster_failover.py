"""Fail an Aurora or Multi-AZ database cluster over to one of its readers.

The plan names the reader that becomes the writer: the available one with the lowest promotion tier, and of several the first by
name. RDS refuses the call where that one is the writer already, so a second run changes nothing.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

NONE = "none"


class RdsClusterFailover(Parameters):
    cluster: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")
    writer: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    if state.get("next_writer", NONE) == NONE:
        raise ValueError("the cluster has no reader that is available to become the writer")
    return RdsClusterFailover(cluster=target.id, writer=str(state["next_writer"]))


ACTION = Action(
    name="rds-cluster-failover",
    says="Fail the database cluster over to one of its readers",
    target_type="rds:cluster",
    parameters=_parameters,
    helps_with=(Cause.DEPENDENCY_DOWN,),
    risk=Risk.HIGH,
    expected_effect="Connections to the writer are cut; within a minute the reader that is named takes the writes under the same name.",
    ready_when={"status": ("available",)},
    calls=("rds:FailoverDBCluster",),
    reached_from=("rds:db",),
    proven_by={"cluster": ("available",), "writer": ("available",)},
    needs=("the cluster carries the tag AutoRemediate=true", "clients that look its name up anew when they connect again"),
    sets={"writer": "writer"},
    why_irreversible="going back to the former writer would interrupt the writes once more and mend nothing",
    seconds=900,
    takes_out=True,
)
