"""The channels against stand-ins that refuse what the real services refuse, over real HTTP."""

from collections.abc import Iterator

import pytest

from distribution.channels import opened
from distribution.web import Web, read_json
from local.standins.http import Reply, Request, Server
from local.standins.jira import JiraSite
from tests.fakes.memory import TickingClock
from tests.unit.distribution.places import JIRA, MAIL, SLACK, House, house, ses_error
from tests.unit.distribution.stories import HOSTILE, ID
from watchkeeper.errors import ChannelDown, ChannelRefused, NotYet, Throttled
from watchkeeper.models import DeliveryStatus
from watchkeeper.team import Channel, ChannelKind

WEBHOOK = {"slack_webhook_url": "filled in by the house"}


@pytest.fixture
def home() -> Iterator[House]:
    with house() as built:
        yield built


def test_slack_has_one_card_edited_in_place_and_a_reply_for_each_moment(home: House) -> None:
    for step in ("opened", "analysing", "analysed", "remediating", "succeeded", "resolved"):
        getattr(home.night, step)()
        assert home.tell() == []
    assert len(home.slack.messages) == 1
    card = home.slack.messages[0]
    assert card.text.startswith("✅ Resolved")
    assert len(card.edits) == 5
    assert [reply.text.partition(":")[0] for reply in card.replies] == [
        "What we found", "The runbook is running", "The runbook has ended well", "Resolved",
    ]  # fmt: skip


def test_what_was_missed_is_told_from_the_newest_story(home: House) -> None:
    """Six versions, one delivery: the card is right at once, and the thread lacks nothing."""
    home.night.opened().analysing().analysed().remediating().succeeded().resolved()
    assert home.tell() == []
    assert [(len(m.edits), len(m.replies)) for m in home.slack.messages] == [(0, 4)]
    assert [len(issue.comments) for issue in home.jira.issues] == [3]
    assert len(home.mailbox.mails) == 1


def test_jira_has_one_issue_with_comments_and_is_done_at_the_end(home: House) -> None:
    for step in ("opened", "analysing", "analysed", "remediating", "succeeded", "resolved"):
        getattr(home.night, step)()
        assert home.tell() == []
    issue = home.jira.issues[0]
    assert len(home.jira.issues) == 1
    assert issue.fields["labels"] == ["watchkeeper", f"watchkeeper-{ID}"]
    assert (issue.status, len(issue.comments)) == ("Done", 3)
    home.night.reopened()
    assert home.tell() == []
    assert issue.history == ["To Do", "Done", "To Do"]


def test_a_workflow_without_the_transition_gets_a_sentence_instead(home: House) -> None:
    home.jira.transitions = {"21": "In Progress"}
    home.night.opened().resolved()
    assert home.tell() == []
    issue = home.jira.issues[0]
    assert issue.status == "To Do"
    assert "no transition “Done” from “To Do”" in str(issue.comments[-1].body)


def test_a_ticket_that_a_person_closed_is_left_alone(home: House) -> None:
    home.night.opened()
    home.tell()
    home.jira.issues[0].status = "Done"
    home.night.resolved()
    assert home.tell() == []
    assert "by hand" not in str(home.jira.issues[0].comments[-1].body)


def test_mails_are_one_conversation(home: House) -> None:
    home.night.opened().analysing().analysed().remediating()
    home.tell()
    home.night.succeeded().resolved()
    home.tell()
    first, last = home.mailbox.mails
    root = f"<{ID}@watchkeeper.invalid>"
    assert (first["References"], last["References"]) == (root, f"{root} <0100-1@eu-west-1.amazonses.com>")
    assert last["In-Reply-To"] == "<0100-1@eu-west-1.amazonses.com>"
    assert last["Subject"] == f"Re: {first['Subject']}"
    assert first["Subject"].startswith("[SEV")
    assert first["X-Watchkeeper-Incident"] == ID
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]
    assert home.mailbox.envelopes[0]["Destinations"] == ["oncall@example.com"]


