"""Who is owed what, and that each is told it once, whatever is redelivered, crashes or races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from distribution.routing import routed
from distribution.service import deliver, handle, route
from tests.fakes.words import an_incident
from tests.unit.distribution.places import ALL, JIRA, MAIL, SLACK, House, house
from tests.unit.distribution.stories import ID
from watchkeeper.errors import BadPayload, NotYet, Stale
from watchkeeper.messages import AnalysisAsked, DeliveryDue, IncidentChanged
from watchkeeper.models import Delivery, DeliveryStatus, Severity
from watchkeeper.team import Channels


@pytest.fixture
def home() -> Iterator[House]:
    with house() as built:
        yield built


@pytest.mark.parametrize(
    ("but", "severity", "told", "heard"),
    [
        pytest.param({}, Severity.SEV4, (), True, id="wants everything"),
        pytest.param({"services": ("checkout",)}, Severity.SEV2, (), True, id="its service"),
        pytest.param({"services": ("check*",)}, Severity.SEV2, (), True, id="its service by a star"),
        pytest.param({"services": ("storefront",)}, Severity.SEV2, (), False, id="another service"),
        pytest.param({"at_least": Severity.SEV2}, Severity.SEV2, (), True, id="severe enough"),
        pytest.param({"at_least": Severity.SEV2}, Severity.SEV1, (), True, id="worse than that"),
        pytest.param({"at_least": Severity.SEV2}, Severity.SEV3, (), False, id="not severe enough"),
        pytest.param({"at_least": Severity.SEV2}, Severity.SEV3, (SLACK.id,), True, id="told before, milder now"),
    ],
)
def test_who_hears_of_it(but: dict[str, Any], severity: Severity, told: tuple[str, ...], heard: bool) -> None:
    channels = Channels(channels=(SLACK.but(**but),))
    assert bool(routed(an_incident(severity=severity), channels, told)) == heard


def test_a_change_is_owed_to_each_channel_in_a_group_of_its_own(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    due = home.outbox.take(DeliveryDue)
    assert [message.channel for message in due] == [channel.id for channel in ALL]
    assert len({message.group for message in due}) == 3
    assert {home.delivery(channel).status for channel in ALL} == {DeliveryStatus.OWED}


def test_routing_twice_changes_nothing(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    before = home.wiring.incidents.rows(ID, Delivery)
    route(home.changed(), home.wiring)
    assert home.wiring.incidents.rows(ID, Delivery) == before
    assert len(home.outbox.sent) == 3


def test_routing_that_died_before_it_sent_is_made_good_by_the_next_try(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    home.outbox.sent.clear()
    route(home.changed(), home.wiring)
    assert len(home.outbox.take(DeliveryDue)) == 3


def test_a_late_change_wakes_nobody(home: House) -> None:
    home.night.opened()
    early = home.changed()
    home.night.analysing()
    home.tell()
    route(early, home.wiring)
    assert home.outbox.sent == []


def test_what_is_not_there_yet_is_tried_again(home: House) -> None:
    with pytest.raises(NotYet):
        route(IncidentChanged(incident_id="INC-NONE", version=1), home.wiring)
    with pytest.raises(NotYet):
        deliver(DeliveryDue(incident_id="INC-NONE", channel=SLACK.id, version=1), home.wiring)


def test_a_message_for_another_stage_is_refused(home: House) -> None:
    with pytest.raises(BadPayload):
        handle(AnalysisAsked(incident_id=ID, version=1), home.wiring)


def test_a_channel_that_left_the_file_is_refused_not_retried(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    deliver(home.due(SLACK), replace(home.wiring, channels=Channels(channels=(JIRA,))))
    assert home.delivery(SLACK).failure == "slack-incidents is no longer in channels.yaml"


def test_one_channels_outage_holds_no_other(home: House) -> None:
    home.slack.down = 100
    home.night.opened().analysing().analysed()
    assert len(home.tell()) == 1
    assert home.delivery(SLACK).status is DeliveryStatus.OWED
    assert (home.delivery(JIRA).status, home.delivery(MAIL).status) == (DeliveryStatus.PAID, DeliveryStatus.PAID)


def test_the_row_says_what_was_told(home: House) -> None:
    home.night.opened().analysing().analysed()
    home.tell()
    delivery = home.delivery(SLACK)
    assert (delivery.shown_version, delivery.wanted_version, delivery.said, delivery.attempting) == (3, 3, (3,), "")
    assert set(delivery.refs) == {"card", "channel", "moment-3"}


def test_a_change_that_comes_in_while_we_tell_is_still_owed(home: House) -> None:
    """Slack is slow; meanwhile the incident goes on and is routed. The wish is kept, and paid by its own message."""
    home.night.opened()
    route(home.changed(), home.wiring)

    def goes_on() -> None:
        home.night.analysing()
        route(home.changed(), home.wiring)

    home.slack.meanwhile = goes_on
    deliver(DeliveryDue(incident_id=ID, channel=SLACK.id, version=1), home.wiring)
    delivery = home.delivery(SLACK)
    assert (delivery.status, delivery.shown_version, delivery.wanted_version) == (DeliveryStatus.OWED, 1, 2)
    home.settle(home.due(SLACK))
    assert home.delivery(SLACK).status is DeliveryStatus.PAID
    assert [(len(m.edits), len(m.replies)) for m in home.slack.messages] == [(1, 0)]


def test_two_routers_at_once_lose_no_wish(home: House) -> None:
    """One raises the wish between the other's read and write."""
    home.night.opened()
    route(home.changed(), home.wiring)
    ledger = home.wiring.ledger

    def overtaken() -> None:
        home.incidents.before = lambda: None
        ledger.want(ID, SLACK.id, 5)

    home.incidents.before = overtaken
    assert ledger.want(ID, SLACK.id, 3).wanted_version == 5


