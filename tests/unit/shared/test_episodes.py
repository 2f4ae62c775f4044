"""The whole truth table of an episode, at night, with a settling time of ten minutes."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.words import NIGHT
from watchkeeper.episodes import Episode, Verdict, judge
from watchkeeper.models import AlertKind

MINUTE = timedelta(minutes=1)
FIRING, RESOLVED, INFO = AlertKind.FIRING, AlertKind.RESOLVED, AlertKind.INFO


def an_episode(open_incident: str = "", resolved_at: datetime | None = None) -> Episode:
    return Episode(fingerprint="fp", revision=3, open_incident=open_incident, last_incident="INC-0", resolved_at=resolved_at)


NEVER_SEEN = Episode(fingerprint="fp")
OPEN, OPEN_AGAIN = an_episode("INC-1"), an_episode("INC-1", NIGHT - MINUTE)
JUST_RESOLVED, LONG_RESOLVED = an_episode(resolved_at=NIGHT - MINUTE), an_episode(resolved_at=NIGHT - 60 * MINUTE)
ON_THE_EDGE, RESOLVED_NOW, RESOLVED_LATER = (an_episode(resolved_at=NIGHT + n * MINUTE) for n in (-10, 0, 1))


@pytest.mark.parametrize(
    ("kind", "episode", "verdict"),
    [
        pytest.param(FIRING, NEVER_SEEN, Verdict.OPEN, id="first of its kind"),
        pytest.param(FIRING, OPEN, Verdict.JOIN, id="one more of the same"),
        pytest.param(FIRING, OPEN_AGAIN, Verdict.JOIN, id="one more after it was reopened"),
        pytest.param(FIRING, JUST_RESOLVED, Verdict.REOPEN, id="back within the settling time"),
        pytest.param(FIRING, ON_THE_EDGE, Verdict.OPEN, id="back when the settling time is just over"),
        pytest.param(FIRING, LONG_RESOLVED, Verdict.OPEN, id="back after an hour"),
        pytest.param(FIRING, RESOLVED_NOW, Verdict.IGNORE, id="as old as the resolution"),
        pytest.param(FIRING, RESOLVED_LATER, Verdict.IGNORE, id="delivered late"),
        pytest.param(RESOLVED, OPEN, Verdict.RESOLVE, id="over"),
        pytest.param(RESOLVED, OPEN_AGAIN, Verdict.RESOLVE, id="over once more"),
        pytest.param(RESOLVED, NEVER_SEEN, Verdict.IGNORE, id="resolved before it fired"),
        pytest.param(RESOLVED, JUST_RESOLVED, Verdict.IGNORE, id="resolved twice"),
        pytest.param(RESOLVED, RESOLVED_NOW, Verdict.IGNORE, id="the same resolution delivered again"),
        pytest.param(INFO, OPEN, Verdict.JOIN, id="more about what is open"),
        pytest.param(INFO, NEVER_SEEN, Verdict.IGNORE, id="information opens nothing"),
        pytest.param(INFO, JUST_RESOLVED, Verdict.IGNORE, id="information reopens nothing"),
    ],
)
def test_an_alert_opens_joins_or_closes(kind: AlertKind, episode: Episode, verdict: Verdict) -> None:
    assert judge(kind, NIGHT, episode, settle=10 * MINUTE) is verdict
