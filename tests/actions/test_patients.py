"""The patients of the later stories in the emulated account, treated by the real runbooks: well after what their story is about, and not
before; or not well at all, where that is the story."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from local.standins.http import Reply, Request, Server
from local.standins.pagerduty import PagerDutyAccount
from local.standins.pagerduty_workflow import Workflow
from local.world import archive, catalog, reports, workers
from local.world.archive import Archive
from local.world.catalog import Catalog
from local.world.patient import Patient
from local.world.reports import Reports
from local.world.workers import Workers
from reception.resources import Place
from reception.sources.pagerduty_action import read_action
from reception.sources.registry import Received
from tests.actions.theatre import Theatre
from watchkeeper.models import Resource, Status

SECRET, KEY, SECONDS = "a-secret-for-tests", "a-key-for-tests", 15.0


@pytest.fixture
def topic(theatre: Theatre) -> str:
    found: str = theatre.client("sns").create_topic(Name="patients")["TopicArn"]
    return found


def state(theatre: Theatre, alarm: str) -> str:
    [found] = theatre.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(found["StateValue"])


def becomes(theatre: Theatre, alarm: str, wanted: str, patient: Patient) -> bool:
    """Does the alarm come to this state while the patient goes on living?"""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        patient.beat()
        if state(theatre, alarm) == wanted:
            return True
        time.sleep(0.1)
    return False


def stays(theatre: Theatre, alarm: str, wanted: str, patient: Patient, beats: int = 5) -> bool:
    """Does it keep this state through some beats?"""
    for _ in range(beats):
        patient.beat()
        time.sleep(0.05)
        if state(theatre, alarm) != wanted:
            return False
    return True


def host(instance: str) -> Resource:
    return Resource(type="ec2:instance", id=instance, trusted=True)


def test_the_archive_host_is_full_until_its_agent_is_handed_our_command(theatre: Theatre, topic: str) -> None:
    made = Archive.build(theatre.account, topic, theatre.simulator.agents)
    assert stays(theatre, archive.ALARM, "OK", made, 1) or state(theatre, archive.ALARM) == "INSUFFICIENT_DATA"
    made.fall_ill()
    assert becomes(theatre, archive.ALARM, "ALARM", made)
    assert made.obey(["systemctl restart archive"]) == (127, "this host knows only how to clean up")
    assert stays(theatre, archive.ALARM, "ALARM", made)
    done = theatre.perform("ec2-clean-temp", host(made.instance), {"minutes": 60})
    assert (done.status, done.effects, done.proven) == ("Success", ("ssm:SendCommand",), True)
    assert becomes(theatre, archive.ALARM, "OK", made)
    assert (made.used, made.ends) == (archive.FREED, Status.RESOLVED)


def test_the_reports_host_stays_busy_after_its_reboot(theatre: Theatre, topic: str) -> None:
    made = Reports.build(theatre.account, topic)
    made.fall_ill()
    assert becomes(theatre, reports.ALARM, "ALARM", made)
    assert theatre.perform("ec2-restart", host(made.instance)).status == "Success"
    assert stays(theatre, reports.ALARM, "ALARM", made)
    assert made.ends is Status.ESCALATED


def test_more_tasks_do_not_help_the_catalog_and_the_inverse_brings_it_back(theatre: Theatre, topic: str) -> None:
    made = Catalog.build(theatre.account, topic)
    made.fall_ill()
    assert becomes(theatre, catalog.ALARM, "ALARM", made)
    service = Resource(type="ecs:service", id=f"{catalog.CLUSTER}/{catalog.SERVICE}", trusted=True)
    done = theatre.perform("ecs-scale", service, {"desired": 4})
    assert (done.status, made.tasks) == ("Success", 4)
    assert stays(theatre, catalog.ALARM, "ALARM", made)
    assert theatre.undo(done).status == "Success"
    assert (made.tasks, made.ends) == (catalog.WANTED, Status.ESCALATED)


class Door:
    """The stack's door, as far as a workflow of PagerDuty sees it."""

    def __init__(self, status: int = 202) -> None:
        self.status, self.heard = status, list[Request]()

    def __call__(self, request: Request) -> Reply:
        self.heard.append(request)
        return Reply(self.status, {"accepted": 1})


