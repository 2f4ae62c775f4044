"""The laptop's doors in front of SQS and CodeDeploy: what they answer themselves, what they refuse, and what they hand on."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import Account
from local.codedeploy.deployments import Deployments, Group
from local.codedeploy.server import serving as serving_codedeploy
from local.sqs.server import serving as serving_sqs
from local.standins.http import Reply, Request, Server

ARN = "arn:aws:sqs:us-east-1:123456789012"


class Queues:
    """As much of an emulator's SQS as a move needs: queues by name, with their messages and the name of their dead letter queue."""

    def __init__(self) -> None:
        self.queues: dict[str, list[str]] = {"orders": [], "orders-dlq": ["one", "two"], "alone": []}
        self.dead = {"orders": "orders-dlq"}

    def __call__(self, request: Request) -> Reply:
        asked, name = request.json() or {}, request.headers["x-amz-target"].rpartition(".")[2]
        queue = (asked.get("QueueName") or asked.get("QueueUrl", "")).rsplit("/", 1)[-1]
        if name != "ListQueues" and queue not in self.queues:
            return Reply(400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"})
        return Reply(200, getattr(self, f"on_{name}")(queue, asked))

    def on_ListQueues(self, *_: Any) -> dict[str, Any]:  # noqa: N802 - named for the operation
        return {"QueueUrls": [f"http://sqs/1/{name}" for name in self.queues]}

    def on_GetQueueUrl(self, queue: str, _: Any) -> dict[str, Any]:  # noqa: N802 - the same
        return {"QueueUrl": f"http://sqs/1/{queue}"}

    def on_GetQueueAttributes(self, queue: str, _: Any) -> dict[str, Any]:  # noqa: N802 - the same
        policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": f"{ARN}:{self.dead[queue]}"})} if queue in self.dead else {}
        return {"Attributes": {"QueueArn": f"{ARN}:{queue}", "ApproximateNumberOfMessages": str(len(self.queues[queue])), **policy}}

    def on_ReceiveMessage(self, queue: str, _: Any) -> dict[str, Any]:  # noqa: N802 - the same
        return {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": body} for body in self.queues[queue][:1]]}

    def on_SendMessage(self, queue: str, asked: Any) -> dict[str, Any]:  # noqa: N802 - the same
        self.queues[queue].append(asked["MessageBody"])
        return {"MessageId": "m"}

    def on_DeleteMessage(self, queue: str, _: Any) -> dict[str, Any]:  # noqa: N802 - the same
        self.queues[queue].pop(0)
        return {}


@pytest.fixture
def sqs() -> Iterator[tuple[Any, Queues]]:
    queues = Queues()
    with Server({"": queues}) as emulator, serving_sqs(Account(emulator.url)) as (_, url):
        yield Account(emulator.url, doors=(("sqs", url),)).client("sqs"), queues


def ended(client: Any, queue: str) -> dict[str, Any]:
    for _ in range(300):
        [task] = client.list_message_move_tasks(SourceArn=f"{ARN}:{queue}")["Results"]
        if task["Status"] != "RUNNING":
            return dict(task)
        time.sleep(0.01)
    raise AssertionError("it goes on for ever")


def test_messages_move_to_where_they_came_from_and_the_task_says_so(sqs: tuple[Any, Queues]) -> None:
    client, queues = sqs
    assert client.start_message_move_task(SourceArn=f"{ARN}:orders-dlq", MaxNumberOfMessagesPerSecond=100)["TaskHandle"]
    task = ended(client, "orders-dlq")
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"], "TaskHandle" in task) == ("COMPLETED", 2, False)
    assert (queues.queues["orders"], queues.queues["orders-dlq"]) == (["one", "two"], [])


def test_a_task_can_be_cancelled_and_there_is_one_at_a_time(sqs: tuple[Any, Queues]) -> None:
    client, queues = sqs
    handle = client.start_message_move_task(SourceArn=f"{ARN}:orders-dlq", MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    with pytest.raises(ClientError, match="already a task running"):
        client.start_message_move_task(SourceArn=f"{ARN}:orders-dlq")
    assert client.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"] == 0
    assert ended(client, "orders-dlq")["Status"] == "CANCELLED"
    assert len(queues.queues["orders-dlq"]) == 2
    with pytest.raises(ClientError, match="No running task"):
        client.cancel_message_move_task(TaskHandle=handle)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"SourceArn": f"{ARN}:alone"}, "must be configured as a Dead Letter Queue"),
        ({"SourceArn": f"{ARN}:nobody"}, "doesn't exist"),
        ({"SourceArn": f"{ARN}:orders-dlq", "DestinationArn": f"{ARN}:nobody"}, "doesn't exist"),
        ({"SourceArn": f"{ARN}:orders-dlq", "MaxNumberOfMessagesPerSecond": 501}, "from 1 to 500"),
    ],
)
def test_what_sqs_would_refuse_is_refused(sqs: tuple[Any, Queues], asked: dict[str, Any], why: str) -> None:
    client, queues = sqs
    with pytest.raises(ClientError, match=why):
        client.start_message_move_task(**asked)
    assert len(queues.queues["orders-dlq"]) == 2


