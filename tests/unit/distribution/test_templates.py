"""What people see at each stage, snapshot by snapshot. To take them anew after a wanted change: SNAPSHOTS=write pytest …"""

import json
import os
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from distribution.layout import jira, mail, slack
from distribution.moments import Medium, owed
from distribution.reading import brief
from local.standins import adf
from local.standins.slack_blocks import faults
from tests.fakes.words import INSTANCE
from tests.unit.distribution.stories import LINK, STAGES, Night, hostile
from watchkeeper.story import Story

SNAPSHOTS = Path(__file__).parent / "snapshots"
PAGE = "http://127.0.0.1:8080/"


def same(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("SNAPSHOTS") == "write":
        path.write_text(text)
    assert text == path.read_text()


def as_json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def slack_messages(story: Story) -> list[slack.SlackMessage]:
    told = brief(story, "payments", PAGE)
    thread = [part for record in owed(story, (), Medium.THREAD) for part in slack.moment(told, record, alone=False)]
    feed = [part for record in owed(story, (), Medium.FEED) for part in slack.moment(told, record, alone=True)]
    return [slack.card(told), *thread, *feed]


def jira_documents(story: Story) -> list[jira.Document]:
    told = brief(story, "payments", PAGE)
    return [*jira.issue(told), *(part for record in owed(story, (), Medium.TICKET) for part in jira.comment(told, record))]


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> tuple[str, Story]:
    return request.param, STAGES[request.param]().story


def test_slack_shows_this(stage: tuple[str, Story]) -> None:
    name, story = stage
    told = brief(story, "payments", PAGE)
    card = slack.card(told)
    thread = [part for record in owed(story, (), Medium.THREAD)[-1:] for part in slack.moment(told, record, alone=False)]
    same(f"slack-{name}.json", as_json([{"text": m.text, "blocks": m.blocks} for m in [card, *thread]]))


def test_jira_shows_this(stage: tuple[str, Story]) -> None:
    name, story = stage
    told = brief(story, "payments", PAGE)
    last = [part for record in owed(story, (), Medium.TICKET)[-1:] for part in jira.comment(told, record)]
    same(f"jira-{name}.json", as_json({"summary": jira.summary(told), "documents": [*jira.issue(told), *last]}))


def test_mail_shows_this(stage: tuple[str, Story]) -> None:
    name, story = stage
    written = mail.report(brief(story, "payments", PAGE), owed(story, (), Medium.MAIL))
    same(f"mail-{name}.txt", f"Subject: {written.subject}\n\n{written.text}\n")
    same(f"mail-{name}.html", written.html + "\n")


def test_slack_and_jira_would_take_every_message(stage: tuple[str, Story]) -> None:
    _, story = stage
    assert [fault for message in slack_messages(story) for fault in faults(message.blocks)] == []
    assert [fault for document in jira_documents(story) for fault in adf.faults(document)] == []


def test_nothing_internal_is_shown(stage: tuple[str, Story]) -> None:
    """No hash of the chain, of the plan or of the orders leaves the house."""
    _, story = stage
    written = mail.report(brief(story), owed(story, (), Medium.MAIL))
    shown = as_json([m.blocks for m in slack_messages(story)] + jira_documents(story)) + written.html + written.text
    assert not re.search(r"\b[0-9a-f]{40,}\b", shown)
    assert "0123456789ab" not in shown.replace("i-0123456789abcdef0", "")


class Seen(HTMLParser):
    """The tags and the addresses of a page, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        self.addresses |= {value or "" for name, value in attrs if name in {"href", "src"}}


def texts_of(value: Any) -> list[dict[str, Any]]:
    """Every text object in these blocks, a button's and its dialog's among them."""
    if isinstance(value, list):
        return [found for part in value for found in texts_of(part)]
    if not isinstance(value, dict):
        return []
    here = [value] if value.get("type") in {"mrkdwn", "plain_text"} else []
    return [*here, *(found for part in value.values() for found in texts_of(part))]


def test_a_hostile_text_mentions_nobody_and_links_nowhere_in_slack() -> None:
    for message in slack_messages(hostile().story) + slack_messages(hostile().asked().story):
        objects = texts_of(message.blocks)
        texts = [message.text, *(t["text"] for t in objects)]
        links = [link for text in texts for link in re.findall(r"<([^>]*)>", text)]
        assert all(link.startswith(("https://eu-west-1.console.aws.amazon.com/", PAGE)) for link in links)
        assert all(t["verbatim"] for t in objects if t["type"] == "mrkdwn")
        assert not any(t["emoji"] for t in objects if t["type"] == "plain_text")
        assert not any("\x1b" in text or "\u202e" in text for text in texts)


def test_a_hostile_quote_stays_in_its_quote() -> None:
    for message in slack_messages(hostile().story):
        for block in message.blocks:
            text = block["text"]["text"] if "text" in block else ""
            quotes = re.findall(r"^• `(.*)` ", text, flags=re.MULTILINE)
            assert all("`" not in quote for quote in quotes)


def test_a_hostile_text_is_text_in_a_mail() -> None:
    written = mail.report(brief(hostile().story), owed(hostile().story, (), Medium.MAIL))
    seen = Seen()
    seen.feed(written.html)
    assert seen.tags <= {"html", "head", "meta", "title", "body", "div", "table", "tr", "td", "span", "br", "b", "a"}
    assert all(address.startswith("https://eu-west-1.console.aws.amazon.com/") for address in seen.addresses)
    assert "https://evil" not in written.html + written.text
    assert "www.evil" not in written.html + written.text
    assert "\n" not in written.subject


def test_only_our_links_are_links_in_jira() -> None:
    hrefs = re.findall(r'"href": "([^"]*)"', json.dumps(jira_documents(hostile().story)))
    assert hrefs
    assert all(href.startswith(("https://eu-west-1.console.aws.amazon.com/", PAGE)) for href in hrefs)


@pytest.mark.parametrize("length", [2_999, 3_001, 40_000, 200_000])
def test_a_long_text_is_split_and_never_lost(length: int) -> None:
    """Every word of a finding reaches the thread and the ticket; the limits hold all the same."""
    words = " ".join(f"w{number}&<" for number in range(length // 8))
    story = Night().opened().analysing().analysed(root_cause=words, citations=({"evidence_id": "E2", "quote": words},)).story
    assert [fault for message in slack_messages(story) for fault in faults(message.blocks)] == []
    assert [fault for document in jira_documents(story) for fault in adf.faults(document)] == []
    told = brief(story)
    record = next(r for r in story.history if r.kind == "analysis.completed")
    in_slack = Counter(re.findall(r"w\d+&amp;&lt;", json.dumps([m.blocks for m in slack.moment(told, record, alone=False)])))
    in_jira = Counter(re.findall(r"w\d+&<", json.dumps(jira.comment(told, record))))
    assert all(in_slack[f"w{n}&amp;&lt;"] >= 2 and in_jira[f"w{n}&<"] >= 2 for n in range(length // 8))


def test_a_list_too_long_for_one_node_is_told_whole_in_the_ticket() -> None:
    story = Night().opened().analysing().analysed(steps=tuple(f"step-{n} {'x' * 500}" for n in range(100))).story
    record = next(r for r in story.history if r.kind == "analysis.completed")
    documents = jira.comment(brief(story), record)
    assert [fault for document in documents for fault in adf.faults(document)] == []
    assert len(documents) > 1
    assert all(f"step-{n} " in json.dumps(documents) for n in range(100))


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", ""])
def test_no_link_to_a_console_that_is_not_there(region: str) -> None:
    story = STAGES["remediating"]().story
    abroad = story.incident.but(resources=(INSTANCE.but(region=region),))
    assert brief(replace(story, incident=abroad)).links == ()


@pytest.mark.parametrize(
    ("night", "said"),
    [
        (Night().opened().analysing(), "Nothing yet: Watchkeeper is gathering the evidence."),
        (Night().opened().analysing().analysed().remediating().succeeded(), "waiting for the alarm checkout-cpu-high to stay OK"),
        (Night().opened().analysing().analysed().remediating().failed(), "Take over"),
    ],
)
def test_whose_move_it_is(night: Night, said: str) -> None:
    assert said in brief(night.story).do_now[0]


def test_one_word_longer_than_any_limit_is_split() -> None:
    word = "<" * 20_000
    story = Night().opened().analysing().analysed(root_cause=word).story
    record = next(r for r in story.history if r.kind == "analysis.completed")
    shown = slack.moment(brief(story), record, alone=False)
    assert sum(b["text"]["text"].count("&lt;") for m in shown for b in m.blocks if "text" in b) >= len(word)
    assert [fault for m in shown for fault in faults(m.blocks)] == []


def test_a_long_title_is_cut_in_headlines_and_whole_in_the_ticket() -> None:
    title = "x y " * 200
    told = brief(Night(title=title).opened().story)
    assert faults(slack.card(told).blocks) == []
    assert len(jira.summary(told)) <= 255
    assert title.strip() in json.dumps(jira.issue(told))


def test_evidence_is_linked_where_it_lies() -> None:
    record = next(r for r in STAGES["analysed"]().story.history if r.kind == "analysis.completed")
    shown = json.dumps(slack.moment(brief(STAGES["analysed"]().story), record, alone=False)[0].blocks)
    assert f"<{LINK}|E2>" in shown


def test_a_thousand_joined_alerts_are_one_line_of_the_timeline() -> None:
    timeline = brief(Night().opened().joined(1000).analysing().story).timeline
    assert [happened.says.split(",")[0] for happened in timeline][1].startswith("1000 more alerts until")
    assert len(timeline) == 3
