"""The team's word about noise: what ships, what can be said, what is wrong and how that is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.words import NIGHT
from watchkeeper.errors import Misconfigured
from watchkeeper.models import Severity
from watchkeeper.quiet import Mute, Noise, Scope, read_noise

CONFIG = Path(__file__).parents[3] / "config"


def written(folder: Path, text: str) -> Noise:
    (folder / "noise.yaml").write_text(text)
    return read_noise(folder)


def test_what_ships_keeps_nothing_quiet() -> None:
    shipped = read_noise(CONFIG)
    assert (shipped.windows, shipped.mutes, shipped.minimum) == ((), (), ())
    assert (shipped.flapping, shipped.correlation) == (Noise().flapping, Noise().correlation)
    assert [rule.to for rule in shipped.growth] == [Severity.SEV2, Severity.SEV2, Severity.SEV1]


def test_the_examples_that_ship_are_right(tmp_path: Path) -> None:
    """Taken out of their comments, they are what a team will copy."""
    lines = (CONFIG / "noise.yaml").read_text().splitlines()
    windows = [line[1:] for line in lines if line.startswith(("#   - id:", "#     "))]
    windows = windows[: next(at for at, line in enumerate(windows) if "count:" in line)]
    found = written(tmp_path, "windows:\n" + "\n".join(windows))
    assert [window.id for window in found.windows] == ["patch-sunday", "database-move", "planned-changes"]
    minimum = [line[1:] for line in lines if line.startswith(("#   - scope:", "#     count:", "#     within:"))]
    assert written(tmp_path, "minimum:\n" + "\n".join(minimum)).minimum[0].count == 3


def test_a_folder_without_it_says_nothing(tmp_path: Path) -> None:
    assert read_noise(tmp_path) == Noise()
    assert written(tmp_path, "") == Noise()


def test_times_without_an_offset_are_meant_by_the_zone(tmp_path: Path) -> None:
    text = "windows: [{id: a, zone: Europe/Berlin, start: 2027-01-16T22:00, end: 2027-01-17 02:00:00, everything: true}]"
    [window] = written(tmp_path, text).windows
    assert window.once
    assert [at.utcoffset() for at in window.once] == [timedelta(hours=1)] * 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{id: a, everything: true}", "one of cron, start or calendar; this one has none"),
        ("{id: a, everything: true, cron: '0 2 * * *', lasts: 1h, calendar: x}", "this one has cron and calendar"),
        ("{id: a, everything: true, cron: '0 2 * * *'}", "needs lasts"),
        ("{id: a, everything: true, cron: '0 2 * * *', lasts: 40d}", "at most 31d"),
        ("{id: a, everything: true, cron: '0 2 * *', lasts: 1h}", "windows.0.cron: "),
        ("{id: a, everything: true, cron: '0 2 * * *', lasts: 1h, zone: Berlin}", "there is no time zone 'Berlin'"),
        ("{id: a, everything: true, start: 2027-01-16T22:00}", "needs an end after it"),
        ("{id: a, everything: true, start: 2027-01-16T22:00, end: 2027-01-16T21:00}", "needs an end after it"),
        ("{id: a, everything: true, calendar: x}", "quiet_while: open or closed"),
        ("{id: a, cron: '0 2 * * *', lasts: 1h}", "say in scope what is kept quiet, or everything: true"),
        ("{id: a, cron: '0 2 * * *', lasts: 1h, everything: true, scope: {services: [x]}}", "not both"),
        ("{id: a, cron: '0 2 * * *', lasts: 1h, scope: {service: [x]}}", "windows.0.scope.service: "),
        ("{cron: '0 2 * * *', lasts: 1h, everything: true}", "windows.0.id: "),
    ],
)
def test_what_is_wrong_with_a_window_is_told(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as told:
        written(tmp_path, f"windows: [{text}]")
    assert says in str(told.value)
    assert str(told.value).startswith("noise.yaml: windows.0")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mutes: [{id: a, by: sam, reason: r, until: 2027-01-01T00:00:00Z, scope: {}}]", "a mute names what it mutes"),
        ("mutes: [{id: a, by: sam, reason: r, until: 2027-01-01T00:00:00, scope: {services: [x]}}]", "a time needs a zone"),
        ("mutes: [{id: a, by: sam, until: 2027-01-01T00:00:00Z, scope: {services: [x]}}]", "mutes.0.reason"),
        ("minimum: [{count: 1}]", "minimum.0.count"),
        ("minimum: [{count: 21}]", "minimum.0.count"),
        ("flapping: {transitions: 2}", "flapping.transitions"),
        ("correlation: {threshold: 0.1}", "correlation.threshold"),
        ("growth: [{to: sev1}]", "needs alerts, resources or services"),
        ("growth: [{alerts: 10, to: sev0}]", "growth.0.to"),
        ("flaping: {}", "flaping"),
    ],
)
def test_what_is_wrong_with_the_rest_is_told(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as told:
        written(tmp_path, text)
    assert says in str(told.value)


def test_a_mute_ends_after_it_began() -> None:
    with pytest.raises(ValueError, match="after it began"):
        Mute(id="m", scope=Scope(services=("x",)), until=NIGHT, since=NIGHT, reason="r", by="sam")