def test_who_never_gets_a_word_in_gives_the_message_back(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    mine, version = home.delivery(SLACK), iter(range(2, 100))

    def always_overtaken() -> None:
        before, home.incidents.before = home.incidents.before, lambda: None
        home.wiring.ledger.want(ID, SLACK.id, next(version))
        home.incidents.before = before

    home.incidents.before = always_overtaken
    with pytest.raises(Stale, match="changes too fast"):
        home.wiring.ledger.revise(mine, failure="")
    with pytest.raises(Stale, match="changes too fast"):
        home.wiring.ledger.want(ID, SLACK.id, 1000)


def test_who_is_telling_has_the_floor(home: House) -> None:
    home.night.opened()
    route(home.changed(), home.wiring)
    mine = theirs = home.delivery(SLACK)
    home.wiring.ledger.revise(theirs, attempting="card@2026-11-20T03:00:00+00:00")
    with pytest.raises(Stale):
        home.wiring.ledger.revise(mine, attempting="card@2026-11-20T03:00:01+00:00")


@pytest.mark.parametrize("moment", range(1, 12))
def test_a_crash_at_any_write_makes_no_second_message(moment: int) -> None:
    """The worker dies at its nth write of the row, before or after it; the next ones carry on."""
    for after in (False, True):
        with house() as home:
            home.night.opened().analysing().analysed().remediating()
            route(home.changed(), home.wiring)
            dying = Dying(moment)
            setattr(home.incidents, "after" if after else "before", dying)
            for channel in (SLACK, JIRA):
                with suppress(Died):
                    deliver(home.due(channel), home.wiring)
            for channel in (SLACK, JIRA):
                home.settle(home.due(channel))
            assert [len(m.replies) for m in home.slack.messages] == [2]
            assert [len(issue.comments) for issue in home.jira.issues] == [2]


class Died(Exception):
    """The process is gone."""


@dataclass
class Dying:
    """The nth time that this is called is the last thing that happens."""

    left: int

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Died


@pytest.mark.load
def test_a_thousand_deliveries_from_sixteen_threads_make_one_message_for_each_channel(home: House) -> None:
    """Routed and delivered again and again, at the same time, without the order that the queue would keep."""
    home.night.opened()
    messages = [home.changed()] * 500 + [home.due(SLACK), home.due(JIRA)] * 250
    with ThreadPoolExecutor(16) as pool:
        refused = [error for errors in pool.map(home.try_once, messages) for error in errors]
    assert all(isinstance(error, NotYet | Stale) for error in refused)
    for channel in ALL:
        home.settle(home.due(channel))
    assert (len(home.slack.messages), len(home.jira.issues), len(home.mailbox.mails)) == (1, 1, 0)
    assert home.slack.messages[0].replies == []
