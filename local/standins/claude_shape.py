"""Fits what the stand-in for Claude has to say to the schema that the request asks for, as constrained decoding does."""

from typing import Any

EMPTY = {"string": "", "number": 1, "integer": 1, "boolean": False, "array": [], "null": None}


def shaped(answer: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The answer without what the schema does not know, and with the least for what it requires besides."""
    schema = body.get("output_config", {}).get("format", {}).get("schema")
    if schema is None:
        return answer
    top = _resolved(schema, schema)
    known = {name: value for name, value in answer.items() if name in top.get("properties", {})}
    return {name: least(top["properties"][name], schema) for name in top.get("required", [])} | known


def least(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The smallest value that a schema takes; a number is 1, so that a factor leaves things as they are."""
    schema = _resolved(schema, root)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if "anyOf" in schema:
        return least(schema["anyOf"][-1], root)
    if schema.get("type") == "object":
        return {name: least(schema["properties"][name], root) for name in schema.get("required", [])}
    return EMPTY.get(schema.get("type", "null"))


def _resolved(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """What a reference into the schema's own definitions stands for."""
    while "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema
