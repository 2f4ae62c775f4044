"""The contract of the queues, from both ends: what one stage writes the other reads, today and with the next version's fields."""

import json
from typing import Any, get_args

import pytest

from tests.fakes.words import INSTANCE, NIGHT, an_alert
from watchkeeper.errors import BadPayload
from watchkeeper.messages import (
    AlertsReceived,
    AnalysisAsked,
    AnalysisCompleted,
    AnyMessage,
    ApprovalAnswered,
    DeliveryDue,
    EpisodeDue,
    IncidentChanged,
    LookAgain,
    Message,
    Queue,
    TicketAsked,
    look_again,
    read_message,
)

ARN = INSTANCE.arn
EXAMPLES: tuple[Message, ...] = (
    AlertsReceived(alerts=(an_alert(),), trace_id="1-5759e988-bd862e3fe1be46a994272793"),
    EpisodeDue(fingerprint="fp-cpu", at=NIGHT),
    AnalysisAsked(incident_id="INC-1", version=1),
    AnalysisCompleted(incident_id="INC-1", analysis_id="AN-1", resource_group=ARN),
    ApprovalAnswered(
        incident_id="INC-1", resource_group=ARN, plan_id="PLAN-1", args_hash="a", state_hash="s",
        approver="arn:aws:iam::123456789012:user/ada", approved=True, via="cli", at=NIGHT,
    ),
    LookAgain(incident_id="INC-1", resource_group=ARN, because="alarm", nonce="1"),
    IncidentChanged(incident_id="INC-1", version=2),
    TicketAsked(incident_id="INC-1", version=2),
    DeliveryDue(incident_id="INC-1", channel="slack-ops", version=2),
)  # fmt: skip
BY_KIND = pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: message.kind)


def as_dict(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.model_dump_json())
    return body


def test_every_kind_has_its_example() -> None:
    assert {type(message) for message in EXAMPLES} == set(get_args(get_args(AnyMessage)[0]))


@BY_KIND
def test_what_one_end_writes_the_other_reads(message: Message) -> None:
    assert read_message(message.model_dump_json()) == message


@BY_KIND
def test_a_message_says_its_kind_and_version(message: Message) -> None:
    assert as_dict(message)["kind"]
    assert as_dict(message)["schema_version"] == 1


@BY_KIND
def test_a_newer_writers_field_is_ignored(message: Message) -> None:
    assert read_message(json.dumps({**as_dict(message), "added_in_the_next_version": {"x": 1}})) == message


@BY_KIND
def test_a_resend_is_the_same_message(message: Message) -> None:
    assert read_message(message.model_dump_json()).id == message.id


@BY_KIND
def test_the_fifo_queues_have_a_group_and_the_others_none(message: Message) -> None:
    assert bool(message.group) is (message.queue in {Queue.REMEDIATION, Queue.DISTRIBUTION})


@BY_KIND
def test_a_schema_version_that_we_do_not_know_is_refused_by_name(message: Message) -> None:
    with pytest.raises(BadPayload) as refused:
        read_message(json.dumps({**as_dict(message), "schema_version": 2}))
    assert refused.value.field.endswith("schema_version")


@BY_KIND
def test_a_missing_field_is_refused_by_name(message: Message) -> None:
    required = next(name for name, field in type(message).model_fields.items() if field.is_required())
    body = as_dict(message)
    del body[required]
    with pytest.raises(BadPayload) as refused:
        read_message(json.dumps(body))
    assert refused.value.field.endswith(required)


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '"text"', '{"incident_id": "INC-1"}', '{"kind": "unheard_of"}', "{" * 5000])
def test_what_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(BadPayload, match="not one of our messages"):
        read_message(body)


def test_alerts_in_another_order_are_another_delivery_but_the_same_alerts_are_the_same() -> None:
    first, second = an_alert(), an_alert(fingerprint="fp-disk")
    assert AlertsReceived(alerts=(first,)).id == AlertsReceived(alerts=(first,), trace_id="another").id
    assert AlertsReceived(alerts=(first,)).id != AlertsReceived(alerts=(second,)).id


def test_two_people_answering_are_two_messages() -> None:
    answer = next(message for message in EXAMPLES if isinstance(message, ApprovalAnswered))
    assert answer.id != answer.but(approver="grace").id
    assert answer.id != answer.but(approved=False).id
    assert answer.id == answer.but(via="slack").id


def test_looking_again_within_a_second_is_looking_once() -> None:
    first = look_again("INC-1", ARN, "alarm", NIGHT)
    assert first.id == look_again("INC-1", ARN, "alarm", NIGHT.replace(microsecond=900_000)).id
    assert first.id != look_again("INC-1", ARN, "alarm", NIGHT.replace(second=1)).id
    assert first.id != look_again("INC-1", ARN, "execution", NIGHT).id


def test_each_channel_has_its_own_group_so_that_none_holds_another_up() -> None:
    assert DeliveryDue(incident_id="INC-1", channel="a", version=1).group != DeliveryDue(incident_id="INC-1", channel="b", version=1).group
