"""The MCP servers that the team has registered, and what of each may be used: config/mcp-servers.yaml.

A tool that is not listed is not offered.
"""

import ipaddress
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from watchkeeper.models import Word
from watchkeeper.team import config_dir, read_yaml

FILE = "mcp-servers.yaml"
READ, ACTION = "read", "action:"
PLACEHOLDERS = ("service", "account", "region", "resource_id")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
_TOOL = re.compile(r"[A-Za-z0-9_.-]{0,63}[A-Za-z0-9_.*-]")
_KIND = re.compile(rf"{READ}|{ACTION}[a-z][a-z0-9-]{{0,59}}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_BRACES = re.compile(r"\{([^{}]*)\}")
_NOT_FOR_SECRETS = {
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "accept",
    "te",
    "upgrade",
}


def _fits(pattern: re.Pattern[str], says: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(says)
        return value

    return AfterValidator(check)


def address(url: str) -> str:
    """The address, or a ValueError that says what is wrong with it. Where its host leads is looked at before each connection."""
    parts = urlsplit(url)
    if any(c.isspace() or not c.isprintable() or c == "\\" for c in url) or not url.isascii():
        raise ValueError("an address has no blanks, backslashes or letters beyond ASCII")
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("has to begin with https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("holds a user or a password; a secret belongs into the tools secret, named by auth.secret_key")
    if parts.fragment or parts.query:
        raise ValueError("has neither ? nor #")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the port is a number from 1 to 65535")
    return url


class AuthKind(StrEnum):
    NONE = "none"
    BEARER = "bearer"
    HEADER = "header"


class Auth(Word):
    """How a server knows us. `secret_key` is a key of the tools secret, never the secret."""

    kind: AuthKind = AuthKind.NONE
    header: str = ""
    secret_key: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind is not AuthKind.NONE) != bool(self.secret_key):
            raise ValueError("bearer and header need secret_key, the name of a key in the tools secret; none has none")
        if (self.kind is AuthKind.HEADER) != bool(self.header):
            raise ValueError("kind header, and no other, needs header, the name of the header")
        if self.header and (not _HEADER.fullmatch(self.header) or self.header.lower() in _NOT_FOR_SECRETS or "mcp" in self.header.lower()):
            raise ValueError(f"{self.header!r} is no header for a secret")
        return self


class Collect(Word):
    """A read tool that is asked for every incident. In its arguments, text may hold {service}, {account}, {region} and
    {resource_id}: fields that an authenticated signal or services.yaml gave; nothing else of an incident gets there."""

    tool: str
    arguments: dict[str, Any] = {}

    @model_validator(mode="after")
    def _knows_its_fields(self) -> Self:
        for name in self.fields():
            if name not in PLACEHOLDERS:
                raise ValueError(f"arguments: {{{name}}} is not one of {', '.join('{' + one + '}' for one in PLACEHOLDERS)}")
        return self

    def fields(self) -> set[str]:
        """The placeholders that the arguments hold."""
        return {name for text in texts(self.arguments) for name in _BRACES.findall(text)}

    def filled(self, fields: dict[str, str]) -> dict[str, Any]:
        """The arguments with these values in their places."""
        filled: dict[str, Any] = _filled(self.arguments, fields)
        return filled


class McpServer(Word):
    """One server: where it is, how it knows us, which of its tools may be used and what each of them is."""

    name: Annotated[str, _fits(_NAME, "small letters, digits and dashes, a letter first, at most 20")]
    url: Annotated[str, AfterValidator(address)]
    auth: Auth = Field(default_factory=Auth)
    tools: dict[
        Annotated[str, _fits(_TOOL, "the name of a tool; a * at the end stands for the rest")],
        Annotated[str, _fits(_KIND, "read, or action: and the name of an action of the catalogue")],
    ]
    timeout: float = Field(default=5.0, gt=0, le=30, description="seconds for one conversation with it: connect, look at its tools, ask")
    allow_private: bool = Field(default=False, description="its host may be in private address space; said outright for each server")
    collect: tuple[Collect, ...] = ()
    looks: dict[str, Collect] = Field(default={}, description="by type, the read tool that says how a thing of that type is")

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.url.startswith("http://") and not (self.allow_private and _nearby(urlsplit(self.url).hostname or "")):
            raise ValueError("http:// is for localhost and private addresses with allow_private: true; use https://")
        for place, one in (*(("collect", one) for one in self.collect), *(("looks", one) for one in self.looks.values())):
            if self.kind(one.tool) != READ:
                raise ValueError(f"{place}: {one.tool!r} is not one of its read tools")
        return self

    def kind(self, tool: str) -> str:
        """What the team says this tool is; empty where it says nothing. The whole name counts before a pattern, the longer
        pattern before the shorter."""
        if tool in self.tools and not tool.endswith("*"):
            return self.tools[tool]
        fitting = [pattern for pattern in self.tools if pattern.endswith("*") and tool.startswith(pattern[:-1])]
        return self.tools[max(fitting, key=len)] if fitting else ""


class McpServers(Word):
    servers: tuple[McpServer, ...] = ()


def read_mcp_servers(folder: Path) -> McpServers:
    """mcp-servers.yaml of this folder; a folder without one has no servers."""
    path = folder / FILE
    return read_yaml(path, McpServers) if path.is_file() else McpServers()


@cache
def mcp_servers() -> McpServers:
    return read_mcp_servers(config_dir())


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value, names of fields aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def _filled(value: Any, fields: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _BRACES.sub(lambda found: fields[found[1]], value)
    if isinstance(value, dict):
        return {key: _filled(one, fields) for key, one in value.items()}
    return [_filled(one, fields) for one in value] if isinstance(value, list) else value


def _nearby(host: str) -> bool:
    """Loopback or private by its own name; what a name resolves to is looked at later."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
