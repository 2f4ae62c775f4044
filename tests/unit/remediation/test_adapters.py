"""The adapters over AWS as moto plays it, and over the strict SSM client: found, absent, and not allowed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from remediation.alarms import CloudWatchAlarms
from remediation.automation import OUTCOMES, SsmAutomation, alarms_that_stop
from remediation.inventory import AwsInventory, eyes
from remediation.ports import Outcome
from remediation.wiring import account_of
from tests.fakes.automation import StrictSsm, refused, text_of
from tests.fakes.memory import TickingClock
from watchkeeper.actions import catalogue
from watchkeeper.errors import Misconfigured, NotAllowed, NotYet, Permanent
from watchkeeper.models import Resource

TAGGED = [{"Key": "AutoRemediate", "Value": "true"}]


def client(service: str) -> Any:
    return boto3.client(service, region_name="eu-west-1")


@pytest.fixture
def inventory(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsInventory]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield AwsInventory(client)


def test_every_action_of_the_catalogue_has_eyes_for_its_target() -> None:
    assert {action.target_type for action in catalogue().values()} <= set(eyes())


def test_an_instance_is_seen_with_its_tags_and_state(inventory: AwsInventory) -> None:
    made = client("ec2").run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": TAGGED}]
    )["Instances"][0]
    seen = inventory.see(Resource(type="ec2:instance", id=made["InstanceId"]))
    assert (seen.exists, seen.account, seen.region) == (True, "123456789012", "eu-west-1")
    assert (seen.tags, seen.state["state"]) == ({"AutoRemediate": "true"}, "running")
    assert seen.state_hash == inventory.see(Resource(type="ec2:instance", id=made["InstanceId"])).state_hash
    client("ec2").stop_instances(InstanceIds=[made["InstanceId"]])
    assert inventory.see(Resource(type="ec2:instance", id=made["InstanceId"])).state_hash != seen.state_hash


def test_a_service_is_seen_with_its_deployment_as_part_of_its_state(inventory: AwsInventory) -> None:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(family="front", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}])
    ecs.create_service(
        cluster="shop", serviceName="storefront", taskDefinition="front", desiredCount=1, tags=[{"key": "AutoRemediate", "value": "true"}]
    )
    target = Resource(type="ecs:service", id="shop/storefront")
    seen = inventory.see(target)
    assert (seen.exists, seen.account, seen.tags, seen.state["status"]) == (True, "123456789012", {"AutoRemediate": "true"}, "ACTIVE")
    assert seen.state["deployment"]
    ecs.update_service(cluster="shop", service="storefront", desiredCount=2)
    assert inventory.see(target).state_hash != seen.state_hash


@pytest.mark.parametrize(
    ("kind", "name"), [("ec2:instance", "i-0123456789abcdef0"), ("ecs:service", "none/storefront"), ("ecs:service", "shop/none")]
)
def test_what_is_not_there_is_absent_and_no_fault(inventory: AwsInventory, kind: str, name: str) -> None:
    client("ecs").create_cluster(clusterName="shop")
    seen = inventory.see(Resource(type=kind, id=name))
    assert (seen.exists, seen.unseen) == (False, "")


def test_a_type_without_eyes_is_unseen(inventory: AwsInventory) -> None:
    assert inventory.see(Resource(type="moon:base", id="one")).unseen == "there is no inventory of moon:base"


class Denied:
    """A client that may do nothing."""

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def deny(**_: Any) -> Any:
            raise refused(operation, "UnauthorizedOperation", 403)

        return deny


@pytest.mark.parametrize(
    ("ask", "permission"),
    [
        (lambda: AwsInventory(lambda _: Denied()).see(Resource(type="ec2:instance", id="i-1")), "ec2:DescribeInstances on i-1"),
        (lambda: AwsInventory(lambda _: Denied()).see(Resource(type="ecs:service", id="a/b")), "ecs:DescribeServices on a/b"),
        (lambda: CloudWatchAlarms(Denied()).said("cpu"), "cloudwatch:DescribeAlarms on cpu"),
        (lambda: SsmAutomation(Denied(), "w", "r").find("e"), "ssm:DescribeAutomationExecutions on watchkeeper-e"),
        (lambda: SsmAutomation(Denied(), "w", "r").describe("x"), "ssm:DescribeDocument on w-x"),
        (lambda: SsmAutomation(Denied(), "w", "r").observe("a"), "ssm:GetAutomationExecution on a"),
        (
            lambda: SsmAutomation(Denied(), "w", "r").start("e", "i", "x", {}),
            "ssm:StartAutomationExecution on w-x with iam:PassRole of r-x",
        ),
    ],
)
def test_every_call_names_the_permission_that_is_missing(ask: Callable[[], object], permission: str) -> None:
    with pytest.raises(NotAllowed, match=f"^not allowed: {permission}$"):
        ask()


def test_an_alarm_says_its_state_since_when_and_its_period(inventory: AwsInventory) -> None:
    watch = client("cloudwatch")
    plain = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 3, "Threshold": 80.0}
    watch.put_metric_alarm(AlarmName="cpu", MetricName="CPUUtilization", Namespace="AWS/EC2", Period=300, Statistic="Average", **plain)
    stat = {"Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization"}, "Period": 120, "Stat": "Average"}
    watch.put_metric_alarm(AlarmName="math", Metrics=[{"Id": "m", "MetricStat": stat, "ReturnData": True}], **plain)
    watch.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="test")
    said = CloudWatchAlarms(watch).said("cpu")
    assert said
    assert (said.state, said.period_seconds, said.evaluation_periods) == ("OK", 300, 3)
    assert said.since.tzinfo
    math = CloudWatchAlarms(watch).said("math")
    assert math
    assert math.period_seconds == 120
    assert CloudWatchAlarms(watch).said("none") is None


def test_the_moment_of_the_transition_counts_where_it_is_told() -> None:
    early, late = datetime(2026, 11, 20, 3, tzinfo=UTC), datetime(2026, 11, 20, 4, tzinfo=UTC)

    class Client:
        def describe_alarms(self, **_: object) -> dict[str, object]:
            state = {"StateValue": "OK", "StateUpdatedTimestamp": late, "StateTransitionedTimestamp": early}
            return {"MetricAlarms": [], "CompositeAlarms": [state]}

    said = CloudWatchAlarms(Client()).said("both")
    assert said
    assert (said.since, said.period_seconds, said.evaluation_periods) == (early, 60, 1)


def test_every_final_status_of_ssm_is_known() -> None:
    """Against botocore's own list: what is not final here is taken for running and ends by its time."""
    running = {
        "Pending", "InProgress", "Waiting", "Cancelling", "PendingApproval", "Approved", "Scheduled", "RunbookInProgress",
        "PendingChangeCalendarOverride", "ChangeCalendarOverrideApproved",
    }  # fmt: skip
    known = boto3.client("ssm", region_name="eu-west-1").meta.service_model.shape_for("AutomationExecutionStatus").enum
    assert set(known) == running | set(OUTCOMES)


