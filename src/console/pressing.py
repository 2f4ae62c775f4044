"""A button was pressed in Slack: prove it, do it, and tell the one who pressed. Slack waits three seconds for the end of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from console.bodies import must_be
from console.interaction import Pressed, presser, read
from console.proven import by_slack
from console.refusals import TurnedAway
from console.service import decide, explain, rate
from console.whispers import SECONDS
from console.wiring import Wiring
from watchkeeper.answering import Given
from watchkeeper.buttons import Button, analysis_of
from watchkeeper.errors import BadPayload
from watchkeeper.gateway import Reply, headers_of, raw_body, reply
from watchkeeper.people import Person
from watchkeeper.telemetry import count, logger

VIA = "slack"
LATE = 409
SLACK_WAITS, LEAST = 2.8, 0.3
Press = Callable[[Pressed, Person, Wiring], str]


def interactions(event: Mapping[str, Any], wiring: Wiring) -> Reply:
    """In this order: size, signature over the raw bytes, form, who it was, what they want. Nothing unproven is parsed.

    Whoever came too late has done nothing wrong: Slack gets its 200, and the person reads why.
    """
    raw, headers = raw_body(event, wiring.settings.max_form_bytes), headers_of(event)
    by_slack(raw, headers, wiring)
    must_be("application/x-www-form-urlencoded", headers)
    pressed = read(raw)
    try:
        says = _done(pressed, wiring)
    except TurnedAway as away:
        wiring.whisper(pressed.response_url, str(away), left(event, wiring.clock()))
        if away.status != LATE:
            raise
        count("AnswersRefused", door="/slack/interactions", why=away.why)
        logger.info("too late", extra={"why": away.why})
        return _taken()
    wiring.whisper(pressed.response_url, says, left(event, wiring.clock()))
    return _taken()


def left(event: Mapping[str, Any], now: datetime) -> float:
    """How long the answer to the presser may take, so that Slack has ours in time, however long a cold start took before us."""
    began = (event.get("requestContext") or {}).get("requestTimeEpoch")
    gone = now.timestamp() - began / 1000 if isinstance(began, int) else 0.0
    return min(SECONDS, max(LEAST, SLACK_WAITS - gone))


def _done(pressed: Pressed, wiring: Wiring) -> str:
    """Carry it out; the sentence for whoever pressed."""
    person = presser(pressed, wiring.people())
    button = pressed.action.action_id
    if button not in PRESSES:
        raise BadPayload("that is no button of ours", field="actions.0.action_id")
    count("ButtonsPressed", button=button)
    return PRESSES[Button(button)](pressed, person, wiring)


def _approve(pressed: Pressed, person: Person, wiring: Wiring) -> str:
    decide(pressed.action.value, person, _given(pressed, yes=True), wiring)
    return "Your approval was taken. Everything is checked once more before it counts; the thread tells what comes of it."


def _reject(pressed: Pressed, person: Person, wiring: Wiring) -> str:
    decide(pressed.action.value, person, _given(pressed, yes=False), wiring)
    return "Your rejection was taken. The thread tells what comes of it."


def _explain(pressed: Pressed, person: Person, wiring: Wiring) -> str:
    incident_id, _ = analysis_of(pressed.action.value)
    return explain(incident_id, person, _given(pressed, yes=True), wiring)


def _right(pressed: Pressed, person: Person, wiring: Wiring) -> str:
    return rate(*analysis_of(pressed.action.value), person, _given(pressed, yes=True), wiring)


def _wrong(pressed: Pressed, person: Person, wiring: Wiring) -> str:
    return rate(*analysis_of(pressed.action.value), person, _given(pressed, yes=False), wiring)


def _given(pressed: Pressed, *, yes: bool) -> Given:
    return Given(yes, VIA, pressed.channel.id, pressed.container.message_ts)


def _taken() -> Reply:
    """Nothing in it: what Slack finds in the body of an answer it may show in place of the message."""
    return reply(200, {}) | {"body": ""}


PRESSES: dict[Button, Press] = {
    Button.APPROVE: _approve,
    Button.REJECT: _reject,
    Button.EXPLAIN: _explain,
    Button.RIGHT: _right,
    Button.WRONG: _wrong,
}
