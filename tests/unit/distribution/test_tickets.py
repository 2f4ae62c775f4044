"""A ticket of a question: none until a person asks for it, then exactly one, whatever is delivered how often."""

from collections.abc import Iterator

import pytest

from distribution.routing import routed, ticketed
from distribution.service import handle
from tests.fakes.memory import MemoryAnchors
from tests.fakes.words import NIGHT, an_alert, an_incident
from tests.unit.distribution.places import ALL, JIRA, MAIL, SLACK, House, house
from watchkeeper.change import change
from watchkeeper.errors import BadPayload, NotYet
from watchkeeper.messages import DeliveryDue, IncidentChanged, TicketAsked
from watchkeeper.models import Analysis, Engine, Happening, Incident, Severity, Status
from watchkeeper.publish import Publisher
from watchkeeper.team import Channels
from watchkeeper.tickets import asked_for, was_asked

QUESTION = an_incident(
    source="goal", severity=Severity.SEV4, version=0, status=Status.RESOLVED, resources=(), alarm_name="", analysis_id="A1"
)
STEP = f"A ticket was asked for and none was made yet. To have it made, say: ./watchkeeper ticket {QUESTION.id}"
ANALYSIS = Analysis(
    id="A1", engine=Engine.DETERMINISTIC, summary="It began at 02:45.", root_cause="It is not known.", confidence=0.1,
    severity=Severity.SEV4, steps=(STEP,), made_at=NIGHT,
)  # fmt: skip


@pytest.fixture
def home() -> Iterator[House]:
    with house() as built:
        told = [
            Happening(actor="reception", kind="incident.opened", says="Asked."),
            Happening(actor="analysis", kind="analysis.completed", says="Done."),
            Happening(actor="remediation", kind="question.answered", says="The question is answered: no cause was found."),
        ]
        alert = an_alert(source="goal", severity=Severity.SEV4, resources=(), labels={"ticket": "wanted"})
        Publisher(built.incidents, built.outbox, MemoryAnchors()).publish(change(QUESTION, told, NIGHT, rows=[ANALYSIS], new=[alert]))
        yield built


def now(home: House) -> Incident:
    found = home.incidents.load(QUESTION.id)
    assert found
    return found


def work(home: House, copies: int = 1) -> None:
    """Every message that waits, so many times over, until none is left."""
    while waiting := list(home.outbox.sent):
        home.outbox.sent.clear()
        for message in waiting * copies:
            if isinstance(message, IncidentChanged | TicketAsked | DeliveryDue):
                home.settle(message)


def say_so(home: House) -> None:
    Publisher(home.incidents, home.outbox, MemoryAnchors()).publish(asked_for(now(home), "ada", "cli", home.clock()))


def test_a_question_is_told_in_chat_and_by_mail_and_makes_no_ticket(home: House) -> None:
    work(home)
    assert len(home.slack.messages) == 1
    assert len(home.mailbox.mails) >= 1
    assert not home.jira.issues
    assert f"./watchkeeper ticket {QUESTION.id}" in str(home.slack.messages[0])


def test_after_a_persons_word_there_is_exactly_one_however_often_it_is_delivered(home: House) -> None:
    work(home)
    say_so(home)
    assert not home.jira.issues, "the word alone calls nobody"
    work(home, copies=2)
    work(home)
    handle(TicketAsked(incident_id=QUESTION.id, version=now(home).version), home.wiring)
    work(home, copies=3)
    assert len(home.jira.issues) == 1
    assert len(home.slack.messages) == 1


def test_the_ticket_of_an_answered_question_is_left_open(home: House) -> None:
    say_so(home)
    work(home)
    (issue,) = home.jira.issues
    assert (issue.status, issue.history) == ("To Do", ["To Do"])
    assert any("It began at 02:45." in str(comment.body) for comment in issue.comments) or "It began at 02:45." in str(issue.fields)


def test_later_changes_are_told_to_the_ticket_too(home: House) -> None:
    say_so(home)
    work(home)
    assert JIRA.id in [channel.id for channel in routed(now(home), Channels(channels=ALL), {JIRA.id})]


def test_a_message_without_a_persons_word_opens_nothing(home: House) -> None:
    with pytest.raises(BadPayload, match="nobody asked for a ticket"):
        handle(TicketAsked(incident_id=QUESTION.id, version=1), home.wiring)
    assert not home.jira.issues
    with pytest.raises(NotYet):
        handle(TicketAsked(incident_id="INC-GONE", version=1), home.wiring)


def test_the_word_is_on_record_with_who_said_it(home: House) -> None:
    say_so(home)
    record = home.incidents.history(QUESTION.id)[-1]
    assert (record.actor, record.kind, record.says, record.detail) == (
        "person:ada",
        "ticket.asked",
        "ada asked for a ticket.",
        {"via": "cli"},
    )
    assert was_asked([record])
    assert not was_asked(home.incidents.history(QUESTION.id)[:-1])


def test_which_channels_make_tickets_and_for_which_services() -> None:
    elsewhere = JIRA.but(id="jira-shop", services=("storefront",))
    grave = JIRA.but(id="jira-grave", at_least=Severity.SEV1)
    channels = Channels(channels=(*ALL, elsewhere, grave))
    assert [channel.id for channel in ticketed(QUESTION, channels)] == [JIRA.id, grave.id]
    assert [channel.id for channel in routed(QUESTION, channels, ())] == [SLACK.id, MAIL.id]
    assert JIRA.id in [channel.id for channel in routed(an_incident(), channels, ())]
