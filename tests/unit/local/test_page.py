"""What was sent is shown, and nothing that was sent can act on the page."""

from typing import Any

import pytest

from local.page import Page
from local.page.adf_shown import adf
from local.page.slack_shown import blocks, mrkdwn
from local.standins.http import Request


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("*bold* and _soft_ and `code`", "<b>bold</b> and <i>soft</i> and <code>code</code>", id="styles"),
        pytest.param("a &lt;b&gt; &amp;c", "a &lt;b&gt; &amp;c", id="slack's own escapes"),
        pytest.param("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", id="html"),
        pytest.param(
            "see <https://x.test/a?b=1&amp;c=2|the *page*>",
            'see <a href="https://x.test/a?b=1&amp;c=2" rel="noreferrer">the <b>page</b></a>',
            id="link",
        ),
        pytest.param("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;", id="link that is no address"),
        pytest.param(
            '<https://x.test/"onclick=1|y>', '<a href="https://x.test/&#34;onclick=1" rel="noreferrer">y</a>', id="quote in a link"
        ),
        pytest.param("a\nb", "a<br>b", id="lines"),
        pytest.param("2*3*4 snake_case_name", "2*3*4 snake_case_name", id="no style inside words"),
    ],
)
def test_mrkdwn(text: str, html: str) -> None:
    assert mrkdwn(text) == html


def test_blocks_of_a_message() -> None:
    shown = blocks(
        [
            {"type": "header", "text": {"type": "plain_text", "text": "<CPU>"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}, "fields": [{"text": "y"}]},
            {"type": "context", "elements": [{"text": "a"}, {"text": "b"}]},
            {"type": "divider"},
            {"type": "actions", "elements": [{"type": "button", "text": {"text": "Approve"}}]},
            {"type": "hologram"},
        ]
    )
    assert shown == (
        "<h4>&lt;CPU&gt;</h4><p><b>x</b></p><p>y</p><p class=context>a b</p><hr>"
        "<p><span class=button>Approve</span></p><p class=context>(hologram)</p>"
    )


def test_atlassian_documents() -> None:
    link: dict[str, Any] = {
        "type": "text",
        "text": "<a>",
        "marks": [{"type": "link", "attrs": {"href": 'https://x.test/"'}}, {"type": "strong"}],
    }
    items = [{"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "one"}]}]}]
    document = {
        "type": "doc",
        "content": [{"type": "paragraph", "content": [link, {"type": "hardBreak"}]}, {"type": "bulletList", "content": items}],
    }
    assert adf(document) == ('<p><b><a href="https://x.test/&#34;" rel="noreferrer">&lt;a&gt;</a></b><br></p><ul><li><p>one</p></li></ul>')
    assert adf(None) == ""


def test_the_page_says_that_it_is_being_set_up_and_runs_no_script() -> None:
    reply = Page()(Request("GET", "/", {}, {}, b""))
    assert reply.status == 200
    assert b"being set up" in reply.body
    assert "script-src" not in reply.headers["content-security-policy"]
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")


def test_any_other_address_is_not_found() -> None:
    assert Page()(Request("GET", "/favicon.ico", {}, {}, b"")).status == 404
