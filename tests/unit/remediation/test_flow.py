"""From an analysis to the end, one message at a time: what is done, what is said, and what is not done."""

from datetime import timedelta

import pytest

from remediation.gate import CHECKS
from remediation.ports import Sighting
from tests.fakes.remediation import READY, World, an_analysis, completed
from tests.fakes.words import INSTANCE, NIGHT, an_incident
from watchkeeper.audit import faults
from watchkeeper.change import Cooldown, change
from watchkeeper.errors import BadPayload, NotAllowed, NotYet, Throttled, Transient
from watchkeeper.messages import IncidentChanged, look_again
from watchkeeper.models import Cause, DueKind, ExecutionStatus, Ruling, Status, Verification
from watchkeeper.team import StandingOrders

MINUTE = timedelta(minutes=1)
DENIED = ("AccessDeniedException", 400)


@pytest.fixture
def world() -> World:
    world = World()
    world.opened()
    return world


def verifying(world: World) -> None:
    """Up to the runbook's end, two minutes in."""
    world.plan()
    world.clock.tick(120)
    world.ssm.finish()
    world.look()
    assert world.incident.status is Status.VERIFYING


def test_an_action_with_an_order_runs_is_observed_and_proven(world: World) -> None:
    verifying(world)
    world.alarm_is("OK")
    with pytest.raises(NotYet) as waiting:
        world.look()
    assert waiting.value.retry_after == 60
    world.clock.tick(60)
    world.look()
    assert world.incident.status is Status.RESOLVED
    assert world.kinds[1:] == [
        "plan.made", "action.claimed", "action.started", "action.succeeded", "verification.passed", "incident.resolved",
    ]  # fmt: skip
    assert world.execution.steps[0].name == "restart"
    proof = world.incidents.row(world.incident.id, Verification, world.execution.id)
    assert (proof.passed, proof.alarm_state) == (True, "OK")
    assert world.incident.due is None
    assert faults(world.incidents.history(world.incident.id), world.anchors.of(world.incident.id)) == []


def test_what_is_started_is_our_runbook_with_its_role_its_token_and_its_tag(world: World) -> None:
    world.plan()
    [(automation_id, started)] = world.ssm.started.items()
    assert started["DocumentName"] == "watchkeeper-ec2-restart"
    assert started["Parameters"] == {
        "InstanceId": [INSTANCE.id],
        "AutomationAssumeRole": ["arn:aws:iam::123456789012:role/watchkeeper-runbook-ec2-restart"],
    }
    assert f"watchkeeper-{world.execution.id}" in started["Tags"]
    assert world.ssm.tokens == {world.execution.id}
    assert world.incidents.linked(f"automation/{automation_id}") == world.incident.id
    assert (world.incident.due.kind, world.incident.due.at) == (DueKind.EXECUTION, NIGHT + MINUTE)  # type: ignore[union-attr]  # it is due


def test_the_episode_ends_when_the_alarm_turned_ok_so_that_what_fires_then_is_not_late(world: World) -> None:
    verifying(world)
    since = world.clock()
    world.alarm_is("OK")
    world.clock.tick(90)
    world.look()
    episode = world.incidents.episode(world.incident.fingerprint)
    assert (episode.open_incident, episode.last_incident, episode.resolved_at) == ("", world.incident.id, since)


def test_an_alarm_that_stays_in_alarm_goes_to_a_person_with_the_story(world: World) -> None:
    verifying(world)
    world.look()
    assert "verification.failed" not in world.kinds
    world.clock.tick(301)
    world.look()
    assert world.incident.status is Status.ESCALATED
    assert world.kinds[-2:] == ["verification.failed", "incident.escalated"]
    assert world.last_words == (
        "ec2-restart on i-0123456789abcdef0 ran to its end and did not prove to help. The alarm checkout-cpu-high still says ALARM. "
        "It is not taken back: a reboot cannot be taken back; what ran in memory is gone. A person has to look."
    )


def test_an_alarm_that_is_gone_proves_nothing(world: World) -> None:
    verifying(world)
    world.alarms.now = None
    world.look()
    assert world.incident.status is Status.ESCALATED
    assert "no longer exists" in world.last_words


def test_an_alarm_that_was_ok_before_the_action_resolves_without_proof(world: World) -> None:
    verifying(world)
    world.alarm_is("OK", NIGHT - MINUTE)
    world.clock.tick(61)
    world.look()
    assert world.incident.status is Status.RESOLVED
    assert world.kinds[-2:] == ["verification.failed", "incident.resolved"]
    assert "it cleared by itself" in world.last_words


