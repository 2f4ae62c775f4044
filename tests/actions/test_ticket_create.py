"""ticket-create, performed on an incident: the message that it sends, what distribution makes of it, and whose word counts."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.ssm.faults import InvalidAutomationExecutionParametersException
from local.ssm.mishaps import How, Mishap
from remediation.inventory import AwsInventory
from tests.actions.theatre import Theatre
from tests.fakes.memory import MemoryAnchors, MemoryIncidents, MemoryOutbox
from tests.fakes.words import NIGHT, an_incident
from tests.unit.distribution.places import House, house
from watchkeeper.actions import catalogue
from watchkeeper.change import change
from watchkeeper.messages import DeliveryDue, IncidentChanged, TicketAsked, read_message
from watchkeeper.models import Happening, Incident, Resource, Severity, Status
from watchkeeper.publish import Publisher
from watchkeeper.tickets import asked_for, was_asked

ID = "INC-01KAGHZ1AWQ2E8R7T5Y9V3N6M4"
ONE = Resource(type="watchkeeper:incident", id=ID, trusted=True)
OPENED = Happening(actor="reception", kind="incident.opened", says="It was.")
PLANNED = Happening(actor="remediation", kind="plan.made", says="Plan.", detail={"plan_id": "P1", "action": "ticket-create"})
CLAIMED = Happening(actor="remediation", kind="action.claimed", says="Now.", detail={"plan_id": "P1"})


def incident(incidents: Any, *told: Happening) -> Incident:
    unwritten = an_incident(id=ID, version=0, source="goal", severity=Severity.SEV4, status=Status.ESCALATED, resources=(), alarm_name="")
    written = change(unwritten, [OPENED, *told], NIGHT, quiet=True)
    incidents.write(written)
    return written.incident


def a_queue(theatre: Theatre, name: str) -> str:
    url: str = theatre.client("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    return url


def lying_in(theatre: Theatre, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = theatre.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return found


@pytest.fixture
def home() -> Iterator[House]:
    with house() as built:
        yield built


@pytest.fixture
def stage(theatre: Theatre) -> tuple[Theatre, MemoryIncidents]:
    incidents = MemoryIncidents()
    made = Theatre(theatre.account)
    made.inventory = AwsInventory(lambda service: incidents if service == "incidents" else theatre.account.client(service))
    incident(incidents)
    return made, incidents


def test_it_tells_distribution_once_and_twice_is_one_message(stage: tuple[Theatre, Any]) -> None:
    theatre, _ = stage
    url = a_queue(theatre, "told")
    done = theatre.perform("ticket-create", ONE, DistributionQueueUrl=[url])
    assert (done.status, done.effects, done.failure) == ("Success", ("sqs:SendMessage",), "")
    assert done.before.tags == {"AutoRemediate": "true"}
    assert theatre.perform("ticket-create", ONE, DistributionQueueUrl=[url]).status == "Success"
    [message] = lying_in(theatre, url)
    assert read_message(message["Body"]) == TicketAsked(incident_id=ID, version=1)
    with pytest.raises(ValueError, match="not known"):
        theatre.undo(done)
    assert done.action.inverse == "close the ticket"


def test_a_lost_answer_is_told_and_not_tried_again(stage: tuple[Theatre, Any]) -> None:
    theatre, _ = stage
    url = a_queue(theatre, "lost-answer")
    theatre.simulator.mishaps.plan(Mishap("tell", How.FAIL_AFTER, "ticket-create", "the answer was lost"))
    done = theatre.perform("ticket-create", ONE, DistributionQueueUrl=[url])
    assert (done.status, done.effects, len(lying_in(theatre, url))) == ("Failed", ("sqs:SendMessage",), 1)


def test_it_speaks_to_no_other_kind_of_queue(stage: tuple[Theatre, Any]) -> None:
    theatre, _ = stage
    url = theatre.client("sqs").create_queue(QueueName="standard")["QueueUrl"]
    with pytest.raises(InvalidAutomationExecutionParametersException, match="DistributionQueueUrl"):
        theatre.perform("ticket-create", ONE, DistributionQueueUrl=[url])


def test_the_claim_of_an_order_makes_exactly_one_ticket(home: House) -> None:
    found = incident(home.incidents, PLANNED, CLAIMED)
    for _ in range(3):
        home.outbox.send([TicketAsked(incident_id=found.id, version=1)])
        while waiting := list(home.outbox.sent):
            home.outbox.sent.clear()
            for message in waiting * 2:
                if isinstance(message, IncidentChanged | TicketAsked | DeliveryDue):
                    home.settle(message)
    assert len(home.jira.issues) == 1


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        pytest.param([], False, id="nobody said so"),
        pytest.param([PLANNED], False, id="planned, and refused or not answered"),
        pytest.param([CLAIMED], False, id="another action was claimed"),
        pytest.param([PLANNED, CLAIMED], True, id="claimed by an order"),
        pytest.param([PLANNED.but(detail={"plan_id": "P1", "action": "ec2-restart"}), CLAIMED], False, id="claimed for another action"),
        pytest.param([PLANNED, CLAIMED.but(detail={"plan_id": "P2"})], False, id="another plan was claimed"),
        pytest.param([PLANNED, CLAIMED.but(actor="analysis")], False, id="claimed by nobody who may"),
        pytest.param([PLANNED.but(detail={"action": "ticket-create"}), CLAIMED.but(detail={})], False, id="no plan at all"),
    ],
)
def test_whose_word_counts(told: list[Happening], believed: bool) -> None:
    incidents = MemoryIncidents()
    incident(incidents, *told)
    assert was_asked(incidents.history(ID)) is believed


def test_what_a_person_has_asked_for_needs_no_order(stage: tuple[Theatre, MemoryIncidents]) -> None:
    theatre, incidents = stage
    assert theatre.see(ONE).state == {"ticket": "none"}
    found = incidents.load(ID)
    assert found
    Publisher(incidents, MemoryOutbox(), MemoryAnchors()).publish(asked_for(found, "ada", "cli", NIGHT))
    assert theatre.see(ONE).state == {"ticket": "asked"}
    assert not theatre.see(ONE.but(id=ID.replace("M4", "M5"))).exists


@pytest.mark.parametrize("name", ["", "INC-1", "INC-01KAGHZ1AWQ2E8R7T5Y9V3N6MI", f"{ID}\n", f'{ID}"', "*"])
def test_what_is_no_incident_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="incident_id"):
        catalogue()["ticket-create"].parameters(ONE.but(id=name), {}, {})
