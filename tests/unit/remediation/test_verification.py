"""Did it help? The truth table of the alarm's word, around an action that began at 3:00 and ended at 3:01."""

from datetime import timedelta

import pytest

from remediation.ports import AlarmSaid
from remediation.verification import Finding, Proof, deadline, verify
from tests.fakes.words import NIGHT, an_incident
from watchkeeper.models import Execution, ExecutionStatus

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
BEGAN, ENDED = NIGHT, NIGHT + MINUTE
RAN = Execution(
    id="e", incident_id="i", plan_id="p", status=ExecutionStatus.SUCCEEDED, document="d", claimed_at=BEGAN, started_at=BEGAN, ended_at=ENDED
)


def ok(since_minutes: float, period: int = 60) -> AlarmSaid:
    return AlarmSaid(state="OK", since=NIGHT + since_minutes * MINUTE, period_seconds=period)


ALARM = AlarmSaid(state="ALARM", since=NIGHT - MINUTE)


@pytest.mark.parametrize(
    ("said", "periods", "minutes", "finding"),
    [
        pytest.param(ok(2), 1, 3, Finding.PASSED, id="OK after it, and held"),
        pytest.param(ok(2), 1, 2.9, Finding.WAIT, id="OK after it, not held yet"),
        pytest.param(ok(2), 3, 4, Finding.WAIT, id="more periods are asked for"),
        pytest.param(ok(2), 3, 5, Finding.PASSED, id="and were held"),
        pytest.param(ok(0.5), 1, 1.9, Finding.WAIT, id="OK while it ran holds from its end"),
        pytest.param(ok(0.5), 1, 2, Finding.PASSED, id="OK while it ran counts once held"),
        pytest.param(ok(0), 1, 2, Finding.PASSED, id="OK in the moment that it began"),
        pytest.param(ok(-0.1), 1, 1.5, Finding.WAIT, id="OK before it began, not held yet"),
        pytest.param(ok(-0.1), 1, 2, Finding.SUBSIDED, id="OK before it began proves nothing, and it is over"),
        pytest.param(ok(5.9), 1, 6.5, Finding.WAIT, id="OK at the last moment is waited out"),
        pytest.param(ALARM, 1, 5.9, Finding.WAIT, id="still firing, within the time"),
        pytest.param(ALARM, 1, 6, Finding.FAILED, id="still firing at the deadline"),
        pytest.param(AlarmSaid(state="INSUFFICIENT_DATA", since=ENDED), 1, 6, Finding.FAILED, id="no data is no proof"),
        pytest.param(None, 1, 2, Finding.FAILED, id="the alarm is gone"),
    ],
)
def test_what_the_alarm_says(said: AlarmSaid | None, periods: int, minutes: float, finding: Finding) -> None:
    found = verify(an_incident(), RAN, said, Proof(periods), NIGHT + minutes * MINUTE)
    assert found.finding is finding
    assert found.why


@pytest.mark.parametrize(
    ("firing", "minutes", "finding"),
    [
        pytest.param((), 3, Finding.PASSED, id="nothing else"),
        pytest.param(("fp-cpu",), 3, Finding.PASSED, id="its own, whose OK has not come by yet"),
        pytest.param(("fp-cpu", "fp-latency"), 3, Finding.WAIT, id="another may clear a little later"),
        pytest.param(("fp-latency",), 6, Finding.FAILED, id="another still fires when the time is up"),
    ],
)
def test_an_incident_is_not_over_while_another_alarm_of_it_fires(firing: tuple[str, ...], minutes: float, finding: Finding) -> None:
    found = verify(an_incident(firing=firing), RAN, ok(2), Proof(1), NIGHT + minutes * MINUTE)
    assert found.finding is finding
    assert ("still fire" in found.why) is (finding is not Finding.PASSED)


@pytest.mark.parametrize(
    ("cleared", "minutes", "finding"),
    [
        pytest.param(None, 5.9, Finding.WAIT, id="nothing said"),
        pytest.param(None, 6, Finding.FAILED, id="nothing said in time"),
        pytest.param(1.5, 2, Finding.PASSED, id="over after it began"),
        pytest.param(-1, 2, Finding.SUBSIDED, id="over before it began"),
    ],
)
def test_an_incident_without_an_alarm_is_judged_by_its_source(cleared: float | None, minutes: float, finding: Finding) -> None:
    incident = an_incident(alarm_name="", source="generic", cleared_at=None if cleared is None else NIGHT + cleared * MINUTE)
    assert verify(incident, RAN, None, Proof(1), NIGHT + minutes * MINUTE).finding is finding


def test_the_deadline_grows_with_the_alarm() -> None:
    assert deadline(ENDED, ALARM, Proof(1)) == ENDED + 5 * MINUTE
    slow = AlarmSaid(state="ALARM", since=NIGHT, period_seconds=300, evaluation_periods=3)
    assert deadline(ENDED, slow, Proof(2)) == ENDED + 50 * MINUTE
