"""What the stand-in for Claude says of a plan that the guardian shows it: a number or a star that looks wild, no model."""

import re
from typing import Any

from local.standins.claude_thought import told

WILD = 10_000
NUMBER = re.compile(r"[0-9]{1,9}")
Body = dict[str, Any]


def is_about_a_plan(body: Body) -> bool:
    """Is an opinion asked for, by the shape of the answer?"""
    schema = body.get("output_config", {}).get("format", {}).get("schema", {})
    return "objection" in schema.get("properties", {})


def opinion(body: Body, objection: str = "") -> Body:
    """Refuses parameters that look wild and objects to nothing else, unless it was told to object."""
    plans = [found for found in told(body) if "parameters" in found]
    values = [str(value) for plan in plans for several in plan["parameters"].values() for value in several]
    wild = [value for value in values if "*" in value or (NUMBER.fullmatch(value) and int(value) >= WILD)]
    if wild:
        return {"objection": "refuse", "reasons": [f"No model ran: the parameter {wild[0]} looks wild."]}
    told_to = {"objection": objection, "reasons": ["No model ran: the stand-in was told to object."]}
    return told_to if objection else {"objection": "none", "reasons": []}
