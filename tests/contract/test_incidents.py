"""One suite for the Incidents port: the fake that tests lean on and the DynamoDB adapter keep the same promises."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from tests.fakes.memory import MemoryIncidents
from tests.fakes.tables import create_tables
from tests.fakes.words import NIGHT, an_alert, an_incident
from watchkeeper.audit import faults
from watchkeeper.change import Change, Cooldown, change
from watchkeeper.episodes import Episode
from watchkeeper.errors import AlreadyWritten, Stale
from watchkeeper.ids import now
from watchkeeper.messages import AnalysisAsked, IncidentChanged
from watchkeeper.models import Alert, Delivery, Due, DueKind, Happening, Resource
from watchkeeper.ports import Incidents
from watchkeeper.storage.incidents import DynamoIncidents

MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["memory", "dynamodb"])
def incidents(request: pytest.FixtureRequest) -> Iterator[Incidents]:
    if request.param == "memory":
        yield MemoryIncidents()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_tables(client)
        yield DynamoIncidents(client, "incidents", "audit")


def opened(**but: object) -> Change:
    unwritten = an_incident(version=0)
    asked = AnalysisAsked(incident_id=unwritten.id, version=1)
    return change(unwritten, [said("opened")], NIGHT, new=[an_alert()], owed=[asked], **but)  # type: ignore[arg-type]  # a test names any field


def said(kind: str) -> Happening:
    return Happening(actor="test", kind=kind, says=f"It was {kind}.", detail={"share": 0.5})


def test_what_is_written_is_read_back(incidents: Incidents) -> None:
    written = opened()
    incidents.write(written)
    assert incidents.load(written.incident.id) == written.incident
    assert incidents.rows(written.incident.id, Alert) == [an_alert()]
    assert incidents.row(written.incident.id, Alert, an_alert().key) == an_alert()
    assert incidents.row(written.incident.id, Alert, "no-such") is None
    assert incidents.load("INC-NONE") is None


def test_a_change_decided_on_an_old_version_is_stale_and_leaves_nothing(incidents: Incidents) -> None:
    incidents.write(opened())
    first = change(opened().incident, [said("first")], NIGHT, title="first")
    second = change(opened().incident, [said("second")], NIGHT, title="second", rows=[an_alert(title="never written")])
    incidents.write(first)
    with pytest.raises(Stale):
        incidents.write(second)
    assert incidents.load(first.incident.id) == first.incident
    assert [record.kind for record in incidents.history(first.incident.id)] == ["opened", "first"]
    assert incidents.rows(first.incident.id, Alert) == [an_alert()]


def test_an_incident_opens_once(incidents: Incidents) -> None:
    incidents.write(opened())
    with pytest.raises(Stale):
        incidents.write(opened())


def test_a_new_row_that_is_there_already_is_a_fact_not_a_fault(incidents: Incidents) -> None:
    incidents.write(opened())
    again = change(opened().incident, [said("again")], NIGHT, new=[an_alert()])
    with pytest.raises(AlreadyWritten):
        incidents.write(again)
    assert incidents.load(again.incident.id) == opened().incident


def test_the_episode_is_guarded_by_its_revision(incidents: Incidents) -> None:
    assert incidents.episode("fp-cpu") == Episode(fingerprint="fp-cpu")
    pointer = Episode(fingerprint="fp-cpu", revision=1, open_incident="INC-1")
    incidents.write(opened(episode=pointer))
    assert incidents.episode("fp-cpu") == pointer
    with pytest.raises(Stale):
        incidents.write(change(opened().incident, [], NIGHT, episode=pointer))


def test_an_episode_without_an_incident_is_guarded_too(incidents: Incidents) -> None:
    cleared = Episode(fingerprint="fp-cpu", revision=1, resolved_at=NIGHT)
    incidents.put_episode(cleared)
    assert incidents.episode("fp-cpu") == cleared
    with pytest.raises(Stale):
        incidents.put_episode(cleared)
    with pytest.raises(Stale):
        incidents.write(opened(episode=cleared))


def test_a_cooldown_is_taken_once_until_it_is_over(incidents: Incidents) -> None:
    incidents.write(opened())
    rest = Cooldown(action="ec2-restart", target="i-1", taken_at=NIGHT, until=NIGHT + 30 * MINUTE)
    taken = change(opened().incident, [said("claimed")], NIGHT, cooldown=rest)
    incidents.write(taken)
    assert incidents.cooling("ec2-restart", "i-1", NIGHT) == NIGHT + 30 * MINUTE
    assert incidents.cooling("ec2-restart", "i-2", NIGHT) is None
    again = Cooldown(action="ec2-restart", target="i-1", taken_at=NIGHT + MINUTE, until=NIGHT + 31 * MINUTE)
    with pytest.raises(AlreadyWritten):
        incidents.write(change(taken.incident, [], NIGHT, cooldown=again))
    later = Cooldown(action="ec2-restart", target="i-1", taken_at=NIGHT + 30 * MINUTE, until=NIGHT + 60 * MINUTE)
    incidents.write(change(taken.incident, [], NIGHT, cooldown=later))
    assert incidents.cooling("ec2-restart", "i-1", NIGHT + 60 * MINUTE) is None


def test_promises_are_owed_until_they_are_settled(incidents: Incidents) -> None:
    written = opened()
    incidents.write(written)
    owed = incidents.owed(written.incident.id)
    assert {type(debt.message or debt.anchor).__name__ for debt in owed} == {"AnalysisAsked", "IncidentChanged", "Anchor"}
    assert {debt.id for debt in owed} == {debt.id for debt in written.debts}
    assert incidents.owed_before(NIGHT, limit=10) == []
    assert len(incidents.owed_before(NIGHT + 2 * MINUTE, limit=2)) == 2
    for debt in owed:
        incidents.settle(debt)
        incidents.settle(debt)
    assert incidents.owed(written.incident.id) == []
    assert incidents.owed_before(NIGHT + 2 * MINUTE, limit=10) == []


def test_a_promised_message_comes_back_as_it_was(incidents: Incidents) -> None:
    incidents.write(opened())
    messages = {debt.message for debt in incidents.owed(opened().incident.id) if debt.message}
    assert messages == {
        AnalysisAsked(incident_id=opened().incident.id, version=1),
        IncidentChanged(incident_id=opened().incident.id, version=1),
    }


def test_what_is_due_is_found_when_its_time_has_come(incidents: Incidents) -> None:
    due = Due(kind=DueKind.VERIFICATION, at=NIGHT + MINUTE)
    written = opened(due=due)
    incidents.write(written)
    assert incidents.due_before(NIGHT, limit=10) == []
    assert incidents.due_before(NIGHT + MINUTE, limit=10) == [(written.incident.id, due)]
    incidents.write(change(written.incident, [], NIGHT, due=None))
    assert incidents.due_before(NIGHT + MINUTE, limit=10) == []


def test_the_chain_holds_and_is_in_order(incidents: Incidents) -> None:
    step = opened()
    incidents.write(step)
    for number in range(12):
        step = change(step.incident, [said(f"step {number}")], NIGHT)
        incidents.write(step)
    history = incidents.history(step.incident.id)
    assert [record.seq for record in history] == list(range(1, 14))
    assert faults(history) == []
    assert history[-1].hash == step.incident.audit_head


def test_a_link_leads_back_to_its_incident(incidents: Incidents) -> None:
    written = opened(links=["automation/1234"])
    incidents.write(written)
    assert incidents.linked("automation/1234") == written.incident.id
    assert incidents.linked("automation/none") is None


def test_recent_incidents_come_newest_first(incidents: Incidents) -> None:
    for offset in (0, 2, 1):
        incidents.write(change(an_incident(id=f"INC-{offset}", version=0, opened_at=now() - offset * MINUTE), [], NIGHT))
    assert [incident.id for incident in incidents.recent(2)] == ["INC-0", "INC-1"]


def test_a_delivery_is_guarded_by_its_revision(incidents: Incidents) -> None:
    delivery = Delivery(incident_id="INC-1", channel="slack-ops", revision=1, wanted_version=3, updated_at=NIGHT)
    incidents.put_delivery(delivery)
    with pytest.raises(Stale):
        incidents.put_delivery(delivery)
    incidents.put_delivery(delivery.but(revision=2, shown_version=3))
    assert incidents.rows("INC-1", Delivery) == [delivery.but(revision=2, shown_version=3)]


def test_an_incident_with_resources_is_written_whole(incidents: Incidents) -> None:
    many = tuple(Resource(type="ec2:instance", id=f"i-{n:017x}", trusted=True) for n in range(20))
    written = opened(resources=many)
    incidents.write(written)
    found = incidents.load(written.incident.id)
    assert found
    assert found.resources == many
