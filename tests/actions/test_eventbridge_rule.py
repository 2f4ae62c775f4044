"""eventbridge-rule, performed on rules of the emulated account."""

import threading
from typing import Any

import pytest

from local.ssm.mishaps import How, Mishap
from tests.actions.theatre import Theatre
from watchkeeper.actions import catalogue
from watchkeeper.models import Resource

QUEUE = "arn:aws:sqs:us-east-1:123456789012:fed"


def a_rule(theatre: Theatre, name: str, bus: str = "default", **but: Any) -> Resource:
    events = theatre.client("events")
    if bus != "default":
        events.create_event_bus(Name=bus)
    asked = {"EventPattern": '{"source": ["shop"]}', "Tags": [{"Key": "AutoRemediate", "Value": "true"}], **but}
    events.put_rule(Name=name, EventBusName=bus, **asked)
    return Resource(type="events:rule", id=name if bus == "default" else f"{bus}/{name}", trusted=True)


@pytest.mark.parametrize("bus", ["default", "shop"])
def test_it_disables_and_the_inverse_enables(theatre: Theatre, bus: str) -> None:
    done = theatre.perform("eventbridge-rule", a_rule(theatre, f"feeds-{bus}", bus))
    assert (done.status, done.effects, done.failure) == ("Success", ("events:DisableRule",), "")
    assert (done.before.state["state"], done.after.state["state"]) == ("ENABLED", "DISABLED")
    assert done.execution.outputs == {"sayWhatItIs.State": ["DISABLED"]}
    assert done.action.holds(done.parameters, done.after.state)
    back = theatre.undo(done)
    assert (back.status, back.effects, back.after.state) == ("Success", ("events:EnableRule",), done.before.state)


def test_it_enables_where_the_order_says_so(theatre: Theatre) -> None:
    done = theatre.perform("eventbridge-rule", a_rule(theatre, "was-off", State="DISABLED"), {"state": "ENABLED"})
    assert (done.status, done.effects, done.after.state["state"]) == ("Success", ("events:EnableRule",), "ENABLED")
    assert theatre.undo(done).after.state == done.before.state


def test_a_rule_that_could_not_be_brought_back_is_left_alone(theatre: Theatre) -> None:
    rule = a_rule(theatre, "for-the-trail", State="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    done = theatre.run("eventbridge-rule", rule, {"Rule": ["for-the-trail"], "Bus": ["default"], "State": ["DISABLED"]})
    assert (done.status, done.effects, done.after.state) == ("Failed", (), done.before.state)


def test_a_failure_before_the_call_changes_nothing_and_one_after_it_is_told(theatre: Theatre) -> None:
    rule = a_rule(theatre, "unlucky")
    theatre.simulator.mishaps.plan(Mishap("disable", How.FAIL, "eventbridge-rule", "no answer"))
    done = theatre.perform("eventbridge-rule", rule)
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", (), "ENABLED")
    theatre.simulator.mishaps.plan(Mishap("disable", How.FAIL_AFTER, "eventbridge-rule", "the answer was lost"))
    done = theatre.perform("eventbridge-rule", rule)
    assert (done.status, done.effects, done.after.state["state"]) == ("Failed", ("events:DisableRule",), "DISABLED")
    assert "the answer was lost" in done.failure


def test_one_that_hangs_after_its_call_is_told_with_what_it_did(theatre: Theatre) -> None:
    rule = a_rule(theatre, "hangs")
    theatre.simulator.mishaps.plan(Mishap("sayWhatItIs", How.HANG, "eventbridge-rule"))
    threading.Timer(0.4, theatre.simulator.stop_all).start()
    done = theatre.perform("eventbridge-rule", rule)
    assert (done.status, done.effects, done.after.state["state"]) == ("Cancelled", ("events:DisableRule",), "DISABLED")
    assert theatre.undo(done).after.state == done.before.state


def test_it_is_reached_from_what_it_feeds(theatre: Theatre) -> None:
    rule = a_rule(theatre, "feeds-a-queue")
    theatre.client("events").put_targets(Rule=rule.id, Targets=[{"Id": "1", "Arn": QUEUE}])
    start = Resource(type="sqs:queue", id="fed", arn=QUEUE, account="123456789012", region="us-east-1", trusted=True)
    [found] = theatre.inventory.reach("events:rule", start)
    assert (found.type, found.id, found.trusted) == ("events:rule", "feeds-a-queue", True)
    assert theatre.see(found).tags == {"AutoRemediate": "true"}
    assert theatre.inventory.reach("events:rule", start.but(arn="")) == []
    assert theatre.inventory.reach("events:rule", start.but(type="ec2:instance")) == []


def test_one_that_is_not_there_is_absent(theatre: Theatre) -> None:
    assert not theatre.see(Resource(type="events:rule", id="nobody-knows-it", trusted=True)).exists


@pytest.mark.parametrize(
    ("now", "given", "why"),
    [
        ("ENABLED", {"state": "off"}, "ENABLED or DISABLED"),
        ("ENABLED", {"state": "ENABLED"}, "ENABLED already"),
        ("DISABLED", {}, "DISABLED already"),
        ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", {}, "could not be brought back"),
        (None, {}, "could not be brought back"),
    ],
)
def test_what_it_refuses(now: str | None, given: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        catalogue()["eventbridge-rule"].parameters(Resource(type="events:rule", id="feeds", trusted=True), {"state": now}, given)