TOKEN = "6f2b1f0e-5d0a-5c0e-9a43-77617463686b"
INSTANCE = {"InstanceId": ["i-0123456789abcdef0"]}
RUNBOOK = "watchkeeper-ec2-restart"


def an_automation(ssm: StrictSsm) -> SsmAutomation:
    return SsmAutomation(ssm, "watchkeeper", "arn:aws:iam::123456789012:role/watchkeeper-runbook", clock=TickingClock())


def test_an_automation_that_ssm_does_not_know_is_none_and_one_that_runs_is_running() -> None:
    ssm = StrictSsm(TickingClock())
    automation = an_automation(ssm)
    assert automation.observe("0" * 36) is None
    started = automation.start(TOKEN, "INC-1", "ec2-restart", INSTANCE)
    again = automation.start(TOKEN, "INC-1", "ec2-restart", INSTANCE)
    found, seen = automation.find(TOKEN), automation.observe(started.automation_id)
    assert seen
    assert found == again
    assert (again.automation_id, seen.outcome, len(ssm.started)) == (started.automation_id, Outcome.RUNNING, 1)


def test_the_call_that_started_it_is_known_by_its_id_and_only_that_one() -> None:
    ssm = StrictSsm(TickingClock())
    automation = an_automation(ssm)
    first, second = (automation.start(TOKEN, "INC-1", "ec2-restart", INSTANCE) for _ in range(2))
    assert first.request_id == f"request-{first.automation_id}"
    assert second.request_id == ""


def test_a_start_says_which_version_and_one_target_at_a_time() -> None:
    """StrictSsm refuses a start without MaxConcurrency 1 and MaxErrors 0."""
    ssm = StrictSsm(TickingClock(), versions={RUNBOOK: 3})
    started = an_automation(ssm).start(TOKEN, "INC-1", "ec2-restart", INSTANCE, version="2")
    assert ssm.started[started.automation_id]["DocumentVersion"] == "2"
    assert ssm.started[started.automation_id]["AlarmConfiguration"] == {}


