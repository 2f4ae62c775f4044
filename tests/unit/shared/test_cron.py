"""Five fields, read as cron reads them; what is none of them is named."""

import re
import zoneinfo
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.fakes.words import NIGHT
from watchkeeper.cron import latest_start, read_cron, zone


@pytest.mark.parametrize(
    ("text", "minutes", "hours"),
    [
        ("0 2 * * *", {0}, {2}),
        ("*/20 8-10 * * *", {0, 20, 40}, {8, 9, 10}),
        ("5,35 */6 * * *", {5, 35}, {0, 6, 12, 18}),
        ("50/4 1-7/3 * * *", {50, 54, 58}, {1, 4, 7}),
    ],
)
def test_minutes_and_hours(text: str, minutes: set[int], hours: set[int]) -> None:
    assert (set(read_cron(text).minutes), set(read_cron(text).hours)) == (minutes, hours)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param("0 0 * * sun", [1, 8, 15, 22, 29], id="a name"),
        pytest.param("0 0 * * 7", [1, 8, 15, 22, 29], id="Sunday is seven, too"),
        pytest.param("0 0 * * SAT-7", [1, 7, 8, 14, 15, 21, 22, 28, 29], id="names in any case, over the week's end"),
        pytest.param("0 0 31 * *", [], id="November has no thirty-first"),
        pytest.param("0 0 1,15 * *", [1, 15], id="days of the month"),
        pytest.param("0 0 13 * fri", [6, 13, 20, 27], id="both limited: one is enough, as in cron"),
        pytest.param("0 0 */10 * sun", [1], id="a star with a step limits nothing by itself: both must be"),
        pytest.param("0 0 1 jan-mar *", [], id="another month"),
    ],
)
def test_on_which_days_of_november_it_begins(text: str, days: list[int]) -> None:
    assert [day for day in range(1, 31) if read_cron(text).on(date(2026, 11, day))] == days


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 2 * *", "needs five fields"),
        ("@daily", "needs five fields"),
        ("60 2 * * *", "minute: '60' is not within 0-59"),
        ("0 24 * * *", "hour: '24' is not within 0-23"),
        ("0 2 0 * *", "day of month: '0' is not within 1-31"),
        ("0 2 * janvier *", "month: 'janvier' is not within 1-12"),
        ("0 2 * * mo", "day of week: 'mo' is not within 0-7"),
        ("0 5-2 * * *", "hour: '5-2' runs backwards"),
        ("0 */0 * * *", "hour: '*/0' has no number after the /"),
        ("0 2,, * * *", "hour: '' is not within 0-23"),
        ("0 ² * * *", "hour: '²' is not within 0-23"),
    ],
)
def test_what_is_no_cron_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_cron(text)


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="there is no time zone"):
        zone(name)


@pytest.fixture
def no_zones() -> Iterator[None]:
    """A host without zone files, as AWS's images have been."""

    def forget() -> None:
        zoneinfo.ZoneInfo.clear_cache()
        zone.cache_clear()

    forget()
    zoneinfo.reset_tzpath(to=())
    yield
    zoneinfo.reset_tzpath()
    forget()


@pytest.mark.usefixtures("no_zones")
def test_a_host_without_zones_has_those_that_dateutil_brings() -> None:
    assert not isinstance(zone("Europe/Berlin"), zoneinfo.ZoneInfo)
    winter, summer = (at.astimezone(zone("Europe/Berlin")).utcoffset() for at in (NIGHT, NIGHT.replace(month=7)))
    assert (winter, summer) == (timedelta(hours=1), timedelta(hours=2))
    at = NIGHT + timedelta(hours=1)
    assert latest_start("30 4 * * *", "Europe/Berlin", at, timedelta(hours=1)) == NIGHT + timedelta(minutes=30)


def test_nothing_has_begun() -> None:
    assert latest_start("0 5 * * *", "UTC", NIGHT, timedelta(hours=2)) is None
    assert latest_start("0 1 * * *", "UTC", NIGHT, timedelta(hours=2)) is None
    assert latest_start("0 1 * * *", "UTC", NIGHT, timedelta(hours=3)) == NIGHT - timedelta(hours=2)
