"""What a doctor looks at, one function each. A finding says how it is and, where it is not well, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cli.redriving import depth
from cli.stack import OUTPUTS, Stack
from watchkeeper.messages import Queue

MOST_OWED = 50
LONG_OWED = timedelta(minutes=10)


class How(StrEnum):
    WELL = "well"
    NOTE = "note"
    ILL = "ill"


@dataclass(frozen=True)
class Finding:
    how: How
    about: str
    says: str
    todo: str = ""


def credentials(stack: Stack, at: datetime) -> Iterator[Finding]:
    del at
    yield Finding(How.WELL, "credentials", stack.who())


def outputs(stack: Stack, at: datetime) -> Iterator[Finding]:
    del at
    wanted = [
        *OUTPUTS.values(),
        *(f"{q.value.title()}DeadLettersUrl" for q in Queue),
        "ApiUrl",
        "ApiKeyId",
        "WebhookSecretArn",
        "AlertTopicArn",
    ]
    missing = [name for name in wanted if not stack.outputs.get(name)]
    if missing:
        yield Finding(How.ILL, "stack", f"{stack.name} lacks the outputs {', '.join(missing)}", "deploy it again: ./deploy.sh --help")
    else:
        yield Finding(How.WELL, "stack", f"{stack.name}{f' at {stack.endpoint_url}' if stack.endpoint_url else ''}")


def switch(stack: Stack, at: datetime) -> Iterator[Finding]:
    del at
    thrown = stack.switch.thrown()
    if thrown:
        yield Finding(How.NOTE, "kill switch", f"{thrown}; no action runs", "./watchkeeper go")
    else:
        yield Finding(How.WELL, "kill switch", "not thrown")


def secrets(stack: Stack, at: datetime) -> Iterator[Finding]:
    del at
    put = "put it: ./deploy.sh --help"
    if not stack.secret("WebhookSecretArn").get("generic"):
        yield Finding(How.ILL, "webhook secret", "none, so that every webhook is refused", put)
    else:
        yield Finding(How.WELL, "webhook secret", "set")
    for about, output, without in (
        ("claude secret", "ClaudeSecretArn", "none, so that the deterministic analyst works alone"),
        ("channel secrets", "ChannelsSecretArn", "none, so that only email can be sent"),
    ):
        known = stack.secret(output)
        yield Finding(How.WELL, about, ", ".join(sorted(known))) if known else Finding(How.NOTE, about, without, put)


def queues(stack: Stack, at: datetime) -> Iterator[Finding]:
    del at
    sqs = stack.client("sqs")
    for queue in Queue:
        waiting, held = depth(sqs, stack.output(f"{queue.value.title()}QueueUrl"))
        dead, looked_at = depth(sqs, stack.output(f"{queue.value.title()}DeadLettersUrl"))
        says = f"{waiting} waiting, {held} being worked on, {dead + looked_at} given up"
        if dead + looked_at:
            yield Finding(
                How.ILL, f"{queue.value} queue", says, f"read its function's log, mend it, then: ./watchkeeper redrive {queue.value}"
            )
        else:
            yield Finding(How.WELL, f"{queue.value} queue", says)


def promises(stack: Stack, at: datetime) -> Iterator[Finding]:
    """What was written and not yet told, long after it should have been; the sweeper pays within minutes."""
    owed = len(stack.incidents.owed_before(at - LONG_OWED, MOST_OWED))
    late = len(stack.incidents.due_before(at - LONG_OWED, MOST_OWED))
    if owed or late:
        says = f"{owed} message(s) owed and {late} incident(s) overdue for over ten minutes"
        yield Finding(How.ILL, "sweeper", says, "does SweeperFunction run? read its log")
    else:
        yield Finding(How.WELL, "sweeper", "nothing is owed or overdue")


LOOKS: tuple[Callable[[Stack, datetime], Iterator[Finding]], ...] = (credentials, outputs, switch, secrets, queues, promises)
