"""What a step has been told to suffer, and what becomes of it then."""

import time

from local.ssm.mishaps import How, Mishap
from tests.unit.local.pretended import Operation, Run, call, runbook

DONE: dict[str, Operation] = {"svc.do_it": lambda **_: {}}


def test_a_slow_step_takes_longer_and_goes_well() -> None:
    began = time.monotonic()
    found = Run(runbook(call("first"), call("second")), DONE, mishaps=(Mishap("first", How.SLOW, seconds=0.05),))
    assert time.monotonic() - began >= 0.05
    assert (found.status, found.steps) == ("Success", [("first", "Success"), ("second", "Success")])
    assert len(found.journal.effects) == 2


def test_a_step_that_is_slower_than_its_time_times_out_before_its_call() -> None:
    found = Run(runbook(call("first", timeoutSeconds=0.02)), DONE, mishaps=(Mishap("first", How.SLOW, seconds=5),))
    assert (found.status, found.journal.calls) == ("TimedOut", ())


def test_a_slow_step_can_be_stopped() -> None:
    began = time.monotonic()
    found = Run(runbook(call("first")), DONE, mishaps=(Mishap("first", How.SLOW, seconds=5),), cancel_after=0.03)
    assert (found.status, found.journal.calls) == ("Cancelled", ())
    assert time.monotonic() - began < 2


def test_a_step_may_be_slow_and_fail() -> None:
    found = Run(runbook(call("first")), DONE, mishaps=(Mishap("first", How.SLOW, seconds=0.01), Mishap("first", How.FAIL, message="no")))
    assert (found.status, found.journal.calls) == ("Failed", ())
    assert found.failure.endswith("no")


def test_it_is_slow_once() -> None:
    found = Run(
        runbook(call("first", maxAttempts=2)), DONE, mishaps=(Mishap("first", How.SLOW, seconds=0.01), Mishap("first", How.FAIL_AFTER))
    )
    assert (found.status, len(found.journal.effects)) == ("Success", 2)
