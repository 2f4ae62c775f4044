"""Splitting and merging: nothing is lost, nothing is twice, and both sides say so."""

from typing import Any

import pytest

from reception.noise.splitting import Moved, merge, split
from tests.fakes.words import NIGHT, an_alert, an_incident
from tests.unit.reception.noise.rules import HOUR, MINUTE
from watchkeeper.episodes import Episode
from watchkeeper.errors import Refused
from watchkeeper.models import Alert, AlertKind, Resource, Severity, Status

ID = an_incident().id
CPU = an_alert()
DISK = an_alert(fingerprint="fp-disk", title="Disk full", service="search", severity=Severity.SEV1, occurred_at=NIGHT + MINUTE,
                resources=(Resource(type="ec2:volume", id="vol-1"),), alarm_name="search-disk")  # fmt: skip
DISK_OK = DISK.but(kind=AlertKind.RESOLVED, occurred_at=NIGHT + 2 * MINUTE)
ALERTS = [CPU, DISK, DISK_OK]
EPISODES = [Episode(fingerprint=name, revision=3, open_incident=ID) for name in ("fp-cpu", "fp-disk")]
GROWN = an_incident(alert_count=9, touched=("x", "vol-1"), services=("checkout", "search"), fired_at=NIGHT + MINUTE)


def taken_out(*chosen: Alert, **incident: Any) -> Moved:
    return split(GROWN.but(**incident), ALERTS, [alert.key for alert in chosen], EPISODES, "sam", NIGHT + HOUR, "INC-NEW")


def test_what_is_split_off_becomes_the_incident_that_it_would_have_opened() -> None:
    moved = taken_out(DISK)
    new = moved.taker.incident
    assert moved.alerts == (DISK, DISK_OK), "its OK goes with it: a fingerprint stays whole"
    assert (new.id, new.version, new.status, new.title, new.severity) == ("INC-NEW", 0, Status.OPEN, "Disk full", Severity.SEV1)
    assert (new.service, new.alarm_name, new.alert_count, new.touched) == ("search", "search-disk", 2, ("vol-1",))
    assert (new.fired_at, new.opened_at) == (NIGHT + MINUTE, NIGHT + HOUR)


def test_what_stays_is_counted_anew() -> None:
    giver = taken_out(DISK).giver
    assert giver.fields == {"alert_count": 7, "touched": (CPU.resources[0].arn,), "services": ("checkout",), "fired_at": NIGHT}
    assert GROWN.but(**giver.fields).alert_count == 7


def test_the_pointer_goes_with_it_and_both_sides_say_so() -> None:
    moved = taken_out(DISK_OK)
    assert moved.episodes == (EPISODES[1].but(revision=4, open_incident="INC-NEW"),)
    [gone], [come] = moved.giver.happenings, moved.taker.happenings
    assert (gone.kind, come.kind, gone.actor) == ("incident.split", "incident.opened", "person:sam")
    assert gone.says == come.says == f"2 alerts of {ID} were split off into INC-NEW by sam."
    assert gone.detail == {"by": "sam", "alerts": 2, "from": ID, "to": "INC-NEW"}


@pytest.mark.parametrize(
    ("chosen", "incident", "says"),
    [
        pytest.param((), {}, "name alerts", id="nothing"),
        pytest.param((CPU,), {}, "fp-cpu, which opened it, stay", id="what opened it"),
        pytest.param((CPU, DISK), {}, "which opened it", id="everything"),
        pytest.param((an_alert(fingerprint="other"),), {}, f"{ID} has no alert ", id="what it does not have"),
        pytest.param((DISK,), {"status": Status.REMEDIATING}, "remediating: split it when the action is over", id="while it is acted upon"),
        pytest.param((DISK,), {"status": Status.VERIFYING}, "verifying", id="while that is verified"),
        pytest.param((DISK,), {"status": Status.RESOLVED}, "resolved; only incidents that go on can be split", id="when it is over"),
    ],
)
def test_what_cannot_be_split(chosen: tuple[Alert, ...], incident: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused) as told:
        taken_out(*chosen, **incident)
    assert says in str(told.value)


TAKER = an_incident(id="INC-B", fingerprint="fp-b", service="storefront", severity=Severity.SEV3, alert_count=2, resources=())


def put_in(giver: dict[str, Any] | None = None, taker: dict[str, Any] | None = None) -> Moved:
    return merge(GROWN.but(**(giver or {})), TAKER.but(**(taker or {})), ALERTS, EPISODES, "sam", NIGHT + HOUR)


def test_merged_is_over_on_one_side_and_goes_on_on_the_other() -> None:
    moved = put_in({"plan_id": "p", "analysis_claim": "c"})
    assert moved.alerts == tuple(ALERTS)
    over = GROWN.but(**moved.giver.fields)
    assert (over.status, over.resolved_at, over.due, over.plan_id) == (Status.RESOLVED, NIGHT + HOUR, None, "")
    taker = TAKER.but(**moved.taker.fields)
    assert (taker.severity, taker.alert_count, taker.fired_at) == (Severity.SEV2, 11, NIGHT + MINUTE)
    assert (taker.services, taker.touched) == (("storefront", "checkout", "search"), (CPU.resources[0].arn, "vol-1"))


def test_merging_moves_every_pointer_and_both_sides_say_so() -> None:
    moved = put_in()
    assert {e.fingerprint: (e.revision, e.open_incident) for e in moved.episodes} == {"fp-cpu": (4, "INC-B"), "fp-disk": (4, "INC-B")}
    assert moved.giver.happenings[0].says == "Merged into INC-B by sam; it goes on there."
    assert moved.taker.happenings[0].says == f"{ID} with 3 alerts was merged into this by sam."
    assert {h.kind for side in (moved.giver, moved.taker) for h in side.happenings} == {"incident.merged"}


def test_a_pointer_that_names_another_incident_stays() -> None:
    elsewhere = Episode(fingerprint="fp-cpu", revision=8, open_incident="INC-ELSE", last_incident=ID)
    moved = merge(GROWN, TAKER, ALERTS, [elsewhere, Episode(fingerprint="fp-disk", revision=1, open_incident="INC-X")], "sam", NIGHT)
    assert moved.episodes == (elsewhere.but(revision=9, last_incident="INC-B"),)


@pytest.mark.parametrize("status", [Status.REMEDIATING, Status.VERIFYING, Status.RESOLVED, Status.SUPPRESSED])
@pytest.mark.parametrize("side", ["giver", "taker"])
def test_what_cannot_be_merged(status: Status, side: str) -> None:
    with pytest.raises(Refused):
        put_in(**{side: {"status": status}})


@pytest.mark.parametrize("status", [Status.OPEN, Status.INVESTIGATING, Status.AWAITING_APPROVAL, Status.ESCALATED])
def test_what_goes_on_can_be_merged(status: Status) -> None:
    assert put_in({"status": status}).giver.fields["status"] is Status.RESOLVED


def test_not_into_itself() -> None:
    with pytest.raises(Refused):
        merge(GROWN, GROWN, ALERTS, EPISODES, "sam", NIGHT)
