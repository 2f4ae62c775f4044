"""The alarm that an order names stops a runbook; the one that fired would stop every fix, which is why it is not named (decision 0022)."""

import pytest

from remediation.automation import alarms_that_stop
from tests.actions.hosts import an_instance
from tests.actions.theatre import Theatre


def an_alarm(theatre: Theatre, name: str, state: str) -> str:
    cloudwatch = theatre.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="Own/Stop", MetricName=name, Period=60, EvaluationPeriods=1, Threshold=1, Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")
    return name


def run_under(theatre: Theatre, alarm: str) -> tuple[str, str, int]:
    """How a restart under this alarm ended, why, and how often the host was rebooted."""
    target = an_instance(theatre)
    before = len(theatre.simulator.journal.effects)
    configured = {"IgnorePollAlarmFailure": False, "Alarms": [{"Name": alarm}]}
    execution = theatre.execute("ec2-restart", theatre.plan("ec2-restart", target), AlarmConfiguration=configured)
    return execution.status, execution.failure, len(theatre.simulator.journal.effects) - before


def test_an_alarm_that_fires_stops_it_before_anything_is_done(theatre: Theatre) -> None:
    name = an_alarm(theatre, "front-door-errors", "ALARM")
    assert run_under(theatre, name) == ("Cancelled", f"the alarm {name} is in ALARM", 0)


def test_one_that_is_ok_lets_it_run(theatre: Theatre) -> None:
    assert run_under(theatre, an_alarm(theatre, "front-door-quiet", "OK")) == ("Success", "", 1)


def test_one_that_is_not_there_stops_it(theatre: Theatre) -> None:
    status, why, acts = run_under(theatre, "nobody-has-this")
    assert (status, "nobody-has-this" in why, acts) == ("Cancelled", True, 0)


@pytest.mark.parametrize(
    ("ordered", "state", "passed"),
    [(("front",), "ALARM", ("front",)), ((), "ALARM", ()), ((), "OK", ("fired",)), ((), "", ())],
)
def test_which_alarm_is_passed(ordered: tuple[str, ...], state: str, passed: tuple[str, ...]) -> None:
    assert alarms_that_stop(ordered, "fired", state) == passed
