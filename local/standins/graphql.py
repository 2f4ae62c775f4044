"""As much of GraphQL as a stand-in needs: one mutation of one field, its input in a variable, and a selection of what comes back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
Wanted = dict[str, Any]
DOCUMENT = re.compile(
    r"\s*mutation\b\s*\w*\s*\(\s*\$(\w+)\s*:\s*(\w+)!?\s*\)\s*\{\s*(\w+)\s*\(\s*input\s*:\s*\$(\w+)\s*\)\s*(\{.*\})\s*\}\s*", re.DOTALL
)


class Malformed(Exception):
    """What a GraphQL server would say of the document; its first argument is the sentence."""


@dataclass(frozen=True)
class Field:
    """The input of the mutation, and the fields that are wanted of its answer, those below them within."""

    input: Body
    wanted: Wanted


def mutation(body: Body, name: str, input_fields: set[str]) -> Field:
    """The mutation of this name in a request; Malformed for anything else."""
    found = DOCUMENT.fullmatch(str(body.get("query", "")))
    if not found:
        raise Malformed("A query attribute must be specified and must be one mutation with its input in a variable.")
    variable, kind, field, used, selection = found.groups()
    if field != name or used != variable:
        raise Malformed(
            f"Field '{field}' doesn't exist on type 'Mutation'" if field != name else f"Variable ${used} is used but not declared"
        )
    if kind != f"{name[0].upper()}{name[1:]}Input":
        raise Malformed(f"{kind} isn't a defined input type (on ${variable})")
    given = (body.get("variables") or {}).get(variable)
    if not isinstance(given, dict):
        raise Malformed(f"Variable ${variable} of type {kind}! was provided invalid value")
    for unknown in sorted(given.keys() - input_fields):
        raise Malformed(f"Variable ${variable} of type {kind}! was provided invalid value for {unknown} (Field is not defined on {kind})")
    return Field(given, _selection(iter(re.findall(r"\w+|[{}]", selection)[1:])))


def chosen(field: Field, answer: Body) -> Body:
    """Of the answer what was asked for, and nothing else."""
    return _chosen(field.wanted, answer)


def _chosen(wanted: Wanted, answer: Body) -> Body:
    return {name: _chosen(below, answer[name]) if below else answer[name] for name, below in wanted.items()}


def _selection(words: Iterator[str]) -> Wanted:
    wanted: Wanted = {}
    last = ""
    for word in words:
        if word == "}":
            return wanted
        if word == "{":
            wanted[last] = _selection(words)
        else:
            wanted[word], last = {}, word
    raise Malformed("Expected one of NAME or RCURLY, actual: (none)")
