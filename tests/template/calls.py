"""Which calls of AWS the inventory can make: followed from function to function in its source, and named as IAM names them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from botocore import xform_name
from botocore.session import get_session

from tests.fakes.template import ROOT

FOLDER = ROOT / "src" / "remediation" / "inventory"
PACKAGE = "remediation.inventory."
IN_IAM = {"elbv2": "elasticloadbalancing"}  # where an SDK's name for a service is not IAM's


@dataclass(frozen=True)
class Module:
    """Its functions by name, and where each name that it imports from a neighbour comes from."""

    functions: dict[str, ast.FunctionDef]
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)


@cache
def module(name: str) -> Module:
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    near = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom) and (one.module or "").startswith(PACKAGE)]
    imports = {each.asname or each.name: (str(one.module).removeprefix(PACKAGE), each.name) for one in near for each in one.names}
    return Module({one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}, imports)


def reached(name: str) -> list[ast.FunctionDef]:
    """Every function that `see` and `reach` of this module can come to."""
    waiting, found = [(name, "see"), (name, "reach")], dict[tuple[str, str], ast.FunctionDef]()
    while waiting:
        place, called = waiting.pop()
        place, called = module(place).imports.get(called, (place, called))
        function = module(place).functions.get(called)
        if function is not None and (place, called) not in found:
            found[place, called] = function
            waiting += [(place, node.id) for node in ast.walk(function) if isinstance(node, ast.Name)]
    return list(found.values())


def made(name: str) -> set[str]:
    """The calls that they make, on clients of the services that they ask for."""
    nodes = [node for function in reached(name) for node in ast.walk(function)]
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert "get_paginator" not in attributes, "its calls are named in text, which is not read here"
    operations = {(service, method): call for service in _services(nodes) for method, call in _operations(service).items()}
    methods = [method for _, method in operations if method in attributes]
    assert len(methods) == len(set(methods)), "two of its services have a call of this name"
    return {f"{IN_IAM.get(service, service)}:{call}" for (service, method), call in operations.items() if method in attributes}


def named(name: str) -> set[str]:
    """The permissions that they name around their calls."""
    calls = [node for function in reached(name) for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {_text(one) for one in calls if isinstance(one.func, ast.Name) and one.func.id == "in_our_words"}


def _services(nodes: list[ast.AST]) -> Iterator[str]:
    """What they make a client of; GitHub, our own incidents and MCP servers are none of AWS's."""
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "clients"]
    yield from {_text(one) for one in calls} & set(get_session().get_available_services())


def _text(call: ast.Call) -> str:
    assert isinstance(call.args[0], ast.Constant), ast.unparse(call)
    return str(call.args[0].value)


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(call): call for call in get_session().get_service_model(service).operation_names}
