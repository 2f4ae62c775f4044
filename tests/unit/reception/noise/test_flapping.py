"""The decision table of a hold: when it begins, what makes it longer, when it is over."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reception.noise.flapping import Flap, Flapped, flapping, heard, released, switches
from tests.fakes.words import NIGHT, an_alert
from tests.unit.reception.noise.rules import HOUR, MINUTE
from watchkeeper.episodes import Episode
from watchkeeper.models import AlertKind
from watchkeeper.quiet import Flapping

QUIET = Episode(fingerprint="fp-cpu")
RULE = Flapping(transitions=4, within=10 * MINUTE, quiet_for=5 * MINUTE)


def hear(episode: Episode, kind: str, at: datetime, now: datetime | None = None) -> Flapped:
    after = heard(episode, an_alert(kind=AlertKind(kind), occurred_at=at))
    return flapping(episode, after, now or at, RULE)


def play(said: str, every: timedelta = MINUTE) -> tuple[list[Flap], Episode]:
    """F, R and i, one after the other."""
    kinds = {"F": "firing", "R": "resolved", "i": "info"}
    episode, answers = QUIET, []
    for place, letter in enumerate(said):
        found = hear(episode, kinds[letter], NIGHT + place * every)
        episode = found.episode
        answers.append(found.flap)
    return answers, episode


S, H, D, R = Flap.STEADY, Flap.HOLD, Flap.HELD, Flap.RELEASE


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        pytest.param("F", [S], id="first"),
        pytest.param("FFFFFFFF", [S] * 8, id="repeats are no switches"),
        pytest.param("FRF", [S] * 3, id="three switches are not four"),
        pytest.param("FRFR", [S, S, S, H], id="the fourth within the time holds"),
        pytest.param("FRFRFR", [S, S, S, H, D, D], id="and is told once"),
        pytest.param("FRiiFiR", [S, S, S, S, S, S, H], id="information is no switch and cuts no row"),
        pytest.param("RFRF", [S, S, S, S], id="an OK about nothing is no switch"),
        pytest.param("FRFRRRRRR", [S, S, S, H, D, D, D, D, R], id="five quiet minutes release, though OKs repeat"),
        pytest.param("FRFRFFFFFF", [S, S, S, H, D, D, D, D, D, R], id="firing on is quiet, too"),
    ],
)
def test_the_hold(said: str, answers: list[Flap]) -> None:
    assert play(said)[0] == answers


def test_slow_switches_are_no_flapping() -> None:
    assert set(play("FRFRFRFRFRFR", every=4 * MINUTE)[0]) == {S}


def test_a_switch_makes_the_hold_longer_and_everything_is_counted() -> None:
    _, episode = play("FRFRF")
    assert (episode.held_until, episode.held_count, episode.still_firing) == (NIGHT + 9 * MINUTE, 1, True)
    again = hear(episode, "firing", NIGHT + 5 * MINUTE).episode
    assert (again.held_until, again.held_count) == (NIGHT + 9 * MINUTE, 2)


def test_it_is_said_at_the_beginning_and_at_the_end() -> None:
    _, episode = play("FRF")
    held = hear(episode, "resolved", NIGHT + 3 * MINUTE)
    assert held.says == "It flaps: 4 switches within 10 min. Held until it has been quiet for 5 min."
    fired = hear(held.episode, "firing", NIGHT + 4 * MINUTE).episode
    assert released(fired, NIGHT + 8 * MINUTE, RULE).flap is D
    over = released(fired, NIGHT + 9 * MINUTE, RULE)
    assert (over.flap, over.says) == (R, "Quiet for 5 min and still fires; 1 more alert came while it flapped.")
    assert (over.episode.held_until, over.episode.transitions, over.episode.still_firing) == (None, (), True)
    assert released(over.episode, NIGHT + HOUR, RULE).flap is S


def test_late_news_change_nothing() -> None:
    firing = heard(QUIET, an_alert(occurred_at=NIGHT))
    assert heard(firing, an_alert(kind=AlertKind.RESOLVED, occurred_at=NIGHT - MINUTE)) == firing
    assert heard(firing, an_alert(kind=AlertKind.RESOLVED, occurred_at=NIGHT)).still_firing is False


def test_what_is_delivered_late_holds_from_now_on() -> None:
    _, episode = play("FRF")
    found = hear(episode, "resolved", NIGHT + 3 * MINUTE, now=NIGHT + HOUR)
    assert (found.flap, found.episode.held_until) == (H, NIGHT + HOUR + 5 * MINUTE)


@given(st.text("FRi", max_size=80), st.integers(1, 600))
def test_it_is_held_from_a_hold_to_its_release(said: str, seconds: int) -> None:
    answers, episode = play(said, every=timedelta(seconds=seconds))
    inside = False
    for answer in answers:
        assert (answer in {D, R}) is inside
        inside = answer in {H, D}
    assert (episode.held_until is not None) is inside
    assert len(episode.transitions) <= 20
    assert switches(episode, RULE) <= len(episode.transitions)
