"""What Slack says of a button: its fields, their lengths, and the dialog that asks once more."""

from collections.abc import Iterator
from typing import Any

from local.standins.slack_text import of_text

_FIELDS = {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}
_LONGEST = {"action_id": 255, "value": 2000, "url": 3000, "accessibility_label": 75}
_PLAIN = {"plain_text"}
_CONFIRM = {"title": (100, _PLAIN), "text": (300, _PLAIN | {"mrkdwn"}), "confirm": (30, _PLAIN), "deny": (30, _PLAIN)}


def of_element(element: Any, at: str) -> Iterator[str]:
    """Of all that an actions block may hold, the stand-in knows buttons."""
    if not isinstance(element, dict) or element.get("type") != "button":
        yield f"unsupported type [json-pointer:{at}/type]"
        return
    for extra in element.keys() - _FIELDS:
        yield f"invalid additional property: {extra} [json-pointer:{at}]"
    yield from of_text(element.get("text"), f"{at}/text", 75, _PLAIN)
    for name, longest in _LONGEST.items():
        value = element.get(name, "-")
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            yield f"must be between 1 and {longest} characters [json-pointer:{at}/{name}]"
    yield from _of_style(element, at)
    if "confirm" in element:
        yield from _of_confirm(element["confirm"], f"{at}/confirm")


def _of_confirm(confirm: Any, at: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield f"must be an object [json-pointer:{at}]"
        return
    for extra in confirm.keys() - _CONFIRM.keys() - {"style"}:
        yield f"invalid additional property: {extra} [json-pointer:{at}]"
    for name, (longest, kinds) in _CONFIRM.items():
        yield from of_text(confirm.get(name), f"{at}/{name}", longest, kinds)
    yield from _of_style(confirm, at)


def _of_style(thing: dict[str, Any], at: str) -> Iterator[str]:
    if "style" in thing and thing["style"] not in {"primary", "danger"}:
        yield f"must be primary or danger [json-pointer:{at}/style]"
