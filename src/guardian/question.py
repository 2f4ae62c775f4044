"""Makes the question: policy in the system prompt, the plan in JSON inside a tool result, as if the model had asked for it."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ConfigDict

from claude.question import Question
from guardian.presentable import presented
from watchkeeper.models import PlanShown, Word

MOST_REASONS = 5
ANSWER_TOKENS = 2_500
READ_PLAN = {
    "name": "read_plan",
    "description": "The plan.",
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def _bare(schema: dict[str, Any]) -> None:
    """Titles and docstrings are for people."""
    schema.pop("title", None)
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class Judgement(Word):
    """The answer. Reasons are cut to their number and length by who reads them, so that a talkative objection still counts."""

    model_config = ConfigDict(json_schema_extra=_bare)

    objection: Literal["none", "ask", "refuse"]
    reasons: tuple[str, ...]


@cache
def templates() -> Environment:
    folder = Path(__file__).parent / "prompts"
    return Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701 - the text goes to a model, not into HTML


def question(plan: PlanShown, model: str) -> Question[Judgement]:
    """One call. Whatever somebody could have named is in the tool result alone."""
    use = {"type": "tool_use", "id": "toolu_read_plan", "name": READ_PLAN["name"], "input": {}}
    told = [{"type": "text", "text": json.dumps(presented(plan))}]
    return Question(
        model=model,
        system=[{"type": "text", "text": templates().get_template("policy.j2").render(most=MOST_REASONS)}],
        messages=[
            {"role": "user", "content": templates().get_template("task.j2").render()},
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use["id"], "content": told}]},
        ],
        tools=[READ_PLAN],
        shape=Judgement,
        max_tokens=ANSWER_TOKENS,
    )