def test_whose_dead_letters_lie_where_is_known_and_all_else_is_handed_on(sqs: tuple[Any, Queues]) -> None:
    client, _ = sqs
    url = client.get_queue_url(QueueName="orders-dlq")["QueueUrl"]
    assert client.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"] == ["http://sqs/1/orders"]
    assert len(client.list_queues()["QueueUrls"]) == 3


@pytest.fixture
def codedeploy() -> Iterator[tuple[Any, Deployments]]:
    with serving_codedeploy() as (deployments, url):
        yield Account("http://127.0.0.1:9", doors=(("codedeploy", url),)).client("codedeploy"), deployments


def test_a_deployment_is_stopped_and_what_ran_before_comes_back(codedeploy: tuple[Any, Deployments]) -> None:
    client, deployments = codedeploy
    group = deployments.add(Group("shop", "web", "7"))
    made = deployments.begin(group, "8")
    client.stop_deployment(deploymentId=made.id, autoRollbackEnabled=True)
    back = client.get_deployment(deploymentId=made.id)["deploymentInfo"]["rollbackInfo"]["rollbackDeploymentId"]
    statuses = [client.get_deployment(deploymentId=back)["deploymentInfo"]["status"] for _ in range(3)]
    assert (statuses, group.revision) == (["InProgress", "Succeeded", "Succeeded"], "7")
    with pytest.raises(ClientError, match="already completed"):
        client.stop_deployment(deploymentId=made.id)


def test_without_being_asked_to_it_rolls_nothing_back(codedeploy: tuple[Any, Deployments]) -> None:
    client, deployments = codedeploy
    group = deployments.add(Group("shop", "web", "7"))
    client.stop_deployment(deploymentId=deployments.begin(group, "8").id)
    assert len(group.deployments) == 1


def test_what_it_does_not_know_it_says(codedeploy: tuple[Any, Deployments]) -> None:
    client, _ = codedeploy
    with pytest.raises(ClientError, match="UnknownOperation"):
        client.list_applications()
    with pytest.raises(ClientError, match="DeploymentDoesNotExist"):
        client.get_deployment(deploymentId="d-000000009")
    with pytest.raises(ClientError, match="ApplicationDoesNotExist"):
        client.get_deployment_group(applicationName="shop", deploymentGroupName="web")


def test_an_account_with_doors_tells_its_scripts_of_them() -> None:
    account = Account("http://127.0.0.1:1", doors=(("sqs", "http://127.0.0.1:2"),))
    found = account.environment()
    assert (found["AWS_ENDPOINT_URL"], found["AWS_ENDPOINT_URL_SQS"]) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
