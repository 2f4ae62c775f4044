"""What a delivery is wrapped in: an SNS notification, to a queue or to a function, or the packed lines of a log subscription."""

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from reception.fields import Body, listing, mapping
from watchkeeper.errors import BadPayload

MOST_UNPACKED = 20_000_000
DEEPEST = 64
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Opened:
    """The body inside, and its own text, which is what there is to keep."""

    body: dict[str, Any]
    text: str


def clean(text: str) -> str:
    """Without the characters that SQS and DynamoDB refuse: each becomes the sign for what cannot be shown."""
    return _REFUSED.sub("�", text)


def _cleaned(value: Any, deeper: int = DEEPEST) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | dict) and not deeper:
        raise BadPayload(f"nested deeper than the {DEEPEST} levels that we take")
    if isinstance(value, list):
        return [_cleaned(item, deeper - 1) for item in value]
    if isinstance(value, dict):
        return {clean(name): _cleaned(item, deeper - 1) for name, item in value.items()}
    return value


def parse(raw: str | bytes) -> Any:
    """The JSON value, its texts cleaned; BadPayload says where it stops being JSON."""
    try:
        return _cleaned(json.loads(raw))
    except json.JSONDecodeError as error:
        raise BadPayload(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise BadPayload(f"not JSON: byte {error.start} is not UTF-8") from error
    except RecursionError as error:
        raise BadPayload(f"nested deeper than the {DEEPEST} levels that we take") from error
    except ValueError as error:
        raise BadPayload("a number with more digits than we take") from error


def opened(text: str) -> Opened:
    """The body of a delivery, out of its envelopes. What is not a JSON object becomes one with the text as its `message`."""
    try:
        body = parse(text)
    except BadPayload:
        return _in_words(text)
    return _out_of(body, text)


def of_event(event: dict[str, Any]) -> Opened:
    """The same for an event that the runtime has parsed already."""
    return opened(json.dumps(event, default=str))


def _out_of(body: Any, text: str) -> Opened:
    if not isinstance(body, dict):
        return _in_words(text)
    envelope = _to_a_function(body) or body
    if envelope.get("Type") == "Notification" and isinstance(envelope.get("Message"), str) and "TopicArn" in envelope:
        return _notified(envelope)
    packed = mapping(body.get("awslogs")).get("data")
    if isinstance(packed, str):
        lines = unpacked(packed)
        return opened(lines) if lines else Opened(body, clean(text))
    return Opened(body, clean(text))


def _to_a_function(body: dict[str, Any]) -> Body:
    """The notification that SNS hands to a function, always one at a time; empty for anything else."""
    records = listing(body.get("Records"))
    return mapping(mapping(records[0]).get("Sns")) if len(records) == 1 else {}


def _notified(envelope: Body) -> Opened:
    message = envelope["Message"]
    try:
        body = parse(message)
    except BadPayload:
        body = None
    if isinstance(body, dict):
        return Opened(body, message)
    subject = envelope.get("Subject")
    return _in_words(message, **({"subject": subject} if isinstance(subject, str) else {}))


def _in_words(text: str, **more: str) -> Opened:
    return Opened({**more, "message": clean(text)}, clean(text))


def unpacked(data: str) -> str:
    """The text of gzipped base64, up to a bound that no honest subscription reaches; empty where it is neither."""
    try:
        unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        return unzip.decompress(base64.b64decode(data), MOST_UNPACKED).decode(errors="replace")
    except (binascii.Error, ValueError, zlib.error):
        return ""
