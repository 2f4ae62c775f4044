"""The stand-in for Slack takes the buttons that Slack takes, and refuses what it would refuse."""

from collections.abc import Callable
from typing import Any

import pytest

from local.page.slack_shown import blocks
from local.standins.slack_blocks import faults

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def a_button(**but: Any) -> Block:
    return {"type": "button", "action_id": "a", "text": plain("Approve"), "value": "v", "style": "primary", **but}


def a_dialog(**but: Any) -> Block:
    return {"title": plain("Sure?"), "text": plain("It reboots."), "confirm": plain("Yes"), "deny": plain("No"), **but}


def actions(*elements: Any) -> list[Block]:
    return [{"type": "actions", "elements": list(elements)}]


def test_what_slack_takes() -> None:
    assert faults(actions(a_button(confirm=a_dialog(style="danger")), a_button(action_id="b"))) == []


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: actions(), id="no element"),
        pytest.param(lambda: actions(*(a_button(action_id=str(n)) for n in range(26))), id="26 elements"),
        pytest.param(lambda: actions(None), id="a null"),
        pytest.param(lambda: actions({"type": "hologram"}), id="an unknown element"),
        pytest.param(lambda: actions(a_button(), a_button()), id="one action_id twice"),
        pytest.param(lambda: actions(a_button(text=plain("x" * 76))), id="a long text"),
        pytest.param(lambda: actions(a_button(text={"type": "mrkdwn", "text": "x"})), id="mrkdwn on a button"),
        pytest.param(lambda: actions(a_button(text=None)), id="no text"),
        pytest.param(lambda: actions(a_button(value="x" * 2001)), id="a long value"),
        pytest.param(lambda: actions(a_button(value="")), id="an empty value"),
        pytest.param(lambda: actions(a_button(value=7)), id="a value that is no text"),
        pytest.param(lambda: actions(a_button(action_id="x" * 256)), id="a long action_id"),
        pytest.param(lambda: actions(a_button(style="green")), id="another style"),
        pytest.param(lambda: actions(a_button(colour="green")), id="an unknown field"),
        pytest.param(lambda: actions(a_button(confirm="sure?")), id="a dialog that is no object"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(title=plain("x" * 101)))), id="a dialog with a long title"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(text=plain("x" * 301)))), id="a dialog with a long text"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(confirm=plain("x" * 31)))), id="a dialog with a long yes"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(deny=None))), id="a dialog without a no"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(style="green"))), id="a dialog of another style"),
        pytest.param(lambda: actions(a_button(confirm=a_dialog(why="x"))), id="a dialog with an unknown field"),
    ],
)
def test_what_slack_refuses(make: Callable[[], list[Block]]) -> None:
    assert len(faults(make())) >= 1


def test_the_page_has_a_form_behind_each_button_and_nothing_breaks_out_of_it() -> None:
    hostile = a_button(text=plain("Approve' onclick='x"), action_id="a'><script>", confirm=a_dialog(text=plain("<img src=x>")))
    shown = blocks(actions(hostile), "1.0'", {"U0ADA": "<b>ada</b>"})
    assert "action='/slack/press'" in shown
    for inside in ("<script", "<img", "<b>ada", "onclick='x", "'1.0''"):
        assert inside not in shown


def test_without_a_name_or_anybody_to_press_it_a_button_is_a_picture() -> None:
    assert blocks(actions(a_button()), "1.0", {}) == blocks(actions(a_button())) == "<p><span class=button>Approve</span></p>"
