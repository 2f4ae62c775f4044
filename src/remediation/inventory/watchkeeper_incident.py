"""An incident of ours, as a target. It is Watchkeeper's own and needs nobody's tag. Whether a person asked for its ticket is state."""

from typing import Any

from remediation.ports import Sighting
from watchkeeper.models import Resource
from watchkeeper.tickets import ASKED

TYPE = "watchkeeper:incident"


def see(clients: Any, target: Resource) -> Sighting:
    """The incident; absent where there is none of this id."""
    incidents = clients("incidents")
    found = incidents.load(target.id)
    if found is None:
        return Sighting()
    asked = any(record.kind == ASKED for record in incidents.history(target.id))
    return Sighting(
        exists=True,
        account=target.account,
        region=target.region,
        name=target.id,
        tags={"AutoRemediate": "true"},
        state={"ticket": "asked" if asked else "none"},
    )