def test_a_mail_says_the_same_in_both_parts(home: House) -> None:
    home.night.opened().analysing().analysed().asked()
    home.tell()
    text, html = (part.get_content() for part in home.mailbox.mails[0].iter_parts())
    for said in ("The checkout worker leaks memory", f"./watchkeeper approve {ID}", "cloudtrail:LookupEvents"):
        assert said in text
        assert said in html


def test_a_webhook_gets_a_message_for_each_notable_moment() -> None:
    with house(SLACK, credentials=WEBHOOK) as home:
        home.night.opened()
        home.tell()
        home.night.analysing().analysed().joined()
        home.tell()
        assert [m.text.partition(":")[0] for m in home.slack.messages] == ["New incident", "What we found"]
        assert home.delivery(SLACK).status is DeliveryStatus.PAID


@pytest.mark.parametrize("channel", [SLACK, JIRA, MAIL], ids=lambda channel: channel.id)
def test_a_channel_that_is_not_set_up_is_refused_and_says_so(channel: Channel) -> None:
    with house(channel, credentials={}, mail_from="") as home:
        home.night.opened().analysing().analysed()
        assert home.tell() == []
        assert home.delivery(channel).status is DeliveryStatus.REFUSED
        assert home.delivery(channel).failure.startswith("not set up: ")


def test_a_bad_token_is_refused_and_a_good_one_counts_with_the_next_change(home: House) -> None:
    home.secrets.lying["channels"] = {"slack_bot_token": "xoxb-old", "jira_email": "watchkeeper@example.com", "jira_api_token": "old"}
    home.night.opened()
    assert home.tell() == []
    assert home.delivery(SLACK).failure.startswith("Slack refuses chat.postMessage with invalid_auth")
    assert "API token is not valid" in home.delivery(JIRA).failure
    home.secrets.lying["channels"] = {"slack_bot_token": "xoxb-local", "jira_email": "watchkeeper@example.com", "jira_api_token": "local"}
    home.night.analysing()
    assert home.tell() == []
    assert {home.delivery(channel).status for channel in (SLACK, JIRA, MAIL)} == {DeliveryStatus.PAID}
    assert (home.delivery(SLACK).failure, len(home.slack.messages), len(home.jira.issues)) == ("", 1, 1)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ({"channel": "C0UNKNOWN1"}, "channel_not_found"),
        ({"channel": "#incidents"}, "must be a channel's id"),
        ({}, "must be a channel's id"),
    ],
)
def test_a_wrong_channel_is_refused(where: dict[str, str], why: str) -> None:
    with house(SLACK.but(where=where)) as home:
        home.night.opened()
        assert home.tell() == []
        assert why in home.delivery(SLACK).failure


def test_what_jira_does_not_take_is_named() -> None:
    with house(JIRA.but(where={"project": "NONE", "issue_type": "Epic"})) as home:
        home.night.opened()
        assert home.tell() == []
        assert "project: valid project is required" in home.delivery(JIRA).failure
        assert "issuetype: Specify a valid issue type" in home.delivery(JIRA).failure


@pytest.mark.parametrize("channel", [SLACK, JIRA], ids=lambda channel: channel.id)
def test_a_429_waits_as_long_as_it_says_and_then_sends_once(channel: Channel) -> None:
    with house(channel) as home:
        home.slack.throttled = home.jira.throttled = 1
        home.night.opened()
        errors = home.tell()
        assert [(type(error), error.retry_after) for error in errors] == [(Throttled, 7.0)]
        assert home.delivery(channel).attempting == ""
        home.settle(home.due(channel))
        assert (len(home.slack.messages), len(home.jira.issues)) in {(1, 0), (0, 1)}


@pytest.mark.parametrize("channel", [SLACK, JIRA], ids=lambda channel: channel.id)
def test_an_outage_is_waited_out(channel: Channel) -> None:
    with house(channel) as home:
        home.slack.down = home.jira.down = 3
        home.night.opened()
        assert [type(error) for error in home.tell()] == [ChannelDown]
        assert "HTTP 503" in home.delivery(channel).failure
        home.settle(home.due(channel))
        assert (len(home.slack.messages), len(home.jira.issues)) in {(1, 0), (0, 1)}


