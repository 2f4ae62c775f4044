"""A page on an action, made of what its files say: for docs/actions and for the terminal. Nothing in it is written by hand."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from cli.catalogue.template import Written
from watchkeeper.actions import Action

FOLDER = Path("docs/actions")
NOTICE = "<!-- Written by `make catalogue` from {files}. Edit those. -->"


def pages(root: Path, actions: Sequence[Action]) -> dict[Path, str]:
    """Every page by its path, and the list of them all."""
    return {FOLDER / f"{action.name}.md": page(root, action) for action in actions} | {FOLDER / "README.md": index(actions)}


def index(actions: Sequence[Action]) -> str:
    rows = [f"| [{one.name}]({one.name}.md) | {one.says} | `{one.target_type}` | {one.risk.value} | {_back(one)} |" for one in actions]
    return "\n".join(
        [
            NOTICE.format(files="the catalogue"),
            "# What could ever be done",
            "",
            f"{len(actions)} actions. An action that is not here does not exist; what may really be done is the standing orders' word",
            "(docs/standing-orders.md), and nothing that they do not name is ever done.",
            "",
            "| action | what it does | to what | risk | taken back |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def page(root: Path, action: Action) -> str:
    return "\n".join(part for section in _sections(root, action) for part in (*section, "")).rstrip() + "\n"


def _sections(root: Path, action: Action) -> Iterator[list[str]]:
    snake, folder = action.name.replace("-", "_"), root / "runbooks"
    runbook = yaml.safe_load((folder / f"{action.name}.yaml").read_text())
    files = f"actions/{snake}.py, runbooks/{action.name}.yaml and runbooks/roles/{action.name}.yaml"
    yield [NOTICE.format(files=files), f"# {action.name}", "", f"{action.says}. {action.expected_effect}"]
    yield ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in _facts(action))]
    if action.needs:
        yield ["## What it needs", "", *(f"- {need}" for need in action.needs)]
    yield ["## Parameters", "", "| parameter | what | takes |", "|---|---|---|", *_parameters(runbook)]
    yield [f"## Its runbook, {len(runbook['mainSteps'])} steps", "", *_steps(runbook)]
    yield ["## What its role may do", "", *_role((folder / "roles" / f"{action.name}.yaml").read_text())]
    yield ["## Try it", "", "```", f"./watchkeeper orders test --event events/… # which orders would let {action.name} run", "```"]


def _facts(action: Action) -> Iterator[tuple[str, str]]:
    yield "acts on", f"`{action.target_type}`" + (f", reached from {_listed(action.reached_from)}" if action.reached_from else "")
    yield "takes of an order's `with`", _listed(action.takes) or "nothing"
    yield "helps with", _listed(cause.value for cause in action.helps_with) or "nothing by itself: only where somebody asks for it"
    yield "risk", action.risk.value
    yield "calls that change something", _listed(action.calls) or "none in AWS"
    yield "pre-check", "; ".join(f"{fact} is {' or '.join(good)}" for fact, good in action.ready_when.items()) or "that it is there"
    yield "tried beforehand by", action.rehearsal.value
    yield "proven by", "its alarm" + "".join(f", and {fact}: {' or '.join(good)}" for fact, good in action.proven_by.items())
    yield "taken back", _back(action)
    yield "rests at least", f"{int(action.cooldown.total_seconds() // 60)} min on the same target"
    yield "takes at most", f"{action.seconds} s"
    if action.takes_out:
        yield "meanwhile", "the target serves nothing, so the last healthy one of a fleet is never taken"
    if action.left_to_do:
        yield "left to a person", action.left_to_do


def _back(action: Action) -> str:
    if action.reversible:
        return f"by itself: {', '.join(sorted(set(action.sets.values())))} as before"
    return action.inverse or f"never: {action.why_irreversible}"


def _parameters(runbook: dict[str, Any]) -> Iterator[str]:
    for name, declared in runbook["parameters"].items():
        takes = declared.get("allowedPattern") or ", ".join(declared.get("allowedValues", ()))
        yield f"| `{name}` | {_one_line(declared.get('description', ''))} | `{takes.replace('|', chr(92) + '|')}` |"


def _steps(runbook: dict[str, Any]) -> Iterator[str]:
    for number, step in enumerate(runbook["mainSteps"], start=1):
        inputs = step.get("inputs", {})
        call = f" `{inputs['Service']}:{inputs['Api']}`" if "Api" in inputs else ""
        says = f": {_one_line(step['description'])}" if step.get("description") else ""
        yield f"{number}. **{step['name']}** ({step['action'].removeprefix('aws:')}{call}){says}"


def _role(text: str) -> Iterator[str]:
    for statement in yaml.load(text, Loader=Written):  # noqa: S506 - a SafeLoader of ours
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        tagged = "aws:ResourceTag/AutoRemediate" in str(statement.get("Condition", ""))
        yield f"- {_listed(actions)}{' where the tag AutoRemediate is true' if tagged else ''}"


def _listed(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