def test_a_runbook_that_fails_goes_to_a_person_with_its_steps(world: World) -> None:
    world.plan()
    world.ssm.finish("Failed")
    world.look()
    assert (world.incident.status, world.execution.status) == (Status.ESCALATED, ExecutionStatus.FAILED)
    assert world.execution.steps[0].message == "it would not"


def test_a_runbook_that_takes_too_long_is_unknown_and_a_persons(world: World) -> None:
    world.plan()
    world.clock.tick(600)
    world.look()
    assert world.incident.status is Status.REMEDIATING
    world.clock.tick(1)
    world.look()
    assert (world.incident.status, world.execution.status) == (Status.ESCALATED, ExecutionStatus.UNKNOWN)
    assert "SSM says InProgress" in world.last_words


def test_a_look_that_came_too_early_is_put_off_and_tells_nobody(world: World) -> None:
    world.plan()
    told = len(world.outbox.take(IncidentChanged))
    world.clock.tick(61)
    world.look()
    assert world.incident.due.at == world.clock() + MINUTE  # type: ignore[union-attr]  # it is due
    version = world.incident.version
    world.look()
    assert (world.incident.version, len(world.outbox.take(IncidentChanged))) == (version, told)


def test_no_order_means_no_action_and_every_reason_is_kept(world: World) -> None:
    world.orders = StandingOrders(orders=())
    world.switch.why = "thrown by ada: storm"
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert world.the_plan.verdict.ruling is Ruling.REFUSE
    assert len(world.the_plan.verdict.reasons) == len(CHECKS)
    assert "thrown by ada: storm" in world.last_words
    assert "No standing order names ec2-restart" in world.last_words


@pytest.mark.parametrize(
    ("analysis", "says"),
    [
        (an_analysis(proposed=(), cause=Cause.UNKNOWN), "Nothing was done: no cause was found. A person has to look."),
        (an_analysis(proposed=()), "Nothing was done: the cause looks like cpu_saturation, for which no action was proposed."),
        (an_analysis(proposed=({"action": "format-disk"},)), "Nothing was done: format-disk is refused."),
    ],
)
def test_nothing_to_do_is_said_clearly(analysis: object, says: str) -> None:
    world = World()
    world.opened(analysis)  # type: ignore[arg-type]  # it is an Analysis
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert world.last_words.startswith(says)


def test_a_target_that_rests_is_left_alone(world: World) -> None:
    other = an_incident(id="INC-OTHER", version=0)
    rest = Cooldown("ec2-restart", f"ec2:instance/{INSTANCE.id}", until=NIGHT + MINUTE, taken_at=NIGHT)
    world.incidents.write(change(other, [], NIGHT, cooldown=rest))
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert "must leave this target alone until 2026-11-20 03:01:00 UTC" in world.last_words


def test_a_second_delivery_changes_nothing(world: World) -> None:
    world.plan()
    before = world.incident
    world.handle(completed(), completed())
    assert (world.incident, world.runs) == (before, 1)


def test_an_analysis_that_counts_no_longer_is_left_alone(world: World) -> None:
    world.handle(completed("ANA-OLD"))
    assert (world.incident.status, world.runs) == (Status.INVESTIGATING, 0)


def test_an_incident_that_is_not_there_yet_comes_back(world: World) -> None:
    with pytest.raises(NotYet):
        world.handle(look_again("INC-NONE", "g", "test", NIGHT))


def test_a_message_of_another_stage_is_refused_by_name(world: World) -> None:
    with pytest.raises(BadPayload, match="no use for incident_changed"):
        world.handle(IncidentChanged(incident_id=world.incident.id, version=1))


def test_what_an_earlier_worker_owed_is_paid_first(world: World) -> None:
    world.incidents.write(change(world.incident, [], NIGHT))
    owed = IncidentChanged(incident_id=world.incident.id, version=2)
    assert owed not in world.outbox.sent
    world.look()
    assert owed in world.outbox.sent
    assert world.incidents.owed(world.incident.id) == []


# Between the claim and the start ------------------------------------------------------------------------------------


class Meddler:
    """A look at the target that lets something happen right after the first `when` looks."""

    def __init__(self, world: World, when: int, happens: object) -> None:
        self.world, self.when, self.happens, self.looks = world, when, happens, 0

    def see(self, target: object) -> Sighting:
        self.looks += 1
        if self.looks == self.when:
            self.happens(self.world)  # type: ignore[operator]  # a function of the world
        return READY if self.looks < 2 or self.happens is not drift else READY.but(state={"state": "running", "launch_time": "later"})


def drift(world: World) -> None:
    """The Meddler itself shows the new state."""


