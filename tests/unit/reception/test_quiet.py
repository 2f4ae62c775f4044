"""Noise on its way through reception: what is kept quiet, what wakes, what belongs together, and that nothing is lost of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reception.noise.dependencies import Dependencies
from reception.rules import CurrentRules
from sweeper.service import sweep
from sweeper.wiring import Wiring as Sweeper
from tests.fakes.words import INSTANCE, NIGHT, an_alert
from tests.unit.reception.world import World
from watchkeeper.aside import Aside, Why
from watchkeeper.errors import NotAllowed, Throttled
from watchkeeper.messages import AlertsReceived, AnalysisAsked, EpisodeDue, IncidentChanged
from watchkeeper.models import Alert, AlertKind, Incident, Resource, Severity, Status
from watchkeeper.quiet import Correlation, Flapping, Growth, Minimum, Mute, Noise, Scope, Window
from watchkeeper.team import Service, Services

MINUTE = timedelta(minutes=1)
ALONE = Correlation(threshold=2, within=timedelta(seconds=1))
NIGHTLY = Window(id="nightly", reason="patches", cron="0 3 * * *", lasts=timedelta(hours=1), scope=Scope(services=("checkout",)))
MUTED = Mute(id="m1", scope=Scope(fingerprints=("fp-cpu",)), until=NIGHT + 30 * MINUTE, reason="known", by="ada", since=NIGHT)
OTHER = Resource(type="ecs:service", id="shop/search", arn="arn:aws:ecs:eu-west-1:123456789012:service/shop/search", trusted=True)


class Night:
    """A world at three, with the sweeper of its own."""

    def __init__(self, **noise: Any) -> None:
        self.world = World(noise=Noise(**{"correlation": ALONE, **noise}))
        self.world.clock.at = NIGHT

    def hears(self, minutes: float, kind: str = "firing", **but: Any) -> None:
        """One alert, at its time."""
        self.world.clock.at = at = NIGHT + minutes * MINUTE
        self.deliver(an_alert(kind=AlertKind(kind), occurred_at=at, **but))

    def deliver(self, *alerts: Alert) -> None:
        self.world.deliver(AlertsReceived(alerts=alerts).model_dump_json())

    def sweeps(self, minutes: float) -> int:
        """The sweeper comes by, and what it wakes is looked at; how much that was."""
        self.world.clock.at = NIGHT + minutes * MINUTE
        before = len(self.world.outbox.sent)
        sweep(Sweeper(self.world.incidents, self.world.wiring.publisher, self.world.outbox, self.world.clock))
        woken = [message for message in self.world.outbox.sent[before:] if isinstance(message, EpisodeDue)]
        for message in woken * 2:
            self.world.deliver(message.model_dump_json())
        return len(woken)

    @property
    def incidents(self) -> list[Incident]:
        return list(self.world.incidents.meta.values())

    @property
    def incident(self) -> Incident:
        return self.world.incident()

    @property
    def kinds(self) -> list[str]:
        return [record.kind for record in self.world.incidents.history(self.incident.id)]

    def aside(self, fingerprint: str = "fp-cpu") -> list[Why]:
        return [aside.why for aside in self.world.incidents.aside(fingerprint, 99)]

    def placed(self) -> list[str]:
        """The key of every alert that lies anywhere, as often as it does."""
        rows = [row for lying in self.world.incidents.lying.values() for row in lying.values()]
        return [row.alert.key if isinstance(row, Aside) else row.key for row in rows if isinstance(row, Alert | Aside)]

    def asked(self) -> int:
        return len({message.id for message in self.world.outbox.take(AnalysisAsked)})


@pytest.fixture(params=["window", "mute"])
def kept_quiet(request: pytest.FixtureRequest) -> Iterator[tuple[Night, float]]:
    """A night in which checkout is quiet, and the minute when that ends."""
    if request.param == "window":
        yield Night(windows=(NIGHTLY,)), 60
        return
    night = Night()
    night.world.mutes = (MUTED,)
    yield night, 30


def test_what_still_fires_when_it_is_over_fires_once(kept_quiet: tuple[Night, float]) -> None:
    night, over = kept_quiet
    night.hears(1)
    night.hears(2)
    assert night.incidents == []
    assert night.aside() == [Why.SUPPRESSED] * 2
    assert night.sweeps(over - 1) == 0
    assert night.sweeps(over) == 1
    assert (night.incident.status, night.incident.alert_count) == (Status.OPEN, 2)
    assert night.aside() == []
    assert (night.asked(), len(night.placed())) == (1, 2)
    assert night.sweeps(over + 10) == 0


def test_what_was_over_by_then_never_fires(kept_quiet: tuple[Night, float]) -> None:
    night, over = kept_quiet
    night.hears(1)
    night.hears(2, "resolved")
    assert night.sweeps(over + 1) == 0
    assert night.incidents == []
    assert len(night.placed()) == 2


def test_what_is_open_goes_on_as_before(kept_quiet: tuple[Night, float]) -> None:
    night, _ = kept_quiet
    quiet = (night.world.noise, night.world.mutes)
    night.world.noise, night.world.mutes = Noise(correlation=ALONE), ()
    night.hears(1)
    night.world.noise, night.world.mutes = quiet
    night.hears(2)
    night.hears(3, "resolved")
    assert (night.incident.alert_count, night.incident.status) == (2, Status.RESOLVED)


def test_a_window_that_is_made_longer_keeps_it_quiet_for_longer() -> None:
    night = Night(windows=(NIGHTLY,))
    night.hears(1)
    night.world.noise = Noise(correlation=ALONE, windows=(NIGHTLY.but(lasts=timedelta(hours=2)),))
    assert night.sweeps(61) == 1
    assert night.incidents == []
    assert len(night.placed()) == 1
    assert night.sweeps(121) == 1
    assert night.incident.alert_count == 1


def test_a_second_delivery_of_a_quiet_alert_is_a_duplicate() -> None:
    night = Night(windows=(NIGHTLY,))
    alert = an_alert()
    night.deliver(alert)
    for _ in range(2):
        night.world.deliver(AlertsReceived(alerts=(alert,), trace_id="another record").model_dump_json())
    assert len(night.placed()) == 1


def test_it_opens_once_it_has_come_often_enough_and_what_came_before_comes_along() -> None:
    night = Night(minimum=(Minimum(count=3, within=timedelta(minutes=10)),))
    night.hears(0)
    night.hears(5)
    assert (night.incidents, night.aside()) == ([], [Why.TOO_FEW] * 2)
    night.hears(6)
    assert night.incident.alert_count == 3
    assert (night.aside(), len(night.placed())) == ([], 3)
    assert len(night.world.incidents.rows(night.incident.id, Alert)) == 3


def test_it_has_come_often_enough_within_one_batch_too() -> None:
    night = Night(minimum=(Minimum(count=3, within=timedelta(minutes=10)),))
    night.deliver(*(an_alert(occurred_at=NIGHT + n * timedelta(seconds=1)) for n in range(5)))
    assert (night.incident.alert_count, night.incident.version) == (5, 1)
    assert (night.aside(), len(night.placed())) == ([], 5)


FLAPS = Flapping(transitions=4, within=timedelta(minutes=30), quiet_for=timedelta(minutes=15))


def flapping_night(last: str) -> Night:
    """It switches every minute, six times and more, and ends with this."""
    night = Night(flapping=FLAPS)
    for minute in range(8 if last == "resolved" else 9):
        night.hears(minute, "firing" if minute % 2 == 0 else "resolved")
    return night


def test_what_flaps_is_told_once_and_held() -> None:
    night = flapping_night("resolved")
    assert (night.incident.status, night.incident.alert_count, len(night.placed())) == (Status.OPEN, 4, 8)
    assert night.kinds.count("incident.flapping") == 1
    assert night.kinds[-1] == "incident.flapping"
    told = len({message.id for message in night.world.outbox.take(IncidentChanged)})
    assert (
        told == night.kinds.count("incident.opened") + night.kinds.count("incident.reopened") + night.kinds.count("incident.resolved") + 1
    )


def test_when_it_has_been_quiet_for_long_enough_it_is_over() -> None:
    night = flapping_night("resolved")
    assert night.sweeps(20) == 0
    assert night.sweeps(22) == 1
    assert (night.incident.status, night.incident.resolved_at) == (Status.RESOLVED, NIGHT + 7 * MINUTE)
    assert night.kinds[-2:] == ["incident.steady", "incident.resolved"]


def test_or_it_goes_on_where_it_still_fires() -> None:
    night = flapping_night("firing")
    assert night.sweeps(23) == 1
    assert (night.incident.status, night.kinds[-1]) == (Status.OPEN, "incident.steady")
    night.hears(40, "resolved")
    assert night.incident.status is Status.RESOLVED


def test_what_flaps_without_an_incident_is_set_aside_and_fires_when_it_is_steady() -> None:
    night = Night(flapping=FLAPS, windows=(NIGHTLY.but(lasts=timedelta(minutes=10)),))
    for minute in range(7):
        night.hears(minute, "firing" if minute % 2 == 0 else "resolved")
    assert night.incidents == []
    assert Why.HELD in night.aside()
    assert night.sweeps(22) == 1
    assert night.incident.status is Status.OPEN
    assert len(night.placed()) == len(set(night.placed())) == 7


TOGETHER = Correlation()
SHOP = Services(services=(Service(name="checkout", depends_on=("search",)), Service(name="search")))


def joined(**but: Any) -> Night:
    night = Night(correlation=TOGETHER)
    night.world.services = SHOP
    night.hears(0)
    night.hears(1, **{"fingerprint": "fp-other", "title": "Memory of the instance is short", **but})
    return night


@pytest.mark.parametrize(
    ("but", "ground"),
    [
        pytest.param({}, "resource", id="the same resource"),
        pytest.param({"resources": (OTHER,), "service": "search"}, "dependency", id="a service that it needs"),
        pytest.param({"resources": (), "title": "CPUUtilization is above 80"}, "service", id="the same service, alike in words"),
    ],
)
def test_what_belongs_together_is_one_incident_and_says_why(but: dict[str, Any], ground: str) -> None:
    night = joined(**but)
    assert (night.incident.alert_count, night.asked()) == (2, 1)
    assert set(night.incident.firing) == {"fp-cpu", "fp-other"}
    (record,) = [record for record in night.world.incidents.history(night.incident.id) if record.kind == "alert.joined"]
    assert ground in record.detail["grounds"]
    assert record.detail["score"] >= TOGETHER.threshold
    assert record.says.startswith("Joined, scoring")


def test_it_is_over_when_nothing_of_it_fires_any_more() -> None:
    night = joined()
    night.hears(2, "resolved")
    assert (night.incident.status, night.incident.firing) == (Status.OPEN, ("fp-other",))
    night.hears(3, "resolved", fingerprint="fp-other")
    assert (night.incident.status, night.incident.firing) == (Status.RESOLVED, ())


def test_a_part_of_it_that_fires_again_is_still_a_part_of_it() -> None:
    night = joined()
    night.hears(2, "resolved")
    night.hears(3)
    assert set(night.incident.firing) == {"fp-other", "fp-cpu"}
    assert night.incident.alert_count == 3
    assert night.asked() == 1


def test_another_matter_is_another_incident() -> None:
    night = joined(resources=(OTHER,), service="billing", title="Invoices are late")
    assert len(night.incidents) == 2


def test_related_alerts_of_one_batch_are_one_incident() -> None:
    night = Night(correlation=TOGETHER)
    night.deliver(*(an_alert(fingerprint=f"fp-{n}") for n in range(4)))
    assert (night.incident.alert_count, night.incident.version) == (4, 1)
    assert night.asked() == 1


def test_of_two_workers_that_open_on_one_resource_one_joins() -> None:
    """The second reads before the first has written: the pointer of the resource tells it to look again."""
    night = Night(correlation=TOGETHER)
    incidents, real = night.world.incidents, night.world.incidents.write
    raced: list[bool] = []

    def write(*changes: Any) -> None:
        if not raced:
            raced.append(True)
            night.deliver(an_alert(fingerprint="fp-first"))
        real(*changes)

    incidents.write = write  # type: ignore[method-assign]  # somebody else is quicker, between our reading and our writing
    night.deliver(an_alert(fingerprint="fp-second"))
    assert set(night.incident.firing) == {"fp-first", "fp-second"}


def test_an_incident_that_grows_gets_worse() -> None:
    night = Night(growth=(Growth(alerts=3, to=Severity.SEV1),))
    for minute in range(4):
        night.hears(minute)
    assert night.incident.severity is Severity.SEV1
    assert night.kinds.count("incident.grew") == 1


def test_a_hundred_of_a_kind_are_a_few_changes() -> None:
    night = Night()
    night.deliver(*(an_alert(occurred_at=NIGHT + n * timedelta(seconds=1)) for n in range(100)))
    assert night.incident.alert_count == len(night.world.incidents.rows(night.incident.id, Alert)) == 100
    assert night.incident.version == 2
    assert night.kinds == ["incident.opened", "alert.joined", "alert.joined"]
    assert len({message.id for message in night.world.outbox.take(IncidentChanged)}) == 1


def test_what_came_late_is_on_record() -> None:
    night = Night()
    night.hears(0)
    night.hears(5, "resolved")
    night.deliver(an_alert(occurred_at=NIGHT + MINUTE, title="late"))
    assert night.aside() == [Why.LATE]
    assert len(night.placed()) == 3


def test_how_often_it_came_is_said_when_it_opens() -> None:
    night = Night()
    for hour in range(3):
        night.hears(60 * hour)
        night.hears(60 * hour + 1, "resolved")
    first = night.world.incidents.history(night.incidents[-1].id)[0]
    assert first.detail["frequency"].startswith("3 times in the last day")


def rules_of(noise: Noise, **but: Any) -> CurrentRules:
    night = World()
    given: dict[str, Any] = {
        "said": lambda: noise, "services": lambda: Services(), "mutes": lambda: Mutes([MUTED]), "calendar": lambda _: CALENDAR,
        "clock": night.clock, **but,
    }  # fmt: skip
    return CurrentRules(**given)


class Mutes:
    """The Mutes port: answers once with each of these, the last for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def all(self, at: object) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


