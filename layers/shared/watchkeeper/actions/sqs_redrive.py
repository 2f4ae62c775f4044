"""Move what lies in a dead letter queue back to the queue that it came from.

Whether what killed the messages is gone is the standing order's business: one that fires for the dead letter queue alone would feed
the same messages to the same fault. `with: {per_second: 50}` says how fast, from 1 to 500, and 10 where it says nothing.
A dead letter queue of several queues is left alone: its messages would have to be told apart.
"""

from datetime import timedelta

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

PER_SECOND, FASTEST = 10, 500
QUEUE = r"^[A-Za-z0-9_-]{1,75}(\.fifo)?$"


class SqsRedrive(Parameters):
    dead_letter_queue: str = Field(pattern=QUEUE)
    source_queue: str = Field(pattern=QUEUE)
    per_second: str = Field(pattern=r"^[1-9][0-9]{0,2}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    source = str(state.get("source", ""))
    if source in {"", "none"}:
        raise ValueError("it is no queue's dead letter queue, so there is nowhere to move its messages back to")
    if "," in source:
        raise ValueError(f"it holds the messages of several queues ({source}), which cannot be told apart")
    return SqsRedrive(dead_letter_queue=target.id, source_queue=source, per_second=pace(given))


def pace(given: Given) -> str:
    """Messages a second, as the order gives it or ours; ValueError where it is out of bounds."""
    wanted = given.get("per_second", PER_SECOND)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= FASTEST:
        raise ValueError(f"per_second is a number from 1 to {FASTEST}")
    return str(wanted)


ACTION = Action(
    name="sqs-redrive",
    says="Move the dead letters back to their queue",
    target_type="sqs:dead-letter-queue",
    reached_from=("sqs:queue",),
    parameters=_parameters,
    takes=("per_second",),
    helps_with=(Cause.DEPENDENCY_DOWN,),
    risk=Risk.MEDIUM,
    expected_effect="Its messages go back into the queue that they came from, and are worked on once more.",
    ready_when={},
    calls=("sqs:StartMessageMoveTask",),
    proven_by={"messages": ("none",)},
    needs=(
        "both queues carry the tag AutoRemediate=true",
        "what killed the messages is over",
        "where the queues are encrypted with a key of their own, that the runbook's role may use it",
    ),
    why_irreversible="the messages have been worked on again by then",
    cooldown=timedelta(hours=1),
    seconds=1800,
)
