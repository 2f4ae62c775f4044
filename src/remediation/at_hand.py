"""What hangs on an incident and has to be there for it to go on."""

from remediation.wiring import Wiring
from watchkeeper.errors import NotYet, Permanent
from watchkeeper.models import Analysis, Execution, Incident, Plan


def analysis_of(incident: Incident, wiring: Wiring) -> Analysis:
    found = wiring.incidents.row(incident.id, Analysis, incident.analysis_id)
    if found is None:
        raise NotYet(f"analysis {incident.analysis_id} of {incident.id} is not there yet")
    return found


def plan_of(incident: Incident, wiring: Wiring) -> Plan:
    found = wiring.incidents.row(incident.id, Plan, incident.plan_id)
    if found is None:
        raise Permanent(f"{incident.id} is {incident.status.value} without its plan {incident.plan_id or '(none)'}")
    return found


def execution_of(incident: Incident, wiring: Wiring) -> Execution:
    found = wiring.incidents.row(incident.id, Execution, incident.execution_id)
    if found is None:
        raise Permanent(f"{incident.id} is {incident.status.value} without its execution {incident.execution_id or '(none)'}")
    return found


def there(incident: Incident, plan: Plan, wiring: Wiring) -> Wiring:
    """The wiring where the plan's target is."""
    return wiring.there(incident, wiring.catalogue().get(plan.action), plan.target)
