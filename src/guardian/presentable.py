"""What of a plan a model is shown. Ids that are not such as AWS gives are a person's to read, and free text is left out.

The plan is typed and its facts are the inventory's own. But people name their resources, so that a name can spell anything: what
goes into the prompt is bounded, printable, and of the letters that its kind is made of.
"""

import json
import re
from typing import Any

from watchkeeper.models import PlanShown

WORD = re.compile(r"[a-z][a-z0-9-]{0,63}")
TYPE = re.compile(r"[a-z0-9-]{1,40}:[a-z0-9-]{1,60}")
ID = re.compile(r"[A-Za-z0-9/._-][A-Za-z0-9/._:@#+=,-]{0,254}")
CALL = re.compile(r"[a-z0-9-]{1,40}:[A-Za-z0-9_]{1,80}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,63}")
TEXT = re.compile(r"[ -~]{0,200}")
OF_OURS = re.compile(r"[^\x00-\x1f\x7f]{0,600}")
RECENT = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ {WORD.pattern} (?:{TYPE.pattern}/)?{ID.pattern}")
MOST_PARAMETERS, MOST_VALUES, MOST_FACTS, MOST_CALLS, MOST_RECENT = 20, 10, 25, 20, 20
PROVENANCE = "Watchkeeper's typed plan; ids and facts are as AWS names them, and whoever made a resource chose its name"


def unfit(plan: PlanShown) -> str:
    """Why no model is shown this plan, for the person who is asked instead; empty where it may be shown."""
    faults = (
        (not WORD.fullmatch(plan.action), "the name of its action"),
        (not TYPE.fullmatch(plan.target_type), "the type of its target"),
        (not ID.fullmatch(plan.target_id), "the id of its target"),
        (not _typed(plan.parameters), "one of its parameters"),
        (bool(plan.undoes) and not ID.fullmatch(plan.undoes), "the name of what it takes back"),
        (len(plan.calls) > MOST_CALLS or not all(map(CALL.fullmatch, plan.calls)), "one of its calls"),
        (not all(map(OF_OURS.fullmatch, (plan.says, plan.effect))), "what the catalogue says of it"),
        (not all(map(WORD.fullmatch, (plan.cause.replace("_", "-"), plan.severity, plan.risk))), "its cause, severity or risk"),
    )
    wrong = [what for is_wrong, what in faults if is_wrong]
    return f"No model was shown this plan: {', '.join(wrong)} is not such as ours are." if wrong else ""


def presented(plan: PlanShown) -> dict[str, Any]:
    """The plan as the model reads it. Only of one that is not unfit."""
    return {
        "provenance": PROVENANCE,
        "action": {"name": plan.action, "does": plan.says, "risk": plan.risk, "effect": plan.effect, "calls": plan.calls}
        | {"can be undone": plan.reversible, "takes back": plan.undoes},
        "target": {"type": plan.target_type, "id": plan.target_id},
        "parameters": plan.parameters,
        "state": _facts(plan.state),
        "health": _facts(plan.health),
        "fleet": {"size": plan.fleet_size, "healthy": plan.fleet_healthy} if plan.fleet_size else "it is one of its own",
        "cause": plan.cause,
        "confidence": round(plan.confidence, 2),
        "severity": plan.severity,
        "recent actions, newest first": [_shown(line, RECENT) for line in plan.recent[:MOST_RECENT]],
    }


def _typed(parameters: dict[str, list[str]]) -> bool:
    few = len(parameters) <= MOST_PARAMETERS and all(len(values) <= MOST_VALUES for values in parameters.values())
    return few and all(NAME.fullmatch(name) and all(map(TEXT.fullmatch, values)) for name, values in parameters.items())


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The first of them, by name. What a fact is called is the inventory's word, and is held to it all the same."""
    return {name: _fact(value) for name, value in sorted(facts.items())[:MOST_FACTS] if NAME.fullmatch(name)}


def _fact(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return _shown(value if isinstance(value, str) else json.dumps(value, default=str), TEXT)


def _shown(text: str, pattern: re.Pattern[str]) -> str:
    return text if pattern.fullmatch(text) else f"(not shown: {len(text)} characters)"
