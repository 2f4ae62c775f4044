"""When nothing is done: freezes by cron, once and by calendar, and the hours of an order."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes.words import an_incident
from watchkeeper.orders.model import Freeze, Hours, Mode, Order, StandingOrders
from watchkeeper.orders.times import calendars_asked, frozen, outside_hours
from watchkeeper.windows import Scope

SATURDAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CALENDAR = "arn:aws:ssm:eu-west-1:123456789012:document/changes"


def freeze(**but: Any) -> Freeze:
    said = {"id": "weekend", "cron": "0 18 * * fri", "lasts": "2d", "everything": True, "zone": "Europe/Berlin", **but}
    return Freeze.model_validate({name: value for name, value in said.items() if value is not None})


def once(**but: Any) -> Freeze:
    return freeze(id="sale", cron=None, lasts=None, start="2026-11-20T00:00", end="2026-11-28T00:00", **but)


def by_calendar(state: str = "closed", **but: Any) -> Freeze:
    return freeze(id="changes", cron=None, lasts=None, calendar=CALENDAR, frozen_while=state, **but)


def says(*freezes: Freeze, at: datetime = SATURDAY, labels: dict[str, str] | None = None, **calendars: str) -> str:
    state = {CALENDAR: calendars["calendar"]} if calendars else {}
    return frozen(StandingOrders(orders=(), freeze=freezes), an_incident(firing=("fp-cpu", "fp-2")), labels or {}, at, state)


@pytest.mark.parametrize(
    ("day", "hour", "minute", "holds"),
    [(20, 16, 59, False), (20, 17, 0, True), (21, 12, 0, True), (22, 16, 59, True), (22, 17, 0, False)],
)
def test_a_freeze_that_comes_again_holds_from_its_first_moment_to_before_its_last(day: int, hour: int, minute: int, holds: bool) -> None:
    """Friday at six in Berlin, for two days; in UTC that is five."""
    assert bool(says(freeze(), at=datetime(2026, 11, day, hour, minute, tzinfo=UTC))) is holds


@pytest.mark.parametrize(
    ("at", "holds"),
    [("2026-11-19T22:59", False), ("2026-11-19T23:00", True), ("2026-11-27T22:59", True), ("2026-11-27T23:00", False)],
)
def test_a_freeze_that_comes_once(at: str, holds: bool) -> None:
    assert bool(says(once(), at=datetime.fromisoformat(f"{at}+00:00"))) is holds


@pytest.mark.parametrize(
    ("wanted", "state", "sentence"),
    [
        ("closed", "closed", f'The freeze "changes" holds for as long as the calendar {CALENDAR} is closed.'),
        ("closed", "open", ""),
        ("open", "open", f'The freeze "changes" holds for as long as the calendar {CALENDAR} is open.'),
        ("open", "closed", ""),
        ("closed", "unknown: denied", f'The freeze "changes" holds until the calendar {CALENDAR} can be read (unknown: denied).'),
        ("open", "OPEN", f'The freeze "changes" holds until the calendar {CALENDAR} can be read (OPEN).'),
    ],
)
def test_a_freeze_by_calendar_holds_also_while_nobody_knows(wanted: str, state: str, sentence: str) -> None:
    assert says(by_calendar(wanted), calendar=state) == sentence


def test_a_calendar_that_nobody_read_freezes() -> None:
    assert says(by_calendar()) == f'The freeze "changes" holds until the calendar {CALENDAR} can be read (unknown: it was not read).'


def test_the_sentence_names_the_freeze_until_when_and_why() -> None:
    assert says(freeze(reason="nobody is here.")) == 'The freeze "weekend" holds until 2026-11-22 17:00 UTC: nobody is here.'


def test_of_several_the_one_that_ends_last_is_told() -> None:
    assert '"sale"' in says(freeze(), once())
    assert '"sale"' in says(once(), freeze())
    assert '"changes"' in says(once(), by_calendar(), freeze(), calendar="closed")


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ({"services": ("checkout",)}, True),
        ({"services": ("store*",)}, False),
        ({"severities": ("sev2",)}, True),
        ({"severities": ("sev1",)}, False),
        ({"alarms": ("checkout-*",)}, True),
        ({"alarms": ("storefront-*",)}, False),
        ({"sources": ("cloudwatch",)}, True),
        ({"sources": ("logs",)}, False),
        ({"fingerprints": ("fp-2",)}, True),
        ({"fingerprints": ("fp-3",)}, False),
        ({"environments": ("production",)}, False),
        ({"accounts": ("123456789012",)}, False),
        ({"tags": {"tier": "web"}}, True),
        ({"tags": {"tier": "db"}}, False),
        ({"services": ("checkout",), "tags": {"tier": "db"}}, False),
    ],
)
def test_a_freeze_holds_for_what_its_scope_names(scope: dict[str, Any], holds: bool) -> None:
    one = freeze(everything=False, scope=Scope.model_validate(scope))
    assert bool(says(one, labels={"tag:tier": "web"})) is holds


def test_a_freeze_of_a_service_holds_for_an_incident_that_came_to_touch_it() -> None:
    orders = StandingOrders(orders=(), freeze=(freeze(everything=False, scope=Scope(services=("storefront",))),))
    assert frozen(orders, an_incident(services=("checkout", "storefront")), {}, SATURDAY, {})
    assert not frozen(orders, an_incident(services=("checkout",)), {}, SATURDAY, {})


def test_without_a_freeze_nothing_is_frozen_and_no_calendar_is_asked() -> None:
    assert says() == ""
    assert calendars_asked(StandingOrders(orders=(), freeze=(freeze(), by_calendar(), by_calendar("open").but(id="b")))) == {CALENDAR}


@pytest.mark.parametrize(
    ("hours", "at", "within"),
    [
        pytest.param({}, "2026-11-20T09:00", True, id="the first minute"),
        pytest.param({}, "2026-11-20T08:59", False, id="a minute before"),
        pytest.param({}, "2026-11-20T16:59", True, id="the last minute"),
        pytest.param({}, "2026-11-20T17:00", False, id="when they end"),
        pytest.param({}, "2026-11-21T12:00", False, id="not on that day"),
        pytest.param({"zone": "America/New_York"}, "2026-11-20T14:00", True, id="nine in New York"),
        pytest.param({"zone": "America/New_York"}, "2026-11-20T13:59", False, id="not yet nine in New York"),
        pytest.param({"zone": "Asia/Tokyo", "days": ("sat",)}, "2026-11-21T00:30", True, id="the day is the zone's"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-20T23:00", True, id="overnight, before midnight"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-21T05:59", True, id="overnight, on the morning after Friday"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-21T06:00", False, id="overnight, over"),
        pytest.param({"start": "22:00", "end": "06:00"}, "2026-11-23T05:00", False, id="overnight, on the morning after Sunday"),
        pytest.param({"start": "00:00", "end": "00:00"}, "2026-11-20T23:59", True, id="a whole day"),
        pytest.param({"start": "00:00", "end": "00:00"}, "2026-11-21T00:00", False, id="after a whole day"),
    ],
)
def test_the_hours_of_an_order(hours: dict[str, Any], at: str, within: bool) -> None:
    order = Order(name="by day", action="ec2-restart", mode=Mode.AUTO, hours=Hours(**hours))
    assert (outside_hours(order, datetime.fromisoformat(f"{at}+00:00")) == "") is within


def test_the_sentence_says_when_the_order_is_in_force() -> None:
    order = Order(name="by day", action="ec2-restart", mode=Mode.AUTO, hours=Hours(days=("sat",), zone="Europe/Berlin"))
    sentence = 'The order "by day" is in force sat 09:00-17:00 Europe/Berlin, and it is not that now.'
    assert outside_hours(order, datetime(2026, 11, 20, tzinfo=UTC)) == sentence
    assert outside_hours(order.but(hours=None), SATURDAY) == ""
