"""dynamodb-capacity, performed on a table of the emulated account."""

from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from remediation.inventory import AwsInventory
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

UPDATE = "dynamodb:UpdateTable"
TABLE = Resource(type="dynamodb:table", id="orders", trusted=True)
PROVISIONED = {"billing": "PROVISIONED", "read": 10, "write": 5, "may_be_lowered": "yes"}


def a_table(theatre: Theatre, name: str, read: int = 10, write: int = 5) -> Resource:
    """A table with so many units, or one that is paid for by request where there are none; it carries the tag."""
    units = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    billing = {"ProvisionedThroughput": units} if read else {"BillingMode": "PAY_PER_REQUEST"}
    made = theatre.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=[{"Key": "AutoRemediate", "Value": "true"}],
        **billing,
    )
    return Resource(type="dynamodb:table", id=name, arn=made["TableDescription"]["TableArn"], trusted=True)


@pytest.mark.parametrize(
    ("given", "read", "write"), [({}, 20, 10), ({"read": 200}, 200, 5), ({"write": 7}, 10, 7), ({"read": 4, "write": 4}, 4, 4)]
)
def test_it_sets_both_numbers_and_the_inverse_those_before(theatre: Theatre, given: dict[str, int], read: int, write: int) -> None:
    done = theatre.perform("dynamodb-capacity", a_table(theatre, f"orders-{read}-{write}"), given)
    assert (done.status, done.effects, done.failure) == ("Success", (UPDATE,), "")
    assert (done.before.state["read"], done.before.state["write"]) == (10, 5)
    assert (done.after.state["read"], done.after.state["write"]) == (read, write)
    assert done.execution.outputs == {"sayWhatItHas.Read": [str(read)], "sayWhatItHas.Write": [str(write)]}
    assert (done.before.tags, done.before.name) == ({"AutoRemediate": "true"}, f"orders-{read}-{write}")
    assert done.action.holds(done.parameters, done.after.state)
    assert done.proven
    back = theatre.undo(done)
    assert (back.status, back.effects, back.after.state) == ("Success", (UPDATE,), done.before.state)


def test_a_table_paid_for_by_request_is_refused_by_us_and_by_dynamodb(theatre: Theatre) -> None:
    table = a_table(theatre, "on-demand", read=0)
    with pytest.raises(ValueError, match="paid for by request"):
        theatre.plan("dynamodb-capacity", table)
    done = theatre.run("dynamodb-capacity", table, {"Table": ["on-demand"], "ReadUnits": ["5"], "WriteUnits": ["5"]})
    assert (done.status, done.effects, done.before.state["billing"]) == ("Failed", (), "PAY_PER_REQUEST")


def test_the_same_numbers_again_are_refused_by_dynamodb(theatre: Theatre) -> None:
    table = a_table(theatre, "twice")
    done = theatre.perform("dynamodb-capacity", table)
    again = theatre.run("dynamodb-capacity", table, done.parameters)
    assert (again.status, again.effects, again.after.state) == ("Failed", (), done.after.state)


def test_a_lost_answer_is_told_and_can_be_taken_back(theatre: Theatre) -> None:
    theatre.simulator.mishaps.plan(Mishap("setCapacity", How.FAIL_AFTER, "dynamodb-capacity", "the answer was lost"))
    done = theatre.perform("dynamodb-capacity", a_table(theatre, "unlucky"))
    assert (done.status, done.effects) == ("Failed", (UPDATE,))
    assert "the answer was lost" in done.failure
    assert theatre.undo(done).after.state == done.before.state


def test_an_index_in_the_id_is_left_aside_and_what_is_not_there_is_absent(theatre: Theatre) -> None:
    a_table(theatre, "indexed")
    of_index = Resource(type="dynamodb:table", id="indexed/index/by_customer", trusted=True)
    assert theatre.plan("dynamodb-capacity", of_index)["Table"] == ["indexed"]
    assert not theatre.see(Resource(type="dynamodb:table", id="never")).exists


class Lowered:
    """A DynamoDB that counts how often today, and tells tags two at a time."""

    def __init__(self, times: int) -> None:
        self.units = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5, "NumberOfDecreasesToday": times}
        self.meta = type("Meta", (), {"region_name": "eu-west-1"})

    def describe_table(self, **_: object) -> dict[str, object]:
        arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
        return {"Table": {"TableArn": arn, "TableStatus": "ACTIVE", "ProvisionedThroughput": self.units}}

    def list_tags_of_resource(self, NextToken: str = "", **_: object) -> dict[str, object]:  # noqa: N803 - AWS's own name of it
        tag = {"Key": "AutoRemediate" if NextToken else "team", "Value": "true"}
        return {"Tags": [tag]} if NextToken else {"Tags": [tag], "NextToken": "more"}


@pytest.mark.parametrize(("times", "may"), [(0, "yes"), (3, "yes"), (4, "no")])
def test_whether_it_may_still_be_lowered_today_is_known(times: int, may: str) -> None:
    seen = AwsInventory(lambda _: Lowered(times)).see(TABLE)
    assert (seen.state["may_be_lowered"], seen.account) == (may, "123456789012")
    assert seen.tags == {"team": "true", "AutoRemediate": "true"}


@pytest.mark.parametrize(("now", "wanted"), [((10, 5), (20, 10)), ((3000, 1), (4000, 2)), ((9000, 100), (9000, 200))])
def test_both_are_doubled_within_bounds(now: tuple[int, int], wanted: tuple[int, int]) -> None:
    state = {**PROVISIONED, "read": now[0], "write": now[1]}
    made = catalogue()["dynamodb-capacity"].parameters(TABLE, state, {}).for_runbook()
    assert (made["ReadUnits"], made["WriteUnits"]) == ([str(wanted[0])], [str(wanted[1])])


@pytest.mark.parametrize(
    ("state", "given", "why"),
    [
        pytest.param({"billing": "PAY_PER_REQUEST"}, {}, "paid for by request", id="by request"),
        pytest.param({}, {"read": 10}, "10 read and 5 write units already", id="as it is"),
        pytest.param({"read": 4000, "write": 9000}, {}, "no more than 4000 are computed", id="large"),
        pytest.param({"may_be_lowered": "no"}, {"read": 5}, "lowered four times today", id="lowered too often, reads"),
        pytest.param({"may_be_lowered": "no"}, {"read": 50, "write": 4}, "lowered four times today", id="lowered too often, writes"),
        *(pytest.param({}, {"read": bad}, "a number from 1 to 40000", id=f"read {bad!r}") for bad in (0, -1, 40_001, "9", 1.5, True, None)),
        *(pytest.param({}, {"write": bad}, "`write` of the standing order", id=f"write {bad!r}") for bad in (0, "9")),
    ],
)
def test_what_it_refuses(state: dict[str, Any], given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["dynamodb-capacity"].parameters(TABLE, {**PROVISIONED, **state}, given)


def test_raising_needs_no_leave_to_lower() -> None:
    made = catalogue()["dynamodb-capacity"].parameters(TABLE, {**PROVISIONED, "may_be_lowered": "no"}, {"read": 11})
    assert made.for_runbook() == {"Table": ["orders"], "ReadUnits": ["11"], "WriteUnits": ["5"]}
