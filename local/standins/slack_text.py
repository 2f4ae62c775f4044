"""What Slack says of one text object."""

from collections.abc import Iterator
from typing import Any


def of_text(text: Any, at: str, longest: int, kinds: frozenset[str] | set[str] = frozenset({"mrkdwn", "plain_text"})) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"must be a {' or '.join(sorted(kinds))} object [json-pointer:{at}]"
        return
    length = len(text["text"]) if isinstance(text.get("text"), str) else 0
    if not 1 <= length <= longest:
        yield f"must be between 1 and {longest} characters, not {length} [json-pointer:{at}/text]"
    if text["type"] == "plain_text" and "verbatim" in text:
        yield f"invalid additional property: verbatim [json-pointer:{at}]"
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield f"invalid additional property: emoji [json-pointer:{at}]"