@pytest.mark.parametrize("channel", [SLACK, JIRA], ids=lambda channel: channel.id)
def test_a_lost_answer_makes_no_second_message(channel: Channel) -> None:
    """Every creating call is carried out and its answer lost, once each: the next worker looks and finds."""
    with house(channel) as home:
        for step in ("opened", "analysing", "analysed", "remediating", "succeeded", "resolved"):
            getattr(home.night, step)()
            home.slack.deaf = home.jira.deaf = 1
            home.tell()
            home.settle(home.due(channel))
        if channel is SLACK:
            assert [len(m.replies) for m in home.slack.messages] == [4]
        else:
            assert [(issue.status, len(issue.comments)) for issue in home.jira.issues] == [("Done", 3)]


def test_jiras_lagging_search_is_given_its_time(home: House) -> None:
    """What was created a moment ago is not found yet: that it is not found says nothing."""
    home.jira.deaf, home.jira.blind = 1, True
    home.night.opened()
    home.tell()
    errors = home.try_once(home.due(JIRA))
    assert [(type(error), error.retry_after) for error in errors] == [(NotYet, 60.0)]
    home.jira.blind = False
    home.settle(home.due(JIRA))
    assert len(home.jira.issues) == 1


def test_a_mail_whose_answer_got_lost_is_sent_again(home: House) -> None:
    """At least once, and never lost: SES cannot be asked."""
    home.mailbox.fails = ses_error("InternalFailure", "oops", status=500)
    home.night.opened().analysing().analysed()
    assert ChannelDown in {type(error) for error in home.tell()}
    home.settle(home.due(MAIL))
    assert len(home.mailbox.mails) == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [("AccessDenied", "not allowed: ses:SendRawEmail on watch@example.com"), ("MessageRejected", "Email address is not verified")],
)
def test_what_ses_refuses_is_said(home: House, code: str, why: str) -> None:
    home.mailbox.fails = ses_error(code, "Email address is not verified")
    home.night.opened().analysing().analysed()
    assert home.tell() == []
    assert why in home.delivery(MAIL).failure


def test_ses_too_asks_for_patience(home: House) -> None:
    home.mailbox.fails = ses_error("Throttling", "Maximum sending rate exceeded.")
    home.night.opened().analysing().analysed()
    assert [(type(error), error.retry_after) for error in home.tell()] == [(Throttled, 60)]


def test_a_card_that_somebody_deleted_is_posted_anew(home: House) -> None:
    home.night.opened()
    home.tell()
    home.slack.messages.clear()
    home.night.analysing().analysed()
    assert home.tell() == []
    assert [len(m.replies) for m in home.slack.messages] == [1]


def test_a_hostile_night_is_taken_by_everybody() -> None:
    with house() as home:
        home.night.title = HOSTILE
        home.night.opened().analysing().analysed(root_cause=HOSTILE * 500, citations=({"evidence_id": "E2", "quote": HOSTILE * 500},))
        assert home.tell() == []
        assert {home.delivery(channel).status for channel in (SLACK, JIRA, MAIL)} == {DeliveryStatus.PAID}
        assert len(home.slack.messages[0].replies) > 1
        assert "\n" not in home.mailbox.mails[0]["Subject"]


def test_the_stand_in_for_jira_no_longer_has_the_old_search() -> None:
    """As Jira Cloud since 2025: whoever goes back to it finds out here."""
    site = JiraSite()
    assert site(Request("GET", "/rest/api/3/search", {}, {"authorization": site.expected}, b"")).status == 410


@pytest.mark.parametrize("kind", list(ChannelKind))
def test_every_kind_has_its_file(kind: ChannelKind) -> None:
    with house(credentials={}, mail_from="") as home, pytest.raises(ChannelRefused, match="not set up"):
        opened(Channel(id="one", kind=kind), home.wiring.means)


