"""From one alarm to all channels through all four stages, delivered far too often, from sixteen threads at once."""

import sys
from collections.abc import Iterator

import pytest

from tests.chaos.whole import a_whole_night
from watchkeeper.audit import faults
from watchkeeper.models import Alert, Analysis, Delivery, DeliveryStatus, Execution, Status


@pytest.fixture(autouse=True)
def many_switches() -> Iterator[None]:
    """Threads change places a hundred times as often as they would."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.load
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_alarm_a_thousand_times_and_every_message_five_times(seed: int) -> None:
    """1 incident, 1 analysis, 1 execution, 1 message per channel; and the chain holds."""
    with a_whole_night(copies=5) as night:
        night.fire(1000)
        night.play(seed)
        incident = night.incident
        assert incident.status is Status.RESOLVED
        assert incident.alert_count == len(night.incidents.rows(incident.id, Alert)) == 1
        assert len(night.incidents.rows(incident.id, Analysis)) == 1
        assert len(night.incidents.rows(incident.id, Execution)) == 1
        assert night.remediation.runs == 1
        people = night.distribution
        assert len(people.slack.messages) == 1
        assert len(people.jira.issues) == 1
        assert [mail["Subject"][:10] for mail in people.mailbox.mails] == ["[SEV2] che", "Re: [SEV2]"]
        told = [reply.text for reply in people.slack.messages[0].replies]
        assert len(told) == len(set(told))
        paid = {(delivery.channel, delivery.status) for delivery in night.incidents.rows(incident.id, Delivery)}
        assert paid == {(channel.id, DeliveryStatus.PAID) for channel in people.wiring.channels.channels}
        assert faults(night.incidents.history(incident.id), night.remediation.anchors.of(incident.id)) == []
        assert night.incidents.debts == {}


def test_one_alarm_once() -> None:
    """The same night without any trouble ends the same way."""
    with a_whole_night() as night:
        night.fire(1)
        night.play()
        assert night.incident.status is Status.RESOLVED
        assert night.remediation.runs == 1
        assert [record.kind for record in night.incidents.history(night.incident.id)] == [
            "incident.opened", "analysis.started", "analysis.completed", "plan.made", "action.claimed", "action.started",
            "action.succeeded", "verification.passed", "incident.resolved",
        ]  # fmt: skip
