"""sqs-redrive, performed on queues of the emulated account, with move tasks by local/sqs."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.queues import a_pair, lying_in, moving
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

FAST = {"per_second": 100}


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[Theatre]:
    with moving(theatre) as made:
        yield made


def dead_letters(name: str) -> Resource:
    return Resource(type="sqs:dead-letter-queue", id=name, trusted=True)


def test_it_moves_them_back_once_and_is_proven(stage: Theatre) -> None:
    done = stage.perform("sqs-redrive", dead_letters(a_pair(stage, "orders")), FAST)
    assert (done.status, done.failure, done.effects) == ("Success", "", ("sqs:StartMessageMoveTask",))
    assert done.parameters == {"DeadLetterQueue": ["orders-dlq"], "SourceQueue": ["orders"], "PerSecond": ["100"]}
    assert (done.before.health, done.after.health) == ({"messages": "waiting"}, {"messages": "none"})
    assert (lying_in(stage, "orders-dlq"), lying_in(stage, "orders")) == (0, 3)
    assert done.execution.outputs == {"sayHowMany.Moved": ["3"]}
    assert done.proven
    assert done.before.state == done.after.state == {"source": "orders"}
    with pytest.raises(ValueError, match="worked on again"):
        stage.undo(done)


@pytest.mark.parametrize("start", ["invoices", "invoices-dlq"])
def test_it_is_reached_from_either_queue(stage: Theatre, start: str) -> None:
    a_pair(stage, "invoices", letters=0)
    [found] = stage.inventory.reach("sqs:dead-letter-queue", Resource(type="sqs:queue", id=start, trusted=True))
    assert (found.id, found.type, found.trusted) == ("invoices-dlq", "sqs:dead-letter-queue", True)
    assert stage.see(found).exists


def test_nothing_is_reached_from_a_queue_without_one(stage: Theatre) -> None:
    stage.client("sqs").create_queue(QueueName="alone")
    alone = Resource(type="sqs:queue", id="alone", trusted=True)
    assert stage.inventory.reach("sqs:dead-letter-queue", alone) == []
    assert stage.inventory.reach("sqs:dead-letter-queue", alone.but(id="unknown")) == []
    assert stage.inventory.reach("sqs:dead-letter-queue", alone.but(type="sns:topic")) == []
    assert stage.see(dead_letters("alone")).state == {"source": "none"}
    assert not stage.see(dead_letters("unknown")).exists


@pytest.mark.parametrize(
    ("name", "tags", "where"),
    [
        ("untagged", {"tags": {}}, "assertMayEmpty"),
        ("untagged-source", {"source_tags": {"AutoRemediate": "no"}}, "assertMayFill"),
    ],
)
def test_without_the_tag_on_both_nothing_happens(stage: Theatre, name: str, tags: Any, where: str) -> None:
    done = stage.perform("sqs-redrive", dead_letters(a_pair(stage, name, **tags)), FAST)
    assert (done.status, lying_in(stage, f"{name}-dlq"), lying_in(stage, name)) == ("Failed", 3, 0)
    assert where in done.failure


def test_they_go_nowhere_but_where_they_came_from(stage: Theatre) -> None:
    target = dead_letters(a_pair(stage, "here"))
    a_pair(stage, "elsewhere", letters=0)
    planned = stage.plan("sqs-redrive", target, FAST) | {"SourceQueue": ["elsewhere"]}
    done = stage.run("sqs-redrive", target, planned)
    assert (done.status, lying_in(stage, "here-dlq"), lying_in(stage, "elsewhere")) == ("Failed", 3, 0)
    assert "assertTheyCameFromThere" in done.failure


def test_two_at_once_are_one(stage: Theatre) -> None:
    """SQS itself refuses the second; nothing of ours tries again."""
    target = dead_letters(a_pair(stage, "slow", letters=5))
    sqs = stage.client("sqs")
    sqs.start_message_move_task(SourceArn="arn:aws:sqs:us-east-1:123456789012:slow-dlq", MaxNumberOfMessagesPerSecond=1)
    done = stage.perform("sqs-redrive", target, FAST)
    assert done.status == "Failed"
    assert "already a task running" in done.failure


def test_a_lost_answer_is_told_and_not_tried_again(stage: Theatre) -> None:
    stage.simulator.mishaps.plan(Mishap("move", How.FAIL_AFTER, "sqs-redrive", "the answer was lost"))
    done = stage.perform("sqs-redrive", dead_letters(a_pair(stage, "lost")), FAST)
    assert (done.status, done.effects) == ("Failed", ("sqs:StartMessageMoveTask",))
    assert "the answer was lost" in done.failure


@pytest.mark.parametrize(
    ("source", "given", "why"),
    [
        ("none", {}, "no queue's dead letter queue"),
        ("a, b", {}, "several queues"),
        ("a", {"per_second": 0}, "from 1 to 500"),
        ("a", {"per_second": 501}, "from 1 to 500"),
        ("a", {"per_second": "10"}, "from 1 to 500"),
        ("a", {"per_second": True}, "from 1 to 500"),
    ],
)
def test_what_it_refuses(source: str, given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["sqs-redrive"].parameters(dead_letters("x-dlq"), {"source": source}, given)


def test_it_goes_at_our_pace_where_the_order_gives_none() -> None:
    planned = catalogue()["sqs-redrive"].parameters(dead_letters("x-dlq"), {"source": "x"}, {}).for_runbook()
    assert planned["PerSecond"] == ["10"]