CALENDAR = "BEGIN:VCALENDAR\nX-CALENDAR-TYPE:DEFAULT_OPEN\nEND:VCALENDAR\n"
BY_CALENDAR = Noise(windows=(Window(id="c", calendar="changes", quiet_while="closed", scope=Scope(services=("checkout",))),))


def test_mutes_are_read_every_half_minute_and_the_known_ones_outlive_an_outage() -> None:
    mutes = Mutes([MUTED], Throttled("later"), [])
    rules = rules_of(Noise(), mutes=lambda: mutes)
    assert [tuple(rules().mutes) for _ in range(2)] == [(MUTED,)] * 2
    for expected in ((MUTED,), ()):
        rules.clock.tick(30)  # type: ignore[attr-defined]  # a test's clock
        assert tuple(rules().mutes) == expected


def test_calendars_are_read_once_a_minute_and_only_where_a_window_asks() -> None:
    asked: list[str] = []

    def read(name: str) -> str:
        asked.append(name)
        return CALENDAR

    rules = rules_of(BY_CALENDAR, calendar=read)
    assert list(rules().calendars) == list(rules().calendars) == ["changes"]
    assert asked == ["changes"]
    rules.clock.tick(60)  # type: ignore[attr-defined]
    rules()
    assert asked == ["changes"] * 2
    assert rules_of(Noise(), calendar=lambda _: 1 / 0)().calendars == {}


@pytest.mark.parametrize("unreadable", [NotAllowed("ssm:GetDocument", "changes"), "no calendar at all"])
def test_a_calendar_that_cannot_be_read_keeps_nothing_quiet(unreadable: object) -> None:
    def read(_: str) -> str:
        if isinstance(unreadable, Exception):
            raise unreadable
        return str(unreadable)

    assert rules_of(BY_CALENDAR, calendar=read)().calendars == {}


def test_dependencies_are_built_once_for_a_services_yaml() -> None:
    shop = replace(rules_of(Noise()), services=lambda: SHOP)
    assert shop().dependencies is shop().dependencies
    assert shop().dependencies == Dependencies.of(SHOP)


def test_a_resource_is_named_by_its_id_where_it_has_no_arn() -> None:
    night = Night(correlation=TOGETHER)
    night.hears(0, resources=(INSTANCE.but(arn=""),))
    night.hears(1, resources=(INSTANCE.but(arn=""),), fingerprint="fp-other")
    assert night.incident.alert_count == 2