def test_a_version_that_is_not_there_starts_nothing() -> None:
    ssm = StrictSsm(TickingClock())
    with pytest.raises(Permanent, match="AutomationDefinitionVersionNotFoundException"):
        an_automation(ssm).start(TOKEN, "INC-1", "ec2-restart", INSTANCE, version="7")
    assert not ssm.started


def test_the_ordered_alarm_stops_the_runbook_and_so_does_not_knowing_it() -> None:
    ssm = StrictSsm(TickingClock())
    started = an_automation(ssm).start(TOKEN, "INC-1", "ec2-restart", INSTANCE, stop_alarms=("shop-is-down", "shop-is-down"))
    watched = {"IgnorePollAlarmFailure": False, "Alarms": [{"Name": "shop-is-down"}]}
    assert ssm.started[started.automation_id]["AlarmConfiguration"] == watched


def test_two_alarms_are_refused_because_ssm_watches_one() -> None:
    """One of the two left out in silence would be a runbook that nothing stops."""
    ssm = StrictSsm(TickingClock())
    with pytest.raises(Misconfigured, match="composite alarm"):
        an_automation(ssm).start(TOKEN, "INC-1", "ec2-restart", INSTANCE, stop_alarms=("a", "b"))
    assert not ssm.started
    assert ssm_takes_alarms() == 1


def ssm_takes_alarms() -> int:
    most: int = boto3.client("ssm", region_name="eu-west-1").meta.service_model.shape_for("AlarmList").metadata["max"]
    return most


@pytest.mark.parametrize(
    ("ordered", "firing", "state", "stops"),
    [
        pytest.param(("orders",), "cpu", "ALARM", ("orders",), id="the order's own"),
        pytest.param(("orders",), "cpu", "OK", ("orders",), id="the order's own, and no other beside it"),
        pytest.param((), "cpu", "ALARM", (), id="one that fires would stop what is to end it"),
        pytest.param((), "cpu", "INSUFFICIENT_DATA", (), id="one that does not know"),
        pytest.param((), "cpu", "OK", ("cpu",), id="one that is OK again"),
        pytest.param((), "", "OK", (), id="no alarm at all"),
    ],
)
def test_which_alarm_stops_a_runbook(ordered: tuple[str, ...], firing: str, state: str, stops: tuple[str, ...]) -> None:
    assert alarms_that_stop(ordered, firing, state) == stops


def test_a_runbook_is_described_by_its_version_and_hash_and_another_version_is_another_hash() -> None:
    ssm = StrictSsm(TickingClock())
    before = an_automation(ssm).describe("ec2-restart")
    assert (before.document, before.version, len(before.hash), before.command) == (RUNBOOK, "1", 64, "")
    ssm.versions[RUNBOOK] = 2
    after = an_automation(ssm).describe("ec2-restart")
    assert (after.version, after.hash != before.hash) == ("2", True)


def test_a_command_is_described_beside_its_runbook() -> None:
    """Whichever action sends one; the hash is what the runbook hands on to SendCommand."""
    ssm = StrictSsm(TickingClock())
    for action in catalogue().values():
        if action.command and text_of(f"watchkeeper-{action.command}"):
            pinned = an_automation(ssm).describe(action.name, action.command)
            assert (pinned.command, pinned.command_version, len(pinned.command_hash)) == (f"watchkeeper-{action.command}", "1", 64)


@pytest.mark.parametrize(("status", "error"), [("Creating", NotYet), ("Updating", NotYet), ("Deleting", Permanent), ("Failed", Permanent)])
def test_only_a_document_that_is_active_is_described(status: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=status):
        an_automation(StrictSsm(TickingClock(), statuses={RUNBOOK: status})).describe("ec2-restart")


def test_a_document_that_is_not_there_is_named() -> None:
    with pytest.raises(Permanent, match="ssm:DescribeDocument on watchkeeper-moonshot"):
        an_automation(StrictSsm(TickingClock())).describe("moonshot")


def test_a_step_says_when_it_began_and_ended_in_words_that_an_audit_record_holds() -> None:
    ssm = StrictSsm(TickingClock())
    started = an_automation(ssm).start(TOKEN, "INC-1", "ec2-restart", INSTANCE)
    ssm.finish("Success", at=datetime(2026, 11, 20, 4, tzinfo=UTC))
    seen = an_automation(ssm).observe(started.automation_id)
    assert seen
    assert seen.steps[0].ended_at == "2026-11-20T04:00:00+00:00"
    assert seen.steps[0].started_at < seen.steps[0].ended_at


def test_the_account_of_an_arn() -> None:
    assert account_of("arn:aws:iam::123456789012:role/watchkeeper-runbook") == "123456789012"
    assert account_of("nonsense") == ""
