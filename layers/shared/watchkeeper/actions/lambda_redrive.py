"""Have a function work once more on what it could not: move the dead letters of the queue that feeds it back into that queue.

AWS offers no more than that. The dead letter queue of a function that is invoked asynchronously belongs to no queue, so that SQS moves
nothing out of it, and to invoke the function again with each message would be an invocation that nothing tells from another. So it is
for functions that one SQS queue feeds, whose own dead letter queue is that queue's alone. `with: {per_second: 50}` says how fast.
"""

from datetime import timedelta

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.actions.sqs_redrive import QUEUE, pace
from watchkeeper.models import Cause, Resource


class LambdaRedrive(Parameters):
    function_name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    mapping: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    dead_letter_queue: str = Field(pattern=QUEUE)
    source_queue: str = Field(pattern=QUEUE)
    per_second: str = Field(pattern=r"^[1-9][0-9]{0,2}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    if not state.get("source"):
        raise ValueError("the function is not fed by one SQS queue; the dead letters of other invocations cannot be moved back")
    if state.get("dead_letters", "none") == "none":
        raise ValueError(f"the queue {state['source']} that feeds it has no dead letter queue of its own")
    return LambdaRedrive(
        function_name=target.id.partition(":")[0],
        mapping=str(state.get("mapping", "")),
        dead_letter_queue=str(state["dead_letters"]),
        source_queue=str(state["source"]),
        per_second=pace(given),
    )


ACTION = Action(
    name="lambda-redrive",
    says="Have the function work on its dead letters again",
    target_type="lambda:function",
    parameters=_parameters,
    takes=("per_second",),
    helps_with=(Cause.DEPENDENCY_DOWN,),
    risk=Risk.MEDIUM,
    expected_effect="The messages that the function could not work on go back into its queue, and it works on them once more.",
    ready_when={"last_update": ("Successful",)},
    calls=("sqs:StartMessageMoveTask",),
    proven_by={"function": ("Active", "Inactive"), "dead letters": ("none",)},
    needs=(
        "the function and both queues carry the tag AutoRemediate=true",
        "what killed the messages is over",
        "where the queues are encrypted with a key of their own, that the runbook's role may use it",
    ),
    why_irreversible="the messages have been worked on again by then",
    cooldown=timedelta(hours=1),
    seconds=1800,
)
