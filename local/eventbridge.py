"""EventBridge, as far as it carries events of AWS itself. It lets nobody else send events of `aws.*`, so we do what it would:

ask the emulator which rules match, and put the events into the queues that they name.
"""

import json
from collections.abc import Sequence
from typing import Any

from local.aws import ACCOUNT, REGION, Caller

Event = dict[str, Any]


def deliver(account: Caller, events: Sequence[Event]) -> int:
    """Hand these events, ten at most, to the queue of every rule that they match, together; how many were handed over."""
    wanted: dict[str, list[Event]] = {}
    for event in events:
        for arn in queues_for(account, json.dumps(event)):
            wanted.setdefault(arn, []).append(event)
    sqs = account.client("sqs")
    for arn, found in wanted.items():
        url = sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[1])["QueueUrl"]
        entries = [{"Id": str(number), "MessageBody": json.dumps(event)} for number, event in enumerate(found)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    return sum(map(len, wanted.values()))


def queues_for(account: Caller, event: str) -> list[str]:
    """The queues of every enabled rule whose pattern the event matches."""
    events = account.client("events")
    rules = [rule for page in events.get_paginator("list_rules").paginate() for rule in page["Rules"]]
    matching = [
        rule["Name"]
        for rule in rules
        if rule.get("State") == "ENABLED"
        and rule.get("EventPattern")
        and events.test_event_pattern(EventPattern=rule["EventPattern"], Event=event)["Result"]
    ]
    targets = [target["Arn"] for name in matching for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    return [arn for arn in targets if ":sqs:" in arn]


def listen(account: Caller, name: str, pattern: Event, queue: str) -> None:
    """A rule of this pattern that leads to this queue, by its name."""
    events = account.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED")
    events.put_targets(Rule=name, Targets=[{"Id": "intake", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"}])
