"""A request to one of the sources, proven as its vendor proves it: for `fire`, for the samples and for the tests."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cli.trouble import NO, Trouble
from reception.proofs import AnyOf, Basic
from reception.sources.registry import Source, sources


@dataclass(frozen=True)
class Knock:
    """Where to and with what. The body goes as it is."""

    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @property
    def address(self) -> str:
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")


def knock(source: Source, raw: bytes, secret: str, at: datetime) -> Knock:
    """How this source's vendor would send these bytes at this time."""
    sent = source.proof.sign(raw, secret, at) if source.proof else None
    if sent is None:
        raise Trouble(f"{source.name} cannot be sent by hand", "only its vendor can prove to be its sender", "send it from there", NO)
    asked = {name[1:]: value for name, value in sent.items() if name.startswith("?")}
    return Knock(source.path, {name: value for name, value in sent.items() if not name.startswith("?")}, asked)


def source_of(event: Mapping[str, Any]) -> Source | None:
    """Whose door a sample knocks on; none where it does not come through the door."""
    path, name = str(event.get("path") or ""), (event.get("pathParameters") or {}).get("source")
    found = [one for one in sources().values() if one.proof and (one.name == name or path.endswith(one.path))]
    return found[0] if found and "httpMethod" in event else None


def body_of(event: Mapping[str, Any]) -> bytes:
    """The bytes that a sample carries."""
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else str(body).encode()


def proven_anew(event: Mapping[str, Any], source: Source, secret: str, at: datetime) -> dict[str, Any]:
    """The same request with a proof of its own as of this time; what it carried of one before is gone."""
    made = knock(source, body_of(event), secret, at)
    old = {name.lower() for name in made.headers}
    kept = {name: value for name, value in (event.get("headers") or {}).items() if name.lower() not in old}
    headers = {**kept, **made.headers}
    asked = {**(event.get("queryStringParameters") or {}), **made.query}
    return {
        **event,
        "path": made.path,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": asked or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in asked.items()} or None,
    }


def new_secret(source: Source) -> str:
    """One that nobody has guessed; where a user may have to go with it, it has one."""
    ways = source.proof.proofs if isinstance(source.proof, AnyOf) else (source.proof,)
    user = "watchkeeper:" if any(isinstance(way, Basic) for way in ways) else ""
    return user + secrets.token_urlsafe(32)