Press = Callable[[int], tuple[Workers, Door]]


@pytest.fixture
def group(theatre: Theatre) -> Iterator[Press]:
    """Workers on whose incident somebody presses the button, which is answered with this status."""
    doors = {status: Door(status) for status in (202, 401, 500)}
    with Server({str(status): door for status, door in doors.items()}) as server:

        def build(status: int) -> tuple[Workers, Door]:
            account = PagerDutyAccount()
            url = f"{server.url}/{status}/pagerduty/autonomous/action"
            account.workflows[workers.ACTION] = Workflow(workers.ACTION, url, SECRET, KEY, workers.CONSTANTS)
            return Workers.build(theatre.account, account), doors[status]

        yield build
    theatre.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=workers.GROUP, ForceDelete=True)
    theatre.client("ec2").delete_launch_template(LaunchTemplateName=workers.GROUP)


def test_a_person_presses_the_button_and_the_reader_understands_it(group: Press) -> None:
    made, door = group(202)
    made.fall_ill()
    [request] = door.heard
    assert (request.method, request.path) == ("POST", "/pagerduty/autonomous/action")
    assert (request.headers["authorization"], request.headers["x-api-key"]) == (f"Bearer {SECRET}", KEY)
    [alert] = read_action(json.loads(request.body), Received(at=datetime.now(UTC), home=Place("123456789012", "us-east-1")))
    assert (alert.title, alert.alarm_name, alert.service) == (f"PagerDuty asks for scale-group: {workers.TITLE}", workers.ALARM, "workers")
    assert [(one.type, one.id, one.trusted) for one in alert.resources] == [("autoscaling:group", workers.GROUP, True)]
    assert made.asked_on is not None
    assert (alert.labels["pagerduty_incident"], alert.labels["requested_action"]) == (made.asked_on.id, "scale-group")
    assert made.asked_on.log[-1] == "Ines Karlsson started “scale-group”: the webhook was answered with 202"


def test_the_queue_is_old_until_the_group_is_large_enough(theatre: Theatre, group: Press) -> None:
    made, _ = group(202)
    made.fall_ill()
    assert becomes(theatre, workers.ALARM, "ALARM", made)
    [alarm] = theatre.client("cloudwatch").describe_alarms(AlarmNames=[workers.ALARM])["MetricAlarms"]
    assert (alarm["AlarmActions"], alarm["OKActions"]) == ([], []), "PagerDuty is told by a tool of its own"
    target = Resource(type="autoscaling:group", id=workers.GROUP, trusted=True)
    assert theatre.perform("asg-set-capacity", target, {"desired": workers.ENOUGH - 1}).status == "Success"
    assert stays(theatre, workers.ALARM, "ALARM", made)
    done = theatre.perform("asg-set-capacity", target, {"desired": workers.ENOUGH})
    assert (done.status, made.capacity, done.proven) == ("Success", workers.ENOUGH, True)
    assert becomes(theatre, workers.ALARM, "OK", made)


@pytest.mark.parametrize("status", [401, 500])
def test_a_button_that_does_not_get_through_ends_the_story(group: Press, status: int) -> None:
    made, _ = group(status)
    with pytest.raises(RuntimeError, match=f"answered with {status}"):
        made.fall_ill()


def test_a_workflow_whose_door_is_gone_is_answered_by_nobody() -> None:
    with Server({}) as server:
        nowhere = server.url
    account = PagerDutyAccount()
    account.workflows["x"] = Workflow("x", nowhere, SECRET, KEY, {})
    assert account.press("x", account.open("It burns", "checkout"), "Ines Karlsson").status == 0
