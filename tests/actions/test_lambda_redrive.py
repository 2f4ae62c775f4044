"""lambda-redrive, performed on a function that a queue of the emulated account feeds, with move tasks by local/sqs."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.functions import a_function
from tests.actions.queues import a_pair, lying_in, moving
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

FAST = {"per_second": 100}
MOVE = "sqs:StartMessageMoveTask"
FUNCTION = Resource(type="lambda:function", id="checkout", trusted=True)
STATE = {"source": "orders", "dead_letters": "orders-dlq", "mapping": "21461a26-b611-42b7-9b3c-5be8879e2ea6"}


@pytest.fixture(scope="module")
def stage(theatre: Theatre) -> Iterator[Theatre]:
    with moving(theatre) as made:
        yield made


def fed(stage: Theatre, name: str, *, enabled: bool = True, **but: Any) -> Resource:
    """A function that the queue of the same name feeds, with three messages that it could not work on."""
    a_pair(stage, name)
    function = a_function(stage, name, **but)
    source = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    stage.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=source, Enabled=enabled)
    return function


def test_the_function_works_on_its_dead_letters_again(stage: Theatre) -> None:
    done = stage.perform("lambda-redrive", fed(stage, "fed"), FAST)
    assert (done.status, done.failure, done.effects) == ("Success", "", (MOVE,))
    assert (done.before.health["dead letters"], done.after.health["dead letters"]) == ("waiting", "none")
    assert done.proven
    deadline = time.monotonic() + 10
    while lying_in(stage, "fed"):
        assert time.monotonic() < deadline, "the function does not work them off"
        time.sleep(0.05)
    with pytest.raises(ValueError, match="worked on again"):
        stage.undo(done)


@pytest.mark.parametrize(
    ("name", "but", "where"), [("switched-off", {"enabled": False}, "assertItIsFed"), ("not-tagged", {"tags": {}}, "assertMayFeed")]
)
def test_nothing_is_moved_where_nobody_would_work_on_it_or_nobody_allowed_it(stage: Theatre, name: str, but: Any, where: str) -> None:
    done = stage.perform("lambda-redrive", fed(stage, name, **but), FAST)
    assert (done.status, done.effects, lying_in(stage, f"{name}-dlq")) == ("Failed", (), 3)
    assert where in done.failure


def test_the_mapping_of_another_queue_is_not_taken_for_it(stage: Theatre) -> None:
    function = fed(stage, "own")
    a_pair(stage, "other", letters=2)
    planned = stage.plan("lambda-redrive", function, FAST) | {"SourceQueue": ["other"], "DeadLetterQueue": ["other-dlq"]}
    done = stage.run("lambda-redrive", function, planned)
    assert (done.status, done.effects, lying_in(stage, "other-dlq")) == ("Failed", (), 2)
    assert "assertByThisQueue" in done.failure


def test_a_lost_answer_is_told_and_not_tried_again(stage: Theatre) -> None:
    stage.simulator.mishaps.plan(Mishap("move", How.FAIL_AFTER, "lambda-redrive", "the answer was lost"))
    done = stage.perform("lambda-redrive", fed(stage, "lost-too"), FAST)
    assert (done.status, done.effects) == ("Failed", (MOVE,))


def test_dead_letters_of_several_queues_are_nobodys(stage: Theatre) -> None:
    function = fed(stage, "shared")
    sqs = stage.client("sqs")
    policy = sqs.get_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName="shared")["QueueUrl"], AttributeNames=["RedrivePolicy"])
    sqs.create_queue(QueueName="shared-too", Attributes=policy["Attributes"])
    assert stage.see(function).state["dead_letters"] == "none"


def test_a_function_that_no_queue_feeds_says_nothing_of_one(stage: Theatre) -> None:
    assert set(stage.see(a_function(stage, "not-fed")).state) == {"last_update", "reserved"}


@pytest.mark.parametrize(
    ("but", "given", "why"),
    [
        ({"source": ""}, {}, "not fed by one SQS queue"),
        ({"dead_letters": "none"}, {}, "no dead letter queue of its own"),
        ({"mapping": "x"}, {}, "mapping"),
        ({}, {"per_second": 0}, "from 1 to 500"),
    ],
)
def test_what_it_refuses(but: dict[str, str], given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["lambda-redrive"].parameters(FUNCTION, {**STATE, **but}, given)
