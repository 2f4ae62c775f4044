"""Everything that a channel was sent is on its chain: once, with what the channel calls it, whatever crashes or is redelivered."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from distribution.layout.slack import SlackMessage
from distribution.record import EDITED, POSTED, MessageRecord, Sent, content
from distribution.service import deliver, route
from tests.fakes.memory import MemoryAnchors, MemoryIncidents, TickingClock
from tests.fakes.words import NIGHT
from tests.unit.distribution.places import ALL, JIRA, MAIL, SLACK, House, house
from tests.unit.distribution.stories import ID
from watchkeeper.audit import GENESIS, Anchor, chain_of, faults, seal
from watchkeeper.models import AuditRecord, Happening
from watchkeeper.team import Channel


@pytest.fixture
def home() -> Iterator[House]:
    with house() as built:
        yield built


def chain(home: House, channel: Channel) -> list[AuditRecord]:
    return home.incidents.history(chain_of(ID, channel.id))


def anchors(home: House, channel: Channel) -> list[Anchor]:
    return home.wiring.anchors.of(chain_of(ID, channel.id))


def posted(home: House, channel: Channel) -> dict[str, str]:
    """What the channel calls each message, by our name for it."""
    return {one.detail["external_id"]: one.detail["key"] for one in chain(home, channel) if one.kind == POSTED}


def out(home: House) -> set[str]:
    """The messages that are there, by Slack's own names."""
    return {one.ts for message in home.slack.messages for one in (message, *message.replies)}


def test_every_message_of_a_night_is_on_the_chain_of_its_channel(home: House) -> None:
    home.night.opened()
    home.tell()
    home.night.analysing().analysed()
    home.tell()
    assert set(posted(home, SLACK)) == out(home)
    assert posted(home, JIRA) == {home.jira.issues[0].key: "issue", home.jira.issues[0].comments[0].id: "moment-3"}
    assert len(posted(home, MAIL)) == len(home.mailbox.mails) == 1
    for channel in ALL:
        assert faults(chain(home, channel), anchors(home, channel)) == []
        assert len(anchors(home, channel)) == len(chain(home, channel))


def test_a_record_says_what_it_was_and_nothing_of_the_text(home: House) -> None:
    home.night.opened()
    home.tell()
    (record,) = chain(home, SLACK)
    assert record.detail == {
        "channel": SLACK.id,
        "channel_kind": "slack",
        "key": "card",
        "version": 1,
        "sha256": record.detail["sha256"],
        "external_id": home.slack.messages[0].ts,
    }
    assert len(record.detail["sha256"]) == 64
    assert home.night.title not in record.says


def test_an_edit_is_recorded_once_for_each_version_that_it_shows(home: House) -> None:
    home.night.opened()
    home.tell()
    home.night.analysing()
    home.tell()
    assert [(one.kind, one.detail["version"]) for one in chain(home, SLACK)] == [(POSTED, 1), (EDITED, 2)]


@pytest.mark.parametrize("kind", ["append", "put_delivery"])
@pytest.mark.parametrize("after", [False, True], ids=["before it", "after it"])
@pytest.mark.parametrize("moment", range(1, 9))
def test_a_worker_that_dies_at_any_write_leaves_no_message_off_the_record_and_none_twice(kind: str, after: bool, moment: int) -> None:
    with house() as home:
        home.night.opened()
        home.tell()
        home.night.analysing().analysed().remediating()
        route(home.changed(), home.wiring)
        die_at(home, kind, moment, after=after)
        for channel in (SLACK, JIRA):
            with suppress(Died):
                deliver(home.due(channel), home.wiring)
        for channel in (SLACK, JIRA):
            home.settle(home.due(channel))
        assert set(posted(home, SLACK)) == out(home)
        assert set(posted(home, JIRA)) == {one for issue in home.jira.issues for one in (issue.key, *(made.id for made in issue.comments))}
        for channel in (SLACK, JIRA):
            names = [Sent.of(record).known_by for record in chain(home, channel)]
            assert len(names) == len(set(names))
            assert faults(chain(home, channel), anchors(home, channel)) == []
            assert max(anchor.seq for anchor in anchors(home, channel)) == len(chain(home, channel))


class Died(Exception):
    """The process is gone."""


def die_at(home: House, kind: str, moment: int, *, after: bool) -> None:
    """The nth call of this kind is the last thing that happens, before or after it is carried out."""
    write: Callable[..., None] = getattr(home.incidents, kind)
    left = moment

    def dying(row: object) -> None:
        nonlocal left
        left -= 1
        if left != 0 or after:
            write(row)
        if left == 0:
            raise Died

    setattr(home.incidents, kind, dying)


def test_what_a_dead_worker_sent_is_recorded_as_it_was_sent(home: House) -> None:
    """The card was sent and its answer lost; the incident went on before anybody looked."""
    home.night.opened()
    route(home.changed(), home.wiring)
    die_at(home, "append", 1, after=False)
    with suppress(Died):
        deliver(home.due(SLACK), home.wiring)
    sent = SlackMessage(home.slack.messages[0].text, home.slack.messages[0].blocks)
    home.night.analysing()
    home.settle(home.due(SLACK))
    assert chain(home, SLACK)[0].detail["sha256"] == content((ID, sent))


def test_redelivering_the_same_revision_records_nothing_new(home: House) -> None:
    home.night.opened().analysing().analysed()
    home.tell()
    before = chain(home, SLACK)
    home.wiring.ledger.revise(home.delivery(SLACK), shown_version=0)
    deliver(home.due(SLACK), home.wiring)
    deliver(home.due(SLACK), home.wiring)
    assert [one.kind for one in chain(home, SLACK)[len(before) :]] == [EDITED]


def test_a_card_that_somebody_deleted_is_another_message_when_it_is_posted_anew(home: House) -> None:
    home.night.opened()
    home.tell()
    first = home.slack.messages.pop()
    home.night.analysing()
    home.tell()
    assert set(posted(home, SLACK)) == {first.ts, home.slack.messages[0].ts}


# ---------------------------------------------------------------- the chain by itself


@dataclass
class Overtaken(MemoryIncidents):
    """Another worker writes its record first, once."""

    other: Sent
    before: bool = True

    def __post_init__(self) -> None:
        super().__init__()

    def append(self, record: AuditRecord) -> None:
        if self.before:
            self.before = False
            happening = Happening(actor="distribution", kind=self.other.kind, says="…", detail=vars(self.other) | {"channel": "c"})
            super().append(seal(happening, record.incident_id, 1, NIGHT, GENESIS))
        super().append(record)


@pytest.mark.parametrize(
    ("theirs", "records"),
    [(Sent(POSTED, "moment-2", 1, "b", "ts-2"), 2), (Sent(POSTED, "card", 1, "a", "ts-1"), 1)],
    ids=["something else", "the same"],
)
def test_two_workers_at_once_make_one_chain(theirs: Sent, records: int) -> None:
    incidents, kept = Overtaken(theirs), MemoryAnchors()
    MessageRecord(incidents, kept, TickingClock()).keep(ID, "c", "slack", Sent(POSTED, "card", 1, "a", "ts-1"))
    found = incidents.history(chain_of(ID, "c"))
    assert len(found) == records
    assert faults(found, kept.of(chain_of(ID, "c"))) == []


def test_the_same_content_has_the_same_digest_whatever_it_is_made_of() -> None:
    message = SlackMessage("text", [{"type": "section"}])
    assert content((ID, message)) == content([ID, {"blocks": [{"type": "section"}], "text": "text"}])
    assert content((ID, message)) != content((ID, SlackMessage("text", [])))
