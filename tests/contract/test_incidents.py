"""One suite for the Incidents port: the fake that tests lean on and the DynamoDB adapter keep the same promises."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from tests.fakes.memory import MemoryIncidents
from tests.fakes.tables import create_tables
from tests.fakes.words import NIGHT, an_alert, an_incident
from watchkeeper.aside import Aside, Why, place_of
from watchkeeper.audit import GENESIS, chain_of, faults, seal
from watchkeeper.change import Change, Cooldown, change
from watchkeeper.episodes import Episode
from watchkeeper.errors import AlreadyWritten, Stale, Throttled
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


def test_a_chain_of_its_own_grows_by_one_record_at_a_time(incidents: Incidents) -> None:
    """Two workers may want the same place; one gets it, and neither an incident nor its own chain is touched."""
    written = opened()
    incidents.write(written)
    name = chain_of(written.incident.id, "slack-ops")
    first = seal(said("sent"), name, 1, NIGHT, GENESIS)
    incidents.append(first)
    with pytest.raises(Stale):
        incidents.append(seal(said("sent by another"), name, 1, NIGHT, GENESIS))
    incidents.append(seal(said("sent again"), name, 2, NIGHT, first.hash))
    assert faults(incidents.history(name)) == []
    assert [record.kind for record in incidents.history(name)] == ["sent", "sent again"]
    assert [record.kind for record in incidents.history(written.incident.id)] == ["opened"]


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


def test_many_episodes_are_read_at_once(incidents: Incidents) -> None:
    for number in range(120):
        incidents.put_episode(Episode(fingerprint=f"fp-{number}", revision=1, open_incident=f"INC-{number}"))
    found = incidents.episodes([*(f"fp-{number}" for number in range(120)), "fp-none"])
    assert len(found) == 121
    assert found["fp-119"].open_incident == "INC-119"
    assert found["fp-none"] == Episode(fingerprint="fp-none")
    assert incidents.episodes([]) == {}


def test_incidents_and_places_are_looked_up_together(incidents: Incidents) -> None:
    written, key = opened(), an_alert().key
    incidents.write(written)
    there = (written.incident.id, f"ALERT#{key}")
    found = incidents.look_up([written.incident.id, "INC-NONE"], [there, ("INC-NONE", f"ALERT#{key}"), place_of(an_alert(), key)])
    assert found.incidents == {written.incident.id: written.incident}
    assert found.rows == {there}


def set_aside(minutes: int, why: Why = Why.TOO_FEW) -> Aside:
    return Aside(alert=an_alert(occurred_at=NIGHT + minutes * MINUTE), why=why, says="too few", set_at=NIGHT)


def test_alerts_set_aside_lie_with_their_fingerprint_and_come_along_when_it_opens(incidents: Incidents) -> None:
    first, second = set_aside(0), set_aside(1)
    incidents.put_episode(Episode(fingerprint="fp-cpu", revision=1), [first])
    with pytest.raises(AlreadyWritten):
        incidents.put_episode(Episode(fingerprint="fp-cpu", revision=2), [first])
    with pytest.raises(Stale):
        incidents.put_episode(Episode(fingerprint="fp-cpu", revision=1), [second])
    assert incidents.episode("fp-cpu").revision == 1
    incidents.put_episode(Episode(fingerprint="fp-cpu", revision=2), [second])
    assert incidents.aside("fp-cpu", limit=10) == [second, first]
    assert incidents.aside("fp-cpu", limit=1) == [second]
    assert incidents.look_up([], [first.place]).rows == {first.place}
    moved = change(an_incident(version=0), [], NIGHT, new=[first.alert, second.alert], gone=[first.place, second.place])
    incidents.write(moved)
    assert incidents.aside("fp-cpu", limit=10) == []
    assert len(incidents.rows(moved.incident.id, Alert)) == 2


def test_what_sleeps_is_found_when_it_wakes(incidents: Incidents) -> None:
    held = Episode(fingerprint="fp-a", revision=1, held_until=NIGHT + 2 * MINUTE)
    muted = Episode(fingerprint="fp-b", revision=1, suppressed_by="mute/x", suppressed_until=NIGHT + MINUTE)
    for episode in (held, muted, Episode(fingerprint="fp-c", revision=1)):
        incidents.put_episode(episode)
    assert incidents.waking_before(NIGHT, limit=10) == []
    assert incidents.waking_before(NIGHT + 5 * MINUTE, limit=10) == [muted, held]
    assert incidents.waking_before(NIGHT + 5 * MINUTE, limit=1) == [muted]
    incidents.put_episode(held.but(revision=2, held_until=None))
    assert incidents.waking_before(NIGHT + 5 * MINUTE, limit=10) == [muted]


def test_several_episodes_change_with_one_incident_or_none_does(incidents: Incidents) -> None:
    pointers = [Episode(fingerprint=f"resource/{n}", revision=1, open_incident="INC-1") for n in range(3)]
    incidents.write(opened(pointers=pointers))
    assert [incidents.episode(pointer.fingerprint) for pointer in pointers] == pointers
    later = [pointers[0].but(revision=2), pointers[1].but(revision=1)]
    with pytest.raises(Stale):
        incidents.write(change(opened().incident, [], NIGHT, pointers=later))
    assert incidents.episode("resource/0").revision == 1


def test_two_incidents_change_together_or_neither_does(incidents: Incidents) -> None:
    one, other = opened(), change(an_incident(id="INC-2", version=0), [], NIGHT)
    incidents.write(one, other)
    key = an_alert().key
    give = change(one.incident, [said("gave")], NIGHT, gone=[(one.incident.id, f"ALERT#{key}")])
    take = change(other.incident, [said("took")], NIGHT, new=[an_alert()])
    incidents.write(give, take)
    assert incidents.rows(one.incident.id, Alert) == []
    assert incidents.rows("INC-2", Alert) == [an_alert()]
    with pytest.raises(Stale):
        incidents.write(change(give.incident, [], NIGHT, title="never"), change(other.incident, [], NIGHT))
    assert incidents.load(one.incident.id) == give.incident


def test_duplicates_are_counted_by_fingerprint(incidents: Incidents) -> None:
    assert incidents.tallied("INC-1") == {}
    for fingerprint, times in (("fp-a", 3), ("fp-b", 1), ("fp-a", 4)):
        incidents.tally("INC-1", fingerprint, times)
    assert incidents.tallied("INC-1") == {"fp-a": 7, "fp-b": 1}


def test_incidents_are_found_by_resource_and_by_service(incidents: Incidents) -> None:
    for number in range(3):
        incidents.write(change(an_incident(id=f"INC-{number}", version=0, opened_at=NIGHT + number * MINUTE), [], NIGHT))
    incidents.write(change(an_incident(id="INC-9", version=0, resources=(), service="search"), [], NIGHT))
    arn = an_incident().resources[0].arn
    assert [one.id for one in incidents.on_resource(arn, NIGHT, limit=2)] == ["INC-2", "INC-1"]
    assert [one.id for one in incidents.on_resource(arn, NIGHT + 2 * MINUTE, limit=9)] == ["INC-2"]
    assert [one.id for one in incidents.of_service("checkout", NIGHT + MINUTE, limit=9)] == ["INC-2", "INC-1"]
    assert [one.id for one in incidents.of_service("search", NIGHT, limit=9)] == ["INC-9"]


class HalfDeaf:
    """A DynamoDB that answers one key of each request, or none."""

    def __init__(self, answers: int) -> None:
        self.answers = answers

    def batch_get_item(self, RequestItems: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> object:  # noqa: N803 - boto3's name
        keys = RequestItems["incidents"]["Keys"]
        doc = {"doc": {"S": Episode(fingerprint=keys[0]["pk"]["S"].removeprefix("FP#"), revision=1).model_dump_json()}}
        done = [{**keys[0], **doc}] if self.answers else []
        return {"Responses": {"incidents": done}, "UnprocessedKeys": {"incidents": {"Keys": keys[len(done) :]}}}


def test_what_dynamodb_leaves_over_is_asked_for_again_and_not_for_ever() -> None:
    assert {e.revision for e in DynamoIncidents(HalfDeaf(1), "incidents", "audit").episodes(["a", "b", "c"]).values()} == {1}
    with pytest.raises(Throttled):
        DynamoIncidents(HalfDeaf(0), "incidents", "audit").episodes(["a", "b", "c"])
