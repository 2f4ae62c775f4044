"""Disable an EventBridge rule, so that what it sets off is set off no more; or enable one, which is also how that is undone.

`with: {state: ENABLED}` where a rule is to be enabled; DISABLED where the standing order says nothing. A rule that AWS manages for one
of its services, and one that is enabled for all of CloudTrail's management events, which EnableRule could not bring back, are left alone.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

STATES = ("ENABLED", "DISABLED")
DEFAULT_BUS = "default"


class EventbridgeRule(Parameters):
    rule: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")
    bus: str = Field(pattern=r"^[A-Za-z0-9._-]{1,256}$")
    state: str = Field(pattern=r"^(ENABLED|DISABLED)$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    wanted, now = given.get("state", "DISABLED"), state.get("state")
    if wanted not in STATES:
        raise ValueError("a rule is set to ENABLED or DISABLED, such as `with: {state: DISABLED}`")
    if now not in STATES:
        raise ValueError(f"the rule is {now}, which could not be brought back")
    if now == wanted:
        raise ValueError(f"the rule is {now} already")
    bus, slash, name = target.id.rpartition("/")
    return EventbridgeRule(rule=name, bus=bus if slash else DEFAULT_BUS, state=wanted)


ACTION = Action(
    name="eventbridge-rule",
    says="Disable the rule",
    target_type="events:rule",
    reached_from=("lambda:function", "sqs:queue"),
    parameters=_parameters,
    takes=("state",),
    helps_with=(Cause.THROTTLED,),
    risk=Risk.MEDIUM,
    expected_effect="The rule starts nothing any more. Events that match it meanwhile are gone: they are not kept for later.",
    ready_when={"state": STATES, "managed_by": ("none",)},
    calls=("events:DisableRule", "events:EnableRule"),
    needs=("the rule carries the tag AutoRemediate=true",),
    sets={"state": "state"},
    inverse="set the rule to the state that it was in",
    seconds=240,
)
