"""Have a ticket made of the incident itself, where a person has to do the rest.

The runbook tells distribution, with the very message that a person's `watchkeeper ticket` sends. Distribution believes no message: it
looks into the incident's audit record, and there the claim of this action is as good as a person's word, since only an order or an
approval leads to one. A ticket that there is already is not made again, however often the message comes.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource
from watchkeeper.tickets import BY_ORDER


class TicketCreate(Parameters):
    incident_id: str = Field(pattern=r"^INC-[0-9A-HJKMNP-TV-Z]{26}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:  # noqa: ARG001 - every action has the same three
    return TicketCreate(incident_id=target.id)


ACTION = Action(
    name=BY_ORDER,
    says="Have a ticket made",
    target_type="watchkeeper:incident",
    parameters=_parameters,
    helps_with=(Cause.QUOTA_REACHED, Cause.PERMISSION_DENIED, Cause.CERTIFICATE_EXPIRING, Cause.NAME_NOT_RESOLVED),
    risk=Risk.LOW,
    expected_effect="The ticket channels of the incident's service tell it from now on, beginning with a ticket.",
    ready_when={"ticket": ("none",)},
    calls=("sqs:SendMessage",),
    needs=("a ticket channel in channels.yaml that is for the incident's service",),
    inverse="close the ticket",
    seconds=90,
    from_stack=("DistributionQueueUrl",),
    left_to_do="Work on the ticket; the alarm says when it is over.",
)