def throw(world: World) -> None:
    world.switch.why = "thrown by ada: storm"


def clear(world: World) -> None:
    world.change(cleared_at=world.clock())


def test_a_switch_thrown_after_the_claim_stops_the_start(world: World) -> None:
    world.inventory = Meddler(world, 2, throw)
    world.plan()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.ESCALATED, ExecutionStatus.FAILED, 0)
    assert "not started: the kill switch: thrown by ada: storm" in world.last_words


def test_a_target_that_changes_after_the_claim_is_asked_about_and_may_run_once_agreed(world: World) -> None:
    world.inventory = Meddler(world, 2, drift)
    world.plan()
    assert (world.incident.status, world.runs) == (Status.AWAITING_APPROVAL, 0)
    assert "changed between the plan and the start" in world.last_words
    assert world.execution.status is ExecutionStatus.FAILED
    first = world.execution.id
    world.handle(world.answer())
    assert (world.incident.status, world.runs) == (Status.REMEDIATING, 1)
    assert world.execution.id != first


def test_an_alarm_that_clears_after_the_plan_leaves_nothing_to_do(world: World) -> None:
    clear(world)
    world.plan()
    assert (world.incident.status, world.runs) == (Status.RESOLVED, 0)


def test_an_alarm_that_clears_between_claim_and_start_leaves_nothing_to_do(world: World) -> None:
    """A quiet hand-over in the middle: reception raised the version, and the claim is still in this worker's hand."""
    world.inventory = Meddler(world, 1, clear_later)
    world.plan()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.RESOLVED, ExecutionStatus.FAILED, 0)
    assert world.kinds[-3:] == ["action.claimed", "action.failed", "incident.resolved"]


def clear_later(world: World) -> None:
    """With the first read of the incident after the claim."""
    real = world.incidents.load

    def load(incident_id: str) -> object:
        if real(incident_id).status is Status.REMEDIATING:
            world.incidents.load = real
            clear(world)
        return real(incident_id)

    world.incidents.load = load


def test_a_worker_who_took_over_says_nothing_it_cannot_prove(world: World) -> None:
    """It gives SSM's list the time to show what the dead worker may have started, and then it is a person's."""
    world.ssm.fault = {"DescribeAutomationExecutions": ("InternalServerError", 500)}
    with pytest.raises(Transient):
        world.plan()
    world.ssm.fault = {}
    clear(world)
    with pytest.raises(NotYet) as showing:
        world.look()
    assert showing.value.retry_after == 30
    world.clock.tick(30)
    world.look()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.ESCALATED, ExecutionStatus.UNKNOWN, 0)
    assert "nothing shows whether it was started" in world.last_words


def test_a_claim_that_is_too_old_is_never_started(world: World) -> None:
    world.ssm.fault = {"DescribeAutomationExecutions": ("InternalServerError", 500)}
    with pytest.raises(Transient):
        world.plan()
    world.ssm.fault = {}
    world.clock.tick(601)
    world.look()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.ESCALATED, ExecutionStatus.UNKNOWN, 0)


def test_a_worker_whose_claim_was_taken_over_does_not_say_that_nothing_was_started(world: World) -> None:
    """The other one started it and died before it could write that down; then this one finds the target changed."""
    real = world.ssm.start_automation_execution

    def lost(**request: object) -> None:
        real(**request)
        raise ConnectionAbortedError

    def another(world: World) -> None:
        world.ssm.start_automation_execution = lost
        with pytest.raises(ConnectionAbortedError):
            world.handle(look_again(world.incident.id, INSTANCE.arn, "another", NIGHT))
        world.ssm.start_automation_execution = real

    world.inventory = Taken(world, another)
    world.plan()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.REMEDIATING, ExecutionStatus.STARTED, 1)
    assert "action.failed" not in world.kinds


class Taken:
    """The target looks changed from the second look on; in the middle of that look another worker comes by, and sees it unchanged."""

    def __init__(self, world: World, comes_by: object) -> None:
        self.world, self.comes_by, self.looks = world, comes_by, 0

    def see(self, target: object) -> Sighting:
        self.looks += 1
        if self.looks == 2:
            self.comes_by(self.world)  # type: ignore[operator]  # a function of the world
            return READY.but(state={"state": "running", "launch_time": "later"})
        return READY


def test_a_claim_gives_the_target_its_rest(world: World) -> None:
    world.plan()
    assert world.incidents.cooling("ec2-restart", f"ec2:instance/{INSTANCE.id}", NIGHT) == NIGHT + 30 * MINUTE


