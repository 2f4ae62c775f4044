"""Scopes, mutes, and which of all that keeps an alert quiet."""

from datetime import timedelta
from typing import Any

import pytest

from reception.noise.mutes import muted
from reception.noise.quieting import Quiet, quieting
from reception.noise.scopes import covers
from tests.fakes.words import NIGHT, an_alert
from tests.unit.reception.noise.rules import HOUR, MINUTE, a_mute, a_window, utc
from watchkeeper.models import Severity
from watchkeeper.quiet import Scope

PLACE = {"environment": "production", "account": "123456789012", "labels": {"team": "payments", "tag:tier": "database"}}


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"services": ("checkout",)}, True),
        ({"services": ("check*", "storefront")}, True),
        ({"services": ("storefront",)}, False),
        ({"environments": ("production",)}, True),
        ({"environments": ("staging",)}, False),
        ({"accounts": ("123456789012",)}, True),
        ({"accounts": ("999999999999",)}, False),
        ({"sources": ("cloudwatch",)}, True),
        ({"sources": ("grafana",)}, False),
        ({"severities": (Severity.SEV3, Severity.SEV4)}, True),
        ({"severities": (Severity.SEV1,)}, False),
        ({"alarms": ("checkout-*",)}, True),
        ({"alarms": ("storefront-*",)}, False),
        ({"fingerprints": ("fp-cpu",)}, True),
        ({"fingerprints": ("fp-disk",)}, False),
        ({"tags": {"team": "payments"}}, True),
        ({"tags": {"tier": "data*"}}, True),
        ({"tags": {"team": "payments", "tier": "cache"}}, False),
        ({"tags": {"unknown": "*"}}, False),
        ({"services": ("checkout",), "environments": ("staging",)}, False),
    ],
)
def test_a_scope_covers_what_all_its_lists_name(scope: dict[str, Any], covered: bool) -> None:
    assert covers(Scope(**scope), an_alert(**PLACE)) is covered


def test_without_an_alarm_it_is_the_title_that_is_named() -> None:
    assert covers(Scope(alarms=("CPUUtilization*",)), an_alert(alarm_name=""))
    assert not covers(Scope(alarms=("CPUUtilization*",)), an_alert())


@pytest.mark.parametrize(
    ("after", "found"),
    [(-MINUTE, False), (timedelta(), True), (HOUR - MINUTE, True), (HOUR, False)],
)
def test_a_mute_is_in_force_until_it_expires(after: timedelta, found: bool) -> None:
    assert (muted(an_alert(), [a_mute()], NIGHT + after) is not None) is found


WINDOW = a_window()
LATER = a_window(id="later", cron="0 3 * * *")
OTHER = a_window(id="other", scope={"services": ["storefront"]})


@pytest.mark.parametrize(
    ("windows", "mutes", "by", "until"),
    [
        pytest.param([], [], None, None, id="nothing"),
        pytest.param([OTHER], [], None, None, id="a window for others"),
        pytest.param([WINDOW], [], "window/nightly", "2026-11-20T03:00", id="a window"),
        pytest.param([WINDOW, LATER], [], "window/later", "2026-11-20T04:00", id="of two the one that ends last"),
        pytest.param([LATER, WINDOW], [], "window/later", "2026-11-20T04:00", id="in whatever order"),
        pytest.param([], [a_mute(since=None)], "mute/m1", "2026-11-20T04:00", id="a mute"),
        pytest.param([WINDOW], [a_mute(since=None)], "mute/m1", "2026-11-20T04:00", id="the mute lasts longer"),
        pytest.param([LATER], [a_mute(since=None)], "window/later", "2026-11-20T04:00", id="as long: the window"),
        pytest.param(
            [WINDOW], [a_mute(scope=Scope(services=("storefront",)))], "window/nightly", "2026-11-20T03:00", id="a mute for others"
        ),
    ],
)
def test_what_keeps_it_quiet_and_until_when(windows: list[Any], mutes: list[Any], by: str | None, until: str | None) -> None:
    found = quieting(an_alert(), windows, mutes, utc("2026-11-20T02:30"))
    assert (found and found.by, found and found.until) == (by, until and utc(until))


def test_it_says_why() -> None:
    window = a_window(reason="patches")
    assert quieting(an_alert(), [window], [], utc("2026-11-20T02:00")) == Quiet(
        "window/nightly", utc("2026-11-20T03:00"), "Kept quiet by the window nightly until 2026-11-20 03:00 UTC: patches"
    )
    found = quieting(an_alert(), [], [a_mute()], NIGHT)
    assert found
    assert found.says == "Muted by sam until 2026-11-20 04:00 UTC: known"
