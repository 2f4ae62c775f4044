"""Acting in another account: looked at, started, proven there, each through what this one plan was lent; and nothing of it at home."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from remediation.abroad import Abroad
from remediation.spokes import Session, Spokes
from tests.fakes.automation import StrictSsm, refused
from tests.fakes.remediation import World
from tests.fakes.words import INSTANCE
from watchkeeper.errors import NotYet
from watchkeeper.models import Status

SPOKE, REGION = "222222222222", "eu-central-1"
THERE = INSTANCE.but(account=SPOKE, region=REGION, arn=f"arn:aws:ec2:{REGION}:{SPOKE}:instance/{INSTANCE.id}")
ROLES = "arn:aws:iam::123456789012:role/watchkeeper-runbook"


@dataclass
class Meta:
    region_name: str = REGION


@dataclass
class Account:
    """The spoke: STS that lends, an instance, its alarm, and SSM. `asked` is every AssumeRole; `made` which client with whose key."""

    world: World
    asked: list[dict[str, Any]] = field(default_factory=list)
    made: list[tuple[str, str, str]] = field(default_factory=list)
    denies: bool = False
    state: str = "ALARM"
    meta: Meta = field(default_factory=Meta)

    def __post_init__(self) -> None:
        self.ssm = StrictSsm(self.world.clock)
        self.since = self.world.clock() - timedelta(minutes=3)

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.denies:
            raise refused("AssumeRole", "AccessDenied", 403)
        lent = {"AccessKeyId": f"K{len(self.asked)}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": lent | {"Expiration": self.world.clock() + timedelta(seconds=asked["DurationSeconds"])}}

    def make(self, service: str, region: str, lent: Session) -> Any:
        self.made.append((service, region, lent.key))
        return self.ssm if service == "ssm" else self

    def describe_instances(self, **_: Any) -> dict[str, Any]:
        tags = [{"Key": "AutoRemediate", "Value": "true"}]
        return {"Reservations": [{"OwnerId": SPOKE, "Instances": [{"State": {"Name": "running"}, "Tags": tags, "LaunchTime": self.since}]}]}

    def describe_instance_status(self, **_: Any) -> dict[str, Any]:
        return {"InstanceStatuses": [{"InstanceStatus": {"Status": "ok"}, "SystemStatus": {"Status": "ok"}}]}

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        return {"MetricAlarms": [{"StateValue": self.state, "StateUpdatedTimestamp": self.since, "Period": 60, "EvaluationPeriods": 1}]}


def scene(*, external_id: str = "x" * 48, allowed: frozenset[str] = frozenset({SPOKE})) -> tuple[World, Account]:
    """An incident about an instance of the spoke. At home nothing is to be asked: whoever looks there finds an error."""
    world = World()
    there = Account(world)
    pattern = "arn:aws:iam::{account}:role/watchkeeper-acts-here"
    spokes = Spokes(there, pattern, lambda: external_id, world.clock, allowed, there.make)
    world.abroad = Abroad(spokes, allowed, "eu-west-1", "watchkeeper", ROLES, clock=world.clock)
    world.inventory.error = world.alarms.error = AssertionError("nothing of it is at home")
    world.opened(resources=(THERE,), account=SPOKE, region=REGION)
    return world, there


def test_it_runs_and_is_proven_there_and_nothing_of_it_at_home() -> None:
    world, there = scene()
    world.plan()
    assert (len(world.ssm.started), len(there.ssm.started)) == (0, 1)
    [started] = there.ssm.started.values()
    assert started["Parameters"]["AutomationAssumeRole"] == [f"arn:aws:iam::{SPOKE}:role/watchkeeper-runbook-ec2-restart"]
    world.clock.tick(60)
    there.ssm.finish()
    there.state, there.since = "OK", world.clock()
    with pytest.raises(NotYet):
        world.look()
    world.clock.tick(61)
    world.look()
    assert world.incident.status is Status.RESOLVED
    assert {region for _, region, _ in there.made} == {REGION}


def test_what_it_is_lent_is_for_this_plan_for_fifteen_minutes() -> None:
    world, there = scene()
    world.plan()
    for asked in there.asked:
        assert (asked["RoleArn"], asked["ExternalId"]) == (f"arn:aws:iam::{SPOKE}:role/watchkeeper-acts-here", "x" * 48)
        assert asked["DurationSeconds"] <= 900
        assert asked["RoleSessionName"].startswith(world.incident.id)
        allowed = {one for statement in json.loads(asked["Policy"])["Statement"] for one in statement["Resource"]}
        assert f"arn:aws:ssm:{REGION}:{SPOKE}:document/watchkeeper-ec2-restart" in allowed
        assert not [one for one in allowed if "document/" in one and not one.endswith("/watchkeeper-ec2-restart")]


@pytest.mark.parametrize("how", ["denied", "no external id"])
def test_an_account_that_lets_us_not_in_is_a_persons_to_open(how: str) -> None:
    world, there = scene(external_id="" if how == "no external id" else "x" * 48)
    there.denies = how == "denied"
    world.plan()
    assert (world.incident.status, world.runs, len(there.ssm.started)) == (Status.ESCALATED, 0, 0)
    assert ("sts:AssumeRole" if how == "denied" else "external") in world.last_words


def test_an_account_that_nobody_named_is_not_ours() -> None:
    world, there = scene(allowed=frozenset({"333333333333"}))
    world.inventory.error = None
    world.plan()
    assert (world.incident.status, there.asked, world.runs) == (Status.ESCALATED, [], 0)
    assert "where this stack does not act" in world.last_words


def test_a_denied_start_is_told_and_not_tried_again() -> None:
    world, there = scene()
    there.ssm.fault = {"StartAutomationExecution": ("AccessDeniedException", 400)}
    world.plan()
    assert (world.incident.status, len(there.ssm.started)) == (Status.ESCALATED, 0)
    assert "not allowed: ssm:StartAutomationExecution" in world.last_words
