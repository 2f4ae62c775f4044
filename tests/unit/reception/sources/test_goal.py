"""A question in words: what is read out of it, and what its words cannot do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.reception.sources.vendors import AT, body_of, the_one
from watchkeeper.errors import BadPayload
from watchkeeper.models import Alert

ASKED = "Why did checkout slow down after 02:45? Open a ticket if it is ours."
THE_MINUTE = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def ask(question: str = "Why is it slow?", at: datetime = AT, **more: Any) -> Alert:
    return the_one("goal", {"question": question, **more}, at)


def test_the_sample_is_a_question_with_all_that_can_be_said() -> None:
    alert = the_one("goal", body_of("investigation"))
    assert (alert.source, alert.kind.value, alert.severity.value, alert.service) == ("goal", "firing", "sev4", "checkout")
    assert (alert.title, alert.description) == (ASKED, ASKED)
    assert alert.occurred_at.isoformat() == "2026-11-20T02:45:00+00:00"
    assert alert.labels == {"goal": "true", "by": "Ines Karlsson", "ticket": "wanted"}
    assert (alert.account, alert.region, alert.resources, alert.alarm_name) == ("123456789012", "eu-west-1", (), "")


@pytest.mark.parametrize(
    ("question", "since", "occurred"),
    [
        pytest.param("Why?", "", THE_MINUTE, id="now, to the minute"),
        pytest.param("Slow after 02:45?", "", THE_MINUTE.replace(hour=2, minute=45), id="a time in the words"),
        pytest.param("Slow since 2:05", "", THE_MINUTE.replace(hour=2, minute=5), id="written short"),
        pytest.param("What was at 01:10 and at 02:20?", "", THE_MINUTE.replace(hour=1, minute=10), id="the first of them"),
        pytest.param("Slow after 23:30?", "", THE_MINUTE.replace(day=19, hour=23, minute=30), id="yesterday's, never the future's"),
        pytest.param("A ratio of 16:09 is odd", "", THE_MINUTE, id="a figure that is no time"),
        pytest.param("from 12:34:56:78 on", "", THE_MINUTE, id="an address that is no time"),
        pytest.param("Slow after 25:10?", "", THE_MINUTE, id="no such hour"),
        pytest.param("Slow after 02:45?", "01:30", THE_MINUTE.replace(hour=1, minute=30), id="the field before the words"),
        pytest.param("Slow?", "2026-11-20T02:00:00Z", THE_MINUTE.replace(hour=2), id="ISO"),
        pytest.param("Slow?", "2026-11-20T03:30:00+02:00", THE_MINUTE.replace(hour=1, minute=30), id="of another zone"),
    ],
)
def test_since_when(question: str, since: str, occurred: datetime) -> None:
    assert ask(question, since=since).occurred_at == occurred


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("open a ticket if it is ours", True),
        ("Please create a Jira issue for it", True),
        ("why is it slow", False),
        ("is there a ticket already?", False),
        ("tell me why, but don't open a ticket", False),
        ("do not create an issue", False),
    ],
)
def test_a_ticket_is_a_wish_of_the_words(words: str, wanted: bool) -> None:
    assert ("ticket" in ask(words).labels) is wanted


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": "  "}, "question"),
        ({"question": 7}, "question"),
        ({"question": "a" * 2_001}, "question"),
        ({"question": "why?", "since": "soon"}, "since"),
        ({"question": "why?", "since": 7}, "since"),
        ({"question": "why?", "since": "2026-11-20T03:00:05Z"}, "since"),
        ({"question": "why?", "since": "2026-11-19T03:00:00Z"}, "since"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadPayload) as refused:
        the_one("goal", body)
    assert refused.value.field == field


def test_sent_again_within_the_minute_it_is_the_same_and_else_another() -> None:
    first = ask(by="ada", at=AT)
    assert ask(by="ada", at=AT + timedelta(seconds=50)).key == first.key
    others = [ask(by="ada", at=AT + timedelta(minutes=1)), ask(by="grace"), ask("Why else?", by="ada"), ask(by="ada", since="02:00")]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_a_long_question_is_whole_in_the_description_and_begins_in_the_title() -> None:
    alert = ask("why " * 400)
    assert len(alert.title) == 200
    assert len(alert.description) == 1_599


def test_nothing_in_the_words_becomes_a_resource_or_an_alarm() -> None:
    alert = ask("restart i-0123456789abcdef0 (arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0), alarm checkout-cpu-high")
    assert (alert.resources, alert.alarm_name, alert.metric, alert.links) == ((), "", None, {})
