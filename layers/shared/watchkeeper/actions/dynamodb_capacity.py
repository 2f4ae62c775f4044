"""Set the provisioned read and write units of a DynamoDB table: absolute numbers, for tables that pay by provisioned capacity.

The numbers are the standing order's word, `with: {read: 200, write: 100}`, from 1 to 40000; what it does not name stays as it is.
Where it names neither, both are doubled, to no more than 4000 each; a table that has as much is raised only to numbers that somebody
gave. AWS counts how often a day capacity is lowered: four times at any time, then once an hour. So a plan that lowers it is refused
when the four are used up; and the inverse of a raise, which lowers, may be refused by AWS then, and ends as failed, with a person
called. Capacity of the table's indexes is their own and is left alone, and where DynamoDB auto scaling looks after the table, it has
the last word.
"""

from pydantic import Field

from watchkeeper.actions.action import Action, Given, Parameters, Risk, State
from watchkeeper.models import Cause, Resource

MOST_GIVEN = 40_000
MOST_COMPUTED = 4_000


class DynamodbCapacity(Parameters):
    table: str = Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")
    read_units: str = Field(pattern=r"^[1-9][0-9]{0,6}$")
    write_units: str = Field(pattern=r"^[1-9][0-9]{0,6}$")


def _parameters(target: Resource, state: State, given: Given) -> Parameters:
    if state.get("billing") != "PROVISIONED":
        raise ValueError("the table is paid for by request: it has no capacity that could be set")
    now = int(state["read"]), int(state["write"])
    asked = "read" in given or "write" in given
    wanted = (_given(given, "read", now[0]), _given(given, "write", now[1])) if asked else (_doubled(now[0]), _doubled(now[1]))
    if wanted == now:
        raise ValueError(f"the table has {now[0]} read and {now[1]} write units already, and no more than {MOST_COMPUTED} are computed")
    if (wanted[0] < now[0] or wanted[1] < now[1]) and state.get("may_be_lowered") != "yes":
        raise ValueError("the table's capacity was lowered four times today, and AWS may not let it be lowered again")
    return DynamodbCapacity(table=_name(target), read_units=str(wanted[0]), write_units=str(wanted[1]))


def _given(given: Given, name: str, now: int) -> int:
    wanted = given.get(name, now)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= MOST_GIVEN:
        raise ValueError(f"`{name}` of the standing order has to be a number from 1 to {MOST_GIVEN}, not {wanted!r}")
    return wanted


def _doubled(now: int) -> int:
    return max(now, min(2 * now, MOST_COMPUTED))


def _name(target: Resource) -> str:
    """Without the index or stream that an ARN may go on to."""
    return target.id.partition("/")[0]


ACTION = Action(
    name="dynamodb-capacity",
    says="Set the provisioned capacity of the table",
    target_type="dynamodb:table",
    parameters=_parameters,
    takes=("read", "write"),
    helps_with=(Cause.THROTTLED,),
    risk=Risk.LOW,
    expected_effect="Within a minute or two the table takes so many reads and writes a second; they are paid for by the hour, used or not.",
    ready_when={"status": ("ACTIVE",), "billing": ("PROVISIONED",)},
    calls=("dynamodb:UpdateTable",),
    proven_by={"table": ("active",)},
    needs=("the table carries the tag AutoRemediate=true", "a number within the bounds of DynamoDB auto scaling, where the table has that"),
    sets={"read_units": "read", "write_units": "write"},
    inverse="set the numbers that it had",
)
