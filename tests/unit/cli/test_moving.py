"""A person's word on what belongs together and what is to be quiet: split, merge, mute and unmute."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.words import NIGHT, an_alert, an_incident
from tests.unit.cli.conftest import MINUTE, Terminal
from watchkeeper.audit import faults
from watchkeeper.change import change
from watchkeeper.episodes import Episode
from watchkeeper.messages import Queue
from watchkeeper.models import Alert, Happening, Incident, Status

OPENED = Happening(actor="reception", kind="incident.opened", says="An alarm fired.")
ONE, TWO = "INC-01M7WZ49C1ER8E2XA9F4D4TE0W", "INC-01M7WZ49C1ER8E2XA9F4D4TE0X"


def lies(terminal: Terminal, incident_id: str, *prints: str, alerts: int = 2) -> Incident:
    """An incident with so many alerts of each of these fingerprints, the first of which opened it."""
    rows = [an_alert(fingerprint=name, title=f"{name} is high", occurred_at=NIGHT + n * MINUTE) for name in prints for n in range(alerts)]
    pointers = [Episode(fingerprint=name, revision=1, open_incident=incident_id) for name in prints]
    incident = an_incident(id=incident_id, version=0, fingerprint=prints[0], firing=prints, alert_count=len(rows))
    written = change(incident, [OPENED], NIGHT, new=rows[:40], pointers=pointers, quiet=True)
    terminal.stack.incidents.write(written)
    for start in range(40, len(rows), 40):
        written = change(written.incident, [], NIGHT, new=rows[start : start + 40], quiet=True)
        terminal.stack.incidents.write(written)
    return written.incident


def loaded(terminal: Terminal, incident_id: str) -> Incident:
    found = terminal.stack.incidents.load(incident_id)
    assert found
    return found


def alerts(terminal: Terminal, incident_id: str) -> list[str]:
    return sorted(alert.fingerprint for alert in terminal.stack.incidents.rows(incident_id, Alert))


def key(name: str) -> str:
    return an_alert(fingerprint=name, occurred_at=NIGHT).key


def test_without_alerts_split_lists_what_could_be_split_off(terminal: Terminal) -> None:
    lies(terminal, ONE, "fp-own", "fp-other")
    assert terminal.run("split", "latest") == 0
    assert "fp-own is high  (opened it, stays)" in terminal.out
    assert "fp-other is high" in terminal.out


def test_split_makes_an_incident_of_their_own_and_asks_for_its_analysis(terminal: Terminal) -> None:
    lies(terminal, ONE, "fp-own", "fp-other")
    assert terminal.run("split", ONE, key("fp-other")[:8], "--as", "ada") == 0
    new_id = terminal.out.split(" are ")[1].split(" ")[0]
    new = loaded(terminal, new_id)
    assert alerts(terminal, new_id) == ["fp-other"] * 2
    assert alerts(terminal, ONE) == ["fp-own"] * 2
    assert (new.firing, loaded(terminal, ONE).firing) == (("fp-other",), ("fp-own",))
    assert (new.alert_count, loaded(terminal, ONE).alert_count) == (2, 2)
    assert terminal.stack.incidents.episode("fp-other").open_incident == new_id
    assert terminal.stack.incidents.episode("fp-own").open_incident == ONE
    for incident_id in (ONE, new_id):
        history = terminal.stack.incidents.history(incident_id)
        assert faults(history) == []
        assert history[-1].actor == "person:ada"
        assert {owed.id for owed in terminal.stack.incidents.owed(incident_id)} <= {"anchor-000001"}  # of `lies`, which told nobody
    assert new.due
    assert new_id in str(terminal.messages(Queue.ANALYSIS))


def test_what_opened_it_stays(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    lies(terminal, ONE, "fp-own", "fp-other")
    assert terminal.run("split", ONE, key("fp-own")[:8], "--as", "ada") == 2
    assert "which opened it, stay" in capsys.readouterr().err
    assert terminal.run("split", ONE, "zzz", "--as", "ada") == 1
    assert alerts(terminal, ONE) == ["fp-other"] * 2 + ["fp-own"] * 2


def test_merge_lets_one_go_on_in_the_other(terminal: Terminal) -> None:
    lies(terminal, ONE, "fp-a", alerts=45)
    lies(terminal, TWO, "fp-b")
    assert terminal.run("merge", ONE, TWO, "--as", "ada") == 0
    assert alerts(terminal, ONE) == []
    assert alerts(terminal, TWO) == ["fp-a"] * 45 + ["fp-b"] * 2
    giver, taker = loaded(terminal, ONE), loaded(terminal, TWO)
    assert (giver.status, giver.firing) == (Status.RESOLVED, ())
    assert (taker.status, taker.firing, taker.alert_count) == (Status.OPEN, ("fp-b", "fp-a"), 47)
    assert terminal.stack.incidents.episode("fp-a").open_incident == TWO
    for incident_id in (ONE, TWO):
        assert faults(terminal.stack.incidents.history(incident_id)) == []
        assert terminal.stack.incidents.history(incident_id)[-1].kind == "incident.merged"


class Killed(BaseException):
    """The terminal is closed."""


def test_a_merge_that_was_cut_short_is_finished_by_the_same_command(terminal: Terminal) -> None:
    lies(terminal, ONE, "fp-a", alerts=45)
    lies(terminal, TWO, "fp-b")
    incidents, real = terminal.stack.incidents, terminal.stack.incidents.write
    writes: list[Any] = []

    def write(*changes: Any) -> None:
        if len(writes) == 2:
            raise Killed
        writes.append(changes)
        real(*changes)

    incidents.write = write  # type: ignore[method-assign]  # dies at its third write
    with pytest.raises(Killed):
        terminal.run("merge", ONE, TWO, "--as", "ada")
    assert sorted(alerts(terminal, ONE) + alerts(terminal, TWO)) == ["fp-a"] * 45 + ["fp-b"] * 2
    incidents.write = real  # type: ignore[method-assign]
    assert terminal.run("merge", ONE, TWO, "--as", "ada") == 0
    assert alerts(terminal, ONE) == []
    assert loaded(terminal, TWO).alert_count == 47


def test_what_has_ended_is_not_merged(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    lies(terminal, ONE, "fp-a")
    over = lies(terminal, TWO, "fp-b")
    terminal.stack.incidents.write(change(over, [], NIGHT, status=Status.RESOLVED, quiet=True))
    assert terminal.run("merge", ONE, TWO, "--as", "ada") == 2
    assert "only incidents that go on can be merged" in capsys.readouterr().err


def muted(terminal: Terminal, *arguments: str) -> str:
    """The id of a new mute."""
    assert terminal.run("mute", *arguments, "--why", "we know", "--as", "ada") == 0
    return terminal.out.split("Muted as ")[1].split(" ")[0]


def test_a_mute_is_set_listed_and_taken_back(terminal: Terminal) -> None:
    mute_id = muted(terminal, "--service", "checkout", "--tag", "tier=db", "--severity", "sev4", "--for", "2h")
    (mute,) = terminal.stack.mutes.all(terminal.at)
    assert (mute.scope.services, mute.scope.tags, mute.by, mute.reason) == (("checkout",), {"tier": "db"}, "ada", "we know")
    assert mute.until == terminal.at + timedelta(hours=2)
    assert terminal.run("mutes") == 0
    assert all(word in terminal.out for word in (mute_id, "services checkout", "tags tier=db", "severities sev4", "2h", "we know"))
    assert terminal.run("unmute", mute_id) == 0
    assert terminal.stack.mutes.all(terminal.at) == []
    assert terminal.run("unmute", mute_id) == 1
    assert terminal.run("mutes") == 0
    assert "Nothing is muted" in terminal.out


def test_a_mute_that_is_over_is_none(terminal: Terminal) -> None:
    muted(terminal, "--alarm", "checkout-*", "--for", "30m")
    assert terminal.stack.mutes.all(terminal.at + timedelta(minutes=30)) == []


def test_an_incident_is_muted_by_what_fires_in_it(terminal: Terminal) -> None:
    lies(terminal, ONE, "fp-own", "fp-other")
    muted(terminal, ONE, "--for", "1d")
    (mute,) = terminal.stack.mutes.all(terminal.at)
    assert mute.scope.fingerprints == ("fp-own", "fp-other")


def test_what_a_mute_kept_quiet_is_looked_at_when_it_is_taken_back(terminal: Terminal) -> None:
    mute_id = muted(terminal, "--service", "checkout", "--for", "2h")
    later = terminal.at + timedelta(hours=2)
    for name, by in (("fp-a", f"mute/{mute_id}"), ("fp-b", "window/nightly")):
        terminal.stack.incidents.put_episode(Episode(fingerprint=name, revision=1, suppressed_by=by, suppressed_until=later))
    assert terminal.run("unmute", mute_id) == 0
    assert "1 that it kept quiet" in terminal.out
    assert [episode.fingerprint for episode in terminal.stack.incidents.waking_before(terminal.at, 9)] == ["fp-a"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("--for", "2h"), "a mute names what it mutes", id="nothing named"),
        pytest.param(("--service", "x", "--for", "2 hours"), "30m, 2h or 3d", id="no time"),
        pytest.param(("--service", "x", "--for", "100d"), "at most 90d", id="too long"),
        pytest.param(("--service", "x", "--for", "1h", "--severity", "bad"), "invalid Severity", id="no severity"),
    ],
)
def test_what_is_no_mute_says_why(terminal: Terminal, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    try:
        code = terminal.run("mute", *arguments, "--why", "x", "--as", "ada")
    except SystemExit as left:
        code = int(left.code or 0)
    assert code == 2
    assert said in capsys.readouterr().err
    assert terminal.stack.mutes.all(terminal.at) == []