def test_two_incidents_on_one_target_at_once_are_one_action(world: World) -> None:
    """Both were planned on a target at rest; the second claim loses the race, looks again and finds it resting."""
    real, other = world.incidents.cooling, Cooldown("ec2-restart", f"ec2:instance/{INSTANCE.id}", NIGHT + MINUTE, NIGHT)

    def cooling(*asked: object) -> object:
        world.incidents.cooling = real
        world.incidents.write(change(an_incident(id="INC-OTHER", version=0), [], NIGHT, cooldown=other))
        return None

    world.incidents.cooling = cooling
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert "must leave this target alone" in world.last_words


# What SSM may answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("DescribeAutomationExecutions", "not allowed: ssm:DescribeAutomationExecutions on watchkeeper-"),
        ("StartAutomationExecution", "not allowed: ssm:StartAutomationExecution on watchkeeper-ec2-restart with iam:PassRole of arn:aws"),
    ],
)
def test_a_missing_permission_to_start_is_named_and_not_tried_again(world: World, operation: str, permission: str) -> None:
    world.ssm.fault = {operation: DENIED}
    world.plan()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.ESCALATED, ExecutionStatus.FAILED, 0)
    assert permission in world.last_words
    world.look()
    assert world.kinds.count("action.failed") == 1


def test_a_missing_permission_to_observe_is_named(world: World) -> None:
    world.plan()
    world.ssm.fault = {"GetAutomationExecution": DENIED}
    world.look()
    assert (world.incident.status, world.execution.status) == (Status.ESCALATED, ExecutionStatus.UNKNOWN)
    assert "not allowed: ssm:GetAutomationExecution on " in world.last_words


def test_a_missing_permission_to_see_the_target_is_named(world: World) -> None:
    world.inventory.error = NotAllowed("ec2:DescribeInstances", INSTANCE.id)
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert f"not allowed: ec2:DescribeInstances on {INSTANCE.id}" in world.last_words


def test_a_permission_that_goes_missing_after_the_claim_is_named(world: World) -> None:
    def gone(world: World) -> None:
        raise NotAllowed("ec2:DescribeInstances", INSTANCE.id)

    world.inventory = Meddler(world, 2, gone)
    world.plan()
    assert (world.incident.status, world.execution.status, world.runs) == (Status.ESCALATED, ExecutionStatus.FAILED, 0)
    assert f"not started: not allowed: ec2:DescribeInstances on {INSTANCE.id}" in world.last_words


def test_a_missing_permission_to_ask_the_alarm_is_named(world: World) -> None:
    verifying(world)
    world.alarms.error = NotAllowed("cloudwatch:DescribeAlarms", "checkout-cpu-high")
    world.look()
    assert world.incident.status is Status.ESCALATED
    assert "not allowed: cloudwatch:DescribeAlarms on checkout-cpu-high" in world.last_words


def test_a_runbook_that_is_not_there_is_a_persons(world: World) -> None:
    world.ssm.fault = {"DescribeDocument": ("InvalidDocument", 400)}
    world.plan()
    assert (world.incident.status, world.runs) == (Status.ESCALATED, 0)
    assert "cannot be pinned" in world.last_words


@pytest.mark.parametrize(
    "code", [("ThrottlingException", 400), ("AutomationExecutionLimitExceededException", 400), ("InternalServerError", 500)]
)
@pytest.mark.parametrize("operation", ["DescribeAutomationExecutions", "StartAutomationExecution"])
def test_a_bad_minute_of_ssm_loses_nothing(world: World, operation: str, code: tuple[str, int]) -> None:
    world.ssm.fault = {operation: code}
    for _ in range(3):
        with pytest.raises((Throttled, Transient)):
            world.plan()
    assert world.incident.status is Status.REMEDIATING
    world.ssm.fault = {}
    world.look()
    assert (world.execution.status, world.runs) == (ExecutionStatus.STARTED, 1)


def test_a_start_whose_answer_was_lost_is_found_and_not_repeated(world: World) -> None:
    """SSM started it, the answer did not come, its list lags, and it refuses the token that it knows."""
    real = world.ssm.start_automation_execution

    def lost(**request: object) -> dict[str, object]:
        real(**request)
        raise ConnectionAbortedError

    world.ssm.start_automation_execution = lost
    with pytest.raises(ConnectionAbortedError):
        world.plan()
    world.ssm.start_automation_execution = real
    world.ssm.hidden = 2
    with pytest.raises(NotYet) as lagging:
        world.look()
    assert lagging.value.retry_after == 2
    world.look()
    assert (world.execution.status, world.runs) == (ExecutionStatus.STARTED, 1)