@pytest.mark.parametrize(
    ("code", "kind", "wait"),
    [("ratelimited", Throttled, 30), ("internal_error", ChannelDown, None), ("no_such_word", ChannelRefused, None)],
)
def test_slacks_words_are_told_apart(home: House, code: str, kind: type[Exception], wait: float | None) -> None:
    """With HTTP 200 all the same."""
    home.night.opened()
    home.slack.refuses = {"chat.postMessage": code}
    errors = [error for error in home.tell() if "Slack" in str(error)]
    assert [(type(error), error.retry_after) for error in errors] == ([(kind, wait)] if kind is not ChannelRefused else [])
    assert code in home.delivery(SLACK).failure


def test_without_the_right_to_look_a_message_comes_rather_twice_than_never() -> None:
    with house(SLACK) as home:
        home.slack.refuses, home.slack.deaf = {"conversations.history": "missing_scope"}, 1
        home.night.opened()
        home.tell()
        home.settle(home.due(SLACK))
        assert len(home.slack.messages) == 2
        assert home.delivery(SLACK).status is DeliveryStatus.PAID


def test_a_message_is_found_behind_two_hundred_others() -> None:
    with house(SLACK) as home:
        home.slack.deaf = 1
        home.night.opened()
        home.tell()
        for number in range(450):
            home.slack.say(f"chatter {number}")
        home.settle(home.due(SLACK))
        assert len([message for message in home.slack.messages if message.metadata]) == 1
        assert home.slack.calls.count("/api/conversations.history") == 3


def test_a_webhook_that_was_removed_is_refused() -> None:
    with house(SLACK, credentials=WEBHOOK) as home:
        home.slack.webhook = "/services/T0/B0/another"
        home.night.opened()
        assert home.tell() == []
        assert home.delivery(SLACK).failure == "Slack refuses the message with HTTP 404 no_service: check slack_webhook_url"


def test_a_webhook_whose_answer_got_lost_is_called_again() -> None:
    with house(SLACK, credentials=WEBHOOK) as home:
        home.slack.deaf = 1
        home.night.opened()
        assert [type(error) for error in home.tell()] == [ChannelDown]
        home.settle(home.due(SLACK))
        assert len(home.slack.messages) == 2


def test_a_transition_that_jira_refuses_does_not_cost_the_comment(home: House) -> None:
    home.jira.screen = "Resolution is required."
    home.night.opened().resolved()
    assert home.tell() == []
    assert "Resolution is required." in str(home.jira.issues[0].comments[-1].body)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 120),
        ("Fri, 20 Nov 2026 03:05:00 GMT", 300),
        ("Fri, 20 Nov 2026 02:00:00 GMT", 1),
        ("soon", 30),
        ("", 30),
    ],
)
def test_retry_after_in_every_way_that_http_allows(said: str, wait: float) -> None:
    with Server({"": lambda _request: Reply(429, {}, {"retry-after": said})}) as server, pytest.raises(Throttled) as caught:
        Web(TickingClock()).call("It", "GET", f"{server.url}/")
    assert caught.value.retry_after == wait


def test_a_service_that_is_not_there_is_down() -> None:
    with Server({}) as server:
        nowhere = server.url
    with pytest.raises(ChannelDown, match="Jira does not answer: ConnectionError"):
        Web(TickingClock()).call("Jira", "GET", nowhere)


@pytest.mark.parametrize("body", [b"<html>please log in</html>", b"[]"])
def test_a_proxys_page_is_a_bad_minute(body: bytes) -> None:
    with Server({"": lambda _request: Reply(200, body)}) as server, pytest.raises(ChannelDown):
        read_json("Jira", Web(TickingClock()).call("Jira", "GET", f"{server.url}/"))


def test_a_title_longer_than_a_description_goes_on_in_a_comment_once() -> None:
    title = " ".join(f"w{number}" for number in range(8000))
    with house(JIRA) as home:
        home.night.title = title
        home.night.opened()
        assert home.tell() == []
        home.night.analysing()
        assert home.tell() == []
        issue = home.jira.issues[0]
        told = str(issue.fields["description"]) + "".join(str(comment.body) for comment in issue.comments)
        assert all(f"w{number}" in told for number in range(8000))
        assert len(issue.comments) == 1
