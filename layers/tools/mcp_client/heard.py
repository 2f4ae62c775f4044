"""What a server told us, as it told it: data of ours, nothing of the SDK's. All text in it is foreign."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Advertised:
    """A tool as its server describes it. What it says of itself beyond that, annotations above all, means nothing."""

    name: str
    description: str
    schema: dict[str, Any]

    @property
    def terms(self) -> str:
        """What it takes, in short: another value means that it changed."""
        return hashlib.sha256(json.dumps(self.schema, sort_keys=True, default=str).encode(errors="replace")).hexdigest()


@dataclass(frozen=True)
class Result:
    """A tool's answer: its text, how much else there was by kind, and whether it says that it failed."""

    text: str
    aside: dict[str, int]
    failed: bool = False
    cut: bool = False
