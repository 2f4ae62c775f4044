"""A runbook as it is registered: read strictly, so that a mistake in it is met here and not in an account."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml

from local.ssm import parameters
from local.ssm.faults import InvalidAutomationExecutionParametersException, InvalidDocumentContent
from local.ssm.steps import ACTIONS
from local.ssm.values import tokens

NAME = re.compile(r"[A-Za-z0-9_.-]{3,128}")
_KNOWN_EVERYWHERE = ("global:", "automation:")
_STEP_KEYS = {
    "name", "action", "inputs", "outputs", "onFailure", "onCancel", "isEnd", "isCritical", "nextStep", "timeoutSeconds",
    "maxAttempts", "description",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step, with AWS's defaults filled in."""

    name: str
    action: str
    inputs: dict[str, Any]
    outputs: tuple[dict[str, str], ...] = ()
    on_failure: str = "Abort"
    next_step: str = ""
    is_end: bool = False
    critical: bool = True
    timeout_seconds: float = 3600
    max_attempts: int = 1


@dataclass(frozen=True)
class Document:
    """One version of a registered runbook."""

    name: str
    content: str
    made_at: datetime
    description: str
    assume_role: str
    parameters: Mapping[str, Mapping[str, Any]]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    version: str = "1"

    kind = "Automation"
    schema = "0.3"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

    def after(self, step: Step) -> str:
        """The step that comes next where nothing says otherwise; empty at the end."""
        if step.is_end:
            return ""
        if step.next_step:
            return step.next_step
        names = [s.name for s in self.steps]
        following = names[names.index(step.name) + 1 :]
        return following[0] if following else ""

    def values(self, given: Mapping[str, list[str]]) -> dict[str, Any]:
        """The parameters of one execution: typed, defaults filled in, checked as declared."""
        try:
            return parameters.values(self.name, self.parameters, given)
        except parameters.Unfitting as error:
            raise InvalidAutomationExecutionParametersException(str(error)) from error


def read(name: str, content: str, at: datetime | None = None) -> Document:
    """The document; InvalidDocumentContent says what is wrong and where."""
    try:
        raw = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise InvalidDocumentContent(f"not YAML or JSON: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict) or raw.get("schemaVersion") != "0.3":
        raise InvalidDocumentContent("schemaVersion must be the text '0.3' for an Automation runbook")
    found = Document(
        name=name,
        content=content,
        made_at=at or datetime.now(UTC),
        description=str(raw.get("description", "")),
        assume_role=str(raw.get("assumeRole", "")),
        parameters=raw.get("parameters") or {},
        steps=tuple(_step(step) for step in raw.get("mainSteps") or ()),
        outputs=tuple(raw.get("outputs") or ()),
    )
    _check(found)
    return found


def _step(raw: dict[str, Any]) -> Step:
    label = raw.get("name", "a step without a name")
    unknown = sorted(set(raw) - _STEP_KEYS)
    if unknown:
        raise InvalidDocumentContent(f"step {label}: unknown property {', '.join(unknown)}")
    on_failure = str(raw.get("onFailure", "Abort"))
    return Step(
        name=str(label),
        action=str(raw.get("action", "")),
        inputs=raw.get("inputs") or {},
        outputs=tuple(raw.get("outputs") or ()),
        on_failure=on_failure,
        next_step=str(raw.get("nextStep", "")),
        is_end=_flag(raw.get("isEnd", False)),
        critical=_flag(raw.get("isCritical", on_failure != "Continue")),
        timeout_seconds=float(raw.get("timeoutSeconds", 3600)),
        max_attempts=int(raw.get("maxAttempts", 1)),
    )


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() == "true"


def _check(document: Document) -> None:
    names = [step.name for step in document.steps]
    if not names or len(set(names)) != len(names):
        raise InvalidDocumentContent("mainSteps needs at least one step, and each its own name")
    for step in document.steps:
        if step.action not in ACTIONS:
            raise InvalidDocumentContent(f"step {step.name}: the simulator does not know the action {step.action!r}")
        jumps = ACTIONS[step.action].jumps(step.inputs)
        aimed = [*jumps, step.next_step, step.on_failure.removeprefix("step:") if step.on_failure.startswith("step:") else ""]
        for target in filter(None, aimed):
            if target not in names:
                raise InvalidDocumentContent(f"step {step.name} leads to {target}, which is no step")
        for token in tokens(step.inputs):
            if token not in document.parameters and not token.startswith(_KNOWN_EVERYWHERE) and token.split(".")[0] not in names:
                raise InvalidDocumentContent(f"step {step.name}: {{{{ {token} }}}} is no parameter and no output of a step")
