"""A request as API Gateway's REST proxy hands it over: its raw bytes, its headers, and how it is answered."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from watchkeeper.errors import BadPayload, TooLarge

Reply = dict[str, Any]


def raw_body(event: Mapping[str, Any], most: int) -> bytes:
    """The bytes as they were sent and signed."""
    body = event.get("body") or ""
    packed = bool(event.get("isBase64Encoded"))
    too_large = TooLarge(f"at most {most} bytes are taken")
    if len(body) > (most * 4 // 3 + 4 if packed else most):
        raise too_large
    try:
        raw = base64.b64decode(body, validate=True) if packed else body.encode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError) as error:
        raise BadPayload("said to be base64 and is not") from error
    if len(raw) > most:
        raise too_large
    return bytes(raw)


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Names in lower case; a header that came several times is one, joined by commas, as HTTP has it. `?name` is a parameter."""
    asked = {f"?{name}": str(value) for name, value in _mapping(event.get("queryStringParameters")).items()}
    single = {name.lower(): str(value) for name, value in _mapping(event.get("headers")).items()}
    several = {name.lower(): ",".join(map(str, values)) for name, values in _mapping(event.get("multiValueHeaders")).items() if values}
    return single | several | asked


def reply(status: int, body: dict[str, Any], **headers: str) -> Reply:
    """Short JSON that nobody keeps."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store", **named},
        "body": json.dumps(body, ensure_ascii=False),
        "isBase64Encoded": False,
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
