"""A Command document of our own: what Run Command makes of it for the agent on an instance. Read as strictly as a runbook is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from local.ssm import parameters
from local.ssm.faults import InvalidDocumentContent, InvalidParameters
from local.ssm.values import resolve, tokens

SHELL = "aws:runShellScript"
_STEP_KEYS, _INPUT_KEYS = {"name", "action", "precondition", "inputs"}, {"runCommand", "timeoutSeconds", "workingDirectory"}
_PARAMETER_KEYS = {"type", "description", "default", "allowedPattern", "allowedValues", "displayType", "minChars", "maxChars"}


@dataclass(frozen=True)
class Command:
    """One version of a Command document of one shell step."""

    name: str
    content: str
    made_at: datetime
    description: str
    parameters: Mapping[str, Mapping[str, Any]]
    script: tuple[str, ...]
    version: str = "1"

    kind = "Command"
    schema = "2.2"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    def lines(self, given: Mapping[str, Any]) -> list[str]:
        """The script with these parameters put into its text, as the agent does it; InvalidParameters where they do not fit."""
        listed = {name: [str(one) for one in value] if isinstance(value, list) else [str(value)] for name, value in given.items()}
        try:
            known = parameters.values(self.name, self.parameters, listed)
        except parameters.Unfitting as error:
            raise InvalidParameters(str(error)) from error
        lines: list[str] = resolve(list(self.script), known)
        return lines


def read(name: str, content: str, at: datetime | None = None) -> Command:
    """The document; InvalidDocumentContent says what is wrong and where."""
    raw = yaml.safe_load(content)
    if raw.get("schemaVersion") != Command.schema:
        raise InvalidDocumentContent("schemaVersion must be the text '2.2' for a Command document")
    steps = raw.get("mainSteps") or []
    if len(steps) != 1:
        raise InvalidDocumentContent(f"the simulator runs Command documents of one step, not {len(steps)}")
    found = Command(
        name=name,
        content=content,
        made_at=at or datetime.now(UTC),
        description=str(raw.get("description", "")),
        parameters=raw.get("parameters") or {},
        script=_script(steps[0]),
    )
    _check(found)
    return found


def _script(step: dict[str, Any]) -> tuple[str, ...]:
    label, inputs = step.get("name", "a step without a name"), step.get("inputs") or {}
    unknown = sorted({*(set(step) - _STEP_KEYS), *(set(inputs) - _INPUT_KEYS)})
    if unknown:
        raise InvalidDocumentContent(f"step {label}: unknown property {', '.join(unknown)}")
    if step.get("action") != SHELL:
        raise InvalidDocumentContent(f"step {label}: the simulator knows {SHELL} only, not {step.get('action')!r}")
    lines = inputs.get("runCommand") or []
    if not isinstance(lines, list) or not lines:
        raise InvalidDocumentContent(f"step {label}: runCommand is a list of lines")
    return tuple(str(line) for line in lines)


def _check(command: Command) -> None:
    for name, declared in command.parameters.items():
        unknown = sorted(set(declared) - _PARAMETER_KEYS)
        if unknown or declared.get("type") not in {"String", "StringList"}:
            raise InvalidDocumentContent(f"parameter {name}: a String or StringList, and no {', '.join(unknown) or 'other type'}")
    missing = sorted(tokens(list(command.script)) - set(command.parameters))
    if missing:
        raise InvalidDocumentContent(f"{{{{ {missing[0]} }}}} is no parameter of {command.name}")
