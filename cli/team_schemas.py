"""The team's files as JSON Schema, written from the types that read them, so that an editor completes and checks as they are written.

A schema knows less than the types: not whether a zone or a cron field exists, nor what one entry says of another. It takes nothing
for wrong that the types take for right, but for a name that no action has, which `config check` refuses too, and for what YAML writes
otherwise than it is meant, such as a number in quotes.
"""

import json
from pathlib import Path
from typing import Any

from watchkeeper.actions import catalogue
from watchkeeper.custom_actions import CustomActions
from watchkeeper.mcp_servers import McpServers
from watchkeeper.models import Word
from watchkeeper.people import People
from watchkeeper.quiet import Noise
from watchkeeper.team import Channels, Services, StandingOrders

FOLDER = Path("docs/schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: dict[str, type[Word]] = {
    "standing-orders": StandingOrders,
    "services": Services,
    "channels": Channels,
    "noise": Noise,
    "mcp-servers": McpServers,
    "people": People,
    "custom-actions": CustomActions,
}


def schemas() -> dict[Path, str]:
    """Each published file, by its place in the repository, as it has to be."""
    return {FOLDER / f"{name}.schema.json": _text(name, kind) for name, kind in KINDS.items()}


def outdated(root: Path) -> list[Path]:
    """Those of them that are missing under this root, or say something else."""
    return [place for place, text in schemas().items() if not (root / place).is_file() or (root / place).read_text() != text]


def write(root: Path) -> None:
    for place, text in schemas().items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)


def _text(name: str, kind: type[Word]) -> str:
    found: dict[str, Any] = {"$schema": DIALECT, **kind.model_json_schema(by_alias=True), "title": f"config/{name}.yaml"}
    if kind is StandingOrders:
        action = found["$defs"]["Order"]["properties"]["action"]
        action["anyOf"] = [{"enum": sorted(catalogue())}, {"pattern": r"\*$"}]  # the types take any name; an editor is to complete it
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
